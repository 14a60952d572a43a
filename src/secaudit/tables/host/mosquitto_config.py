"""mosquitto_config: who may connect to each listener of the Mosquitto message broker. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _sockets

MAIN = "/etc/mosquitto/mosquitto.conf"
VERSION = rb"mosquitto version (\d{1,2}\.\d{1,2}\.\d{1,3})"
CREDENTIALS = ("password_file", "psk_file", "plugin", "auth_plugin", "global_plugin")
TLS = ("certfile", "psk_hint")
LOCAL = ("loopback", "socket")


class MosquittoListener(NamedTuple):
    """One place where clients connect."""

    listener: str
    """Port and address as written; `1883` for the built-in one."""
    address_scope: str
    """loopback, socket, any, private, public, unknown (a name)."""
    allow_anonymous: int | None
    """1 when clients need no name. NULL: the version, on which the built-in value depends, is not known."""
    is_tls: int
    path: str | None
    """NULL for the built-in listener."""
    line: int | None


class _Listener:
    def __init__(self, words: list[str], path: str | None, line: int | None) -> None:
        self.words = words
        self.path = path
        self.line = line
        self.options: dict[str, str] = {}


@table(targets={"host", "root"})
def mosquitto_config(target: Target) -> Iterator[MosquittoListener]:
    """Yield one row per listener.

    Source: mosquitto.conf(5); the rules about anonymous clients are those since version 2.0 or before.

    Raises:
        Absent: Mosquitto is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "Mosquitto", ("mosquitto",), ("mosquitto.service",))
    unread: list[str] = []
    default = _Listener(["1883"], None, None)
    listeners: list[_Listener] = []
    common: dict[str, str] = {}
    _read(target, MAIN, unread, common, default, listeners, 0)
    version: tuple[int, ...] | None = None
    if "allow_anonymous" not in common:
        version = _settings.version_in(target, ("mosquitto",), VERSION) or _settings.version_in(
            target, ("mosquitto",), rb"\x00(2\.\d{1,2}\.\d{1,3}|1\.\d{1,2}\.\d{1,3})\x00"
        )
    apart = common.get("per_listener_settings", "false") == "true"
    # since 2.0, without any listener the built-in one is for this machine only and lets everybody in
    only_default = not listeners and default.path is None
    for one in ([default] if only_default or default.path is not None else []) + listeners:
        options = one.options if apart else {**common, **one.options}
        yield _row(one, options, version, only_default)
    _settings.finish(target, unread)


def _row(one: _Listener, options: dict[str, str], version: tuple[int, ...] | None, only: bool) -> MosquittoListener:
    address = " ".join(one.words[1:])
    if len(one.words) > 1 and one.words[0] == "0":
        scope = "socket"
    else:
        scope = "any" if not address else "loopback" if address == "localhost" else _sockets.scope(address)
    said = options.get("allow_anonymous")
    anonymous: int | None
    if said is not None:
        anonymous = int(said == "true")
    elif any(name in options for name in CREDENTIALS):
        anonymous = 0 if version is not None and version >= (2,) else None if version is None else 1
    elif version is None:
        anonymous = None
    else:
        anonymous = int(version < (2,) or only)
    if only and not address:
        scope = "loopback" if version is not None and version >= (2,) else "any"
    tls = int(any(name in options for name in TLS))
    return MosquittoListener(" ".join(one.words), scope, anonymous, tls, one.path, one.line)


def _read(
    target: Target, path: str, unread: list[str], common: dict[str, str], default: _Listener,
    listeners: list[_Listener], depth: int,
) -> None:  # fmt: skip
    text = _settings.read(target, path, unread) if depth < 5 else None
    for number, raw in enumerate((text or "").splitlines(), 1):
        words = raw.split()
        if not words or words[0].startswith("#"):
            continue
        name, value = words[0], " ".join(words[1:])
        if name == "include_dir":
            for one in _settings.expand(target, value.rstrip("/") + "/*.conf", unread):
                _read(target, one, unread, common, default, listeners, depth + 1)
        elif name == "listener":
            listeners.append(_Listener(words[1:] or ["1883"], path, number))
        elif name in ("port", "bind_address"):
            default.path, default.line = path, number
            default.words = [value, *default.words[1:]] if name == "port" else [default.words[0], value]
        elif (
            listeners
            and name in (*TLS, "allow_anonymous", *CREDENTIALS)
            and (name in TLS or common.get("per_listener_settings") == "true")
        ):
            listeners[-1].options[name] = value
        elif name in (*TLS,):
            default.options[name] = value
        else:
            common[name] = value
