"""Passwords and keys written into code and configuration of any language: a name with a secret's word gets a value.

First the whole file is searched for such words; only the lines around them are looked at closely.
"""

from __future__ import annotations

import binascii
from functools import lru_cache
from typing import Iterator, NamedTuple

from secaudit.tables.project._hit import HIGH, LOW, MEDIUM, Hit
from secaudit.tables.project._linear import Match, Pattern, compile_pattern
from secaudit.tables.project._names import GATE, word_of
from secaudit.tables.project._placeholders import Seen, judge, stands_for
from secaudit.tables.project._roles import ending_of
from secaudit.tables.project._shapes import COMMAND, SHAPES, URL

BEFORE_BYTES = 240
AFTER_BYTES = 800
"""How much around a word is looked at: a line of a program is shorter."""

"""Of one file; a list of passwords is one finding, not ten thousand."""

CONFIG = frozenset(
    "yml yaml ini cfg conf config cnf properties env toml rc service tf tfvars hcl list pp sls j2 tpl tmpl"
    " plist reg txt md rst adoc log sh bash zsh fish bat cmd ps1 envrc netrc local prod dev production staging"
    " development example sample dist template".split()
)
"""Endings of files in which a value needs no quotes."""

MARKUP = frozenset("xml config csproj props targets plist wsdl xsd xaml html htm jsp resx settings".split())
_BARE_NAMES = frozenset(
    "dockerfile containerfile makefile procfile vagrantfile config credentials hub env secrets passwords"
    " .bashrc .bash_profile .profile .zshrc .esmtprc .tugboat .boto .pgpass .s3cfg .netrc .my.cnf .muttrc"
    " .msmtprc .fetchmailrc .pypirc .npmrc".split()
)
SKIPPED = frozenset(
    "css scss sass less svg po pot mo csv tsv sum lock map xlf xliff arb strings snap diff patch geojson".split()
)
"""Endings of files in which names and values of programs are not written."""

_OPERATORS_OF_LISTS = (b",", b"(")
_GIVING = tuple("set put with define add config default property env insert append param login auth connect".split())


class _Compiled(NamedTuple):
    gate: Pattern
    url: Pattern
    command: Pattern
    shapes: dict[str, Pattern]


@lru_cache(maxsize=1)
def _compiled() -> _Compiled:
    shapes = {name: compile_pattern(text) for name, text in SHAPES.items()}
    return _Compiled(compile_pattern(GATE, ignore_case=True), compile_pattern(URL), compile_pattern(COMMAND), shapes)


def find_assignments(data: bytes, name: str) -> Iterator[Hit]:
    """Give each secret that is written out. `name` is the last part of the file's path."""
    ending = ending_of(name.lower())
    if ending in SKIPPED:
        return
    kinds = _kinds_of(name.lower(), ending)
    compiled = _compiled()
    done = 0
    for gate in compiled.gate.finditer(data):
        if gate.start() < done:
            continue
        start, end = _line_around(data, gate.start(), done)
        done = end
        is_shown = data[start : start + 80].lstrip().startswith((b">>>", b"$ ", b"%"))  # a session that a text shows
        for hit in _in_window(data, start, end, kinds, compiled):
            yield hit._replace(confidence=LOW) if is_shown else hit


def find_urls(data: bytes) -> Iterator[Hit]:
    """Give passwords inside addresses, and those typed as part of a command."""
    compiled = _compiled()
    for match in compiled.url.finditer(data):
        value, host = match.group(1), match.group(2)
        sure = _judge_url(_text(value), _text(host), _text(data[max(0, match.start() - 12) : match.start()]))
        if sure:
            yield Hit("url-password", "url", match.start(1), value, sure, "://****:****@")
    for match in compiled.command.finditer(data):
        group = next(index for index in (1, 2, 3) if match.start(index) >= 0)
        sure = judge(Seen(_text(match.group(group)), "password", True, ""))
        if sure:
            yield Hit("command-password", "generic", match.start(group), match.group(group), sure, "-p ****")


def _kinds_of(name: str, ending: str) -> tuple[str, ...]:
    kinds = [
        "call",
        "assigned",
        "typed",
        "flag",
        "inside",
        "sent",
        "pair",
        "sql",
        "connection",
        "connection_before",
        "header",
    ]
    if ending in CONFIG or name in _BARE_NAMES or not ending or name.startswith(".env"):
        kinds.append("bare")
        if ending not in ("md", "rst", "txt", "adoc", "log"):
            kinds.append("spaced")
    if ending in MARKUP:
        kinds.append("element")
        if ending in ("html", "htm", "jsp"):
            kinds.remove("pair")
    return tuple(kinds)


def _line_around(data: bytes, at: int, done: int) -> tuple[int, int]:
    """The line at an offset; of a very long one, a piece. Never before `done`, so that nothing is looked at twice."""
    floor = max(done, at - BEFORE_BYTES)
    start = data.rfind(b"\n", floor, at) + 1 or floor
    end = data.find(b"\n", at, at + AFTER_BYTES)
    return start, (end if end >= 0 else min(len(data), at + AFTER_BYTES))


def _in_window(data: bytes, start: int, end: int, kinds: tuple[str, ...], compiled: _Compiled) -> Iterator[Hit]:
    window = data[start:end]
    seen: set[int] = set()
    for kind in kinds:
        text = data[start : end + 240] if kind in ("pair", "element") else window
        for hit in _matches(kind, compiled.shapes[kind], text):
            if hit.start not in seen and not any(at <= hit.start < at + 4 for at in seen):
                seen.add(hit.start)
                yield hit._replace(start=start + hit.start)


def _matches(kind: str, pattern: Pattern, text: bytes) -> Iterator[Hit]:
    at = 0
    while at < len(text):
        match = pattern.search(text, at)
        if match is None:
            return
        hit, at = _read(kind, match, text)
        if hit is not None:
            yield hit


def _read(kind: str, match: Match, text: bytes) -> tuple[Hit | None, int]:
    """The hit of a match, if it is one, and where to go on."""
    if kind == "header":
        return _header(match), match.end()
    if kind in ("sql", "connection", "connection_before"):
        text_value = _text(match.group(1)).rstrip("),")
        sure = judge(Seen(text_value, "password", kind == "sql" or "." not in text_value, ""))
        rule = "sql-password" if kind == "sql" else "connection-string"
        form = "generic" if kind == "sql" else "url"
        return (Hit(rule, form, match.start(1), match.group(1), sure, "password=****") if sure else None), match.end()
    if kind == "call":
        group = next(index for index in (1, 2, 3) if match.start(index) >= 0)
        sure = judge(Seen(_text(match.group(group)), "password", True, ""))
        sure = MEDIUM if sure == HIGH else sure
        return (
            Hit("generic-password", "generic", match.start(group), match.group(group), sure) if sure else None
        ), match.end()
    name = _text(match.group(1)).lstrip("-")
    word = word_of(name)
    if not word:
        return None, match.end(1)
    first = 3 if kind in ("assigned", "typed", "bare", "inside") else 2
    group = next((index for index in range(first, first + 4) if _has(match, index)), 0)
    if not group:
        return None, match.end()
    value = match.group(group)
    operator = match.group(2) if first == 3 else b"="
    if operator in _OPERATORS_OF_LISTS and not _is_giving(text[: match.start(1)], name, operator):
        return None, match.end(1)
    quoted = kind not in ("bare", "spaced", "inside") and not (kind == "flag" and group == 4)
    if kind == "bare":
        value = value.rstrip(b";\\")
    sure = judge(Seen(_text(value), word, quoted, name))
    if not sure:
        return None, match.end(1) if operator in _OPERATORS_OF_LISTS else match.end(group)
    if (
        kind in ("spaced", "flag", "inside", "sent")
        or operator in _OPERATORS_OF_LISTS
        or operator[:2] in (b"==", b"!=")
    ):
        sure = LOW if sure == LOW else MEDIUM
    return Hit(rule_of(word, name), "generic", match.start(group), value, sure, "****", name[:60]), match.end()


def _has(match: Match, index: int) -> bool:
    try:
        return match.start(index) >= 0
    except (IndexError, KeyError):
        return False


def _is_giving(before: bytes, name: str, operator: bytes) -> bool:
    """Whether a call gives the value to the name: `define('DB_PASSWORD', ...)`, `setPassword(...)`, not a list."""
    if operator == b"(":
        last = name.rpartition(".")[2].lower()
        return last.startswith(("set", "with", "put")) or last in ("password", "passwd")
    words = before.rstrip(b" \t\"'").lower()
    if not words.endswith(b"("):
        return False
    call = words[-40:-1].decode("latin-1")
    return any(word in call for word in _GIVING)


def rule_of(word: str, name: str) -> str:
    """What a finding under this name is called. Keys that sign sessions are a kind of their own."""
    bare = name.lower().replace("-", "_").rpartition(".")[2]
    if bare in _SIGNING:
        return "signing-key"
    return f"generic-{word}"


_SIGNING = frozenset(
    "secret_key app_key jwt_secret jwt_secret_key jwt_key secret_key_base session_secret cookie_secret"
    " nextauth_secret auth_secret jwtsecret secretkey sessionsecret app_secret security_secret token_secret"
    " signing_key".split()
)


def _header(match: Match) -> Hit | None:
    scheme, value = _text(match.group(1)).lower(), match.group(2)
    text = _text(value)
    if scheme == "basic":
        try:
            plain = binascii.a2b_base64(value + b"=" * (-len(value) % 4))
        except (binascii.Error, ValueError):
            plain = b""
        _, colon, password = plain.partition(b":")
        if colon and (not password or not plain.isascii() or stands_for(_text(password))):
            return None
        if not colon:
            scheme = "token"
    if scheme == "basic":
        return Hit("authorization-header", "generic", match.start(2), value, HIGH, "Authorization: Basic ****")
    sure = judge(Seen(text, "token", True, ""))
    return Hit("authorization-header", "generic", match.start(2), value, sure, "Authorization: ****") if sure else None


def _judge_url(value: str, host: str, before: str) -> str:
    if stands_for(value) or len(value) < 3 or value.startswith(("%", "{", "[", "*", ":")) or "//" in value:
        return ""
    if host.startswith(("{", "$", "<", "%")) and not any(sign.isdigit() for sign in value):
        return ""
    low = host.lower()
    if value.isalpha() and value.islower():
        return LOW
    if value.isdigit() and len(value) <= 5:
        return ""  # a port
    if "example." in low or low.startswith(("localhost", "127.", "host", "hostname", "server", "my.", "foo.", "test.")):
        return LOW
    sure = judge(Seen(value, "password", True, ""))
    return MEDIUM if sure in ("", LOW) and len(value) >= 6 else sure


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")
