"""Read the `[Group]` / `key=value` files of desktops and display managers, with the line of each value."""

from __future__ import annotations

from typing import Iterator, NamedTuple


class Entry(NamedTuple):
    """One `key=value` line."""

    group: str
    key: str
    value: str
    line: int
    locked: bool
    """KConfig's `[$i]` on the key, its group or the whole file: a file of the user cannot change it."""


def read_entries(text: str) -> Iterator[Entry]:
    """Give each line that sets something; comments begin with # or ;. The caller decides whether first or last wins."""
    group, file_locked, group_locked = "", False, False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        if line.startswith("["):
            inner = line[1:].rstrip()
            if inner.replace("]", "") == "$i":
                if group == "":
                    file_locked = True
                continue
            group_locked = inner.endswith("[$i]")
            group = inner[:-4].rstrip("]") if group_locked else inner.partition("]")[0]
            continue
        key, equals, value = line.partition("=")
        if not equals:
            continue
        key = key.strip()
        options = ""
        if key.endswith("]") and "[$" in key:
            key, _, options = key.partition("[$")
        yield Entry(group, key.strip(), value.strip(), number, file_locked or group_locked or "i" in options)


def is_true(value: str) -> bool:
    """As KConfig, GKeyFile and Qt read a boolean."""
    return value.strip().strip('"').lower() in ("true", "1", "yes", "on")
