"""A file that a person named: read whole or refused in words, never waited for and never without end."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from secaudit.userfile import FileProblem, FileTooLarge, NoFile, read_file


def test_the_whole_file_up_to_the_limit(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"x" * 2048)
    assert read_file(path, 2048) == b"x" * 2048
    with pytest.raises(FileTooLarge, match="larger than 1 kB"):
        read_file(path, 2047)
    (tmp_path / "link").symlink_to(path)
    assert len(read_file(tmp_path / "link", 4096)) == 2048


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "loop").symlink_to("loop")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    for name in ("fifo", "missing", ".", "fifo/below"):
        with pytest.raises(NoFile):
            read_file(tmp_path / name, 10)
    for path in (tmp_path / "loop", tmp_path / "socket", Path("/dev/zero")):
        with pytest.raises(FileProblem):
            read_file(path, 10)
    server.close()


def test_nobody_else_opens_such_files_for_himself() -> None:
    """Each room that reads a file of the user's takes this one function; state files with an owner are another matter."""
    sources = Path(__file__).resolve().parent.parent / "src" / "secaudit"
    own = {"userfile.py", "fingerprints.py"}
    for room in ("history", "importing", "content", "advisories"):
        for path in (sources / room).rglob("*.py"):
            if path.name not in own:
                assert "os.O_NONBLOCK" not in path.read_text(encoding="utf-8"), path.name
