"""`Target.shared`: made once for all tables of a run, with its sources told by each of them."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from secaudit.tableapi import Target
from secaudit.targets.recorder import Cache, Recorder
from secaudit.targets.root import RootAccess


def _two(root: Path) -> tuple[Recorder, Recorder]:
    (root / "etc").mkdir()
    (root / "etc/issue").write_text("hello\n")
    access, cache = RootAccess(str(root)), Cache()
    deadline = time.monotonic() + 10
    return Recorder(access, cache, 0, deadline), Recorder(access, cache, 0, deadline)


def test_it_is_made_once_and_both_tables_name_its_sources(tmp_path: Path) -> None:
    first, second = _two(tmp_path)
    calls = []

    def make(target: Target) -> str:
        calls.append(1)
        return target.read_text("/etc/issue")

    assert first.shared("issue", make) == second.shared("issue", make) == "hello\n"
    assert len(calls) == 1
    assert [source.what for source in first.sources] == ["/etc/issue"]
    assert second.sources == first.sources
    assert second.sources[0].sha256 is not None


def test_what_failed_is_tried_again_by_the_next_table(tmp_path: Path) -> None:
    first, second = _two(tmp_path)
    tries = []

    def make(target: Target) -> str:
        tries.append(1)
        if len(tries) == 1:
            raise PermissionError("closed")
        return "seen"

    with pytest.raises(PermissionError):
        first.shared("once", make)
    assert second.shared("once", make) == "seen"


def test_a_walk_does_not_look_into_folders_that_are_left_out(tmp_path: Path) -> None:
    first, _ = _two(tmp_path)
    (tmp_path / "srv/.git/objects").mkdir(parents=True)
    denied: list[str] = []
    found = {path for path, _ in first.walk("/", denied, skip=lambda path: path.endswith("/.git"))}
    assert "/srv/.git" in found
    assert "/srv/.git/objects" not in found
