"""The command line with which a unit of systemd starts its program, its variables filled in."""

from __future__ import annotations

import re
import shlex
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._systemd import Units
from secaudit.tables.host._unitfile import Assignment

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")


class Command(NamedTuple):
    """One command."""

    words: list[str]
    path: str
    line: int


def commands(target: Target, units: Units, name: str, unread: list[str]) -> list[Command]:
    """The commands of ExecStart; what an empty one takes away is gone. Files that cannot be read go to `unread`.

    Source: systemd.service(5), COMMAND LINES; systemd.exec(5), Environment= and EnvironmentFile=, which wins.
    """
    found: list[Assignment] = []
    files: list[str] = []
    environment: dict[str, str] = {}
    for one in units.settings(name):
        if one.section != "Service":
            continue
        if one.key == "ExecStart":
            found = [*found, one] if one.value else []
        elif one.key == "EnvironmentFile":
            files = [*files, one.value.lstrip("-")] if one.value else []
        elif one.key == "Environment":
            environment = environment if one.value else {}
            environment.update(_assignments(_split(one.value)))
    for path in files if any("$" in one.value for one in found) else ():
        environment.update(_read(target, path, unread))
    return [Command(_filled(one.value, environment), one.path, one.line) for one in found]


def _read(target: Target, pattern: str, unread: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    try:
        for path in target.glob(pattern) if pattern.startswith("/") else []:
            for line in target.read_text(path).replace("\\\n", "").splitlines():
                name, sign, value = line.strip().partition("=")
                if sign and not name.startswith(("#", ";")):
                    found[name.strip()] = " ".join(_split(value)) if value[:1] in ("'", '"') else value.strip()
    except OSError:
        unread.append(pattern)
    return found


def _assignments(words: list[str]) -> dict[str, str]:
    return {name: value for name, sign, value in (word.partition("=") for word in words) if sign}


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _filled(text: str, environment: dict[str, str]) -> list[str]:
    """`$NAME` as a word of its own becomes several words, `${NAME}` stays one; what is not set becomes nothing."""
    words: list[str] = []
    for word in _split(text):
        alone = re.fullmatch(r"\$(\w+)", word)
        if alone is not None:
            words.extend(_split(environment.get(alone.group(1), "")))
        else:
            words.append(_VARIABLE.sub(lambda match: environment.get(match.group(1) or match.group(2), ""), word))
    return words
