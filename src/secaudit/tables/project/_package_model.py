"""The words of the package readers: a package, a file that names packages, and the document that a reader fills."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from bisect import bisect_right
from typing import Callable, NamedTuple

MAX_PACKAGES = 200_000
"""In one project. The largest lock files that we know have about 10,000."""

MAX_SETTINGS = 1_000
"""Of one kind in one file: registries, or versions of languages."""

MAX_SOUGHT = 300_000_000
"""Characters that are searched for line numbers in one file: some 0.1 s."""


class Package(NamedTuple):
    """One package that one file of the project asks for or fixes."""

    ecosystem: str
    """As OSV names it: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet."""
    name: str
    """As OSV writes it: PyPI normalised, Packagist in lower case, Maven `group:artifact`; else as written."""
    version: str
    """The exact version, without the `v` of Go; empty when it is not pinned."""
    requirement: str
    """As written in a manifest; empty in a lock file."""
    path: str
    line: int
    direct: int | None
    """1 when the project itself asks for it, 0 when another package does, None when that cannot be told."""
    scope: str
    """`runtime`, `dev`, `optional`, `build`, `peer`, or the name of a group; empty when a lock file does not tell."""
    locked: int
    """1 when the file is a lock file."""
    hashed: int | None
    """1 with a checksum, 0 without, None where none belongs (git, folders, formats that have no checksums)."""
    source: str
    """`registry`, `url`, `git` or `path`."""
    location: str
    """The address without login and query; empty for the usual registry."""
    role: str
    """What its folder is for, as in `_roles`."""
    revision: str = ""
    """Of git sources: the commit, tag or branch."""
    hashes: tuple[str, ...] = ()
    """`sha256:<hex>` and the like."""
    licence: str = ""
    """Where the lock file tells it, as written."""
    scripts: int | None = None
    """1 when it runs a program while it is installed, where the lock file tells."""
    deprecated: str | None = None
    """What its makers say of it; empty when nothing, None where the file does not tell."""
    requires: tuple[str, ...] = ()
    """What it needs, where the lock file tells: names, or `name@version` where it tells the version."""


class Manifest(NamedTuple):
    """One manifest or lock file."""

    path: str
    ecosystem: str
    format: str
    kind: str
    """`manifest` or `lock`."""
    status: str
    """`ok`, `partial`, `failed`, `too large`, `denied` or `not read`."""
    reason: str
    tracking: str = ""
    role: str = ""
    name: str = ""
    """Of the project, where the file says it."""
    version: str = ""
    licence: str = ""
    """As written."""
    publishes: int = 0
    """1 for a library that is built and given to a registry: its users choose the versions, not it."""
    runtime: str = ""
    """The versions of the language or runtime that it asks for, as written."""
    declared: tuple[tuple[str, str], ...] = ()
    """Name and requirement of what the project itself asks for; of a lock file, what it was made from, if it tells."""
    registries: tuple[str, ...] = ()
    """Places beside the usual registry, and how they are asked: kind, line, address, with spaces between."""
    members: tuple[str, ...] = ()
    """Of a workspace: the folders that share its lock file, as patterns."""
    packages: int = 0
    answers: frozenset[tuple[str, str]] = frozenset()
    """Of a lock file of Yarn: each name and requirement that it answers."""
    overridden: bool = False
    """The manifest puts other versions in the place of those that are asked for."""
    runtimes: tuple[tuple[str, str, int], ...] = ()
    """Language, versions as written, and line."""


class Unreadable(Exception):
    """The file is not what its name says; the message is the reason."""


class NotRead(Unreadable):
    """The file may be in order, but it is of a kind that we do not read."""


class Document:
    """One file, and what a reader finds in it."""

    def __init__(self, path: str, data: bytes, ecosystem: str, kind: str, role: str) -> None:
        self.path = path
        self.data = data
        self.ecosystem = ecosystem
        self.kind = kind
        self.role = role
        self.packages: list[Package] = []
        self.notes: list[str] = []
        self.answers: set[tuple[str, str]] = set()
        self.declared: dict[str, str] = {}
        self.includes: list[str] = []
        self.runtimes: list[tuple[str, str, int]] = []
        self.registries: list[str] = []
        self.members: list[str] = []
        self.name = self.version = self.licence = self.runtime = ""
        self.publishes = 0
        self.overridden = False
        self.concerns = True
        """False for a file of that name that holds settings of other tools only; it gets no row."""
        self._newlines: list[int] | None = None
        self._text: str | None = None
        self._sought = 0

    @property
    def text(self) -> str:
        """The content; bad bytes become backslash escapes. PowerShell writes UTF-16, and pip reads it."""
        if self._text is None:
            encoding = next((name for mark, name in _MARKS if self.data.startswith(mark)), "utf-8")
            self._text = self.data.decode(encoding, "backslashreplace")
        return self._text

    @property
    def folder(self) -> str:
        return posixpath.dirname(self.path)

    def note(self, reason: str) -> None:
        """Say that a part was not understood; the rows beside it stay."""
        if len(self.notes) < 5:
            self.notes.append(reason)

    def line_at(self, offset: int) -> int:
        """The line of a place in the text, counted from 1."""
        if self._newlines is None:
            self._newlines = [match.start() for match in re.finditer("\n", self.text)]
        return bisect_right(self._newlines, offset - 1) + 1 if offset > 0 else 1

    def seek(self, text: str, start: int = 0) -> int:
        """Where a text stands; -1 when nowhere, or once so much was searched that the file must be hostile."""
        if self._sought > MAX_SOUGHT:
            return -1
        at = self.text.find(text, start)
        self._sought += (at if at >= 0 else len(self.text)) - start
        return at

    def add(
        self, name: str, version: str = "", *, requirement: str = "", line: int = 1, direct: int | None = None,
        scope: str = "runtime", hashed: int | None = None, source: str = "registry", location: str = "",
        revision: str = "", hashes: tuple[str, ...] = (), licence: str = "", scripts: int | None = None,
        deprecated: str | None = None, requires: tuple[str, ...] = (), ecosystem: str = "",
    ) -> None:  # fmt: skip
        """Keep one package.

        Raises:
            Unreadable: there are more than any real project has.
        """
        if len(self.packages) >= MAX_PACKAGES:
            raise Unreadable(f"it names more than {MAX_PACKAGES} packages")
        where = ecosystem or self.ecosystem
        if not name.strip():
            self.note("an entry has no name")
            return
        self.packages.append(
            Package(
                where, normal_name(where, name), whole(version), bare_text(requirement), self.path, line, direct, scope,
                int(self.kind == "lock"), hashed, source, without_login(location), self.role, whole(revision), hashes,
                whole(licence), scripts, None if deprecated is None else whole(deprecated), requires,
            )
        )  # fmt: skip

    def ask(self, name: str, requirement: str, line: int, scope: str = "runtime", **more: object) -> None:
        """Keep what a manifest asks for: a direct package, and its requirement for the comparison with the lock."""
        more.setdefault("direct", 1)
        self.declared.setdefault(normal_name(self.ecosystem, name), bare_text(requirement))
        self.add(name, requirement=requirement, line=line, scope=scope, **more)  # type: ignore[arg-type]

    def asked_for(self, name: str, requirement: str) -> None:
        """Keep which requirement a lock file answers, where it tells that and not who asks."""
        self.answers.add((normal_name(self.ecosystem, name), requirement))

    def place(self, kind: str, location: str, line: int) -> None:
        """Keep a registry, or how one is asked."""
        if len(self.registries) < MAX_SETTINGS:
            self.registries.append(f"{kind} {line} {bare_text(location)}")
        else:
            self._cut("registries")

    def runs(self, language: str, versions: str, line: int) -> None:
        """Keep which versions of a language the project asks for."""
        if versions and len(self.runtimes) >= MAX_SETTINGS:
            self._cut("versions of languages")
        elif versions:
            self.runtimes.append((language, whole(versions), line))
            self.runtime = self.runtime or versions[:200]

    def _cut(self, what: str) -> None:
        reason = f"it names more than {MAX_SETTINGS} {what}"
        if reason not in self.notes:
            self.notes.append(reason)

    def result(self, format_name: str, tracking: str) -> Manifest:
        """The row of this file."""
        return Manifest(
            self.path, self.ecosystem, format_name, self.kind, "partial" if self.notes else "ok",
            "; ".join(self.notes), tracking, self.role, whole(self.name), whole(self.version), whole(self.licence),
            self.publishes, whole(self.runtime), tuple(self.declared.items()), tuple(self.registries),
            tuple(self.members), len(self.packages), frozenset(self.answers), self.overridden,
            tuple(self.runtimes),
        )  # fmt: skip


_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


class Format(NamedTuple):
    """A kind of file. Each module `_pkg_*.py` has them in FORMATS."""

    name: str
    ecosystem: str
    kind: str
    names: tuple[str, ...]
    """Patterns of file names; with a slash, of the end of the path."""
    read: Callable[[Document], None]


_RUN = re.compile(r"[-_.]+")
_LOGIN = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,20}://)(?:[^/?#\s]*@|[^/?#\s:@]*:[^0-9/\s][^@\s]*@)")
_SECRET = re.compile(r"([?&][^=&#\s]*(?:token|key|secret|pass|auth|sig)[^=&#\s]*=)[^&#\s]+", re.IGNORECASE)
_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")


def normal_name(ecosystem: str, name: str) -> str:
    """The name as OSV writes it."""
    name = whole(name.strip())
    if ecosystem == "PyPI":
        return _RUN.sub("-", name).lower()
    return name.lower() if ecosystem == "Packagist" else name


def whole(text: str, most: int = 300) -> str:
    """The text, not too long; halves of characters, which only JSON can write, become backslash escapes."""
    if len(text) <= most and text.isascii():
        return text
    return text[:most].encode("utf-8", "backslashreplace").decode()


def name_of_need(need: str) -> str:
    """The name in one entry of `requires`."""
    return need[:1] + need[1:].partition("@")[0]


def without_login(location: str) -> str:
    """An address without user, password, query and fragment."""
    if not location:
        return ""
    return _LOGIN.sub(r"\1", whole(location.strip(), 1000)).partition("#")[0].partition("?")[0]


def bare_text(text: str) -> str:
    """A requirement as written, without the logins of addresses in it."""
    short = whole(text, 500)
    return _SECRET.sub(r"\1****", _LOGIN.sub(r"\1", short)) if "@" in short or "=" in short else short


def is_commit(revision: str) -> bool:
    """Whether this is the full number of a commit, which nobody can move."""
    return _COMMIT.fullmatch(revision.lower()) is not None


def sri(text: str) -> tuple[str, ...]:
    """`sha512-<base64>` words, as npm writes them, as `sha512:<hex>`."""
    found = []
    for word in text.split()[:4]:
        kind, dash, value = word.partition("-")
        try:
            if dash:
                found.append(f"{kind.lower()}:{base64.b64decode(value.partition('?')[0], validate=True).hex()}")
        except (binascii.Error, ValueError):
            continue
    return tuple(found)
