"""Versions, suites and groups of TLS servers on loopback, against other scanners: how long, and how much each sees.

Servers: a good and a bad nginx, one with TLS 1.0 only, and one with SSL 3 and RC4 (tlslite-ng), where they are
installed. The time of the survey alone is printed beside that of whole processes, since an audit also loads checks and
judges. testssl.sh takes minutes; it is asked about the first server only, once.
"""

from __future__ import annotations

import contextlib
import importlib.util
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from bench.measure import find, in_turn, show
from bench.places import ORACLES

ROUNDS = 3
GOOD = "ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE+AESGCM:ECDHE+CHACHA20;"
BAD = "ssl_protocols TLSv1 TLSv1.1 TLSv1.2; ssl_ciphers ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0;"
OLD = """
import socket, sys, threading
from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey
chain = X509CertChain(); chain.parsePemList(open("rsa.pem").read())
key = parsePEMKey(open("rsa.key").read(), private=True)
settings = HandshakeSettings()
settings.minVersion, settings.versions = (3, 0), [(3, 3), (3, 2), (3, 1), (3, 0)]
settings.maxVersion = (3, 3)
settings.cipherNames = ["aes128gcm", "aes256", "aes128", "3des", "rc4", "null"]
settings.macNames = ["sha", "sha256", "sha384", "md5", "aead"]
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
def one(client):
    try:
        TLSConnection(client).handshakeServer(certChain=chain, privateKey=key, settings=settings)
    except Exception:
        pass
    client.close()
while True:
    client, _ = server.accept()
    threading.Thread(target=one, args=(client,), daemon=True).start()
"""


def run() -> None:
    """Measure and print; what is not installed is named."""
    print("\nTLS  (budget: a third of the time of the fastest peer that sees as much, and no fewer facts)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for kind, algorithm in (("ec", "ec_paramgen_curve:P-256"), ("rsa", "rsa_keygen_bits:2048")):
            words = ["-newkey", kind, "-pkeyopt", algorithm, "-nodes", "-keyout", f"{kind}.key", "-out", f"{kind}.pem"]
            subprocess.run(["openssl", "req", "-x509", *words, "-subj", "/CN=localhost"], cwd=folder, check=True,
                           capture_output=True)  # fmt: skip
        for number, (title, argv, port) in enumerate(_servers(folder)):
            with _running(argv, port, folder):
                _one(title, port, slow=number == 0)


def _servers(folder: Path) -> Iterator[tuple[str, Sequence[str], int]]:
    nginx, openssl = find("nginx"), find("openssl")
    for title, settings, paper in (("a good nginx", GOOD, "ec"), ("a bad nginx", BAD, "rsa")):
        if nginx is None:
            print("  nginx is missing")
            continue
        port = _free_port()
        temporary = " ".join(
            f"{one}_temp_path {folder}/t;" for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / f"{paper}.conf").write_text(
            f"daemon off; pid {folder}/{paper}.pid; error_log {folder}/error.log; events {{}}\nhttp {{ access_log off; "
            f"{temporary} server {{ listen 127.0.0.1:{port} ssl; return 200 ok; ssl_certificate {folder}/{paper}.pem; "
            f"ssl_certificate_key {folder}/{paper}.key; {settings} }} }}\n"
        )
        yield title, [nginx, "-p", str(folder), "-c", str(folder / f"{paper}.conf")], port
    if openssl is not None:
        port = _free_port()
        words = ["-cert", "rsa.pem", "-key", "rsa.key", "-tls1", "-cipher", "ALL:@SECLEVEL=0", "-quiet"]
        yield "openssl with TLS 1.0 only", [openssl, "s_server", "-accept", f"127.0.0.1:{port}", *words], port
    if importlib.util.find_spec("tlslite") is not None:
        port = _free_port()
        yield "tlslite-ng with SSL 3 and RC4", [sys.executable, "-c", OLD, str(port)], port


def _one(title: str, port: int, *, slow: bool) -> None:
    place = f"127.0.0.1:{port}"
    ours = "secaudit, topic:tls"
    commands: dict[str, Sequence[str]] = {
        ours: [sys.executable, "-m", "secaudit", "audit", "--network", "127.0.0.1", "--ports", str(port),
               "--i-may-scan", "--active", "--only", "topic:tls", "--no-save", "--format", "json"],
    }  # fmt: skip
    if (ORACLES / "sslyze").exists():
        commands["sslyze"] = [str(ORACLES / "sslyze"), place]
    if program := find("sslscan"):
        commands["sslscan"] = [program, place]
    if program := find("nmap"):
        commands["nmap ssl-enum-ciphers"] = [
            program,
            "-Pn",
            "-n",
            "-p",
            str(port),
            "--script",
            "+ssl-enum-ciphers",
            "127.0.0.1",
        ]
    show(title, in_turn(commands, ROUNDS), ours)
    if slow and (program := find("testssl")):
        show("testssl.sh, once", in_turn({"testssl.sh": [program, "--quiet", place]}, 1), "testssl.sh")
    seen, connections, took_s = _survey(port)
    print(f"  the survey alone: {took_s:.3f} s, {connections} connections, {seen} suites in all versions")
    print("  suites that the others see: " + ", ".join(f"{name} {count}" for name, count in _seen(port, commands)))


def _survey(port: int) -> tuple[int, int, float]:
    """How many suites, with how many connections, in how many seconds: the best of three."""
    from secaudit.model import Consent
    from secaudit.protocols.tls import survey
    from secaudit.protocols.tls.talk import Talk
    from secaudit.targets.network.gate import Gate, Named

    best = 1e9
    for _ in range(ROUNDS):
        gate = Gate(Named("network", hosts=("127.0.0.1",), ports=(port,)), Consent(local=True, level="active"))
        begun = time.perf_counter()
        found = survey.run(Talk(lambda: gate.connect("127.0.0.1", port, "tls", "a TLS hello", "active"), ""), gate.each)  # noqa: B023  # used at once
        best = min(best, time.perf_counter() - begun)
    return sum(len(one.suites) for one in found.versions.values()), found.connections, best


def _seen(port: int, commands: dict[str, Sequence[str]]) -> Iterator[tuple[str, int]]:
    marks = {
        "sslscan": ("Accepted  ", "Preferred "),
        "nmap ssl-enum-ciphers": ("|       TLS_",),
        "sslyze": ("        TLS_", "        SSL_"),
    }
    for name, starts in marks.items():
        if name in commands:
            argv = [*commands[name][:1], *(["--no-colour"] if name == "sslscan" else []), *commands[name][1:]]
            text = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300).stdout
            yield name, sum(line.startswith(starts) for line in text.splitlines())


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


@contextlib.contextmanager
def _running(argv: Sequence[str], port: int, folder: Path) -> Iterator[None]:
    process = subprocess.Popen(
        argv, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()
