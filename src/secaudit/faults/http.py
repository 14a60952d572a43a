"""An HTTP and HTTPS server on loopback whose faults can be named one by one. Without faults it is healthy.

    with HttpFaults(["no-nosniff"]) as server:
        print(server.https_url)

A fault gets the request and the answer that was made for it, and gives the answer that is sent. Faults lie in modules
beside this one whose names begin with `http_`, which are found by name; `fault` puts a function into the table.
Standard library, and the program openssl for a certificate.
"""

from __future__ import annotations

import contextlib
import importlib
import pkgutil
import secrets
import socket
import ssl
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

HOST = "localhost"
MOST_REQUEST_BYTES = 256 * 1024
IDLE_S = 15.0


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked for."""

    scheme: str
    method: str
    target: str
    """Path and query as they came."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case."""
    body: bytes
    server: HttpFaults

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        return self.target.partition("?")[2]

    def header(self, name: str) -> str:
        """The first value; empty without one."""
        return next((value for key, value in self.headers if key == name), "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    is_page: bool = False
    """Whether it is the page, so that faults of pages change it."""
    raw: bytes | None = None
    """Sent in place of all the others, as it is."""
    send: Callable[[socket.socket], None] | None = None
    """Does all the sending itself: for servers that drip or never end."""

    def with_header(self, name: str, value: str) -> Answer:
        """One header set anew."""
        return replace(self.without(name), headers=(*self.without(name).headers, (name, value)))

    def added(self, name: str, value: str) -> Answer:
        """One header more."""
        return replace(self, headers=(*self.headers, (name, value)))

    def without(self, name: str) -> Answer:
        return replace(self, headers=tuple(pair for pair in self.headers if pair[0].lower() != name.lower()))

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def edited(self, old: str, new: str) -> Answer:
        """The body with one text in place of another, which must be there."""
        if old.encode() not in self.body:
            raise ValueError(f"the page has no {old!r}")
        return replace(self, body=self.body.replace(old.encode(), new.encode()))


Change = Callable[[Request, Answer], Answer]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    name: str
    title: str
    """What is wrong, in one line."""
    shows: tuple[str, ...]
    """Ids of the checks that fail by it."""
    change: Change
    visit: str = "https"
    """Over which scheme a visitor comes, for whom the fault shows."""
    https: bool = True
    """False: nothing listens for https."""


_FAULTS: dict[str, Fault] = {}


def faults() -> dict[str, Fault]:
    """All faults by name."""
    here = importlib.import_module("secaudit.faults")
    for module in pkgutil.iter_modules(here.__path__):
        if module.name.startswith("http_"):
            importlib.import_module(f"secaudit.faults.{module.name}")
    return _FAULTS


def fault(
    name: str, title: str, *shows: str, visit: str = "https", https: bool = True, pages_only: bool = False
) -> Callable[[Change], Change]:
    """Put a function into the table of faults.

    With `pages_only` it is called for the page alone, not for redirects and other answers.
    """

    def put(change: Change) -> Change:
        def on_pages(request: Request, answer: Answer) -> Answer:
            return change(request, answer) if answer.is_page else answer

        if name in _FAULTS:
            raise ValueError(f"two faults are named {name}")
        _FAULTS[name] = Fault(name, title, shows, on_pages if pages_only else change, visit, https)
        return change

    return put


# ---------------------------------------------------------------- the healthy site

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Orchard</title>
<link rel="stylesheet" href="/style.css">
<script src="/app.js"></script>
</head>
<body>
<h1>Orchard</h1>
<!-- the menu -->
<p><a href="/about">About us</a></p>
<img src="/tree.png" alt="a tree">
<form method="post" action="/login">
<input type="hidden" name="csrf_token" value="0b6f2d5e9c1a47d8">
<input name="user" autocomplete="username">
<input type="password" name="password" autocomplete="current-password">
<button>Log in</button>
</form>
</body>
</html>
"""
SCRIPT = "/*! jQuery v3.7.1 | (c) OpenJS Foundation and other contributors */\n(function () { 'use strict'; })();\n"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; report-to reports"
)
COOKIE = "__Host-session=5c1d0e7ab2f94368a1d7c05be93f4a62"
SECURITY_TXT = "Contact: mailto:security@example.org\nExpires: {expires}\nPreferred-Languages: en\n"
HEADERS = (
    ("Server", "orchard"),
    ("Strict-Transport-Security", "max-age=63072000; includeSubDomains"),
    ("X-Content-Type-Options", "nosniff"),
)
PAGE_HEADERS = (
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", POLICY),
    ("Reporting-Endpoints", 'reports="/reports"'),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
    ("Set-Cookie", f"{COOKIE}; Path=/; Secure; HttpOnly; SameSite=Lax"),
)


def healthy(request: Request) -> Answer:
    """The answer of the site without faults."""
    server = request.server
    if request.method not in ("GET", "HEAD"):
        return _plain(405, "method not allowed").added("Allow", "GET, HEAD")
    if request.scheme == "http" and server.https_port:
        return Answer(301, (("Server", "orchard"), ("Location", f"https://{HOST}:{server.https_port}{request.target}")))
    if request.path == "/":
        return Answer(200, (*HEADERS, *PAGE_HEADERS), PAGE.encode(), is_page=True)
    if request.path == "/app.js":
        return Answer(200, (*HEADERS, ("Content-Type", "text/javascript; charset=utf-8")), SCRIPT.encode())
    if request.path == "/style.css":
        return Answer(200, (*HEADERS, ("Content-Type", "text/css; charset=utf-8")), b"body { margin: 2em }\n")
    if request.path == "/.well-known/security.txt":
        text = SECURITY_TXT.format(expires=server.security_expires)
        return Answer(200, (*HEADERS, ("Content-Type", "text/plain; charset=utf-8")), text.encode())
    return _plain(404, "there is no such page")


def _plain(status: int, text: str) -> Answer:
    kind = ("Content-Type", "text/html; charset=utf-8")
    policy = ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
    body = f"<!DOCTYPE html><html lang=en><title>{status}</title><p>{text}</p></html>\n"
    return Answer(status, (*HEADERS, kind, policy), body.encode())


# ---------------------------------------------------------------- the server


@dataclass
class HttpFaults:
    """A server with these faults, from `start` to `stop`, on free ports of loopback; also a context manager."""

    faults: Iterable[str] = ()
    security_expires: str = "2027-06-30T00:00:00Z"
    """What security.txt says."""
    http_port: int = 0
    https_port: int = 0
    """0 when nothing listens for https."""
    closed_port: int = 0
    """In that case a port that is kept, and that refuses."""
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    """Scheme, method and target of each request that came."""

    def __post_init__(self) -> None:
        known, wanted = faults(), list(self.faults)
        unknown = [name for name in wanted if name not in known]
        if unknown:
            raise ValueError(f"no fault {unknown[0]!r}; known: {', '.join(sorted(known))}")
        self._faults = [known[name] for name in wanted]
        self._listeners: list[socket.socket] = []
        self._context: ssl.SSLContext | None = None

    @property
    def http_url(self) -> str:
        return f"http://{HOST}:{self.http_port}/"

    @property
    def https_url(self) -> str:
        return f"https://{HOST}:{self.https_port}/"

    @property
    def url(self) -> str:
        """The URL at which the faults show."""
        return self.http_url if any(one.visit == "http" for one in self._faults) else self.https_url

    def start(self) -> None:
        """Listen."""
        if all(one.https for one in self._faults):
            self._context = server_context()
            self.https_port = self._listen("https")
        else:
            kept = socket.socket()
            kept.bind(("127.0.0.1", 0))  # without listen(), so it refuses
            self._listeners.append(kept)
            self.closed_port = kept.getsockname()[1]
        self.http_port = self._listen("http")

    def stop(self) -> None:
        """Listen no more."""
        for listener in self._listeners:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            listener.close()

    def __enter__(self) -> HttpFaults:
        self.start()
        return self

    def __exit__(self, *error: object) -> None:
        self.stop()

    def _listen(self, scheme: str) -> int:
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        self._listeners.append(listener)
        threading.Thread(target=self._serve, args=(listener, scheme), daemon=True, name=f"faults-{scheme}").start()
        port: int = listener.getsockname()[1]
        return port

    def _serve(self, listener: socket.socket, scheme: str) -> None:
        while True:
            try:
                wire, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(wire, scheme), daemon=True).start()

    def _talk(self, wire: socket.socket, scheme: str) -> None:
        wire.settimeout(IDLE_S)
        try:
            if scheme == "https" and self._context is not None:
                wire = self._context.wrap_socket(wire, server_side=True)
            request = self._read(wire, scheme)
            if request is not None:
                self.requests.append((scheme, request.method, request.target))
                self._write(wire, request, self.answer(request))
        except OSError:
            pass  # the client went away, or did not like the certificate
        finally:
            with contextlib.suppress(OSError):
                wire.close()

    def answer(self, request: Request) -> Answer:
        """The answer with all faults."""
        answer = healthy(request)
        for one in self._faults:
            answer = one.change(request, answer)
        fresh = f"{COOKIE.partition('=')[0]}={secrets.token_hex(16)}"  # each visitor gets a session of his own
        return replace(answer, headers=tuple((name, value.replace(COOKIE, fresh)) for name, value in answer.headers))

    def _read(self, wire: socket.socket, scheme: str) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = wire.recv(65536)
            if not piece or len(data) > MOST_REQUEST_BYTES:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3:
            return None
        headers = tuple(
            (name.strip().lower(), value.strip()) for name, _, value in (one.partition(":") for one in lines)
        )
        length = next((int(value) for name, value in headers if name == "content-length" and value.isdigit()), 0)
        while len(body) < min(length, MOST_REQUEST_BYTES):
            piece = wire.recv(65536)
            if not piece:
                return None
            body += piece
        return Request(scheme, words[0], words[1], headers, body, self)

    def _write(self, wire: socket.socket, request: Request, answer: Answer) -> None:
        if answer.send is not None:
            answer.send(wire)
            return
        if answer.raw is not None:
            wire.sendall(answer.raw)
            return
        lines = [f"HTTP/1.1 {answer.status} {'OK' if answer.status == 200 else 'Status'}"]
        lines += [f"{name}: {value}" for name, value in answer.headers]
        if not answer.header("Transfer-Encoding"):
            lines.append(f"Content-Length: {len(answer.body)}")
        lines += ["Connection: close", "", ""]
        body = b"" if request.method == "HEAD" else answer.body
        wire.sendall("\r\n".join(lines).encode("latin-1", "replace") + body)


_made: dict[str, bytes] = {}
_making = threading.Lock()


def certificate() -> tuple[bytes, bytes]:
    """A certificate for localhost that nobody trusts, and its key, in PEM; made once in a process.

    Raises:
        FileNotFoundError: the program openssl is not installed.
        subprocess.CalledProcessError: it did not work.
    """
    with _making:
        if not _made:
            with tempfile.TemporaryDirectory() as folder:
                key, made = Path(folder) / "key.pem", Path(folder) / "certificate.pem"
                subprocess.run(
                    ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                     "-days", "90", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                     "-keyout", str(key), "-out", str(made)],
                    check=True, capture_output=True, timeout=60,
                )  # fmt: skip
                _made["certificate"], _made["key"] = made.read_bytes(), key.read_bytes()
    return _made["certificate"], _made["key"]


def server_context() -> ssl.SSLContext:
    """A context of a server with that certificate."""
    made, key = certificate()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as both:
        both.write(made + key)
        both.flush()
        context.load_cert_chain(both.name)
    return context
