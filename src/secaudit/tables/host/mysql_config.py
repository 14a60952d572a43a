"""mysql_config: what the MySQL or MariaDB server would use. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _mycnf, _settings
from secaudit.tables.host._settings import Setting

KEPT = "/var/lib/mysql/mysqld-auto.cnf"
PROGRAMS = ("mariadbd", "mysqld")
UNITS = ("mariadb.service", "mysql.service", "mysqld.service")
GROUPS = {
    "mariadb": re.compile(
        r"mysqld|server|mysqld-1[0-9]\.\d+|mariadb|mariadbd|mariadb(?:d)?-1[0-9]\.\d+|client-server|galera"
    ),
    "mysql": re.compile(r"mysqld|server|mysqld-[589]\.\d+"),
}
"""Groups that the server reads. Those for one version are taken for the installed one."""

COMMON = {
    "bind-address": "*",
    "port": "3306",
    "skip-networking": "0",
    "skip-grant-tables": "0",
    "require-secure-transport": "0",
    "skip-name-resolve": "0",
    "symbolic-links": "0",
    "log-error": "",
    "ssl-cert": "",
    "tls-version": "TLSv1.2,TLSv1.3",
    "old-passwords": "0",
    "skip-show-database": "0",
    "plugin-maturity": "",
}
DEFAULTS = {
    "mariadb": {**COMMON, "local-infile": "1", "secure-file-priv": ""},
    "mysql": {**COMMON, "local-infile": "0", "secure-file-priv": "NULL"},
}
"""Built-in values of MariaDB 10.5 and later, and MySQL 8."""

SWITCHES = (
    "skip-networking", "skip-grant-tables", "require-secure-transport", "local-infile", "symbolic-links",
    "skip-name-resolve", "skip-show-database",
)  # fmt: skip
SECRETS = re.compile(r"password|passphrase")
TRUE_WORDS = ("1", "on", "true", "yes")


OPTIONS = r"--(?:skip[-_]grant|bind[-_]address|local[-_]infile|secure[-_]file|skip[-_]networking|defaults-)"
"""On the command line of a unit these would win."""


@table(targets={"host", "root"})
def mysql_config(target: Target) -> Iterator[Setting]:
    """Yield the options that the server reads from its option files, the last one of each; switches are 1 and 0.

    `product` is mariadb or mysql; `listens_network` is 1 when other machines
    reach it. Options on the command line, and variables that a running server was told to keep (mysqld-auto.cnf), are
    told as missing.

    Source: https://dev.mysql.com/doc/refman/8.4/en/server-options.html

    Raises:
        Absent: no server is installed.
        Partial: an option file could not be read.
    """
    _settings.require(target, "MySQL or MariaDB", PROGRAMS, UNITS)
    product = "mariadb" if _is_mariadb(target) else "mysql"
    reader = _mycnf.Reader(target, GROUPS[product])
    found: dict[str, Setting] = {}
    for one in reader.options():
        name, value = _meaning(one)
        found[name] = Setting("", name, value, one.path, one.line)
    yield Setting("", "product", product, None, None)
    rows = {row.name: row for row in _settings.effective("", found, DEFAULTS[product])}
    yield from rows.values()
    bound = rows["bind-address"]
    reached = "0" if rows["skip-networking"].value == "1" else _settings.beyond((bound.value or "*").split(","))
    yield bound._replace(name="listens_network", value=reached)
    if _settings.read(target, KEPT, reader.unread) is not None:
        reader.unread.append(f"{KEPT} (settings of SET PERSIST)")
    _settings.command_line(target, UNITS, OPTIONS, reader.unread)
    _settings.finish(target, reader.unread)


def _is_mariadb(target: Target) -> bool:
    if target.find_program("mariadbd") or target.find_program("mariadb"):
        return True
    for path in ("/etc/mysql/mariadb.cnf", "/usr/lib/systemd/system/mariadb.service"):
        try:
            if target.exists(path):
                return True
        except OSError:
            continue
    return False


def _meaning(one: _mycnf.Option) -> tuple[str, str]:
    """Prefixes of names, and switches as 1 and 0: `skip-x` and `disable-x` say no, `enable-x` and `x` alone say yes."""
    name, value = one.name, one.value
    name = name[6:] if name.startswith("loose-") else name
    turned = False
    if name not in SWITCHES:
        for prefix, says_no in (("skip-", True), ("disable-", True), ("enable-", False)):
            if name.startswith(prefix) and name[len(prefix) :] in (*SWITCHES, "ssl", "bind-address"):
                name, turned = name[len(prefix) :], says_no
                break
    if SECRETS.search(name):
        return name, "set" if value else ""
    if name not in SWITCHES:
        return name, "" if value is None else value
    on = value is None or value.strip().lower() in TRUE_WORDS
    return name, str(int(on != turned))
