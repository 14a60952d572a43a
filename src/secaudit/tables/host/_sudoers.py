"""Read sudoers(5) once for the tables about sudo: the files and what they include.

Source: sudoers(5) and plugins/sudoers/toke.l, gram.y of sudo 1.9.13; compared with `cvtsudoers -f json`.
"""

from __future__ import annotations

import re

from secaudit.tableapi import Target
from secaudit.tables.host._sudolines import statements
from secaudit.tables.host._sudomodel import MAX_DEPTH, Sudoers, Wrong
from secaudit.tables.host._sudoparse import parse_statement

PATHS = ("/etc/sudoers", "/usr/etc/sudoers")
"""The first that exists counts; the second is where sudo 1.9.14 and later of openSUSE looks."""
MAX_FILES = 2_000
MAX_CHARACTERS = 4 << 20
"""Of all files together: a file that includes itself on each line would be read thousands of times."""

_INCLUDE = re.compile(r"[ \t]*[@#](include|includedir)[ \t]+(.*)", re.DOTALL)


def read_sudoers(target: Target) -> Sudoers | None:
    """Read sudoers and all it includes; None when there is no sudoers file.

    Raises:
        PermissionError: the main file cannot be read (root may).
    """
    path = next((path for path in PATHS if target.exists(path)), None)
    if path is None:
        return None
    sudoers = Sudoers()
    text = target.read_text(path)
    _Reader(target, sudoers, target.stat(path).uid == 0).read(path, 0, text)
    return sudoers


class _Reader:
    """Follows includes and hands each statement to its parser."""

    def __init__(self, target: Target, sudoers: Sudoers, owners_are_real: bool) -> None:
        self._owners_are_real = owners_are_real
        self._target = target
        self._sudoers = sudoers
        self._files = 0
        self._characters = 0

    def read(self, path: str, depth: int, text: str) -> None:
        self._files += 1
        self._characters += len(text)
        for line, statement in statements(text):
            include = _INCLUDE.match(statement)
            try:
                if include:
                    self._include(include.group(1), include.group(2), path, depth)
                else:
                    parse_statement(statement, path, line, self._sudoers)
            except Wrong as error:
                self._sudoers.problem(f"{path}:{line} {error}")

    def _include(self, directive: str, argument: str, path: str, depth: int) -> None:
        name = argument.strip()
        if len(name) > 1 and name[0] == name[-1] == '"':
            name = name[1:-1]
        name = re.sub(r"\\([ \t])", r"\1", name)
        if "%h" in name:
            name = name.replace("%h", self._short_host_name())
        if not name:
            raise Wrong("names nothing to include")
        if not name.startswith("/"):
            name = path.rsplit("/", 1)[0] + "/" + name
        if depth >= MAX_DEPTH or self._files >= MAX_FILES or self._characters >= MAX_CHARACTERS:
            raise Wrong("includes too deeply")
        for one in self._names(name) if directive == "includedir" else [name]:
            try:
                if self._is_refused(one):
                    if directive == "include":  # sudo before 1.9.9 then refuses to work at all
                        self._sudoers.problem(f"{one} (others than root may change it, so sudo refuses it)")
                    continue
                text = self._target.read_text(one)
            except OSError as error:
                if directive == "includedir" and isinstance(error, FileNotFoundError):
                    continue
                self._sudoers.problem(f"{one} ({error.strerror or error})")
            else:
                self.read(one, depth + 1, text)

    def _names(self, folder: str) -> list[str]:
        """Files of an included folder: names with a dot or with ~ at the end do not count."""
        try:
            names = self._target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            self._sudoers.problem(f"{folder} ({error.strerror or error})")
            return []
        names = [name for name in names if "." not in name and not name.endswith("~")]
        prefix = folder if folder.endswith("/") else folder + "/"
        found: list[str] = []
        for name in names:
            try:
                if self._target.stat(prefix + name).kind == "file":
                    found.append(prefix + name)
            except FileNotFoundError:
                continue
            except OSError as error:
                self._sudoers.problem(f"{prefix + name} ({error.strerror or error})")
        return found

    def _is_refused(self, path: str) -> bool:
        """Whether others than root may change the file, so that sudo passes over it.

        Source: sudo_secure_open_file() of its lib/util.
        Where not even the main file is root's, these are copies that tell nothing about owners.
        """
        if not self._owners_are_real:
            return False
        entry = self._target.stat(path)
        return bool(entry.uid != 0 or entry.mode & 0o002 or (entry.mode & 0o020 and entry.gid != 0))

    def _short_host_name(self) -> str:
        try:
            return self._target.read_text("/etc/hostname").strip().split(".", 1)[0]
        except OSError:
            raise Wrong("the host name for %h is not known") from None
