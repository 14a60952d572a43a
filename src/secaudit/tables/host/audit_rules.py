"""audit_rules: what the Linux audit system is told to record. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target, table
from secaudit.tables.host._dropins import conf_files, say_unread

FOLDER = "/etc/audit/rules.d"
MAIN = "/etc/audit/audit.rules"


class AuditRule(NamedTuple):
    """One rule."""

    kind: str
    """watch (a file or folder), syscall, or control (-D, -b, -e, -f and the like)."""
    key: str
    """The name under which events are found (-k); empty when there is none."""
    watched: str
    """The file or folder that is watched, by -w or by -F path= or dir=; empty for others. Without final slash."""
    permissions: str
    """Letters r w x a in this order; `rwxa` when the rule does not limit them. Empty for rules without a watched
    file."""
    syscalls: str
    """Names separated by spaces, with one space before the first and after the last."""
    action: str
    """`always,exit` or `never,exit` and so on, for syscall rules."""
    filters: str
    """The -F and -C conditions, separated by spaces."""
    control: str
    """Of control lines: the option, such as `-e 2`."""
    rule: str
    """The line as written."""
    path: str
    line: int


@table(targets={"host", "root"})
def audit_rules(target: Target) -> Iterator[AuditRule]:
    """Yield one row per rule that is loaded at boot, in the order of the files.

    augenrules(8) joins rules.d/*.rules; audit.rules alone counts where that folder has none.

    Source: audit.rules(7), auditctl(8), augenrules(8).

    Raises:
        Absent: the audit system is not installed.
        Denied: the rules can only be read by root.
        Partial: one of the files could not be read.
    """
    if target.find_program("auditctl") is None and not target.exists("/etc/audit"):
        raise Absent("the audit system (auditd) is not installed")
    unread: list[str] = []
    paths = conf_files(target, (FOLDER,), unread, suffix=".rules") or [MAIN]
    read = 0
    for path in paths:
        try:
            text = target.read_text(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(path)
            continue
        read += 1
        for number, line in enumerate(text.splitlines(), 1):
            rule = _parse(line.strip(), path, number)
            if rule is not None:
                yield rule
    if unread and not read:
        raise Denied("the audit rules can only be read by root")
    say_unread(unread)


def _parse(line: str, path: str, number: int) -> AuditRule | None:
    if not line or line.startswith("#"):
        return None
    words = [word.strip("\"'") for word in re.findall(r"(?:[^\s\"']|\"[^\"]*\"|'[^']*')+", line)]
    key = watched = permissions = action = ""
    syscalls: list[str] = []
    filters: list[str] = []
    kind = "control"
    position = 0
    while position < len(words):
        word = words[position]
        value = words[position + 1] if position + 1 < len(words) else ""
        if word == "-w":
            kind, watched = "watch", value
        elif word in ("-a", "-A"):
            kind, action = "syscall", ",".join(sorted(value.split(",")))
        elif word == "-p":
            permissions = value
        elif word == "-k":
            key = value
        elif word == "-S":
            syscalls.extend(value.split(","))
        elif word in ("-F", "-C"):
            name, _, rest = value.partition("=")
            if name in ("path", "dir"):
                watched = rest
            elif name == "perm":
                permissions = rest
            elif name == "key":
                key = rest
            else:
                filters.append(value)
        else:
            position -= 1
        position += 2
    if kind == "syscall" and watched and syscalls in ([], ["all"]):  # `-S all` with a path is a watch, auditctl(8)
        kind = "watch"
    return AuditRule(
        kind=kind,
        key=key,
        watched=watched.rstrip("/") or ("/" if watched else ""),
        permissions="".join(letter for letter in "rwxa" if letter in (permissions or "rwxa")) if watched else "",
        syscalls=f" {' '.join(syscalls)} " if syscalls else "",
        action=action,
        filters=" ".join(filters),
        control=line if kind == "control" else "",
        rule=line,
        path=path,
        line=number,
    )
