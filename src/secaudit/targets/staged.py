"""project, as the next commit would change it: only files whose content in git's index differs from HEAD.

What lies in the folder is not read, so a file that was mended after `git add` is still judged as it is staged. Nothing
but these files exists for the tables: a history, an ignored file or a second manifest is not part of what is staged.
"""

from __future__ import annotations

import os
import tempfile
from typing import Iterator, Mapping, NamedTuple

from secaudit.errors import TargetError
from secaudit.tableapi import Command, ProgramMissing, TableProblem, TooLarge, Unsupported
from secaudit.targets import installed
from secaudit.targets.parts import ArchiveProblem, Part, whole
from secaudit.targets.project import ProjectAccess
from secaudit.targets.tarformat import Member
from secaudit.targets.tree import Tree
from secaudit.targets.tree_access import TreeAccess
from secaudit.targets.unpack import temporary_folder

KEPT_BYTES = 16 << 20
"""A larger file is known by name and size; no table of projects reads one."""

TOTAL_BYTES = 1 << 30
MAX_STAGED = 100_000
BATCH_BYTES = 16 << 20
BATCH_COUNT = 4000
LIST_BYTES = 64 << 20
GIT_S = 30.0
LINK, SUBMODULE = "120000", "160000"


class NothingStaged(TargetError):
    """The index is the same as HEAD, so there is nothing to look at."""

    exit_code = 0


class Entry(NamedTuple):
    """One file that is staged."""

    mode: str
    oid: str
    path: str


class StagedAccess(TreeAccess):
    """The staged files as a project of their own, all of them tracked."""

    kind = "project"

    def __init__(self, tree: Tree, name: str, entries: tuple[Entry, ...], notes: tuple[str, ...]) -> None:
        super().__init__(tree, name, notes)
        self.uid = os.geteuid()
        self.is_root = self.uid == 0
        self._entries = entries

    def open(self, path: str) -> int:
        """A private copy of the staged content."""
        found = self.stat(path, follow=True)
        if found.kind == "file" and found.size > KEPT_BYTES:
            raise TooLarge(f"{path} has {found.size} bytes, the limit for what is staged is {KEPT_BYTES}")
        return super().open(path)

    def find_program(self, name: str) -> str | None:
        """No program: it would see the folder, and not what is staged."""
        return None

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        return Command(tuple(argv), 0, self._answer(argv).decode("utf-8", "backslashreplace"), "")

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        return self._answer(argv)

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        return installed.run_over(argv, files, timeout_s, limit_bytes)

    def _answer(self, argv: list[str]) -> bytes:
        """What git would say of a repository that holds the staged files only.

        Raises:
            Unsupported: it is a question about something else, such as the history.
        """
        words = argv[1:]
        if argv[0] == "git" and words[:1] == ["rev-parse"] and "--is-bare-repository" in words:
            return b"false\n"
        if argv[0] == "git" and words == ["rev-parse", "--show-prefix"]:
            return b"\n"
        if argv[0] == "git" and words[:1] == ["ls-files"] and "-z" in words:
            if "--others" in words:
                return b""
            if "--stage" in words:
                rows = (f"{mode} {oid} 0\t{path}\0" for mode, oid, path in self._entries)
                return "".join(rows).encode("utf-8", "surrogateescape")
        raise Unsupported("only what is staged for the next commit was looked at")


def open_staged(folder: str) -> StagedAccess:
    """Read what is staged.

    Raises:
        OSError: the folder cannot be opened.
        TargetError: it is no repository, a merge is not finished, or too much is staged.
        NothingStaged: nothing is.
    """
    project = ProjectAccess(folder, index=_index_of(folder))
    try:
        entries = _staged(project)
        if not entries:
            raise NothingStaged("nothing is staged, so nothing was looked at")
        tree, large = _tree(project, entries)
    except ProgramMissing as error:
        raise TargetError(f"{folder}: git is not installed (option --staged)", (("fix", "install git"),)) from error
    except (TableProblem, TooLarge, ArchiveProblem) as error:
        raise TargetError(f"{folder}: what is staged could not be read: {error} (option --staged)") from error
    more = f" and {len(large) - 1} more" if large[1:] else ""
    notes = (f"not read, since it is too large: {large[0]}{more}",) if large else ()
    return StagedAccess(tree, project.name, entries, notes)


def _index_of(folder: str) -> str | None:
    """The index that git gives to its hooks: with `git commit -a` or with paths it is not the usual one."""
    named = os.environ.get("GIT_INDEX_FILE")
    here, place = os.path.realpath("."), os.path.realpath(folder)
    return os.path.abspath(named) if named and (place + "/").startswith(here.rstrip("/") + "/") else None


def _staged(project: ProjectAccess) -> tuple[Entry, ...]:
    """Files that were added or changed against HEAD; in a repository without a commit, all that are staged."""
    fix = (("fix", "name the folder of a git repository, or leave --staged out"),)
    if project.ask(["rev-parse", "--is-inside-work-tree"], b"", GIT_S, LIST_BYTES)[1].strip() != b"true":
        raise TargetError(f"{project.name}: this is no git repository with files (option --staged)", fix)
    if project.ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], b"", GIT_S, LIST_BYTES)[0] == 0:
        words = [
            "diff-index",
            "--cached",
            "--raw",
            "-z",
            "--no-renames",
            "--abbrev=64",
            "--diff-filter=d",
            "--relative",
        ]
        code, printed = project.ask([*words, "--ignore-submodules=all", "HEAD", "--"], b"", GIT_S, LIST_BYTES)
        found = tuple(_of_diff(printed))
    else:
        code, printed = project.ask(["ls-files", "-z", "--stage", "--cached"], b"", GIT_S, LIST_BYTES)
        found = tuple(_of_index(printed))
    if code != 0:
        raise TargetError(f"{project.name}: git could not compare its index with HEAD (option --staged)", fix)
    if len(found) > MAX_STAGED:
        raise TargetError(f"{project.name}: more than {MAX_STAGED} files are staged (option --staged)", fix)
    return found


def _of_diff(printed: bytes) -> Iterator[Entry]:
    """`:MODE MODE OID OID STATUS`, NUL, path, NUL; git-diff-index(1)."""
    fields = iter(printed.split(b"\0"))
    for head in fields:
        path = next(fields, b"")
        parts = head.split(b" ")
        if len(parts) == 5 and path:
            _, mode, _, oid, status = (part.decode("ascii", "replace") for part in parts)
            if status.startswith("U"):
                raise TargetError("a merge is not finished (option --staged)", (("fix", "git status"),))
            yield Entry(mode, oid, path.decode("utf-8", "surrogateescape"))


def _of_index(printed: bytes) -> Iterator[Entry]:
    """`MODE OID STAGE`, tab, path, NUL; git-ls-files(1)."""
    for row in printed.split(b"\0"):
        head, tab, path = row.partition(b"\t")
        parts = head.decode("ascii", "replace").split(" ")
        if tab and len(parts) == 3:
            yield Entry(parts[0], parts[1], path.decode("utf-8", "surrogateescape"))


def _tree(project: ProjectAccess, entries: tuple[Entry, ...]) -> tuple[Tree, list[str]]:
    """The files with their contents, and those that are too large to be kept."""
    sizes = _sizes(project, [entry.oid for entry in entries if entry.mode != SUBMODULE])
    wanted = [oid for oid, size in sizes.items() if size <= KEPT_BYTES]
    if sum(sizes[oid] for oid in wanted) > TOTAL_BYTES:
        raise TargetError(f"{project.name}: more than {TOTAL_BYTES >> 30} GB are staged (option --staged)")
    store = tempfile.TemporaryFile(dir=temporary_folder(), buffering=0)  # noqa: SIM115  its copy lives in the tree
    with store:
        places = _keep(project, wanted, sizes, store.fileno())
        part = whole(os.dup(store.fileno()))
    tree, large = Tree(), list[str]()
    for entry in entries:
        if entry.mode == SUBMODULE:
            continue
        if entry.oid not in sizes:
            raise TargetError(f"{project.name}: git has lost the content of {entry.path} (option --staged)")
        if entry.oid not in places:
            large.append(entry.path)
        tree.place(_member(entry, sizes[entry.oid], places.get(entry.oid), part), part)
    tree.finish()
    return tree, large


def _member(entry: Entry, size: int, offset: int | None, part: Part) -> Member:
    link = ""
    if entry.mode == LINK and offset is not None:
        link = part.read(offset, size).decode("utf-8", "surrogateescape")
    return Member(
        name=entry.path, kind="link" if entry.mode == LINK else "file", mode=int(entry.mode[-3:], 8),
        uid=os.geteuid(), gid=os.getegid(), size=size, mtime_s=0, link=link, offset=offset or 0, pieces=None,
        problem="too large" if offset is None else None,
    )  # fmt: skip


def _sizes(project: ProjectAccess, oids: list[str]) -> dict[str, int]:
    feed = "".join(oid + "\n" for oid in dict.fromkeys(oids)).encode()
    found: dict[str, int] = {}
    for row in project.ask(["cat-file", "--batch-check"], feed, GIT_S, LIST_BYTES)[1].split(b"\n"):
        parts = row.split(b" ")
        if len(parts) == 3 and parts[1] == b"blob":
            found[parts[0].decode("ascii", "replace")] = int(parts[2])
    return found


def _keep(project: ProjectAccess, oids: list[str], sizes: dict[str, int], descriptor: int) -> dict[str, int]:
    """Write the contents one after the other; where each begins."""
    places: dict[str, int] = {}
    at = end = 0
    while at < len(oids):
        batch, size = list[str](), 0
        while at < len(oids) and len(batch) < BATCH_COUNT and (not batch or size + sizes[oids[at]] <= BATCH_BYTES):
            batch.append(oids[at])
            size += sizes[oids[at]]
            at += 1
        feed = "".join(oid + "\n" for oid in batch).encode()
        printed = project.ask(["cat-file", "--batch"], feed, GIT_S, size + 200 * len(batch))[1]
        place = 0
        for oid in batch:  # `OID blob SIZE`, newline, content, newline: git-cat-file(1)
            head = f"{oid} blob {sizes[oid]}\n".encode()
            if not printed.startswith(head, place):
                raise TargetError(f"{project.name}: git gave another content than it promised (option --staged)")
            content = printed[place + len(head) : place + len(head) + sizes[oid]]
            place += len(head) + sizes[oid] + 1
            places[oid] = end
            end += os.pwrite(descriptor, content, end) if content else 0
    return places
