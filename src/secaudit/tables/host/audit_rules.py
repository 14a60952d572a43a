"""audit_rules: what the Linux audit system is told to record. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._auditabi import machine, widths
from secaudit.tables.host._auditrules import Rule, read_rules
from secaudit.tables.host._dropins import say_unread


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
    """`always,exit` or `exit,never` and so on, its two words in alphabetical order; empty for -w."""
    filters: str
    """The -F and -C conditions, separated by spaces."""
    control: str
    """Of control lines: the option, such as `-e 2`."""
    rule: str
    """The line as written."""
    path: str
    line: int
    place: str
    """`watched` with the links on its way resolved: /bin/su is /usr/bin/su on most systems."""
    recursive: int
    """1 when everything below the place is watched too: `dir=`, or -w with a folder. `path=` with a folder watches
    the folder alone."""
    who: str
    """`everyone`, `people` (whoever logged in, by a number of 1000 or more) or `some`."""
    outcome: str
    """Empty: whatever comes of it; else success, failure, EACCES or EPERM."""
    limits: str
    """Conditions beside log-in number and outcome, separated by spaces. The architecture is one for rules about files,
    unless rules for the other kinds of programs of this machine say the same."""
    loaded: int
    """1 when it is in force after the start. auditctl stops at the first line that it refuses."""
    records: int
    """1 when it is loaded, and no exclusion without limits before it, nor `-a never,task` anywhere, takes its events
    away. Always 0 for exclusions; without meaning for control lines."""
    problem: str
    """Why it is not loaded; empty when it is."""


@table(targets={"host", "root"})
def audit_rules(target: Target) -> Iterator[AuditRule]:
    """Yield one row per rule of the files that are loaded at boot, in their order.

    The unit or script of the service says which: mostly augenrules(8), which joins rules.d/*.rules.

    Source: audit.rules(7), auditctl(8), augenrules(8) of audit 3.0.9 and 4.0.

    Raises:
        Absent: the audit system is not installed.
        Denied: the rules can only be read by root.
        Partial: one of the files could not be read.
    """
    reading = read_rules(target)
    lone = _lone_architectures(target, reading.rules)
    for number, rule in enumerate(reading.rules):
        parsed = rule.parsed
        yield AuditRule(
            kind=parsed.kind,
            key=parsed.key,
            watched=parsed.watched,
            permissions=parsed.permissions,
            syscalls=f" {' '.join(parsed.syscalls)} " if parsed.syscalls else "",
            action=parsed.action,
            filters=" ".join(parsed.filters),
            control=parsed.control,
            rule=parsed.text,
            path=rule.path,
            line=rule.line,
            place=rule.place,
            recursive=int(rule.recursive),
            who=parsed.who,
            outcome=parsed.outcome,
            limits=" ".join([*parsed.limits, *([f"arch={parsed.arch}"] if number in lone else [])]),
            loaded=int(rule.loaded),
            records=int(rule.records),
            problem=rule.problem,
        )
    say_unread(reading.unread)


def _lone_architectures(target: Target, rules: list[Rule]) -> set[int]:
    """Positions of rules about files that miss the calls of some programs: arch=b64 without a twin for b32."""
    kinds: dict[tuple[str, ...], set[str]] = {}
    for rule in rules:
        if rule.parsed.arch and rule.place and rule.records:
            kinds.setdefault(_subject(rule), set()).add(rule.parsed.arch)
    if not kinds:
        return set()
    needed = set(widths(target, *machine(target)))
    return {
        number
        for number, rule in enumerate(rules)
        if rule.parsed.arch and rule.place and not needed <= kinds.get(_subject(rule), set())
    }


def _subject(rule: Rule) -> tuple[str, ...]:
    parsed = rule.parsed
    return (rule.place, str(rule.recursive), parsed.permissions, parsed.who, parsed.outcome, " ".join(parsed.limits))
