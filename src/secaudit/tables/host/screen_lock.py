"""screen_lock: whether and when the screen of each person locks. As osquery's `screenlock` (macOS), for Linux."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._dconf import Settings
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._lockers import Seat, look
from secaudit.tables.host._sessions import desktops_of, installed_sessions, people


class ScreenLock(NamedTuple):
    """One person at one desktop."""

    username: str
    desktop: str
    """gnome, kde, xfce, cinnamon, mate, budgie, sway, hyprland, i3, lxde, or the name of one that we do not know."""
    lock_enabled: int | None
    """1 when an idle screen asks for the password. NULL when it cannot be told."""
    idle_delay_s: int | None
    """Idle time until the screen goes dark; 0 for never."""
    lock_delay_s: int | None
    """From dark to locked."""
    path: str | None
    """The file or database that decided; NULL for built-in defaults."""


@table(targets={"host", "root"})
def screen_lock(target: Target) -> Iterator[ScreenLock]:
    """Yield one row per person and desktop: the one chosen at the last login, or every installed one.

    Values are the effective ones: locks and defaults of the administrator, then the person's own, then those that the
    installed version has built in.

    Source: `_lockers`.

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
            lock = look(Seat(reader, settings, home), desktop)
            yield ScreenLock(home.username, desktop, *lock)
    reader.finish()
