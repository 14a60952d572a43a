"""ssh_config: settings of the SSH client. As osquery's `ssh_configs`, with keyword and value apart."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._passwd import home_of_root
from secaudit.tables.host._ssh_client import client_readers


class SshConfig(NamedTuple):
    """One setting of one file."""

    username: str
    """Whose file it is; '' for /etc/ssh/ssh_config, which holds for everyone who does not say otherwise."""
    host: str
    """The patterns of the Host line around it, `*` before the first one and for `Match all`, `match ...` for other
    criteria."""
    keyword: str
    """Lower case, without aliases."""
    value: str
    """Words with one blank between them. `yes` and `no` also where `true`, `false` or `off` is written."""
    path: str
    line: int


@table(targets={"host", "root"})
def ssh_config(target: Target) -> Iterator[SshConfig]:
    """Yield each setting of the client's configuration files with their Includes: the system's, root's, every person's.

    ssh takes the first value that fits a host, from the person's file, then from the system's. What nothing sets has
    no row, and neither has what an earlier line of the same person for the same or all hosts always hides.

    Source: ssh_config(5).

    Raises:
        Absent: no OpenSSH client is installed.
        Partial: some files cannot be read, or ssh would refuse them.
    """
    if target.find_program("ssh") is None:
        raise Absent("the OpenSSH client is not installed")
    unread: list[str] = []
    wrong: list[str] = []
    for reader, path in client_readers(target):
        yield from _not_hidden(SshConfig(*item) for item in reader.read(path))
        unread += reader.unread
        wrong += reader.wrong
    reasons = [f"could not be read: {', '.join(unread[:3])}"] if unread else []
    reasons += [f"ssh refuses this: {'; '.join(wrong[:3])}"] if wrong else []
    if reasons:
        of_root = home_of_root(target, unread) if not wrong else ()
        raise Partial("; ".join(reasons), needs="root" if unread else None, homes=of_root)


ADDING = frozenset(
    "identityfile certificatefile sendenv setenv localforward remoteforward dynamicforward permitremoteopen".split()
)
"""Keywords of which every line counts, ssh_config(5)."""


def _in_order(rows: Iterator[SshConfig]) -> Iterator[SshConfig]:
    """`Match final all` is for every host, and looked at after everything else, in a second reading."""
    late: list[SshConfig] = []
    for row in rows:
        words = row.host.lower().split()
        if words[:1] == ["match"] and "all" in words and set(words[1:]) <= {"all", "final", "canonical"}:
            late.append(row._replace(host="*"))
        else:
            yield row
    yield from late


def _not_hidden(rows: Iterator[SshConfig]) -> Iterator[SshConfig]:
    seen: set[tuple[str, str, str]] = set()
    for row in _in_order(rows):
        if row.keyword not in ADDING:
            if {(row.username, row.keyword, "*"), (row.username, row.keyword, row.host)} & seen:
                continue
            if not row.host.startswith("match "):
                seen.add((row.username, row.keyword, row.host))
        yield row
