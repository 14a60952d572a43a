"""Settings of Xfce: the channel files of xfconf, of the user and of the system.

Source: xfconf's perchannel-xml backend. The system's file gives defaults, and `locked` values that nobody can change.
"""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tables.host._homeread import HomeReader

FOLDER = "xfce4/xfconf/xfce-perchannel-xml"
MAX_DEPTH = 30


class Property(NamedTuple):
    """One value of a channel."""

    value: str
    path: str
    locked: bool


class Channel:
    """The effective values of one channel for one user."""

    def __init__(self, reader: HomeReader, home: str, username: str, name: str) -> None:
        self._reader = reader
        self._username = username
        system_path = f"/etc/xdg/{FOLDER}/{name}.xml"
        user_path = f"{home}/.config/{FOLDER}/{name}.xml"
        self._system = self._load(system_path)
        self._user = self._load(user_path)
        self.readable = not (reader.failed(system_path) or reader.failed(user_path))

    def text(self, key: str, default: str) -> tuple[str, str | None]:
        """The value of a property such as `/lock/enabled`, and the file that set it (None for the default)."""
        system = self._system.get(key)
        if system is not None and system.locked:
            return system.value, system.path
        found = self._user.get(key) or system
        return (found.value, found.path) if found is not None else (default, None)

    def _load(self, path: str) -> dict[str, Property]:
        from xml.etree import ElementTree

        text = self._reader.text(path)
        if text is None:
            return {}
        if "<!DOCTYPE" in text or "<!ENTITY" in text:  # xfconf writes none; entities could grow without end
            self._reader.broken(f"{path} (has a document type)")
            return {}
        try:
            top = ElementTree.fromstring(text)  # noqa: S314  entities are refused above
        except (ElementTree.ParseError, ValueError):
            self._reader.broken(f"{path} (is no XML)")
            return {}
        found: dict[str, Property] = {}
        waiting = [("", top, self._is_locked(top.get("locked"), top.get("unlocked")), 0)]
        while waiting:
            base, element, locked, depth = waiting.pop()
            for child in element:
                if child.tag != "property" or depth > MAX_DEPTH:
                    continue
                name = f"{base}/{child.get('name', '')}"
                closed = locked or self._is_locked(child.get("locked"), child.get("unlocked"))
                value = child.get("value")
                if value is not None and child.get("type") != "empty":
                    found[name] = Property(value, path, closed)
                waiting.append((name, child, closed, depth + 1))
        return found

    def _is_locked(self, locked: str | None, unlocked: str | None) -> bool:
        """`locked="*"` or a list of names; `unlocked` names those who may change it all the same."""
        if unlocked is not None:
            return self._username not in unlocked.split(";")
        return locked is not None and bool({"*", self._username} & set(locked.split(";")))
