"""A repository without files is read as its HEAD has them: the same bytes, and git is started for many at once."""

from __future__ import annotations

import time
from pathlib import Path

from projecttest import commit, make_project, project_rows, run_git
from secaudit.tables.project._listing import listing
from secaudit.tables.project._reading import contents
from secaudit.tables.project.project_files import SEARCH_LIMIT_BYTES
from secaudit.targets.project import ProjectAccess
from secaudit.targets.recorder import Cache, Recorder
from tabletest import NOW_S

ODD = {
    "with space.py": "a = 1\n", "ünï.py": "b = 2\n", "same.py": "a = 1\n", "empty.py": "", "sub/[x]*.py": "c = 3\n",
    "large.py": "x" * (SEARCH_LIMIT_BYTES + 1), "new\nline.py": "d = 4\n", "no-newline.py": "e", "HEAD:x.py": "f\n",
}  # fmt: skip


class Counting(ProjectAccess):
    """The real one; it counts how often a program is started."""

    started = 0

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        self.started += 1
        return super().run_fed(argv, feed, timeout_s, limit_bytes)


def read(folder: Path) -> tuple[dict[str, bytes], list[str], Counting]:
    access = Counting(str(folder))
    target = Recorder(access, Cache(), NOW_S, time.monotonic() + 60)
    entries = listing(target).entries
    access.started = 0
    refused: list[str] = []
    found = {entry.path: data for entry, data in contents(target, entries, lambda entry: refused.append(entry.path))}
    return found, refused, access


def bare_of(project: Path) -> Path:
    run_git(project.parent, "clone", "-q", "--bare", str(project), "bare.git")
    return project.parent / "bare.git"


def test_the_same_bytes_as_from_the_folder(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", dict(ODD))
    (project / "link.py").symlink_to("same.py")
    commit(project, "link")
    folder, _, _ = read(project)
    bare, refused, _ = read(bare_of(project))
    assert folder["large.py"] == bare["large.py"] == b""
    assert folder.pop("new\nline.py") == b"d = 4\n"
    assert refused == ["new\nline.py"]  # git cannot be asked for it, and that is said
    folder.pop("link.py")  # never followed
    assert bare == folder


def test_git_is_started_for_many_files_at_once(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"a{number % 7}/m{number}.py": f"x = {number}\n" for number in range(600)}
    found, refused, access = read(bare_of(make_project(tmp_path / "p", files)))
    assert (len(found), refused) == (600, [])
    assert all(found[path] == str(content).encode() for path, content in files.items())
    assert access.started == 6  # three portions, each asked for sizes and for contents


def test_large_files_are_held_one_portion_at_a_time(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {f"{number}.txt": f"{number}" * 4_000_000 for number in range(9)}
    found, _, access = read(bare_of(make_project(tmp_path / "p", files)))
    assert {path: len(data) for path, data in found.items()} == dict.fromkeys(files, 4000000)
    assert access.started == 1 + 3  # four files of 4 MB fill a portion


def test_a_file_that_git_has_lost_is_said(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "a = 1\n", "b.py": "b = 2\n"})
    bare = bare_of(project)
    oid = run_git(bare, "rev-parse", "HEAD:a.py").strip()
    (bare / "objects" / oid[:2] / oid[2:]).unlink()
    found, refused, _ = read(bare)
    assert (found, refused) == ({"b.py": b"b = 2\n"}, ["a.py"])


def test_rows_are_those_of_the_folder(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "app.js": 'const e = require("express")\nconst app = e()\napp.use(session({secret: "kR7vQ2mZ9xT4", cookie: {}}))\n',
        "a.env": "DB_PASSWORD=kR7vQ2mZ9xT4\n", "x.py": 'import os\nos.system(input() + "x")\n',
    })  # fmt: skip
    bare = bare_of(project)
    for table in ("project_secrets", "web_settings", "code_findings"):
        rows = project_rows(table, project)
        assert rows
        kept = [{key: value for key, value in row.items() if key != "fingerprint"} for row in rows]
        from_bare = project_rows(table, bare)
        assert [{key: value for key, value in row.items() if key != "fingerprint"} for row in from_bare] == kept
