"""One request over the door to the network, and what came of it. Follows nothing by itself."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Iterable
from urllib.parse import urlsplit

from secaudit import __version__
from secaudit.protocols.addresses import is_address
from secaudit.protocols.http.reply import BODY_BYTES, Reply, read_reply
from secaudit.tableapi import Net

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer."""

    scheme: str
    host: str
    address: str
    """Empty when no connection came about."""
    port: int
    method: str
    path: str
    outcome: str
    """`ok`: the head of an answer was read whole. Else `refused`, `timeout`, `reset`, `unreachable`, `tls` (no
    handshake), `empty`, `garbage`, `closed` or `endless`; see Reply.problem."""
    why: str = ""
    """What the system said, for `tls` and `unreachable`."""
    tls_version: str = ""
    tls_cipher: str = ""
    alpn: str = ""
    reply: Reply = field(default_factory=Reply)

    @property
    def url(self) -> str:
        return url_of(self.scheme, self.host, self.port, self.path)


def exchange(
    net: Net,
    host: str,
    port: int,
    scheme: str,
    method: str = "GET",
    path: str = "/",
    *,
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    level: str = "passive",
    what: str = "",
    host_header: str = "",
    timeout_s: float = 10.0,
    limit_bytes: int = BODY_BYTES,
    address: str = "",
) -> Exchange:
    """Send one request on a connection of its own, and read the answer.

    The path goes out as it is given. `headers` replace ours of the same name. A host that answers 429 or 503 gets no
    more requests in this audit. `what` are the words under which it is written down, those of the plan; `METHOD path`
    when empty. `host_header` stands in place of the host's own name.

    Raises:
        NotCovered, Stopped: as `net.connect`.
    """
    address_of_wire = ""
    request = build_request(method, path, host_header or authority_of(scheme, host, port), headers, body)
    try:
        with net.connect(
            host, port, "http", what or f"{method} {path}", level=level, timeout_s=timeout_s, address=address
        ) as wire:
            address_of_wire = wire.address
            secured = ("", "", "")
            if scheme == "https":
                try:
                    secured = _facts_of(wire.secure(accepting_context(), server_name_of(host)))
                except ssl.SSLError as error:
                    why = (error.reason or str(error)).lower().replace("_", " ")[:200]
                    return Exchange(scheme, host, address_of_wire, port, method, path, "tls", why)
            try:
                wire.send(request)
            except TimeoutError:
                raise
            except OSError:
                pass  # it may have answered and closed before it read all
            reply = read_reply(wire, method, limit_bytes)
    except OSError as error:
        outcome, why = _outcome_of(error)
        return Exchange(scheme, host, address_of_wire, port, method, path, outcome, why)
    if reply.status in (429, 503) and not reply.problem:
        net.back_off(host, f"it answered {reply.status} to {method} {path[:100]}")
    return Exchange(scheme, host, address_of_wire, port, method, path, reply.problem or "ok", "", *secured, reply)


def build_request(
    method: str, path: str, authority: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    """The bytes of a request. Raise ValueError for a line end or blank where it would begin another header or word."""
    ours = {
        "Host": authority,
        "User-Agent": user_agent(),
        "Accept": "text/html,application/xhtml+xml,*/*;q=0.8",
        "Accept-Encoding": "gzip, deflate",
        "Connection": "close",
    }
    extra = list(headers)
    replaced = {name.lower() for name, _ in extra}
    fields = [(name, value) for name, value in ours.items() if name.lower() not in replaced] + extra
    if body and "content-length" not in replaced:
        fields.append(("Content-Length", str(len(body))))
    if any(char in text for text in (method, path) for char in " \r\n\0"):
        raise ValueError(f"a blank or line end in the request {method!r} {path!r}")
    if any(char in text for pair in fields for text in pair for char in "\r\n\0"):
        raise ValueError("a line end in a header of the request")
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields)]
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


def user_agent() -> str:
    """How we introduce ourselves."""
    return f"secaudit/{__version__} (security audit)"


@lru_cache(maxsize=1)
def accepting_context() -> ssl.SSLContext:
    """A context that speaks with anything: who the other side is, other tables judge.

    Old versions and suites are open as far as the local OpenSSL still has them.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.options |= getattr(ssl, "OP_LEGACY_SERVER_CONNECT", 0x4)
    try:
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.set_ciphers("ALL:@SECLEVEL=0")
    except (ValueError, ssl.SSLError):
        pass  # a stricter build of OpenSSL keeps what it has
    context.set_alpn_protocols(["http/1.1"])
    return context


def server_name_of(host: str) -> str | None:
    """The name for SNI; none for an address (RFC 6066 section 3)."""
    return None if is_address(host) else host


def authority_of(scheme: str, host: str, port: int) -> str:
    """What goes into the header Host."""
    name = f"[{host}]" if ":" in host and not host.startswith("[") else host
    return name if DEFAULT_PORTS.get(scheme) == port else f"{name}:{port}"


def url_of(scheme: str, host: str, port: int, path: str) -> str:
    return f"{scheme}://{authority_of(scheme, host, port)}{path}"


def path_of(url: str) -> str:
    """Path and query of a URL as a request line has them, without the fragment.

    Dots stay; only what cannot stand in a request line (blanks, bytes above ASCII) is percent-encoded.
    """
    parts = urlsplit(url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return "".join(c if "!" <= c <= "~" else "".join(f"%{b:02X}" for b in c.encode("utf-8", "replace")) for c in path)


def _facts_of(secured: ssl.SSLSocket) -> tuple[str, str, str]:
    cipher = secured.cipher()
    return (secured.version() or "", cipher[0] if cipher else "", secured.selected_alpn_protocol() or "")


def _outcome_of(error: OSError) -> tuple[str, str]:
    if isinstance(error, TimeoutError):
        return "timeout", ""
    if isinstance(error, ConnectionRefusedError):
        return "refused", ""
    if isinstance(error, ConnectionError):
        return "reset", ""
    return "unreachable", (error.strerror or str(error))[:200]
