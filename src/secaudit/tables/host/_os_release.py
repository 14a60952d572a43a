"""Read os-release(5) for the tables that must know which system this is."""

from __future__ import annotations

import re

from secaudit.tableapi import Target

PATHS = ("/etc/os-release", "/usr/lib/os-release")
"""The first one that exists is used alone."""

_ASSIGNMENT = re.compile(r"\s*([A-Za-z_][A-Za-z0-9_]*)=(.*)")


def read_os_release(target: Target) -> dict[str, str]:
    """The assignments by name; empty when there is no such file.

    Raises:
        PermissionError: as the target says.
    """
    for path in PATHS:
        try:
            return parse(target.read_text(path))
        except (FileNotFoundError, NotADirectoryError):
            continue
    return {}


def parse(text: str) -> dict[str, str]:
    """Read assignments as a shell does: the last one wins, quotes are removed."""
    values: dict[str, str] = {}
    for line in text.splitlines():
        match = _ASSIGNMENT.match(line)
        if match is not None:
            values[match.group(1)] = _unquote(match.group(2).strip())
    return values


def codenames(values: dict[str, str]) -> set[str]:
    """Names of this release and of the Debian or Ubuntu release below it."""
    keys = ("VERSION_CODENAME", "UBUNTU_CODENAME", "DEBIAN_CODENAME")
    return {values[key].lower() for key in keys if values.get(key)}


def _unquote(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] == "'":
        return text[1:-1]
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    return re.sub(r"\\(.)", r"\1", text)
