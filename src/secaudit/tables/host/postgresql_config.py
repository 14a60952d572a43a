"""postgresql_config: what each PostgreSQL cluster would use. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _pgconf, _settings
from secaudit.tables.host._settings import Setting

DEFAULTS = {
    "listen_addresses": "localhost",
    "port": "5432",
    "ssl": "off",
    "log_connections": "off",
    "log_disconnections": "off",
    "unix_socket_permissions": "0777",
    "row_security": "on",
}
TRUE_WORDS = ("on", "true", "yes", "1", "t", "y")
SWITCHES = ("ssl", "log_connections", "log_disconnections", "row_security", "fsync")


@table(targets={"host", "root"})
def postgresql_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of each cluster; `instance` is `15/main` on Debian, else the data folder.

    Switches are `on` and `off`; `listens_network` is 1 when other machines
    reach it. Options on the command line and of single roles or databases are not read.

    Source: https://www.postgresql.org/docs/current/runtime-config.html

    Raises:
        Absent: no server is installed.
        Partial: a file could not be read; the data folder is open to postgres and root only.
    """
    _settings.require(target, "PostgreSQL", _pgconf.PROGRAMS, _pgconf.UNITS, _pgconf.PLACES)
    unread: list[str] = []
    for cluster in _pgconf.clusters(target, unread):
        found = {name: _plain(one) for name, one in cluster.settings.items()}
        rows = _settings.effective(cluster.name, found, {**DEFAULTS, **_by_version(cluster.version)})
        yield from rows
        for row in rows:
            if row.name == "listen_addresses":
                yield row._replace(name="listens_network", value=_settings.beyond((row.value or "").split(",")))
    _settings.finish(target, unread)


def _by_version(version: int | None) -> dict[str, str | None]:
    """Built-in values that changed: release notes of PostgreSQL 13 and 14."""
    if version is None:
        return {"password_encryption": None, "ssl_min_protocol_version": None}
    return {
        "password_encryption": "scram-sha-256" if version >= 14 else "md5",
        "ssl_min_protocol_version": "TLSv1.2" if version >= 13 else "TLSv1",
    }


def _plain(one: Setting) -> Setting:
    value = one.value or ""
    if "password" in one.name and one.name != "password_encryption":
        return one._replace(value="set" if value else "")
    if one.name in SWITCHES:
        return one._replace(value="on" if value.lower() in TRUE_WORDS else "off")
    return one
