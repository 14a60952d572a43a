"""Try to connect to many ports of one address, without a thread for each."""

from __future__ import annotations

import errno
import selectors
import socket
import time
from collections.abc import Sequence

AT_ONCE = 256
_REFUSED = (errno.ECONNREFUSED, errno.ECONNRESET)


def scan(
    address: str, ports: Sequence[int], timeout_s: float, per_second: float, limit_s: float
) -> tuple[dict[int, str], bool]:
    """Connect and close again.

    Args:
        address: an IPv4 or IPv6 address.
        ports: which.
        timeout_s: how long one may take to answer.
        per_second: how many are begun in a second; 0 is as fast as they answer.
        limit_s: for all together.

    Returns:
        The state of each port that was tried: `open`, `closed`, `filtered`; and whether all were tried.
    """
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    found: dict[int, str] = {}
    waiting: dict[int, tuple[socket.socket, float]] = {}
    begun = time.monotonic()
    todo = iter(ports)
    started, more = 0, True
    with selectors.DefaultSelector() as selector:
        while more or waiting:
            now = time.monotonic()
            if now - begun > limit_s:
                break
            while more and len(waiting) < AT_ONCE and (not per_second or started <= (now - begun) * per_second):
                port = next(todo, None)
                if port is None:
                    more = False
                    break
                started += 1
                one = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
                code = one.connect_ex((address, port))
                if code == errno.EINPROGRESS:
                    selector.register(one, selectors.EVENT_WRITE, port)
                    waiting[port] = (one, now + timeout_s)
                else:
                    one.close()
                    found[port] = _state(code)
            pause = 0.05 if not per_second or len(waiting) >= AT_ONCE else min(0.05, 1 / per_second)
            for key, _ in selector.select(pause if waiting or per_second else 0):
                one, _ = waiting.pop(key.data)
                code = one.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                selector.unregister(one)
                one.close()
                found[key.data] = _state(code)
            now = time.monotonic()
            for port in [port for port, (_, until) in waiting.items() if until < now]:
                one, _ = waiting.pop(port)
                selector.unregister(one)
                one.close()
                found[port] = "filtered"
        for one, _ in waiting.values():
            one.close()
    return dict(sorted(found.items())), len(found) == len(ports)


def _state(code: int) -> str:
    if code == 0:
        return "open"
    return "closed" if code in _REFUSED else "filtered"
