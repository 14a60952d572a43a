"""apt_config: the options of apt, unattended-upgrades and their like that are set here. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._apt_config import MAIN, PARTS, raise_faults, read_apt_config


class AptOption(NamedTuple):
    """One option in force. Built-in defaults are not listed."""

    name: str
    """Lower case, `apt::periodic::unattended-upgrade`; members of a list end in `::` and come once each."""
    value: str
    path: str
    line: int


@table(targets={"host", "root"})
def apt_config(target: Target) -> Iterator[AptOption]:
    """Yield one row per option in force.

    Source: apt.conf(5): the files of apt.conf.d in order, then apt.conf; the last one wins, `#clear` removes.

    Raises:
        Absent: apt is not installed.
        Partial: a file could not be read, or is not what apt accepts.
    """
    if not target.exists(PARTS) and not target.exists(MAIN) and target.find_program("apt-get") is None:
        raise Absent("apt is not installed")
    config = read_apt_config(target)
    for option in config.all():
        yield AptOption(option.name, option.value, option.path, option.line)
    raise_faults(config)
