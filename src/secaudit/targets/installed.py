"""Programs of libraries that are installed beside us, run in a private folder over copies of files."""

from __future__ import annotations

import os
import sys
import sysconfig
import tempfile
from typing import Mapping

from secaudit.tableapi import Command, ProgramMissing
from secaudit.targets import command


def run_over(argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
    """Run `argv[0]` in a new folder that only this user can open, and remove the folder afterwards.

    Raises:
        ProgramMissing: no such program came with a library of this Python.
        TimedOut, TooLarge: as command.run.
    """
    program = find_installed(argv[0])
    if program is None:
        raise ProgramMissing(f"{argv[0]} is not installed")
    with tempfile.TemporaryDirectory(prefix="secaudit-", ignore_cleanup_errors=True) as folder:
        for name, data in files.items():
            with open(os.path.join(folder, os.path.basename(name)), "xb") as file:
                file.write(data)
        done = command.run([program, *argv[1:]], timeout_s, limit_bytes, folder)
    return done._replace(argv=tuple(argv))


def find_installed(name: str) -> str | None:
    """The absolute path of a program in the folder where this Python's libraries put theirs.

    Never by PATH, and never by the list of distributions: a project could bring either.
    """
    user = sysconfig.get_preferred_scheme("user")
    folders = [sysconfig.get_path("scripts"), os.path.dirname(os.path.abspath(sys.executable))]
    if sys.prefix == sys.base_prefix and not sys.flags.no_user_site:
        folders.append(sysconfig.get_path("scripts", user))
    for folder in folders:
        path = os.path.join(folder, os.path.basename(name))
        if os.path.isabs(path) and os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    return None
