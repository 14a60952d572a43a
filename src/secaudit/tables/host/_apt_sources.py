"""Read the package sources of apt, in both formats. Source: sources.list(5)."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple
from urllib.parse import unquote

from secaudit.tableapi import Target
from secaudit.tables.host._apt_config import parse_bool, part_files

MAIN = "/etc/apt/sources.list"
PARTS = "/etc/apt/sources.list.d"
MAX_SOURCES = 20_000

_OPTION = re.compile(r"([A-Za-z-]+)[+-]?=(.*)", re.DOTALL)
_WORD = re.compile(r'(?:"[^"]*"|\[[^\]]*\]|[^\s"\[])+')


class Source(NamedTuple):
    """One archive: a type, a URI and a suite, with the options that change how far it is trusted."""

    type: str
    """deb or deb-src."""
    uri: str
    suite: str
    components: tuple[str, ...]
    architectures: tuple[str, ...]
    """Empty: all architectures of the system."""
    options: dict[str, str]
    """Names in lower case."""
    enabled: bool
    path: str
    line: int

    def is_on(self, name: str) -> bool:
        return parse_bool(self.options.get(name, ""), False)


class Sources(NamedTuple):
    """All sources, and the files that could not be read or that apt refuses."""

    sources: list[Source]
    faults: list[str]
    files: int
    """How many files of sources exist."""


def read_sources(target: Target) -> Sources:
    """Read sources.list and the files of sources.list.d.

    Raises:
        PermissionError: the folder cannot be listed.
    """
    found = Sources([], [], 0)
    files = 0
    for path in [MAIN, *part_files(target, PARTS, ("list", "sources"))]:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            files += 1
            found.faults.append(f"{path}: {error.strerror or error}")
            continue
        files += 1
        parse = _parse_deb822 if path.endswith(".sources") else _parse_lines
        for source in parse(text, path, found.faults):
            if len(found.sources) >= MAX_SOURCES:
                found.faults.append("there are too many sources")
                return found._replace(files=files)
            found.sources.append(source)
    return found._replace(files=files)


def _parse_lines(text: str, path: str, faults: list[str]) -> Iterator[Source]:
    for number, raw in enumerate(text.split("\n"), 1):
        line = _strip_comment(raw).strip()
        if not line:
            continue
        kind, _, rest = line.replace("\t", " ").partition(" ")
        rest = rest.strip()
        options: dict[str, str] = {}
        if rest.startswith("["):
            inside, closed, rest = rest[1:].partition("]")
            for word in inside.split():
                match = _OPTION.match(word)
                if match is None or not closed:
                    faults.append(f"{path}:{number} has malformed options")
                    break
                options[match.group(1)] = match.group(2)  # in this format capitals count: Trusted= means nothing
        words = [_dequote(word) for word in _WORD.findall(rest)]
        if kind not in ("deb", "deb-src") or len(words) < 2 or (len(words) == 2 and not words[1].endswith("/")):
            faults.append(f"{path}:{number} is not a source that apt understands")
            continue
        yield Source(
            kind, words[0], words[1], tuple(words[2:]), _list(options.get("arch", "")), options, True, path, number
        )


def _strip_comment(line: str) -> str:
    """Cut at the first `#` that is not inside brackets, as apt does."""
    at = 0
    while at < len(line):
        if line[at] == "#":
            return line[:at]
        if line[at] == "[":
            end = line.find("]", at)
            at = end if end > 0 else at
        at += 1
    return line


def _dequote(word: str) -> str:
    if word.startswith("[") and word.endswith("]"):
        return word
    return unquote(word.replace('"', ""))


def _parse_deb822(text: str, path: str, faults: list[str]) -> Iterator[Source]:
    for start, fields in _stanzas(text):
        if not fields:
            continue
        types = fields.get("types", "").split()
        uris = fields.get("uris", "").split()
        suites = fields.get("suites", "").split()
        if not types or not uris or not suites or any(kind not in ("deb", "deb-src") for kind in types):
            faults.append(f"{path}:{start} is not a source that apt understands")
            continue
        options = {
            key: value
            for key, value in fields.items()
            if key not in ("types", "uris", "suites", "components", "architectures", "enabled")
        }
        components = tuple(fields.get("components", "").split())
        architectures = _list(fields.get("architectures", ""))
        enabled = parse_bool(fields.get("enabled", ""), True)
        for kind in types:
            for uri in uris:
                for suite in suites:
                    yield Source(kind, uri, suite, components, architectures, options, enabled, path, start)


def _stanzas(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Give (first line, fields by lower-case name); lines of `#` are comments, also within a field."""
    fields: dict[str, list[str]] = {}
    start, name = 1, ""
    for number, line in enumerate([*text.split("\n"), ""], 1):
        if line.startswith("#"):
            continue
        if not line.strip():
            yield start, {key: "\n".join(parts).strip() for key, parts in fields.items()}
            fields, name = {}, ""
            continue
        if not fields:
            start = number
        if line[0] in " \t":
            if name:
                fields[name].append(line.strip())
            continue
        key, colon, value = line.partition(":")
        if colon:
            name = key.strip().lower()
            fields[name] = [value.strip()]


def _list(text: str) -> tuple[str, ...]:
    return tuple(word for word in re.split(r"[,\s]+", text) if word)
