"""auditd_config: how the audit service keeps its log, and what it does when the disk fills. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._auditdconf import PATH, read_auditd


class AuditdSetting(NamedTuple):
    """One setting."""

    name: str
    """As auditd.conf(5) names it, in lower case."""
    value: str
    """In lower case, but for paths and accounts."""
    is_default: int
    """1 when no line sets it."""
    path: str
    line: int | None


@table(targets={"host", "root"})
def auditd_config(target: Target) -> Iterator[AuditdSetting]:
    """Yield one row per setting in force: lines of auditd.conf, and built-in values for the others that matter.

    Source: auditd.conf(5), audit 3.0.9.

    Raises:
        Absent: the audit service is not installed.
        Denied: its settings can only be read by root.
    """
    for setting in read_auditd(target).values():
        yield AuditdSetting(setting.name, setting.value, int(setting.line is None), PATH, setting.line)
