"""Lists are fetched over https with a known certificate, or from this machine, within limits; else nothing changes."""

from __future__ import annotations

import datetime
import http.server
import os
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from osvtest import FRESH, filler, make_zip, reader

from runprogram import secaudit
from secaudit.advisories import fetching
from secaudit.advisories.fetching import PUBLIC_URL, archive_url, base_url, check_url, fetch
from secaudit.advisories.importing import kept_folder
from secaudit.errors import TargetError, UsageError

Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


@contextmanager
def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """A server on this machine; gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer(self)

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def files(folder: Path, asked: list[str] | None = None) -> Answer:
    """Answer with the files of a folder."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        if asked is not None:
            asked.append(handler.path)
        path = folder / handler.path.lstrip("/")
        if not path.is_file():
            handler.send_error(404)
            return
        data = path.read_bytes()
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    return answer


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    make_zip(folder / "PyPI" / "all.zip", filler("PyPI"))
    make_zip(folder / "npm" / "all.zip", filler("npm", 130))
    return folder


def test_update_fetches_what_is_named_shows_the_address_and_nothing_else(
    tmp_path: Path, mirror: Path, own_state: Path
) -> None:
    asked: list[str] = []
    with serving(files(mirror, asked)) as url:
        done = secaudit("advisories", "update", "--ecosystem", "pypi", "--url", url, state=own_state)
        assert (done.returncode, done.stderr) == (0, f"fetching {url}/PyPI/all.zip\n")
    assert asked == ["/PyPI/all.zip"]
    assert "PyPI: 120 advisories as of 20" in done.stdout
    with reader() as kept:
        assert kept.facts.newest == FRESH
        assert kept.facts.as_of > FRESH, "what was fetched just now speaks for now"
    assert [path.name for path in kept_folder().iterdir()] == ["PyPI.sqlite"]


def test_the_environment_names_a_mirror_and_one_that_fails_does_not_stop_the_others(
    tmp_path: Path, mirror: Path, own_state: Path
) -> None:
    with serving(files(mirror)) as url:
        done = secaudit(
            "advisories", "update", "--ecosystem", "Go", "--ecosystem", "npm", state=own_state, env={"SECAUDIT_ADVISORIES_URL": url},
        )  # fmt: skip
    assert done.returncode == 2
    assert "Go: nothing was taken over" in done.stdout
    assert "404" in done.stdout
    assert "npm: 130 advisories" in done.stdout


def test_only_https_and_this_machine_are_asked() -> None:
    for url in (
        "http://example.org",
        "ftp://example.org",
        "file:///etc/passwd",
        "example.org",
        "https://",
        "http://127.0.0.1.example.org",
        "https://u:p@example.org",
        "http://[::1",
    ):
        with pytest.raises(UsageError):
            check_url(url)
    for url in ("https://example.org/osv", "http://127.0.0.1:8000", "http://[::1]:8000", "http://localhost"):
        check_url(url)


def test_the_public_address_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECAUDIT_ADVISORIES_URL", raising=False)
    assert base_url(None) == PUBLIC_URL
    assert archive_url(PUBLIC_URL, "crates.io") == PUBLIC_URL + "/crates.io/all.zip"
    assert base_url("https://mirror.example.org/osv/") == "https://mirror.example.org/osv"


def redirecting(where: str) -> Answer:
    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", where)
        handler.end_headers()

    return answer


def cut(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(b"PK")


def endless(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        pass


def silent(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.wfile.flush()
    threading.Event().wait(3)


def boasting(handler: http.server.BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**15))
    handler.end_headers()


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (cut, "of 5000 bytes"), (endless, "larger than"), (boasting, "larger than"), (silent, "timed out"),
        (redirecting("http://example.org/all.zip"), "not an https address"), (redirecting("file:///etc/passwd"), "not allowed"),
        (redirecting("/again"), "infinite loop|redirect"),
    ],
)  # fmt: skip
def test_what_does_not_come_whole_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: Answer, word: str
) -> None:
    monkeypatch.setattr(fetching, "MAX_ARCHIVE_BYTES", 1_000_000)
    monkeypatch.setattr(fetching, "TIMEOUT_S", 0.5)
    folder = tmp_path / "kept"
    folder.mkdir()
    with serving(answer) as url, pytest.raises((TargetError, UsageError), match=word):
        fetch(f"{url}/npm/all.zip", "npm", folder)
    assert list(folder.iterdir()) == []


def test_a_server_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match="refused"):
        fetch("http://127.0.0.1:9/npm/all.zip", "npm", tmp_path)


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    import ipaddress

    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )  # fmt: skip
    paths = folder / "cert.pem", folder / "key.pem"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return paths


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, mirror: Path, own_state: Path) -> None:
    cert, key = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    with serving(files(mirror), context) as url:
        refused = secaudit("advisories", "update", "--ecosystem", "npm", "--url", url, state=own_state)
        assert refused.returncode == 2
        assert "CERTIFICATE_VERIFY_FAILED" in refused.stdout
        taken = secaudit(
            "advisories",
            "update",
            "--ecosystem",
            "npm",
            "--url",
            url,
            state=own_state,
            env={"SSL_CERT_FILE": str(cert)},
        )
        assert taken.returncode == 0, taken.stdout


def test_a_shrunken_list_does_not_replace_the_old_one(tmp_path: Path, mirror: Path, own_state: Path) -> None:
    with serving(files(mirror)) as url:
        assert secaudit("advisories", "update", "--ecosystem", "npm", "--url", url, state=own_state).returncode == 0
        make_zip(mirror / "npm" / "all.zip", filler("npm", 3))
        done = secaudit("advisories", "update", "--ecosystem", "npm", "--url", url, state=own_state)
        assert done.returncode == 2
        assert "--force" in done.stdout
    with reader("npm") as kept:
        assert kept.facts.count == 130


def test_no_other_command_of_advisories_uses_the_network(tmp_path: Path, mirror: Path, own_state: Path) -> None:
    asked: list[str] = []
    with serving(files(mirror, asked)) as url:
        environment = {
            "SECAUDIT_ADVISORIES_URL": url,
            "https_proxy": url,
            "http_proxy": url,
            "PATH": os.environ["PATH"],
        }
        assert secaudit("advisories", "import", str(mirror), state=own_state, env=environment).returncode == 0
        assert secaudit("advisories", "status", state=own_state, env=environment).returncode == 0
        project = tmp_path / "p"
        project.mkdir()
        (project / "requirements.txt").write_text("other-1==1.0\n")
        secaudit("audit", str(project), "--only", "advisories-*", "--no-save", state=own_state, env=environment)
    assert asked == []
