"""One requirement of Python, PEP 508 or a place, as pip reads it."""

from __future__ import annotations

import posixpath
import re

from secaudit.tables.project._package_model import Document

_VCS = re.compile(
    r"^(?:(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*@\s*)?(?P<url>(?:git|hg|bzr|svn)\+.*)$"
)
_EGG = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
_FILE = re.compile(r"([A-Za-z0-9][A-Za-z0-9._]*?)-(\d[^-]*?)(?:-.*\.whl|\.tar\.gz|\.zip|\.tar\.bz2)$")
_OLD = re.compile(r"([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*([<>=!~][^\s;]*(?:\s*;.*)?)")
"""Versions as pip took them before PEP 440 was kept strictly: `pytz==2004d`, `lib>=2.*`."""
_MAX = 4000


def ask_for(
    document: Document, text: str, line: int, scope: str = "runtime", hashes: tuple[str, ...] = (), *,
    hashed: int | None = None, editable: bool = False,
) -> None:  # fmt: skip
    """Add the package that one requirement asks for; what cannot be understood becomes a note."""
    text = text.strip()
    if len(text) > _MAX:
        document.note(f"line {line} is too long")
        return
    vcs = _VCS.match(text)
    if vcs is not None:
        _from_repository(document, vcs.group("name") or "", vcs.group("url"), text, line, scope)
        return
    if _is_place(text) or editable:
        _from_place(document, text, line, scope, hashes, hashed)
        return
    _from_index(document, text, line, scope, hashes, hashed)


def exact_version(specifiers: str) -> str:
    """The version when exactly one is allowed: `==1.2` or `===1.2`; empty otherwise."""
    for part in specifiers.split(","):
        match = re.fullmatch(r"\s*(?:===?)\s*([^*\s;]+)\s*", part)
        if match:
            return match.group(1)
    return ""


def _from_index(
    document: Document, text: str, line: int, scope: str, hashes: tuple[str, ...], hashed: int | None
) -> None:
    from packaging.requirements import InvalidRequirement, Requirement

    try:
        found = Requirement(text)
    except (InvalidRequirement, RecursionError):
        old = _OLD.fullmatch(text)
        if old is None:
            document.note(f"line {line} is no requirement that we understand")
        else:
            document.ask(old.group(1), old.group(2), line, scope, version=exact_version(old.group(2)), hashed=hashed,
                         hashes=hashes)  # fmt: skip
        return
    if found.url:
        place = _VCS.match(found.url)
        if place is not None:
            _from_repository(document, found.name, found.url, text, line, scope)
        else:
            source = "path" if found.url.startswith("file:") else "url"
            document.ask(found.name, text, line, scope, source=source, location=found.url,
                         version=_version_of_file(found.url),
                         hashed=1 if _url_hash(found.url) else hashed, hashes=hashes)  # fmt: skip
        return
    marker = f"; {found.marker}" if found.marker else ""
    version = exact_version(str(found.specifier))
    document.ask(found.name, f"{found.specifier}{marker}", line, scope, version=version, hashed=hashed, hashes=hashes)


def _from_repository(document: Document, name: str, url: str, text: str, line: int, scope: str) -> None:
    bare = url.partition(";")[0].strip()
    egg = _EGG.search(bare)
    address, _, _ = bare.partition("#")
    path = address.partition("://")[2] or address
    before, at, revision = path.rpartition("@")
    if not at or "/" not in before:
        before, revision = path, ""
    name = name or (egg.group(1) if egg else posixpath.basename(before).removesuffix(".git"))
    kind = "git" if address.startswith("git+") else "url"
    where = address[: len(address) - len(revision) - 1] if revision else address
    document.ask(name, text, line, scope, source=kind, location=where.partition("+")[2],
                 revision=revision)  # fmt: skip


def _from_place(
    document: Document, text: str, line: int, scope: str, hashes: tuple[str, ...], hashed: int | None
) -> None:
    bare = text.partition(" ;")[0].strip()
    egg = _EGG.search(bare)
    name = egg.group(1) if egg else ""
    plain = bare.partition("#")[0]
    file = _FILE.search(posixpath.basename(plain))
    name = name or (file.group(1) if file else posixpath.basename(plain.split("[")[0].rstrip("/")))
    remote = "://" in plain and not plain.startswith("file:")
    if name in ("", ".", ".."):
        return  # the project itself
    document.ask(name, text, line, scope, source="url" if remote else "path", location=plain,
                 version=_version_of_file(plain), hashes=hashes,
                 hashed=(1 if _url_hash(bare) else hashed or 0) if remote else None)  # fmt: skip


def _is_place(text: str) -> bool:
    first = text.split(" ")[0]
    if first.startswith((".", "/", "~", "file:", "http://", "https://", "ftp://")):
        return True
    return first.endswith((".whl", ".tar.gz", ".zip", ".tar.bz2")) and "@" not in first


def _version_of_file(place: str) -> str:
    match = _FILE.search(posixpath.basename(place.partition("#")[0]))
    return match.group(2) if match else ""


def _url_hash(place: str) -> bool:
    return re.search(r"[#&](?:sha256|sha384|sha512|hash=sha256)=?[^&]*[0-9a-f]{32}", place) is not None
