"""cups_config: where the printing service listens and who may manage it. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

MAIN = "/etc/cups/cupsd.conf"
DEFAULTS = {"browsing": "No", "webinterface": "Yes", "defaultauthtype": "Basic", "remote_any": "0"}
LISTENERS = ("listen", "port", "ssllisten", "sslport")


@table(targets={"host", "root"})
def cups_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of cupsd.conf: listen addresses (one row each), browsing, and access to `/` and `/admin`.

    `access /admin` holds the Allow, Deny, Require and AuthType lines of that place, separated by commas; '' when it
    has none, and then only this machine may ask. `listens_network` is 1 when an address is not of this machine alone.

    Source: cupsd.conf(5).

    Raises:
        Absent: CUPS is not installed.
        Partial: the file could not be read.
    """
    _settings.require(target, "CUPS", ("cupsd",), ("cups.service", "org.cups.cupsd.service"))
    unread: list[str] = []
    text = _settings.read(target, MAIN, unread)
    found: dict[str, Setting] = {}
    place, place_line = "", 0
    rules: dict[str, tuple[list[str], int]] = {}
    network: Setting | None = None
    in_limit = False
    for number, raw in enumerate((text or "").splitlines(), 1):
        words = raw.partition("#")[0].split()
        if not words:
            continue
        name, value = words[0].lower(), " ".join(words[1:])
        if name == "<location":
            place, place_line = value.rstrip(">").strip(), number
            rules[place] = ([], place_line)
        elif name == "</location>":
            place = ""
        elif name in ("<limit", "<policy", "<limitexcept"):
            in_limit = True
        elif name in ("</limit>", "</policy>", "</limitexcept>"):
            in_limit = False
        elif place:
            if name in ("allow", "deny", "require", "authtype", "order"):
                rules[place][0].append(f"{name} {value}".lower())
        elif not in_limit and name in LISTENERS:
            yield Setting("", "listen", value if "listen" in name else f"*:{value}", MAIN, number)
            if "port" in name or not value.startswith(("/", "localhost", "127.", "[::1]")):
                network = Setting("", "listens_network", "1", MAIN, number)
        elif not in_limit and name in ("browsing", "webinterface"):
            yes = value.lower() in ("yes", "on", "true", "1")
            found[name] = Setting("", name, "Yes" if yes else "No", MAIN, number)
        elif not in_limit and name == "defaultauthtype":
            found[name] = Setting("", name, value, MAIN, number)
    yield from _settings.effective("", found, {key: value for key, value in DEFAULTS.items() if key != "remote_any"})
    for name in ("/", "/admin"):
        lines, line = rules.get(name, ([], 0))
        yield Setting("", f"access {name}", ", ".join(lines), MAIN if line else None, line or None)
    if text is not None or not unread:
        yield network or Setting("", "listens_network", "0", None, None)
    _settings.finish(target, unread)
