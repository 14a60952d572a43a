"""vnc_servers: VNC servers that services start, if they ask for a password, and who reaches them. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._systemd import Units

X11VNC_PASSWORD = ("-rfbauth", "-passwd", "-passwdfile", "-usepw", "-unixpw", "-unixpw_nis", "-svc", "-ssh")
TIGERVNC = ("xvnc", "xtigervnc", "x0vncserver", "x0tigervncserver")
WRAPPERS = ("vncserver", "tigervncserver", "vncsession-start", "tigervncsession-start", "vncserver-virtual", "wayvnc")
"""Programs that read their settings from files of a person, which are not followed."""
NO_WORDS = ("0", "no", "off", "false")
COMMAND_SIGNS = "@-:+!|"


class VncServer(NamedTuple):
    """One command of one service."""

    name: str
    """The unit."""
    program: str
    asks_password: int | None
    """NULL when a file decides that is not followed here."""
    is_local: int | None
    """1 when only this machine reaches it; NULL as above."""
    path: str
    line: int


@table(targets={"host", "root"})
def vnc_servers(target: Target) -> Iterator[VncServer]:
    """Yield one row per service that starts x11vnc, a server of TigerVNC or wayvnc at boot or on request.

    Source: x11vnc(1), Xvnc(1) and x0vncserver(1) of TigerVNC.

    Raises:
        Absent: no service starts one.
        Partial: unit files could not be read.
    """
    units = Units(target)
    seen = False
    for name in units.started():
        for one in units.settings(name) if name.endswith(".service") else ():
            words = [word.strip("\"'") for word in one.value.split()]
            if one.key != "ExecStart" or one.section != "Service" or not words:
                continue
            program = words[0].lstrip(COMMAND_SIGNS).rpartition("/")[2]
            row = _row(target, program, words[1:])
            if row is not None:
                seen = True
                yield VncServer(name, program, row[0], row[1], one.path, one.line)
    if units.unread:
        shown = ", ".join(units.unread[:3])
        raise Partial(f"these unit files could not be read: {shown}", None if target.is_root else "root")
    if not seen:
        raise Absent("no service starts a VNC server")


def _row(target: Target, program: str, words: list[str]) -> Optional[tuple[int | None, int | None]]:
    if any("$" in word for word in words) and program.lower() in ("x11vnc", *TIGERVNC):
        return None, None
    if program == "x11vnc":
        return _x11vnc(target, words)
    if program.lower() in TIGERVNC:
        return _tigervnc(words)
    return (None, None) if program in WRAPPERS else None


def _x11vnc(target: Target, words: list[str]) -> tuple[int | None, int | None]:
    """Without an option it asks for nothing and listens on all addresses."""
    asks: int | None = int(any(word in X11VNC_PASSWORD for word in words))
    listen = _value(words, "-listen")
    local: int | None = int("-localhost" in words or (listen is not None and _settings.beyond([listen]) == "0"))
    if "-norc" not in words and (_has_file(target, "/root/.x11vncrc") or "-rc" in words):
        asks, local = asks or None, local or None  # that file may add an option
    return asks, local


def _tigervnc(words: list[str]) -> tuple[int | None, int | None]:
    """Options are `-name value`, `-name=value` or `name=value`, in any case; a switch alone is on."""
    asks, local = 1, 0
    for position, word in enumerate(words):
        name, sign, value = word.lstrip("-").partition("=")
        following = words[position + 1] if position + 1 < len(words) else ""
        value = value if sign else following
        if name.lower() == "securitytypes":
            asks = int(not any(kind.strip().lower() in ("none", "tlsnone", "x509none") for kind in value.split(",")))
        elif name.lower() == "localhost":
            local = int(value.lower() not in NO_WORDS)
        elif name.lower() == "interface":
            local = int(_settings.beyond([value]) == "0")
    return asks, local


def _value(words: list[str], name: str) -> str | None:
    places = [position for position, word in enumerate(words) if word == name]
    return words[places[-1] + 1] if places and places[-1] + 1 < len(words) else None


def _has_file(target: Target, path: str) -> bool:
    try:
        return target.exists(path)
    except OSError:
        return True
