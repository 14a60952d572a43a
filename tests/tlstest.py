"""What tests of TLS need: every check over what one server shows, and programs that serve TLS on a free port."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from networktest import free_port
from secaudit.content import library
from secaudit.engine.collect import collect
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import known_tables, table_modules
from secaudit.model import Scalar, Status
from secaudit.protocols.tls import hello, suites, survey
from secaudit.protocols.tls.talk import Talk
from secaudit.tableapi import TableSpec, Wants
from secaudit.targets.network.access import NetworkAccess

TOPICS = (("network", "tls"), ("network", "certificates"))


@cache
def tls_tables() -> dict[str, TableSpec]:
    """All tables of TLS."""
    return known_tables([name for name in table_modules() if name.startswith("tls_")])


@cache
def tls_checks() -> tuple[Compiled, ...]:
    """All checks of TLS and certificates."""
    compiler = Compiler(tls_tables())
    chosen = [entry for _, entry in sorted(library.load().checks.items()) if entry.path.parts[-3:-1] in TOPICS]
    return tuple(compiler.compile(entry.value) for entry in chosen)


def judge(access: NetworkAccess) -> dict[str, tuple[Status, Scalar]]:
    """Status of each check, and its reason or what was found."""
    tables, _ = collect(access, tls_tables().values(), Wants(()), int(time.time()))
    evaluator = Evaluator(tls_tables(), tables, int(time.time()))
    try:
        results = {one.check.id: evaluator.evaluate(one) for one in tls_checks()}
    finally:
        evaluator.close()
    return {name: (found.verdict.status, found.verdict.reason or str(found.rows)) for name, found in results.items()}


def survey_of(access: NetworkAccess, host: str, port: int, plain: str = "") -> survey.Survey:
    """All that one port offers."""
    net = access.gate
    talk = Talk(lambda: net.connect(host, port, "tls", "a TLS hello", "active"), "", plain)
    return survey.run(talk, net.each)


def suite_names(found: survey.Survey) -> dict[str, list[str]]:
    """Version -> names of its suites, sorted; versions that are not offered are left out."""
    return {
        hello.VERSIONS[code]: sorted(suites.suite(one).name for one in version.suites)
        for code, version in sorted(found.versions.items())
        if version.offered
    }


def program(name: str) -> str:
    """Its path; the test is skipped without it."""
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def openssl(*words: str, folder: Path | None = None) -> str:
    done = subprocess.run([program("openssl"), *words], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def make_certificate(
    folder: Path, label: str = "server", *options: str, key: tuple[str, ...] = ()
) -> tuple[Path, Path]:
    """A self-signed certificate for localhost and its key."""
    made = key or ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
    openssl("req", "-x509", *made, "-nodes", "-keyout", f"{label}.key", "-out", f"{label}.pem", "-days", "30",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", *options,
            folder=folder)  # fmt: skip
    return folder / f"{label}.pem", folder / f"{label}.key"


@contextlib.contextmanager
def running(argv: list[str], port: int, folder: Path) -> Iterator[int]:
    """A program that listens on the port, until the block ends."""
    log = (folder / "log").open("wb")
    process = subprocess.Popen(argv, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
    try:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            if process.poll() is not None:
                raise AssertionError((folder / "log").read_text(errors="replace"))
            time.sleep(0.05)
        else:
            raise AssertionError((folder / "log").read_text(errors="replace"))
        yield port
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # and what it started
        process.wait()
        log.close()


@contextlib.contextmanager
def s_server(folder: Path, *options: str, certificate: tuple[Path, Path] | None = None) -> Iterator[int]:
    """`openssl s_server`."""
    port = free_port()
    paper, key = certificate or make_certificate(folder)
    argv = [
        program("openssl"),
        "s_server",
        "-accept",
        f"127.0.0.1:{port}",
        "-cert",
        str(paper),
        "-key",
        str(key),
        "-quiet",
    ]
    with running([*argv, *options], port, folder):
        yield port


@contextlib.contextmanager
def nginx(folder: Path, settings: str) -> Iterator[int]:
    """nginx with one server block."""
    port = free_port()
    (folder / "nginx.conf").write_text(
        f"daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;\n"
        f"fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;\n"
        f"server {{ listen 127.0.0.1:{port} ssl; return 200 ok; {settings} }} }}\n"
    )
    with running([program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf")], port, folder):
        yield port
