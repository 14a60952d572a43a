"""What tests of advisories need: OSV records made on the spot, and folders of kept data."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from secaudit.advisories.importing import import_path, kept_folder
from secaudit.advisories.reading import Reader

NOW = datetime(2026, 11, 23, 16, 6, 40, tzinfo=UTC)
"""The clock of all table tests."""

FRESH = "2026-11-22T04:00:00Z"
SNAPSHOT = Path("/work/shared/fixtures/advisories/pypa-2024-10-10.zip")


def record(
    name: str, ecosystem: str = "PyPI", *, id: str = "GHSA-aaaa-bbbb-cccc", events: Iterable[tuple[str, str]] = (),
    versions: Iterable[str] = (), kind: str = "ECOSYSTEM", modified: str = FRESH, **more: Any,
) -> dict[str, Any]:  # fmt: skip
    """One record about one package; `events` are those of one range."""
    affected: dict[str, Any] = {"package": {"ecosystem": ecosystem, "name": name}}
    if events := list(events):
        affected["ranges"] = [{"type": kind, "events": [{event: version} for event, version in events]}]
    if versions := list(versions):
        affected["versions"] = versions
    return {"id": id, "modified": modified, "summary": "A hole", "affected": [affected], **more}


def make_zip(path: Path, records: Iterable[dict[str, Any]]) -> Path:
    """An archive as OSV publishes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for item in records:
            archive.writestr(f"{item['id']}.json", json.dumps(item))
    return path


def filler(ecosystem: str, count: int = 120) -> list[dict[str, Any]]:
    """Advisories about other packages, one of them malicious, as whole data has them."""
    return [
        record(
            f"other-{number}",
            ecosystem,
            id=f"FILL-{number}" if number else "MAL-2024-0",
            events=[("introduced", "0"), ("fixed", "9")],
        )
        for number in range(count)
    ]


def keep(folder: Path, ecosystem: str, records: Iterable[dict[str, Any]], now: datetime = NOW) -> None:
    """Import records as the whole data of an ecosystem."""
    import_path(make_zip(folder / ecosystem / "all.zip", records), now, force=True)


def reader(ecosystem: str = "PyPI") -> Reader:
    """The kept data."""
    return Reader(str(kept_folder()), ecosystem)


def needs_snapshot() -> pytest.MarkDecorator:
    """Skip where the dated data of PyPA is not there."""
    return pytest.mark.skipif(
        not SNAPSHOT.is_file(), reason=f"the dated snapshot {SNAPSHOT.name} is not on this machine"
    )
