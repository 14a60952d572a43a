"""A server on a free port of loopback, with one thread for each connection."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable

Handle = Callable[[socket.socket], None]

TIMEOUT_S = 20.0
"""A connection is given up after this time."""


class Listener:
    """Accepts connections until it is closed."""

    def __init__(self, handle: Handle, port: int = 0, address: str = "127.0.0.1") -> None:
        self._handle = handle
        self._socket = socket.create_server((address, port))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return  # closed
            connection.settimeout(TIMEOUT_S)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError, ValueError, IndexError):
            self._handle(connection)

    def close(self) -> None:
        """Take no more connections."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
        self._socket.close()
        self._thread.join(5)

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def read_exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes; ValueError when the other side ends before."""
    data = bytearray()
    while len(data) < count:
        more = connection.recv(count - len(data))
        if not more:
            raise ValueError("ended in the middle")
        data += more
    return bytes(data)


def read_line(connection: socket.socket, limit: int = 4096) -> bytes:
    """Up to and with the next line end, or what comes before the limit or the end."""
    data = bytearray()
    while not data.endswith(b"\n") and len(data) < limit:
        more = connection.recv(1)
        if not more:
            break
        data += more
    return bytes(data)
