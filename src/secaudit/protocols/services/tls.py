"""Whether the other side speaks TLS, told by how a handshake failed."""

from __future__ import annotations

import ssl

_NOT_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "UNEXPECTED_EOF", "RECORD_LAYER_FAILURE")
"""Reasons of OpenSSL 3 for bytes that are no record of TLS."""


def is_tls(error: OSError) -> bool | None:
    """Whether a failed handshake was one: an alert is TLS, other bytes are not; None when nothing can be said."""
    if isinstance(error, ssl.SSLError) and not isinstance(error, ssl.SSLEOFError):
        reason = error.reason or ""
        return bool(reason) and reason not in _NOT_TLS
    return None
