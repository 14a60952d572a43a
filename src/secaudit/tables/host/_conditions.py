"""Conditions on packets that rules of nftables and iptables share. See `_packetfilter.py` for the answers."""

from __future__ import annotations

import fnmatch
import ipaddress
from typing import Iterable

from secaudit.tables.host._packetfilter import MOST, NO, SOME, UNKNOWN, YES, Condition, Probe, either, inverse

NUMBERS = {
    "1": "icmp", "2": "igmp", "6": "tcp", "17": "udp", "33": "dccp", "47": "gre", "50": "esp", "51": "ah",
    "58": "icmpv6", "112": "vrrp", "132": "sctp", "136": "udplite",
}  # fmt: skip
"""protocols(5)."""

WIDE_V4 = 1 << 24
WIDE_V6 = 1 << 112
"""A public range with more addresses than this may be one piece of "everybody", so we do not call it a few senders."""

INNER_V6 = ((0xFC << 120, (0xFE << 120) - 1), (0xFE80 << 112, (0xFEC0 << 112) - 1))
"""fc00::/7 and fe80::/10: wide, but only for one's own networks. Those of IPv4 are not wide."""

OTHER_TYPES = ("broadcast", "multicast", "anycast", "blackhole", "prohibit", "unreachable")
"""Types of destination address that a packet for this machine alone does not have."""

LOCAL_PORTS = 10_000
"""A range of source ports of at least this size is what ordinary clients use."""


def constant(answer: int) -> Condition:
    """Always this answer."""
    return lambda probe: answer


def negate(condition: Condition, inverted: bool) -> Condition:
    """The condition, or its opposite."""
    return (lambda probe: inverse(condition(probe))) if inverted else condition


def version(number: int) -> Condition:
    """IPv4 or IPv6."""
    return lambda probe: YES if probe.version == number else NO


def protocol(name: str) -> Condition:
    """The protocol inside IP, by name or number; `all` and `0` are any."""
    name = NUMBERS.get(name.lower(), name.lower())
    if name in ("all", "0", "ip"):
        return constant(YES)
    return lambda probe: YES if probe.protocol == name else NO


def ports(ranges: list[tuple[int, int]]) -> Condition:
    """One of the destination ports."""
    return lambda probe: YES if any(low <= probe.port <= high for low, high in ranges) else NO


def source_ports(ranges: list[tuple[int, int]]) -> Condition:
    """The sender chooses its port: any range that clients do not use by themselves is reachable only on purpose."""
    if any(low <= 0 and high >= 65535 for low, high in ranges):
        return constant(YES)
    return constant(MOST if any(high - low >= LOCAL_PORTS for low, high in ranges) else SOME)


def state(words: Iterable[str]) -> Condition:
    """The first packet of a connection has the state NEW, and after a rewrite also the virtual state DNAT."""
    known = {word.strip().lower() for word in words}
    return lambda probe: YES if "new" in known or (probe.dnat and "dnat" in known) else NO


def incoming(pattern: str, wildcard: str) -> Condition:
    """The interface a packet arrives on. `wildcard` is the sign at the end of a pattern: `+` or `*`."""
    stem = pattern[:-1] + "*" if pattern.endswith(wildcard) else pattern

    def answer(probe: Probe) -> int:
        if pattern in ("lo", ""):
            return NO
        if stem == "*":
            return YES
        if not probe.iif:
            return UNKNOWN
        if fnmatch.fnmatchcase(probe.iif, stem):
            return YES
        if any(fnmatch.fnmatchcase(name, stem) for name in probe.outer):
            return NO  # another way in from outside, which is judged by itself
        return SOME  # an inner interface: packets from containers, virtual machines or a tunnel match

    return answer


def outgoing(pattern: str, wildcard: str) -> Condition:
    """The interface a packet leaves on; it is only known for forwarded packets with a known route."""
    stem = pattern[:-1] + "*" if pattern.endswith(wildcard) else pattern

    def answer(probe: Probe) -> int:
        if probe.oif is None:
            return UNKNOWN if probe.dnat else NO  # a packet that stays here leaves on no interface
        return YES if fnmatch.fnmatchcase(probe.oif, stem) else NO

    return answer


def _spans(texts: Iterable[str]) -> list[tuple[int, int, int]]:
    """(version, lowest, highest) of addresses, networks and `a-b` ranges. ValueError on anything else."""
    found: list[tuple[int, int, int]] = []
    for text in texts:
        first, dash, second = text.partition("-")
        if dash:
            low, high = ipaddress.ip_address(first), ipaddress.ip_address(second)
            found.append((low.version, int(low), int(high)))
        else:
            network = ipaddress.ip_network(text, strict=False)
            found.append((network.version, int(network.network_address), int(network.broadcast_address)))
    return found


def _width(number: int) -> int:
    return 1 << (32 if number == 4 else 128)


def _is_loopback(number: int, low: int, high: int) -> bool:
    bounds = (0x7F000000, 0x7FFFFFFF) if number == 4 else (1, 1)
    return bounds[0] <= low and high <= bounds[1]


def source(texts: Iterable[str]) -> Condition:
    """The sender has one of the addresses."""
    try:
        spans = _spans(texts)
    except ValueError:
        return constant(UNKNOWN)
    answers: dict[int, int] = {}
    for number in (4, 6):
        answers[number] = either(_sender(*span) for span in spans if span[0] == number)
    return lambda probe: answers[probe.version]


def _sender(number: int, low: int, high: int) -> int:
    if high - low + 1 >= _width(number):
        return YES
    if _is_loopback(number, low, high):
        return NO
    wide = high - low >= (WIDE_V4 if number == 4 else WIDE_V6)
    inner = number == 6 and any(first <= low and high <= last for first, last in INNER_V6)
    return UNKNOWN if wide and not inner else SOME


def destination(texts: Iterable[str]) -> Condition:
    """The packet is for one of the addresses."""
    try:
        spans = _spans(texts)
    except ValueError:
        return constant(UNKNOWN)

    def answer(probe: Probe) -> int:
        ours = [(low, high) for number, low, high in spans if number == probe.version]
        if any(high - low + 1 >= _width(probe.version) for low, high in ours):
            return YES
        if probe.address:
            place = int(ipaddress.ip_address(probe.address.partition("%")[0]))
            if any(low <= place <= high for low, high in ours):
                return YES
        elif any(not _is_loopback(probe.version, low, high) for low, high in ours):
            return UNKNOWN
        # a datagram to a group reaches programs too, but only from the same network
        group = 0xE0000000 if probe.version == 4 else 0xFF << 120
        return SOME if probe.protocol == "udp" and not probe.dnat and any(low >= group for low, _ in ours) else NO

    return answer


def flags(mask: Iterable[str], wanted: Iterable[str]) -> Condition:
    """TCP flags; the first packet of a connection carries SYN alone."""
    looked = {flag.strip().lower() for flag in mask}
    have = {"syn"} if "syn" in looked or "all" in looked else set()
    answer = YES if have == {flag.strip().lower() for flag in wanted} - {"none"} else NO
    return lambda probe: answer if probe.protocol == "tcp" else NO


def address_type(kind: str) -> Condition:
    """The kind of the destination address, as a packet sent to this machine alone has it."""
    kind = kind.lower()
    if kind in ("local", "unicast"):
        # after a rewrite the destination is another machine
        return lambda probe: NO if probe.dnat and kind == "local" else YES
    return constant(NO if kind in OTHER_TYPES else UNKNOWN)
