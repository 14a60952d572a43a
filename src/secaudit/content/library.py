"""Find and load content: ours, then the user's own, then folders named on the command line. Later ones win by id."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from secaudit.content import strict_yaml
from secaudit.content.cache import ParseCache, default_path
from secaudit.content.decode import DecodeProblem, Keys, decode, nearest
from secaudit.content.root import content_root, user_content
from secaudit.content.rules import check_rules, standard_rules
from secaudit.content.tailor import check_params
from secaudit.errors import ContentError, SecauditError
from secaudit.model import Check, Objective, ObjectiveSet, Profile, Standard

T = TypeVar("T")
MAX_FILES = 20_000


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Something loaded, and where from."""

    value: T
    path: Path
    topic: str
    """The folder the file lies in: `ssh`."""


@dataclass(slots=True)
class Library:
    """All content of one start of the program."""

    checks: dict[str, Entry[Check]] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    standards: dict[str, Entry[Standard]] = field(default_factory=dict)
    profiles: dict[str, Entry[Profile]] = field(default_factory=dict)
    version: str = ""
    sha256: str = ""
    overlaid: list[tuple[str, Path]] = field(default_factory=list)
    """What the user's own content added or replaced: ("check ssh-root-login", file)."""
    folders: tuple[Path, ...] = ()

    def problem(self, entry: Entry[T], problem: DecodeProblem) -> ContentError:
        """The error for a wrong value that was noticed after loading, with file and line."""
        return _content_error(entry.path, problem)


def load(
    extra: Iterable[Path] = (), *, problems: list[SecauditError] | None = None, base: Path | None = None
) -> Library:
    """Load everything.

    Args:
        extra: folders given with --content.
        base: a folder to use instead of the content that secaudit ships.
        problems: when given, wrong files are added here and left out; otherwise the first one is raised.

    Raises:
        ContentError: a file is wrong; names the file, the line and the nearest right word.
    """
    folders = [base or content_root()]
    if os.path.isdir(own := user_content()):  # Path.is_dir raises where a folder above it is closed, as after su
        folders.append(own)
    for folder in extra:
        if not folder.is_dir():
            raise ContentError(f"{folder}: no such folder (option --content)", (("fix", "name a folder with checks/"),))
        folders.append(folder)
    library = Library(folders=tuple(folders))
    cache = ParseCache(default_path(), strict_yaml.parse)
    digest = hashlib.sha256()
    for position, folder in enumerate(folders):
        for path in _files(folder):
            try:
                text = strict_yaml.read(path)
                digest.update(f"{path.relative_to(folder)}\0{len(text)}\0{text}\0".encode())
                _add(library, cache, folder, path, text, own=position > 0)
            except SecauditError as error:
                if problems is None:
                    raise
                problems.append(error)
    cache.save()
    library.sha256 = digest.hexdigest()
    _cross_check(library, problems)
    return library


def _files(folder: Path) -> Iterator[Path]:
    count = 0
    for kind in ("standards", "checks"):
        for path in sorted((folder / kind).rglob("*.yaml")):
            if any(part[:1] == "_" for part in path.relative_to(folder).parts):
                continue  # read by tables, see checks/project/_rules
            count += 1
            if count > MAX_FILES:
                raise ContentError(
                    f"{folder}: more than {MAX_FILES} content files", (("fix", "name a smaller folder"),)
                )
            yield path


def _add(library: Library, cache: ParseCache, folder: Path, path: Path, text: str, *, own: bool) -> None:
    parts = path.relative_to(folder).parts
    try:
        data = cache.parse(text)
    except strict_yaml.YamlProblem as problem:
        raise ContentError(f"{path}:{problem.line}: {problem.message}") from problem
    try:
        if parts[0] == "checks":
            check = decode(Check, data)
            check_rules(check, path.stem)
            _put(library, library.checks, "check", check.id, Entry(check, path, parts[-2]), own=own)
        elif len(parts) > 2 and parts[1] == "profiles":
            profile = decode(Profile, data)
            _file_name(profile.id, path)
            _put(library, library.profiles, "profile", profile.id, Entry(profile, path, "profiles"), own=own)
        elif isinstance(data, dict) and "objectives" in data:
            found = decode(ObjectiveSet, data)
            _file_name(found.id, path)
            library.version = library.version or found.version
            for number, objective in enumerate(found.objectives):
                if objective.id in library.objectives and not own:
                    raise DecodeProblem(("objectives", number), f'the objective "{objective.id}" is here twice')
                library.objectives[objective.id] = objective
        else:
            standard = decode(Standard, data)
            _file_name(standard.id, path)
            standard_rules(standard)
            _put(library, library.standards, "standard", standard.id, Entry(standard, path, "standards"), own=own)
    except DecodeProblem as problem:
        raise _content_error(path, problem, text) from problem


def _put(library: Library, known: dict[str, Entry[T]], kind: str, name: str, entry: Entry[T], *, own: bool) -> None:
    if name in known and not own:
        raise DecodeProblem(("id",), f'the id "{name}" is used twice', (("also in", str(known[name].path)),))
    known[name] = entry
    if own:
        library.overlaid.append((f"{kind} {name}", entry.path))


def _file_name(name: str, path: Path) -> None:
    if name != path.stem:
        raise DecodeProblem(
            ("id",),
            f'the id "{name}" is not the file name "{path.stem}"',
            (("fix", f"rename the file to {name}.yaml"),),
        )


def _cross_check(library: Library, problems: list[SecauditError] | None) -> None:
    """What points to something in another file must find it."""
    found: list[ContentError] = []
    for check in library.checks.values():
        if check.value.objective not in library.objectives:
            found.append(_missing(check, ("objective",), "objective", check.value.objective, library.objectives))
    for standard in library.standards.values():
        for number, control in enumerate(standard.value.controls):
            for place, name in enumerate(control.objectives):
                if name not in library.objectives:
                    keys: Keys = ("controls", number, "objectives", place)
                    found.append(_missing(standard, keys, "objective", name, library.objectives))
            for place, name in enumerate(control.checks):
                if name not in library.checks:
                    found.append(
                        _missing(standard, ("controls", number, "checks", place), "check", name, library.checks)
                    )
    for profile in library.profiles.values():
        for place, name in enumerate(profile.value.standards):
            if name not in library.standards:
                found.append(_missing(profile, ("standards", place), "standard", name, library.standards))
        if profile.value.extends is not None and profile.value.extends not in library.profiles:
            found.append(_missing(profile, ("extends",), "profile", profile.value.extends, library.profiles))
        for name, values in profile.value.params.items():
            if name not in library.checks:
                found.append(_missing(profile, ("params", name), "check", name, library.checks))
                continue
            try:
                check_params(library.checks[name].value, values)
            except DecodeProblem as problem:
                keys = ("params", name, *problem.keys)
                found.append(_content_error(profile.path, DecodeProblem(keys, problem.message, problem.hints)))
    if problems is not None:
        problems.extend(found)
    elif found:
        raise found[0]


def _missing(entry: Entry[T], keys: Keys, kind: str, name: str, known: Mapping[str, object]) -> ContentError:
    hints = (
        (*nearest(name, known), ("list", "secaudit standards show readiness"))
        if kind == "objective"
        else nearest(name, known)
    )
    return _content_error(entry.path, DecodeProblem(keys, f'no {kind} "{name}"', hints))


def _content_error(path: Path, problem: DecodeProblem, text: str | None = None) -> ContentError:
    try:
        line = strict_yaml.line_of(text if text is not None else strict_yaml.read(path), problem.keys)
    except ContentError:
        line = 1
    return ContentError(f"{path}:{line}: {problem.message}", problem.hints)
