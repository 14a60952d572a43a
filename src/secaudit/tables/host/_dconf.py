"""GSettings as a program of the user would see them: dconf databases with their locks, then the schema's default.

Source: dconf(7) "PROFILES", "LOCKS"; dconf_engine_read in dconf's engine; glib-compile-schemas(1).
"""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tables.host._gvdb import Bad, Item, Setting, read_table, read_value
from secaudit.tables.host._homeread import HomeReader

SCHEMAS = ("/usr/local/share/glib-2.0/schemas/gschemas.compiled", "/usr/share/glib-2.0/schemas/gschemas.compiled")
PROFILES = ("/etc/dconf/profile/user", "/usr/local/share/dconf/profile/user", "/usr/share/dconf/profile/user")
MAX_SOURCES = 20


class Answer(NamedTuple):
    """The effective value of a key."""

    value: Setting | None
    """None when it could not be read, or when no such key is known here."""
    path: str | None
    """The database that set it; None for the schema's default."""


UNKNOWN = Answer(None, None)


class _Database(NamedTuple):
    path: str
    data: bytes
    table: dict[str, Item]
    locks: frozenset[str]


class Settings:
    """The schemas and databases of a target; one instance reads each file once."""

    def __init__(self, reader: HomeReader) -> None:
        self._reader = reader
        self._databases: dict[str, _Database | None] = {}
        self._defaults: dict[str, dict[str, Setting | None]] = {}

    def get(self, home: str, schema: str, key: str) -> Answer:
        """The value that the user of this home folder gets."""
        default = self._default(schema, key)
        path = f"/{schema.replace('.', '/')}/{key}"
        sources = self._sources(home)
        start = 0
        for level in range(len(sources) - 1, 0, -1):  # the lock of the last source wins; the first is the user's own
            database = self._open(sources[level])
            if database is not None and path in database.locks:
                start = level
                break
        for source in sources[start:]:
            database = self._open(source)
            if database is None:
                if self._reader.failed(source):  # it may or may not set the key
                    return UNKNOWN
                continue
            item = database.table.get(path)
            if item is None or item.kind != "v":
                continue
            value = read_value(database.data, item)
            if default is not None and type(value) is not type(default):
                continue  # GSettings ignores a value of another type
            return Answer(value, database.path)
        return Answer(default, None)

    def _sources(self, home: str) -> list[str]:
        """The databases of the profile `user`, most important first."""
        text = None
        for path in PROFILES:
            text = self._reader.text(path)
            if text is not None:
                break
        found: list[str] = []
        for line in (text or "user-db:user").splitlines():
            kind, _, name = line.partition("#")[0].strip().partition(":")
            if not name or ("/" in name and kind != "file-db"):
                continue
            if kind == "user-db":
                found.append(f"{home}/.config/dconf/{name}")
            elif kind == "system-db":
                found.append(f"/etc/dconf/db/{name}")
            elif kind == "file-db":
                found.append(name)
        if len(found) > MAX_SOURCES:
            self._reader.broken(f"the profile of dconf names more than {MAX_SOURCES} databases")
        return found[:MAX_SOURCES]

    def _open(self, path: str) -> _Database | None:
        if path not in self._databases:
            self._databases[path] = self._load(path)
        return self._databases[path]

    def _load(self, path: str) -> _Database | None:
        data = self._reader.data(path)
        if data is None:
            return None
        try:
            table = read_table(data)
            locks = table.get(".locks")
            inner = read_table(data, locks.start, locks.end) if locks is not None and locks.kind == "H" else {}
        except Bad as error:
            self._reader.broken(f"{path} ({error})")
            return None
        return _Database(path, data, table, frozenset(inner))

    def _default(self, schema: str, key: str) -> Setting | None:
        if schema not in self._defaults:
            self._defaults[schema] = self._schema(schema)
        return self._defaults[schema].get(key)

    def _schema(self, schema: str) -> dict[str, Setting | None]:
        for path in SCHEMAS:
            data = self._reader.data(path)
            if data is None:
                continue
            try:
                item = read_table(data).get(schema)
                if item is not None and item.kind == "H":
                    keys = read_table(data, item.start, item.end)
                    return {key: read_value(data, entry) for key, entry in keys.items() if entry.kind == "v"}
            except Bad as error:
                self._reader.broken(f"{path} ({error})")
        return {}
