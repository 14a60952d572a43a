"""Read group(5) once for the tables about groups."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Failed, Target
from secaudit.tables.host._passwd import number_of


class Group(NamedTuple):
    """One line of group(5)."""

    groupname: str
    password: str
    gid: int | None
    members: tuple[str, ...]
    line: int


def read_groups(target: Target, path: str = "/etc/group") -> list[Group]:
    """Every group of group(5), as glibc's fgetgrent(3) reads it: a line needs a number, members may be missing.

    Raises:
        FileNotFoundError, PermissionError: as the target says.
        Failed: no line is a group.
    """
    lines = target.read_text(path).split("\n")
    groups = [group for number, line in enumerate(lines, 1) if (group := _parse(line, number))]
    if all(group.gid is None for group in groups):
        raise Failed(f"{path} holds no group")
    return groups


def _parse(line: str, number: int) -> Group | None:
    line = line.lstrip(" \t\r\v\f")
    fields = line.split(":", 3)
    if line.startswith("#") or not line or (len(fields) < 3 and line[0] not in "+-"):
        return None
    fields += [""] * (4 - len(fields))
    members = tuple(name for part in fields[3].split(",") if (name := part.strip(" \t\r\v\f")))
    return Group(fields[0], fields[1], number_of(fields[2]), members, number)
