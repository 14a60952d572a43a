"""site, network, domain: what is reached over the network only. There are no files in such a target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NoReturn

from secaudit.model import Consent
from secaudit.tableapi import Command, ImportedReport, Net, Stat, Unsupported
from secaudit.targets import command
from secaudit.targets.access import Skip, new_fingerprint_key
from secaudit.targets.network.gate import Gate, Named


class NetworkAccess:
    """A target behind a gate."""

    live = False
    is_root = False
    notes: tuple[str, ...] = ()
    imported: tuple[ImportedReport, ...] = ()

    def __init__(self, named: Named, consent: Consent) -> None:
        self.kind = named.kind
        self.name = named.url or named.domain or ", ".join(named.hosts)
        self.gate = Gate(named, consent)
        self.net: Net | None = self.gate
        self.uid = -1
        self.fingerprint_key = new_fingerprint_key()
        self.kept_folder = ""

    @property
    def consent(self) -> Consent | None:
        """With what was found out about the addresses."""
        return self.gate.consent

    def _no_files(self, path: str) -> NoReturn:
        raise Unsupported(f"a target of kind {self.kind} has no files to look at ({path})")

    def open(self, path: str) -> int:
        self._no_files(path)

    def stat(self, path: str, follow: bool) -> Stat:
        self._no_files(path)

    def listdir(self, path: str) -> list[str]:
        self._no_files(path)

    def readlink(self, path: str) -> str:
        self._no_files(path)

    def realpath(self, path: str) -> str:
        self._no_files(path)

    def walk(self, top: str, denied: list[str], cross: bool, skip: Skip | None) -> Iterator[tuple[str, Stat]]:
        self._no_files(top)

    def find_program(self, name: str) -> str | None:
        """A program of this machine, which `net.run` may use."""
        return command.find_program(name)

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is run through the gate only")

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        raise Unsupported(f"{argv[0]} is run through the gate only")

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is run over projects only")
