"""Where a value of a program comes from: fixed, unknown, typed in by the user of the program, or out of a web request.

Kept for each use by itself, because what makes a value safe in a command does not make it safe in HTML.
"""

from __future__ import annotations

from typing import NamedTuple

FIXED, UNKNOWN, LOCAL, REQUEST = 0, 1, 2, 3


class Origin(NamedTuple):
    """One level for each use."""

    sql: int
    shell: int
    html: int
    path: int
    url: int
    code: int

    @property
    def worst(self) -> int:
        return max(self)


def everywhere(level: int) -> Origin:
    """The same level for all uses."""
    return Origin(level, level, level, level, level, level)


SAFE, OPEN, TYPED, ASKED = everywhere(FIXED), everywhere(UNKNOWN), everywhere(LOCAL), everywhere(REQUEST)


def joined(*origins: Origin) -> Origin:
    """The worse one for each use."""
    if not origins:
        return SAFE
    first = origins[0]
    for other in origins[1:]:
        if other is not first:
            first = Origin(*map(max, first, other))
    return first


CLEAN = frozenset(
    "int float bool len ord round abs hash UUID uuid4 Decimal hexdigest digest fromisoformat strptime isinstance"
    " sum literal_eval url_for reverse reverse_lazy time monotonic now utcnow timestamp token_hex token_urlsafe"
    " randint id type count index sizeof getsize urlsafe_b64encode b64encode hexlify crc32 get_absolute_url".split()
)
"""Functions whose result holds nothing that could do harm, whatever goes in."""

CLEAN_FOR = {
    "shell": frozenset("quote list2cmdline join_command".split()),
    "html": frozenset(
        "escape conditional_escape clean nh3 format_html format_html_join urlencode quote quote_plus strip_tags"
        " linkify escapejs json_script htmlescape xhtml_escape jsonify dumps".split()
    ),
    "path": frozenset("basename secure_filename safe_join get_valid_filename get_available_name".split()),
    "url": frozenset("urlencode quote quote_plus basename secure_filename".split()),
    "sql": frozenset("quote_name quote_ident quote_literal escape_string Identifier Literal adapt mogrify qn".split()),
    "code": frozenset("dumps repr".split()),
}
_CLEANING = (
    "sanitiz",
    "sanitis",
    "escape",
    "quote",
    "safe_",
    "validate",
    "whitelist",
    "allowlist",
    "clean_",
    "slugify",
)
"""Parts of names of functions that clean what they are given."""

CARRYING = frozenset(
    "str bytes dirname splitext unicode bytearray format b64decode urlsafe_b64decode standard_b64decode a85decode"
    " b32decode unhexlify fromhex decompress loads unquote unquote_plus join abspath normpath realpath expanduser"
    " expandvars Path PurePath PosixPath list tuple set dict sorted reversed BytesIO StringIO urljoin split strip"
    " lstrip rstrip lower upper title replace encode decode removeprefix removesuffix splitlines partition rpartition"
    " rsplit get pop items values keys getlist read readline readlines getvalue copy to_dict dedent capitalize"
    " casefold swapcase zfill ljust rjust resolve joinpath with_suffix absolute iter next enumerate zip map filter"
    " json data text form post body model_dump dict_ get_json get_data first getone getall urlparse urlsplit"
    " geturl parse_qs stream fspath deepcopy memoryview chr cast gather wait_for ensure_str force_str smart_str"
    " force_bytes force_text concat".split()
)
"""Functions and methods whose result is as harmful as what goes in."""


def cleaned_by(name: str, origin: Origin) -> Origin | None:
    """What is left after a function of that name; None when the name says nothing."""
    if name in CLEAN:
        return SAFE
    uses = [use for use, names in CLEAN_FOR.items() if name in names]
    if uses:
        return origin._replace(**dict.fromkeys(uses, FIXED))
    low = name.lower().replace("unquote", "").replace("unescape", "")
    if any(word in low for word in _CLEANING):
        return SAFE
    return None
