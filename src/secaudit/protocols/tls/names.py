"""Does a certificate speak for this name? By RFC 9525, which replaces RFC 6125: alternative names, no common name.

A wildcard stands for one whole leftmost label. Names are compared without regard to case, addresses as addresses.
"""

from __future__ import annotations

import re

from secaudit.protocols.addresses import address_of

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")


def matches(host: str, dns_names: tuple[str, ...] | None, ip_names: tuple[str, ...] | None) -> bool | None:
    """Whether one of the names is that of the host. None: the names could not be read."""
    if dns_names is None or ip_names is None:
        return None
    address = address_of(host)
    if address is not None:
        return any(address_of(name) == address for name in ip_names)
    wanted = _ascii(host)
    return any(_one(wanted, name) for name in dns_names)


def _ascii(host: str) -> str:
    """The name as it stands in certificates: lower case, other scripts as `xn--`, without the last dot."""
    plain = host.rstrip(".").lower()
    try:
        return plain if plain.isascii() else plain.encode("idna").decode("ascii")
    except UnicodeError:
        return plain


def _one(wanted: str, name: str) -> bool:
    name = name.lower().rstrip(".")
    if "*" not in name:
        return wanted == name
    first, _, rest = name.partition(".")
    if first != "*" or "." not in rest or not all(_LABEL.fullmatch(label) for label in rest.split(".")):
        return False  # a part of a label, two stars, or a star for a whole top level
    label, _, parent = wanted.partition(".")
    return parent == rest and bool(label)
