"""project: a folder of source code. No link ever leads outside it, and nothing that it holds is run."""

from __future__ import annotations

import os
from typing import Mapping

from secaudit.tableapi import Command, Unsupported
from secaudit.targets import command, installed
from secaudit.targets.git import ENVIRONMENT, EXIT_CODES, git_words
from secaudit.targets.root import RootAccess


class ProjectAccess(RootAccess):
    """Files below the project's folder, by paths that begin with / at that folder; git, and no other program."""

    kind = "project"

    def __init__(self, folder: str, index: str | None = None) -> None:
        """Open it.

        Args:
            folder: its top.
            index: another index file than git's usual one.
        """
        super().__init__(folder)
        self._folder = os.path.realpath(folder)
        self._environment = ENVIRONMENT if index is None else {**ENVIRONMENT, "GIT_INDEX_FILE": index}
        self.name = os.path.basename(self._folder) or self._folder

    def ask(self, words: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> tuple[int, bytes]:
        """The exit code of a git command and what it printed.

        Raises:
            ProgramMissing, TimedOut, TooLarge: as `command.run`.
        """
        argv = git_words(self._folder, words)
        return command.run_raw(argv, feed, timeout_s, limit_bytes, self._folder, self._environment)

    def find_program(self, name: str) -> str | None:
        """A program of this machine that we may run over the project."""
        return command.find_program(name) if name == "git" else None

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        if argv[0] != "git":
            raise Unsupported(f"{argv[0]} is not run over a project")
        done = command.run(git_words(self._folder, argv[1:]), timeout_s, limit_bytes, self._folder, self._environment)
        return done._replace(argv=tuple(argv))

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        if argv[0] != "git":
            raise Unsupported(f"{argv[0]} is not run over a project")
        code, printed = self.ask(argv[1:], feed, timeout_s, limit_bytes)
        return printed if code in EXIT_CODES.get(argv[1], (0,)) else b""

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        return installed.run_over(argv, files, timeout_s, limit_bytes)
