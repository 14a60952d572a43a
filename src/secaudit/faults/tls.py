"""A TLS server on loopback whose faults can be named one by one. Without faults it is healthy.

    with TlsFaults(["expired"]) as server:
        print(server.port, server.authority)

Clients that mean to connect get a real handshake by the ssl library of Python; hellos that only ask get their answer by
framing alone (`tls_answers`). The certificates come from an authority that is made for each server; `authority` is the
file to trust (SSL_CERT_FILE). Standard library, and the program openssl for keys and signatures.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from secaudit.faults import tls_certificates as papers
from secaudit.faults.tls_answers import SSL2, SSL3, TLS10, TLS11, TLS12, TLS13, Setup, answer, answer_ssl2, read_hello
from secaudit.faults.tls_certificates import DAY_S, Issuer, Key

HOST = "localhost"
IDLE_S = 10.0
SERVER_AUTH, CLIENT_AUTH = "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"


@dataclass(frozen=True, slots=True)
class Leaf:
    """The certificate of the server, before it is made."""

    names: tuple[str, ...] = (HOST,)
    age_days: float = 10
    days: float = 89.9
    ca: bool = False
    purposes: tuple[str, ...] = (SERVER_AUTH,)
    timestamps: int = 2
    crl: str = "http://crl.example/1.crl"
    serial: int = 0x4C1B5A9C1D2E3F4A5B6C7D8E9F0A1B2C
    version: int = 3
    digest: str = "sha256"
    more: tuple[bytes, ...] = ()
    key_options: tuple[str, ...] = ()
    self_signed: bool = False
    broken_names: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """A server before it is started."""

    setup: Setup = field(default_factory=Setup)
    leaf: Leaf = field(default_factory=Leaf)
    other: Leaf | None = None
    """A second certificate, with a key of RSA."""
    chain: str = "leaf, between"
    """Which certificates are sent, in which order: leaf, between, root."""
    between_days: float = 1000
    """Until the certificate in between ends, from now."""
    between_digest: str = "sha256"
    real: bool = True
    """Whether clients that mean to connect get a real handshake."""
    plain: str = ""
    """smtp, imap, pop3 or ftp before TLS; empty for TLS from the first byte."""
    offers: bool = True
    """Whether the plain protocol goes over to TLS."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong."""

    check: str
    """The check that must see it."""
    spoil: Callable[[Plan], Plan]


def _setup(**changes: object) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, setup=replace(plan.setup, **changes))  # type: ignore[arg-type]


def _suite(code: int, **changes: object) -> Callable[[Plan], Plan]:
    return lambda plan: replace(
        plan,
        setup=replace(plan.setup, suites=(*plan.setup.suites, code), **changes),  # type: ignore[arg-type]
    )


def _leaf(**changes: object) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, leaf=replace(plan.leaf, **changes))  # type: ignore[arg-type]


def _plan(**changes: object) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, **changes)  # type: ignore[arg-type]


def _old_only(plan: Plan) -> Plan:
    return replace(plan, real=False, setup=replace(plan.setup, versions=(TLS10,), suites=(0xC00A, 0xC009)))


def _broken_names(plan: Plan) -> Plan:
    return replace(plan, real=False, leaf=replace(plan.leaf, broken_names=True))


def _weak_only(plan: Plan) -> Plan:
    return replace(plan, real=False, setup=replace(plan.setup, versions=(TLS12,), suites=(0x000A,)))


def _other(bits: int = 2048, age_days: float = 10) -> Callable[[Plan], Plan]:
    """A second certificate, which clients get that ask for RSA only."""
    key = ("-algorithm", "RSA", "-pkeyopt", f"rsa_keygen_bits:{bits}")
    return lambda plan: replace(_suite(0xC02F)(plan), other=replace(plan.leaf, key_options=key, age_days=age_days))


FAULTS: dict[str, Fault] = {
    "ssl2": Fault("tls-no-ssl", _setup(versions=(SSL2, TLS12, TLS13))),
    "ssl3": Fault("tls-no-ssl", _setup(versions=(SSL3, TLS12, TLS13), suites=(0xC02B, 0xC00A))),
    "tls10": Fault("tls-no-old-versions", _setup(versions=(TLS10, TLS12, TLS13))),
    "tls11": Fault("tls-no-old-versions", _setup(versions=(TLS11, TLS12, TLS13))),
    "no-tls13": Fault("tls-version-1-3", _setup(versions=(TLS12,))),
    "old-only": Fault("tls-handshake-version", _old_only),
    "weak-only": Fault("tls-handshake-suite", _weak_only),
    "null-suite": Fault("tls-no-null-suites", _suite(0x003B)),
    "anonymous-suite": Fault("tls-no-anonymous-suites", _suite(0x00A6)),
    "export-suite": Fault("tls-no-export-suites", _suite(0x0003)),
    "rc4": Fault("tls-no-weak-ciphers", _suite(0xC007)),
    "triple-des": Fault("tls-no-weak-ciphers", _suite(0xC008)),
    "no-forward-secrecy": Fault("tls-suites-forward-secrecy", _suite(0x009C)),
    "cbc": Fault("tls-suites-authenticated", _suite(0xC009)),
    "odd-suite": Fault("tls-suites-listed", _suite(0xC0AC)),
    "short-prime": Fault("tls-dh-size", _suite(0x009E, prime_bits=1024)),
    "small-curve": Fault("tls-curve-size", _setup(groups=(29, 23, 19))),
    "no-post-quantum": Fault("tls-post-quantum", _setup(groups13=(29, 23))),
    "no-renegotiation-info": Fault("tls-secure-renegotiation", _setup(renegotiation=False)),
    "no-master-secret": Fault("tls-extended-master-secret", _setup(master_secret=False)),
    "compression": Fault("tls-no-compression", _setup(compression=True)),
    "no-fallback": Fault("tls-no-downgrade", _setup(fallback=False, mark=False)),
    "no-mark": Fault("tls-downgrade-mark", _setup(mark=False)),
    "heartbeat": Fault("tls-heartbeat-off", _setup(heartbeat=True)),
    "sha1-key-exchange": Fault("tls-key-exchange-signature", _setup(signature=0x0203)),
    "no-http2": Fault("tls-http2", _setup(alpn=("http/1.1",))),
    "no-starttls": Fault("tls-starttls-offered", _plan(plain="smtp", offers=False)),
    "self-signed": Fault("tls-certificate-trusted", _leaf(self_signed=True)),
    "wrong-name": Fault("tls-certificate-name", _leaf(names=("other.example",))),
    "expired": Fault("tls-certificate-dates", _leaf(age_days=120)),
    "not-yet-valid": Fault("tls-certificate-dates", _leaf(age_days=-20)),
    "expires-soon": Fault("tls-certificate-days-left", _leaf(age_days=75)),
    "expired-between": Fault("tls-chain-dates", _plan(between_days=-20)),
    "short-key": Fault(
        "tls-certificate-key", _leaf(key_options=("-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"))
    ),
    "small-exponent": Fault(
        "tls-certificate-exponent",
        _leaf(
            key_options=(
                "-algorithm",
                "RSA",
                "-pkeyopt",
                "rsa_keygen_bits:2048",
                "-pkeyopt",
                "rsa_keygen_pubexp:3",
            )
        ),
    ),
    "written-curve": Fault(
        "tls-certificate-curve-named",
        lambda plan: replace(
            plan,
            real=False,
            leaf=replace(
                plan.leaf,
                key_options=(
                    "-algorithm",
                    "EC",
                    "-pkeyopt",
                    "ec_paramgen_curve:P-256",
                    "-pkeyopt",
                    "ec_param_enc:explicit",
                ),
            ),
        ),
    ),
    "sha1-certificate": Fault("tls-certificate-signature", _leaf(digest="sha1")),
    "sha1-between": Fault("tls-certificate-signature", _plan(between_digest="sha1")),
    "long-lived": Fault("tls-certificate-lifetime", _leaf(days=400)),
    "missing-between": Fault("tls-chain-complete", _plan(chain="leaf")),
    "wrong-order": Fault("tls-chain-order", _plan(chain="leaf, root, between")),
    "sent-twice": Fault("tls-chain-order", _plan(chain="leaf, between, between")),
    "with-root": Fault("tls-chain-without-root", _plan(chain="leaf, between, root")),
    "authority": Fault("tls-certificate-not-authority", _leaf(ca=True)),
    "wrong-purpose": Fault("tls-certificate-purpose", _leaf(purposes=(CLIENT_AUTH,))),
    "no-timestamps": Fault("tls-certificate-transparency", _leaf(timestamps=0)),
    "version-1": Fault("tls-certificate-version", _leaf(version=1)),
    "negative-serial": Fault("tls-certificate-serial", _leaf(serial=-5)),
    "zero-serial": Fault("tls-certificate-serial", _leaf(serial=0)),
    "broken-names": Fault("tls-certificate-readable", _broken_names),
    "no-crl": Fault("tls-certificate-revocable", _leaf(crl="")),
    "not-stapled": Fault("tls-certificate-stapled", _leaf(more=(papers.must_staple(),))),
    "no-names": Fault("tls-certificate-names", _leaf(names=())),
    "other-expired": Fault("tls-other-certificate-dates", _other(age_days=120)),
    "other-short-key": Fault("tls-other-certificate-key", _other(bits=1024)),
    "wildcard": Fault("tls-certificate-wildcard", _leaf(names=(HOST, "*.shop.example"))),
}


class TlsFaults:
    """The server; it runs in threads of its own until the block ends."""

    def __init__(self, faults: Iterable[str] = (), plan: Plan | None = None) -> None:
        made = plan or Plan()
        for one in faults:
            made = FAULTS[one].spoil(made)
        self.plan = made
        self._folder = tempfile.TemporaryDirectory(prefix="secaudit-tls-")
        self._stop = threading.Event()
        self.authority = Path(self._folder.name) / "authority.pem"
        self.port = 0

    def __enter__(self) -> TlsFaults:
        try:
            self._make_papers(Path(self._folder.name))
        except BaseException:
            self._folder.cleanup()
            raise
        self._listener = socket.create_server((HOST, 0))
        self._listener.settimeout(0.2)
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop.set()
        self._thread.join(5)
        self._listener.close()
        self._folder.cleanup()

    # ------------------------------------------------------------ certificates

    def _make_papers(self, folder: Path) -> None:
        now_s = time.time()
        leaf, plan = self.plan.leaf, self.plan
        root = Issuer("Test Root", papers.make_key(folder, "root"))
        between = Issuer("Test Between", papers.make_key(folder, "between"))
        key = papers.make_key(folder, "leaf", *leaf.key_options)
        authority = (papers.constraints(ca=True),)
        made = {
            "root": papers.sign(root, root.key.public, root.name, authority, now_s - 900 * DAY_S, now_s + 900 * DAY_S),
            "between": papers.sign(
                root,
                between.key.public,
                between.name,
                authority,
                now_s - 400 * DAY_S,
                now_s + plan.between_days * DAY_S,
                serial=0x5B6C7D8E9F0A1B2C4C1B5A9C1D2E3F4A,
                digest=plan.between_digest,
            ),
        }
        issuer = Issuer(HOST, key) if leaf.self_signed else between
        made["leaf"] = _signed(issuer, key, leaf, now_s)
        second: tuple[bytes, ...] = ()
        if plan.other is not None:
            other_key = papers.make_key(folder, "other", *plan.other.key_options)
            second = (_signed(between, other_key, plan.other, now_s), made["between"])
        sent = tuple(made[one] for one in (["leaf"] if leaf.self_signed else plan.chain.split(", ")))
        self.plan = replace(plan, setup=replace(plan.setup, certificates=sent, rsa_certificates=second))
        self.authority.write_text(papers.pem(made["root"]))
        self._context = self._make_context(folder, sent, key) if plan.real else None

    def _make_context(self, folder: Path, sent: tuple[bytes, ...], key: Key) -> ssl.SSLContext:
        chain = folder / "chain.pem"
        chain.write_text(papers.pem(*sent))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if TLS13 not in self.plan.setup.versions:
            context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(chain, key.path)
        context.set_alpn_protocols(list(self.plan.setup.alpn))
        return context

    # ------------------------------------------------------------ connections

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                client, _ = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                return
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def _one(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError, IndexError), client:
            client.settimeout(IDLE_S)
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.plan.plain and not _go_over(client, self.plan.plain, offers=self.plan.offers):
                return
            self._answer(client)

    def _answer(self, client: socket.socket) -> None:
        start = client.recv(5, socket.MSG_PEEK | socket.MSG_WAITALL)
        if len(start) < 5:
            return
        if start[0] & 0x80:
            client.sendall(answer_ssl2(self.plan.setup))
            client.recv(1024)
            return
        size = 5 + int.from_bytes(start[3:5], "big")
        record = client.recv(size, socket.MSG_PEEK | socket.MSG_WAITALL)
        hello = read_hello(record)
        if hello.has_keys and self._context is not None:
            with self._context.wrap_socket(client, server_side=True) as secured:
                secured.recv(4096)
            return
        client.recv(size, socket.MSG_WAITALL)
        client.sendall(answer(hello, self.plan.setup))
        client.recv(1024)


def _signed(issuer: Issuer, key: Key, leaf: Leaf, now_s: float) -> bytes:
    from_s = now_s - leaf.age_days * DAY_S
    return papers.sign(
        issuer,
        key.public,
        HOST,
        _extensions(leaf),
        from_s,
        from_s + leaf.days * DAY_S,
        serial=leaf.serial,
        digest=leaf.digest,
        version=leaf.version,
    )


def _extensions(leaf: Leaf) -> tuple[bytes, ...]:
    found = [papers.constraints(ca=leaf.ca), papers.policies(papers.PUBLIC_POLICY), *leaf.more]
    if leaf.broken_names:
        found.append(papers.extension("2.5.29.17", b"\x30\x7f\x82\x09localhost"))
    elif leaf.names:
        found.append(papers.alternative_names(leaf.names, ("127.0.0.1",) if HOST in leaf.names else ()))
    if leaf.purposes:
        found.append(papers.purposes(*leaf.purposes))
    if leaf.timestamps:
        found.append(papers.timestamps(leaf.timestamps))
    if leaf.crl:
        found.append(papers.crl(leaf.crl))
    return tuple(found)


def _go_over(client: socket.socket, plain: str, *, offers: bool) -> bool:
    """The words before TLS; False when they did not lead to it."""
    client.sendall({
        "smtp": b"220 localhost ESMTP\r\n",
        "imap": b"* OK ready\r\n",
        "pop3": b"+OK ready\r\n",
        "ftp": b"220 FTP ready\r\n",
    }[plain])  # fmt: skip
    for _ in range(10):
        line = _line(client)
        word = line.split(b" ")[-1].upper() if plain == "imap" else line[:8].upper()
        tag = line.split(b" ")[0]
        if plain == "smtp" and word.startswith(b"EHLO"):
            client.sendall(b"250-localhost\r\n" + (b"250-STARTTLS\r\n" if offers else b"") + b"250 8BITMIME\r\n")
        elif word in (b"STARTTLS", b"STLS", b"AUTH TLS") and offers:
            client.sendall(
                {"smtp": b"220 go", "imap": tag + b" OK go", "pop3": b"+OK go", "ftp": b"234 go"}[plain] + b"\r\n"
            )
            return True
        elif line:
            client.sendall({"imap": tag + b" BAD no", "pop3": b"-ERR no"}.get(plain, b"502 no") + b"\r\n")
        else:
            return False
    return False


def _line(client: socket.socket) -> bytes:
    """One line, byte by byte, so that nothing of TLS is taken."""
    found = b""
    while not found.endswith(b"\n") and len(found) < 1000:
        part = client.recv(1)
        if not part:
            break
        found += part
    return found.strip()
