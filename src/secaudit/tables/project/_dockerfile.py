"""Dockerfiles taken apart by the Dockerfile reference: instructions with lines, and stages with what they inherit."""

from __future__ import annotations

import json
from typing import NamedTuple

MAX_INSTRUCTIONS = 5_000
MAX_TEXT = 256 * 1024
_KNOWN = frozenset(
    "FROM RUN CMD LABEL MAINTAINER EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL"
    " HEALTHCHECK SHELL".split()
)
_HEREDOC = frozenset(("RUN", "COPY", "ADD"))
_JSON = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "ADD", "COPY"))


class Instruction(NamedTuple):
    """One instruction."""

    word: str
    """Upper case."""
    flags: tuple[str, ...]
    text: str
    """What follows the flags, lines joined by a newline where the shell would see one command."""
    parts: tuple[str, ...] | None
    """The parts of the JSON form."""
    heredocs: tuple[str, ...]
    line: int
    end_line: int
    on_build: bool


class Parsed(NamedTuple):
    """A Dockerfile."""

    instructions: tuple[Instruction, ...]
    problem: str


def parse(text: str) -> Parsed:
    """Take a Dockerfile apart."""
    lines = text.split("\n")
    escape = _escape(lines)
    found: list[Instruction] = []
    position = 0
    while position < len(lines):
        stripped = lines[position].strip()
        if not stripped or stripped.startswith("#"):
            position += 1
            continue
        if len(found) >= MAX_INSTRUCTIONS:
            return Parsed(tuple(found), f"more than {MAX_INSTRUCTIONS} instructions")
        first = position
        logical, position = _joined(lines, position, escape)
        word, _, rest = logical.strip().partition(" ")
        if "\t" in word:
            word, _, rest = logical.strip().replace("\t", " ", 1).partition(" ")
        word, on_build = word.upper(), False
        if word == "ONBUILD":
            inner, _, rest = rest.strip().partition(" ")
            word, on_build = inner.upper(), True
        if word.split("\n")[0] not in _KNOWN:
            return Parsed(tuple(found), f"line {first + 1} is no instruction")
        heredocs: list[str] = []
        if word in _HEREDOC:
            for name, dash in _heredoc_names(rest):
                body, position, closed = _heredoc(lines, position, name, dash)
                if not closed:
                    return Parsed(tuple(found), f"the text that begins in line {first + 1} has no end")
                heredocs.append(body)
        flags, rest = _flags(rest)
        if len(rest) > MAX_TEXT:
            return Parsed(tuple(found), f"the instruction in line {first + 1} is too long")
        parts = _json(rest) if word in _JSON else None
        found.append(Instruction(word, flags, rest, parts, tuple(heredocs), first + 1, position, on_build))
    if not any(entry.word == "FROM" for entry in found):
        return Parsed(tuple(found), "there is no FROM")
    return Parsed(tuple(found), "")


def _escape(lines: list[str]) -> str:
    """The directive `# escape=`, which counts only above everything else."""
    for line in lines[:10]:
        stripped = line.strip()
        if not stripped.startswith("#") or "=" not in stripped:
            break
        name, _, value = stripped[1:].partition("=")
        if name.strip().lower() == "escape" and value.strip() in ("`", "\\"):
            return value.strip()
        if " " in name.strip():
            break
    return "\\"


def _joined(lines: list[str], position: int, escape: str) -> tuple[str, int]:
    """One instruction with its continuation lines; lines of comment between them are dropped, as Docker does."""
    pieces: list[str] = []
    while position < len(lines):
        line = lines[position].rstrip()
        position += 1
        if pieces:
            inner = line.lstrip()
            if not inner or inner.startswith("#"):
                pieces.append("\\\n")
                continue
        if line.endswith(escape) and not (escape == "\\" and line.endswith("\\\\")):
            pieces.append(line[:-1] + "\\\n")
            continue
        pieces.append(line)
        break
    return "".join(pieces), position


def _flags(rest: str) -> tuple[tuple[str, ...], str]:
    flags = []
    rest = rest.replace("\\\n", " ", 1).lstrip() if rest.lstrip().startswith("\\\n") else rest.lstrip()
    while rest.startswith("--"):
        pieces = rest.split(None, 1)
        flags.append(pieces[0])
        rest = pieces[1] if len(pieces) > 1 else ""
        while rest.startswith("\\\n"):
            rest = rest[2:].lstrip()
    return tuple(flags), rest


def _json(rest: str) -> tuple[str, ...] | None:
    text = rest.replace("\\\n", " ").strip()
    if not text.startswith("["):
        return None
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(parts, list) and all(isinstance(part, str) for part in parts):
        return tuple(parts)
    return None


def _heredoc_names(rest: str) -> list[tuple[str, bool]]:
    """The names behind `<<` outside of quotes; `<<<` is none."""
    found = []
    quote = ""
    position = 0
    while position < len(rest):
        char = rest[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif rest.startswith("<<<", position):
            position += 3
            continue
        elif rest.startswith("<<", position) and (position == 0 or rest[position - 1] in " \t0123456789"):
            begin = position + 2
            dash = rest.startswith("-", begin)
            begin += int(dash)
            mark = rest[begin] if rest[begin : begin + 1] in ("'", '"') else ""
            begin += len(mark)
            stop = begin
            while stop < len(rest) and (rest[stop].isalnum() or rest[stop] in "_.-"):
                stop += 1
            if stop > begin:
                found.append((rest[begin:stop], dash))
            position = stop + len(mark) - 1
        position += 1
    return found


def _heredoc(lines: list[str], position: int, name: str, dash: bool) -> tuple[str, int, bool]:
    body: list[str] = []
    while position < len(lines):
        line = lines[position].lstrip("\t") if dash else lines[position]
        position += 1
        if line.rstrip("\r") == name:
            return "\n".join(body), position, True
        body.append(line)
    return "\n".join(body), position, False


# ---------------------------------------------------------------- variables


def substitute(text: str, values: dict[str, str | None]) -> str | None:
    """Put in ARG and ENV values as Docker does; None when one is not known.

    `${NAME:-default}` and `${NAME:+other}` are understood.
    """
    out: list[str] = []
    position = 0
    while position < len(text):
        char = text[position]
        if char == "\\" and position + 1 < len(text):
            out.append(text[position + 1])
            position += 2
            continue
        if char != "$":
            out.append(char)
            position += 1
            continue
        name, modifier, extra, position = _variable(text, position + 1)
        if not name:
            out.append("$")
            continue
        value = values.get(name)
        if modifier == "-" and not value:
            value = extra
        elif modifier == "+":
            value = extra if value else ""
        if value is None:
            return None
        out.append(value)
    return "".join(out)


def _variable(text: str, position: int) -> tuple[str, str, str, int]:
    """Name, modifier (`-`, `+` or empty), its text, and the place after it."""
    if text.startswith("{", position):
        end = text.find("}", position)
        if end < 0:
            return "", "", "", position
        inner = text[position + 1 : end]
        stop = 0
        while stop < len(inner) and (inner[stop].isalnum() or inner[stop] == "_"):
            stop += 1
        rest = inner[stop:].lstrip(":")
        return inner[:stop], rest[:1], rest[1:], end + 1
    stop = position
    while stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
        stop += 1
    return text[position:stop], "", "", stop


def assignments(text: str) -> list[tuple[str, str]]:
    """The names and values of an ENV, ARG or LABEL: `A=b C="d e"`, or the old form `A b`."""
    text = text.replace("\\\n", " ").strip()
    first = text.split(None, 1)
    if first and "=" not in first[0]:
        return [(first[0], first[1] if len(first) > 1 else "")]
    found = []
    word: list[str] = []
    quote = ""
    for position, char in enumerate([*text, " "]):
        if quote:
            if char == quote:
                quote = ""
            else:
                word.append(char)
        elif char in "'\"":
            quote = char
        elif char in " \t\n":
            if word:
                name, _, value = "".join(word).partition("=")
                found.append((name, value))
            word = []
        else:
            word.append(char)
        if position > MAX_TEXT:
            break
    return found


# ---------------------------------------------------------------- images


class Image(NamedTuple):
    """The parts of a name of an image."""

    name: str
    tag: str
    digest: str

    @property
    def pinned(self) -> str:
        """`digest`, `version`, `latest` or `none`."""
        if self.digest:
            return "digest"
        if not self.tag:
            return "none"
        return "latest" if self.tag.lower() in _MOVING else "version"


_MOVING = frozenset("latest stable edge nightly main master dev develop devel current rolling lts canary".split())


def image_of(text: str) -> Image:
    """`registry:5000/name:tag@sha256:...` taken apart."""
    name, _, digest = text.partition("@")
    head, slash, last = name.rpartition("/")
    last, _, tag = last.partition(":")
    return Image(f"{head}{slash}{last}", tag, digest)
