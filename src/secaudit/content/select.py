"""Which checks a run uses: the profile, narrowed by --only and --skip."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase, translate

from secaudit.content.citations import speaks_for
from secaudit.content.decode import nearest
from secaudit.content.library import Entry, Library
from secaudit.content.tailor import Params, read_params, tailorings
from secaudit.errors import NothingSelected, UsageError
from secaudit.model import Check, Exclusion, Profile, Severity, Standard, Tailoring


@dataclass(frozen=True, slots=True)
class Selection:
    """What to run and against which standards."""

    profile: Profile
    checks: tuple[Entry[Check], ...]
    standards: tuple[Standard, ...]
    params: Params
    tailored: tuple[Tailoring, ...]
    """Those that differ from the checks' own values."""
    excluded: tuple[Exclusion, ...]


def select(
    library: Library,
    profile_id: str,
    *,
    only: Sequence[str] = (),
    skip: Sequence[str] = (),
    standards: Sequence[str] = (),
    params: Sequence[str] = (),
) -> Selection:
    """Choose checks, their parameters, and standards.

    Raises:
        UsageError: a profile, standard, pattern or parameter is unknown.
        NothingSelected: no check is left.
    """
    chain = _chain(library, profile_id)
    include = [pattern for profile in chain for pattern in profile.include] if len(chain) > 1 else chain[0].include
    excluded = tuple(item for profile in chain for item in profile.exclude)
    for option, patterns in (("--only", only), ("--skip", skip)):
        for pattern in patterns:
            if not any(matches(library, entry, pattern) for entry in library.checks.values()):
                hints = nearest(pattern, library.checks)[-1:]
                raise UsageError(
                    f'no check fits "{pattern}" (option {option})', (*hints, ("list", "secaudit checks list"))
                )
    is_in, is_out = _any_of(library, include), _any_of(library, [*(item.pattern for item in excluded), *skip])
    is_wanted = _any_of(library, only or ["*"])
    chosen = [
        entry for _, entry in sorted(library.checks.items()) if is_in(entry) and not is_out(entry) and is_wanted(entry)
    ]
    if not chosen:
        raise NothingSelected("no check is left to run", (("fix", "widen --only, or use fewer --skip"),))
    names = list(standards) or list(dict.fromkeys(name for profile in chain for name in profile.standards))
    for name in names:
        if name not in library.standards:
            raise UsageError(f'no standard "{name}" (option --standard)', nearest(name, library.standards))
    merged: Params = {}
    named = read_params({name: entry.value for name, entry in library.checks.items()}, params) if params else {}
    for given in (*(profile.params for profile in chain), named):
        for check, values in given.items():
            merged.setdefault(check, {}).update(values)
    return Selection(
        profile=chain[-1],
        checks=tuple(chosen),
        standards=tuple(library.standards[name].value for name in names),
        params=merged,
        tailored=tailorings((entry.value for entry in chosen if entry.id in merged), merged),
        excluded=(*excluded, *(Exclusion(pattern, "left out on the command line (--skip)") for pattern in skip)),
    )


def _chain(library: Library, profile_id: str) -> list[Profile]:
    """The profile and what it extends, the base first."""
    if profile_id not in library.profiles:
        raise UsageError(f'no profile "{profile_id}" (option --profile)', nearest(profile_id, library.profiles))
    chain: list[Profile] = []
    name: str | None = profile_id
    while name is not None:
        profile = library.profiles[name].value
        if profile in chain:
            raise UsageError(f'the profile "{profile_id}" extends itself', (("fix", "remove one extends: line"),))
        chain.insert(0, profile)
        name = profile.extends
    return chain


def _any_of(library: Library, patterns: Sequence[str]) -> Callable[[Entry[Check]], bool]:
    """Whether a check fits any of the patterns; those of ids as one expression, since there are many checks."""
    ids = [pattern for pattern in patterns if ":" not in pattern and pattern not in _SEVERITIES]
    others = [pattern for pattern in patterns if pattern not in ids]
    by_id = re.compile("|".join(map(translate, ids))) if ids else None

    def fits(entry: Entry[Check]) -> bool:
        if by_id is not None and by_id.match(entry.id):
            return True
        return any(matches(library, entry, pattern) for pattern in others)

    return fits


_SEVERITIES = frozenset(Severity)


def matches(library: Library, entry: Entry[Check], pattern: str) -> bool:
    """Whether a check fits: an id with wildcards, `topic:ssh`, `tag:desktop`, a severity, or `STANDARD:CONTROL`."""
    kind, colon, rest = pattern.partition(":")
    if not colon:
        return fnmatchcase(entry.id, pattern) or (pattern in _SEVERITIES and entry.value.severity == pattern)
    if kind == "topic":
        return fnmatchcase(entry.topic, rest)
    if kind == "tag":
        return any(fnmatchcase(tag, rest) for tag in entry.value.tags)
    for standard in library.standards.values():
        if standard.id == kind or standard.id.startswith(kind + "-"):
            for control in standard.value.controls:
                if fnmatchcase(control.id, rest) and speaks_for(entry.value, standard.value, control):
                    return True
    return False
