"""tls_certificates: the certificates that each TLS port shows. Columns as osquery's curl_certificate has them."""

from __future__ import annotations

from typing import Iterator

from secaudit.protocols.tls import certificate
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_papers, _tls_places
from secaudit.tables.network._tls_papers import CertificateRow


@table(targets={"site", "network", "domain"}, timeout_s=300.0, plan=_tls_places.plan)
def tls_certificates(target: Target) -> Iterator[CertificateRow]:
    """Yield the certificates in the order in which each server sends them. No signature is checked here.

    Source: RFC 5280; field by field, so that a broken one does not hide the others.

    Raises:
        Absent: no port speaks TLS.
        Partial: some ports did not answer, or showed no certificate.
    """
    looked = _tls_places.speaking(target)
    bare = [f"{one.label} showed no certificate" for one in looked.visits if one.speaks_tls and not one.chain]
    for one in looked.visits:
        for position, data in enumerate(one.chain):
            yield _tls_papers.row_of(one, position, certificate.read(data))
    _tls_places.finish(looked._replace(gaps=looked.gaps + bare))
