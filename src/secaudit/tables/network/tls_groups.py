"""tls_groups: with which groups each port exchanges keys: curves, finite fields, post-quantum pairs. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.tls import groups, hello
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places, _tls_surveys
from secaudit.tables.network._tls_surveys import Surveyed


class GroupRow(NamedTuple):
    """One group of one version at one port."""

    host: str
    address: str
    port: int
    starttls: str
    protocol: str
    """TLSv1.3, or the highest version before it that is offered."""
    position: int
    """In which order the server picked it from our list, from 1."""
    code: int | None
    """Its code point; NULL for a prime or curve that the server made itself."""
    name: str
    """Its name in the registry of IANA; `own prime`, `own curve`, `export key`."""
    kind: str
    """curve, field, hybrid (a curve together with ML-KEM), kem (ML-KEM alone), rsa (the small key of export suites)."""
    bits: int | None
    """Of the curve, the prime or the key; of a hybrid those of its curve. NULL: it did not come to that."""


@table(targets={"site", "network", "domain"}, timeout_s=600.0, plan=_tls_places.plan_survey)
def tls_groups(target: Target) -> Iterator[GroupRow]:
    """Yield what the server picks when all groups are offered, again without that, until it picks nothing.

    A curve that only clients without the curve of the certificate could get is not seen, and nobody can get it.

    Source: the registry "TLS Supported Groups" of IANA; RFC 7919, RFC 8422, RFC 8446.

    Raises:
        NotCovered: this was not asked for (--active).
        Absent: no port speaks TLS.
        Partial: some ports did not answer, or stopped before their list was complete.
    """
    known = _tls_surveys.surveys(target)
    unclear: list[str] = []
    for one in known.places:
        yield from _rows(one)
        found = one.found
        if found.versions[hello.TLS13].offered is None or (
            found.versions[hello.TLS13].offered and not found.groups13_complete
        ):
            unclear.append(f"{one.visit.label}: the groups of TLS 1.3 are not all known")
        best = found.best_old
        if best is not None and not found.groups12_complete:
            unclear.append(f"{one.visit.label}: the groups of {hello.VERSIONS[best.code]} are not all known")
    _tls_surveys.finish(known, unclear)


def _rows(one: Surveyed) -> Iterator[GroupRow]:
    visit, found = one.visit, one.found
    place = (visit.place.host, visit.address, visit.place.port, visit.plain)
    listed = [(hello.TLS13, found.groups13)]
    best = found.best_old
    if best is not None:
        listed.append((best.code, found.groups12))
    for version, codes in listed:
        for position, code in enumerate(codes, 1):
            group = groups.group(code)
            yield GroupRow(
                *place, hello.VERSIONS[version], position, code, group.name, group.kind or "curve", group.bits or None
            )
    if best is None:
        return
    name = hello.VERSIONS[best.code]
    if found.has_fields:
        yield GroupRow(*place, name, 1, None, "own prime", "field", found.dh_bits)
    for bits in found.written_curves:
        yield GroupRow(*place, name, 1, None, "own curve", "curve", bits or None)
    if found.has_export_key:
        yield GroupRow(*place, name, 1, None, "export key", "rsa", found.export_bits)
