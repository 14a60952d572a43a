"""mongodb_config: what the MongoDB server would use. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _yamlconf
from secaudit.tables.host._settings import Setting

FILES = ("/etc/mongod.conf", "/etc/mongodb.conf", "/etc/mongo.conf")
DEFAULTS = {
    "net.bindIp": "localhost",
    "net.bindIpAll": "false",
    "net.port": "27017",
    "net.tls.mode": "disabled",
    "security.authorization": "disabled",
    "security.javascriptEnabled": "true",
}
"""Built-in values since MongoDB 3.6."""

OLD_NAMES = {
    "bind_ip": "net.bindIp",
    "bind_ip_all": "net.bindIpAll",
    "port": "net.port",
    "auth": "security.authorization",
}
"""Of the old form, one `name = value` a line."""


OPTIONS = r"--(?:bind_ip|auth|noauth)"
"""On the command line of a unit these would win."""


@table(targets={"host", "root"})
def mongodb_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of mongod.conf by their dotted names, in the new form (YAML) or the old one.

    `listens_network` is 1 when other machines reach it.

    Source: https://www.mongodb.com/docs/manual/reference/configuration-options/

    Raises:
        Absent: MongoDB is not installed.
        Partial: the file could not be read or not be understood.
    """
    _settings.require(target, "MongoDB", ("mongod",), ("mongod.service", "mongodb.service"))
    unread: list[str] = []
    seen = False
    for path in FILES:
        text = _settings.read(target, path, unread)
        if text is None:
            continue
        seen = True
        found = _old(path, text) if re.search(r"^\s*\w+\s*=", text, re.MULTILINE) else _new(path, text, unread)
        yield from _finished(path, found)
    if not seen and not unread:
        yield from _finished("", {})
    _settings.command_line(target, ("mongod.service", "mongodb.service"), OPTIONS, unread)
    _settings.finish(target, unread)


def _finished(instance: str, found: dict[str, Setting]) -> Iterator[Setting]:
    rows = {row.name: row for row in _settings.effective(instance, found, DEFAULTS)}
    yield from rows.values()
    bound = rows["net.bindIp"]
    if (rows["net.bindIpAll"].value or "").lower() == "true":
        yield rows["net.bindIpAll"]._replace(name="listens_network", value="1")
    else:
        yield bound._replace(name="listens_network", value=_settings.beyond((bound.value or "*").split(",")))


def _new(path: str, text: str, unread: list[str]) -> dict[str, Setting]:
    entries, odd = _yamlconf.read(text)
    if odd:
        unread.append(f"{path}:{odd[0]} (not understood)")
    found: dict[str, Setting] = {}
    for name, entry in entries.items():
        name = name.replace("net.ssl.", "net.tls.")
        value = "set" if re.search(r"password|secret", name, re.IGNORECASE) else entry.value
        if name == "net.tls.mode":
            value = value.replace("SSL", "TLS")
        found[name] = Setting(path, name, value, path, entry.line)
    return found


def _old(path: str, text: str) -> dict[str, Setting]:
    found: dict[str, Setting] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        name, sign, value = raw.partition("#")[0].partition("=")
        key = OLD_NAMES.get(name.strip())
        if sign and key:
            word = value.strip()
            if key == "security.authorization":
                word = "enabled" if word.lower() in ("true", "1", "yes") else "disabled"
            found[key] = Setting(path, key, word, path, number)
        elif sign and name.strip() == "noauth" and value.strip().lower() == "true":
            found["security.authorization"] = Setting(path, "security.authorization", "disabled", path, number)
    return found
