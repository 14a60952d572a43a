"""opensmtpd_config: from whom OpenSMTPD takes mail, and for whom. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings

MAIN = ("/etc/smtpd.conf", "/etc/smtpd/smtpd.conf", "/etc/opensmtpd/smtpd.conf")
"""Debian; Arch and Alpine; SUSE."""
MAX_DEPTH = 8
_TOKEN = re.compile(r"\"((?:\\.|[^\"\\])*)\"|([{}])|([^\s{}\",]+)")


class OpensmtpdRule(NamedTuple):
    """One `listen` or `match` line."""

    kind: str
    """listen or match."""
    text: str
    """The line, variables filled in."""
    from_any: int
    """match: it is about clients of any address."""
    for_any: int
    """match: it is about mail to any domain."""
    needs_login: int
    """match: only for clients that have logged in; listen: `auth` without `auth-optional`."""
    relays: int | None
    """match: 1 when its action passes the mail on to other servers, 0 when it delivers or rejects; NULL when the action
    is not known."""
    tls: str
    """listen: none, may (`tls`), require (`tls-require`), smtps."""
    is_local: int
    """listen: only this machine reaches it."""
    path: str
    line: int


class _Line(NamedTuple):
    words: list[str]
    path: str
    line: int


@table(targets={"host", "root"})
def opensmtpd_config(target: Target) -> Iterator[OpensmtpdRule]:
    """Yield one row per `listen` and `match` line of smtpd.conf, in their order; the first match that fits is used.

    Source: smtpd.conf(5) of OpenSMTPD 6.4 and later.

    Raises:
        Absent: OpenSMTPD is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "OpenSMTPD", ("smtpctl",), ("opensmtpd.service", "smtpd.service"))
    unread: list[str] = []
    lines: list[_Line] = []
    main = next((path for path in MAIN if target.exists(path)), None)
    if main is None:
        unread.append(f"{MAIN[0]} (not there)")
    else:
        _read(target, main, {}, lines, unread, 0)
    relays: dict[str, int] = {}
    for one in lines:
        if one.words[0] == "action" and len(one.words) > 2:
            relays[one.words[1]] = int("relay" in one.words[2:])
    for one in lines:
        if one.words[0] == "match":
            yield _match(one, relays)
        elif one.words[0] == "listen":
            yield _listen(one)
    _settings.finish(target, unread)


def _read(target: Target, path: str, macros: dict[str, str], lines: list[_Line], unread: list[str], depth: int) -> None:
    text = _settings.read(target, path, unread)
    if depth > MAX_DEPTH or len(lines) > 5_000:
        unread.append(f"{path} (too many includes)")
        return
    for number, line in _logical(text or ""):
        macro = re.match(r"\s*(\w+)\s*=\s*(.*)$", line)
        if macro is not None:
            macros[macro.group(1)] = macro.group(2).strip().strip('"')
            continue
        filled = re.sub(r"\$(\w+)", lambda match: macros.get(match.group(1), match.group()), line)
        words = [next(part for part in match.groups() if part is not None) for match in _TOKEN.finditer(filled)]
        if words and words[0] == "include" and len(words) > 1:
            for one in _settings.expand(target, words[1], unread):
                _read(target, one, macros, lines, unread, depth + 1)
        elif words:
            lines.append(_Line(words, path, number))


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines joined where they end in a backslash, without comments."""
    held, start = "", 0
    for number, raw in enumerate(text.split("\n"), 1):
        start = start or number
        line = re.sub(r"(\"(?:\\.|[^\"\\])*\")|#.*", lambda match: match.group(1) or "", raw).rstrip()
        if line.endswith("\\"):
            held += line[:-1] + " "
            continue
        whole, first, held, start = held + line, start, "", 0
        if whole.strip():
            yield first, whole


def _after(words: list[str], name: str) -> list[str]:
    """The words behind `from` or `for`, without `!`."""
    if name not in words:
        return []
    return [word for word in words[words.index(name) + 1 :][:2] if word != "!"]


def _match(one: _Line, relays: dict[str, int]) -> OpensmtpdRule:
    words = one.words
    action = _after(words, "action")[:1]
    rejected = "reject" in words and not action
    return OpensmtpdRule(
        kind="match",
        text=" ".join(words),
        from_any=int(_after(words, "from")[:1] == ["any"]),
        for_any=int(_after(words, "for")[:1] == ["any"]),
        needs_login=int("auth" in words and "!" not in words[: words.index("auth")][-1:]),
        relays=0 if rejected else relays.get(action[0]) if action else None,
        tls="",
        is_local=0,
        path=one.path,
        line=one.line,
    )


def _listen(one: _Line) -> OpensmtpdRule:
    words = one.words
    tls = "smtps" if "smtps" in words else "require" if "tls-require" in words else "may" if "tls" in words else "none"
    place = _after(words, "on")[:1] or ["all"]
    is_local = place[0] in ("socket", "lo", "lo0") or _settings.beyond(place) == "0"
    return OpensmtpdRule(
        "listen", " ".join(words), 0, 0, int("auth" in words), None, tls, int(is_local), one.path, one.line
    )
