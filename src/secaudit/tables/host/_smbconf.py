"""smb.conf(5): its lines in the order in which Samba reads them, with those of included files in their place."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, Optional

from secaudit.tableapi import Target
from secaudit.tables.host import _settings

MAIN = "/etc/samba/smb.conf"
GLOBAL = "global"
TRUE_WORDS = ("yes", "true", "1", "on")
FALSE_WORDS = ("no", "false", "0", "off")
MAX_DEPTH = 10
MAX_FILES = 200


class Entry(NamedTuple):
    """One line that sets something, or one that opens a section."""

    section: str
    """In lower case, `global` for the settings of all."""
    name: str
    """In lower case with single spaces; '' for the line that opens the section."""
    value: str
    path: str
    line: int

    @property
    def key(self) -> str:
        """The name as Samba compares it, which is without spaces."""
        return self.name.replace(" ", "")


class _Reading:
    """Where the reading stands: a section stays open behind the end of an included file."""

    def __init__(self, target: Target, unread: list[str]) -> None:
        self.target = target
        self.unread = unread
        self.section = GLOBAL
        self.files = 0


def read_entries(target: Target, unread: list[str]) -> Iterator[Entry]:
    """Yield every line of smb.conf and of what it includes; what cannot be followed goes to `unread`."""
    yield from _read(_Reading(target, unread), MAIN, 0)


def _read(state: _Reading, path: str, depth: int) -> Iterator[Entry]:
    state.files += 1
    if depth > MAX_DEPTH or state.files > MAX_FILES:
        state.unread.append(f"{path} (too many includes)")
        return
    text = _settings.read(state.target, path, state.unread)
    for first, line in _settings.joined_lines(text or ""):
        if line.startswith("["):
            section = re.sub(r"\s+", " ", line[1:].partition("]")[0].strip().lower())
            state.section = GLOBAL if section in (GLOBAL, "globals") else section
            yield Entry(state.section, "", "", path, first)
            continue
        name, sign, value = line.partition("=")
        if not sign:
            continue
        entry = Entry(state.section, re.sub(r"\s+", " ", name.strip().lower()), value.strip(), path, first)
        if entry.key in ("include", "configfile"):
            yield from _follow(state, entry, depth)
        elif entry.key == "configbackend":
            if entry.value.lower() != "file":
                state.unread.append(f"{path}:{first} (settings in the registry)")
        else:
            yield entry


def _follow(state: _Reading, entry: Entry, depth: int) -> Iterator[Entry]:
    place = f"{entry.path}:{entry.line}"
    if entry.key == "configfile":
        state.unread.append(f"{place} (another file in place of this one)")
    elif "%" in entry.value or entry.value == "registry":
        state.unread.append(f"{place} (an include that depends on the client)")
    elif entry.value:
        # a name without a slash is sought where the server runs, which is /
        yield from _read(state, "/" + entry.value.strip("\"'").lstrip("/"), depth + 1)


def boolean(value: str) -> Optional[bool]:
    """What Samba makes of a switch; None for other words, with which it refuses the file."""
    word = value.lower()
    return True if word in TRUE_WORDS else False if word in FALSE_WORDS else None
