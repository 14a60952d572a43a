"""tls_trust: whether this machine trusts the certificates of each TLS port, and whether they are made for its name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.addresses import is_address
from secaudit.protocols.tls import certificate, handshake, names
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places
from secaudit.tables.network._tls_places import Visit


class Trust(NamedTuple):
    """The verdict about one port."""

    host: str
    address: str
    port: int
    starttls: str
    store: str
    """The trust store that was asked: that of the TLS library of this machine, or what SSL_CERT_FILE names."""
    trusted: int | None
    """1 when the chain ends in the store. Dates and names are not part of it. NULL: no handshake, so no verdict."""
    code: int | None
    """Of OpenSSL: 0 ok, 18 and 19 self-signed, 20 and 21 the issuer is not known, 24 not allowed to sign."""
    message: str
    complete: int | None
    """1 when the server sent all certificates between its own and the root; 0 when one is missing; NULL: not known."""
    root_subject: str | None
    """The root at which a trusted chain ends; NULL without one, or where this Python cannot tell it."""
    root_sha256: str | None
    is_public: int | None
    """1 when the certificate says that it was made under the rules for public authorities (its policy)."""
    named: str
    """What the certificate is made for, separated by spaces."""
    name_matches: int | None
    """1 when one of these names is that of the host. NULL: not readable, or the host was named by an address only."""
    problem: str


@table(targets={"site", "network", "domain"}, timeout_s=300.0, plan=_tls_places.plan)
def tls_trust(target: Target) -> Iterator[Trust]:
    """Yield one row for each port that speaks TLS.

    Source: verify(1ssl) for the codes; RFC 9525 for names.

    Raises:
        Absent: no port speaks TLS.
        Partial: some ports did not answer.
    """
    looked = _tls_places.speaking(target)
    store = handshake.store()
    for one in looked.visits:
        if one.speaks_tls:
            yield _row(one, store, target.net.kind)
    _tls_places.finish(looked)


def _row(one: Visit, store: str, kind: str) -> Trust:
    chain = [certificate.read(data) for data in one.chain]
    own = chain[0] if chain else None
    root = certificate.read(one.shake.root) if one.shake.root else None
    matches = None if own is None else names.matches(one.place.host, own.dns_names, own.ip_names)
    if matches is False and kind != "site" and is_address(one.place.host):
        matches = None  # nobody visits a mail server or a database by an address that an auditor typed
    policies = None if own is None else own.policies
    shown = " ".join((*(own.dns_names or ()), *(own.ip_names or ()))) if own is not None else ""
    return Trust(
        host=one.place.host,
        address=one.address,
        port=one.place.port,
        starttls=one.plain,
        store=store,
        trusted=None if one.shake.trusted is None else int(one.shake.trusted),
        code=one.shake.verify_code,
        message=one.shake.verify_message,
        complete=_complete(one, chain),
        root_subject=None if root is None else root.subject,
        root_sha256=None if root is None else root.sha256,
        is_public=None if policies is None else int(any(name in certificate.PUBLIC_POLICIES for name in policies)),
        named=shown[:2000],
        name_matches=None if matches is None else int(matches),
        problem=one.problem,
    )


def _complete(one: Visit, chain: list[certificate.Certificate]) -> int | None:
    """A chain that ends in the store or in a root of its own is complete. No public authority signs with its root."""
    if one.shake.trusted:
        return 1
    if not chain or one.shake.trusted is None:
        return None
    if any(own.self_issued for own in chain):
        return 1
    if one.shake.verify_code not in (2, 20, 21):
        return None
    public = any(name in certificate.PUBLIC_POLICIES for name in chain[0].policies or ())
    return 0 if public and len(chain) == 1 else None
