"""Ask an SSH server for a host key or for a group, without any cryptography.

The server shows its host key in the clear in answer to the first message of a key exchange, whatever public value that
message holds, as long as it is well-formed. So any value of the right shape will do, and the exchange ends there.

Sources: RFC 4253 section 8, RFC 4419 (group exchange), RFC 5656 section 7.1, RFC 8731, and for the hybrid one
draft-josefsson-ntruprime-ssh.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from secaudit.protocols.ssh.hello import Offer, open_packets, read_offer, write_offer
from secaudit.protocols.ssh.keyblob import HostKey, read_key
from secaudit.protocols.ssh.packets import KEXINIT, Ended, NotSsh, Packets, Reader, mpint, string
from secaudit.tableapi import Wire

_INIT, _REPLY = 30, 31
_GROUP, _GEX_INIT, _GEX_REPLY, _GEX_REQUEST = 31, 32, 33, 34
_POINTS = {
    "nistp256": "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5",
    "nistp384": "aa87ca22be8b05378eb1c71ef320ad746e1d3b628ba79b9859f741e082542a385502f25dbf55296c3a545e3872760ab7"
    "3617de4a96262c6f5d9e98bf9292dc29f8f41dbd289a147ce9da3113b5f0b8c00a60b1ce1d7e819d7a431d7c90ea0e5f",
    "nistp521": "00c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ff"
    "a8de3348b3c1856a429bf97e7e31c2e5bd66011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17"
    "273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
}
"""The base points of the curves (SEC 2, sections 2.4.2, 2.5.1, 2.6.1): points that every server must take."""
GEX = ("diffie-hellman-group-exchange-sha256", "diffie-hellman-group-exchange-sha1")


def first_value(kex: str) -> bytes | None:
    """The body of the first message of a key exchange; None for one that we cannot begin."""
    if kex.startswith("curve25519-sha256"):
        return string(os.urandom(32))
    if kex.startswith("ecdh-sha2-"):
        point = _POINTS.get(kex.removeprefix("ecdh-sha2-"))
        return string(b"\x04" + bytes.fromhex(point)) if point else None
    if kex.startswith("diffie-hellman-group") and not kex.startswith("diffie-hellman-group-exchange"):
        return mpint(int.from_bytes(b"\x01" + os.urandom(100), "big"))  # below the prime of every group
    if kex.startswith("sntrup761x25519-"):
        return string(bytes(1158) + os.urandom(32))
    if kex == "mlkem768x25519-sha256":
        return string(bytes(1184) + os.urandom(32))  # coefficients of zero are in range (FIPS 203 section 7.2)
    return None


_CHEAP = ("curve25519", "ecdh-sha2-nistp256", "ecdh-sha2-", "diffie-hellman-group1", "mlkem", "sntrup")


def choose_kex(offer: Offer) -> str | None:
    """The key exchange of the server that costs it least; None when we can begin none of them."""
    for prefix in _CHEAP:
        for name in offer.kex:
            if name.startswith(prefix) and first_value(name) is not None:
                return name
    return next((name for name in GEX if name in offer.kex), None)


def key_algorithms(offer: Offer) -> dict[str, str]:
    """Type of key -> one algorithm by which to ask for it, in the server's order; certificates only when alone."""
    from secaudit.protocols.ssh.keyblob import kind_of

    found: dict[str, str] = {}
    for name in offer.host_keys:
        if "-cert-v0" not in name:
            found.setdefault(kind_of(name), name)
    if not found:
        found = {name: name for name in offer.host_keys}
    return found


def _agree(wire: Wire, kex: str, host_key: str) -> Packets:
    """Both greetings and lists, up to where the key exchange begins."""
    _, packets = open_packets(wire)
    server = read_offer(packets.receive_one_of((KEXINIT,)))
    packets.send(write_offer(kex, host_key, server))
    if server.follows and (server.kex[:1], server.host_keys[:1]) != ((kex,), (host_key,)):
        packets.receive()  # its wrong guess, to be passed over: RFC 4253 section 7
    return packets


def ask_host_key(wire: Wire, kex: str, host_key: str) -> HostKey:
    """Ask for one host key.

    Raises:
        OSError: the server did not show it.
    """
    packets = _agree(wire, kex, host_key)
    reply = _REPLY
    if kex in GEX:
        _request_group(packets, 2048, 2048, 8192)
        packets.send(bytes([_GEX_INIT]) + mpint(int.from_bytes(b"\x01" + os.urandom(100), "big")))
        reply = _GEX_REPLY
    else:
        value = first_value(kex)
        if value is None:
            raise NotSsh(f"the key exchange {kex} is not known")
        packets.send(bytes([_INIT]) + value)
    return read_key(Reader(packets.receive_one_of((reply,))[1:]).string())


CLOSED = "closed"
"""The word for a connection that was ended without a word."""


class Group(NamedTuple):
    """The answer to a request for a group."""

    bits: int | None
    """Size of the prime; None when the server refused."""
    refused: str
    """How it refused: its own text, or `closed`; empty when it gave a group."""


def ask_group(wire: Wire, kex: str, host_key: str, least: int, wanted: int, most: int) -> Group:
    """Ask for a group of a size between `least` and `most` bits.

    Raises:
        OSError: neither a group nor a refusal came.
    """
    packets = _agree(wire, kex, host_key)
    try:
        return Group(_request_group(packets, least, wanted, most), "")
    except Ended as error:
        return Group(None, f"disconnected: {error}")
    except TimeoutError:
        raise
    except ConnectionError:
        return Group(None, CLOSED)


def _request_group(packets: Packets, least: int, wanted: int, most: int) -> int:
    packets.send(bytes([_GEX_REQUEST]) + b"".join(size.to_bytes(4, "big") for size in (least, wanted, most)))
    reader = Reader(packets.receive_one_of((_GROUP,))[1:])
    return int.from_bytes(reader.string(), "big").bit_length()
