"""The settings that a check prints for nginx and Apache are put into a bad server: then the check passes."""

from __future__ import annotations

from pathlib import Path

import pytest

from networktest import free_port, hosts
from secaudit.content import library
from secaudit.model import Status
from tlstest import judge, make_certificate, nginx, openssl, program, running

BAD_NGINX = {
    "ssl_protocols": "TLSv1 TLSv1.1 TLSv1.2",
    "ssl_ciphers": "ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0",
    "ssl_ecdh_curve": "prime192v1:X25519",
    "ssl_dhparam": "{folder}/dh1024.pem",
}
BAD_APACHE = {
    "SSLProtocol": "-all +TLSv1 +TLSv1.1 +TLSv1.2",
    "SSLCipherSuite": "ALL:COMPLEMENTOFALL:!PSK:!SRP:@SECLEVEL=0",
    "SSLOpenSSLConfCmd Curves": "prime192v1:X25519",
    "SSLOpenSSLConfCmd DHParameters": "{folder}/dh1024.pem",
}
FIXED = [
    "tls-no-old-versions", "tls-version-1-3", "tls-handshake-version", "tls-no-null-suites", "tls-no-anonymous-suites",
    "tls-suites-forward-secrecy", "tls-suites-authenticated", "tls-suites-listed", "tls-dh-size", "tls-curve-size",
]  # fmt: skip


def printed(check: str, server: str) -> list[str]:
    """The settings that the fix of a check names for a server."""
    found: list[str] = []
    inside = False
    for line in library.load().checks[check].value.fix["any"].splitlines():
        if line.startswith("# ") and not line.startswith("#   "):
            inside = line.startswith(f"# {server}")
        elif inside:
            found.append(line.removeprefix("#").strip())
    return found


def key_of(line: str, known: dict[str, str]) -> str:
    return next((key for key in known if line.startswith(key + " ")), "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_certificate(tmp_path, "rsa", key=("-newkey", "rsa:2048"))
    openssl("dhparam", "-out", f"{tmp_path}/dh1024.pem", "1024")
    openssl("genpkey", "-genparam", "-algorithm", "DH", "-pkeyopt", "group:ffdhe2048", "-out", f"{tmp_path}/dh2048.pem")
    return tmp_path


def spoilt_and_mended(bad: dict[str, str], lines: list[str], folder: Path) -> tuple[dict[str, str], dict[str, str]]:
    # a short prime is refused at start where another setting of the list was mended: only its own check needs it
    wanted = {key_of(line, bad) for line in lines}
    spoilt = {key: value.format(folder=folder) for key, value in bad.items() if "dh1024" not in value or key in wanted}
    mended = dict(spoilt)
    for line in lines:
        key = key_of(line, bad)
        assert key, line
        mended[key] = line.removeprefix(key).strip(" ;").replace("/etc/ssl/dhparam.pem", f"{folder}/dh2048.pem")
    return spoilt, mended


@pytest.mark.parametrize("check", FIXED)
def test_nginx(check: str, folder: Path) -> None:
    lines = printed(check, "nginx")
    assert lines
    papers = f"ssl_certificate {folder}/rsa.pem; ssl_certificate_key {folder}/rsa.key; "
    found = []
    for settings in spoilt_and_mended(BAD_NGINX, lines, folder):
        with nginx(folder, papers + " ".join(f"{key} {value};" for key, value in settings.items())) as port:
            found.append(judge(hosts("localhost", ports=[port]))[check])
    assert [status for status, _ in found] == [
        Status.PASS if check == "tls-handshake-version" else Status.FAIL,
        Status.PASS,
    ], found


APACHE_NEVER = {"tls-handshake-version", "tls-no-null-suites", "tls-no-anonymous-suites", "tls-dh-size"}
"""mod_ssl takes these suites out of every list by itself, and picks primes by the size of the key."""


@pytest.mark.parametrize("check", FIXED)
def test_apache(check: str, folder: Path) -> None:
    modules = "/usr/lib/apache2/modules"
    if not Path(modules, "mod_ssl.so").exists():
        pytest.skip("apache2 is not installed")
    lines = printed(check, "Apache")
    assert lines
    names = ("mpm_event", "authz_core", "ssl", "socache_shmcb")
    loads = "\n".join(f"LoadModule {name}_module {modules}/mod_{name}.so" for name in names)
    found = []
    for number, settings in enumerate(spoilt_and_mended(BAD_APACHE, lines, folder)):
        port = free_port()
        conf = folder / f"httpd{number}.conf"
        text = "\n".join(f"{key} {value}" for key, value in settings.items())
        conf.write_text(
            f"ServerRoot {folder}\n{loads}\nServerName localhost\nPidFile {folder}/pid{number}\nErrorLog {folder}/error.log\n"
            f"Mutex file:{folder}\nDefaultRuntimeDir {folder}\nListen 127.0.0.1:{port}\nSSLEngine on\n"
            f"SSLCertificateFile {folder}/rsa.pem\nSSLCertificateKeyFile {folder}/rsa.key\n{text}\n"
        )
        with running([program("apache2"), "-X", "-f", str(conf)], port, folder):
            found.append(judge(hosts("localhost", ports=[port]))[check])
    assert [status for status, _ in found] == [Status.PASS if check in APACHE_NEVER else Status.FAIL, Status.PASS], (
        found
    )
