"""What modprobe.d(5) files and the kernel command line say about kernel modules."""

from __future__ import annotations

import fnmatch
import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._dropins import SYSTEM_FOLDERS, conf_files
from secaudit.tables.host._kernel import split_parameters

HARMLESS = re.compile(r"(?:exec\s+)?(?:/usr)?(?:/s?bin/)?(?:true|false|:|exit(?:\s+[0-9]{1,3})?)(?:\s[^;&|`$()<>]*)?$")
"""Install commands that do nothing instead of loading the module."""


class Rule(NamedTuple):
    """One line about a module."""

    name: str
    """With underscores; for `install` and `alias` it may hold the signs of glob(7)."""
    value: str
    path: str
    line: int


class ModprobeConfig:
    """All lines that bear on which modules come in."""

    def __init__(self) -> None:
        self.blacklist: dict[str, Rule] = {}
        self.install: list[Rule] = []
        self.alias: list[Rule] = []
        self.refused: dict[str, Rule] = {}
        """module_blacklist= of the kernel command line: the kernel itself refuses these."""
        self.unread: list[str] = []

    def install_rule(self, name: str) -> Rule | None:
        """The install command of a module: the first one that matches counts, as in libkmod."""
        for rule in self.install:
            if fnmatch.fnmatchcase(name, rule.name):
                return rule
        return None

    def disabled(self, name: str) -> Rule | None:
        """The line that keeps even `modprobe name` from loading it, or None."""
        if name in self.refused:
            return self.refused[name]
        rule = self.install_rule(name)
        return rule if rule is not None and HARMLESS.match(rule.value) else None

    def switched_off(self, aliases: tuple[str, ...]) -> Rule | None:
        """The line `alias NAME off` when every way by which the kernel asks for the module is switched off."""
        found = [self._alias_off(alias) for alias in aliases]
        return found[0] if found and all(found) else None

    def _alias_off(self, alias: str) -> Rule | None:
        for rule in self.alias:
            if rule.value == "off" and fnmatch.fnmatchcase(alias, rule.name):
                return rule
        return None

    def named(self) -> dict[str, Rule]:
        """Every module that a blacklist or install line names."""
        found = {rule.name: rule for rule in self.install if not any(sign in rule.name for sign in "*?[")}
        return {**found, **self.blacklist, **self.refused}


def underscored(name: str) -> str:
    """Module names count the same with `-` and `_`; what stands in brackets is a pattern and stays."""
    return re.sub(r"\[[^\]]*\]|-", lambda match: "_" if match.group() == "-" else match.group(), name)


def read_modprobe(target: Target) -> ModprobeConfig:
    """Read the files in the order of their names; a name in /etc hides those in /run and /usr."""
    config = ModprobeConfig()
    for path in conf_files(target, [f"{folder}/modprobe.d" for folder in SYSTEM_FOLDERS], config.unread):
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            config.unread.append(path)
            continue
        _parse(text, path, config)
    if target.live:
        _read_command_line(target, config)
    return config


def _parse(text: str, path: str, config: ModprobeConfig) -> None:
    waiting: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        if not waiting:
            start = number
        if raw.endswith("\\"):
            waiting.append(raw[:-1])
            continue
        line = "".join([*waiting, raw]) if waiting else raw
        waiting = []
        words = line.split(None, 2)
        if len(words) < 2 or words[0].startswith("#"):
            continue
        name = underscored(words[1])
        rest = words[2].strip() if len(words) > 2 else ""
        if words[0] == "blacklist":
            config.blacklist.setdefault(name, Rule(name, "", path, start))
        elif words[0] == "install" and rest:
            config.install.append(Rule(name, rest, path, start))
        elif words[0] == "alias" and rest:
            config.alias.append(Rule(name, underscored(rest.split()[0]), path, start))


def _read_command_line(target: Target, config: ModprobeConfig) -> None:
    path = "/proc/cmdline"
    try:
        text = target.read_text(path)
    except OSError:
        config.unread.append(path)
        return
    for parameter in split_parameters(text):
        chosen = {"modprobe.blacklist": config.blacklist, "module_blacklist": config.refused}.get(parameter.name)
        if chosen is None:
            continue
        for name in parameter.value.split(","):
            if name:
                chosen.setdefault(underscored(name), Rule(underscored(name), "", path, 1))
