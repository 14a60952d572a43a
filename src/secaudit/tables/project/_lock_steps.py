"""Whether a lock file still answers its manifest: each name is there, with a version that is asked for."""

from __future__ import annotations

import re
from typing import Iterable

from secaudit.tables.project._package_model import Manifest, Package
from secaudit.tables.project._version_ranges import satisfies

_ELSEWHERE = re.compile(r"(?:workspace|file|link|portal|git|npm|patch|catalog|https?|ssh|github)[:+@]|\.{0,2}/")
MOST_NAMED = 3


def step_of(
    manifest: Manifest, lock: Manifest, asked: Iterable[Package], locked: dict[str, set[str]]
) -> tuple[int | None, str]:
    """1, 0, or None when it cannot be told, and what is out of step.

    Args:
        manifest: the file that asks.
        lock: the file that answers.
        asked: the packages of the manifest.
        locked: name -> versions of the packages of the lock file.
    """
    if manifest.status != "ok" or lock.status not in ("ok", "partial"):
        return None, ""
    wrong: list[str] = []
    unsure = False
    written = dict(lock.declared)
    for each in asked:
        requirement = each.requirement
        if each.scope in ("build", "peer") or each.source != "registry" or _ELSEWHERE.match(requirement):
            continue
        answer = _answer(each, requirement, lock, written, locked)
        if answer is False:
            found = ", ".join(sorted(locked.get(each.name, ()))[:2]) or "not there"
            wrong.append(f"{each.name} {requirement[:60]}: {found}")
        unsure = unsure or answer is None
    if wrong:
        more = f" and {len(wrong) - MOST_NAMED} more" if len(wrong) > MOST_NAMED else ""
        return 0, "; ".join(wrong[:MOST_NAMED]) + more
    return (None if unsure else 1), ""


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
    versions = locked.get(each.name)
    if lock.format == "requirements.txt" and ("; " in requirement or each.scope != "runtime"):
        return True if versions else None  # made for one machine, and for some of the groups
    if not versions:
        return False
    answers = [satisfies(each.ecosystem, requirement, version) for version in versions]
    if any(answers):
        return True
    return None if None in answers else False


def _same(one: str, other: str) -> bool:
    """The same requirement, written in another order or with other spaces."""
    parts = [sorted(re.sub(r"\s", "", text.partition(";")[0]).split(",")) for text in (one, other)]
    return parts[0] == parts[1]
