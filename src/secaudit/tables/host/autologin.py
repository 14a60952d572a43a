"""autologin: whether the machine lets somebody in without a password when it starts. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._inifile import Entry, is_true, read_entries
from secaudit.tables.host._systemd import Units


class Autologin(NamedTuple):
    """One way to log in at the machine: a display manager, or the text consoles."""

    display_manager: str
    """gdm, lightdm, sddm, greetd, lxdm, slim, ly, nodm, or `getty` with the unit's name, `getty@tty1`."""
    user: str
    """Who is logged in without a password; '' for nobody."""
    enabled: int
    """1 when somebody is logged in without a password, at once or after a time."""
    guest_enabled: int
    """1 when a guest can start a session without an account."""
    path: str | None
    """The file that decided; NULL for the built-in default."""
    line: int | None


_Setting = tuple[str, Entry]


@table(targets={"host", "root"})
def autologin(target: Target) -> Iterator[Autologin]:
    """Yield one row per installed display manager, and one per console login (with or without automatic login).

    Source: daemon.conf of gdm; lightdm's `common/configuration.c` (order of folders, later wins); sddm.conf(5);
    greetd(5); lxdm, slim, ly and nodm as their sample files say; agetty(8) `--autologin` in systemd units; inittab(5).

    Raises:
        Absent: neither a display manager nor a getty is installed.
        Partial: a configuration could not be read.
    """
    reader = HomeReader(target)
    count = 0
    for method in (_gdm, _lightdm, _sddm, _greetd, _others, _getty):
        for row in method(reader):
            count += 1
            yield row
    reader.finish()
    if not count:
        raise Absent("neither a display manager nor a console login is installed")


def _installed(reader: HomeReader, *programs: str) -> bool:
    return any(reader.target.find_program(program) is not None for program in programs)


def _merged(reader: HomeReader, paths: list[str], groups: tuple[str, ...]) -> dict[str, _Setting]:
    """Key -> (file, entry), where a later file or line replaces an earlier one."""
    found: dict[str, _Setting] = {}
    for path in paths:
        for entry in read_entries(reader.text(path) or ""):
            if entry.group.lower() in groups:
                found[entry.key.lower()] = (path, entry)
    return found


def _value(found: dict[str, _Setting], key: str) -> str:
    return found[key][1].value.strip().strip("\"'") if key in found else ""


def _row(
    name: str, user: str, enabled: bool, found: dict[str, _Setting], keys: tuple[str, ...], guest: bool = False
) -> Autologin:
    decided = next((found[key] for key in keys if key in found), None)
    path, line = (None, None) if decided is None else (decided[0], decided[1].line)
    return Autologin(name, user if enabled else "", int(enabled), int(guest), path, line)


def _gdm(reader: HomeReader) -> Iterator[Autologin]:
    """The file's name and folder differ: Debian /etc/gdm3/daemon.conf, Ubuntu custom.conf, others /etc/gdm."""
    if not _installed(reader, "gdm3", "gdm"):
        return
    paths = ["/etc/gdm/custom.conf", "/etc/gdm3/custom.conf", "/etc/gdm3/daemon.conf"]
    found = _merged(reader, paths, ("daemon",))
    for switch, name in (("automaticloginenable", "automaticlogin"), ("timedloginenable", "timedlogin")):
        user = _value(found, name)
        if is_true(_value(found, switch)) and user:
            yield _row("gdm", user, True, found, (switch, name))
            return
    yield _row("gdm", "", False, found, ("automaticloginenable", "timedloginenable"))


def _lightdm(reader: HomeReader) -> Iterator[Autologin]:
    if not _installed(reader, "lightdm"):
        return
    paths: list[str] = []
    for folder in ("/usr/share/lightdm", "/usr/local/share/lightdm", "/etc/xdg/lightdm", "/etc/lightdm"):
        paths.extend(reader.matching(f"{folder}/lightdm.conf.d", "*.conf"))
    paths.append("/etc/lightdm/lightdm.conf")
    found = _merged(reader, paths, ("seat:*", "seatdefaults", "seat:seat0"))
    # A guest needs a script that makes the account; only some distributions ship one. The switch is on by default.
    script = _value(found, "guest-account-script") or "guest-account"
    has_script = reader.stat(script) is not None if script.startswith("/") else _installed(reader, script)
    allowed = is_true(_value(found, "allow-guest") or "true")
    as_guest = is_true(_value(found, "autologin-guest"))
    user = _value(found, "autologin-user")
    keys: tuple[str, ...] = ("autologin-guest",) if as_guest else ("autologin-user",)
    if not (user or as_guest):
        keys = ("allow-guest", "autologin-user")
    yield _row("lightdm", user or "guest", bool(user) or (as_guest and has_script), found, keys, allowed and has_script)


def _sddm(reader: HomeReader) -> Iterator[Autologin]:
    for name in ("sddm", "plasmalogin"):
        if not _installed(reader, name):
            continue
        paths = reader.matching(f"/usr/lib/{name}/{name}.conf.d", "*")
        paths += reader.matching(f"/etc/{name}.conf.d", "*")
        paths.append(f"/etc/{name}.conf")
        found = _merged(reader, paths, ("autologin",))
        user = _value(found, "user")
        yield _row(name, user, bool(user), found, ("user",))


def _greetd(reader: HomeReader) -> Iterator[Autologin]:
    """`[initial_session]` starts once after boot, for a user and without asking."""
    if not _installed(reader, "greetd"):
        return
    found = _merged(reader, ["/etc/greetd/config.toml"], ("initial_session",))
    user = _value(found, "user")
    yield _row("greetd", user, bool(user), found, ("user",))


def _others(reader: HomeReader) -> Iterator[Autologin]:
    if _installed(reader, "lxdm", "lxdm-binary"):
        found = _merged(reader, ["/etc/lxdm/default.conf", "/etc/lxdm/lxdm.conf"], ("base",))
        user = _value(found, "autologin")
        yield _row("lxdm", user, bool(user), found, ("autologin",))
    if _installed(reader, "ly", "ly-dm"):
        found = _merged(reader, ["/etc/ly/config.ini"], ("",))
        user = _value(found, "auto_login_user")
        user = "" if user == "null" else user
        yield _row("ly", user, bool(user), found, ("auto_login_user",))
    if _installed(reader, "nodm"):
        found = _merged(reader, ["/etc/default/nodm"], ("",))
        enabled = is_true(_value(found, "nodm_enabled"))
        yield _row("nodm", _value(found, "nodm_user") or "root", enabled, found, ("nodm_enabled",))
    if _installed(reader, "slim"):
        path = "/etc/slim.conf"
        values: dict[str, tuple[str, int]] = {}
        for number, line in enumerate((reader.text(path) or "").splitlines(), 1):
            words = line.split(None, 1)
            if len(words) == 2 and not words[0].startswith("#"):
                values[words[0]] = (words[1].strip(), number)
        user = values.get("default_user", ("", 0))[0]
        switch, line_number = values.get("auto_login", ("no", 0))
        enabled = is_true(switch) and bool(user)
        yield Autologin(
            "slim", user if enabled else "", int(enabled), 0, path if line_number else None, line_number or None
        )


_UNIT = re.compile(r"(?:serial-|console-|container-)?(?:getty|autovt)(?:@[^/]{0,100})?\.service")
_OPTION = re.compile(r"(?:^|\s)(?:--autologin[\s=]|-a\s{0,5})\s{0,5}[\"']?([^\s\"']{1,64})")


def _getty(reader: HomeReader) -> Iterator[Autologin]:
    """Units of agetty with their drop-ins; an empty ExecStart= clears the earlier ones."""
    if not _installed(reader, "agetty", "getty", "mingetty"):
        return
    units = Units(reader.target)
    seen = False
    for name in (*units.names, *units.instances()):
        unit = units.find(name)
        if not _UNIT.fullmatch(name) or units.is_alias(name) or unit is None:
            continue
        seen = True
        if unit.masked:
            continue
        user = ""
        path: str | None = None
        line: int | None = None
        for one in units.settings(name):
            if one.section == "Service" and one.key == "ExecStart":
                match = _OPTION.search(one.value)
                user, path, line = (match.group(1), one.path, one.line) if match else ("", None, None)
        yield Autologin(name[: -len(".service")], user, int(bool(user)), 0, path, line)
    for place in units.unread:
        reader.broken(f"{place} (could not be read)")
    if not seen:
        yield from _inittab(reader)


def _inittab(reader: HomeReader) -> Iterator[Autologin]:
    path = "/etc/inittab"
    text = reader.text(path)
    if text is None:
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = None if line.lstrip().startswith("#") or "getty" not in line else _OPTION.search(line)
        if match:
            yield Autologin("getty", match.group(1), 1, 0, path, number)
            return
    yield Autologin("getty", "", 0, 0, None, None)
