"""Split lines of OpenSSH's configuration files into words, as strdelim, argv_split and convtime of its misc.c do."""

from __future__ import annotations

import re

_BLANK = " \t\r\n"
_KEYWORD_END = re.compile(r'[ \t\r\n"=]')
_WORD_END = re.compile(r'[ \t\r\n"]')
_TIME_PART = re.compile(r"(\d{1,12})([sSmMhHdDwW]?)")
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
INT_MAX = 2**31 - 1


class BadLine(ValueError):
    """OpenSSH refuses this line."""


def next_word(text: str, split_equals: bool = True) -> tuple[str, str | None]:
    """Give the first word and the rest (None at the end of the line).

    One `=` with blanks around it separates words like a blank; a double quote may stand around a word.

    Raises:
        BadLine: a quote is not closed.
    """
    found = (_KEYWORD_END if split_equals else _WORD_END).search(text)
    if found is None:
        return text, None
    at = found.start()
    sign = text[at]
    if sign == '"':
        end = text.find('"', at + 1)
        if end < 0:
            raise BadLine("a quote is not closed")
        return text[:at] + text[at + 1 : end], text[end + 1 :].lstrip(_BLANK)
    rest = text[at + 1 :].lstrip(_BLANK)
    if split_equals and sign != "=" and rest.startswith("="):
        rest = rest[1:].lstrip(_BLANK)
    return text[:at], rest


def split_keyword(line: str) -> tuple[str, str] | None:
    """Give the keyword in lower case and the rest of the line, or None for an empty line or a comment.

    Raises:
        BadLine: the keyword has no argument, or a quote in it is not closed.
    """
    line = line.lstrip(" \t\r").rstrip(_BLANK + "\f")
    if not line or line.startswith("#"):
        return None
    keyword, rest = next_word(line)
    if keyword == "" and rest is not None:
        keyword, rest = next_word(rest)
    if keyword == "" or keyword.startswith("#"):
        return None
    if not rest:
        raise BadLine(f"{keyword} has no value")
    return keyword.lower(), rest


def split_words(text: str) -> list[str]:
    """The words of a line since OpenSSH 8.7: quotes of both kinds, backslashes, and a comment at the end.

    Raises:
        BadLine: a quote is not closed.
    """
    words: list[str] = []
    at, size = 0, len(text)
    while at < size:
        sign = text[at]
        if sign in " \t":
            at += 1
            continue
        if sign == "#":
            break
        word: list[str] = []
        quote = ""
        while at < size:
            sign = text[at]
            if sign == "\\" and at + 1 < size and (text[at + 1] in "'\"\\" or (not quote and text[at + 1] == " ")):
                at += 1
                word.append(text[at])
            elif not quote and sign in " \t":
                break
            elif not quote and sign in "\"'":
                quote = sign
            elif quote and sign == quote:
                quote = ""
            else:
                word.append(sign)
            at += 1
        if quote:
            raise BadLine("a quote is not closed")
        words.append("".join(word))
    return words


def split_words_before_8_7(text: str, split_equals: bool = True) -> list[str]:
    """The words of a line up to OpenSSH 8.6, which knew no comment at the end of a line.

    Raises:
        BadLine: a quote is not closed.
    """
    words: list[str] = []
    rest: str | None = text
    while rest:
        word, rest = next_word(rest, split_equals)
        if word == "":
            break
        words.append(word)
    return words


def seconds(text: str) -> int:
    """A time such as `90`, `2m` or `1h30m` in seconds.

    Source: sshd_config(5) TIME FORMATS.

    Raises:
        BadLine: it is not a time.
    """
    total, at = 0, 0
    while at < len(text):
        part = _TIME_PART.match(text, at)
        if part is None:
            raise BadLine(f"{text[:40]} is not a time")
        total += int(part.group(1)) * _UNITS[part.group(2).lower()]
        at = part.end()
    if not text or total > INT_MAX:
        raise BadLine(f"{text[:40]} is not a time")
    return total
