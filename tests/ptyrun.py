"""Run the program on a pseudo-terminal, as a person does, and give every byte that reached it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

OURS = re.compile(rb"\x1b\[[0-9;]*m|\r\x1b\[K(?:reading tables \d+/\d+  \w+)?")
"""Colours, and the progress line with what erases it."""


def ready(descriptors: Iterable[int], wait_ms: int) -> list[int]:
    """Which of them have something to read; poll(2), since select(2) knows no descriptor above 1023."""
    poll = select.poll()
    for descriptor in descriptors:
        poll.register(descriptor, select.POLLIN)
    return [descriptor for descriptor, _ in poll.poll(wait_ms)]


@dataclass(frozen=True)
class Seen:
    """What happened."""

    code: int
    terminal: bytes
    """stdout and stderr as they arrived, or only what is not piped."""
    piped: bytes
    seconds: float

    @property
    def text(self) -> str:
        return OURS.sub(b"", self.terminal).decode("utf-8").replace("\r\n", "\n")


def on_terminal(
    arguments: Sequence[str],
    *,
    state: Path,
    env: dict[str, str] | None = None,
    columns: int = 80,
    piped: str = "",
    program: Sequence[str] = ("-m", "secaudit"),
    when: Callable[[bytes, float], int | None] | None = None,
    timeout_s: float = 120,
) -> Seen:
    """Run it.

    Args:
        arguments: of the command line.
        state: where it keeps runs.
        env: variables besides.
        columns: width of the terminal.
        piped: `stdout` or `stderr`, to be a pipe instead of the terminal.
        program: what Python runs.
        when: is asked again and again with what was seen and the seconds; gives a signal to send, or None.
        timeout_s: kills it after that.
    """
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    away = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LINES", "SECAUDIT_ACCESSIBLE")
    environment = {
        **{key: value for key, value in os.environ.items() if key not in away},
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "SECAUDIT_STATE": str(state),
        "XDG_CONFIG_HOME": str(state / "config"),
        **(env or {}),
    }
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, *program, *arguments],
        stdin=theirs,
        stdout=subprocess.PIPE if piped == "stdout" else theirs,
        stderr=subprocess.PIPE if piped == "stderr" else theirs,
        env=environment,
        start_new_session=True,
    )
    os.close(theirs)
    pipe = process.stdout or process.stderr
    files = {ours: b"", **({pipe.fileno(): b""} if pipe else {})}
    open_ = set(files)
    try:
        while open_:
            passed = time.monotonic() - begun
            assert passed < timeout_s, files[ours]
            for place in ready(open_, 20):
                try:
                    part = os.read(place, 65536)
                except OSError:  # EIO: nobody holds the other end of the terminal any more
                    part = b""
                files[place] += part
                if not part:
                    open_.discard(place)
            if when is not None and process.poll() is None and (number := when(files[ours], passed)):
                process.send_signal(number)
            if process.poll() is not None and not ready(open_, 50):
                break
        code = process.wait(10)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()
        os.close(ours)
    return Seen(code, files[ours], files[pipe.fileno()] if pipe else b"", time.monotonic() - begun)
