"""One connection with a deadline for its whole life, that counts what goes over it."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

Ended = Callable[["SocketWire", str], None]


class SocketWire:
    """A `tableapi.Wire` over a TCP socket."""

    def __init__(self, raw: socket.socket, host: str, address: str, port: int, deadline: float, ended: Ended) -> None:
        self._socket = raw
        self._deadline = deadline
        self._ended = ended
        self._open = True
        self._outcome = "ok"
        self._waiting = bytearray()  # came with an earlier read and was not asked for yet
        self.host = host
        self.address = address
        self.port = port
        self.sent_bytes = 0
        self.received_bytes = 0

    def send(self, data: bytes) -> None:
        self._try(lambda: self._socket.sendall(data))
        self.sent_bytes += len(data)

    def receive(self, limit_bytes: int = 65536) -> bytes:
        if self._waiting:
            part = bytes(self._waiting[:limit_bytes])
            del self._waiting[:limit_bytes]
            return part
        return self._read(limit_bytes)

    def _read(self, limit_bytes: int) -> bytes:
        data: bytes = self._try(lambda: self._socket.recv(limit_bytes))
        self.received_bytes += len(data)
        return data

    def ready(self, wait_s: float) -> bool:
        pending = getattr(self._socket, "pending", None)
        if self._waiting or (pending is not None and pending()):
            return True
        until = time.monotonic() + min(wait_s, self._left_s())
        with selectors.DefaultSelector() as selector:
            selector.register(self._socket, selectors.EVENT_READ)
            while selector.select(max(0.0, until - time.monotonic())):
                if not isinstance(self._socket, ssl.SSLSocket) or self._has_text(self._socket):
                    return True
        return False

    def _has_text(self, secured: ssl.SSLSocket) -> bool:
        """Whether what came is for the reader, and not about TLS itself: TLS 1.3 sends tickets after the handshake."""
        secured.settimeout(0)
        try:
            data = secured.recv(1 << 14)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            return False
        except OSError:  # the next read tells
            return True
        self.received_bytes += len(data)
        self._waiting += data
        return True

    def receive_exactly(self, count: int) -> bytes:
        parts = bytearray()
        while len(parts) < count:
            data = self.receive(min(count - len(parts), 1 << 16))
            if not data:
                raise ConnectionError("the other side ended in the middle")
            parts += data
        return bytes(parts)

    def receive_until(self, end: bytes, limit_bytes: int) -> bytes:
        found = bytearray()
        while len(found) < limit_bytes:
            data = self.receive(limit_bytes - len(found))
            if not data:
                break
            begin = max(0, len(found) - len(end) + 1)
            found += data
            place = found.find(end, begin)
            if place >= 0:
                self._waiting[:0] = found[place + len(end) :]
                del found[place + len(end) :]
                break
        return bytes(found)

    def secure(self, context: ssl.SSLContext, server_name: str | None) -> ssl.SSLSocket:
        if self._waiting:
            raise ConnectionError("text in the clear came after the agreement to encrypt")
        self._socket.settimeout(self._left_s())
        try:
            wrapped = context.wrap_socket(self._socket, server_hostname=server_name, suppress_ragged_eofs=True)
        except OSError as error:
            self._outcome = outcome_of(error)
            raise
        self._socket = wrapped
        return wrapped

    def close(self) -> None:
        if self._open:
            self._open = False
            with contextlib.suppress(OSError):
                self._socket.close()
            self._ended(self, self._outcome)

    def __enter__(self) -> SocketWire:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def _left_s(self) -> float:
        left_s = self._deadline - time.monotonic()
        if left_s <= 0:
            self._outcome = "timeout"
            raise TimeoutError("the connection took longer than its deadline")
        return left_s

    def _try(self, operation: Callable[[], T]) -> T:
        self._socket.settimeout(self._left_s())
        try:
            return operation()
        except ssl.SSLZeroReturnError:
            return b""  # type: ignore[return-value]  # only recv meets it
        except OSError as error:
            self._outcome = outcome_of(error)
            raise


def outcome_of(error: OSError) -> str:
    """The word for a failed connection, as `tableapi.Sent` has it."""
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ConnectionRefusedError):
        return "refused"
    if isinstance(error, ConnectionError):
        return "reset"
    if isinstance(error, ssl.SSLError):
        return "tls"
    return "unreachable"
