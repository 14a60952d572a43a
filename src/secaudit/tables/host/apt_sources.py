"""apt_sources: where apt takes packages from, and how far it trusts each place. As in osquery, with more columns."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._apt_archives import Archive, read_archives
from secaudit.tables.host._apt_lists import host_of


class AptSource(NamedTuple):
    """One archive: a type, a URI and a suite."""

    name: str
    """URI and suite."""
    type: str
    """deb, or deb-src for source code."""
    base_uri: str
    """Without user name and password."""
    scheme: str
    """http, https, file, cdrom, mirror+file, ..."""
    host: str
    """Empty where the URI has none."""
    release: str
    """The suite as written, such as `bookworm-security`."""
    components: str
    """Separated by spaces."""
    architectures: str
    """Separated by spaces; empty means all of the system."""
    origin: str
    """`Origin` of the fetched release file; empty when it was not fetched or does not say."""
    signed_by: str
    """Key files or fingerprints that must have signed it; `embedded` for a key in place; empty: any global key."""
    trusted: int
    """1 when its signature is not looked at (`trusted=yes`)."""
    allow_insecure: int
    """1 when it may have no signature (`allow-insecure=yes`)."""
    allow_weak: int
    """1 when it may be signed with broken methods (`allow-weak=yes`)."""
    is_security: int | None
    """1 when it brings the security fixes of the installed release; NULL when that cannot be said."""
    is_vendor: int | None
    """1 when it belongs to the makers of the system; NULL when that cannot be said."""
    is_this_release: int | None
    """1 when its suite is one of the installed release; NULL when that cannot be said."""
    enabled: int
    path: str
    line: int


@table(targets={"host", "root"})
def apt_sources(target: Target) -> Iterator[AptSource]:
    """Yield one row per type, URI and suite.

    Source: sources.list(5), one-line and deb822 format.

    Raises:
        Absent: apt has no sources here.
        Partial: a file could not be read, or is not what apt accepts.
    """
    found = read_archives(target)
    if not found.files:
        raise Absent("apt has no sources here")
    for archive in found.archives:
        yield _row(archive)
    if found.faults:
        raise Partial("not all sources are known: " + "; ".join(found.faults[:5]))


def _row(archive: Archive) -> AptSource:
    source = archive.source
    uri = _without_password(source.uri)
    signed_by = source.options.get("signed-by", "")
    return AptSource(
        name=f"{uri} {source.suite}",
        type=source.type,
        base_uri=uri,
        scheme=uri.partition(":")[0].lower(),
        host=host_of(uri),
        release=source.suite,
        components=" ".join(source.components),
        architectures=" ".join(source.architectures),
        origin="" if archive.release is None else archive.release.origin,
        signed_by="embedded" if "BEGIN PGP" in signed_by else " ".join(signed_by.replace(",", " ").split()),
        trusted=int(source.is_on("trusted")),
        allow_insecure=int(source.is_on("allow-insecure")),
        allow_weak=int(source.is_on("allow-weak")),
        is_security=archive.is_security,
        is_vendor=archive.is_vendor,
        is_this_release=archive.is_this_release,
        enabled=int(source.enabled),
        path=source.path,
        line=source.line,
    )


def _without_password(uri: str) -> str:
    scheme, slashes, rest = uri.partition("://")
    place, slash, path = rest.partition("/")
    if not slashes or "@" not in place:
        return uri
    return f"{scheme}://{place.rsplit('@', 1)[1]}{slash}{path}"
