"""The probes of web audits, which are content: `checks/network/_probes/*.yaml`, read strictly and only when asked for.

A file of probes holds one group: what would be exposed, how bad that is, and which request shows it. A file of
signatures tells how the text of stack traces, error pages and lists of files looks. A file of software tells until
when versions are supported. The types below are the only description of the formats.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from secaudit.content.decode import DecodeProblem, decode
from secaudit.content.root import content_root
from secaudit.content.source import YamlProblem, read
from secaudit.content.strict_yaml import line_of, parse
from secaudit.errors import ContentError
from secaudit.model import Severity

FOLDER = ("checks", "network", "_probes")
T = TypeVar("T")

METHODS = ("GET", "HEAD", "OPTIONS", "PROPFIND", "TRACE")
GRAPHQL = '{"query":"{__schema{queryType{name}}}"}'
"""The only body that a probe may send: a question that changes nothing."""

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_PATH = re.compile(r"/[!-~]*\Z")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}\Z")
_HEADER = re.compile(r"[A-Za-z-]+\Z")


class At(StrEnum):
    """Below which address a probe is sent."""

    FOLDER = "folder"
    HOST = "host"


class Form(StrEnum):
    """Kinds of text that a few words do not describe."""

    ENV = "env"
    HTPASSWD = "htpasswd"


@dataclass(frozen=True, slots=True)
class Signature:
    """What a reply looks like. Every part that is given must hold. Letters of any case are the same."""

    all: tuple[str, ...] = ()
    """All of these stand in the body."""
    any: tuple[str, ...] = ()
    """One of these stands in the body."""
    none: tuple[str, ...] = ()
    """None of these stands in the body."""
    starts: tuple[str, ...] = ()
    """The body begins with one of these, byte for byte, white space before it set aside."""
    lines: tuple[str, ...] = ()
    """One of these begins a line."""
    json: tuple[str, ...] = ()
    """The body is a JSON object, or a list of objects, with all of these keys."""
    form: Form | None = None
    """The body is a text of this kind."""
    html: bool | None = None
    """Whether the body is an HTML page."""
    type: tuple[str, ...] = ()
    """The content type contains one of these."""
    headers: tuple[str, ...] = ()
    """One of these header lines is there; `Name: part`, where the value must contain the part."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that may be exposed, and the request that shows it."""

    id: str
    what: str
    """What it is, in a few words, as the finding says it."""
    paths: tuple[str, ...]
    """One request for each."""
    matches: tuple[Signature, ...]
    """A reply is a hit when one of these fits."""
    hit: tuple[str, ...]
    """Bodies that must be a hit. Characters stand for bytes."""
    miss: tuple[str, ...]
    """Bodies that must not be a hit."""
    unless: tuple[Signature, ...] = ()
    """A reply is no hit when one of these fits."""
    method: str = "GET"
    body: str = ""
    accept: str = "*/*"
    part: bool = False
    """Ask for the first bytes only, since the file may be large."""
    status: tuple[int, ...] = (200,)
    at: At = At.FOLDER
    loopback: bool = False
    """Programs open it to the machine itself by default, so a look from there proves little."""
    only_for: str = ""
    """Asked only where the first page shows this product (see `products` of the file of software)."""
    version_after: tuple[str, ...] = ()
    """The version of the product stands behind one of these."""
    product: str = ""
    headers: tuple[str, ...] = ()
    """Header lines of a reply that must be there for the examples of `hit`."""
    type: str = ""
    """The content type of the examples of `hit`."""


@dataclass(frozen=True, slots=True)
class ProbeGroup:
    """Probes that mean the same kind of fault and are mended the same way."""

    group: str
    severity: Severity
    cwe: int
    check: str
    """The check that judges them."""
    probes: tuple[Probe, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """A signature with a name, and examples."""

    name: str
    matches: tuple[Signature, ...]
    hit: tuple[str, ...]
    miss: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureFile:
    """How the text of one kind of leak looks."""

    kind: str
    signatures: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Cycle:
    """Versions of a product that end together."""

    from_version: str
    """The first of them."""
    ends: str
    """The last day with updates from its makers: YYYY-MM-DD."""
    packaged_until: str = ""
    """The last day with free updates from a distribution that ships it; empty when there is none."""
    packaged_by: str = ""


@dataclass(frozen=True, slots=True)
class Product:
    """How one product shows itself, and until when its versions are supported."""

    name: str
    title: str
    generator: str = ""
    """What stands before the version in `<meta name=generator>`."""
    headers: tuple[str, ...] = ()
    """`Name: part`: the version follows the part in that header."""
    page: tuple[str, ...] = ()
    """Words in the first page that show the product without a version."""
    cycles: tuple[Cycle, ...] = ()
    """From the oldest to the newest that is at an end or has a known one."""
    supported_from: str = ""
    """From this version on no end is known; empty when all versions stand in `cycles`."""


@dataclass(frozen=True, slots=True)
class SoftwareFile:
    """Products with the days on which their versions end."""

    as_of: str
    """The day on which the dates were looked at."""
    products: tuple[Product, ...]


@cache
def probe_groups() -> tuple[ProbeGroup, ...]:
    """All groups of probes, by name.

    Raises:
        ContentError: naming the file and the line.
    """
    groups = tuple(read_group(path) for path in _files("probes"))
    seen: set[str] = set()
    for probe in (probe for group in groups for probe in group.probes):
        if probe.id in seen:
            raise ContentError(f'the probe "{probe.id}" is here twice', (("fix", "give it an id of its own"),))
        seen.add(probe.id)
    return groups


def read_group(path: Path) -> ProbeGroup:
    """One file of probes.

    Raises:
        ContentError: naming the file and the line.
    """
    return _read(ProbeGroup, path, _check_group)


@cache
def signatures(kind: str) -> tuple[Named, ...]:
    """The signatures of one kind: `stack-trace`, `sql-error`, `debug-page`, `listing` ..., those of all its files."""
    files = (_read(SignatureFile, path, None) for path in _files("signatures"))
    return tuple(item for found in files if found.kind == kind for item in found.signatures)


@cache
def signature_kinds() -> tuple[str, ...]:
    """Kinds that have signatures."""
    return tuple(sorted({_read(SignatureFile, path, None).kind for path in _files("signatures")}))


@cache
def software() -> SoftwareFile:
    """What is known about ends of support."""
    (path,) = _files("software")
    return _read(SoftwareFile, path, _check_software)


def probes_folder() -> Path:
    """Where the files lie: in the wheel, or in the checkout."""
    return content_root().joinpath(*FOLDER)


def _files(kind: str) -> Iterator[Path]:
    yield from sorted((probes_folder() / kind).glob("*.yaml"))


def _read(kind: type[T], path: Path, rules: Callable[[Any, str], None] | None) -> T:
    text = read(path)
    try:
        found = decode(kind, parse(text))
        if rules is not None:
            rules(found, path.stem)
    except DecodeProblem as problem:
        line = line_of(text, problem.keys)
        raise ContentError(f"{path.name}:{line}: {problem.message}", problem.hints) from problem
    except YamlProblem as problem:
        raise ContentError(
            f"{path.name}:{problem.line}: {problem.message}", (("fix", "write plain YAML"),)
        ) from problem
    return found


def _check_group(group: ProbeGroup, stem: str) -> None:
    if group.group != stem:
        raise DecodeProblem(("group",), f'the group "{group.group}" is not the file name "{stem}"')
    for number, probe in enumerate(group.probes):
        _check_probe(probe, ("probes", number))


def _check_probe(probe: Probe, place: tuple[str | int, ...]) -> None:
    if not _ID.match(probe.id):
        raise DecodeProblem((*place, "id"), f'the id "{probe.id}" is not lower case with hyphens')
    for path in probe.paths:
        if not _PATH.match(path):
            raise DecodeProblem((*place, "paths"), f'"{path}" is no path: it begins with / and has no white space')
    graphql = probe.method == "POST" and probe.body == GRAPHQL
    if not graphql and (probe.method not in METHODS or probe.body):
        raise DecodeProblem((*place, "method"), "a probe must change nothing", (("known", ", ".join(METHODS)),))
    for name in ("paths", "matches", "hit", "miss"):
        if not getattr(probe, name):
            raise DecodeProblem((*place, name), f"{name} is empty", (("fix", "a probe needs both kinds of examples"),))
    for number, one in enumerate((*probe.matches, *probe.unless)):
        if not (one.all or one.any or one.starts or one.lines or one.json or one.form or one.headers):
            raise DecodeProblem((*place, "matches", number), "a signature must name something that stands in the reply")


def _check_software(found: SoftwareFile, _stem: str) -> None:
    for number, product in enumerate(found.products):
        for cycle in product.cycles:
            for day in (cycle.ends, cycle.packaged_until):
                if day and not _DATE.match(day):
                    raise DecodeProblem(("products", number, "cycles"), f'"{day}" is no day', (("fix", "2026-11-29"),))
        for line in product.headers:
            if not _HEADER.match(line.partition(":")[0]):
                raise DecodeProblem(("products", number, "headers"), f'"{line}" is no header line')
