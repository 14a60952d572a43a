"""Make text of an audited system inert and visible before anyone looks at it. Pure standard library."""

from __future__ import annotations

import re

_UNSEEN = (
    r"\x00-\x1f\x7f-\x9f"  # C0, DEL and C1: ESC starts terminal commands
    r"\xad\u180e\u200b-\u200f\u2060-\u2064\ufeff"  # no shape of their own: two names that look alike may differ
    r"\u061c\u202a-\u202e\u2066-\u206f"  # turn the reading direction, so a line reads as another (CVE-2021-42574)
    r"\u2028\u2029\ufff9-\ufffb"  # line breaks and annotations
    r"\ud800-\udfff"  # bytes of a file name that are not UTF-8; they cannot be written to a file either
    r"\U000e0000-\U000e007f"  # tags: a whole hidden alphabet
)
_one_line = re.compile(f"[{_UNSEEN}]")
_many_lines = re.compile(f"(?![\n\t])[{_UNSEEN}]")
_SHORT = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    code = ord(character)
    if character in _SHORT:
        return _SHORT[character]
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def visible(text: str) -> str:
    r"""Give the text on one line, with characters that act or hide shown as escapes such as \x1b, \n and \u202e.

    A backslash stays one backslash, so that Windows paths and patterns stay readable.
    """
    return text if text.isprintable() else _one_line.sub(_escape, text)


def visible_lines(text: str) -> str:
    """Give the text like `visible`, but keep its line breaks and tabs. For commands of several lines."""
    return text if text.isprintable() else _many_lines.sub(_escape, text)
