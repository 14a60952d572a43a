"""tls_cipher_suites: every cipher suite that each port agrees to, in each version. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.tls import hello, suites
from secaudit.tableapi import Target, table
from secaudit.tables.network import _tls_places, _tls_surveys


class SuiteRow(NamedTuple):
    """One suite of one version at one port."""

    host: str
    address: str
    port: int
    starttls: str
    protocol: str
    """SSLv2, SSLv3, TLSv1.0 to TLSv1.3."""
    position: int
    """In which order the server picked it from our list, from 1."""
    code: str
    """Its code point, as IANA writes it: 0xC0,0x2F."""
    name: str
    """Its name in the registry of IANA."""
    key_exchange: str | None
    """RSA, DH, DHE, ECDH, ECDHE, PSK ...; any in TLS 1.3. NULL, as all that follows, for a suite that is not known."""
    authentication: str | None
    """RSA, ECDSA, DSS, PSK, anon ...; any in TLS 1.3."""
    cipher: str | None
    """AES, CHACHA20, CAMELLIA, ARIA, SEED, IDEA, RC2, RC4, DES, 3DES, NULL ..."""
    mode: str | None
    """GCM, CCM, CCM_8, POLY1305, CBC, stream, none ..."""
    bits: int | None
    """Strength of the cipher's key: 0 for NULL, 40 for export, 112 for 3DES."""
    mac: str | None
    """The hash in its name: SHA256; MD5."""
    forward_secrecy: int | None
    aead: int | None
    is_export: int | None
    is_null: int | None
    """1 when nothing is encrypted."""
    is_anonymous: int | None
    """1 when the server shows no certificate, so that anybody may be it."""


@table(targets={"site", "network", "domain"}, timeout_s=600.0, plan=_tls_places.plan_survey)
def tls_cipher_suites(target: Target) -> Iterator[SuiteRow]:
    """Yield what the server picks when everything is offered, again without that, until it picks nothing.

    Source: the registry "TLS Cipher Suites" of IANA.

    Raises:
        NotCovered: this was not asked for (--active).
        Absent: no port speaks TLS.
        Partial: some ports did not answer, or stopped before their list was complete.
    """
    known = _tls_surveys.surveys(target)
    unclear: list[str] = []
    for visit, found in known.places:
        for code, version in sorted(found.versions.items()):
            for position, number in enumerate(version.suites, 1):
                one = suites.suite(number)
                known_one = one.known
                yield SuiteRow(
                    visit.place.host,
                    visit.address,
                    visit.place.port,
                    visit.plain,
                    hello.VERSIONS[code],
                    position,
                    f"0x{number >> 8:02X},0x{number & 255:02X}" if number < 65536 else f"0x{number:06X}",
                    one.name,
                    one.key_exchange if known_one else None,
                    one.authentication if known_one else None,
                    one.cipher if known_one else None,
                    one.mode if known_one else None,
                    one.bits if known_one else None,
                    one.mac if known_one else None,
                    int(one.forward_secrecy) if known_one else None,
                    int(one.aead) if known_one else None,
                    int(one.export) if known_one else None,
                    int(one.cipher == "NULL") if known_one else None,
                    int(one.authentication == "anon") if known_one else None,
                )
            if version.offered is None or (version.offered and not version.complete):
                unclear.append(f"{visit.label}: the suites of {hello.VERSIONS[code]} are not all known ({version.how})")
    _tls_surveys.finish(known, unclear)
