"""unowned_files: files and folders whose owner or group does not exist. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Failed, Target, table
from secaudit.tables.host._names import Names
from secaudit.tables.host._special import closed, known_numbers, scan

TYPES = {"file": "regular", "dir": "directory", "char": "character"}


class UnownedFile(NamedTuple):
    """One entry that belongs to a number without a name. The next account that gets the number will own it."""

    path: str
    type: str
    """`regular`, `directory`, `fifo`, `socket`, `block` or `character`."""
    uid: int
    gid: int
    unknown_user: int | None
    """1 when no account has the number. NULL when it may be lent to a container: subuid(5) could not be read."""
    unknown_group: int | None
    """As unknown_user, with subgid(5)."""
    mode_octal: str


@table(targets={"host", "root"}, timeout_s=9.5)
def unowned_files(target: Target) -> Iterator[UnownedFile]:
    """Yield one row per entry of the local file systems whose UID or GID nobody has.

    Known are: passwd(5) and group(5), directories such as LDAP (asked through getent), the numbers that subuid(5) and
    subgid(5) lend to containers, and those of systemd's dynamic users. Not looked into: the trees that `suid_bin`
    names.

    Source: stat(2), find(1), subuid(5), https://systemd.io/UIDS-GIDS/

    Raises:
        Absent: there is no /etc/passwd or no /etc/group, so nobody is known.
        Failed: one of them cannot be read or is empty.
        Partial: folders were closed, or there are too many entries.
    """
    users, groups = known_numbers(target)
    for path, known in (("/etc/passwd", users), ("/etc/group", groups)):
        if not known.readable:
            if target.exists(path):
                raise Failed(f"{path} cannot be read or is empty, so no owner is known")
            raise Absent(f"{path} is missing, so no owner is known")
    names = Names(target)
    denied: list[str] = []
    for entry in scan(target, denied):
        no_user = entry.uid not in users and not names.user(entry.uid)
        no_group = entry.gid not in groups and not names.group(entry.gid)
        if no_user or no_group:
            yield UnownedFile(
                path=entry.path,
                type=TYPES.get(entry.kind, entry.kind),
                uid=entry.uid,
                gid=entry.gid,
                unknown_user=1 if no_user and users.knows_lent else None if no_user else 0,
                unknown_group=1 if no_group and groups.knows_lent else None if no_group else 0,
                mode_octal=f"{entry.mode:04o}",
            )
    if denied:
        raise closed(target, denied)
