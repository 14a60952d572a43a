"""Starts the workers that try fixes, gives them the checks, and collects what they found."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import sys
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
from worker import NAMESPACES

from debian_roots import FOLDER

BASE = FOLDER / "fixes"
PATH = "/usr/sbin:/usr/bin:/sbin:/bin"
PROGRAMS = ("unshare", "setpriv", "mount", "umount", "chroot")
THOROUGH = os.environ.get("FIXES") == "thorough"
"""`make test-fixes`: after each fix all checks are looked at, not only its own."""


def missing() -> str | None:
    """Why nothing can be tried here; None when it can."""
    if os.geteuid() != 0:
        return "a chroot needs root rights: sudo make test-fixes"
    lost = [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]
    if lost:
        return f"not installed: {', '.join(lost)}"
    if not (BASE / "etc/os-release").is_file():
        return f"no Debian root {BASE}; scripts/make-fix-root.sh makes it: make test-fixes"
    done = subprocess.run(
        [*NAMESPACES, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True, check=False
    )
    return f"namespaces are not allowed here: {done.stderr.strip()}" if done.returncode else None


def skip_without_roots() -> None:
    """Skip the test and say why, where nothing can be tried; in CI that is a failure."""
    why = missing()
    if why and not os.environ.get("CI"):
        pytest.skip(why)
    assert not why, f"in CI the fixes must be tried: {why}"


class Workers:
    """One process a core, each with namespaces of its own. The checks are tried in the order given."""

    def __init__(self, scratch: Path, checks: list[str], mode: str, content: tuple[Path, ...] = ()) -> None:
        self._arguments = (mode, *(f"{folder}" for folder in content))
        self.results: dict[str, Future[dict[str, Any]]] = {check: Future() for check in checks}
        self._todo: queue.SimpleQueue[str] = queue.SimpleQueue()
        for check in checks:
            self._todo.put(check)
        self._threads = []
        for number in range(min(os.cpu_count() or 1, 4)):
            folder = scratch / f"worker-{number}"
            folder.mkdir()
            thread = threading.Thread(target=self._work, args=(folder,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _work(self, scratch: Path) -> None:
        process: subprocess.Popen[str] | None = None
        while True:
            try:
                check = self._todo.get_nowait()
            except queue.Empty:
                break
            future = self.results[check]
            future.set_running_or_notify_cancel()
            try:
                process = process or self._start(scratch)
                assert process.stdin is not None
                assert process.stdout is not None
                process.stdin.write(f"{check}\n")
                process.stdin.flush()
                line = process.stdout.readline()
                if not line:
                    process.wait()
                    process = None
                    raise RuntimeError("the worker ended in the middle of this trial")
                future.set_result(json.loads(line))
            except Exception as error:  # noqa: BLE001  the test of this check shows it
                future.set_exception(error)
        if process is not None:
            process.communicate()

    def _start(self, scratch: Path) -> subprocess.Popen[str]:
        worker = Path(__file__).with_name("worker.py")
        return subprocess.Popen(
            [*NAMESPACES, sys.executable, f"{worker}", f"{BASE}", f"{scratch}", *self._arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PATH": PATH},
        )

    def close(self) -> None:
        """Give up what is not begun yet, and wait for the rest."""
        while True:
            try:
                self.results[self._todo.get_nowait()].cancel()
            except queue.Empty:
                break
        for thread in self._threads:
            thread.join()
