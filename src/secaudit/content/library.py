"""Find and load content: ours, then the user's own, then folders named on the command line. Later ones win by id."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Generic, TypeVar

from secaudit.content import source
from secaudit.content.cache import ParseCache, default_path
from secaudit.content.decode import DecodeProblem, Keys, decode, nearest
from secaudit.content.root import content_root, user_content
from secaudit.content.rules import check_rules, standard_rules
from secaudit.content.tailor import check_params
from secaudit.errors import ContentError, SecauditError
from secaudit.model import Check, Objective, ObjectiveSet, Profile, Standard

T = TypeVar("T")
MAX_FILES = 20_000


class Entry(Generic[T]):
    """Something that lies in a file: its id, and where it is from.

    Attributes:
        id: the name of the file.
        path: the file.
        topic: the folder the file lies in: `ssh`.
        family: of a check that secaudit ships, the folder above that: `host`. None where folders mean nothing.
    """

    __slots__ = ("_make", "_value", "family", "id", "path", "topic")

    def __init__(self, make: Callable[[], T], path: Path, topic: str, family: str | None = None) -> None:
        self._make = make
        self._value: T | None = None
        self.id = path.stem
        self.path = path
        self.topic = topic
        self.family = family

    @property
    def value(self) -> T:
        """What the file says; read when somebody asks.

        Raises:
            ContentError: the file is wrong.
        """
        if self._value is None:
            self._value = self._make()
        return self._value


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
    cache = ParseCache(default_path(), _parse)
    digest = hashlib.sha256()
    taken: list[_File] = []
    for position, folder in enumerate(folders):
        for path in _files(folder):
            with _collected(problems):
                text = source.read(path)
                try:
                    key = cache.take(text)
                except source.YamlProblem as problem:
                    raise ContentError(f"{path}:{problem.line}: {problem.message}") from problem
                digest.update(f"{path.relative_to(folder)}\0{key}\0".encode())
                taken.append(_File(cache, key, folder, path, own=position > 0))
    library.sha256 = digest.hexdigest()
    known_right = problems is None and cache.is_checked(library.sha256)
    for file in taken:
        with _collected(problems):
            _add(library, file)
    if known_right:
        cache.save()
        return library
    _read_all(library.checks, problems)
    _read_all(library.standards, problems)
    _read_all(library.profiles, problems)
    _cross_check(library, problems)
    cache.save("" if problems else library.sha256)
    return library


@contextlib.contextmanager
def _collected(problems: list[SecauditError] | None) -> Iterator[None]:
    """Add an error to the list, if there is one, and go on."""
    try:
        yield
    except SecauditError as error:
        if problems is None:
            raise
        problems.append(error)


def _read_all(shelf: dict[str, Entry[T]], problems: list[SecauditError] | None) -> None:
    """Read every file; what is wrong is left out."""
    wrong = set(shelf)
    for name, entry in shelf.items():
        with _collected(problems):
            _ = entry.value
            wrong.discard(name)
    for name in wrong:
        del shelf[name]


@dataclass(frozen=True, slots=True)
class _File:
    """A file of content whose text is parsed."""

    cache: ParseCache
    key: str
    folder: Path
    path: Path
    own: bool
    """From the user, not from us."""


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


def _add(library: Library, file: _File) -> None:
    parts = file.path.relative_to(file.folder).parts
    if parts[0] == "checks":
        family = parts[1] if len(parts) > 3 and not file.own else None
        _put(library, library.checks, "check", file, Entry(lambda: _check(file), file.path, parts[-2], family))
    elif len(parts) > 2 and parts[1] == "profiles":
        _put(library, library.profiles, "profile", file, Entry(lambda: _profile(file), file.path, "profiles"))
    elif isinstance(data := file.cache.data(file.key), dict) and "objectives" in data:
        with _located(file):
            _add_objectives(library, decode(ObjectiveSet, data), file)
    else:
        _put(library, library.standards, "standard", file, Entry(lambda: _standard(file), file.path, "standards"))


def _add_objectives(library: Library, found: ObjectiveSet, file: _File) -> None:
    _file_name(found.id, file.path)
    library.version = library.version or found.version
    for number, objective in enumerate(found.objectives):
        if objective.id in library.objectives and not file.own:
            raise DecodeProblem(("objectives", number), f'the objective "{objective.id}" is here twice')
        library.objectives[objective.id] = objective


def _check(file: _File) -> Check:
    with _located(file):
        check = decode(Check, file.cache.data(file.key))
        check_rules(check, file.path.stem)
    return check


def _profile(file: _File) -> Profile:
    with _located(file):
        profile = decode(Profile, file.cache.data(file.key))
        _file_name(profile.id, file.path)
    return profile


def _standard(file: _File) -> Standard:
    with _located(file):
        standard = decode(Standard, file.cache.data(file.key))
        _file_name(standard.id, file.path)
        standard_rules(standard)
    return standard


@contextlib.contextmanager
def _located(file: _File) -> Iterator[None]:
    """Say in which line of the file something is wrong."""
    try:
        yield
    except DecodeProblem as problem:
        raise _content_error(file.path, problem) from problem


def _put(library: Library, known: dict[str, Entry[T]], kind: str, file: _File, entry: Entry[T]) -> None:
    if entry.id in known and not file.own:
        hints = (("also in", str(known[entry.id].path)),)
        raise _content_error(file.path, DecodeProblem(("id",), f'the id "{entry.id}" is used twice', hints))
    known[entry.id] = entry
    if file.own:
        library.overlaid.append((f"{kind} {entry.id}", entry.path))


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


def _parse(text: str) -> source.Plain:
    from secaudit.content.strict_yaml import parse

    return parse(text)


def _content_error(path: Path, problem: DecodeProblem, text: str | None = None) -> ContentError:
    from secaudit.content.strict_yaml import line_of

    try:
        line = line_of(text if text is not None else source.read(path), problem.keys)
    except ContentError:
        line = 1
    return ContentError(f"{path}:{line}: {problem.message}", problem.hints)
