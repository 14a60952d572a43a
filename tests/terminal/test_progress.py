"""The progress line comes late and goes away, and Ctrl-C is answered at once. On a pseudo-terminal."""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ptyrun import OURS, Seen, on_terminal
from secaudit.engine.collect import Progress
from secaudit.terminal.progress import ProgressLine
from tabletest import make_root

SLOW = (
    "import secaudit.targets.root as r, sys, time\n"
    "original = r.RootAccess.open\n"
    "def slow(self, path): time.sleep({pause}); return original(self, path)\n"
    "r.RootAccess.open = slow\n"
    "{more}"
    "sys.argv = ['secaudit', *sys.argv[1:]]\n"
    "from secaudit.cli.main import run; run()\n"
)
"""Not a mock: a slow disk."""


def slow(pause: float, more: str = "") -> tuple[str, str]:
    return ("-c", SLOW.format(pause=pause, more=more))


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command line of an audit of many tables."""
    root = make_root(tmp_path_factory.mktemp("many"), {"/etc/os-release": "ID=debian\nPRETTY_NAME=Debian\n"})
    return ["audit", "--root", str(root), "--jobs", "1", "--no-save", "--fail-on", "never"]


def test_progress_is_one_line_that_disappears(many: list[str], tmp_path: Path) -> None:
    seen = on_terminal([*many, "-o", str(tmp_path / "run.json")], state=tmp_path, program=slow(0.02), piped="stdout")
    assert seen.code == 0
    steps = re.findall(rb"\r\x1b\[Kreading tables (\d+)/(\d+)  \w+", seen.terminal)
    assert len(steps) > 3
    shown = [int(done) for done, _ in steps]
    assert shown == sorted(shown)
    assert b"\n" not in seen.terminal.partition(b"written:")[0]
    assert b"\r\x1b[Kwritten: " in seen.terminal, "erased at the end"
    assert b"reading tables" not in seen.piped


def test_progress_fits_into_a_narrow_terminal(many: list[str], tmp_path: Path) -> None:
    seen = on_terminal(many, state=tmp_path, program=slow(0.02), piped="stdout", columns=24)
    lines = re.findall(rb"\r\x1b\[K([^\r]*)", seen.terminal)
    assert max(map(len, lines)) == 23


@pytest.mark.parametrize(
    ("options", "env", "piped"),
    [
        (["-q"], {}, "stdout"),
        ([], {"SECAUDIT_ACCESSIBLE": "1"}, "stdout"),
        ([], {"TERM": "dumb"}, "stdout"),
        ([], {}, "stderr"),
    ],
    ids=["quiet", "accessible", "dumb", "pipe"],
)
def test_no_progress_line(options: list[str], env: dict[str, str], piped: str, many: list[str], tmp_path: Path) -> None:
    seen = on_terminal([*many, *options], state=tmp_path, env=env, program=slow(0.02), piped=piped)
    assert seen.code == 0
    assert b"reading tables" not in seen.terminal + seen.piped


def test_no_progress_line_in_the_first_half_second(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with open(theirs, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with ProgressLine() as line:
            line(Progress(1, 9, "early"))
            time.sleep(0.6)
            line(Progress(2, 9, "late"))
        expected = b"\r\x1b[Kreading tables 2/9  late\r\x1b[K"
        assert written_to(ours, len(expected)) == expected
    os.close(ours)


def written_to(terminal: int, enough: int) -> bytes:
    """All that a program wrote to a terminal: the kernel hands it over in pieces, a moment later."""
    written = b""
    while select.select([terminal], [], [], 0.2 if len(written) >= enough else 5)[0]:
        written += os.read(terminal, 1000)
    return written


def interrupt(*moments: float) -> tuple[Callable[[bytes, float], int | None], list[float]]:
    """Ctrl-C so many seconds after the progress line was seen; gives when each was sent."""
    sent: list[float] = []
    begun: list[float] = []

    def when(seen: bytes, _: float) -> int | None:
        if b"reading tables" in seen and not begun:
            begun.append(time.monotonic())
        if begun and len(sent) < len(moments) and time.monotonic() - begun[0] >= moments[len(sent)]:
            sent.append(time.monotonic())
            return signal.SIGINT
        return None

    return when, sent


def test_ctrl_c_shows_the_part_that_was_read_within_a_second(many: list[str], tmp_path: Path) -> None:
    when, sent = interrupt(0.0)
    seen = on_terminal(many, state=tmp_path, program=slow(0.3), when=when)
    assert time.monotonic() - sent[0] < 2, "a second, and one more for a busy machine"
    assert seen.code == 130
    assert "Interrupted: only a part was read, and this run is not kept." in seen.text
    assert "not complete" in seen.text
    assert_inert_line(seen)
    assert not (tmp_path / "runs").exists()


def test_second_ctrl_c_ends_at_once(many: list[str], tmp_path: Path) -> None:
    judging = (
        "import secaudit.engine.evaluate as e\n"
        "judge = e.Evaluator.evaluate\n"
        "def long(self, item): time.sleep(1); return judge(self, item)\n"
        "e.Evaluator.evaluate = long\n"
    )
    when, sent = interrupt(0.0, 0.7)
    seen = on_terminal(many, state=tmp_path, program=slow(0.3, judging), when=when)
    assert time.monotonic() - sent[1] < 1.5
    assert seen.code == 130
    assert seen.text.rstrip().endswith("interrupted")
    assert "Traceback" not in seen.text


def assert_inert_line(seen: Seen) -> None:
    rest = OURS.sub(b"", seen.terminal)
    assert b"\x1b" not in rest
    assert b"Traceback" not in rest
