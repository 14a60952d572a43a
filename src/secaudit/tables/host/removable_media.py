"""removable_media: what a desktop does by itself when a USB stick or disc is put in. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._dconf import Settings
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._inifile import is_true, read_entries
from secaudit.tables.host._passwd import Home
from secaudit.tables.host._sessions import desktops_of, installed_sessions, people
from secaudit.tables.host._xfconf import Channel

_SCHEMAS = {
    "gnome": "org.gnome.desktop.media-handling",
    "budgie": "org.gnome.desktop.media-handling",
    "unity": "org.gnome.desktop.media-handling",
    "pantheon": "org.gnome.desktop.media-handling",
    "cinnamon": "org.cinnamon.desktop.media-handling",
    "mate": "org.mate.media-handling",
}


class RemovableMedia(NamedTuple):
    """One person at one desktop."""

    username: str
    desktop: str
    automount: int | None
    """1 when media are mounted without being asked for."""
    automount_open: int | None
    """1 when a mounted medium is opened in the file manager."""
    autorun: int | None
    """1 when the desktop may start, or offer to start, a program from the medium."""
    path: str | None
    """The file or database that decided; NULL for built-in defaults."""


@table(targets={"host", "root"})
def removable_media(target: Target) -> Iterator[RemovableMedia]:
    """Yield one row per person and desktop.

    Source: GSettings schemas media-handling of GNOME, Cinnamon and MATE; thunar-volman's channel (Xfce);
    kded_device_automounterrc (KDE Plasma, where all of it is off unless switched on).

    Raises:
        Absent: no desktop is installed.
        Partial: settings of somebody could not be read.
    """
    reader = HomeReader(target)
    sessions = installed_sessions(reader)
    if not sessions:
        reader.finish()
        raise Absent("no desktop is installed")
    settings = Settings(reader)
    for home in people(reader):
        for desktop in desktops_of(reader, home, sessions):
            if desktop in _SCHEMAS:
                yield _gsettings(settings, home, desktop)
            elif desktop == "xfce":
                yield _xfce(reader, home)
            elif desktop == "kde":
                yield _kde(reader, home)
            elif desktop in ("sway", "hyprland", "i3"):  # they mount nothing; udiskie and others would be started apart
                yield RemovableMedia(home.username, desktop, *_window_manager(reader), None)
            else:
                yield RemovableMedia(home.username, desktop, None, None, None, None)
    reader.finish()


def _gsettings(settings: Settings, home: Home, desktop: str) -> RemovableMedia:
    answers = [
        settings.get(home.directory, _SCHEMAS[desktop], key) for key in ("automount", "automount-open", "autorun-never")
    ]
    automount, opening, never = (int(answer.value) if isinstance(answer.value, bool) else None for answer in answers)
    paths = [answer.path for answer in answers if answer.path is not None]
    autorun = None if never is None else 1 - never
    return RemovableMedia(home.username, desktop, automount, opening, autorun, paths[0] if paths else None)


def _xfce(reader: HomeReader, home: Home) -> RemovableMedia:
    if reader.target.find_program("thunar-volman") is None:
        return RemovableMedia(home.username, "xfce", 0, 0, 0, None)
    channel = Channel(reader, home.directory, home.username, "thunar-volman")
    if not channel.readable:
        return RemovableMedia(home.username, "xfce", None, None, None, None)
    paths: list[str] = []

    def get(*keys: str) -> int:
        answers = [channel.text(f"/{key}/enabled", "false") for key in keys]
        paths.extend(path for _, path in answers if path is not None)
        return int(any(is_true(value) for value, _ in answers))

    automount, opening, autorun = (
        get("automount-drives", "automount-media"),
        get("autobrowse"),
        get("autorun", "autoopen"),
    )
    return RemovableMedia(home.username, "xfce", automount, opening, autorun, paths[0] if paths else None)


def _kde(reader: HomeReader, home: Home) -> RemovableMedia:
    values: dict[str, str] = {}
    decided: str | None = None
    for path in ("/etc/xdg/kded_device_automounterrc", f"{home.directory}/.config/kded_device_automounterrc"):
        text = reader.text(path)
        if text is None and reader.failed(path):
            return RemovableMedia(home.username, "kde", None, 0, 0, None)
        for entry in read_entries(text or ""):
            if entry.group == "General":
                values[entry.key] = entry.value
                decided = path
    on = is_true(values.get("AutomountEnabled", "false")) and (
        is_true(values.get("AutomountOnPlugin", "true")) or is_true(values.get("AutomountOnLogin", "true"))
    )
    return RemovableMedia(home.username, "kde", int(on), 0, 0, decided)


def _window_manager(reader: HomeReader) -> tuple[int | None, int | None, int | None]:
    helpers = any(reader.target.find_program(name) is not None for name in ("udiskie", "udevil", "devmon", "usbmount"))
    return (None, None, None) if helpers else (0, 0, 0)
