from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tabletest import make_root, read_table, rows


def row_of(pid: int) -> dict[str, str | int | None]:
    return next(row for row in rows("processes") if row["pid"] == pid)


def test_our_own_process() -> None:
    row = row_of(os.getpid())
    assert row["path"] == os.path.realpath(sys.executable)
    assert (row["on_disk"], row["euid"], row["parent"], row["in_container"]) == (1, os.geteuid(), os.getppid(), 0)


def test_a_program_that_was_deleted_after_its_start(tmp_path: Path) -> None:
    program = tmp_path / "sleeper (deleted)"
    shutil.copy("/bin/sleep", program)
    with subprocess.Popen([program, "30"]) as process:
        try:
            assert row_of(process.pid)["on_disk"] == 1, "its name alone proves nothing"
            program.unlink()
            row = row_of(process.pid)
        finally:
            process.kill()
    assert (row["path"], row["on_disk"]) == (str(program), 0)


def test_command_lines_are_in_no_row() -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)", "--password=verysecret"]) as process:
        try:
            assert "verysecret" not in str(rows("processes"))
        finally:
            process.kill()


def test_a_mounted_tree_has_no_processes(tmp_path: Path) -> None:
    assert read_table("processes", make_root(tmp_path, {})).status == "unsupported"
