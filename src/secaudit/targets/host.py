"""host: this machine, as the user who runs the audit can see it."""

from __future__ import annotations

import os
import platform
import stat as stat_module
from typing import Iterator, Mapping

from secaudit.model import Consent
from secaudit.tableapi import Command, ImportedReport, Net, NotRegular, Stat, Unsupported
from secaudit.targets import command
from secaudit.targets.access import Skip, find_program, new_fingerprint_key, to_stat


class HostAccess:
    """The files and programs of the running system."""

    kind = "host"
    live = True
    notes: tuple[str, ...] = ()
    imported: tuple[ImportedReport, ...] = ()
    net: Net | None = None
    consent: Consent | None = None

    def __init__(self) -> None:
        self.name = platform.node() or "localhost"
        self.uid = os.geteuid()
        self.is_root = self.uid == 0
        self.fingerprint_key = new_fingerprint_key()
        self.kept_folder = ""

    def open(self, path: str) -> int:
        if not stat_module.S_ISREG(os.stat(path).st_mode):  # opening a device or FIFO may do harm or hang
            raise NotRegular(f"{path} is not a regular file")
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)

    def stat(self, path: str, follow: bool) -> Stat:
        return to_stat(os.stat(path, follow_symlinks=follow))

    def listdir(self, path: str) -> list[str]:
        return sorted(os.listdir(path))

    def readlink(self, path: str) -> str:
        return os.readlink(path)

    def realpath(self, path: str) -> str:
        return os.path.realpath(path, strict=True)

    def walk(self, top: str, denied: list[str], cross: bool, skip: Skip | None = None) -> Iterator[tuple[str, Stat]]:
        """Walk without recursion, so that depth is no limit; links are never followed."""
        try:
            device = os.lstat(top).st_dev
        except PermissionError:
            denied.append(top)
            return
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            try:
                entries = os.scandir(folder)
            except PermissionError:
                denied.append(folder)
                continue
            except OSError:  # gone since it was listed
                continue
            with entries:
                for entry in entries:
                    try:
                        raw = entry.stat(follow_symlinks=False)
                    except PermissionError:
                        denied.append(entry.path)
                        continue
                    except OSError:
                        continue
                    here = cross or raw.st_dev == device
                    if stat_module.S_ISDIR(raw.st_mode) and here and not (skip and skip(entry.path)):
                        waiting.append(entry.path)
                    yield entry.path, to_stat(raw)

    def find_program(self, name: str) -> str | None:
        return find_program(self, name)

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        return command.run(argv, timeout_s, limit_bytes)

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        return command.run_fed(argv, feed, timeout_s, limit_bytes)

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is run over projects only")
