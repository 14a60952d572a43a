"""Lists of holes are taken over whole or not at all, and nothing in them can do harm."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import struct
import time
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from osvtest import FRESH, NOW, SNAPSHOT, filler, keep, make_zip, needs_snapshot, reader, record

from secaudit.advisories import finding, importing
from secaudit.advisories.importing import import_path, kept_folder
from secaudit.advisories.match import holes_of
from secaudit.advisories.reading import BrokenData, NoData, Reader
from secaudit.errors import SecauditError, StateError, UsageError

DJANGO = record("Django", events=[("introduced", "0"), ("fixed", "4.2.16")], id="PYSEC-2024-1")


def test_a_zip_of_an_ecosystem_is_taken_over_with_its_facts(tmp_path: Path) -> None:
    old = record("flask", id="PYSEC-2020-1", modified="2020-01-01T00:00:00Z", events=[("introduced", "0")])
    gone = record("flask", id="PYSEC-2020-2", withdrawn="2021-01-01T00:00:00Z", events=[("introduced", "0")])
    (done,) = import_path(make_zip(tmp_path / "pypi.zip", [DJANGO, old, gone]), NOW)
    (facts,) = done.facts
    assert (facts.ecosystem, facts.count, facts.withdrawn, facts.skipped) == ("PyPI", 2, 1, 0)
    assert facts.newest == facts.as_of == FRESH
    assert len(facts.digest) == 64
    with reader() as kept:
        assert [known.id for known in kept.about("django")] == ["PYSEC-2024-1"]
        assert [known.id for known in kept.about("flask")] == ["PYSEC-2020-1"], "what was withdrawn is no hole"
        assert kept.about("Django") == [], "names are kept as they are compared"


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", [DJANGO])
    assert stat.S_IMODE(kept_folder().stat().st_mode) == 0o700
    (kept,) = kept_folder().iterdir()
    assert (kept.name, stat.S_IMODE(kept.stat().st_mode)) == ("PyPI.sqlite", 0o600)


def test_the_same_records_give_the_same_digest_whatever_they_came_in(tmp_path: Path) -> None:
    other = record("flask", id="PYSEC-2020-1", events=[("introduced", "0")])
    (one,) = import_path(make_zip(tmp_path / "a" / "pypi.zip", [DJANGO, other]), NOW)
    folder = tmp_path / "b"
    folder.mkdir()
    for item in (other, DJANGO):
        (folder / f"{item['id']}.json").write_text(json.dumps(item))
    (two,) = import_path(folder, NOW)
    assert one.facts[0].digest == two.facts[0].digest
    (three,) = import_path(make_zip(tmp_path / "c" / "pypi.zip", [DJANGO]), NOW)
    assert three.facts[0].digest != one.facts[0].digest


def test_yaml_keeps_versions_as_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "vulns").mkdir()
    (tmp_path / "vulns" / "PYSEC-2024-9.yaml").write_text(
        "id: PYSEC-2024-9\nmodified: 2024-05-01T00:00:00Z\nwithdrawn: null\naffected:\n- package: {name: Some.Thing, ecosystem: PyPI}\n"
        "  ranges:\n  - type: ECOSYSTEM\n    events: [{introduced: 0}, {fixed: 1.10}]\n  versions: [1.1, 1.9]\n"
    )
    import_path(tmp_path / "vulns", NOW)
    with reader() as kept:
        (known,) = kept.about("some-thing")
        assert known.affected.versions == ("1.1", "1.9")
        assert known.affected.ranges[0].events == (("introduced", "0"), ("fixed", "1.10"))
        assert holes_of([known], "1.9")
        assert not holes_of([known], "1.10")


@pytest.mark.parametrize("cache", ["osv-scanner", "osv-scalibr"])
def test_both_cache_layouts_of_osv_scanner(tmp_path: Path, cache: str) -> None:
    make_zip(tmp_path / cache / "PyPI" / "all.zip", [DJANGO])
    lodash = record(
        "lodash", "npm", id="GHSA-1111-2222-3333", kind="SEMVER", events=[("introduced", "0"), ("fixed", "4.17.21")]
    )
    also = {**DJANGO, "id": "GHSA-4444-5555-6666", "affected": [*DJANGO["affected"], *lodash["affected"]]}
    make_zip(tmp_path / cache / "npm" / "all.zip", [lodash, also])
    done = import_path(tmp_path, NOW)
    assert {(one.source, facts.ecosystem, facts.count) for one in done for facts in one.facts} == {
        ("PyPI/all.zip", "PyPI", 1), ("npm/all.zip", "npm", 2),
    }  # fmt: skip


def test_a_list_of_one_ecosystem_does_not_replace_another_that_it_also_names(tmp_path: Path) -> None:
    keep(tmp_path, "npm", filler("npm"))
    mixed = record("thing", "npm", id="GHSA-9", events=[("introduced", "0")])
    (done,) = import_path(make_zip(tmp_path / "list.zip", [*filler("PyPI", 40), mixed]), NOW, force=True)
    assert [facts.ecosystem for facts in done.facts] == ["PyPI"]
    assert "is a list for PyPI" in done.left_out["npm"]
    with reader("npm") as kept:
        assert kept.facts.count == 120


def test_much_smaller_data_is_refused_unless_forced(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", filler("PyPI"))
    small = make_zip(tmp_path / "pypi.zip", [DJANGO])
    (done,) = import_path(small, NOW)
    assert not done.facts
    assert "--force" in done.left_out["PyPI"]
    with reader() as kept:
        assert kept.facts.count == 120
    (done,) = import_path(small, NOW, force=True)
    assert done.facts[0].count == 1


def test_one_record_is_added_and_does_not_make_old_data_fresh(tmp_path: Path) -> None:
    old = [{**item, "modified": "2025-01-01T00:00:00Z"} for item in filler("PyPI")]
    keep(tmp_path, "PyPI", old)
    single = tmp_path / "PYSEC-2024-1.json"
    single.write_text(json.dumps(DJANGO))
    (done,) = import_path(single, NOW)
    (facts,) = done.facts
    assert facts.count == 121
    assert facts.as_of == "2025-01-01T00:00:00Z"
    with reader() as kept:
        assert len(kept.about("django")) == 1


def test_a_withdrawn_record_that_is_added_removes_the_old_one(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", [*filler("PyPI"), DJANGO])
    single = tmp_path / "PYSEC-2024-1.json"
    single.write_text(json.dumps({**DJANGO, "withdrawn": FRESH}))
    import_path(single, NOW)
    with reader() as kept:
        assert kept.about("django") == []


def test_the_newer_of_two_records_with_one_id_stays(tmp_path: Path) -> None:
    older = record("Django", id="PYSEC-2024-1", modified="2024-01-01T00:00:00Z", events=[("introduced", "0")])
    for order in ([DJANGO, older], [older, DJANGO]):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        for number, item in enumerate(order):
            (folder / str(number)).mkdir(parents=True)
            (folder / str(number) / "PYSEC-2024-1.json").write_text(json.dumps(item))
        import_path(folder, NOW, force=True)
        with reader() as kept:
            (known,) = kept.about("django")
            assert known.affected.ranges[0].events[-1] == ("fixed", "4.2.16")


def test_a_day_may_be_said_and_times_to_come_are_not_believed(tmp_path: Path) -> None:
    later = record("flask", id="X-1", modified="2099-01-01T00:00:00Z", events=[("introduced", "0")])
    path = make_zip(tmp_path / "pypi.zip", [{**DJANGO, "modified": "2026-10-01T00:00:00Z"}, later])
    assert import_path(path, NOW)[0].facts[0].as_of == "2026-10-01T00:00:00Z"
    assert import_path(path, NOW, as_of=NOW - timedelta(days=2))[0].facts[0].as_of == "2026-11-21T16:06:40Z"
    assert import_path(path, NOW, as_of=datetime(2020, 1, 1, tzinfo=UTC))[0].facts[0].as_of == "2026-10-01T00:00:00Z"


BAD_NAMES = ("../../etc/cron.d/x.json", "/etc/x.json", "a/..\\..\\x.json")


def test_hostile_entries_are_passed_over_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "pypi.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.json", json.dumps(DJANGO))
        for name in BAD_NAMES:
            archive.writestr(name, json.dumps(DJANGO))
        archive.writestr("broken.json", "{")
        archive.writestr("deep.json", "[" * 200_000)
        archive.writestr("list.json", "[]")
        archive.writestr("noid.json", json.dumps({**DJANGO, "id": "../x"}))
        archive.writestr("huge.json", b" " * (finding.MAX_RECORD_BYTES + 1))
        archive.writestr("number.json", '{"id": "X-1", "affected": [{}], "modified": ' + "9" * 10_000 + "}")
        archive.writestr(
            "bomb.yaml", "a: &a [x,x,x]\nb: &b [*a,*a,*a]\nc: &c [*b,*b,*b]\nid: BOMB-1\naffected: [*c, *c]\n"
        )
        archive.writestr("broken.yaml", "a: [")
        archive.writestr("many.json", json.dumps(record("flask", id="X-2", versions=["1"]) | {"aliases": ["a"] * 1000}))
        archive.writestr("picture.png", b"x")
        archive.writestr("bytes.json", b"\xff\xfe\x00")
    begun = time.monotonic()
    (done,) = import_path(path, NOW)
    assert time.monotonic() - begun < 20
    assert done.facts[0].count == 1
    assert done.skipped["a name that leads out of the archive"] == 3
    assert done.skipped["neither JSON nor YAML"] == 1
    assert done.skipped["broken JSON or YAML"] >= 4
    assert done.skipped["cannot be read, or too large"] == 1
    assert done.facts[0].skipped == sum(done.skipped.values()) >= 12
    assert sorted(item.name for item in tmp_path.iterdir()) == ["pypi.zip", "state"], "nothing was unpacked"


def test_a_size_that_lies_and_a_bad_checksum_are_passed_over(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "pypi.zip", [DJANGO, record("flask", id="X-1", events=[("introduced", "0")])])
    data = bytearray(path.read_bytes())
    place = data.index(b"PK\x01\x02")
    data[place + 16 : place + 20] = struct.pack("<I", 1)  # the checksum in the list of contents
    path.write_bytes(data)
    (done,) = import_path(path, NOW)
    assert done.facts[0].count == 1
    assert done.skipped["cannot be read, or too large"] == 1


def test_a_bomb_is_refused_and_the_old_data_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(tmp_path, "PyPI", filler("PyPI"))
    monkeypatch.setattr(finding, "MAX_TOTAL_BYTES", 10_000)
    big = [
        {**record("flask", id=f"X-{number}", events=[("introduced", "0")]), "details": "y" * 5_000}
        for number in range(9)
    ]
    with pytest.raises(UsageError, match="unpacks to more"):
        import_path(make_zip(tmp_path / "pypi.zip", big), NOW)
    monkeypatch.setattr(finding, "MAX_ENTRIES", 5)
    with pytest.raises(UsageError, match="more than 5 entries"):
        import_path(tmp_path / "pypi.zip", NOW)
    with reader() as kept:
        assert kept.facts.count == 120
    assert [item.name for item in kept_folder().iterdir()] == ["PyPI.sqlite"], "nothing half-written is left"


@pytest.mark.parametrize("content", [b"", b"PK", b"not a zip", b"PK\x05\x06" + b"\0" * 18])
def test_what_is_no_list_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "all.zip").write_bytes(content)
    with pytest.raises(UsageError):
        import_path(tmp_path / "all.zip", NOW)
    with pytest.raises(NoData):
        reader()


def test_odd_paths_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "all.zip")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "empty").mkdir()
    for name in ("all.zip", "notes.txt", "empty", "missing"):
        with pytest.raises(UsageError):
            import_path(tmp_path / name, NOW)


def test_a_folder_with_pipes_and_loops_is_read_to_its_end(tmp_path: Path) -> None:
    place = tmp_path / "vulns"
    place.mkdir()
    os.mkfifo(place / "pipe.json")
    (place / "loop").symlink_to(place)
    (place / "lost.json").symlink_to(place / "missing")
    (place / "good.json").write_text(json.dumps(DJANGO))
    (done,) = import_path(place, NOW)
    assert done.facts[0].count == 1
    assert done.skipped["cannot be read, or too large"] == 2


def test_ctrl_c_leaves_the_old_data(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", filler("PyPI"))

    def interrupt(name: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    many = filler("PyPI", importing.STEP + 1)
    with pytest.raises(KeyboardInterrupt):
        import_path(make_zip(tmp_path / "pypi.zip", many), NOW, observe=interrupt)
    assert [item.name for item in kept_folder().iterdir()] == ["PyPI.sqlite"]
    with reader() as kept:
        assert kept.facts.count == 120


def test_leftovers_of_killed_imports_go(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", [DJANGO])
    left = kept_folder() / ".new-abc-PyPI"
    left.write_bytes(b"x")
    os.utime(left, (0, 0))
    keep(tmp_path, "PyPI", [DJANGO])
    assert not left.exists()


def test_a_folder_that_cannot_be_made_is_said(own_state: Path, tmp_path: Path) -> None:
    own_state.write_text("a file")
    with pytest.raises(StateError):
        import_path(make_zip(tmp_path / "pypi.zip", [DJANGO]), NOW)


# ---------------------------------------------------------------- reading what may have been changed


def damaged(change: str) -> Path:
    path = kept_folder() / "PyPI.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(change)
    connection.close()
    return path


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ("DELETE FROM affected", "missing"),
        ("DELETE FROM advisory", "missing"),
        ("DELETE FROM meta WHERE key = 'count'", "not written to its end"),
        ("UPDATE meta SET value = 'npm' WHERE key = 'ecosystem'", "it is about npm"),
        ("UPDATE meta SET value = 'many' WHERE key = 'count'", "damaged"),
        ("UPDATE meta SET value = 'soon' WHERE key = 'as_of'", "does not match"),
        ("CREATE VIEW spy AS SELECT 1", "other tables"),
        ("DROP TABLE affected; CREATE VIEW affected AS SELECT '' AS key, 0 AS advisory, '' AS body; CREATE INDEX affected_key ON meta (value)", "other tables"),
        ("CREATE TRIGGER spy AFTER INSERT ON meta BEGIN SELECT 1; END", "other tables"),
        ("PRAGMA user_version = 99", "form 99"),
        ("PRAGMA application_id = 1", "not a file of advisories"),
    ],
)  # fmt: skip
def test_changed_data_is_broken_and_never_read(tmp_path: Path, change: str, word: str) -> None:
    keep(tmp_path, "PyPI", [DJANGO])
    damaged(change)
    with pytest.raises(BrokenData, match=word):
        reader()


@pytest.mark.parametrize("body", ["{", "[]", '{"r": 5}', '{"r": [[["introduced"]]]}', '{"v": 7}'])
def test_a_damaged_record_is_broken_data(tmp_path: Path, body: str) -> None:
    keep(tmp_path, "PyPI", [DJANGO])
    damaged(f"UPDATE affected SET body = '{body}'")
    with reader() as kept, pytest.raises(BrokenData):
        kept.about("django")


def test_cut_and_foreign_files_are_broken(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", filler("PyPI"))
    path = kept_folder() / "PyPI.sqlite"
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"x" * 5000, whole[:100]):
        path.write_bytes(content)
        with pytest.raises(BrokenData):
            reader()
    path.write_bytes(whole)
    path.chmod(0o666)
    with pytest.raises(BrokenData, match="somebody else"):
        reader()
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(BrokenData, match="no file"):
        reader()


def test_kept_data_cannot_be_changed_through_a_reader(tmp_path: Path) -> None:
    keep(tmp_path, "PyPI", [DJANGO])
    with reader() as kept:
        for sql in (
            "DELETE FROM advisory",
            "PRAGMA writable_schema = ON",
            "ATTACH 'x' AS y",
            "SELECT load_extension('x')",
        ):
            with pytest.raises(sqlite3.Error):
                kept._connection.execute(sql)


@needs_snapshot()
def test_the_dated_snapshot_of_pypa(tmp_path: Path) -> None:
    (done,) = import_path(SNAPSHOT, NOW)
    (facts,) = done.facts
    assert (facts.ecosystem, facts.count, facts.withdrawn, facts.skipped) == ("PyPI", 2651, 10, 0)
    assert facts.as_of == "2024-10-10T17:22:00Z"


def test_errors_say_how_to_mend_them(tmp_path: Path) -> None:
    with pytest.raises(SecauditError) as caught:
        import_path(tmp_path / "missing.zip", NOW)
    assert caught.value.hints
    with pytest.raises(NoData):
        Reader(str(tmp_path), "npm")
