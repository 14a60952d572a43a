"""The settings of password quality modules: files, drop-ins and module arguments, in the order in which they count."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._pam import Rule

VENDOR = "/usr"
"""Where distributions with vendor folders keep the file when /etc has none: /usr/etc/security/..."""


class Setting(NamedTuple):
    """One value and what decided it."""

    value: str
    module: str
    path: str | None
    """NULL for a built-in default."""
    line: int | None

    @property
    def number(self) -> int | None:
        return to_int(self.value)


Settings = dict[str, Setting]

_NUMBER = re.compile(r"[ \t]*[+-]?[0-9]{1,9}")


def to_int(text: str) -> int | None:
    """A number as strtol(3) takes it when nothing may follow, else None."""
    return int(text) if _NUMBER.fullmatch(text) and text.isascii() else None


def _defaults(module: str, values: dict[str, int]) -> Settings:
    return {name: Setting(str(value), module, None, None) for name, value in values.items()}


# ---------------------------------------------------------------- pwquality

PWQUALITY_CONF = "/etc/security/pwquality.conf"
_PWQUALITY_INTS = {
    "difok": 1,
    "minlen": 8,
    "dcredit": 0,
    "ucredit": 0,
    "lcredit": 0,
    "ocredit": 0,
    "minclass": 0,
    "maxrepeat": 0,
    "maxclassrepeat": 0,
    "maxsequence": 0,
    "gecoscheck": 0,
    "dictcheck": 1,
    "usercheck": 1,
    "usersubstr": 0,
    "enforcing": 1,
    "retry": 1,
}
_PWQUALITY_FLAGS = ("enforce_for_root", "local_users_only")
_PWQUALITY_TEXTS = ("badwords", "dictpath")
_LINE = re.compile(r"[ \t]*([^ \t=]+)[ \t]*=?[ \t]*(.*)")


def pwquality(target: Target, rule: Rule) -> Settings:
    """What pam_pwquality would use: *.conf of pwquality.conf.d, then pwquality.conf, then the module's arguments.

    As in libpwquality, a line that it does not understand ends the reading of files; a wrong argument is left out.

    Source: pwquality.conf(5), libpwquality 1.4.5.
    """
    settings = _defaults("pam_pwquality", {**_PWQUALITY_INTS, **dict.fromkeys(_PWQUALITY_FLAGS, 0)})
    for path in [*target.glob(PWQUALITY_CONF + ".d/*.conf"), PWQUALITY_CONF]:
        if not _read_pwquality(target, path, settings):
            break
    for argument in rule.args:
        name, _, value = argument.partition("=")
        _set_pwquality(settings, name, value, rule.path, rule.line)
    return settings


def _read_pwquality(target: Target, path: str, settings: Settings) -> bool:
    """Read one file; False when the library would stop at one of its lines."""
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        return True
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.split("#", 1)[0].strip(" \t\r\v\f")
        match = _LINE.fullmatch(line)
        if match and not _set_pwquality(settings, match.group(1), match.group(2), path, number):
            return False
    return True


def _set_pwquality(settings: Settings, name: str, value: str, path: str, line: int) -> bool:
    name = name.lower()
    if name in _PWQUALITY_FLAGS:
        value = "1"
    elif name in _PWQUALITY_INTS:
        number = to_int(value)
        if number is None:
            return False
        if name == "minlen":
            number = max(number, 6)  # PWQ_BASE_MIN_LENGTH
        elif name == "minclass":
            number = min(number, 4)
        value = str(number)
    elif name not in _PWQUALITY_TEXTS:
        return False
    settings[name] = Setting(value, "pam_pwquality", path, line)
    return True


_CRACKLIB = {"difok": 5, "minlen": 9, "dcredit": 1, "ucredit": 1, "lcredit": 1, "ocredit": 1, "minclass": 0, "retry": 1}


def cracklib(rule: Rule) -> Settings:
    """What pam_cracklib would use. Source: pam_cracklib(8) of Linux-PAM 1.3; it was removed in 1.5."""
    settings = _defaults("pam_cracklib", {**_CRACKLIB, "dictcheck": 1, "usercheck": 0, "enforce_for_root": 0})
    for argument in rule.args:
        name, _, value = argument.partition("=")
        name = {"reject_username": "usercheck"}.get(name, name)
        if name in ("usercheck", "enforce_for_root"):
            settings[name] = Setting("1", "pam_cracklib", rule.path, rule.line)
        elif name in _CRACKLIB and to_int(value) is not None:
            settings[name] = Setting(value, "pam_cracklib", rule.path, rule.line)
    return settings


CREDITS = ("dcredit", "ucredit", "lcredit", "ocredit")


def shortest(settings: Settings) -> Setting:
    """The shortest password that can pass: credits for digits, capitals and so on shorten `minlen`.

    Cracklib itself refuses fewer than 6 characters.
    """
    bonus = sum(max(0, settings[name].number or 0) for name in CREDITS)
    length = settings["minlen"]
    return length._replace(value=str(max(6 if length.module == "pam_cracklib" else 1, (length.number or 0) - bonus)))


def classes(settings: Settings) -> Setting:
    """How many kinds of characters are demanded: `minclass`, or one for each negative credit."""
    demanded = [settings[name] for name in CREDITS if (settings[name].number or 0) < 0]
    minimum = settings["minclass"]
    if len(demanded) > (minimum.number or 0):
        return demanded[0]._replace(value=str(len(demanded)))
    return minimum._replace(value=str(max(0, minimum.number or 0)))


def passwdqc(target: Target, rule: Rule) -> Settings:
    """What pam_passwdqc would use, in the words of pwquality. Source: pam_passwdqc(8), passwdqc.conf(5), 2.0."""
    words: list[tuple[str, str, int]] = []
    for argument in rule.args:
        if argument.startswith("config="):
            words += _passwdqc_file(target, argument[7:])
        else:
            words.append((argument, rule.path, rule.line))
    default = Setting("disabled,24,11,8,7", "pam_passwdqc", None, None)
    found = {"min": default, "enforce": default._replace(value="everyone"), "retry": default._replace(value="3")}
    for word, path, line in words:
        name, _, value = word.partition("=")
        found[name] = Setting(value, "pam_passwdqc", path, line)
    lengths = (found["min"].value.split(",") + ["disabled"] * 5)[:5]
    kinds = [(int(text), (1, 2, 1, 3, 4)[i]) for i, text in enumerate(lengths) if text.isdigit() and len(text) < 6]
    off = found["enforce"].value == "none"
    return {
        "minlen": found["min"]._replace(value=str(min((length for length, _ in kinds), default=0))),
        "minclass": found["min"]._replace(value=str(min((kind for _, kind in kinds), default=1))),
        "dictcheck": found["min"]._replace(value="1"),
        "usercheck": found["min"]._replace(value="1"),
        "difok": found["min"]._replace(value="0"),
        "retry": found["retry"],
        "enforcing": found["enforce"]._replace(value="0" if off else "1"),
        "enforce_for_root": found["enforce"]._replace(value=str(int(found["enforce"].value == "everyone"))),
        **_defaults("pam_passwdqc", dict.fromkeys(CREDITS, 0)),
    }


def _passwdqc_file(target: Target, path: str) -> list[tuple[str, str, int]]:
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        return []
    lines = enumerate(text.split("\n"), 1)
    return [(line.strip(), path, number) for number, line in lines if line.strip() and not line.startswith("#")]


# ---------------------------------------------------------------- faillock, pwhistory


def module_settings(
    target: Target, module: str, conf: str, defaults: dict[str, str], rules: list[Rule]
) -> dict[str, Setting]:
    """Settings of a module with one `name = value` file: defaults, then the file, then arguments. The last one wins.

    Source: faillock.conf(5), pwhistory.conf(5). A name without a value counts as 1.
    """
    found = {name: Setting(value, module, None, None) for name, value in defaults.items()}
    for rule in rules:
        conf = rule.value("conf") or conf
    lines: list[tuple[str, str, int]] = []
    for path in (conf, VENDOR + conf):
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        lines = [(line, path, number) for number, line in enumerate(text.split("\n"), 1)]
        break
    lines += [(argument, rule.path, rule.line) for rule in rules for argument in rule.args]
    for line, path, number in lines:
        name, equals, value = line.split("#", 1)[0].partition("=")
        name = name.strip(" \t\r")
        if not equals and " " in name:
            name, _, value = name.partition(" ")
        if name in found or name == "root_unlock_time":
            found[name] = Setting(value.strip(" \t\r") or "1", module, path, number)
    return found
