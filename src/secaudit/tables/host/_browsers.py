"""Where browsers keep their profiles: packages of the distribution, snap and flatpak.

Sources: Chromium's docs/user_data_dir.md; Mozilla's support pages on profiles; the file layouts of snapd and flatpak.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._passwd import Home

PREFERENCES_LIMIT_BYTES = 16 * 1024 * 1024

CHROMIUM: tuple[tuple[str, tuple[str, ...]], ...] = (
    # browser, folders below the home; each holds profile folders
    (
        "chromium",
        (".config/chromium", "snap/chromium/common/chromium", ".var/app/org.chromium.Chromium/config/chromium"),
    ),
    (
        "chromium",
        (".config/ungoogled-chromium", ".var/app/io.github.ungoogled_software.ungoogled_chromium/config/chromium"),
    ),
    (
        "chrome",
        (
            ".config/google-chrome",
            ".config/google-chrome-beta",
            ".config/google-chrome-unstable",
            ".var/app/com.google.Chrome/config/google-chrome",
        ),
    ),
    (
        "brave",
        (
            ".config/BraveSoftware/Brave-Browser",
            "snap/brave/current/.config/BraveSoftware/Brave-Browser",
            ".var/app/com.brave.Browser/config/BraveSoftware/Brave-Browser",
        ),
    ),
    (
        "edge",
        (
            ".config/microsoft-edge",
            ".config/microsoft-edge-beta",
            ".config/microsoft-edge-dev",
            ".var/app/com.microsoft.Edge/config/microsoft-edge",
        ),
    ),
    ("vivaldi", (".config/vivaldi", ".var/app/com.vivaldi.Vivaldi/config/vivaldi")),
    ("opera", (".config/opera", "snap/opera/current/.config/opera", ".var/app/com.opera.Opera/config/opera")),
)
FIREFOX: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "firefox",
        (
            ".mozilla/firefox",
            ".config/mozilla/firefox",
            "snap/firefox/common/.mozilla/firefox",
            ".var/app/org.mozilla.firefox/.mozilla/firefox",
            ".var/app/org.mozilla.firefox/config/mozilla/firefox",
        ),
    ),
    ("librewolf", (".librewolf", ".var/app/io.gitlab.librewolf-community/.librewolf")),
    ("waterfox", (".waterfox", ".var/app/net.waterfox.waterfox/.waterfox")),
)


class Profile(NamedTuple):
    """One profile of one browser of one person."""

    username: str
    browser: str
    family: str
    """chromium or firefox."""
    name: str
    """The folder's name, such as `Default` or `ab12cd34.default-release`."""
    folder: str


def profiles(reader: HomeReader) -> list[Profile]:
    """Every browser profile in the homes of people, and of root where its home can be entered."""
    found: list[Profile] = []
    for home in reader.desk_homes():
        for browser, bases in CHROMIUM:
            for base in bases:
                found.extend(_in(reader, home, browser, "chromium", f"{home.directory}/{base}", "Preferences"))
        for browser, bases in FIREFOX:
            for base in bases:
                found.extend(_in(reader, home, browser, "firefox", f"{home.directory}/{base}", "prefs.js"))
    return found


def _in(reader: HomeReader, home: Home, browser: str, family: str, base: str, marker: str) -> list[Profile]:
    """A folder is a profile when the browser has written its preferences there. Opera's base is itself one."""
    found: list[Profile] = []
    if reader.stat(base) is None:
        return found
    if browser == "opera" and reader.stat(f"{base}/{marker}") is not None:
        found.append(Profile(home.username, browser, family, "Default", base))
    for folder in reader.matching(base, "*"):
        name = folder.rsplit("/", 1)[-1]
        if name in ("System Profile", "Guest Profile", "Crash Reports", "Pending Pings"):
            continue
        if reader.stat(f"{folder}/{marker}") is not None:
            found.append(Profile(home.username, browser, family, name, folder))
    return found


def load_json(reader: HomeReader, path: str) -> dict[str, Any] | None:
    """The JSON object in a file; None when it is missing, or is none (then it is remembered)."""
    import json

    data = reader.data(path, PREFERENCES_LIMIT_BYTES)
    if data is None:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        reader.broken(f"{path} (is no JSON)")
        return None
    if not isinstance(document, dict):
        reader.broken(f"{path} (is no JSON object)")
        return None
    return document


def part(document: object, *keys: str) -> dict[str, Any]:
    """The object at the end of the keys; an empty one where the way breaks off."""
    for key in keys:
        document = document.get(key) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def texts(value: object) -> list[str]:
    """The texts of a list; anything else in it is left out."""
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []
