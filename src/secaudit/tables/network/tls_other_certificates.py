"""tls_other_certificates: certificates that a TLS port shows only to clients which speak another kind of key."""

from __future__ import annotations

from typing import Iterator

from secaudit.protocols.tls import certificate
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_papers, _tls_places, _tls_surveys
from secaudit.tables.network._tls_papers import CertificateRow


@table(targets={"site", "network", "domain"}, timeout_s=600.0, plan=_tls_places.plan_survey)
def tls_other_certificates(target: Target) -> Iterator[CertificateRow]:
    """Yield what comes when only suites of RSA, or only of ECDSA, are offered, where that differs from the first chain.

    Seen up to TLS 1.2 only: later they are encrypted.

    Source: RFC 5280, RFC 5246.

    Raises:
        NotCovered: this was not asked for (--active).
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    known = _tls_surveys.surveys(target)
    unclear: list[str] = []
    for visit, found in known.places:
        for chain in found.other_chains:
            if chain[:1] != visit.chain[:1]:
                for position, data in enumerate(chain):
                    yield _tls_papers.row_of(visit, position, certificate.read(data))
        first = found.best_old.first if found.best_old is not None else None
        if first is not None and first.certificates[:1] != visit.chain[:1]:
            for position, data in enumerate(first.certificates):
                yield _tls_papers.row_of(visit, position, certificate.read(data))
        if not found.others_complete:
            unclear.append(f"{visit.label}: not all its certificates were shown")
    _tls_surveys.finish(known, unclear)
