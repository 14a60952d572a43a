"""Hostile web servers give a status and whatever was read until then: never a crash, a hang or a false pass."""

from __future__ import annotations

import gzip
import socket
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sitechecks import TABLES, verdicts, web_site

import networktest
from networktest import read_network, rows_of
from secaudit.protocols.http import Exchange, exchange
from secaudit.targets.recorder import Cache

Talk = Callable[[socket.socket, bytes], None]


def server(talk: Talk) -> AbstractContextManager[int]:
    """A server that reads the head of a request and then does as it is told."""

    def read_and_talk(wire: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = wire.recv(65536)
            if not piece:
                return
            head += piece
        talk(wire, head)

    return networktest.server(read_and_talk)


def says(*parts: bytes) -> Talk:
    def talk(wire: socket.socket, head: bytes) -> None:
        for part in parts:
            wire.sendall(part)

    return talk


def ask(port: int, method: str = "GET", path: str = "/", timeout_s: float = 3.0, limit_bytes: int = 65536) -> Exchange:
    gate = web_site(f"http://127.0.0.1:{port}/").gate
    return exchange(gate, "127.0.0.1", port, "http", method, path, timeout_s=timeout_s, limit_bytes=limit_bytes)


def kinds(found: Exchange) -> set[str]:
    return {defect.kind for defect in found.reply.defects}


OK = b"HTTP/1.1 200 OK\r\n"


def test_a_dripping_server_ends_with_the_deadline() -> None:
    def drip(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK)
        while True:
            wire.sendall(b"X-A: b\r\n")
            time.sleep(0.05)

    with server(drip) as port:
        begun = time.monotonic()
        found = ask(port, timeout_s=1.0)
        assert time.monotonic() - begun < 2
    assert (found.outcome, found.reply.status) == ("timeout", 200)


def test_a_dripping_body_keeps_its_head() -> None:
    def drip(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK + b"Content-Length: 1000\r\n\r\n")
        while True:
            wire.sendall(b"x")
            time.sleep(0.05)

    with server(drip) as port:
        found = ask(port, timeout_s=1.0)
    assert (found.outcome, found.reply.body_state) == ("ok", "timeout")
    assert 5 < len(found.reply.body) < 1000


def test_headers_without_end_are_given_up() -> None:
    def talk(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK)
        while True:
            wire.sendall(b"X-A: b\r\n" * 1000)

    with server(talk) as port:
        found = ask(port)
    assert found.outcome == "endless"
    assert {"too_many", "head_too_large"} <= kinds(found)
    assert len(found.reply.headers) == 1000


def test_one_line_without_end_is_given_up() -> None:
    def talk(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK + b"X-A: ")
        while True:
            wire.sendall(b"a" * 65536)

    with server(talk) as port:
        found = ask(port)
    assert found.outcome == "endless"
    assert "line_too_long" in kinds(found)


def test_a_body_without_end_is_cut() -> None:
    def talk(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK + b"\r\n")
        while True:
            wire.sendall(b"a" * 65536)

    with server(talk) as port:
        found = ask(port)
    assert (found.outcome, found.reply.body_state, len(found.reply.body)) == ("ok", "cut", 65536)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_a_bomb_gives_no_more_than_the_limit(encoding: str) -> None:
    import zlib

    data = b"\0" * 50_000_000
    packed = gzip.compress(data, 9) if encoding == "gzip" else zlib.compress(data, 9)
    head = OK + f"Content-Encoding: {encoding}\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with server(says(head, packed)) as port:
        begun = time.monotonic()
        found = ask(port)
        assert time.monotonic() - begun < 1
    assert (found.reply.body_state, len(found.reply.body)) == ("cut", 65536)


def test_packed_bytes_that_give_nothing_end_too() -> None:
    """Empty blocks of deflate can come for ever."""

    def talk(wire: socket.socket, head: bytes) -> None:
        wire.sendall(OK + b"Content-Encoding: gzip\r\n\r\n" + gzip.compress(b"")[:10])
        while True:
            wire.sendall(b"\x00\x00\x00\xff\xff" * 10_000)

    with server(talk) as port:
        found = ask(port)
    assert (found.reply.body_state, found.reply.body) == ("cut", b"")


def test_a_thousand_headers_are_all_there() -> None:
    lines = b"".join(b"X-%d: y\r\n" % number for number in range(999))
    with server(says(OK + lines + b"Strict-Transport-Security: max-age=1\r\n\r\n")) as port:
        found = ask(port)
    assert found.outcome == "ok"
    assert kinds(found) == {"too_many"}
    assert found.reply.one("strict-transport-security") == "max-age=1"


def test_headers_after_a_malformed_line_are_read() -> None:
    lines = b"no colon here\r\nX-Frame-Options: DENY\r\n folded\r\nX\0Y: z\r\nBad Name: a\r\nServer : x\n\r\n"
    with server(says(OK + lines + b"body")) as port:
        found = ask(port)
    assert kinds(found) == {"malformed_line", "folded_line", "nul_byte", "space_in_name", "bare_lf"}
    assert found.reply.one("x-frame-options") == "DENY folded"
    assert found.reply.one("server") == "x"
    assert found.reply.body == b"body"


def test_early_hints_are_not_the_answer() -> None:
    with server(says(b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n", OK + b"X-A: b\r\n\r\n")) as port:
        found = ask(port)
    assert (found.reply.status, [one.status for one in found.reply.interims]) == (200, [103])


def test_early_answers_without_end_are_given_up() -> None:
    with server(says(*[b"HTTP/1.1 100 Continue\r\n\r\n"] * 50)) as port:
        assert ask(port).outcome == "endless"


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (b"", "empty"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "garbage"),
        (b"\x15\x03\x03\x00\x02\x02\x46", "garbage"),
        (b"HTTP/1.1 200 OK\r\nX-A: b\r\n", "closed"),
        (b"<html>HTTP/0.9</html>", "garbage"),
        (b"HTTP/1.1 2000 OK\r\n\r\n", "garbage"),
        (b"HTTP/1.1 999999999999999999999\r\n\r\n", "garbage"),
    ],
)
def test_what_is_no_answer_has_a_word(sent: bytes, outcome: str) -> None:
    with server(says(sent)) as port:
        assert ask(port).outcome == outcome


@pytest.mark.parametrize(
    ("framing", "body", "state", "defect"),
    [
        (b"Content-Length: 4\r\n", b"abcdef", "complete", None),
        (b"Content-Length: 40\r\n", b"abcd", "closed", None),
        (b"Content-Length: -1\r\n", b"abcd", "complete", "bad_length"),
        (b"Content-Length: 4\r\nContent-Length: 5\r\n", b"abcde", "complete", "bad_length"),
        (b"Content-Length: 99999999999999999999\r\n", b"abcd", "complete", "bad_length"),
        (b"Transfer-Encoding: chunked\r\n", b"4\r\nabcd\r\n0\r\n\r\n", "complete", None),
        (
            b"Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
            b"4\r\nabcd\r\n0\r\n\r\n",
            "complete",
            "length_and_chunked",
        ),
        (b"Transfer-Encoding: chunked\r\n", b"zz\r\nabcd", "bad_chunk", "bad_chunk"),
        (b"Transfer-Encoding: chunked\r\n", b"ffffffffffff\r\nabcd", "closed", None),
        (b"Transfer-Encoding: chunked\r\n", b"4\r\nab", "closed", None),
        (b"Content-Encoding: gzip\r\n", b"this is not gzip", "undecodable", None),
        (b"Content-Encoding: br\r\n", b"abcd", "unknown_encoding", None),
    ],
)
def test_framing_of_bodies(framing: bytes, body: bytes, state: str, defect: str | None) -> None:
    with server(says(OK + framing + b"\r\n" + body)) as port:
        found = ask(port)
    assert found.outcome == "ok"
    assert found.reply.body_state == state
    assert (defect in kinds(found)) if defect else not kinds(found) & {"bad_length", "bad_chunk"}


def test_paths_go_out_as_they_are_given() -> None:
    seen: list[bytes] = []

    def talk(wire: socket.socket, head: bytes) -> None:
        seen.append(head.split(b"\r\n")[0])
        wire.sendall(OK + b"\r\n")

    with server(talk) as port:
        ask(port, path="/a/../b/%2e%2e/?x=1")
        ask(port, method="TRACE", path="*")
    assert seen == [b"GET /a/../b/%2e%2e/?x=1 HTTP/1.1", b"TRACE * HTTP/1.1"]


def test_a_line_end_in_a_path_is_refused() -> None:
    with pytest.raises(ValueError, match="line end"):
        ask(1, path="/\r\nX: y")


# ---------------------------------------------------------------- redirects


def redirects(*locations: str) -> Talk:
    """Answers /N with a redirect to the Nth of these; the last for ever."""

    def talk(wire: socket.socket, head: bytes) -> None:
        path = head.split(b" ")[1].strip(b"/").decode()
        number = int(path) if path.isdigit() else 0
        where = locations[min(number, len(locations) - 1)]
        wire.sendall(f"HTTP/1.1 302 Found\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode())

    return talk


@pytest.mark.parametrize(
    ("where", "kind"),
    [
        ("http://169.254.169.254/latest/meta-data/", "other_host"),
        ("http://example.net/", "other_host"),
        ("//example.net/", "other_host"),
        ("http://127.0.0.1.example.net/", "other_host"),
        ("http://user@example.net/", "other_host"),
        ("file:///etc/passwd", "other_scheme"),
        ("gopher://127.0.0.1/", "other_scheme"),
        ("javascript:alert(1)", "other_scheme"),
        ("http://127.0.0.1:22/", "other_port"),
        ("http://[::1/", "invalid"),
        ("http://127.0.0.1:99999999/", "invalid"),
        ("https:///x", "invalid"),
    ],
)
def test_where_a_redirect_may_not_lead(where: str, kind: str) -> None:
    with server(redirects(where)) as port:
        access = web_site(f"http://127.0.0.1:{port}/")
        rows = rows_of(read_network("http_exchanges", access))
    assert [(row["location_kind"], row["next_number"]) for row in rows if row["number"]] == [(kind, None)]
    assert [one.what for one in access.gate.sent()] == ["GET /"]


def test_a_redirect_to_itself_is_a_loop() -> None:
    with server(redirects("/1", "/0")) as port:
        rows = rows_of(read_network("http_exchanges", web_site(f"http://127.0.0.1:{port}/0")))
    assert [row["stopped_by"] for row in rows if row["number"]] == ["", "loop"]


def test_after_five_redirects_no_more_are_followed() -> None:
    with server(redirects(*[f"/{number}" for number in range(1, 50)])) as port:
        access = web_site(f"http://127.0.0.1:{port}/0")
        rows = rows_of(read_network("http_exchanges", access))
    assert [row["stopped_by"] for row in rows if row["number"]] == ["", "", "", "", "", "limit"]
    assert len(access.gate.sent()) == 6


def test_a_redirect_to_a_bad_path_is_sent_safely() -> None:
    seen: list[bytes] = []

    def talk(wire: socket.socket, head: bytes) -> None:
        seen.append(head.split(b"\r\n")[0])
        where = b"/a b\tc\xc3\xa9" if len(seen) == 1 else b""
        wire.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + where + b"\r\nContent-Length: 0\r\n\r\n")

    with server(talk) as port:
        read_network("http_exchanges", web_site(f"http://127.0.0.1:{port}/"))
    assert seen[1] == b"GET /a%20bc%C3%A9 HTTP/1.1"


# ---------------------------------------------------------------- whole visits


def test_a_server_that_asks_for_a_rest_gets_one() -> None:
    with server(says(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")) as port:
        access = web_site(f"http://127.0.0.1:{port}/")
        said = verdicts(access)
        assert len(access.gate.sent()) == 1
    assert "pass" not in {said[name] for name in ("web-csp-set", "web-nosniff", "web-no-secrets-in-page")}


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"garbage\r\n\r\n",
        OK + b"Content-Type: text/html\r\nContent-Length: 100000\r\n\r\n<html>",
        OK + b"Content-Type: text/html; charset=unicode_escape\r\n\r\n<html>\\x41\xff\xfe\x1b[2J",
        OK + b"Content-Type: text/html\r\n\r\n" + b"<!--" * 100_000,
        OK + b"Content-Type: text/html\r\n\r\n" + b"<div a='" * 60_000,
        OK + b"Content-Type: text/html\r\n\r\n" + b"<script>" + b"ey" * 200_000,
        OK + b"Set-Cookie: a=" + b"{" * 30_000 + b"\r\nContent-Type: text/html\r\n\r\n<p>",
        OK + b"Content-Security-Policy: " + b"a;" * 20_000 + b"\r\nContent-Type: text/html\r\n\r\n<p>",
        OK + b"WWW-Authenticate: " + b"a, " * 20_000 + b"\r\nContent-Type: text/html\r\n\r\n<p>",
        b"HTTP/1.1 500 Broken\r\nContent-Length: 0\r\n\r\n",
    ],
    ids=lambda answer: answer[:60].decode("latin-1"),
)
def test_no_answer_makes_a_table_break(answer: bytes) -> None:
    with server(says(answer)) as port:
        memory, access = Cache(), web_site(f"http://127.0.0.1:{port}/")
        begun = time.monotonic()
        found = {name: read_network(name, access, memory) for name in TABLES}
        assert time.monotonic() - begun < 20
    reasons = {data.reason for data in found.values() if data.reason}
    assert not [reason for reason in reasons if "Error" in reason or "error in the table" in reason], reasons
    assert not [one for one in access.gate.sent() if one.outcome == "timeout"]


def test_what_was_not_seen_is_no_pass() -> None:
    """A page that breaks off in the middle may hold anything."""
    with server(says(OK + b"Content-Type: text/html\r\nContent-Length: 100000\r\n\r\n<html><p>hello")) as port:
        said = verdicts(web_site(f"http://127.0.0.1:{port}/"))
    for name in ("web-no-secrets-in-page", "web-no-server-code", "web-sri-third-party", "web-no-session-in-url"):
        assert said[name] == "unknown", name


def test_cookie_values_stand_in_no_row() -> None:
    value = "Zm9vYmFyc2VjcmV0dmFsdWU"
    head = OK + f"Set-Cookie: session={value}; Path=/\r\nContent-Type: text/html\r\n\r\n<p>".encode()
    with server(says(head)) as port:
        memory, access = Cache(), web_site(f"http://127.0.0.1:{port}/")
        for name in TABLES:
            assert value not in str(read_network(name, access, memory).rows), name
