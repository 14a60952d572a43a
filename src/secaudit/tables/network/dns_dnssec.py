"""dns_dnssec: whether the answers about the domain are signed (DNSSEC), as far as the resolver shows it."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Sized

from secaudit.protocols.names.dnssec import ALGORITHMS, DIGESTS, WEAK_ALGORITHMS, look
from secaudit.protocols.names.hosts import apex
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import PORT, asker, flag
from secaudit.tables.network.dns_nameservers import climb


class Row(NamedTuple):
    """The domain."""

    domain: str
    zone: str
    """The domain, or the name above it where its zone begins; what follows is about that."""
    state: str
    """signed (DS and DNSKEY), unsigned (neither), partly (one of them), or unknown."""
    ds: int | None
    """DS records above the domain. NULL: the DNS did not answer."""
    keys: int | None
    """DNSKEY records."""
    signatures: int | None
    """NULL: the resolver shows none, though there are keys."""
    ds_matches: int | None
    """1: a key fits one of the digests; 0: none does, so validating resolvers refuse every answer."""
    validates: int | None
    """Whether the resolver checks signatures at all, by its answer about the root."""
    is_checked: int | None
    """Whether it says so of the domain. NULL when it does not validate."""
    algorithms: str
    weak_algorithms: int | None
    """Keys whose algorithm must not be used any more."""
    digests: str
    strong_digests: int | None
    """DS records with SHA-256 or SHA-384."""
    shortest_rsa_bits: int | None
    """NULL: there is no RSA key."""
    nsec3: str
    """Parameters of NSEC3: algorithm, flags, iterations, salt. Empty without; unknown when there was no answer."""
    nsec3_iterations: int | None


def _plan(net: Net) -> Iterable[Planned]:
    names = climb(net)
    types = ("SOA", "DS", "DNSKEY", "NSEC3PARAM", "RRSIG")
    own = [Planned("dns", "", PORT, f"{kind} {name}", 1, "passive") for name in names for kind in types]
    return [Planned("dns", "", PORT, "SOA ", 1, "passive"), *own]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def dns_dnssec(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: DS, DNSKEY, RRSIG and NSEC3PARAM records, and the AD bit of the resolver.
    """
    ask = asker(target, 14)
    zone = apex(target.net.domain, ask).name
    domain = zone or target.net.domain
    state = look(domain, ask)
    ds, keys = state.ds, state.keys
    used = sorted({key.algorithm for key in keys or ()} | {item.algorithm for item in ds or ()})
    sizes = [key.bits for key in keys or () if key.bits]
    words = state.nsec3.split()
    yield Row(
        target.net.domain,
        zone,
        _state(ds, keys),
        None if ds is None else len(ds),
        None if keys is None else len(keys),
        state.signatures,
        flag(state.ds_matches),
        flag(state.validates),
        flag(state.is_checked),
        ", ".join(ALGORITHMS.get(number, f"algorithm {number}") for number in used),
        None if keys is None else sum(key.algorithm in WEAK_ALGORITHMS for key in keys),
        ", ".join(sorted({DIGESTS.get(item.digest_type, f"type {item.digest_type}") for item in ds or ()})),
        None if ds is None else sum(item.digest_type in (2, 4) for item in ds),
        min(sizes) if sizes else None,
        state.nsec3,
        int(words[2]) if len(words) > 2 and words[2].isdigit() and len(words[2]) <= 5 else None,
    )


def _state(ds: Sized | None, keys: Sized | None) -> str:
    if ds is None or keys is None:
        return "unknown"
    return {0: "unsigned", 1: "partly", 2: "signed"}[(len(ds) > 0) + (len(keys) > 0)]
