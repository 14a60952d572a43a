"""One row shape for the settings of servers, and what their tables need: is the program here, which files, how to end.

Each server has a table of its own, so that a file of one that cannot be read leaves the verdicts about others alone.
"""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from secaudit.tableapi import Absent, Partial, Target
from secaudit.tables.host._systemd import Units
from secaudit.tables.host._unitfile import Assignment

UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
    "/usr/local/lib/systemd/system",
)
MAX_INCLUDED = 500
BINARY_LIMIT_BYTES = 96 * 1024 * 1024


class Setting(NamedTuple):
    """One setting as the program would use it."""

    instance: str
    """Which one, where several may run beside each other: a version, a file, a share. '' where there is only one."""
    name: str
    value: str | None
    """Of a secret only `set`. What is not set has the built-in value, '' where there is none; NULL: not known."""
    path: str | None
    """The file that decided; NULL for a built-in default."""
    line: int | None


def require(
    target: Target, what: str, programs: Sequence[str], units: Sequence[str] = (), places: Iterable[str] = ()
) -> None:
    """End the table when the software is not here: no program, no unit file, none of the other places.

    A configuration file alone says nothing: packages leave it behind when they are removed.

    Raises:
        Absent: it is not installed.
    """
    if any(target.find_program(name) for name in programs):
        return
    for path in (*(f"{folder}/{unit}" for unit in units for folder in UNIT_FOLDERS), *places):
        try:
            if target.exists(path):
                return
        except OSError:
            return  # something is there that we may not look at
    raise Absent(f"{what} is not installed")


def version_in(target: Target, programs: Sequence[str], pattern: bytes) -> tuple[int, ...] | None:
    """The version that a program carries in itself, by the first group of the pattern; None when it cannot be told."""
    for name in programs:
        path = target.find_program(name) if "/" not in name else name
        if path is None:
            continue
        try:
            match = re.search(pattern, target.read_bytes(path, BINARY_LIMIT_BYTES))
        except OSError:
            continue
        if match is not None:
            return tuple(int(part) for part in match.group(1).split(b"."))
    return None


def expand(target: Target, pattern: str, unread: list[str]) -> list[str]:
    """The files of an include pattern, sorted; what cannot be listed goes to `unread`."""
    if not re.search(r"[*?[]", pattern):
        return [pattern]
    try:
        found = target.glob(pattern)
    except OSError:
        unread.append(pattern)
        return []
    if len(found) > MAX_INCLUDED:
        unread.append(f"{pattern} (more than {MAX_INCLUDED} files)")
    return found[:MAX_INCLUDED]


def read(target: Target, path: str, unread: list[str]) -> str | None:
    """The text of a file; None when it is not there, and also when it cannot be read, which goes to `unread`."""
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        unread.append(path)
        return None


def effective(instance: str, found: Mapping[str, Setting], defaults: Mapping[str, str | None]) -> list[Setting]:
    """What was set, then the built-in values of what was not."""
    rows = list(found.values())
    rows.extend(Setting(instance, name, value, None, None) for name, value in defaults.items() if name not in found)
    return rows


def finish(target: Target, unread: Sequence[str]) -> None:
    """End a table honestly.

    Raises:
        Partial: something could not be read or followed.
    """
    names = list(dict.fromkeys(unread))
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise Partial(f"not read: {', '.join(names[:3])}{more}", None if target.is_root else "root")


def joined_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line of an smb.conf(5)-like file, joined where it ends with a backslash, with its first number.

    Blanks around it are taken away; empty lines and comments (# and ;) are left out.
    """
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        start = start or number
        line = held + raw.strip()
        if line.endswith("\\"):
            held = line[:-1]
            continue
        first, held, start = start, "", 0
        if line and line[0] not in "#;":
            yield first, line


def expand_all(target: Target, pattern: str, unread: list[str], limit: int = 5000) -> list[str]:
    """As `expand`, for folders that hold many files by design."""
    try:
        return target.glob(pattern)[:limit]
    except OSError:
        unread.append(pattern)
        return []


LOCAL_NAMES = ("localhost", "localhost.localdomain", "::1", "loopback-only", "_local_", "ip6-localhost")


def beyond(addresses: Iterable[str]) -> str:
    """`1` when one of the addresses to listen on is not of this machine alone, else `0`, also when there are none.

    Names and addresses may have a port or a leading `-` (of Redis); paths are sockets of this machine.
    """
    for word in addresses:
        bare = word.strip().lstrip("-").lower()
        bare = bare.partition("]")[0].lstrip("[") if bare.startswith("[") else bare
        bare = bare.rpartition(":")[0] if bare.count(":") == 1 else bare
        if bare and not bare.startswith(("127.", "/", "unix")) and bare not in LOCAL_NAMES:
            return "1"
    return "0"


def command_line(target: Target, units: Sequence[str], options: str, unread: list[str]) -> None:
    """Say it when a unit starts the program with options (a pattern) that win over its files: they are not followed."""
    known = Units(target)
    for name in units:
        commands: list[Assignment] = []
        for one in known.settings(name):
            if one.section == "Service" and one.key == "ExecStart":
                commands = [*commands, one] if one.value else []
        unread.extend(
            f"{one.path}:{one.line} (options on the command line)" for one in commands if re.search(options, one.value)
        )
    unread.extend(known.unread[:3])
