"""Which files came with a package, asked of dpkg, apk, pacman or rpm for a handful of paths."""

from __future__ import annotations

import re
from typing import Iterable

from secaudit.tableapi import ProgramMissing, TableProblem, Target

MAX_RPM = 200
"""rpm is asked about one path at a time, about 10 ms each."""
LIST_LIMIT_BYTES = 16 * 1024 * 1024
_MERGED = re.compile(r"/usr(/(?:s?bin|lib(?:32|64|x32)?)/)")
_SPLIT = re.compile(r"/(?:s?bin|lib(?:32|64|x32)?)/")


def packaged(target: Target, paths: Iterable[str]) -> dict[str, int | None]:
    """For each path 1 when an installed package brought it, 0 when none did, None when that cannot be told.

    A package may call /usr/bin/su by the name /bin/su: on merged systems both are one file.
    """
    wanted = list(dict.fromkeys(paths))
    if not wanted:
        return {}
    names = {path: _names(path) for path in wanted}
    asked = {name for both in names.values() for name in both}
    owned: set[str] | None
    if _has(target, "/var/lib/dpkg/status"):
        owned = _dpkg(target, asked)
    elif _has(target, "/lib/apk/db/installed"):
        owned = _apk(target, asked)
    elif _has(target, "/var/lib/pacman/local"):
        owned = _pacman(target, asked)
    else:
        return _rpm(target, wanted)
    return {path: None if owned is None else int(any(name in owned for name in names[path])) for path in wanted}


def _names(path: str) -> list[str]:
    if _MERGED.match(path):
        return [path, path[4:]]
    return [path, "/usr" + path] if _SPLIT.match(path) else [path]


def _has(target: Target, path: str) -> bool:
    try:
        return target.exists(path)
    except OSError:
        return False


def _dpkg(target: Target, asked: set[str]) -> set[str] | None:
    """On a running system dpkg-query knows (0.1 s); in a mounted tree its lists are read."""
    if target.live:
        plain = sorted(name for name in asked if not re.search(r"[*?\[\]\\\n]", name))
        try:
            done = target.run(["dpkg-query", "-S", *plain])
        except (OSError, TableProblem):
            return None
        if done.exit_code not in (0, 1):  # 1: some paths have no owner
            return None
        # "diversion by X from: PATH" says that a package's file of this name was moved away
        lines = [line for line in done.stdout.splitlines() if not re.match(r"diversion by .* from: ", line)]
        return {line.partition(": ")[2] for line in lines}
    owned: set[str] = set()
    try:
        names = target.listdir("/var/lib/dpkg/info")
    except OSError:
        return None
    for name in names:
        if name.endswith(".list"):
            try:
                text = target.read_text(f"/var/lib/dpkg/info/{name}", LIST_LIMIT_BYTES)
            except OSError:
                return None
            owned |= asked.intersection(text.split("\n"))
    return owned


def _apk(target: Target, asked: set[str]) -> set[str] | None:
    """`F:` is a folder, `R:` a file in it. Source: apk's installed database, v2."""
    owned: set[str] = set()
    folder = ""
    try:
        text = target.read_text("/lib/apk/db/installed", 4 * LIST_LIMIT_BYTES)
    except OSError:
        return None
    for line in text.split("\n"):
        if line.startswith("F:"):
            folder = "/" + line[2:]
        elif line.startswith("R:") and f"{folder}/{line[2:]}" in asked:
            owned.add(f"{folder}/{line[2:]}")
    return owned


def _pacman(target: Target, asked: set[str]) -> set[str] | None:
    """One `files` list a package, paths without the first slash."""
    owned: set[str] = set()
    short = {name.lstrip("/") for name in asked}
    try:
        for name in target.listdir("/var/lib/pacman/local"):
            if name == "ALPM_DB_VERSION":
                continue
            text = target.read_text(f"/var/lib/pacman/local/{name}/files", LIST_LIMIT_BYTES)
            owned.update("/" + path for path in short.intersection(text.split("\n")))
    except OSError:
        return None
    return owned


def _rpm(target: Target, wanted: list[str]) -> dict[str, int | None]:
    """The database of rpm is not a file that we can read, so a mounted tree gives no answer."""
    found: dict[str, int | None] = dict.fromkeys(wanted)
    if not target.live:
        return found
    for path in wanted[:MAX_RPM]:
        try:
            done = target.run(["rpm", "-qf", "--queryformat", "%{NAME}\\n", path])
        except ProgramMissing:
            return found
        except (OSError, TableProblem):
            continue
        found[path] = int(done.exit_code == 0)
    return found
