"""sudo_defaults: the settings of sudo, set ones and built-in ones. Not in osquery."""

from __future__ import annotations

import math
from typing import Iterator, NamedTuple, Sequence

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._sudoers import read_sudoers
from secaudit.tables.host._sudomodel import Default

BUILT_IN = {
    "authenticate": "on",
    "env_reset": "on",
    "exempt_group": "off",
    "insults": "off",
    "log_allowed": "on",
    "log_denied": "on",
    "log_input": "off",
    "log_output": "off",
    "logfile": "off",
    "noexec": "off",
    "passwd_tries": "3",
    "pwfeedback": "off",
    "requiretty": "off",
    "rootpw": "off",
    "runas_default": "root",
    "runaspw": "off",
    "secure_path": "off",
    "setenv": "off",
    "syslog": "authpriv",
    "targetpw": "off",
    "timestamp_type": "tty",
    "umask": "022",
    "visiblepw": "off",
}
"""sudoers(5) of sudo 1.9.13. `use_pty` and `timestamp_timeout` are found out below."""
USE_PTY_SINCE = (1, 9, 14)
"""NEWS of sudo 1.9.14, June 2023: use_pty is on by default."""
LISTS = ("env_keep", "env_check", "env_delete")


class SudoDefault(NamedTuple):
    """One setting."""

    scope_kind: str
    """global, user, host, runas or command: for whom the setting is."""
    scope: str
    """The users, hosts or commands; empty for everyone."""
    name: str
    operator: str
    """`=`; `+=` and `-=` add to and take from a list."""
    value: str | None
    """`on` or `off` for flags and for a value that is negated; NULL when a built-in default could not be found out."""
    kept: str | None
    """The value; of what adds to a list only the words that no later line of the same scope takes away."""
    number: int | None
    """The value as a number, parts of minutes rounded up; umask as octal; NULL when it is text."""
    is_default: int
    """1 when no file sets it."""
    is_effective: int
    """1 for the last one of its name and scope, the one that counts, and for what adds to a list after it."""
    path: str | None
    """NULL for a built-in default."""
    line: int | None


@table(targets={"host", "root"})
def sudo_defaults(target: Target) -> Iterator[SudoDefault]:
    """Yield one row per setting of each Defaults line, and one per well-known setting that no line sets for everyone.

    Source: sudoers(5), sudo 1.9.

    Raises:
        Absent: sudo is not installed.
        Denied: only root may read the settings.
        Partial: a line was not understood or a file not read.
    """
    program = target.find_program("sudo")
    if program is None:
        raise Absent("sudo is not installed")
    sudoers = read_sudoers(target)
    if sudoers is None:
        raise Absent("sudo has no sudoers file")
    kept = _kept(sudoers.defaults)
    last: dict[tuple[str, str, str], int] = {}
    for position, one in enumerate(sudoers.defaults):
        if one.operator == "=":
            last[(one.scope_kind, one.scope, one.name)] = position
    for position, one in enumerate(sudoers.defaults):
        decided = last.get((one.scope_kind, one.scope, one.name), -1)
        effective = int(position == decided if one.operator == "=" else position > decided)
        yield _row(one, effective, kept[position])
    set_for_all = {one.name for one in sudoers.defaults if one.scope_kind == "global" and one.operator == "="}
    for name, value in sorted(_built_in(target, program, set_for_all).items()):
        if name not in set_for_all:
            yield SudoDefault("global", "", name, "=", value, value, _number(name, value), 1, 1, None, None)
    if sudoers.problems:
        raise Partial("not all settings are known: " + ", ".join(sudoers.problems[:5]))


def _kept(defaults: Sequence[Default]) -> list[str | None]:
    """The value of each line; of lists without the words that a later `-=` of the same scope takes away again.

    Words are compared letter by letter: list_op() of sudo's plugins/sudoers/defaults.c.
    """
    taken: dict[tuple[str, str, str], set[str]] = {}
    found: list[str | None] = []
    for one in reversed(defaults):
        scope = (one.scope_kind, one.scope, one.name)
        value = one.value
        if one.name in LISTS and value is not None:
            words = value.split()
            if one.operator == "-=":
                taken.setdefault(scope, set()).update(words)
            elif scope in taken:
                value = " ".join(word for word in words if word not in taken[scope])
        found.append(value)
    return found[::-1]


def _row(one: Default, effective: int, kept: str | None) -> SudoDefault:
    value = "on" if one.name == "umask" and one.value == "on" else one.value
    return SudoDefault(
        scope_kind=one.scope_kind,
        scope=one.scope,
        name=one.name,
        operator=one.operator,
        value=value,
        kept=value if one.name not in LISTS else kept,
        number=_number(one.name, value),
        is_default=0,
        is_effective=effective,
        path=one.path,
        line=one.line,
    )


def _number(name: str, value: str | None) -> int | None:
    if value is None:
        return None
    if value == "off" and name in ("timestamp_timeout", "passwd_timeout"):
        return 0  # a negated time is no time: sudo asks always
    try:
        if name == "umask":
            return int(value, 8)
        if len(value) < 16 and value.isascii() and value.lstrip("+-").replace(".", "", 1).isdigit():
            return math.ceil(float(value)) if float(value) > 0 else math.floor(float(value))
    except ValueError:
        return None
    return None


def _built_in(target: Target, program: str, known: set[str]) -> dict[str, str | None]:
    """Built-in defaults of the installed sudo; those that cannot be told are None."""
    values: dict[str, str | None] = dict(BUILT_IN)
    debian = target.exists("/var/lib/dpkg/status")
    values["timestamp_timeout"] = "15" if debian else "5"  # configured --with-timeout=15 on Debian and Ubuntu
    values["use_pty"] = None
    if "use_pty" not in known:
        version = _version(target, program)
        if version is not None:
            values["use_pty"] = "on" if version >= USE_PTY_SINCE else "off"
    return values


def _version(target: Target, program: str) -> tuple[int, ...] | None:
    """The version of sudo from the package database, or from sudo itself where it can be run."""
    if target.realpath(program).endswith("sudo-rs"):
        return USE_PTY_SINCE  # sudo-rs always uses a pty unless told otherwise
    text = _package_version(target)
    if text is None and target.live:
        words = target.run(["sudo", "-V"]).stdout.split("\n", 1)[0].split()
        text = words[-1] if words[:2] == ["Sudo", "version"] else None
    if text is None:
        return None
    digits: list[int] = []
    for part in text.split(":", 1)[-1].split("-", 1)[0].split(".")[:3]:
        number = part[: len(part) - len(part.lstrip("0123456789"))]
        if not number:
            return None
        digits.append(int(number[:9]))
    return tuple(digits)


def _package_version(target: Target) -> str | None:
    for path, head, key in (
        ("/var/lib/dpkg/status", "Package: sudo", "Version: "),
        ("/lib/apk/db/installed", "P:sudo", "V:"),
    ):
        try:
            text = target.read_text(path, 64 * 1024 * 1024)
        except OSError:
            continue
        begin = 0 if text.startswith(head + "\n") else text.find(f"\n{head}\n") + 1
        if begin == 0 and not text.startswith(head + "\n"):
            continue
        end = text.find("\n\n", begin)
        for line in text[begin : end if end > 0 else len(text)].split("\n"):
            if line.startswith(key):
                return line[len(key) :].strip()
    for path in target.glob("/var/lib/pacman/local/sudo-[0-9]*"):
        return path.rsplit("/sudo-", 1)[1]
    return None
