"""Where the logins stand in files that hold logins by design, each read as its program reads it.

Sources: the documentation of each program.
"""

from __future__ import annotations

from functools import cache
from typing import Callable, Iterator, NamedTuple

from secaudit.tables.project._linear import Match, compile_pattern
from secaudit.tables.project._names import word_of


class Value(NamedTuple):
    """A value in a file."""

    start: int
    raw: bytes
    name: str


Reader = Callable[[bytes], Iterator[Value]]


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for line in data.splitlines(keepends=True):
        yield at, line.rstrip(b"\r\n")
        at += len(line)


def _bare(raw: bytes, at: int) -> tuple[int, bytes]:
    """Without blanks and quotes around it, and where it then begins."""
    left = raw.lstrip(b" \t")
    at += len(raw) - len(left)
    left = left.rstrip()
    if len(left) >= 2 and left[:1] in b"\"'" and left[-1:] == left[:1]:
        return at + 1, left[1:-1]
    if left[:1] in (b'"', b"'"):  # "value" # a remark
        end = left.find(left[:1], 1)
        return (at + 1, left[1:end]) if end > 0 else (at + 1, left[1:])
    remark = left.find(b" #")
    return at, (left[:remark].rstrip() if remark >= 0 else left)


@cache
def _find(pattern: str) -> Callable[[bytes], Iterator[Match]]:
    """A pattern, compiled when the first file asks for it; letters in any case."""
    return compile_pattern(pattern, ignore_case=True).finditer


def _is_name(name: str) -> bool:
    return len(name) <= 100 and name.replace(".", "_").replace("-", "_").isidentifier()


def assigned(*names: str, signs: bytes = b"=:", any_secret: bool = False) -> Reader:
    """`name = value` lines. With `any_secret`, each name that speaks of a secret counts as well."""
    wanted = frozenset(names)

    def read(data: bytes) -> Iterator[Value]:
        for at, line in _lines(data):
            stripped = line.lstrip()
            if stripped[:1] in (b"#", b";", b"!", b""):
                continue
            cut = min((line.find(bytes([sign])) for sign in signs if line.find(bytes([sign])) > 0), default=-1)
            if stripped.startswith(b"//"):  # .npmrc: //host/:_authToken=value
                cut = line.find(b"=")
            if cut < 0:
                continue
            left = line[:cut].strip().removeprefix(b"export ").removeprefix(b"- ").strip(b" \t\"'{")
            name = left.decode("utf-8", "replace")
            last = name.rpartition(":")[2].lower()
            if last in wanted or (any_secret and _is_name(name) and word_of(name)):
                start, value = _bare(line[cut + 1 :], at + cut + 1)
                yield Value(start, value, name.rpartition(":")[2])

    return read


_JSON_PAIR = r'"([A-Za-z_][\w.\- ]{0,60})"[ \t\r\n]{0,20}:[ \t\r\n]{0,20}"([^"\\\r\n]+)"'


def json_strings(*names: str) -> Reader:
    """Strings under these names in JSON (with comments as editors allow them)."""
    wanted = frozenset(names)

    def read(data: bytes) -> Iterator[Value]:
        for match in _find(_JSON_PAIR)(data):
            name = match.group(1).decode("ascii", "replace")
            before = data[max(0, match.start() - 200) : match.start()].rpartition(b"\n")[2].lstrip()
            if before.startswith(b"//"):
                continue
            if name.lower() in wanted or (not wanted and word_of(name)):
                yield Value(match.start(2), match.group(2), name)

    return read


_XML_ELEMENT = r"<(pass(?:word|phrase)?|privatekey|passwd)((?:\s[^<>]{0,200})?)>([^<\r\n]{1,1000})</"
_XML_ATTRIBUTE = r"\s(password|passphrase|pass|passwd|pwd)\s{0,3}=\s{0,3}(?:\"([^\"\r\n]{1,500})\"|'([^'\r\n]{1,500})')"
_NUGET = r'key="(ClearTextPassword|ApiKey|Password)"\s{1,9}value="([^"\r\n]{1,1000})"'


def read_xml(data: bytes) -> Iterator[Value]:
    """`<Pass>` and `password=""`; `{...}` is Maven's encrypted form, encoding="crypt" FileZilla's."""
    for match in _find(_XML_ELEMENT)(data):
        if b"crypt" not in match.group(2):
            yield Value(match.start(3), match.group(3).strip(), match.group(1).decode())
    for match in _find(_XML_ATTRIBUTE)(data):
        group = 2 if match.start(2) >= 0 else 3
        yield Value(match.start(group), match.group(group), match.group(1).decode())
    for match in _find(_NUGET)(data):
        yield Value(match.start(2), match.group(2), match.group(1).decode())


def read_netrc(data: bytes) -> Iterator[Value]:
    """`machine NAME login NAME password WORD`, over any number of lines."""
    for match in _find(r"(?m)(?:^|[ \t])password[ \t\r\n]{1,20}([^\s#]{1,300})")(data):
        yield Value(match.start(1), match.group(1), "password")


def read_pgpass(data: bytes) -> Iterator[Value]:
    """`host:port:database:user:password`, where a backslash keeps a colon."""
    for at, line in _lines(data):
        fields = line.replace(b"\\:", b"\0\0").split(b":", 4)
        if len(fields) == 5 and not line.startswith(b"#"):
            yield Value(at + len(line) - len(fields[4]), fields[4].replace(b"\0\0", b"\\:"), "password")


def read_urls(data: bytes) -> Iterator[Value]:
    for match in _find(r"://([^\s/]{1,400})@[^\s/@]{1,200}")(data):
        user, colon, password = match.group(1).partition(b":")
        if colon:
            yield Value(match.end(1) - len(password), password, "address")
        elif len(user) >= 20:
            yield Value(match.start(1), user, "address")


_EXTRA_HEADER = (
    r"extraheader[ \t]{0,5}=[^\r\n]{0,40}?authorization:[ \t]{0,5}(?:basic|bearer)[ \t]{1,5}([^\s\"']{6,500})"
)


def read_git_config(data: bytes) -> Iterator[Value]:
    """Logins inside addresses, and headers that are sent along: http.extraHeader of git-config(1)."""
    yield from read_urls(data)
    for match in _find(_EXTRA_HEADER)(data):
        yield Value(match.start(1), match.group(1), "extraheader")


def read_htpasswd(data: bytes) -> Iterator[Value]:
    """`user:hash`, also as passwd and shadow files have it."""
    for at, line in _lines(data):
        user, colon, rest = line.partition(b":")
        value = rest.split(b":")[0].strip()
        if colon and user and not line.startswith(b"#") and len(value) >= 8 and b" " not in value:
            yield Value(at + len(user) + 1, value, "password hash")


_PHP_DEFINE = (
    r"define\s{0,9}\(\s{0,9}['\"]([A-Z_]{3,40})['\"]\s{0,40},\s{0,40}"
    r"(?:'([^'\r\n]{1,500})'|\"([^\"\r\n]{1,500})\")"
)
_WP_NAMES = frozenset(
    "DB_PASSWORD AUTH_KEY SECURE_AUTH_KEY LOGGED_IN_KEY NONCE_KEY AUTH_SALT SECURE_AUTH_SALT LOGGED_IN_SALT NONCE_SALT"
    " FTP_PASS".split()
)


def read_wordpress(data: bytes) -> Iterator[Value]:
    for match in _find(_PHP_DEFINE)(data):
        name = match.group(1).decode()
        if name in _WP_NAMES or word_of(name):
            group = 2 if match.start(2) >= 0 else 3
            before = data[max(0, match.start() - 100) : match.start()].rpartition(b"\n")[2].lstrip()
            if not before.startswith((b"//", b"#", b"*")):
                yield Value(match.start(group), match.group(group), name)


def read_whole(data: bytes) -> Iterator[Value]:
    """A file that holds one key and nothing else."""
    value = data.strip()
    if 16 <= len(value) <= 300 and len(value.split()) == 1:
        yield Value(data.find(value), value, "")


_YAML_KUBE = (
    r"(?m)^\s{0,40}-?\s{0,4}(token|password|client-key-data|id-token|refresh-token|access-token)"
    r"\s{0,4}:\s{0,4}[\"']?([^\s\"'#]{4,})"
)


def read_kube(data: bytes) -> Iterator[Value]:
    for match in _find(_YAML_KUBE)(data):
        yield Value(match.start(2), match.group(2), match.group(1).decode())


_CONNECTION = r"(?:password|pwd|accountkey|sharedaccesskey)\s{0,3}=\s{0,3}([^;\"'<>\r\n&]{3,300})"


def read_dotnet(data: bytes) -> Iterator[Value]:
    """Connection strings, and settings whose name speaks of a secret."""
    for match in _find(_CONNECTION)(data):
        yield Value(match.start(1), match.group(1).strip(), "connection string")


_SPACED = (
    r"(?m)^[ \t]{0,20}(?:set[ \t]{1,5})?([a-z_]{0,20}pass(?:word|wd)?|preconnect_password|auth_password)"
    r"[ \t]{0,10}[ \t=][ \t]{0,10}[\"']?([^\s\"'#=]{3,300})"
)


def read_spaced(data: bytes) -> Iterator[Value]:
    for match in _find(_SPACED)(data):
        yield Value(match.start(2), match.group(2), match.group(1).decode())
