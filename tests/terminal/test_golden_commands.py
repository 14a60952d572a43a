"""What the other commands print, with a small content of its own, compared whole."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from accepted import assert_accepted
from reporting.sample import small_run
from secaudit import __version__
from secaudit.app import examining
from secaudit.cli.main import guarded
from secaudit.content import library
from secaudit.evidence.document import dump_run
from secaudit.history import store
from terminal.screen import Screen, screen

__all__ = ["screen"]

HERE = Path(__file__).parent
GOLDEN = HERE / "golden"


@pytest.fixture(autouse=True)
def _own_content_and_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The content beside this file instead of ours, so that new checks change no golden file."""
    monkeypatch.setattr(library, "content_root", lambda: HERE / "content")
    monkeypatch.setenv("SECAUDIT_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "argv", ["/opt/secaudit", "x"])


def keep_runs() -> None:
    run = small_run()
    store.save(run, {store.RUN_FILE: (dump_run(run).encode(),)})


def stable(text: str, tmp_path: Path) -> str:
    """Without what differs from machine to machine."""
    text = text.replace(str(tmp_path), "/home/ayesha").replace(str(HERE), "/opt/secaudit").replace(__version__, "0.0.0")
    for what, pattern in (
        ("3.11.2", r"(?<=Python )[\d.]+"),
        ("6.0.2", r"(?<=PyYAML )[\d.]+"),
        ("3.40.1", r"(?<=SQLite )[\d.]+"),
    ):
        text = re.sub(pattern, what, text)
    text = re.sub(r"\d+ tables", "60 tables", text)
    return re.sub(r"(?<=3\.11\.2, )\S+|(?<=sudo )\S+(?= audit)", "/opt/secaudit", text)


COMMANDS = {
    "start": [],
    "help": ["--help"],
    "explain-check": ["explain", "ssh-root-login"],
    "explain-control": ["explain", "iso27001:A.8.5"],
    "explain-objective": ["explain", "remote-access-hardened"],
    "explain-exit-codes": ["explain", "exit-codes"],
    "history": ["history"],
    "history-plain": ["history", "--format", "plain"],
    "checks-list": ["checks", "list"],
    "checks-list-plain": ["checks", "list", "--format", "plain"],
}


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("columns", [80, 120])
def test_command_prints_the_accepted_text(name: str, columns: int, screen: Screen, tmp_path: Path) -> None:
    keep_runs()
    screen.columns = columns
    codes: list[int] = []
    text = stable(screen.of(lambda: codes.append(guarded(COMMANDS[name]))), tmp_path)
    assert codes == [0]
    assert_accepted(GOLDEN / (f"{name}.txt" if columns == 80 or name.endswith("-plain") else f"{name}-120.txt"), text)


@pytest.mark.parametrize("name", ["history", "start"])
def test_before_the_first_run(name: str, screen: Screen, tmp_path: Path) -> None:
    assert_accepted(GOLDEN / f"{name}-none.txt", stable(screen.of(lambda: guarded(COMMANDS[name])), tmp_path))


def test_doctor_prints_the_accepted_text(screen: Screen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(examining, "PROGRAMS", (("no-such-program", "the rules in force", "nftables"),))
    assert_accepted(GOLDEN / "doctor.txt", stable(screen.of(lambda: guarded(["doctor"])), tmp_path))


ERRORS = {
    "profile": ["audit", "--profile", "freelancr"],
    "command": ["audti"],
    "check": ["explain", "ssh-rootlogin"],
    "option": ["audit", "--formt", "json"],
    "format": ["audit", "-o", "report.xyz"],
    "only": ["audit", "--only", "shh-*"],
    "root": ["audit", "--root", "/no/such/folder"],
    "two-targets": ["audit", "/", "--root", "/"],
    "run": ["report", "2024"],
    "column": ["query", "SELECT nam FROM users"],
    "table": ["query", "SELECT * FROM user"],
    "hostile": ["explain", "\x1b[2J[/red]\n\u202eexe"],
}


def test_error_messages_are_the_accepted_ones(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keep_runs()
    told = []
    for name, arguments in ERRORS.items():
        code = guarded(arguments)
        out, err = capfd.readouterr()
        assert out == "", name
        assert "\x1b" not in err, name
        told.append(f"## {name}: {code}\n{stable(err, tmp_path)}\n")
    assert_accepted(GOLDEN / "errors.txt", "".join(told))
