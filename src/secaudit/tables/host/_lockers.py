"""What each desktop does with an idle screen: whether it locks, after which time, with which grace.

Sources: GSettings schemas of GNOME, Cinnamon and MATE; kscreenlockersettings.kcfg of KDE Plasma (5.18 to 6.3);
gs-prefs.c of xfce4-screensaver 4.18; light-locker(1); xscreensaver(1); swayidle(1); hypridle's wiki; xss-lock(1),
xautolock(1).
"""

from __future__ import annotations

import re
from typing import Callable, NamedTuple

from secaudit.tables.host._dconf import Answer, Settings
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._inifile import Entry, is_true, read_entries
from secaudit.tables.host._passwd import Home
from secaudit.tables.host._xfconf import Channel


class Lock(NamedTuple):
    """How the screen of one person locks."""

    lock_enabled: int | None
    """1 when an idle screen asks for the password."""
    idle_delay_s: int | None
    """0 for never."""
    lock_delay_s: int | None
    """Between blank and locked."""
    path: str | None
    """The file that decided first; None where all are built-in defaults."""


UNKNOWN = Lock(None, None, None, None)
X_SERVER_IDLE_S = 600
"""The X server's own screen saver time, Xserver(1) `-s`."""


class Seat(NamedTuple):
    """One person at one desktop, and the means to look."""

    reader: HomeReader
    settings: Settings
    home: Home


def look(seat: Seat, desktop: str) -> Lock:
    """How this desktop locks for this person; all NULL for a desktop that we do not know."""
    method = _DESKTOPS.get(desktop)
    return UNKNOWN if method is None else method(seat)


# ---------------------------------------------------------------- GSettings: GNOME and its relatives


def _gsettings(seat: Seat, prefix: str, session: str, screensaver: str, unit_s: int, activation: bool) -> Lock:
    def ask(schema: str, key: str) -> Answer:
        return seat.settings.get(seat.home.directory, f"{prefix}.{schema}", key)

    enabled = ask(screensaver, "lock-enabled")
    forbidden = ask("lockdown", "disable-lock-screen") if not activation else Answer(False, None)
    idle = ask(session, "idle-delay")
    delay = ask(screensaver, "lock-delay")
    lock_enabled = _number(enabled.value)
    if forbidden.value is True:
        lock_enabled = 0
    idle_s = _times(idle.value, unit_s)
    if activation and ask(screensaver, "idle-activation-enabled").value is False:
        idle_s = 0  # MATE and old GNOME: the screen saver never starts by itself
    paths = [answer.path for answer in (enabled, idle, delay, forbidden) if answer.path is not None]
    return Lock(lock_enabled, idle_s, _times(delay.value, unit_s), paths[0] if paths else None)


def _gnome(seat: Seat) -> Lock:
    return _gsettings(seat, "org.gnome.desktop", "session", "screensaver", 1, activation=False)


def _cinnamon(seat: Seat) -> Lock:
    return _gsettings(seat, "org.cinnamon.desktop", "session", "screensaver", 1, activation=False)


def _mate(seat: Seat) -> Lock:
    return _gsettings(seat, "org.mate", "session", "screensaver", 60, activation=True)


def _number(value: object) -> int | None:
    return int(value) if isinstance(value, (bool, int)) else None


def _times(value: object, unit_s: int) -> int | None:
    return max(0, int(value) * unit_s) if isinstance(value, int) else None


# ---------------------------------------------------------------- KDE Plasma


def _kde(seat: Seat) -> Lock:
    values: dict[str, tuple[str, str]] = {}
    locked: set[str] = set()
    for path in ("/etc/xdg/kscreenlockerrc", f"{seat.home.directory}/.config/kscreenlockerrc"):
        text = seat.reader.text(path)
        if text is None and seat.reader.failed(path):
            return UNKNOWN
        here: list[Entry] = [entry for entry in read_entries(text or "") if entry.group == "Daemon"]
        for entry in here:
            if entry.key not in locked:
                values[entry.key] = (entry.value, path)
        locked.update(entry.key for entry in here if entry.locked)

    def get(key: str, default: str) -> str:
        return values.get(key, (default, ""))[0]

    minutes, grace = _whole(get("Timeout", "5")), _whole(get("LockGrace", "5"))
    enabled = is_true(get("Autolock", "true")) and is_true(get("RequirePassword", "true")) and (grace or 0) >= 0
    idle_s = None if minutes is None else max(0, minutes * 60)
    decided = [values[key][1] for key in ("Autolock", "Timeout", "LockGrace") if key in values]
    return Lock(int(enabled), idle_s, None if grace is None else max(0, grace), decided[0] if decided else None)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text.strip()) else None


# ---------------------------------------------------------------- X11 with a separate locker: Xfce, LXDE, LXQt


def _x11(seat: Seat) -> Lock:
    reader = seat.reader
    for program, method in (
        ("xfce4-screensaver", _xfce_screensaver),
        ("light-locker", _light_locker),
        ("xscreensaver", _xscreensaver),
    ):
        if reader.target.find_program(program) is not None and not _is_switched_off(seat, program):
            return method(seat)
    for program in ("mate-screensaver", "cinnamon-screensaver", "gnome-screensaver", "xss-lock", "xautolock", "i3lock"):
        if reader.target.find_program(program) is not None:  # started by means that we do not follow
            return UNKNOWN
    return Lock(0, None, None, None)


def _is_switched_off(seat: Seat, program: str) -> bool:
    """A person may switch a program off with an entry of the same name, Desktop Application Autostart Specification."""
    text = seat.reader.text(f"{seat.home.directory}/.config/autostart/{program}.desktop")
    entries = {entry.key: entry.value for entry in read_entries(text or "") if entry.group == "Desktop Entry"}
    return is_true(entries.get("Hidden", ""))


def _xfce_screensaver(seat: Seat) -> Lock:
    channel = Channel(seat.reader, seat.home.directory, seat.home.username, "xfce4-screensaver")
    if not channel.readable:
        return UNKNOWN
    paths: list[str] = []

    def get(key: str, default: str) -> str:
        value, path = channel.text(key, default)
        if path is not None:
            paths.append(path)
        return value

    enabled = all(
        is_true(get(key, "true")) for key in ("/saver/enabled", "/lock/enabled", "/lock/saver-activation/enabled")
    )
    idle = _whole(get("/saver/idle-activation/delay", "5"))
    if not is_true(get("/saver/idle-activation/enabled", "true")):
        idle = 0
    delay = _whole(get("/lock/saver-activation/delay", "0"))
    return Lock(int(enabled), _times(idle, 60), _times(delay, 60), paths[0] if paths else None)


def _light_locker(seat: Seat) -> Lock:
    """It locks when the X server's screen saver starts, whose time xfce4-power-manager sets."""
    after = seat.settings.get(seat.home.directory, "apps.light-locker", "lock-after-screensaver")
    seconds = _number(after.value)
    idle_s: int | None = X_SERVER_IDLE_S
    path = after.path
    if seat.reader.target.find_program("xfce4-power-manager") is not None:
        channel = Channel(seat.reader, seat.home.directory, seat.home.username, "xfce4-power-manager")
        idle_s = None
        if channel.readable:
            times = []
            for key in ("blank-on-ac", "blank-on-battery"):
                value, where = channel.text(f"/xfce4-power-manager/{key}", "10")
                path = path or where
                times.append(_whole(value))
            known = [time for time in times if time is not None]
            idle_s = 0 if 0 in known else max(known) * 60 if known else None
    return Lock(None if seconds is None else int(seconds > 0), idle_s, seconds, path)


def _xscreensaver(seat: Seat) -> Lock:
    """`~/.xscreensaver`, in the form `name: value`; it does not lock unless told."""
    path = f"{seat.home.directory}/.xscreensaver"
    text = seat.reader.text(path)
    if text is None and seat.reader.failed(path):
        return UNKNOWN
    values = {"lock": "False", "timeout": "0:10:00", "lockTimeout": "0:00:00", "mode": "random"}
    for line in (text or "").splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith(("#", "!")):
            values[name.strip()] = value.strip()
    enabled = is_true(values["lock"]) and values["mode"] != "off"
    where = None if text is None else path
    return Lock(int(enabled), _clock(values["timeout"]), _clock(values["lockTimeout"]), where)


def _clock(text: str) -> int | None:
    """Seconds of `0:10:00`."""
    parts = text.split(":")
    if len(parts) != 3 or not all(part.isdigit() and len(part) < 5 for part in parts):
        return None
    return int(parts[0]) * 3600 + int(parts[1]) * 60 + int(parts[2])


# ---------------------------------------------------------------- window managers that start a locker themselves

_LOCK_PROGRAM = re.compile(
    r"\b(?:swaylock|gtklock|waylock|hyprlock|i3lock|slock|physlock|xsecurelock|betterlockscreen|lock-session)"
)
_TIMEOUT = re.compile(r"\btimeout\s{1,20}([0-9]{1,7})\s{1,20}(\"[^\"]{0,500}\"|'[^']{0,500}'|\S{1,500})")
_IDLE_DAEMON = re.compile(r"\b(?:swayidle|hypridle|wayidle|stasis|xss-lock|xautolock|xidlehook|sway-idle)\b")
_INCLUDE = re.compile(r"^\s{0,40}include\s{1,10}(\S{1,500})", re.MULTILINE)
_AUTOLOCK_TIME = re.compile(r"\bxautolock\b[^\n]{0,300}?\s-time\s{1,5}([0-9]{1,4})\b")
_XSET_TIME = re.compile(r"\bxset\s{1,5}s\s{1,5}([0-9]{1,6})\b")
_LISTENER = re.compile(r"listener\s{0,10}\{([^}]{0,3000})\}")
MAX_INCLUDES = 50


def _without_comments(text: str) -> str:
    joined = text.replace("\\\n", " ")
    return "\n".join(line for line in joined.splitlines() if not line.lstrip().startswith("#"))


def _window_manager(seat: Seat, candidates: tuple[str, ...]) -> tuple[str, str] | None:
    """The first existing configuration, with its includes put behind it; None when it could not be read."""
    for path in candidates:
        text = seat.reader.text(path)
        if text is None:
            if seat.reader.failed(path):
                return None
            continue
        parts = [_without_comments(text)]
        patterns = _INCLUDE.findall(parts[0])
        if len(patterns) > MAX_INCLUDES:
            seat.reader.broken(f"{path} has more than {MAX_INCLUDES} includes")
            return None
        for pattern in patterns:
            pattern = pattern.replace("~", seat.home.directory, 1).replace("$HOME", seat.home.directory, 1).strip("\"'")
            if not pattern.startswith("/"):
                pattern = f"{path.rsplit('/', 1)[0]}/{pattern}"
            places = seat.reader.expand("", pattern.lstrip("/"))
            if len(places) > MAX_INCLUDES:
                seat.reader.broken(f"{path} includes more than {MAX_INCLUDES} files")
                return None
            for place in places:
                parts.append(_without_comments(seat.reader.text(place) or ""))
                if seat.reader.failed(place):
                    return None
        return "\n".join(parts), path
    return None


def _timeouts(text: str) -> list[int]:
    """Times after which swayidle starts a locker."""
    return [int(seconds) for seconds, command in _TIMEOUT.findall(text) if _LOCK_PROGRAM.search(command)]


def _sway(seat: Seat) -> Lock:
    home = seat.home.directory
    found = _window_manager(seat, (f"{home}/.sway/config", f"{home}/.config/sway/config", "/etc/sway/config"))
    if found is None:
        return UNKNOWN
    text, path = found
    if "swayidle" in text:
        times = _timeouts(text)
        if times:
            return Lock(1, min(times), 0, path)
    for own in (f"{home}/.config/swayidle/config", f"{home}/.swayidle/config", "/etc/swayidle/config"):
        idle_text = seat.reader.text(own)
        if idle_text is None:
            continue
        times = _timeouts(_without_comments(idle_text))
        if times and ("swayidle" in text or _has_unit(seat, "swayidle")):
            return Lock(1, min(times), 0, own)
        return UNKNOWN if times else Lock(0, 0, None, own)
    if _IDLE_DAEMON.search(text) or _has_unit(seat, "swayidle") or _has_unit(seat, "hypridle"):
        return UNKNOWN
    return Lock(0, 0, None, path)


def _hyprland(seat: Seat) -> Lock:
    home = seat.home.directory
    path = f"{home}/.config/hypr/hypridle.conf"
    text = seat.reader.text(path)
    if text is None:
        return UNKNOWN if seat.reader.failed(path) else Lock(0, 0, None, None)
    times = []
    for body in _LISTENER.findall(_without_comments(text)):
        time = re.search(r"^\s{0,40}timeout\s{0,9}=\s{0,9}([0-9]{1,7})", body, re.MULTILINE)
        command = re.search(r"^\s{0,40}on-timeout\s{0,9}=([^\n]{1,500})", body, re.MULTILINE)
        if time and command and _LOCK_PROGRAM.search(command.group(1)):
            times.append(int(time.group(1)))
    if not times:
        return Lock(0, 0, None, path)
    main = seat.reader.text(f"{home}/.config/hypr/hyprland.conf") or ""
    started = "hypridle" in _without_comments(main) or _has_unit(seat, "hypridle")
    return Lock(1 if started else None, min(times), 0, path)


def _i3(seat: Seat) -> Lock:
    home = seat.home.directory
    found = _window_manager(
        seat, (f"{home}/.config/i3/config", f"{home}/.i3/config", "/etc/xdg/i3/config", "/etc/i3/config")
    )
    if found is None:
        return UNKNOWN
    text, path = found
    minutes = _AUTOLOCK_TIME.search(text)
    if minutes:
        return Lock(1, int(minutes.group(1)) * 60, 0, path)
    if re.search(r"\bxss-lock\b", text):
        seconds = _XSET_TIME.search(text)
        return Lock(1, int(seconds.group(1)) if seconds else X_SERVER_IDLE_S, 0, path)
    return UNKNOWN if _IDLE_DAEMON.search(text) else Lock(0, 0, None, path)


def _has_unit(seat: Seat, name: str) -> bool:
    """Whether a user unit of this name is enabled."""
    for base in (f"{seat.home.directory}/.config/systemd/user", "/etc/systemd/user"):
        for folder in seat.reader.names(base):
            if folder.endswith((".wants", ".requires")) and f"{name}.service" in seat.reader.names(f"{base}/{folder}"):
                return True
    return False


_DESKTOPS: dict[str, Callable[[Seat], Lock]] = {
    "gnome": _gnome,
    "budgie": _gnome,
    "pantheon": _gnome,
    "unity": _gnome,
    "cinnamon": _cinnamon,
    "mate": _mate,
    "kde": _kde,
    "xfce": _x11,
    "lxde": _x11,
    "sway": _sway,
    "hyprland": _hyprland,
    "i3": _i3,
}
