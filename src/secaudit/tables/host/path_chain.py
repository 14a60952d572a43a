"""path_chain: every folder above the files that checks ask for: who can write a parent can replace the file."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Stat, Target, Wants, table
from secaudit.tables.host._files import Expansion

MAX_STEPS = 200
"""A path has at most 4096 bytes; far fewer folders are ever real."""


class PathStep(NamedTuple):
    """One folder on the way to a path."""

    path: str
    """The path that a check asked for."""
    step: int
    """0 is the folder `/`."""
    component: str
    """The folder, absolute."""
    uid: int
    mode: int
    group_write: int
    other_write: int
    sticky: int
    """1: people can only remove their own files here, so writing by others does not endanger the next component."""
    is_link: int
    """1 when the folder is reached by a link; owner and mode are then those of the folder it leads to."""


@table(targets={"host", "root"})
def path_chain(target: Target, wants: Wants) -> Iterator[PathStep]:
    """Yield one row per folder above each existing path, once for each path. Where links are on the way, the folders
    above the real path follow.

    Source: stat(2), path_resolution(7).

    Raises:
        Partial: something could not be looked at.
    """
    expansion = Expansion(target, wants.files)
    seen: set[str] = set()
    known: dict[str, tuple[Stat, bool] | None] = {}
    for place in expansion.places():
        if place.state != "present" or place.path in seen:
            continue
        seen.add(place.path)
        for step, component in enumerate(_steps(target, place.path, known)):
            found = known[component]
            if found is None:
                expansion.denied[component] = None
                expansion.gaps.setdefault(place.pattern, {})[component] = None
                continue
            stat, is_link = found
            yield PathStep(
                path=place.path,
                step=step,
                component=component,
                uid=stat.uid,
                mode=stat.mode,
                group_write=int(bool(stat.mode & 0o020)),
                other_write=int(bool(stat.mode & 0o002)),
                sticky=int(bool(stat.mode & 0o1000)),
                is_link=int(is_link),
            )
    expansion.finish()


def _steps(target: Target, path: str, known: dict[str, tuple[Stat, bool] | None]) -> list[str]:
    """The folders above the path; where links are on the way, also those above what it really is."""
    steps = _learn(target, path, known)
    try:
        real = target.realpath(path)
    except OSError:
        return steps
    return steps if real == path else list(dict.fromkeys(steps + _learn(target, real, known)))


def _learn(target: Target, path: str, known: dict[str, tuple[Stat, bool] | None]) -> list[str]:
    parts = [part for part in path.split("/") if part][: MAX_STEPS + 1]
    folders = ["/" + "/".join(parts[:count]) for count in range(len(parts))]
    for folder in folders:
        if folder not in known:
            known[folder] = _look(target, folder)
    return folders


def _look(target: Target, path: str) -> tuple[Stat, bool] | None:
    try:
        own = target.stat(path, follow=False)
        return (target.stat(path), True) if own.kind == "link" else (own, False)
    except OSError:
        return None
