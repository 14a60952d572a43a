"""A whole handshake through the TLS library of this machine: version, suite, chain, and whom its trust store trusts.

Dates are left out of the verdict on trust: they are judged by themselves, against the time of the audit.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from typing import Any

from secaudit.tableapi import Wire

_NO_CHECK_TIME = 0x200000
"""X509_V_FLAG_NO_CHECK_TIME of OpenSSL, x509_vfy.h."""
_LEGACY_CONNECT = 0x4
"""SSL_OP_LEGACY_SERVER_CONNECT: talk to servers without secure renegotiation too."""


@dataclass(slots=True)
class Handshake:
    """How one handshake ended."""

    version: str | None = None
    """As the `openssl` program writes it: TLSv1.3."""
    suite: str | None = None
    suite_bits: int | None = None
    alpn: str | None = None
    """Empty when none was agreed."""
    chain: list[bytes] = field(default_factory=list)
    """As the server sent it, its own certificate first."""
    trusted: bool | None = None
    """None: no verdict, since the handshake did not get so far."""
    verify_code: int | None = None
    verify_message: str = ""
    root: bytes = b""
    """The certificate in the trust store at which a trusted chain ends."""
    problem: str = ""
    """Why there was no handshake; empty when there was one."""


def store() -> str:
    """The trust store that the verdict is about. SSL_CERT_FILE and SSL_CERT_DIR change it, for OpenSSL as for us."""
    paths = ssl.get_default_verify_paths()
    return ", ".join(place for place in (paths.cafile, paths.capath) if place) or "none"


def context(alpn: tuple[str, ...] = (), *, verify: bool) -> ssl.SSLContext:
    """A client that talks to old servers too, so that they can be judged."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_REQUIRED if verify else ssl.CERT_NONE
    made.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    made.set_ciphers("DEFAULT:@SECLEVEL=0")
    made.options |= _LEGACY_CONNECT
    if verify:
        made.set_default_verify_paths()
        made.verify_flags = ssl.VerifyFlags(made.verify_flags | _NO_CHECK_TIME)
    if alpn:
        made.set_alpn_protocols(list(alpn))
    return made


def shake(wire: Wire, server_name: str, alpn: tuple[str, ...] = (), *, verify: bool) -> Handshake:
    """Make the handshake and look at it; nothing is sent over it. Raise OSError only for a wire that broke."""
    found = Handshake()
    try:
        secured = wire.secure(context(alpn, verify=verify), server_name or None)
    except ssl.SSLCertVerificationError as error:
        found.trusted, found.verify_code, found.verify_message = False, error.verify_code, error.verify_message
        found.problem = f"certificate: {error.verify_message}"
        return found
    except ssl.SSLError as error:
        found.problem = error.reason or type(error).__name__
        return found
    found.version = secured.version()
    cipher = secured.cipher()
    if cipher is not None:
        found.suite, _, found.suite_bits = cipher
    found.alpn = secured.selected_alpn_protocol() or ""
    found.chain = _chain(secured, "get_unverified_chain")
    if verify:
        found.trusted, found.verify_code, found.verify_message = True, 0, "ok"
        found.root = (_chain(secured, "get_verified_chain") or [b""])[-1]
    return found


def _chain(secured: ssl.SSLSocket, name: str) -> list[bytes]:
    """The certificates in DER; only the server's own where this Python cannot give the others."""
    give: Any = getattr(secured, name, None) or getattr(getattr(secured, "_sslobj", None), name, None)
    if give is not None:
        found = give() or []
        return [one if isinstance(one, bytes) else bytes(one.public_bytes(_der())) for one in found]
    own = secured.getpeercert(binary_form=True)
    return [own] if own else []


def _der() -> int:
    import _ssl

    return int(_ssl.ENCODING_DER)
