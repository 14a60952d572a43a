"""One line of audit rules, taken apart as auditctl(8) does it: blanks part the words, quotes mean nothing."""

from __future__ import annotations

import re
from typing import NamedTuple

WITH_VALUE = "aAbdefFkpqrRsSwWC"
"""Options of auditctl that take a word, audit 3.0.9. It may also stand without a blank: -w/etc/passwd."""
PEOPLE_FROM = 1000
"""The lowest number of a person's account, as login.defs(5) is shipped."""
UNSET = ("-1", "4294967295", "unset")
FAILED = {"-EACCES": "EACCES", "EACCES": "EACCES", "-13": "EACCES", "-EPERM": "EPERM", "EPERM": "EPERM", "-1": "EPERM"}


class Parsed(NamedTuple):
    """What one line says."""

    kind: str
    """watch, syscall or control."""
    text: str
    action: str
    """Its two words in alphabetical order, `always,exit` and `exit,never`; '' for -w."""
    key: str
    watched: str
    watch_form: str
    """-w, path, dir or ''."""
    permissions: str
    syscalls: tuple[str, ...]
    filters: tuple[str, ...]
    arch: str
    """b64, b32, another word, or ''."""
    who: str
    """everyone, people (log-in number 1000 and up), or some."""
    outcome: str
    """'' for any, success, failure, EACCES or EPERM."""
    limits: tuple[str, ...]
    """Conditions beside architecture, log-in number and outcome."""
    control: str
    problem: str

    @property
    def identity(self) -> tuple[str, ...]:
        """Two rules with the same identity are one to the kernel, which refuses the second."""
        return (
            self.action or "always,exit",
            self.watched,
            "path" if self.watch_form == "path" else "",
            self.permissions,
            " ".join(sorted(self.syscalls)),
            " ".join(sorted(self.filters)),
            self.key,
        )


class _Builder:
    """Gathers the words of one line."""

    def __init__(self) -> None:
        self.kind = "control"
        self.action = self.key = self.watched = self.form = self.permissions = self.problem = ""
        self.syscalls: list[str] = []
        self.filters: list[str] = []
        self.fields: list[tuple[str, str, str]] = []

    def take(self, option: str, value: str) -> None:
        if option == "w":
            self.kind, self.watched, self.form = "watch", value, "-w"
            if not value.startswith("/"):
                self.problem = self.problem or "the path does not begin with /"
        elif option in "aA":
            self.kind, self.action = "syscall", ",".join(sorted(value.split(",")))
            if not re.fullmatch(
                r"(always|never),(exclude|exit|filesystem|io_uring|task|user)"
                r"|(exclude|exit|filesystem|io_uring),(always|never)",
                self.action,
            ):
                self.problem = self.problem or f"-{option} {value} is no list with an action"
        elif option == "p":
            self._permit(value)
        elif option == "k":
            self.key = value
        elif option == "S":
            self.syscalls.extend(name for name in value.split(",") if name)
        elif option in "FC":
            self._condition(option, value)

    def _permit(self, value: str) -> None:
        self.permissions = value
        if not value or set(value) - set("rwxa"):
            self.problem = self.problem or f"-p {value} has letters other than rwxa"

    def _condition(self, option: str, value: str) -> None:
        match = re.match(r"([A-Za-z][A-Za-z0-9_]*)(!=|>=|<=|&=|=|>|<|&)(.*)$", value)
        if match is None:
            self.problem = self.problem or f"-{option} {value} is no condition"
            return
        name, sign, rest = match.groups()
        if option == "F" and name in ("path", "dir") and sign == "=":
            self.watched, self.form = rest, name
        elif option == "F" and name == "perm" and sign == "=":
            self._permit(rest)
        elif option == "F" and name == "key" and sign == "=":
            self.key = rest
        else:
            if name == "arch" and self.syscalls:
                self.problem = self.problem or "arch stands after -S"
            self.filters.append(value)
            self.fields.append((name if option == "F" else "", sign, rest))


def parse_rule(line: str) -> Parsed | None:
    """Take one line apart; None for a comment or an empty line."""
    text = line.strip(" \r\n")
    if not text.strip() or text.lstrip().startswith("#"):
        return None
    words = [word for word in text.split(" ") if word]
    build = _Builder()
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word.startswith("--") or word in ("-D", "-c", "-i", "-l", "-t", "-v", "-m"):
            if word.startswith("--") or word == "-m":
                position += "=" not in word  # --backlog_wait_time 60000
            continue
        if len(word) < 2 or word[0] != "-" or word[1] not in WITH_VALUE:
            build.problem = build.problem or f"{word[:40]} is not understood"
            continue
        value = word[2:]
        if not value:
            value = words[position] if position < len(words) else ""
            position += 1
            if not value:
                build.problem = build.problem or f"{word} needs a word after it"
        build.take(word[1], value)
    return _finish(build, text)


def _finish(build: _Builder, text: str) -> Parsed:
    who, outcome, limits = _conditions(build.fields)
    watched = build.watched.rstrip("/") or ("/" if build.watched else "")
    calls = [] if build.syscalls == ["all"] and watched else build.syscalls
    kind = "watch" if build.kind == "syscall" and watched and not calls else build.kind
    permissions = "".join(letter for letter in "rwxa" if letter in (build.permissions or "rwxa")) if watched else ""
    return Parsed(
        kind=kind,
        text=text,
        action=build.action,
        key=build.key,
        watched=watched,
        watch_form=build.form,
        permissions=permissions,
        syscalls=tuple(calls),
        filters=tuple(build.filters),
        arch=next((rest for name, sign, rest in build.fields if name == "arch" and sign == "="), ""),
        who=who,
        outcome=outcome,
        limits=limits,
        control=text if kind == "control" else "",
        problem=build.problem,
    )


def _conditions(fields: list[tuple[str, str, str]]) -> tuple[str, str, tuple[str, ...]]:
    """(who, outcome, other limits)."""
    who, outcome = "everyone", ""
    limits: list[str] = []
    for name, sign, rest in fields:
        if name == "arch" and sign == "=":
            continue
        if name in ("auid", "loginuid") and sign == "!=" and rest in UNSET:
            who = "people" if who == "everyone" else who
        elif name in ("auid", "loginuid") and sign in (">=", ">") and rest.isascii() and rest.isdigit():
            first = int(rest[:12]) + (sign == ">")
            who = "people" if first <= PEOPLE_FROM and who != "some" else "some"
        elif name in ("auid", "loginuid"):
            who = "some"
        elif name == "exit" and sign == "=" and rest in FAILED and not outcome:
            outcome = FAILED[rest]
        elif name == "success" and sign == "=" and rest in ("0", "no", "1", "yes") and not outcome:
            outcome = "failure" if rest in ("0", "no") else "success"
        else:
            limits.append(f"{name or 'compare'}{sign}{rest}")
    return who, outcome, tuple(limits)
