"""Which archives unattended-upgrades may take updates from. Source: unattended-upgrade(8), its get_allowed_origins."""

from __future__ import annotations

import fnmatch
import re

from secaudit.tableapi import Target
from secaudit.tables.host._apt_archives import Archive, Archives
from secaudit.tables.host._apt_config import AptConfig, Option
from secaudit.tables.host._apt_lists import host_of
from secaudit.tables.host._os_release import read_os_release

Rule = dict[str, str]
"""Letters of apt_preferences(5) (o, l, a, n, c) or `site` -> a shell pattern. All of them must match."""


def read_rules(target: Target, config: AptConfig) -> list[Rule]:
    """The rules of unattended-upgrades: each lets in the archives whose fields match all of its words."""
    system = read_os_release(target)
    words = {
        "distro_id": system.get("NAME", "").split(" ")[0] or system.get("ID", "").capitalize(),
        "distro_codename": system.get("VERSION_CODENAME", ""),
    }

    def fill(option: Option) -> str:
        return re.sub(r"\$\{(\w+)\}", lambda match: words.get(match.group(1), match.group(0)), option.value)

    rules: list[Rule] = []
    for option in config.members("unattended-upgrade::allowed-origins"):
        origin, _, suite = fill(option).partition(":" if ":" in option.value else " ")
        rules.append({"o": origin, "a": suite})
    names = {"origin": "o", "label": "l", "archive": "a", "suite": "a", "codename": "n", "component": "c"}
    for option in config.members("unattended-upgrade::origins-pattern"):
        rule = {}
        for part in fill(option).replace("\\,", "%2C").split(","):
            key, _, value = part.partition("=")
            key = key.strip()
            rule[names.get(key, key)] = value.strip().replace("%2C", ",")
        rules.append(rule)
    return rules


def _used(archives: Archives) -> list[Archive]:
    return [one for one in archives.archives if one.source.enabled and one.source.type == "deb"]


def covers_security(archives: Archives, rules: list[Rule]) -> int | None:
    """1 when every security archive of this release is let in, 0 when one is not, None when that cannot be said."""
    security = [archive for archive in _used(archives) if archive.is_security]
    if not rules:
        return 0
    if not security:
        return None
    verdicts = [_lets_in(archive, archives, rules) for archive in security]
    if any(verdict == 0 for verdict in verdicts):
        return 0
    return None if None in verdicts else 1


def security_only(archives: Archives, rules: list[Rule]) -> int | None:
    """1 when no other archive is let in."""
    others = [archive for archive in _used(archives) if archive.is_security == 0]
    verdicts = [_lets_in(archive, archives, rules) for archive in others]
    if any(verdict == 1 for verdict in verdicts):
        return 0
    return None if None in verdicts else 1


def _lets_in(archive: Archive, archives: Archives, rules: list[Rule]) -> int | None:
    """1 or 0, or None when it hangs on a field that only the missing release file would tell."""
    release = archive.release
    fields: dict[str, str | None] = {"site": host_of(archive.source.uri), "c": None}
    if release is not None:
        fields.update(o=release.origin, l=release.label, a=release.suite, n=release.codename)
    elif archive.is_security and archives.platform == "debian":
        fields.update(o="Debian", l="Debian-Security", n=archive.source.suite.replace("/updates", "-security"))
    elif archive.is_security and archives.platform == "ubuntu":
        fields.update(o="Ubuntu", l="Ubuntu", a=archive.source.suite, n=archive.source.suite.split("-")[0])
    verdict: int | None = 0
    for rule in rules:
        matches = [_field_matches(archive, fields.get(key), key, value) for key, value in rule.items()]
        if all(match == 1 for match in matches):
            return 1
        if 0 not in matches:
            verdict = None
    return verdict


def _field_matches(archive: Archive, actual: str | None, key: str, wanted: str) -> int | None:
    if key == "c":
        return int(any(fnmatch.fnmatch(component, wanted) for component in archive.source.components))
    return None if actual is None else int(fnmatch.fnmatch(actual, wanted))
