"""Classes of addresses. An own list: what `ipaddress` calls private changed between versions of Python."""

from __future__ import annotations

import ipaddress
from typing import Union

LOOPBACK, PRIVATE, PUBLIC = "loopback", "private", "public"

Address = Union[ipaddress.IPv4Address, ipaddress.IPv6Address]

_LOOPBACK = ("127.0.0.0/8", "::1/128")
_PRIVATE = (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16",  # RFC 1918
    "100.64.0.0/10",  # RFC 6598: behind the provider's address translation
    "169.254.0.0/16", "fe80::/10",  # link-local, RFC 3927 and RFC 4291
    "fc00::/7",  # RFC 4193
)  # fmt: skip
_METADATA = (
    "169.254.169.254/32", "169.254.170.0/24", "169.254.169.253/32", "fd00:ec2::/32", "100.100.100.200/32",
    "168.63.129.16/32", "192.0.0.192/32",
)  # fmt: skip
"""Where cloud providers give a machine its own keys, and the services beside it."""
_NEVER = (
    "0.0.0.0/8", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "192.88.99.0/24",
    "224.0.0.0/4", "240.0.0.0/4", "::/128", "100::/64", "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
    "ff00::/8", "fec0::/10",
)  # fmt: skip
"""Special-purpose ranges of the IANA registries that are nobody's server: documentation, tests, many receivers."""
_WITHIN = (("::ffff:0:0/96", 0), ("64:ff9b::/96", 0), ("64:ff9b:1::/48", 0), ("2002::/16", 80))
"""IPv6 ranges that carry an IPv4 address, and how many bits stand behind it: mapped, RFC 6052, RFC 8215, RFC 3056."""


class RefusedAddress(ValueError):
    """Nothing is ever sent to this address."""


def _networks(texts: tuple[str, ...]) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    return tuple(map(ipaddress.ip_network, texts))


_TABLE = ((_networks(_LOOPBACK), LOOPBACK), (_networks(_PRIVATE), PRIVATE))
_REFUSED = (
    (_networks(_METADATA), "a cloud provider's own service for machines"),
    (_networks(_NEVER), "an address that no server has"),
)
_CARRIERS = tuple((ipaddress.ip_network(text), behind) for text, behind in _WITHIN)


def is_address(text: str) -> bool:
    """Whether a text is an address, also one that nothing is sent to."""
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    return True


def class_of(text: str) -> str:
    """loopback, private or public; of an IPv4 address within an IPv6 one the class of that.

    Raises:
        RefusedAddress: nothing is ever sent there, or this is no address.
    """
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError as error:
        raise RefusedAddress(f"{text}: this is no address") from error
    address = _carried(address)
    for networks, reason in _REFUSED:
        if _in(address, networks):
            raise RefusedAddress(f"{text}: {reason}")
    for networks, name in _TABLE:
        if _in(address, networks):
            return name
    return PUBLIC


def _carried(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address):
        for network, behind in _CARRIERS:
            if address in network:
                return ipaddress.IPv4Address((int(address) >> behind) & 0xFFFFFFFF)
    return address


def _in(address: Address, networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
