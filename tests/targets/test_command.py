"""Commands: a list, an absolute path, LC_ALL=C, a deadline for it and its children, an output limit."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from secaudit.tableapi import ProgramMissing, TimedOut, TooLarge
from secaudit.targets.command import find_program, run


def test_a_command_gives_output_and_exit_code() -> None:
    done = run(["sh", "-c", "printf hello; printf oops >&2; exit 3"], 5, 1000)
    assert (done.stdout, done.stderr, done.exit_code) == ("hello", "oops", 3)


def test_the_language_is_c_and_the_path_is_fixed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "id"
    fake.write_text("#!/bin/sh\necho hijacked\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("LD_PRELOAD", "/tmp/evil.so")
    assert find_program("id") != str(fake)
    shown = run(["env"], 5, 10_000).stdout
    assert "LC_ALL=C\n" in shown
    assert "LD_PRELOAD" not in shown
    assert str(tmp_path) not in shown


def test_a_missing_program_says_so() -> None:
    with pytest.raises(ProgramMissing, match="not installed"):
        run(["no-such-program-here"], 5, 1000)


def test_arguments_are_never_read_by_a_shell() -> None:
    assert run(["echo", "$(id); `id` > /tmp/x"], 5, 1000).stdout == "$(id); `id` > /tmp/x\n"


def test_a_command_that_hangs_is_ended_with_its_children(tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    begun = time.monotonic()
    with pytest.raises(TimedOut):
        run(["sh", "-c", f"sleep 300 & echo $! > {pid_file}; wait"], 0.5, 1000)
    assert time.monotonic() - begun < 5
    child = int(pid_file.read_text())
    for _ in range(50):
        if not is_running(child):
            return
        time.sleep(0.05)
    pytest.fail("the child is still running")


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_a_command_that_floods_is_ended() -> None:
    with pytest.raises(TooLarge):
        run(["sh", "-c", "yes"], 5, 100_000)


def test_a_child_that_keeps_the_pipe_open_does_not_hold_us() -> None:
    begun = time.monotonic()
    done = run(["sh", "-c", "sleep 300 & echo done"], 5, 1000)
    assert done.stdout == "done\n"
    assert time.monotonic() - begun < 3


def test_input_is_empty_and_bad_bytes_are_shown() -> None:
    assert run(["cat"], 5, 1000).stdout == ""
    assert run(["printf", r"a\377b"], 5, 1000).stdout == "a\\xffb"


def test_no_descriptor_is_left_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        run(["true"], 5, 1000)
    assert len(os.listdir("/proc/self/fd")) == before
