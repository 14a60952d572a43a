"""Snapshot, replay, evaluate: the same run document, byte for byte."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from secaudit.app.auditing import AuditRequest, audit
from secaudit.content.schema import schema_of
from secaudit.errors import StateError, TargetError
from secaudit.evidence.document import dump_run, load_run
from secaudit.evidence.snapshot import dump_snapshot, load_snapshot, snapshot_sha256


@pytest.fixture(scope="module")
def done():
    return audit(AuditRequest(), clock=lambda: datetime(2026, 11, 23, 17, 48, 2, tzinfo=UTC))


def test_a_replayed_snapshot_gives_the_same_bytes(done, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.jsonl"
    path.write_text(dump_snapshot(done.snapshot), encoding="utf-8")
    for _ in range(2):
        again = audit(AuditRequest(replay=path), clock=lambda: datetime(2030, 1, 1, tzinfo=UTC))
        assert dump_run(again.run) == dump_run(done.run)


def test_the_run_document_fits_its_schema_and_reads_back(done) -> None:
    text = dump_run(done.run)
    jsonschema.validate(json.loads(text), schema_of("run"))
    assert text.startswith('{\n "schema": "secaudit.run/1"')
    assert load_run(text, "x") == done.run


def test_the_shipped_schemas_are_those_of_the_model() -> None:
    import secaudit

    for stem in ("run", "check", "standard", "profile", "objectives"):
        path = Path(secaudit.__file__).parent / "schemas" / f"{stem}.schema.json"
        assert json.loads(path.read_text(encoding="utf-8")) == schema_of(stem), "run: make schemas"


def test_the_snapshot_reads_back(done) -> None:
    text = dump_snapshot(done.snapshot)
    assert load_snapshot(text, "x") == done.snapshot
    assert len(snapshot_sha256(done.snapshot)) == 64


@pytest.mark.parametrize("damage", ["cut", "row", "header", "empty", "words"])
def test_a_damaged_snapshot_is_refused(done, tmp_path: Path, damage: str) -> None:
    text = dump_snapshot(done.snapshot)
    spoiled = {
        "cut": text[: len(text) // 2],
        "row": text.replace('"root"', '"toor"', 1) if '["root"' not in text else text.replace('["root"', '["toor"', 1),
        "header": text.replace("secaudit.snapshot/1", "secaudit.snapshot/9", 1),
        "empty": "",
        "words": "hello\n",
    }[damage]
    path = tmp_path / "snapshot.jsonl"
    path.write_text(spoiled, encoding="utf-8")
    with pytest.raises(TargetError):
        audit(AuditRequest(replay=path))


def test_a_document_of_another_kind_is_refused() -> None:
    for text in ("", "[]", "{}", '{"schema": "secaudit.run/2"}', '{"schema": "secaudit.run/1"}', "[" * 100_000):
        with pytest.raises(StateError):
            load_run(text, "x")


def test_every_source_of_a_file_has_a_hash_or_an_error(done) -> None:
    for table in done.run.tables:
        for source in table.sources:
            if source.kind in ("file", "command"):
                assert (source.sha256 is None) != (source.error is None), source
