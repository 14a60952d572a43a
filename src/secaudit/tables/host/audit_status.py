"""audit_status: whether the kernel records now, and whether the rules on the disk are those that it will load."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target, Unsupported, table
from secaudit.tables.host._auditrules import MAIN, sources


class AuditStatus(NamedTuple):
    """One row about the audit system of the running kernel."""

    enabled: int | None
    """0 off, 1 on, 2 on and locked until the next start; NULL when the kernel did not say, as for the next ones."""
    pid: int | None
    """The service that writes the log; 0 when there is none."""
    lost: int | None
    """Events lost since the start."""
    backlog_limit: int | None
    running_rules: int | None
    """How many rules are in force now."""
    merged: int | None
    """1 when audit.rules is what augenrules(8) would write now; 1 also where that program is not used. NULL when the
    files could not be read."""


@table(targets={"host"})
def audit_status(target: Target) -> Iterator[AuditStatus]:
    """Yield one row.

    Source: auditctl(8), augenrules(8).

    Raises:
        Absent: the audit system is not installed.
        Denied: the kernel tells only root.
        Unsupported: the kernel has no audit system, as in containers.
    """
    if not target.live:
        raise Unsupported("what the kernel records belongs to a running system")
    if target.find_program("auditctl") is None:
        raise Absent("the audit system (auditd) is not installed")
    status = target.run(["auditctl", "-s"])
    values = dict(re.findall(r"^(\w+) (\d{1,18})\b", status.stdout, re.M))
    if "enabled" not in values:
        if target.is_root:
            raise Unsupported("the kernel has no audit system for this system, as in containers")
        raise Denied("the kernel tells its audit status only to root")
    listed = target.run(["auditctl", "-l"])
    rules = None
    if listed.exit_code == 0:
        rules = sum(line.startswith("-") for line in listed.stdout.splitlines())
    yield AuditStatus(
        enabled=_number(values, "enabled"),
        pid=_number(values, "pid"),
        lost=_number(values, "lost"),
        backlog_limit=_number(values, "backlog_limit"),
        running_rules=rules,
        merged=_merged(target),
    )


def _number(values: dict[str, str], name: str) -> int | None:
    return int(values[name]) if name in values else None


def _merged(target: Target) -> int | None:
    unread: list[str] = []
    is_merged, paths = sources(target, unread)
    if unread:
        return None
    if not is_merged:
        return 1
    try:
        joined = join_rules([target.read_text(path) for path in paths])
        return int(joined == _lines(target.read_text(MAIN)))
    except FileNotFoundError:
        return 0
    except OSError:
        return None


def _lines(text: str) -> list[str]:
    return [line for raw in text.split("\n") if (line := raw.strip()) and not line.startswith("#")]


def join_rules(texts: list[str]) -> list[str]:
    """The lines that augenrules(8) writes: the last -D, -b and -f first, the last -e at the end."""
    first = {"D": "", "b": "", "f": ""}
    last = ""
    rest: list[str] = []
    for text in texts:
        for line in _lines(text):
            option = line[:2]
            if option == "-e":
                last = line
            elif re.match(r"-D\s*$", line):
                first["D"] = line
            elif option in ("-b", "-f"):
                first[option[1]] = line
            else:
                rest.append(line)
    return [line for line in [*first.values(), *rest, last] if line]
