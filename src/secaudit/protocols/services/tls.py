"""TLS only to look inside: no certificate is judged here, and old versions are spoken where this OpenSSL still can."""

from __future__ import annotations

import ipaddress
import ssl
import warnings

_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNEXPECTED_EOF", "RECORD_LAYER_FAILURE")


def context() -> ssl.SSLContext:
    """A client context that takes any certificate."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname = False
    made.verify_mode = ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        made.minimum_version = ssl.TLSVersion.TLSv1
    made.set_ciphers("ALL:@SECLEVEL=0")
    made.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    return made


def server_name(host: str) -> str | None:
    """The name to ask for; none for an address (RFC 6066 section 3)."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host
    return None


def is_tls(error: OSError) -> bool | None:
    """Whether a failed handshake was one: an alert is TLS, other bytes are not; None when nothing can be said."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        reason = error.reason or ""
        if reason in _NOT_TLS or not reason:
            return False
        return True
    return None
