"""The first exchange with an SSH server: greetings and its algorithms. Source: RFC 4253 sections 4.2 and 7.1."""

from __future__ import annotations

import os
from typing import NamedTuple

from secaudit.protocols.ssh.packets import BANNER, KEXINIT, Greeting, NotSsh, Packets, Reader, read_greeting, string
from secaudit.tableapi import Wire

NAMES_LIMIT = 512
"""Algorithms in one list. The longest known server offers about 60."""


class Offer(NamedTuple):
    """What one side offers in its KEXINIT, in its order of preference."""

    kex: tuple[str, ...]
    host_keys: tuple[str, ...]
    ciphers_in: tuple[str, ...]
    """From the client to the server."""
    ciphers_out: tuple[str, ...]
    macs_in: tuple[str, ...]
    macs_out: tuple[str, ...]
    compression_in: tuple[str, ...]
    compression_out: tuple[str, ...]
    follows: bool
    """A packet of a guessed key exchange comes right behind."""


class Hello(NamedTuple):
    """What a server said in its first exchange."""

    greeting: Greeting
    offer: Offer | None
    """None when the list of algorithms did not come, or the server speaks SSH 1 only."""
    problem: str
    """Why there is no offer; empty when there is."""


def signals(offer: Offer) -> tuple[str, ...]:
    """Names in the list of key exchanges that are none: they tell what else the server can do."""
    return tuple(name for name in offer.kex if name.startswith(("kex-strict-", "ext-info-")))


def read_offer(payload: bytes) -> Offer:
    """Read the payload of a KEXINIT.

    Raises:
        NotSsh: it is broken, or a list is too long.
    """
    reader = Reader(payload)
    reader.take(17)  # message number, cookie
    lists = [reader.names() for _ in range(10)]
    if any(len(names) > NAMES_LIMIT for names in lists):
        raise NotSsh(f"more than {NAMES_LIMIT} algorithms in one list")
    kex, keys, *rest = lists[:8]
    return Offer(kex, keys, rest[0], rest[1], rest[2], rest[3], rest[4], rest[5], follows=reader.take(1) != b"\0")


def write_offer(kex: str, host_key: str, server: Offer) -> bytes:
    """A KEXINIT that leads to this key exchange and host key, and agrees to all else."""
    lists = [(kex,), (host_key,), *server[2:8], (), ()]
    body = b"".join(string(",".join(names).encode("ascii", "replace")) for names in lists)
    return bytes([KEXINIT]) + os.urandom(16) + body + bytes(5)


def open_packets(wire: Wire, first: bytes = b"") -> tuple[Greeting, Packets]:
    """Exchange greetings. `first` is what was received already.

    Raises:
        NotSsh: the other side does not speak SSH.
    """
    greeting = read_greeting(wire, first)
    packets = Packets(wire, greeting)
    if greeting.speaks_2:
        wire.send(BANNER + b"\r\n")
    return greeting, packets


def say_hello(wire: Wire, first: bytes = b"") -> Hello:
    """Greet, read what the server offers, and say goodbye.

    Raises:
        NotSsh: there is no banner. What breaks after the banner is told in `problem`.
    """
    greeting, packets = open_packets(wire, first)
    if not greeting.speaks_2:
        return Hello(greeting, None, "the server speaks version 1 of the protocol only")
    try:
        offer = read_offer(packets.receive_one_of((KEXINIT,)))
    except TimeoutError:
        return Hello(greeting, None, "the list of algorithms did not come in time")
    except OSError as error:
        return Hello(greeting, None, f"the list of algorithms could not be read: {error}")
    packets.leave()
    return Hello(greeting, offer, "")
