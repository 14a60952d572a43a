"""sudo_rules: who may run what through sudo, aliases expanded. osquery's `sudoers` gives the raw lines instead."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._sudoers import read_sudoers
from secaudit.tables.host._sudomodel import Item, Sudoers

VERSION = re.compile(r"(?<=[A-Za-z])[0-9.]+$")
ROOT_NAMES = ("ALL", "root", "#0")


class SudoRule(NamedTuple):
    """One user and one command of a rule."""

    user: str
    """As written: a name, %group, #uid, %#gid, +netgroup or ALL."""
    user_kind: str
    """all, user, uid, group, gid, netgroup or nonunix_group."""
    is_user_negated: int
    """1 for a user who is taken out of the rule with an exclamation mark."""
    hosts: str
    runas_users: str
    """Empty stands for the default, root; `(:group)` gives the user who asks."""
    runas_groups: str
    tags: str
    """Tags in force for this command, NOPASSWD for example, with commas."""
    command: str
    """With its arguments; ALL for any; upper case for an alias that is not defined."""
    program: str | None
    """File name of the command, a version at its end taken off: python3.11 gives python. Empty for ALL, an alias and
    a whole folder; NULL for a regular expression."""
    arguments: str
    """`any` when the rule names none; `none` when it allows none (""); `wildcard` when a * stands in the command;
    `pattern` for a regular expression; `folder` for every program of a folder; else `fixed`."""
    is_command_negated: int
    """1 for a command that is taken out of the rule with an exclamation mark."""
    nopasswd: int
    """1 when the rule asks for no password."""
    is_all: int
    """1 when the rule allows any command."""
    as_root: int | None
    """1 when the command can be run as root; NULL when that depends on a group or netgroup."""
    is_overridden: int
    """1 when a later rule for the same user, of any command with a password, always decides instead."""
    path: str
    line: int


@table(targets={"host", "root"})
def sudo_rules(target: Target) -> Iterator[SudoRule]:
    """Yield one row per user and command of /etc/sudoers and the files it includes.

    Rules that an LDAP server or sssd gives are not seen: then the table is partial. Of several rules that match, sudo
    uses the last.

    Source: sudoers(5), sudo 1.9.

    Raises:
        Absent: sudo is not installed.
        Denied: only root may read the rules.
        Partial: a line was not understood, a file not read, or rules come from elsewhere too.
    """
    if target.find_program("sudo") is None:
        raise Absent("sudo is not installed")
    sudoers = read_sudoers(target)
    if sudoers is None:
        raise Absent("sudo has no sudoers file")
    found: list[SudoRule] = []
    for grant in sudoers.grants:
        users = sudoers.expand("User", grant.users)
        hosts = _joined(sudoers.expand("Host", grant.hosts))
        runas = [] if grant.runas_users is None else sudoers.expand("Runas", grant.runas_users)
        groups = _joined(sudoers.expand("Runas", grant.runas_groups))
        commands = [(command, _program(command.text)) for command in sudoers.expand("Cmnd", (grant.command,))]
        as_root = 1 if grant.runas_users is None else _as_root(runas)
        for user in users:
            for command, (program, arguments) in commands:
                found.append(
                    SudoRule(
                        user=user.text,
                        user_kind=_kind(user.text),
                        is_user_negated=int(user.is_negated),
                        hosts=hosts,
                        runas_users=_joined(runas),
                        runas_groups=groups,
                        tags=",".join((*grant.tags, *grant.options)),
                        command=command.text,
                        program=program,
                        arguments=arguments,
                        is_command_negated=int(command.is_negated),
                        nopasswd=int("NOPASSWD" in grant.tags),
                        is_all=int(command.text == "ALL" and not command.is_negated),
                        as_root=as_root,
                        is_overridden=0,
                        path=grant.path,
                        line=grant.line,
                    )
                )
    yield from _with_overrides(found)
    _raise_problems(target, sudoers)


def _with_overrides(rules: list[SudoRule]) -> Iterator[SudoRule]:
    """Mark rules that never decide, because sudo uses the last one that matches."""
    last: dict[str, int] = {}
    for position, rule in enumerate(rules):
        if (
            rule.is_all
            and not rule.nopasswd
            and not rule.is_user_negated
            and rule.hosts == "ALL"
            and rule.runas_users == "ALL"
            and "=" not in rule.tags  # NOTAFTER= and the like: such a rule does not always match
        ):
            last[rule.user] = position
    for position, rule in enumerate(rules):
        later = last.get(rule.user, -1)
        same_groups = not rule.runas_groups or (later >= 0 and rules[later].runas_groups == "ALL")
        yield rule._replace(is_overridden=int(later > position and same_groups))


def _raise_problems(target: Target, sudoers: Sudoers) -> None:
    problems = list(sudoers.problems)
    elsewhere = _other_sources(target)
    if elsewhere:
        problems.append(f"sudo rules also come from {elsewhere}")
    if problems:
        raise Partial("not all rules are known: " + ", ".join(problems[:5]))


def _other_sources(target: Target) -> str:
    """What nsswitch.conf(5) names for sudoers besides files, where such a source is set up."""
    try:
        text = target.read_text("/etc/nsswitch.conf")
    except FileNotFoundError:
        return ""
    for line in text.split("\n"):
        name, _, sources = line.split("#", 1)[0].partition(":")
        if name.strip() == "sudoers":
            words = sources.split()
            if "ldap" in words:
                return "LDAP"
            if "sss" in words and (target.exists("/etc/sssd/sssd.conf") or target.glob("/etc/sssd/conf.d/*.conf")):
                return "sssd"
    return ""


def _kind(user: str) -> str:
    if user == "ALL":
        return "all"
    if user.startswith("%#"):
        return "gid"
    if user.startswith("%:"):
        return "nonunix_group"
    return {"%": "group", "#": "uid", "+": "netgroup"}.get(user[:1], "user")


def _program(command: str) -> tuple[str | None, str]:
    """The columns `program` and `arguments` of a command."""
    path, _, rest = command.partition(" ")
    if path.startswith("^"):
        return None, "pattern"
    if path.endswith("/"):
        return "", "folder"
    known = path.startswith("/") or path == "sudoedit"
    program = VERSION.sub("", path.rsplit("/", 1)[-1]) if known else ""
    if "*" in command:
        return program, "wildcard"
    if rest.startswith("^"):
        return program, "pattern"
    return program, "any" if not rest else "none" if rest == '""' else "fixed"


def _as_root(runas: list[Item]) -> int | None:
    """The last item that matches root decides. An empty list is `(:group)` or `()`: the command runs as the caller."""
    answer: int | None = 0
    for item in runas:
        if item.text in ROOT_NAMES:
            answer = int(not item.is_negated)
        elif item.text[:1] in ("%", "+"):
            answer = None
    return answer


def _joined(items: list[Item]) -> str:
    return ", ".join(("!" if item.is_negated else "") + item.text for item in items)
