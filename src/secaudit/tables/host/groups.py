"""groups: the local groups of group(5). As osquery's table of this name, which adds groups of directories."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._group import read_groups

MEMBERS_SHOWN = 200
"""Names in the column `members`; the table user_groups has them all."""


class GroupRow(NamedTuple):
    """One group."""

    groupname: str
    gid: int | None
    """NULL when the field is not a number."""
    password_state: str
    """`shadow` (x), `empty`, `locked` (* or !) or `hash` (a hash in the world-readable file)."""
    member_count: int
    """Names in the line; accounts whose primary group this is are not counted."""
    members: str
    """The names with commas, the first 200 of them."""
    path: str
    line: int


@table(targets={"host", "root"})
def groups(target: Target) -> Iterator[GroupRow]:
    """Yield one row per group of /etc/group. Entries for NIS keep their `+` or `-`.

    Source: group(5).

    Raises:
        Absent: there is no /etc/group.
    """
    path = "/etc/group"
    try:
        found = read_groups(target, path)
    except FileNotFoundError:
        raise Absent("there is no /etc/group") from None
    for group in found:
        yield GroupRow(
            groupname=group.groupname,
            gid=group.gid,
            password_state=_password_state(group.password),
            member_count=len(group.members),
            members=",".join(group.members[:MEMBERS_SHOWN]),
            path=path,
            line=group.line,
        )


def _password_state(field: str) -> str:
    if field == "x":
        return "shadow"
    if field == "":
        return "empty"
    return "locked" if field[0] in "*!" else "hash"
