"""JSON, TOML and plain values out of files of strangers: whatever they hold, it is an Unreadable and no crash."""

from __future__ import annotations

import json
import re
from typing import Any, Iterator

from secaudit.tables.project._package_model import Document, Unreadable

TOML_LIMIT_CHARS = 8 * 1024 * 1024
"""The reader of TOML is written in Python and needs about a second for 4 MB."""


def load_object(text: str) -> dict[str, Any]:
    """A JSON object.

    Raises:
        Unreadable: it is something else.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"it is no JSON: {str(problem)[:100]}") from None
    if not isinstance(found, dict):
        raise Unreadable("it is no JSON object")
    return found


_KEY_RUN = re.compile(r"[\w.\- \t\"']{200,}")
_LONG_LINE = re.compile(r"[^\n]{300,}")
_QUOTED_PART = re.compile(r"[\"'][ \t]*\.")
MAX_KEY_PARTS = 100
"""Of one dotted key: the reader of TOML needs time that grows with the square of it."""


def load_toml(text: str) -> dict[str, Any]:
    """A TOML document.

    Raises:
        Unreadable: it is none, or too large for its reader.
    """
    import tomllib

    if len(text) > TOML_LIMIT_CHARS:
        raise Unreadable(f"it is TOML of more than {TOML_LIMIT_CHARS >> 20} MB")
    if _has_long_key(text):
        raise Unreadable(f"it is TOML with a key of more than {MAX_KEY_PARTS} parts")
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as problem:
        raise Unreadable(f"it is no TOML: {str(problem)[:100]}") from None


def _has_long_key(text: str) -> bool:
    return any(match.group().count(".") > MAX_KEY_PARTS for match in _KEY_RUN.finditer(text)) or any(
        len(_QUOTED_PART.findall(match.group())) > MAX_KEY_PARTS for match in _LONG_LINE.finditer(text)
    )


def mapping(value: object) -> dict[str, Any]:
    """The value when it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def texts(value: object) -> list[str]:
    """The texts of a list; nothing of what is no list."""
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def mappings(value: object) -> list[dict[str, Any]]:
    """The objects of a list; nothing of what is no list."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def text_of(value: object) -> str:
    """The value when it is text, else nothing."""
    return value if isinstance(value, str) else ""


def tables_with_lines(document: Document, data: dict[str, Any], name: str) -> Iterator[tuple[dict[str, Any], int]]:
    """The tables `[[name]]` of a TOML document, each with its line."""
    found = mappings(data.get(name))
    places = [match.start() for match in re.finditer(rf"^\[\[{re.escape(name)}\]\]", document.text, re.MULTILINE)]
    for number, each in enumerate(found):
        yield each, document.line_at(places[number]) if len(places) == len(found) else 1


def line_of(document: Document, text: str, section: str = "") -> int:
    """The line where a text stands in quotes or as a key, after the head of its section."""
    start = max(document.seek(section), 0) if section else 0
    for form in (f'"{text}"', f"'{text}'", f"\n{text} ", f"\n{text}=", text):
        at = document.seek(form, start)
        if at >= 0:
            return document.line_at(at + form.startswith("\n"))
    return document.line_at(start)
