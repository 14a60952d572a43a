"""audit_calls: which system calls leave a record, by kind of program. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._auditabi import machine, widths
from secaudit.tables.host._auditrules import Rule, read_rules
from secaudit.tables.host._dropins import say_unread

CALLS = (
    "adjtimex settimeofday clock_settime sethostname setdomainname execve execveat "
    "creat open openat truncate ftruncate chmod fchmod fchmodat chown fchown lchown fchownat "
    "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr mount umount2 "
    "unlink unlinkat rename renameat renameat2 rmdir init_module finit_module delete_module create_module query_module "
    "kexec_load kexec_file_load ptrace bpf setuid setgid setreuid setregid setresuid setresgid"
).split()
"""Calls that change who may do what, or what the machine is."""
GONE_64 = {
    "arm": frozenset("creat open chmod chown lchown unlink rename rmdir create_module query_module".split()),
    "x86": frozenset(),
}
"""Old calls that 64 bit ARM never had. Source: include/uapi/asm-generic/unistd.h of Linux."""


class AuditCall(NamedTuple):
    """One system call of one kind of program."""

    call: str
    abi: str
    """b64 or b32: calls of 64 and of 32 bit programs are recorded apart."""
    everyone: int
    """1 when every such call leaves a record."""
    people: int
    """1 when every such call of a person who logged in leaves a record."""
    denied: int
    """1 when such calls of people leave a record at least when they are refused (EACCES and EPERM)."""
    as_other: int
    """1 when such calls of people leave a record at least when they act as somebody else (euid and uid differ)."""
    rule: str
    """The first rule that says so; empty when there is none."""
    path: str | None
    line: int | None


@table(targets={"host", "root"})
def audit_calls(target: Target) -> Iterator[AuditCall]:
    """Yield one row per call and kind of program that this machine runs, recorded or not.

    32 bit programs are left out where the kernel was built without them; where that is not known, they are told.

    Source: auditctl(8), elf(5).

    Raises:
        Absent: the audit system is not installed.
        Denied: the rules can only be read by root.
        Partial: one of the files could not be read.
    """
    reading = read_rules(target)
    family, own = machine(target)
    kinds = widths(target, family, own)
    rules = [rule for rule in reading.rules if rule.records and rule.parsed.kind == "syscall"]
    for call in CALLS:
        for width in kinds:
            if width == "b64" and call in GONE_64.get(family, ()):
                continue
            yield _row(call, width, own, [rule for rule in rules if _is_about(rule, call, width, own)])
    say_unread(reading.unread)


def _is_about(rule: Rule, call: str, width: str, own: str) -> bool:
    """Without arch= the names mean calls of the machine's own width."""
    parsed = rule.parsed
    if (parsed.arch or own) != width or rule.place:
        return False
    return not parsed.syscalls or call in parsed.syscalls or "all" in parsed.syscalls


def _row(call: str, width: str, own: str, rules: list[Rule]) -> AuditCall:
    whole = [rule for rule in rules if not rule.parsed.limits and not rule.parsed.outcome]
    everyone = [rule for rule in whole if rule.parsed.who == "everyone"]
    people = [rule for rule in whole if rule.parsed.who in ("everyone", "people")]
    other = [
        rule
        for rule in rules
        if rule.parsed.limits in (("compare!=uid",), ("compare!=euid",))
        and not rule.parsed.outcome
        and rule.parsed.who != "some"
        and set(rule.parsed.filters) & {"euid!=uid", "uid!=euid"}
    ]
    refused = [rule for rule in rules if not rule.parsed.limits and rule.parsed.who != "some"]
    outcomes = {rule.parsed.outcome for rule in refused}
    denied = bool(outcomes & {"", "failure"}) or {"EACCES", "EPERM"} <= outcomes
    first = next(iter([*everyone, *people, *other, *(refused if denied else [])]), None)
    return AuditCall(
        call=call,
        abi=width,
        everyone=int(bool(everyone)),
        people=int(bool(people)),
        denied=int(denied),
        as_other=int(bool(people or other)),
        rule="" if first is None else first.parsed.text,
        path=None if first is None else first.path,
        line=None if first is None else first.line,
    )
