"""The package lists that `apt update` fetched: where they are, how old they are, which versions they offer."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.tableapi import Target
from secaudit.tables.host import _lz4
from secaudit.tables.host._apt_sources import Source

LISTS = "/var/lib/apt/lists"
LIST_LIMIT_BYTES = 512 * 1024 * 1024
"""Packages of Debian main are 50 MB, of Ubuntu universe 70 MB."""
PART_BYTES = 1024 * 1024
MAX_STANZA_BYTES = 8 * 1024 * 1024

COMPRESSIONS = ("", ".lz4", ".gz", ".xz", ".lzma", ".bz2", ".zst")
_QUOTED = set('\\|{}[]<>"^~_=!@#$%^&*')
"""apt's URItoFileName writes these as %xx, then turns slashes into underscores."""

_SUMS = ("MD5Sum", "SHA1", "SHA256", "SHA512")
_HEADER = re.compile(r"^([A-Za-z][A-Za-z-]*):[ \t]*(.*)$", re.MULTILINE)
_VERSION = re.compile(rb"\nVersion:[ \t]*([^\n]*)")
_ARCHITECTURE = re.compile(rb"\nArchitecture:[ \t]*([^\n]*)")
_MONTHS = {name: number for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


class Release(NamedTuple):
    """The head of an InRelease or Release file."""

    path: str
    origin: str
    label: str
    suite: str
    version: str
    codename: str
    date_s: int | None
    not_automatic: bool
    but_automatic_upgrades: bool


class Index(NamedTuple):
    """One Packages file."""

    source: Source
    release: Release
    component: str
    path: str

    @property
    def site(self) -> str:
        return host_of(self.source.uri)


class Offer(NamedTuple):
    """One version of one package in a list."""

    name: str
    arch: str
    version: str


def host_of(uri: str) -> str:
    """The host of a URI, empty where it has none."""
    try:
        return (urlsplit(uri).hostname or "").lower()
    except ValueError:
        return ""


def list_names(target: Target) -> set[str]:
    """Names of the files in the folder of lists; empty when there is none.

    Raises:
        PermissionError: as the target says.
    """
    try:
        return set(target.listdir(LISTS))
    except (FileNotFoundError, NotADirectoryError):
        return set()


def prefix_of(source: Source, arch: str) -> str:
    """How the names of this source's lists begin."""
    uri = source.uri.replace("$(ARCH)", arch)
    suite = source.suite.replace("$(ARCH)", arch)
    uri = re.sub(r"^[A-Za-z0-9+.-]+:(//)?", "", uri)
    if "@" in uri.split("/", 1)[0]:
        uri = uri.split("@", 1)[1]  # user and password are left out
    uri = re.sub(r"^\[([^\]/]*)\]", r"\1", uri)  # an IPv6 address loses its brackets
    uri = uri if uri.endswith("/") else uri + "/"
    if suite.endswith("/"):
        uri += "" if suite == "/" else suite
    else:
        uri += f"dists/{suite}/"
    quoted = "".join(
        "".join(f"%{byte:02x}" for byte in sign.encode()) if sign in _QUOTED or not "!" <= sign <= "~" else sign
        for sign in uri
    )
    return quoted.replace("/", "_")


def read_release(target: Target, names: set[str], prefix: str) -> Release | None:
    """The release file of a source, or None when it was not fetched.

    Raises:
        OSError: as the target says.
    """
    for name in (prefix + "InRelease", prefix + "Release"):
        if name in names:
            return parse_release(target.read_text(f"{LISTS}/{name}"), f"{LISTS}/{name}")
    return None


def parse_release(text: str, path: str) -> Release:
    ends = [at for name in _SUMS if (at := text.find(f"\n{name}:")) >= 0]
    head = text[: min(ends, default=len(text))]
    fields: dict[str, str] = {}
    for key, value in _HEADER.findall(head):
        fields.setdefault(key.lower(), value.strip())
    return Release(
        path=path,
        origin=fields.get("origin", ""),
        label=fields.get("label", ""),
        suite=fields.get("suite", ""),
        version=fields.get("version", ""),
        codename=fields.get("codename", ""),
        date_s=parse_date(fields.get("date", "")),
        not_automatic=fields.get("notautomatic", "").lower() == "yes",
        but_automatic_upgrades=fields.get("butautomaticupgrades", "").lower() == "yes",
    )


def index_sizes(text: str) -> dict[str, int]:
    """Size of each uncompressed index that a release file offers, by names like `main/binary-amd64/Packages`."""
    found = re.finditer(r"\n [0-9a-f]{32,128}[ \t]+([0-9]{1,15})[ \t]+(\S*Packages)(?=\n)", text)
    return {match.group(2): int(match.group(1)) for match in found}


def parse_date(text: str) -> int | None:
    """Seconds since 1970 of `Sat, 21 Nov 2026 00:53:02 UTC` (RFC 5322, apt allows UTC, GMT, Z and +0000)."""
    match = re.match(r"(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Z][a-z]{2}) (\d{4}) (\d{1,2}):(\d{2}):(\d{2})", text)
    if match is None or match.group(2) not in _MONTHS:
        return None
    import calendar

    day, month, year, hour, minute, second = match.groups()
    return calendar.timegm((int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second)))


def indexes(
    source: Source, release: Release, names: set[str], prefix: str, arches: list[str], sizes: dict[str, int]
) -> Iterator[tuple[Index | None, str]]:
    """Yield (index, "") for each list that is here, (None, name) for one that is offered and not here."""
    flat = source.suite.endswith("/")
    wanted = [arch for arch in (source.architectures or tuple(arches)) if arch in arches]
    places = [""] if flat else [f"{c}/binary-{a}/" for c in source.components for a in [*wanted, "all"]]
    for place in places:
        name = prefix + place.replace("_", "%5f").replace("/", "_") + "Packages"
        component = place.partition("/binary-")[0]
        for compression in COMPRESSIONS:
            if name + compression in names:
                yield Index(source, release, component, f"{LISTS}/{name}{compression}"), ""
                break
        else:
            if sizes.get(place + "Packages", 0) > 0 and not place.endswith("/binary-all/"):
                yield None, name


def offers(target: Target, path: str, wanted: set[bytes]) -> Iterator[Offer]:
    """Yield the versions that a list offers of the wanted packages; others cost next to nothing.

    Raises:
        OSError: as the target says.
        ValueError: the list is damaged, or compressed in a way that cannot be read here.
    """
    rest = b"\n"
    for part in _plain_parts(target, path):
        block = rest + part
        cut = block.rfind(b"\n\n") + 1  # the second newline begins the next block
        if cut == 0:
            if len(block) > MAX_STANZA_BYTES:
                raise ValueError("an entry is longer than any real one")
            rest = block
            continue
        yield from _scan(block, cut, wanted)
        rest = block[cut:]
    yield from _scan(rest + b"\n\n", len(rest) + 1, wanted)


def _scan(block: bytes, stop: int, wanted: set[bytes]) -> Iterator[Offer]:
    find = block.find
    at = find(b"\nPackage: ", 0, stop)
    while at >= 0:
        end = find(b"\n", at + 10)
        name = block[at + 10 : end]
        if name in wanted:
            first, last = block.rfind(b"\n\n", 0, at + 1) + 1, find(b"\n\n", at)
            stanza = block[first:last]
            version, arch = _VERSION.search(stanza), _ARCHITECTURE.search(stanza)
            if version is not None:
                yield Offer(name.decode("ascii", "backslashreplace"), _text(arch), _text(version))
            end = last
        at = find(b"\nPackage: ", end, stop)


def _text(match: re.Match[bytes] | None) -> str:
    return "" if match is None else match.group(1).decode("ascii", "backslashreplace").strip()


def _plain_parts(target: Target, path: str) -> Iterator[bytes]:
    kind = path.rsplit("Packages", 1)[1]
    if kind == ".zst":
        raise ValueError("it is compressed with zstd, which cannot be read here")
    parts = target.read_parts(path, LIST_LIMIT_BYTES, PART_BYTES)
    if kind == ".lz4":
        return _lz4.decompress(parts)
    return parts if kind == "" else _inflate(kind, parts)


def _inflate(kind: str, parts: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress gzip, xz or bzip2 with the standard library, 1 MB at a time."""
    if kind == ".gz":
        import zlib

        gzip = zlib.decompressobj(wbits=31)
        try:
            for part in parts:
                plain = gzip.decompress(part, PART_BYTES)
                while plain or gzip.unconsumed_tail:
                    yield plain
                    plain = gzip.decompress(gzip.unconsumed_tail, PART_BYTES)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if not gzip.eof:
            raise ValueError("the gzip data ends too early")
        return
    import bz2
    import lzma

    decoder = bz2.BZ2Decompressor() if kind == ".bz2" else lzma.LZMADecompressor()
    try:
        for part in parts:
            if decoder.eof:
                break
            plain = decoder.decompress(part, PART_BYTES)
            yield plain
            while not decoder.needs_input and not decoder.eof:
                yield decoder.decompress(b"", PART_BYTES)
    except lzma.LZMAError as error:
        raise ValueError(str(error)) from error
    if not decoder.eof:
        raise ValueError("the compressed data ends too early")
