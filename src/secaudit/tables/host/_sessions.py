"""Which desktops are installed, and which one a person uses.

Source: Desktop Entry Specification for /usr/share/{x,wayland-}sessions; accounts-daemon's files; ~/.dmrc of gdm and
lightdm.
"""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._inifile import is_true, read_entries
from secaudit.tables.host._passwd import Home, read_accounts

FOLDERS = (
    "/usr/share/wayland-sessions",
    "/usr/share/xsessions",
    "/usr/local/share/wayland-sessions",
    "/usr/local/share/xsessions",
)
IGNORED = ("lightdm-xsession", "xsession", "default", "guest")
"""Entries that start whatever else is the default, so they are no desktop of their own."""

_NAMES = (
    # The first word that occurs in DesktopNames, the file's name or the program decides.
    ("budgie", "budgie"),
    ("cinnamon", "cinnamon"),
    ("mate", "mate"),
    ("xfce", "xfce"),
    ("hyprland", "hyprland"),
    ("sway", "sway"),
    ("i3", "i3"),
    ("lxqt", "lxqt"),
    ("lxde", "lxde"),
    ("cosmic", "cosmic"),
    ("pantheon", "pantheon"),
    ("unity", "unity"),
    ("plasma", "kde"),
    ("kde", "kde"),
    ("gnome", "gnome"),
    ("ubuntu", "gnome"),
    ("pop", "gnome"),
)


class Session(NamedTuple):
    """One entry of the login screen's list."""

    name: str
    """The file's name without .desktop."""
    desktop: str
    """gnome, kde, xfce, cinnamon, mate, budgie, sway, hyprland, i3, lxqt, lxde ... or the session's own name."""


def installed_sessions(reader: HomeReader) -> list[Session]:
    """Every desktop session that can be chosen at login; none on a server."""
    found: dict[str, Session] = {}
    for folder in FOLDERS:
        for path in reader.matching(folder, "*.desktop"):
            name = path.rsplit("/", 1)[-1][: -len(".desktop")]
            if name in IGNORED or name in found:
                continue
            entries = {
                entry.key: entry.value
                for entry in read_entries(reader.text(path) or "")
                if entry.group == "Desktop Entry"
            }
            program = entries.get("TryExec", "")
            if is_true(entries.get("Hidden", "")) or (program and not _is_installed(reader, program)):
                continue
            found[name] = Session(name, _desktop(name, entries.get("DesktopNames", ""), entries.get("Exec", "")))
    return list(found.values())


def _is_installed(reader: HomeReader, program: str) -> bool:
    if "/" not in program:
        return reader.target.find_program(program) is not None
    return reader.stat(program) is not None


def _desktop(name: str, desktop_names: str, command: str) -> str:
    for text in (desktop_names, name, command.rsplit("/", 1)[-1]):
        lower = text.lower()
        for word, desktop in _NAMES:
            if word in lower:
                return desktop
    return (desktop_names.partition(";")[0] or name).lower()


def people(reader: HomeReader) -> list[Home]:
    """Home folders of the people who may sit at the screen: not root, and not those whose shell refuses login."""
    homes = reader.homes()
    if not homes:
        return []
    refused = {account.username for account in read_accounts(reader.target) if not account.can_log_in}
    return [home for home in homes if home.uid != 0 and home.username not in refused]


def desktops_of(reader: HomeReader, home: Home, sessions: list[Session]) -> list[str]:
    """The desktop that this person chose last; every installed one when that is not known."""
    by_name = {session.name: session.desktop for session in sessions}
    every = list(dict.fromkeys(by_name.values()))
    if len(every) <= 1:
        return every
    for path, group in (
        (f"/var/lib/AccountsService/users/{home.username}", "User"),
        (f"{home.directory}/.dmrc", "Desktop"),
    ):
        try:
            text = reader.target.read_text(path)
        except OSError:  # root's file; without it every desktop is told, which is the careful answer
            continue
        for entry in read_entries(text):
            if entry.group == group and entry.key in ("Session", "XSession") and entry.value in by_name:
                return [by_name[entry.value]]
    return every
