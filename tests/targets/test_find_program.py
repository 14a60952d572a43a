"""A program in a folder that is closed to us may be there: no table may say that its software is not installed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from secaudit.engine.registry import all_tables
from secaudit.targets.command import find_program, run
from secaudit.targets.root import RootAccess
from tabletest import make_root, open_to_others, read_table

PROGRAM = "#!/bin/sh\n"


def program(root: Path, path: str, mode: int = 0o755) -> None:
    make_root(root, {path: PROGRAM}, {path: mode})


def ask(root: Path, name: str = "tool") -> str | None:
    try:
        return RootAccess(str(root)).find_program(name)
    except PermissionError as error:
        return f"closed: {error.filename}"


def test_the_first_of_a_name_is_given(tmp_path: Path) -> None:
    program(tmp_path, "/usr/bin/tool")
    assert ask(tmp_path) == "/usr/bin/tool"
    program(tmp_path, "/usr/sbin/tool")
    assert ask(tmp_path) == "/usr/sbin/tool"
    program(tmp_path, "/usr/sbin/tool", 0o644)
    assert ask(tmp_path) == "/usr/bin/tool", "what nobody may run is no program"
    assert ask(tmp_path, "other") is None


def test_a_closed_folder_before_it_leaves_it_open(
    tmp_path: Path, as_nobody: Callable[[Callable[[], str | None]], str | None]
) -> None:
    open_to_others(tmp_path)
    program(tmp_path, "/usr/sbin/early")
    program(tmp_path, "/usr/bin/tool")
    (tmp_path / "usr" / "bin").chmod(0)
    assert as_nobody(lambda: ask(tmp_path, "early")) == "/usr/sbin/early"
    assert as_nobody(lambda: ask(tmp_path)) == "closed: /usr/bin/tool"
    (tmp_path / "usr" / "bin").chmod(0o755)
    (tmp_path / "usr" / "local" / "sbin").mkdir(parents=True)
    (tmp_path / "usr" / "local" / "sbin").chmod(0)
    assert as_nobody(lambda: ask(tmp_path)) == "closed: /usr/local/sbin/tool", "another one may lie before it"


ASKING = ("apt_config", "audit_rules", "autologin", "crontab", "docker_daemon", "ssh_config", "ssh_version", "sshd_config",
          "sudo_defaults", "sudo_rules")  # fmt: skip
"""Tables that are absent in a root without programs."""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to leave its rights")
def test_tables_are_denied_and_not_absent(
    tmp_path: Path, as_nobody: Callable[[Callable[[], dict[str, str]]], dict[str, str]]
) -> None:
    open_to_others(tmp_path)
    root = tmp_path / "root"
    root.mkdir()
    make_root(root, {"/etc/os-release": "ID=debian\nVERSION_ID=12\n"})

    def statuses() -> dict[str, str]:
        names = [name for name, spec in all_tables().items() if "root" in spec.targets]
        return {name: str(read_table(name, root).status) for name in names}

    statuses()  # imports all that is needed, since Python itself may lie where only root can read
    before = as_nobody(statuses)
    assert {before[name] for name in ASKING} == {"absent"}
    (root / "usr" / "bin").mkdir(parents=True)
    (root / "usr" / "bin").chmod(0)
    after = as_nobody(statuses)
    assert {name: after[name] for name in ASKING} == dict.fromkeys(ASKING, "denied")
    assert [name for name in after if after[name] == "failed" and before[name] != "failed"] == []


CODE = """
import os, sys
from secaudit.targets import command
command.SEARCH_PATH = tuple(sys.argv[1:])
os.setgroups([]); os.setgid(65534); os.setuid(65534)
for ask in (command.find_program, lambda name: command.run([name], 5, 1000).exit_code):
    for name in ("early", "hidden", "not-for-us", "none"):
        try:
            print(name, ask(name))
        except OSError as error:
            print(name, type(error).__name__)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to leave its rights")
def test_a_program_that_is_not_for_us_is_not_missing(tmp_path: Path) -> None:
    open_to_others(tmp_path)
    for path, mode in (("/a/early", 0o755), ("/a/not-for-us", 0o750), ("/b/hidden", 0o755)):
        program(tmp_path, path, mode)
    (tmp_path / "b").chmod(0)
    folders = [str(tmp_path / name) for name in ("a", "b")]
    done = subprocess.run([sys.executable, "-c", CODE, *folders], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [
        f"early {tmp_path}/a/early", "hidden PermissionError", "not-for-us PermissionError", "none PermissionError",
        "early 0", "hidden PermissionError", "not-for-us PermissionError", "none PermissionError",
    ]  # fmt: skip
    (tmp_path / "b").chmod(0o755)
    done = subprocess.run([sys.executable, "-c", CODE, *folders], capture_output=True, text=True, check=True)
    assert "none None" in done.stdout
    assert "none ProgramMissing" in done.stdout


def test_the_real_ones_are_found() -> None:
    assert find_program("sh") in ("/usr/bin/sh", "/bin/sh")
    assert find_program("no-such-program-here") is None
    assert run(["true"], 5, 10).exit_code == 0
