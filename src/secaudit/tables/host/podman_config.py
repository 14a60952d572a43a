"""podman_config: what Podman, Buildah and Skopeo would use, for all users of this machine. Not in osquery."""

from __future__ import annotations

import json
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _tomlconf
from secaudit.tables.host._settings import Setting

PROGRAMS = ("podman", "buildah", "skopeo", "crio")
POLICY = ("/etc/containers/policy.json", "/usr/share/containers/policy.json")
DEFAULTS = {
    "registries.unqualified-search-registries": "",
    "registries.short-name-mode": "permissive",
    "registries.insecure": "",
    "containers.seccomp_profile": "",
    "containers.no_new_privileges": "false",
    "containers.pids_limit": "2048",
}
"""Built-in values, containers.conf(5) and containers-registries.conf(5)."""


@table(targets={"host", "root"})
def podman_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of registries.conf, containers.conf and policy.json. Files of single users are not read.

    `registries.insecure` are the registries with `insecure = true`; `policy.default` is what happens to an image that
    no rule names.

    Source: containers-registries.conf(5), containers.conf(5), containers-policy.json(5).

    Raises:
        Absent: none of these programs is installed.
        Partial: a file could not be read or not be understood.
    """
    _settings.require(target, "Podman", PROGRAMS)
    unread: list[str] = []
    found: dict[str, Setting] = {}
    for path in _files(target, "registries.conf", unread):
        _registries(target, path, found, unread)
    for path in _files(target, "containers.conf", unread):
        for one in _assignments(target, path, unread):
            name = f"containers.{one.key}"
            if one.table in ("containers", "engine"):
                found[name] = Setting("", name, one.value, path, one.line)
    yield from _settings.effective("", found, DEFAULTS)
    yield _policy(target, unread)
    _settings.finish(target, unread)


def _files(target: Target, name: str, unread: list[str]) -> list[str]:
    """From the weakest to the strongest."""
    places = [f"/usr/share/containers/{name}"]
    places.extend(_settings.expand(target, f"/usr/share/containers/{name}.d/*.conf", unread))
    places.append(f"/etc/containers/{name}")
    places.extend(_settings.expand(target, f"/etc/containers/{name}.d/*.conf", unread))
    return places


def _assignments(target: Target, path: str, unread: list[str]) -> list[_tomlconf.Assignment]:
    found, odd = _tomlconf.read(_settings.read(target, path, unread) or "")
    if odd:
        unread.append(f"{path}:{odd[0]} (not understood)")
    return found


def _registries(target: Target, path: str, found: dict[str, Setting], unread: list[str]) -> None:
    named: dict[str, str] = {}
    for one in _assignments(target, path, unread):
        if one.table == "" and one.key in ("unqualified-search-registries", "short-name-mode"):
            name = f"registries.{one.key}"
            found[name] = Setting("", name, one.value, path, one.line)
        elif one.key in ("prefix", "location"):
            named.setdefault(one.table, one.value)
        if one.key == "insecure" and one.value == "true":
            _add(found, one.table, path, one.line)
        elif one.table == "registries.insecure" and one.key == "registries" and one.value:
            _add(found, one.value, path, one.line)  # the form of version 1
    insecure = found.get("registries.insecure")
    if insecure is not None and insecure.path == path:
        words = [named.get(word, word) for word in (insecure.value or "").split()]
        found["registries.insecure"] = insecure._replace(value=" ".join(words))


def _add(found: dict[str, Setting], word: str, path: str, line: int) -> None:
    before = found.get("registries.insecure")
    value = f"{before.value} {word}" if before is not None else word
    found["registries.insecure"] = Setting("", "registries.insecure", value, path, line)


def _policy(target: Target, unread: list[str]) -> Setting:
    for path in POLICY:
        text = _settings.read(target, path, unread)
        if text is None:
            continue
        try:
            default = json.loads(text)["default"]
            kinds = [str(rule["type"]) for rule in default]
        except (ValueError, KeyError, TypeError, RecursionError):
            unread.append(f"{path} (not understood)")
            return Setting("", "policy.default", None, path, None)
        return Setting("", "policy.default", " ".join(kinds), path, None)
    return Setting("", "policy.default", "none", None, None)
