"""Find PostgreSQL clusters and read postgresql.conf with its includes, and postgresql.auto.conf after it.

Source: https://www.postgresql.org/docs/current/config-setting.html
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

CLUSTERS = (
    "/etc/postgresql/*/*/postgresql.conf",
    "/var/lib/pgsql/data/postgresql.conf",
    "/var/lib/pgsql/*/data/postgresql.conf",
    "/var/lib/postgres/data/postgresql.conf",
    "/var/lib/postgresql/*/data/postgresql.conf",
    "/var/lib/postgresql/data/postgresql.conf",
)
PROGRAMS = ("postgres", "pg_ctlcluster", "postgresql-setup")
UNITS = ("postgresql.service", "postgresql@.service")
PLACES = ("/usr/lib/postgresql", "/usr/pgsql-17", "/usr/pgsql-16", "/usr/pgsql-15", "/usr/pgsql-14", "/usr/pgsql-13")
MAX_DEPTH = 10
_LINE = re.compile(r"\s*([A-Za-z_][\w.]*)\s*(?:=\s*|\s+)('(?:[^'\\\n]|''|\\.)*'|[^\s#']+)?")


class Cluster(NamedTuple):
    """One cluster."""

    name: str
    """`15/main` on Debian, else the data folder."""
    main: str
    data: str
    version: int | None
    """Major version."""
    settings: dict[str, Setting]


def clusters(target: Target, unread: list[str]) -> Iterator[Cluster]:
    """Every cluster with its settings; the last one of each name decides."""
    for pattern in CLUSTERS:
        for path in _settings.expand(target, pattern, unread):
            folder = posixpath.dirname(path)
            name = "/".join(folder.split("/")[3:]) if path.startswith("/etc/") else folder
            found: dict[str, Setting] = {}
            text = _settings.read(target, path, unread)
            if text is None:
                continue
            _read(target, name, path, text, found, unread, 0)
            given = found.get("data_directory")
            data = (given.value or folder) if given is not None else folder
            auto = f"{data}/postgresql.auto.conf"
            extra = _settings.read(target, auto, unread)
            if extra is not None:
                _read(target, name, auto, extra, found, unread, 0)
            yield Cluster(name, path, data, _version(target, name, data, unread), found)


def _version(target: Target, name: str, data: str, unread: list[str]) -> int | None:
    text = name if re.match(r"\d+(?:\.\d+)?/", name) else _settings.read(target, f"{data}/PG_VERSION", unread) or ""
    match = re.match(r"\d+", text.strip())
    return int(match.group()) if match else None


def _read(
    target: Target, name: str, path: str, text: str, found: dict[str, Setting], unread: list[str], depth: int
) -> None:
    if depth > MAX_DEPTH:
        unread.append(f"{path} (too many includes)")
        return
    for number, raw in enumerate(text.splitlines(), 1):
        match = _LINE.match(raw)
        if match is None:
            continue
        key, value = match.group(1).lower(), unquote(match.group(2) or "")
        if key not in ("include", "include_if_exists", "include_dir"):
            found[key] = Setting(name, key, value, path, number)
            continue
        place = posixpath.join(posixpath.dirname(path), value)
        places = [place] if key != "include_dir" else _settings.expand(target, f"{place}/*.conf", unread)
        for one in places:
            inner = _settings.read(target, one, unread)
            if inner is not None:
                _read(target, name, one, inner, found, unread, depth + 1)
            elif key == "include" and one not in unread:
                unread.append(f"{one} (not there)")  # the server does not start then


def unquote(text: str) -> str:
    if len(text) < 2 or text[0] != "'" or text[-1] != "'":
        return text
    return re.sub(r"\\(.)", r"\1", text[1:-1].replace("''", "'"))
