"""limits_conf: limits that pam_limits(8) sets when somebody logs in. Not in osquery (`ulimit_info` is its own)."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._limits import FOLDER, MAIN, read_limits


class LimitsConf(NamedTuple):
    """One line."""

    domain: str
    """A user, @group, or * for everyone but root."""
    type: str
    """hard, soft, or - for both."""
    item: str
    """core, nofile, nproc, maxlogins..."""
    value: str
    path: str
    line: int
    is_last: int
    """1 when no later line of the same domain and item decides: about the hard limit, for a soft line about the soft
    one."""


@table(targets={"host", "root"})
def limits_conf(target: Target) -> Iterator[LimitsConf]:
    """Yield one row per limit, in the order of reading: of lines for the same domain and item the last one counts.

    Source: limits.conf(5).

    Raises:
        Absent: there are no such files.
        Partial: a file could not be read.
    """
    unread: list[str] = []
    limits = read_limits(target, unread)
    if not limits and not unread and not target.exists(MAIN) and not target.exists(FOLDER):
        raise Absent("there is no /etc/security/limits.conf")
    last: dict[tuple[str, str, bool], int] = {}
    for position, limit in enumerate(limits):
        for soft in (True, False):
            if limit.kind in ("-", "soft" if soft else "hard"):
                last[limit.domain, limit.item, soft] = position
    for position, limit in enumerate(limits):
        yield LimitsConf(*limit, int(last[limit.domain, limit.item, limit.kind == "soft"] == position))
    say_unread(unread)
