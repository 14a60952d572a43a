"""Choose between versions as apt does. Source: apt_preferences(5); tested against `apt-cache policy`."""

from __future__ import annotations

import fnmatch
import re
from typing import NamedTuple, Sequence

from secaudit.tableapi import Target
from secaudit.tables.host._apt_config import part_files
from secaudit.tables.host._apt_lists import Index
from secaudit.tables.host._debversion import version_key

MAIN = "/etc/apt/preferences"
PARTS = "/etc/apt/preferences.d"
DEFAULT = 500
INSTALLED = 100
MAX_PINS = 5000
MAX_NAME = 300

_RELEASE_KEYS = {"a": "suite", "n": "codename", "v": "version", "o": "origin", "l": "label", "c": "component"}


class Pin(NamedTuple):
    """One record of apt_preferences(5)."""

    packages: tuple[str, ...]
    kind: str
    """version, origin or release."""
    value: str
    priority: int
    path: str


class Version(NamedTuple):
    """A version of a package, with the lists that offer it; no list for what is only installed."""

    version: str
    indexes: tuple[Index, ...]
    installed: bool


class Policy:
    """The pins of this system."""

    def __init__(self, pins: Sequence[Pin], default_release: str) -> None:
        self._specific = [pin for pin in pins if "*" not in pin.packages]
        self._general = [pin for pin in pins if "*" in pin.packages]
        self._default_release = default_release
        self._index_priority: dict[str, int] = {}

    def choose(self, package: str, versions: Sequence[Version]) -> Version | None:
        """The version that `apt install` would take: the candidate.

        The highest priority wins, then the newest version; nothing is downgraded below a priority of 1000.
        """
        installed = next((version for version in versions if version.installed), None)
        best: Version | None = None
        best_rank: tuple[int, object] | None = None
        for version in versions:
            priority = self._priority(package, version)
            older = installed is not None and version_key(version.version) < version_key(installed.version)
            if priority < 1 or (older and priority < 1000):
                continue
            rank = (priority, version_key(version.version))
            if best_rank is None or rank > best_rank:
                best, best_rank = version, rank
        return best or installed

    def _priority(self, package: str, version: Version) -> int:
        for pin in self._specific:
            if any(_matches(package, pattern) for pattern in pin.packages) and self._holds(pin, version):
                return pin.priority
        found = [self._of_index(index) for index in version.indexes]
        return max([*found, INSTALLED] if version.installed else found, default=0)

    def _holds(self, pin: Pin, version: Version) -> bool:
        if pin.kind == "version":
            return _matches(version.version, pin.value)
        return any(_index_holds(pin, index) for index in version.indexes)

    def _of_index(self, index: Index) -> int:
        known = self._index_priority.get(index.path)
        if known is not None:
            return known
        general = next((pin.priority for pin in self._general if _index_holds(pin, index)), None)
        release = index.release
        if self._default_release and self._default_release in (release.suite, release.codename, release.version):
            priority = 990  # apt puts it before all pins, and the first that matches wins
        elif general is not None:
            priority = general
        elif release.not_automatic:
            priority = 100 if release.but_automatic_upgrades else 1
        else:
            priority = DEFAULT
        self._index_priority[index.path] = priority
        return priority


def read_policy(target: Target, default_release: str, faults: list[str]) -> Policy:
    """Read the preferences; a file that cannot be read is named in `faults`."""
    pins: list[Pin] = []
    for path in [MAIN, *part_files(target, PARTS, ("pref", ""))]:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            faults.append(f"{path}: {error.strerror or error}")
            continue
        for pin in parse_pins(text, path):
            if any(_is_risky(pattern) for pattern in (*pin.packages, *pin.value.split(","))):
                faults.append(f"{path} has an expression that is not tried, it could take very long")
            else:
                pins.append(pin)
    if len(pins) > MAX_PINS:
        faults.append(f"there are more than {MAX_PINS} pins")
    return Policy(pins[:MAX_PINS], default_release)


def parse_pins(text: str, path: str) -> list[Pin]:
    pins = []
    lines = [line for line in text.split("\n") if not line.startswith("#")]
    for stanza in re.split(r"\n[ \t\r]*(?:\n[ \t\r]*)*\n", "\n".join(lines)):
        fields = {}
        for line in stanza.split("\n"):
            key, colon, value = line.partition(":")
            if colon and line[:1] not in (" ", "\t"):
                fields[key.strip().lower()] = value.strip()
        kind, _, value = fields.get("pin", "").partition(" ")
        priority = fields.get("pin-priority", "")
        if fields.get("package") and kind in ("version", "origin", "release") and re.match(r"-?\d{1,6}\Z", priority):
            pins.append(Pin(tuple(fields["package"].split()), kind, value.strip(), int(priority), path))
    return pins


def _index_holds(pin: Pin, index: Index) -> bool:
    if pin.kind == "origin":
        return _matches(index.site, pin.value.strip('"'))
    if pin.kind != "release":
        return False
    release = index.release
    for part in pin.value.split(","):
        key, equals, wanted = part.strip().partition("=")
        if not equals:
            if not any(_matches(name, key) for name in (release.suite, release.codename, release.version)):
                return False
        elif key == "b":
            continue
        else:
            field = _RELEASE_KEYS.get(key, "")
            actual = index.component if field == "component" else str(getattr(release, field, ""))
            if not field or not _matches(actual, wanted):
                return False
    return True


def _is_risky(pattern: str) -> bool:
    """A regular expression with a repeated group: matching it could take exponential time."""
    return "/" in pattern and re.search(r"\)[*+{?]", pattern) is not None


def _matches(text: str, pattern: str) -> bool:
    """Compare with a shell pattern or a /regular expression/."""
    if len(pattern) > 2 and pattern.startswith("/") and pattern.endswith("/"):
        try:
            return re.search(pattern[1:-1], text[:MAX_NAME]) is not None
        except re.error:
            return False
    return text == pattern or (any(sign in pattern for sign in "*?[") and fnmatch.fnmatchcase(text, pattern))
