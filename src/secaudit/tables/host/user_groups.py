"""user_groups: who belongs to which group. As osquery's table of this name, with names beside the numbers."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._group import read_groups
from secaudit.tables.host._passwd import read_accounts


class Membership(NamedTuple):
    """One user in one group."""

    username: str
    groupname: str
    """Empty when no group has the number that the account names as its primary group."""
    uid: int | None
    """NULL when no local account has this name, or its number is not one."""
    gid: int | None
    is_primary: int
    """1 when passwd(5) names the group, 0 when group(5) lists the user."""
    is_human: int
    """1 when the UID is in the range of people, 1000 to 60000."""
    path: str
    line: int


@table(targets={"host", "root"})
def user_groups(target: Target) -> Iterator[Membership]:
    """Yield one row per user and group: the primary group of each account, then what /etc/group lists.

    A user whom /etc/group lists in the primary group again has one row only, as in id(1).

    Source: passwd(5), group(5).

    Raises:
        Absent: there is no /etc/passwd or /etc/group.
    """
    try:
        accounts = read_accounts(target)
        found = read_groups(target)
    except FileNotFoundError as error:
        raise Absent(f"there is no {error.filename or 'account file'}") from None
    names: dict[int, str] = {}
    for group in found:
        if group.gid is not None and group.groupname[:1] not in ("+", "-"):
            names.setdefault(group.gid, group.groupname)  # the first wins, as in getgrgid(3)
    uids: dict[str, tuple[int | None, int]] = {}
    seen: set[tuple[str, int | None]] = set()
    for account in accounts:
        if account.username[:1] in ("+", "-"):
            continue
        uids.setdefault(account.username, (account.uid, int(account.is_human)))
        if account.gid is None:
            continue
        seen.add((account.username, account.gid))
        yield Membership(
            username=account.username,
            groupname=names.get(account.gid, ""),
            uid=account.uid,
            gid=account.gid,
            is_primary=1,
            is_human=int(account.is_human),
            path="/etc/passwd",
            line=account.line,
        )
    for group in found:
        for name in group.members:
            if (name, group.gid) in seen:
                continue
            seen.add((name, group.gid))
            uid, is_human = uids.get(name, (None, 0))
            yield Membership(name, group.groupname, uid, group.gid, 0, is_human, "/etc/group", group.line)
