"""Expand the path patterns that checks ask for. Shared by `file`, `paths` and `path_chain`."""

from __future__ import annotations

import fnmatch
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Stat, Target
from secaudit.tables.host._passwd import Home, home_of_root, homes

MAX_MATCHES = 5_000
"""Of one pattern in one folder tree. A mail or cache folder may hold hundreds of thousands of entries."""

_WILD = re.compile(r"[*?[]")


class Place(NamedTuple):
    """One answer to a pattern."""

    pattern: str
    """As the check wrote it."""
    path: str
    state: str
    """present, absent or denied."""
    own: Stat | None
    """lstat of the path itself, when present."""
    stat: Stat | None
    """stat of what the path leads to, when present."""
    home_of: str = ""
    """Whose home folder the pattern was looked for in; '' when it does not begin with ~."""


class Expansion:
    """Everything that the patterns lead to, and what could not be seen.

    Attributes:
        denied: paths that could not be looked at.
        cut: patterns with more than MAX_MATCHES matches.
        gaps: the patterns whose answer is not complete, with the paths that could not be looked at.
    """

    def __init__(self, target: Target, patterns: tuple[str, ...]) -> None:
        self._target = target
        self._patterns = tuple(dict.fromkeys(patterns))
        self._homes: list[Home] | None = None
        self.denied: dict[str, None] = {}
        self.cut: dict[str, None] = {}
        self.gaps: dict[str, dict[str, None]] = {}

    def places(self) -> Iterator[Place]:
        """Give each (pattern, path) once, and at least one place for every pattern (and home folder)."""
        for pattern in self._patterns:
            seen: set[str] = set()
            for account, absolute in self._absolute(pattern):
                found = False
                for place in self._expand(pattern, absolute):
                    if place.path in seen:
                        found = True
                        continue
                    if len(seen) >= MAX_MATCHES:
                        self.cut[pattern] = None
                        self.gaps.setdefault(pattern, {})
                        break
                    seen.add(place.path)
                    found = True
                    yield place._replace(home_of=account)
                if not found:
                    yield Place(pattern, absolute, "absent", None, None, account)

    def finish(self) -> None:
        """Say what is missing.

        Raises:
            Partial: something could not be looked at, or a pattern matched too much.
        """
        if self.denied:
            places = list(self.denied)
            more = f" and {len(places) - 3} more" if len(places) > 3 else ""
            shown = ", ".join(places[:3]) + more
            needs = None if self._target.is_root else "root"
            of_root, beyond = self._home_of_root()
            raise Partial(f"these places could not be looked at: {shown}", needs, self.gaps, of_root, beyond)
        if self.cut:
            raise Partial(f"more than {MAX_MATCHES} files match " + ", ".join(self.cut), gaps=self.gaps)

    def _home_of_root(self) -> tuple[list[str], list[str]]:
        """The closed home folder of root, and the patterns that miss something else as well."""
        found: dict[str, None] = {}
        beyond: list[str] = []
        for pattern, paths in self.gaps.items():
            is_whole = pattern.startswith("~") and pattern not in self.cut
            of_root = home_of_root(self._target, paths) if is_whole else ()
            found.update(dict.fromkeys(of_root))
            if not of_root:
                beyond.append(pattern)
        return list(found), beyond

    def _absolute(self, pattern: str) -> Iterator[tuple[str, str]]:
        """Put the home folders in the place of `~`; each with its account."""
        if pattern != "~" and not pattern.startswith("~/"):
            yield "", "/" + pattern.strip("/")
            return
        if self._homes is None:
            try:
                self._homes = list(homes(self._target))
            except FileNotFoundError:  # no /etc/passwd, so nobody has a home
                self._homes = []
        if not self._homes:
            yield "", pattern
        for home in self._homes:
            yield home.username, (home.directory + pattern[1:]).rstrip("/") or "/"

    def _expand(self, pattern: str, absolute: str) -> Iterator[Place]:
        """Component by component; hidden names need a pattern that starts with a dot, as in a shell."""
        if not absolute.startswith("/"):
            return
        parts = [part for part in absolute.split("/") if part]
        waiting: list[tuple[str, int]] = [("/", 0)]
        while waiting:
            base, position = waiting.pop()
            while position < len(parts) and not _WILD.search(parts[position]):
                base = _join(base, parts[position])
                position += 1
            if position == len(parts):
                place = self._look(pattern, base)
                if place.state != "absent" or not _WILD.search(absolute):
                    yield place
                continue
            try:
                names = self._target.listdir(base)
            except PermissionError:
                yield self._deny(pattern, base)
                continue
            except OSError:  # no such folder, or not a folder
                continue
            part = parts[position]
            matched = [name for name in names if _matches(name, part)]
            if len(matched) > MAX_MATCHES:
                self.cut[pattern] = None
                self.gaps.setdefault(pattern, {})
                del matched[MAX_MATCHES:]
            waiting.extend((_join(base, name), position + 1) for name in reversed(matched))

    def _look(self, pattern: str, path: str) -> Place:
        try:
            own = self._target.stat(path, follow=False)
            stat = own if own.kind != "link" else self._target.stat(path)
        except PermissionError:
            return self._deny(pattern, path)
        except OSError:  # missing, a link to nothing, a loop of links: nobody can open it
            return Place(pattern, path, "absent", None, None)
        return Place(pattern, path, "present", own, stat)

    def _deny(self, pattern: str, path: str) -> Place:
        self.denied[path] = None
        self.gaps.setdefault(pattern, {})[path] = None
        return Place(pattern, path, "denied", None, None)


def _join(base: str, name: str) -> str:
    return base + name if base.endswith("/") else f"{base}/{name}"


def _matches(name: str, part: str) -> bool:
    return (part.startswith(".") or not name.startswith(".")) and fnmatch.fnmatchcase(name, part)
