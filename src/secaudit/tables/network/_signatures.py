"""Whether a reply looks like a signature of the content says. Takes time in proportion to the length of the reply.

Text is compared byte for byte as Latin-1, so that no encoding can be wrong, and without regard to the case of ASCII
letters.
"""

from __future__ import annotations

import json
from typing import Any, Iterable, Sequence

_HASHES = ("$apr1$", "$2a$", "$2b$", "$2y$", "$5$", "$6$", "{sha}", "{ssha}")
_HTML = ("<!doctype html", "<html", "<head", "<body")
_NAME = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_.-")
_VERSION = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.+~-_")
_LINES = 200
_KEYS = 400


class View:
    """The body and the headers of a reply, as signatures look at them."""

    def __init__(self, body: bytes, headers: Iterable[tuple[str, str]] = (), whole: bool = True) -> None:
        text = body.decode("latin-1")
        self.plain = text[3:] if text.startswith("\xef\xbb\xbf") else text
        self.text = _lower(self.plain)
        self.headers = [(_lower(name), _lower(value)) for name, value in headers]
        self.type = next((value for name, value in self.headers if name == "content-type"), "")
        self.whole = whole
        self._keys: frozenset[str] | None = None
        self._lines = ""

    @property
    def is_html(self) -> bool:
        """Whether it is an HTML page, whatever the content type says."""
        start = self.text[:600].lstrip()
        while start.startswith("<!--"):
            start = start.partition("-->")[2].lstrip()
        return start.startswith(_HTML)

    @property
    def lines(self) -> str:
        """The text with one kind of line end, and one before its first line."""
        self._lines = self._lines or "\n" + self.text.replace("\r\n", "\n").replace("\r", "\n")
        return self._lines

    @property
    def keys(self) -> frozenset[str]:
        """Keys of the JSON object, or of the objects in the JSON list; empty for anything else."""
        if self._keys is None:
            self._keys = frozenset(self._read_keys())
        return self._keys

    def _read_keys(self) -> Iterable[str]:
        start = self.plain.lstrip()[:1]
        if start not in ("{", "["):
            return
        try:
            data: Any = json.loads(self.plain)
        except (ValueError, RecursionError):
            if not self.whole and start == "{":  # the rest was not read: what stands in quotes is as near as we get
                yield from self.plain.split('"')[1:_KEYS:2]
            return
        for item in data[:1] if isinstance(data, list) else [data]:
            if isinstance(item, dict):
                yield from item


def fits(signature: Any, view: View) -> str:
    """By what the reply fits the signature, in words of ours and of the signature; empty when it does not fit."""
    if signature.html is not None and signature.html != view.is_html:
        return ""
    if signature.type and not any(_lower(part) in view.type for part in signature.type):
        return ""
    if any(_lower(word) in view.text for word in signature.none):
        return ""
    seen: list[str] = []
    for words, found in (
        (signature.all, [word for word in signature.all if _lower(word) in view.text]),
        (signature.any, _first(word for word in signature.any if _lower(word) in view.text)),
        (signature.lines, _first(word for word in signature.lines if "\n" + _lower(word) in view.lines)),
        (signature.starts, _first(word for word in signature.starts if view.plain.lstrip().startswith(word.lstrip()))),
        (signature.headers, _first(line for line in signature.headers if _has_header(line, view))),
        (signature.json, [key for key in signature.json if key in view.keys]),
    ):
        if words and (not found or (words in (signature.all, signature.json) and len(found) < len(words))):
            return ""
        seen.extend(found)
    if signature.form is not None:
        if not _FORMS[str(signature.form)](view):
            return ""
        seen.append(f"the form of {signature.form}")
    return ", ".join(_inert(word) for word in seen)


def fits_one(signatures: Sequence[Any], view: View) -> str:
    """By what the reply fits one of the signatures; empty when none."""
    return next((words for signature in signatures if (words := fits(signature, view))), "")


def version_after(marks: Iterable[str], view: View) -> str | None:
    """The version that stands behind one of the marks."""
    for mark in marks:
        place = view.text.find(_lower(mark))
        while place >= 0:
            if found := version_at(view.text, place + len(mark)):
                return found
            place = view.text.find(_lower(mark), place + len(mark))
    return None


def version_at(text: str, place: int) -> str | None:
    """The version that begins here; None when no digit stands here."""
    end = place
    while end < len(text) and end - place < 40 and text[end].lower() in _VERSION:
        end += 1
    found = text[place:end].rstrip(".-_+~")
    return found if found[:1].isdigit() else None


def _first(words: Iterable[str]) -> list[str]:
    return list(words)[:1]


def _has_header(line: str, view: View) -> bool:
    name, _, part = _lower(line).partition(":")
    return any(name == other and part.strip() in value for other, value in view.headers)


def _is_env(view: View) -> bool:
    """Lines of NAME=value, as programs read their settings from."""
    if view.is_html or view.text.lstrip()[:1] in ("<", "{", "["):
        return False
    lines = [line.strip() for line in view.text.splitlines()[:_LINES]]
    lines = [line for line in lines if line and not line.startswith("#")]
    good = [line for line in lines if _is_assignment(line)]
    return bool(good) and lines[0] is good[0] and 2 * len(good) > len(lines)


def _is_assignment(line: str) -> bool:
    name, sign, _ = line[7:].partition("=") if line.startswith("export ") else line.partition("=")
    return bool(sign) and bool(name) and not name[0].isdigit() and all(char in _NAME for char in name)


def _is_htpasswd(view: View) -> bool:
    """Lines of `name:hash`."""
    lines = [line.strip() for line in view.text.splitlines()[:_LINES] if line.strip() and line[:1] != "#"]
    return bool(lines) and not view.is_html and all(_is_login(line) for line in lines)


def _is_login(line: str) -> bool:
    name, _, value = line.partition(":")
    old = len(value) == 13 and all(char.isalnum() or char in "./" for char in value)
    return bool(name) and " " not in name and (value.startswith(_HASHES) or old)


_FORMS = {"env": _is_env, "htpasswd": _is_htpasswd}


def _lower(text: str) -> str:
    """ASCII only, so that no letter changes its length."""
    return text.encode("latin-1", "replace").lower().decode("latin-1")


def _inert(word: str) -> str:
    """Words of the content, without control characters."""
    return "".join(char if " " <= char <= "~" else "." for char in word)
