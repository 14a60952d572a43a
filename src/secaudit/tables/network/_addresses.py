"""Addresses and names that belong inside: by their form only, nothing is resolved."""

from __future__ import annotations

import ipaddress
import re

_CLASSES = (
    ("metadata", ("169.254.169.254/32", "169.254.170.2/32", "fd00:ec2::254/128", "100.100.100.200/32")),
    ("loopback", ("127.0.0.0/8", "::1/128", "0.0.0.0/32")),
    ("link_local", ("169.254.0.0/16", "fe80::/10")),
    ("private", ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "100.64.0.0/10")),
)
_NETWORKS = [(name, [ipaddress.ip_network(text) for text in texts]) for name, texts in _CLASSES]

PRIVATE_IPV4 = re.compile(
    r"(?<![\d.\w-])(?:10(?:\.\d{1,3}){3}|192\.168(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2})(?![\d.]*\d)(?![\w-])"
)
"""An address of RFC 1918 in text. 169.254/16 and 127/8 are left out: they are the same everywhere and tell nothing."""

INTERNAL_NAME = re.compile(
    r"(?<![\w.@-])(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,5}(?:internal|intranet|corp|lan|localdomain|local)(?![\w-])(?!\.\w)(?!\()",
    re.IGNORECASE,
)
"""A name under an ending that is never public: RFC 6762 (local), ICANN's `internal`, and customs of offices."""


def class_of_literal(host: str) -> str:
    """The class of an address: metadata, loopback, link_local, private or public; empty when it is a name."""
    try:
        address = ipaddress.ip_address(host.strip("[]").split("%")[0])
    except ValueError:
        return "loopback" if host.lower() == "localhost" or host.lower().endswith(".localhost") else ""
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    for name, networks in _NETWORKS:
        if any(address.version == network.version and address in network for network in networks):
            return name
    return "public"
