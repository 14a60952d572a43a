"""Files of a project that a table asks for by name, read within bounds, with those that could not be read."""

from __future__ import annotations

import posixpath
from typing import Callable, Iterable, NamedTuple

from secaudit.tableapi import Absent, Partial, ProgramMissing, TableProblem, Target, TimedOut
from secaudit.tables.project._listing import Listed, Listing, listing
from secaudit.tables.project._roles import role_of

LIMIT_BYTES = 1024 * 1024
MAX_CONFIG_FILES = 5_000
MAX_TOTAL_BYTES = 8 * 1024 * 1024
"""Of one kind together: more is no configuration that people write, and all of it is held in memory."""
_LINKS = ("120000", "160000")


class ConfigFile(NamedTuple):
    """One file with its content."""

    path: str
    tracking: str
    role: str
    data: bytes

    @property
    def text(self) -> str:
        """UTF-8; bad bytes are shown as backslash escapes, a mark of the byte order is dropped."""
        return self.data.decode("utf-8", "backslashreplace").lstrip("\ufeff").replace("\r\n", "\n")


class ConfigFiles:
    """What was found, and a list of troubles that grows while the files are read."""

    def __init__(self, found: list[ConfigFile], troubles: list[str], what: str) -> None:
        self.found = found
        self._troubles = troubles
        self._what = what

    def trouble(self, path: str, reason: str) -> None:
        """Note that a file could not be understood."""
        self._troubles.append(f"{path} ({reason})")

    def finish(self, *, rows: bool = True) -> None:
        """Raise what must be said at the end.

        Raises:
            Absent: there is no such file.
            Partial: some could not be read or understood.
        """
        if self._troubles:
            more = f" and {len(self._troubles) - 3} more" if len(self._troubles) > 3 else ""
            raise Partial(f"not read: {', '.join(self._troubles[:3])}{more}")
        if not self.found or not rows:
            raise Absent(f"there is no {self._what}")


def config_files(
    target: Target, wanted: Callable[[str], bool], what: str, gate: Callable[[bytes], bool] | None = None
) -> ConfigFiles:
    """Read the files whose path is wanted; code of others is left out, and links are not followed.

    Args:
        target: the project.
        wanted: whether a path is of this kind.
        what: the kind in words, for `there is no ...`.
        gate: whether the content is of this kind; for kinds that no name tells.
    """
    files = listing(target)
    found: list[ConfigFile] = []
    total = 0
    troubles = [files.problem] if files.problem else []
    for entry in files.entries:
        if entry.git_mode in _LINKS or not wanted(entry.path):
            continue
        role = config_role(entry)
        if role == "vendored":
            continue
        if len(found) >= MAX_CONFIG_FILES:
            troubles.append(f"more than {MAX_CONFIG_FILES} files")
            break
        try:
            data = read(target, files, entry)
        except TimedOut:
            troubles.append("time was up")
            break
        except (OSError, TableProblem) as problem:
            troubles.append(f"{entry.path} ({_plain(problem)})")
            continue
        if data is not None and (gate is None or gate(data)):
            total += len(data)
            if total > MAX_TOTAL_BYTES:
                troubles.append(f"more than {MAX_TOTAL_BYTES >> 20} MB of such files")
                break
            found.append(ConfigFile(entry.path, entry.tracking, role, data))
    return ConfigFiles(found, troubles, what)


def config_role(entry: Listed) -> str:
    """As `role_of`; but what git tracks in a folder `build` or `dist` is written by people."""
    role = role_of(entry.path)
    if role == "built" and entry.tracking == "tracked":
        return "code"
    return role


def read(target: Target, files: Listing, entry: Listed) -> bytes | None:
    """The bytes of a file; None when it is gone or no file.

    Raises:
        OSError, TableProblem: it could not be read.
    """
    if files.is_bare:
        return _blob(target, entry.path)
    try:
        if target.stat("/" + entry.path, follow=False).kind != "file":
            return None
        return target.read_unlisted("/" + entry.path, LIMIT_BYTES)
    except FileNotFoundError:
        return None


def _blob(target: Target, path: str) -> bytes | None:
    if "\n" in path:
        return None
    try:
        done = target.run_fed(
            ["git", "cat-file", "--batch"], f"HEAD:{path}\n".encode("utf-8", "surrogateescape"),
            timeout_s=10.0, limit_bytes=LIMIT_BYTES,
        )  # fmt: skip
    except ProgramMissing:
        return None
    return done.partition(b"\n")[2][:-1]


def _plain(problem: BaseException) -> str:
    words = {"TooLarge": "too large", "PermissionError": "no rights", "NotRegular": "no file"}
    return words.get(type(problem).__name__, type(problem).__name__)


def name_of(path: str) -> str:
    """The last part of a path, in lower case."""
    return posixpath.basename(path).lower()


_DEVELOPMENT = frozenset(
    "dev devel develop development devcontainer local debug test tests testing e2e override gitpod fuzz fuzzing"
    " clusterfuzzlite bench vagrant".split()
)


def is_development(path: str) -> int:
    """1 when the name of a file or of its folder says that it is for the desk of a developer or for tests."""
    plain = "".join(char if char.isalnum() else " " for char in path.lower())
    return int(not _DEVELOPMENT.isdisjoint(plain.split()))


def words(found: Iterable[str]) -> str:
    """Facts as text: ` one two `, so that `LIKE '% one %'` finds a whole word."""
    listed = list(found)
    return f" {' '.join(listed)} " if listed else ""


def shown_words(found: Iterable[str], most: int, telling: Callable[[str], bool] = lambda _: False) -> str:
    """As `words`, each once and no more than `most`; those that a check looks for come first, so no cut hides one."""
    listed = sorted(dict.fromkeys(found), key=lambda word: not telling(word))
    more = [f"(and {len(listed) - most} more)"] if len(listed) > most else []
    return words([*listed[:most], *more])
