"""Small services with faults: `Services({"redis-open"})`. Without faults each of them asks who is there, as it should.

They speak as much of their protocol as shows whether a login is needed, and hold no data.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import NamedTuple

from secaudit.faults import _websays
from secaudit.faults._listening import Listener, read_exactly, read_line


class Fault(NamedTuple):
    """One fault: of which service, what it does, and the check that finds it."""

    service: str
    text: str
    check: str


FAULTS: Mapping[str, Fault] = {
    "telnet-on": Fault("telnet", "offers a login in the clear", "net-telnet-closed"),
    "irc-on": Fault("irc", "runs a chat server", "net-irc-closed"),
    "old-mysql": Fault("mysql", "is a version that gets no fixes", "net-versions-supported"),
    "talkative-ftp": Fault("ftp", "tells its version", "net-versions-hidden"),
    "ftp-plain": Fault("ftp", "cannot encrypt", "net-ftp-encrypted"),
    "ftp-anonymous": Fault("ftp", "lets everybody in", "net-ftp-anonymous"),
    "redis-open": Fault("redis", "serves everybody", "net-redis-login"),
    "memcached-open": Fault("memcached", "serves everybody", "net-memcached-login"),
    "mongodb-open": Fault("mongodb", "serves everybody", "net-mongodb-login"),
    "mqtt-open": Fault("mqtt", "serves everybody", "net-mqtt-login"),
    "zookeeper-open": Fault("zookeeper", "serves everybody", "net-zookeeper-login"),
    "nats-open": Fault("nats", "serves everybody", "net-nats-login"),
    "rsync-open": Fault("rsync", "has a module without a password", "net-rsync-login"),
    "vnc-open": Fault("vnc", "lets everybody in", "net-vnc-login"),
    "x11-open": Fault("x11", "lets everybody in", "net-x11-login"),
    "smb-1": Fault("smb", "speaks version 1", "net-smb-version-1"),
    "smb-unsigned": Fault("smb", "takes messages without a signature", "net-smb-signing"),
    **{
        f"{name}-open": Fault(name, "serves everybody", f"net-{check}-login") for name, check in _websays.CHECKS.items()
    },
}
"""Name -> fault. The services telnet and irc are there only with their fault."""


class Services:
    """All services, each on a port of its own, until they are closed.

    Args:
        faults: names of FAULTS.
    """

    def __init__(self, faults: Iterable[str] = ()) -> None:
        wanted = frozenset(faults)
        unknown = wanted - set(FAULTS)
        if unknown:
            raise KeyError(f"no fault {sorted(unknown)[0]!r}")
        self._listeners: dict[str, Listener] = {}
        for name, talk in _TALKS.items():
            if name in ("telnet", "irc") and f"{name}-on" not in wanted:
                continue
            self._listeners[name] = Listener(partial(talk, faults=wanted))
        self.ports: Mapping[str, int] = {name: one.port for name, one in self._listeners.items()}

    def close(self) -> None:
        """Stop all of them."""
        for one in self._listeners.values():
            one.close()

    def __enter__(self) -> Services:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _telnet(connection: socket.socket, faults: frozenset[str]) -> None:
    connection.sendall(b"\xff\xfd\x18\xff\xfd\x20login: ")
    read_line(connection)


def _irc(connection: socket.socket, faults: frozenset[str]) -> None:
    connection.sendall(b":chat.example NOTICE * :*** Looking up your hostname\r\n")
    read_line(connection)


def _mysql(connection: socket.socket, faults: frozenset[str]) -> None:
    version = b"5.7.44" if "old-mysql" in faults else b"10.11.14-MariaDB"
    body = b"\x0a" + version + b"\0" + bytes(40)
    connection.sendall(len(body).to_bytes(3, "little") + b"\0" + body)
    connection.recv(64)


def _ftp(connection: socket.socket, faults: frozenset[str]) -> None:
    connection.sendall(b"220 (vsFTPd 3.0.3)\r\n" if "talkative-ftp" in faults else b"220 FTP server ready\r\n")
    for _ in range(10):
        word = read_line(connection).strip().upper()
        if not word:
            return
        if word == b"AUTH TLS":
            connection.sendall(b"530 No.\r\n" if "ftp-plain" in faults else b"234 Go on.\r\n")
        elif word.startswith(b"USER"):
            connection.sendall(b"331 Password please.\r\n")
        elif word.startswith(b"PASS"):
            connection.sendall(b"230 Welcome.\r\n" if "ftp-anonymous" in faults else b"530 Wrong.\r\n")
        else:
            connection.sendall(b"221 Bye.\r\n")
            return


def _redis(connection: socket.socket, faults: frozenset[str]) -> None:
    for _ in range(20):
        line = read_line(connection)
        if not line:
            return
        if line.startswith((b"GET ", b"POST ")):
            connection.sendall(b"-ERR wrong number of arguments for 'get' command\r\n")
        elif line.strip().upper() in (b"PING", b"INFO") and "redis-open" not in faults:
            connection.sendall(b"-NOAUTH Authentication required.\r\n")
        elif line.strip().upper() == b"PING":
            connection.sendall(b"+PONG\r\n")
        elif line.strip().upper() == b"INFO":
            connection.sendall(b"$38\r\n# Server\r\nredis_version:7.0.15\r\nhz:10\r\n\r\n")


def _memcached(connection: socket.socket, faults: frozenset[str]) -> None:
    for _ in range(5):
        line = read_line(connection)
        if not line:
            return
        if line.strip() == b"version":
            answer = b"VERSION 1.6.18\r\n" if "memcached-open" in faults else b"CLIENT_ERROR unauthenticated\r\n"
        else:
            answer = b"ERROR\r\n"
        connection.sendall(answer)


def _mongodb(connection: socket.socket, faults: frozenset[str]) -> None:
    head = read_exactly(connection, 16)
    if head.startswith(b"GET "):
        text = b"It looks like you are trying to access MongoDB over HTTP on the native driver port.\r\n"
        connection.sendall(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n" + text)
        return
    for _ in range(10):
        body = read_exactly(connection, int.from_bytes(head[:4], "little") - 16)
        ok = b"\x01ok\0" + b"\0\0\0\0\0\0\xf0?"
        if b"listDatabases" in body and "mongodb-open" not in faults:
            ok = b"\x01ok\0" + bytes(8) + b"\x10code\0\x0d\0\0\0"
        elif b"buildInfo" in body:
            ok += b"\x02version\0\x06\0\0\x007.0.5\0"
        document = (len(ok) + 5).to_bytes(4, "little") + ok + b"\0"
        message = bytes(4) + b"\0" + document
        connection.sendall((len(message) + 16).to_bytes(4, "little") + bytes(4) + head[4:8] + head[12:16] + message)
        head = read_exactly(connection, 16)


def _mqtt(connection: socket.socket, faults: frozenset[str]) -> None:
    if read_exactly(connection, 2)[:1] == b"\x10":
        connection.sendall(b"\x20\x02\0\0" if "mqtt-open" in faults else b"\x20\x02\0\x05")
        connection.recv(64)


def _zookeeper(connection: socket.socket, faults: frozenset[str]) -> None:
    head = read_exactly(connection, 4)
    if head == b"srvr":
        connection.sendall(b"Zookeeper version: 3.8.0-5a02a05, built on 2022-02-25 08:49 UTC\nMode: standalone\n")
        return
    length = int.from_bytes(head, "big")
    if length > 1024:
        return
    read_exactly(connection, length)
    session = bytes(4) + (4000).to_bytes(4, "big") + b"\1" * 8 + (16).to_bytes(4, "big") + bytes(16) + b"\0"
    connection.sendall(len(session).to_bytes(4, "big") + session)
    read_exactly(connection, int.from_bytes(read_exactly(connection, 4), "big"))
    code = 0 if "zookeeper-open" in faults else -124
    answer = (1).to_bytes(4, "big") + bytes(8) + code.to_bytes(4, "big", signed=True) + bytes(4)
    connection.sendall(len(answer).to_bytes(4, "big") + answer)


def _nats(connection: socket.socket, faults: frozenset[str]) -> None:
    is_open = "nats-open" in faults
    info = {"server_id": "lab", "version": "2.10.4", "auth_required": not is_open}
    connection.sendall(b"INFO " + json.dumps(info).encode() + b" \r\n")
    if read_line(connection).startswith(b"CONNECT"):
        connection.sendall(b"PONG\r\n" if is_open else b"-ERR 'Authorization Violation'\r\n")


def _rsync(connection: socket.socket, faults: frozenset[str]) -> None:
    connection.sendall(b"@RSYNCD: 31.0\n")
    read_line(connection)
    name = read_line(connection).strip()
    if name == b"#list":
        connection.sendall(b"backup         \tCopies of the night\n@RSYNCD: EXIT\n")
    elif name:
        connection.sendall(b"@RSYNCD: OK\n" if "rsync-open" in faults else b"@RSYNCD: AUTHREQD aGVsbG8\n")


def _vnc(connection: socket.socket, faults: frozenset[str]) -> None:
    connection.sendall(b"RFB 003.008\n")
    read_exactly(connection, 12)
    connection.sendall(b"\x02\x01\x02" if "vnc-open" in faults else b"\x01\x02")
    connection.recv(1)


def _x11(connection: socket.socket, faults: frozenset[str]) -> None:
    if read_exactly(connection, 12)[:1] not in (b"l", b"B"):
        return
    if "x11-open" in faults:
        connection.sendall(b"\1\0\x0b\0\0\0\0\0" + bytes(32))
    else:
        reason = b"No protocol specified\n\0\0"
        connection.sendall(b"\0\x16\x0b\0\0\0" + (len(reason) // 4).to_bytes(2, "little") + reason)


def _smb(connection: socket.socket, faults: frozenset[str]) -> None:
    length = int.from_bytes(read_exactly(connection, 4)[1:], "big")
    if length > 4096:
        return
    message = read_exactly(connection, length)
    if message.startswith(b"\xffSMB"):
        if "smb-1" in faults:
            reply = b"\xffSMB\x72" + bytes(4) + b"\x98" + bytes(22) + b"\x11\0\0" + bytes(34)
            connection.sendall(len(reply).to_bytes(4, "big") + reply)
        return
    if message.startswith(b"\xfeSMB"):
        mode = 1 if "smb-unsigned" in faults else 3
        body = (65).to_bytes(2, "little") + mode.to_bytes(2, "little") + (0x0302).to_bytes(2, "little") + bytes(58)
        reply = b"\xfeSMB" + (64).to_bytes(2, "little") + bytes(58) + body
        connection.sendall(len(reply).to_bytes(4, "big") + reply)


def _web(name: str, connection: socket.socket, faults: frozenset[str]) -> None:
    method, path = "", ""
    for number in range(100):
        line = read_line(connection).decode("latin-1").strip()
        if number == 0:
            method, _, rest = line.partition(" ")
            path = rest.split(" ")[0]
        elif not line:
            break
    if method in ("GET", "POST"):
        connection.sendall(_websays.answer(name, path, is_open=f"{name}-open" in faults))


_TALKS: Mapping[str, Callable[..., None]] = {
    "telnet": _telnet, "irc": _irc, "mysql": _mysql, "ftp": _ftp, "redis": _redis, "memcached": _memcached,
    "mongodb": _mongodb, "mqtt": _mqtt, "zookeeper": _zookeeper, "nats": _nats, "rsync": _rsync, "vnc": _vnc,
    "x11": _x11, "smb": _smb, **{name: partial(_web, name) for name in _websays.CHECKS},
}  # fmt: skip
