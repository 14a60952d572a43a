"""Which files a fix changes, read out of its text, so that they can be kept before and put back.

What is not in the tables of this module counts as unclear, never as harmless: then the check itself must say it
(`touches:`), or a person carries the fix out.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from secaudit.fixing import managed
from secaudit.fixing.shellread import UNKNOWN, Command, commands, options_and_operands
from secaudit.model import Check


class Kind(StrEnum):
    """How much of a place must be kept."""

    FILE = "file"
    """Content, mode and owner; of a folder, everything in it."""
    FOLDER = "folder"
    """Only whether it was there."""
    MODES = "modes"
    """Mode and owner."""
    TREE = "tree"
    """Mode and owner of a folder and of everything in it."""
    FIND = "find"
    """Mode and owner of what `find` gives with these words."""


@dataclass(frozen=True, slots=True, order=True)
class Touched:
    """One place that a fix changes."""

    kind: Kind
    what: str
    """An absolute path or one that begins with `~/`, with `*` and `?` as the shell reads them; for FIND its words."""

    @property
    def is_own(self) -> bool:
        """Whether it lies in the home of the person who runs the fix."""
        return self.what == "~" or self.what.startswith("~/") or " ~" in f" {self.what.split(' -')[0]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a fix does to files, as far as its text tells."""

    touched: tuple[Touched, ...]
    unclear: tuple[str, ...]
    """Commands whose effect on files this module does not know."""
    acts: tuple[str, ...]
    """Commands that change something besides: packages, services, values of the running kernel."""


def touched_by(check: Check, text: str) -> Reading:
    """What a fix or undo text of a check touches, with what the check itself says."""
    read = read_text(text)
    said = tuple(Touched(Kind.FILE, path) for path in check.touches)
    return Reading(_merged((*read.touched, *said)), () if said else read.unclear, read.acts)


def read_text(text: str) -> Reading:
    """What a text touches; a text that no shell can read is unclear as a whole."""
    try:
        found = commands(text)
    except (ValueError, RecursionError):
        return Reading((), (text,), ())
    touched: list[Touched] = []
    unclear: list[str] = []
    acts: list[str] = []
    for command in found:
        for place in _places(command):
            if place is None or not _is_clear(place):
                unclear.append(command.text)
            elif not place.what.startswith(("/dev/", "/proc/", "/run/", "/sys/")):
                touched.append(place)
        if command.program in managed.ACTS:
            acts.append(command.text)
    return Reading(_merged(touched), tuple(dict.fromkeys(unclear)), tuple(acts))


def _is_clear(place: Touched) -> bool:
    """Whether a script can name this place: an absolute path, or words of find without variables of the fix."""
    if UNKNOWN in place.what or "\n" in place.what:
        return False
    if place.kind is Kind.FIND:
        return not re.search(r"\$(?!\()", place.what)
    return bool(re.match(r"/|~/|~$", place.what))


def _merged(places: Iterable[Touched]) -> tuple[Touched, ...]:
    """Each once, in order; where the content is kept, mode and owner need not be."""
    kept = list(dict.fromkeys(places))
    files = {place.what for place in kept if place.kind is Kind.FILE}
    less = {place.what for place in kept if place.kind is Kind.TREE}
    return tuple(
        place
        for place in kept
        if not (place.kind in (Kind.MODES, Kind.FOLDER, Kind.TREE) and place.what in files)
        and not (place.kind is Kind.MODES and place.what in less)
    )


def _places(command: Command) -> Iterator[Touched | None]:
    """The places of one command; None for one that is not clear."""
    for path in command.writes:
        if path != "/dev/null":
            yield Touched(Kind.FILE, path)
    name = command.program
    if not name or name in managed.HARMLESS:
        return
    reader = _READERS.get(name)
    if reader is not None:
        yield from _fed(command, reader(command.arguments, command))
        return
    known = managed.files_of(name, command.arguments)
    if known is not None:
        yield from (Touched(Kind.FILE, path) for path in known)
    elif name not in managed.ACTS:
        yield None


def _fed(command: Command, places: Iterator[Touched | None]) -> Iterator[Touched | None]:
    """With xargs there are more operands than the text shows."""
    if command.fed:
        yield None
    yield from places


# ---------------------------------------------------------------- programs whose operands are the files


Reader = Callable[[tuple[str, ...], Command], Iterator["Touched | None"]]


def _every_operand(kind: Kind, valued: str = "") -> Reader:
    def read(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
        for path in options_and_operands(arguments, valued)[1]:
            yield Touched(kind, path)

    return read


def _sed(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
    options, operands = options_and_operands(arguments, "efl")
    in_place = next((item for item in options if re.match(r"-[nErsuz]*i|--in-place", item)), None)
    if in_place is None:
        return
    if not any(item in ("-e", "-f") or item.startswith(("--expression", "--file")) for item in options):
        operands = operands[1:]
    suffix = re.sub(r"^(-[nErsuz]*i|--in-place=?)", "", in_place)
    for path in operands:
        yield Touched(Kind.FILE, path)
        if suffix and not suffix.startswith("E"):
            yield Touched(Kind.FILE, path + suffix)


def _into(valued: str) -> Reader:
    """cp, ln and install: the last operand is written, or a file in it when it is a folder."""

    def read(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
        options, operands = options_and_operands(arguments, valued)
        if any(item == "-t" or item.startswith("--target-directory") for item in options):
            yield None
        elif command.program == "install" and any(re.match(r"-[a-z]*d|--directory", item) for item in options):
            for path in operands:
                yield Touched(Kind.FOLDER, path)
        elif len(operands) < 2:
            yield None
        else:
            target = operands[-1]
            for source in operands[:-1]:
                name = source.rpartition("/")[2] if target.endswith("/") else ""
                yield Touched(Kind.FILE, target + name)

    return read


def _rights(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
    options, operands = options_and_operands(arguments)
    if not any(item.startswith("--reference") or re.fullmatch(r"-[rwxXst]+", item) for item in options):
        operands = operands[1:]
    deep = any(item == "--recursive" or re.fullmatch(r"-[a-zA-Z]*R[a-zA-Z]*", item) for item in options)
    for path in operands:
        yield Touched(Kind.TREE if deep else Kind.MODES, path)


_ACTION = re.compile(r"\s-(exec|execdir|ok|okdir|delete)\b")
_PATTERN = re.compile(r"[/~][\w./*?@+-]*\Z")


def _find(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
    starts = [word for word in _leading(arguments) if word.startswith(("/", "~"))]
    done = [
        arguments[place + 1] for place, word in enumerate(arguments[:-1]) if re.fullmatch(r"-(exec|ok)(dir)?", word)
    ]
    if "-delete" in arguments:
        done.append("rm")
    changing = {name.rpartition("/")[2] for name in done} - managed.HARMLESS
    if not changing:
        return
    if changing <= {"chmod", "chown", "chgrp"}:
        yield Touched(Kind.FIND, _find_words(arguments, command.text))
    elif changing <= {"chmod", "chown", "chgrp", "sed", "rm"} and starts:
        for path in starts:
            yield Touched(Kind.FILE, path)
    else:
        yield None


def _find_words(arguments: tuple[str, ...], text: str) -> str:
    """The words of find up to what it does: as it was read, or as it is written when it asks another command."""
    place = next(number for number, word in enumerate(arguments) if _ACTION.match(f" {word}"))
    words = arguments[:place]
    if any(UNKNOWN in word for word in words):
        return re.sub(r"^.*?\bfind\s+", "", _ACTION.split(text.replace("\\\n", " "), maxsplit=1)[0], count=1).strip()
    starts = set(_leading(words))
    return " ".join(word if word in starts and _PATTERN.match(word) else shlex.quote(word) for word in words)


def _leading(arguments: tuple[str, ...]) -> Iterator[str]:
    for word in arguments:
        if word not in ("-L", "-P", "-H"):
            if word.startswith(("-", "(", "!")):
                return
            yield word


def _only_reads(unless: str) -> Reader:
    """A program that reads, as long as no argument fits the pattern."""
    writing = re.compile(unless)

    def read(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
        if any(writing.search(word) for word in arguments):
            yield None

    return read


def _git(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
    if not arguments or arguments[0] != "config":
        yield None
    elif "--global" in arguments:
        yield from (Touched(Kind.FILE, "~/.gitconfig"), Touched(Kind.FILE, "~/.config/git/config"))
    elif "--system" in arguments:
        yield Touched(Kind.FILE, "/etc/gitconfig")
    else:
        yield None


def _ssh_keygen(arguments: tuple[str, ...], command: Command) -> Iterator[Touched | None]:
    if "-f" in arguments[:-1]:
        path = arguments[arguments.index("-f") + 1]
        yield from (Touched(Kind.FILE, path), Touched(Kind.FILE, path + ".pub"))
    elif "-H" in arguments or "-R" in arguments:
        yield from (Touched(Kind.FILE, "~/.ssh/known_hosts"), Touched(Kind.FILE, "~/.ssh/known_hosts.old"))
    else:
        yield None


_READERS: dict[str, Reader] = {
    ".": _only_reads(r"^(?!/etc/os-release$)"),
    "awk": _only_reads(r">|\||system|^-i|--include"),
    "sort": _only_reads(r"^-\w*o|^--output|^--compress"),
    "tee": _every_operand(Kind.FILE),
    "rm": _every_operand(Kind.FILE),
    "unlink": _every_operand(Kind.FILE),
    "shred": _every_operand(Kind.FILE, "ns"),
    "truncate": _every_operand(Kind.FILE, "sr"),
    "touch": _every_operand(Kind.FILE, "drt"),
    "mv": _every_operand(Kind.FILE, "S"),
    "mkdir": _every_operand(Kind.FOLDER, "m"),
    "rmdir": _every_operand(Kind.FOLDER),
    "cp": _into("S"),
    "ln": _into("S"),
    "install": _into("mogS"),
    "sed": _sed,
    "chmod": _rights,
    "chown": _rights,
    "chgrp": _rights,
    "find": _find,
    "git": _git,
    "ssh-keygen": _ssh_keygen,
}
