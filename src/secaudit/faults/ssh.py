"""An SSH server with faults: `SshServer({"weak-kex"})`. It goes on until the key exchange shows its host key.

So it needs no cryptography: its host keys are made up, and nobody can log in. Without faults it offers what a good
server of today does.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from secaudit.faults._listening import Listener, read_exactly, read_line


@dataclass(frozen=True, slots=True)
class Shape:
    """What the server offers."""

    banner: str = "SSH-2.0-OpenSSH_9.9"
    kex: tuple[str, ...] = (
        "mlkem768x25519-sha256",
        "curve25519-sha256",
        "diffie-hellman-group-exchange-sha256",
        "kex-strict-s-v00@openssh.com",
    )
    host_keys: tuple[str, ...] = ("ssh-ed25519", "rsa-sha2-512")
    ciphers: tuple[str, ...] = ("chacha20-poly1305@openssh.com", "aes256-gcm@openssh.com")
    macs: tuple[str, ...] = ("hmac-sha2-256-etm@openssh.com",)
    compression: tuple[str, ...] = ("none", "zlib@openssh.com")
    rsa_bits: int = 3072
    group_bits: int = 3072
    """Of the smallest group that it gives."""
    key_seed: str = ""
    """Servers with the same one have the same host keys; a random one when empty."""


class Fault(NamedTuple):
    """One fault: what it does, and the check that finds it."""

    text: str
    check: str
    apply: Callable[[Shape], Shape]


FAULTS: Mapping[str, Fault] = {
    "weak-kex": Fault(
        "offers a key exchange with a group of 1024 bits",
        "ssh-service-key-exchange",
        lambda shape: replace(shape, kex=(*shape.kex, "diffie-hellman-group1-sha1")),
    ),
    "weak-cipher": Fault(
        "offers a cipher in CBC mode",
        "ssh-service-ciphers",
        lambda shape: replace(shape, ciphers=(*shape.ciphers, "aes128-cbc")),
    ),
    "no-cipher": Fault(
        "offers connections without encryption",
        "ssh-service-encrypts",
        lambda shape: replace(shape, ciphers=(*shape.ciphers, "none")),
    ),
    "weak-mac": Fault(
        "offers a checksum with MD5", "ssh-service-macs", lambda shape: replace(shape, macs=(*shape.macs, "hmac-md5"))
    ),
    "mac-first": Fault(
        "prefers a checksum over the plain text",
        "ssh-service-etm-first",
        lambda shape: replace(shape, ciphers=("aes256-ctr",), macs=("hmac-sha2-256", *shape.macs)),
    ),
    "dsa-key": Fault(
        "signs with a DSA key",
        "ssh-service-host-key-algorithms",
        lambda shape: replace(shape, host_keys=(*shape.host_keys, "ssh-dss")),
    ),
    "short-key": Fault(
        "has an RSA key of 1024 bits", "ssh-service-host-key-size", lambda shape: replace(shape, rsa_bits=1024)
    ),
    "old-keys": Fault(
        "has an RSA key only",
        "ssh-service-modern-host-key",
        lambda shape: replace(shape, host_keys=("rsa-sha2-512", "rsa-sha2-256")),
    ),
    "short-group": Fault(
        "gives groups of 1024 bits to who asks", "ssh-service-group-size", lambda shape: replace(shape, group_bits=1024)
    ),
    "terrapin": Fault(
        "does not offer strict key exchange",
        "ssh-service-terrapin",
        lambda shape: replace(shape, kex=tuple(name for name in shape.kex if not name.startswith("kex-strict"))),
    ),
    "no-hybrid": Fault(
        "offers no key exchange that withstands quantum computers",
        "ssh-service-post-quantum",
        lambda shape: replace(shape, kex=tuple(name for name in shape.kex if not name.startswith("mlkem"))),
    ),
    "early-compression": Fault(
        "compresses before the login",
        "ssh-service-compression",
        lambda shape: replace(shape, compression=(*shape.compression, "zlib")),
    ),
    "version-1": Fault(
        "speaks version 1 of the protocol as well",
        "ssh-service-protocol-1",
        lambda shape: replace(shape, banner="SSH-1.99-OpenSSH_9.9"),
    ),
    "old-version": Fault(
        "is of a version that gets no fixes",
        "ssh-service-version-supported",
        lambda shape: replace(shape, banner="SSH-2.0-OpenSSH_7.2p2"),
    ),
    "talkative": Fault(
        "tells the package of its system",
        "ssh-service-banner",
        lambda shape: replace(shape, banner="SSH-2.0-OpenSSH_9.9 Debian-3"),
    ),
}


class SshServer(Listener):
    """The server, running until it is closed.

    Args:
        faults: names of FAULTS.
        port: a free one when 0.
        shape: what it offers before the faults.
        address: of loopback.
    """

    def __init__(
        self,
        faults: Iterable[str] = (),
        port: int = 0,
        shape: Shape | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        made = shape or Shape()
        for name in faults:
            made = FAULTS[name].apply(made)
        self.shape = made if made.key_seed else replace(made, key_seed=os.urandom(8).hex())
        super().__init__(self._talk, port, address)

    def _talk(self, connection: socket.socket) -> None:
        shape = self.shape
        connection.sendall(shape.banner.encode() + b"\r\n")
        if not read_line(connection).startswith(b"SSH-2.0-"):
            return
        _send(connection, _kexinit(shape))
        payload = _receive(connection)
        while payload[0] != 20:
            payload = _receive(connection)
        kex, host_key = _first_names(payload)
        payload = _receive(connection)
        if kex.startswith("diffie-hellman-group-exchange"):
            least, wanted, most = (int.from_bytes(payload[at : at + 4], "big") for at in (1, 5, 9))
            bits = max(shape.group_bits, least, wanted)
            if bits > most:
                return
            _send(connection, b"\x1f" + _mpint(_number(bits, "group")) + _mpint(2))
            _receive(connection)
            _send(connection, b"\x21" + _string(_blob(host_key, shape)) + _mpint(4) + _string(b"no signature"))
            return
        _send(
            connection, b"\x1f" + _string(_blob(host_key, shape)) + _string(os.urandom(32)) + _string(b"no signature")
        )


def _kexinit(shape: Shape) -> bytes:
    lists = (shape.kex, shape.host_keys, shape.ciphers, shape.ciphers, shape.macs, shape.macs, shape.compression,
             shape.compression, (), ())  # fmt: skip
    return b"\x14" + os.urandom(16) + b"".join(_string(",".join(names).encode()) for names in lists) + bytes(5)


def _first_names(payload: bytes) -> tuple[str, str]:
    """The key exchange and the host key that the client wants most."""
    found = []
    at = 17
    for _ in range(2):
        length = int.from_bytes(payload[at : at + 4], "big")
        found.append(payload[at + 4 : at + 4 + length].split(b",")[0].decode())
        at += 4 + length
    return found[0], found[1]


def _blob(algorithm: str, shape: Shape) -> bytes:
    """A public key of the right form."""
    seed = shape.key_seed
    if algorithm.startswith(("rsa-", "ssh-rsa")):
        return _string(b"ssh-rsa") + _mpint(65537) + _mpint(_number(shape.rsa_bits, seed))
    if algorithm == "ssh-dss":
        return _string(b"ssh-dss") + b"".join(_mpint(_number(bits, seed)) for bits in (1024, 160, 1024, 1024))
    return _string(b"ssh-ed25519") + _string(hashlib.sha256(seed.encode()).digest())


def _number(bits: int, seed: str) -> int:
    """An odd number of exactly so many bits, the same for the same seed."""
    digest = hashlib.shake_256(f"{bits} {seed}".encode()).digest((bits + 7) // 8)
    return int.from_bytes(digest, "big") >> (-bits % 8) | 1 << (bits - 1) | 1


def _string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def _mpint(number: int) -> bytes:
    return _string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _send(connection: socket.socket, payload: bytes) -> None:
    padding = 8 - (len(payload) + 5) % 8 + 8
    connection.sendall((len(payload) + padding + 1).to_bytes(4, "big") + bytes([padding]) + payload + bytes(padding))


def _receive(connection: socket.socket) -> bytes:
    length = int.from_bytes(read_exactly(connection, 4), "big")
    if not 5 <= length <= 65536:
        raise ValueError("not a packet")
    body = read_exactly(connection, length)
    return body[1 : length - body[0]]
