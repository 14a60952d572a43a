"""Whether a lock file still answers its manifest: each name is there, with a version that is asked for."""

from __future__ import annotations

import re
from typing import Iterable

from secaudit.tables.project._package_model import Manifest, Package
from secaudit.tables.project._version_ranges import satisfies

_ELSEWHERE = re.compile(r"(?:workspace|file|link|portal|git|npm|patch|catalog|https?|ssh|github)[:+@]|\.{0,2}/")
_FREE = frozenset({"requirements.txt", "setup.cfg", "setup.py", "build.gradle"})
"""Nothing says that a lock file beside them was made from them; Gradle may take later versions than are asked for."""
_SOME = frozenset({"requirements.txt", "pylock.toml", "pdm.lock"})
MOST_NAMED = 3


def step_of(
    manifest: Manifest, lock: Manifest, asked: Iterable[Package], locked: dict[str, set[str]], own: frozenset[str]
) -> tuple[int | None, str]:
    """1, 0, or None when it cannot be told, and what is out of step.

    Args:
        manifest: the file that asks.
        lock: the file that answers.
        asked: the packages of the manifest.
        locked: name -> versions of the packages of the lock file, by `key_of`.
        own: names of the projects that lie here; a workspace takes them from their folders.
    """
    if manifest.status != "ok" or lock.status not in ("ok", "partial") or manifest.format in _FREE:
        return None, ""
    wrong: list[str] = []
    unsure = False
    written = dict(lock.declared)
    for each in asked:
        requirement = each.requirement
        if each.scope in ("build", "peer") or each.source != "registry" or each.name in own or each.direct is None:
            continue
        if _ELSEWHERE.match(requirement):
            continue
        answer = _answer(each, requirement, lock, written, locked)
        if answer is False and manifest.overridden:
            answer = None
        if answer is False:
            found = ", ".join(sorted(locked.get(key_of(each.ecosystem, each.name), ()))[:2]) or "not there"
            wrong.append(f"{each.name} {requirement[:60]}: {found}")
        unsure = unsure or answer is None
    if wrong:
        more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        return 0, "; ".join(wrong[:MOST_NAMED]) + more
    return (None if unsure else 1), ""


def key_of(ecosystem: str, name: str) -> str:
    """How names are compared: NuGet takes upper and lower case for the same."""
    return name.lower() if ecosystem == "NuGet" else name


def _answer(
    each: Package, requirement: str, lock: Manifest, written: dict[str, str], locked: dict[str, set[str]]
) -> bool | None:
    if lock.format == "go.sum":
        known = lock.answers
        return (each.name, requirement) in known or (each.name, f"{requirement}/go.mod") in known
    if (each.name, requirement) in lock.answers:
        return True
    if each.name in written and _same(written[each.name], requirement):
        return True
    versions = locked.get(key_of(each.ecosystem, each.name))
    if not versions and lock.format in _SOME and each.scope != "runtime":
        return None  # made for some of the groups
    if not versions:
        return None if ";" in requirement else False  # a marker may leave it out everywhere
    answers = [satisfies(each.ecosystem, requirement, version) for version in versions]
    if any(answers):
        return True
    return None if None in answers else False


def _same(one: str, other: str) -> bool:
    """The same requirement, written in another order or with other spaces."""
    parts = [sorted(re.sub(r"\s", "", text.partition(";")[0]).split(",")) for text in (one, other)]
    return parts[0] == parts[1]
