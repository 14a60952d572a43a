"""Run one program safely: a list, an absolute path, LC_ALL=C, a deadline, an output limit, no child left behind."""

from __future__ import annotations

import contextlib
import errno
import os
import selectors
import signal
import stat
import subprocess
import time
from typing import Mapping

from secaudit.tableapi import Command, ProgramMissing, TimedOut, TooLarge

SEARCH_PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")
"""Never the caller's PATH: we may run as root, and that PATH is the user's to write."""

ENVIRONMENT = {"LC_ALL": "C", "LANG": "C", "PATH": ":".join(SEARCH_PATH), "SYSTEMD_PAGER": "", "SYSTEMD_COLORS": "0"}
_PASSED_ON = ("HOME", "USER", "LOGNAME", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "XDG_CURRENT_DESKTOP")


def find_program(name: str) -> str | None:
    """The absolute path of a program that we can run, from fixed system folders; None when it is not installed.

    Raises:
        PermissionError: none can be run, and one is there that is not for us, or may be there in a closed folder.
    """
    closed: PermissionError | None = None
    for folder in SEARCH_PATH:
        path = f"{folder}/{name}"
        try:
            mode = os.stat(path).st_mode
        except PermissionError as error:
            closed = closed or error
            continue
        except OSError:
            continue
        if stat.S_ISREG(mode) and mode & 0o111:
            if os.access(path, os.X_OK):
                return path
            closed = closed or PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
    if closed is not None:
        raise closed
    return None


def run(
    argv: list[str], timeout_s: float, limit_bytes: int, cwd: str = "/", extra: Mapping[str, str] | None = None
) -> Command:
    """Run a program found by its name and give its output.

    Args:
        argv: the program and its words.
        timeout_s: when to kill it.
        limit_bytes: how much it may print.
        cwd: where it runs.
        extra: variables of its environment beside ours.

    Raises:
        ProgramMissing: it is not installed.
        PermissionError: it is, or may be, but not for us.
        TimedOut: it took longer than `timeout_s`; it and its children were killed.
        TooLarge: it printed more than `limit_bytes`; it and its children were killed.
    """
    code, out, err = _run(argv, subprocess.DEVNULL, timeout_s, limit_bytes, cwd, extra)
    return Command(tuple(argv), code, _text(out), _text(err))


def run_fed(
    argv: list[str],
    feed: bytes,
    timeout_s: float,
    limit_bytes: int,
    cwd: str = "/",
    extra: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program that reads `feed` and give what it printed, undecoded; nothing when it failed.

    Raises:
        ProgramMissing, TimedOut, TooLarge: as `run`.
    """
    code, out = run_raw(argv, feed, timeout_s, limit_bytes, cwd, extra)
    return out if code == 0 else b""


def run_raw(
    argv: list[str],
    feed: bytes,
    timeout_s: float,
    limit_bytes: int,
    cwd: str = "/",
    extra: Mapping[str, str] | None = None,
) -> tuple[int, bytes]:
    """Run a program that reads `feed` and give its exit code and what it printed, undecoded.

    Raises:
        ProgramMissing, TimedOut, TooLarge: as `run`.
    """
    with open(os.memfd_create("secaudit", os.MFD_CLOEXEC), "w+b") as stream:  # a pipe could block both sides
        stream.write(feed)
        stream.seek(0)
        code, out, _ = _run(argv, stream.fileno(), timeout_s, limit_bytes, cwd, extra)
    return code, bytes(out)


def _run(
    argv: list[str], stdin: int, timeout_s: float, limit_bytes: int, cwd: str, extra: Mapping[str, str] | None
) -> tuple[int, bytes, bytes]:
    program = argv[0] if argv[0].startswith("/") else find_program(argv[0])
    if program is None:
        raise ProgramMissing(f"{argv[0]} is not installed")
    environment = ENVIRONMENT | {key: os.environ[key] for key in _PASSED_ON if key in os.environ} | dict(extra or {})
    try:
        process = subprocess.Popen(
            [program, *argv[1:]],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise ProgramMissing(f"{argv[0]} is not installed") from error
    try:
        out, err = _drain(process, argv[0], time.monotonic() + timeout_s, timeout_s, limit_bytes)
        return process.wait(), out, err
    finally:
        _kill_group(process)


def _drain(
    process: subprocess.Popen[bytes], name: str, deadline: float, timeout_s: float, limit_bytes: int
) -> tuple[bytes, bytes]:
    """Read both pipes until the program has ended, the deadline passes or the limit is reached.

    A child of the program that keeps the pipes open must not hold us: once the program itself has ended, what is in
    the pipes is read and the rest is not waited for.
    """
    assert process.stdout is not None
    assert process.stderr is not None
    out, err = bytearray(), bytearray()
    with selectors.DefaultSelector() as selector:
        for stream, kept in ((process.stdout, out), (process.stderr, err)):
            os.set_blocking(stream.fileno(), False)
            selector.register(stream, selectors.EVENT_READ, kept)
        while selector.get_map():
            left_s = deadline - time.monotonic()
            if left_s <= 0:
                raise TimedOut(f"{name} did not answer within {timeout_s:g} s")
            ready = selector.select(min(left_s, 0.2))
            if not ready and process.poll() is not None:
                break
            for key, _events in ready:
                chunk = os.read(key.fd, 1 << 16)
                if not chunk:
                    selector.unregister(key.fileobj)
                    continue
                key.data.extend(chunk)
                if len(out) + len(err) > limit_bytes:
                    raise TooLarge(f"{name} printed more than {limit_bytes} bytes")
    while process.poll() is None:
        if time.monotonic() > deadline:
            raise TimedOut(f"{name} did not end within {timeout_s:g} s")
        time.sleep(0.002)
    return bytes(out), bytes(err)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for stream in (process.stdout, process.stderr):
        if stream is not None:
            stream.close()


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
