"""certificates: openssl says the same about each certificate."""

from __future__ import annotations

import calendar
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tabletest import make_root, open_to_others, read_table, rows

BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")


def openssl(*words: str) -> str:
    return subprocess.run(["openssl", *words], capture_output=True, text=True, check=True).stdout


def make(tmp_path: Path, name: str, kind: str, *more: str) -> tuple[str, str]:
    """A certificate that signs itself, and its key."""
    key, cert = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
    openssl(
        "req", "-x509", "-newkey", *kind.split(), "-nodes", "-keyout", str(key), "-out", str(cert), "-days", "30",
        "-subj", f"/C=PK/O=Example GmbH/CN={name}.example", "-addext", f"subjectAltName=DNS:{name}.example,IP:10.0.0.1", *more,
    )  # fmt: skip
    return cert.read_text(), key.read_text()


needs_openssl = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
KINDS = {
    "rsa": ("rsa:2048", "rsaEncryption", 2048),
    "small": ("rsa:1024", "rsaEncryption", 1024),
    "curve": ("ec -pkeyopt ec_paramgen_curve:P-384", "id-ecPublicKey", 384),
    "ed": ("ed25519", "ED25519", 256),
}


@needs_openssl
@pytest.mark.parametrize("name", KINDS)
def test_openssl_says_the_same(tmp_path: Path, name: str) -> None:
    kind, algorithm, bits = KINDS[name]
    cert, key = make(tmp_path, name, kind)
    root = make_root(
        tmp_path / "root", {"/etc/ssl/site.pem": cert, "/etc/ssl/site.key": key}, {"/etc/ssl/site.key": 0o640}
    )
    (row,) = rows("certificates", root)
    path = str(tmp_path / f"{name}.pem")
    end = openssl("x509", "-in", path, "-noout", "-enddate").strip().removeprefix("notAfter=")
    assert row["not_valid_after"] == calendar.timegm(time.strptime(end, "%b %d %H:%M:%S %Y GMT"))
    assert (
        row["sha256"]
        == openssl("x509", "-in", path, "-noout", "-fingerprint", "-sha256")
        .strip()
        .split("=")[1]
        .replace(":", "")
        .lower()
    )
    assert row["serial"] == openssl("x509", "-in", path, "-noout", "-serial").strip().split("=")[1]
    assert row["subject"] == f"C=PK, O=Example GmbH, CN={name}.example" == row["issuer"]
    assert (row["key_algorithm"], row["key_strength"], row["self_signed"], row["ca"]) == (algorithm, bits, 1, 1)
    assert row["signing_algorithm"] in openssl("x509", "-in", path, "-noout", "-text")
    assert row["names"] == f"{name}.example, 10.0.0.1"
    assert (row["key_path"], row["key_mode_octal"], row["origin"]) == ("/etc/ssl/site.key", "0640", "service")


@needs_openssl
@pytest.mark.parametrize("serial", ["0x0E34", "0x01", "0x7F00FF", "0x80", "0x0"])
def test_serial_numbers_are_written_as_openssl_writes_them(tmp_path: Path, serial: str) -> None:
    cert, _ = make(tmp_path, "a", "ec -pkeyopt ec_paramgen_curve:P-256", "-set_serial", serial)
    (row,) = rows("certificates", make_root(tmp_path / "root", {"/etc/ssl/a.pem": cert}))
    shown = openssl("x509", "-in", str(tmp_path / "a.pem"), "-noout", "-serial").strip()
    assert f"serial={row['serial']}" == shown


@needs_openssl
def test_weak_signatures_chains_and_der(tmp_path: Path) -> None:
    ca, _ = make(tmp_path, "ca", "rsa:2048")
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", str(tmp_path / "leaf.key"), "-out", str(tmp_path / "leaf.csr"), "-subj", "/CN=leaf")  # fmt: skip
    openssl(
        "x509", "-req", "-sha1", "-in", str(tmp_path / "leaf.csr"), "-CA", str(tmp_path / "ca.pem"), "-CAkey", str(tmp_path / "ca.key"),
        "-CAcreateserial", "-days", "9", "-out", str(tmp_path / "leaf.pem"),
    )  # fmt: skip
    openssl("x509", "-in", str(tmp_path / "leaf.pem"), "-outform", "DER", "-out", str(tmp_path / "leaf.cer"))
    files = {
        "/etc/nginx/chain.crt": (tmp_path / "leaf.pem").read_text() + ca,
        "/etc/ssl/leaf.cer": (tmp_path / "leaf.cer").read_bytes(),
    }
    found = [
        (r["path"], r["number"], r["common_name"], r["signing_algorithm"], r["self_signed"])
        for r in rows("certificates", make_root(tmp_path / "root", files))
    ]
    assert found == [
        ("/etc/ssl/leaf.cer", 1, "leaf", "sha1WithRSAEncryption", 0),
        ("/etc/nginx/chain.crt", 1, "leaf", "sha1WithRSAEncryption", 0),
        ("/etc/nginx/chain.crt", 2, "ca.example", "sha256WithRSAEncryption", 1),
    ]


@needs_openssl
def test_what_was_added_to_the_trust_store_is_told_apart(tmp_path: Path) -> None:
    vendor, _ = make(tmp_path, "vendor", "rsa:2048")
    own, _ = make(tmp_path, "own", "rsa:2048")
    files = {
        "/usr/share/ca-certificates/mozilla/vendor.crt": vendor,
        "/usr/local/share/ca-certificates/deep/own.crt": own,
        "/etc/ssl/certs/ca-certificates.crt": vendor + own,
    }
    found = [
        (row["origin"], row["common_name"], row["is_vendor"])
        for row in rows("trusted_certificates", make_root(tmp_path / "root", files))
    ]
    assert found == [
        ("local_trust", "own.example", 0),
        ("trust_store", "vendor.example", 1),
        ("trust_store", "own.example", 0),
    ]


@needs_openssl
def test_what_nginx_names_is_found_with_its_key_wherever_it_lies(tmp_path: Path) -> None:
    cert, key = make(tmp_path, "a", "rsa:2048")
    files = {
        "/etc/nginx/nginx.conf": "http { server { ssl_certificate /srv/a.pem; ssl_certificate_key keys/a.pem; } }",
        "/srv/a.pem": cert,
        "/etc/nginx/keys/a.pem": key,
    }
    found = rows("certificates", make_root(tmp_path / "root", files, {"/etc/nginx/keys/a.pem": 0o644}))
    assert [(row["path"], row["used_by"], row["key_path"], row["key_mode"]) for row in found] == [
        ("/srv/a.pem", "nginx", "/etc/nginx/keys/a.pem", 0o644)
    ]


@pytest.mark.parametrize(
    "damage",
    [
        b"\x30\x82\xff\xff",
        b"\x30\x84\xff\xff\xff\xff",
        b"\x30\x03\x30\x80\x00",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ],
)
def test_damaged_certificates_are_said(tmp_path: Path, damage: bytes) -> None:
    assert read_table("certificates", make_root(tmp_path, {"/etc/ssl/a.crt": damage})).status == "partial"


@needs_openssl
def test_every_cut_and_flipped_byte_gives_a_status_and_no_crash(tmp_path: Path) -> None:
    from secaudit.tables.host import _x509

    make(tmp_path, "a", "ec -pkeyopt ec_paramgen_curve:P-256")
    openssl("x509", "-in", str(tmp_path / "a.pem"), "-outform", "DER", "-out", str(tmp_path / "a.der"))
    der = (tmp_path / "a.der").read_bytes()
    for position in range(len(der)):
        for spoiled in (der[:position], der[:position] + bytes([der[position] ^ 0xFF]) + der[position + 1 :]):
            try:
                _x509.parse(spoiled)
            except (ValueError, IndexError, OverflowError):
                continue


@pytest.mark.skipif(not BUNDLE.is_file(), reason="there is no trust store here")
def test_the_whole_trust_store_is_that_of_the_cryptography_library() -> None:
    import warnings

    from cryptography import x509

    from secaudit.tables.host import _x509

    for der in _x509.certificates_in(BUNDLE.read_bytes(), 2000):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            theirs = x509.load_der_x509_certificate(der)
            ca = theirs.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
        ours = _x509.parse(der)
        assert ours.not_after_s == int(theirs.not_valid_after_utc.timestamp())
        assert ours.key_bits == getattr(theirs.public_key(), "key_size", None)
        assert ours.ca == ca


def test_a_closed_folder_of_a_service_leaves_the_trust_store_alone(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/ssl/certs/ca-certificates.crt": "",
            "/etc/redis/bad.crt": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        },
    )
    assert (read_table("certificates", root).status, read_table("trusted_certificates", root).status) == (
        "partial",
        "ok",
    )


def test_no_certificates_are_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    assert [read_table(name, root).status for name in ("certificates", "trusted_certificates")] == ["absent", "absent"]


@needs_openssl
def test_a_key_that_cannot_be_looked_at_is_not_silence(
    tmp_path: Path, as_nobody: Callable[[Callable[[], str]], str]
) -> None:
    cert, key = make(tmp_path, "site", KINDS["ed"][0])
    files = {
        "/etc/nginx/nginx.conf": "http { server { listen 443 ssl; ssl_certificate /etc/nginx/site.pem;\n"
        " ssl_certificate_key /etc/keys/site.key; } }\n",
        "/etc/nginx/site.pem": cert, "/etc/keys/site.key": key, "/usr/sbin/nginx": "",
    }  # fmt: skip
    root = make_root(tmp_path / "root", files, {"/etc/keys/site.key": 0o644, "/usr/sbin/nginx": 0o755})
    (row,) = rows("certificate_keys", root)
    assert (row["path"], row["mode_octal"]) == ("/etc/keys/site.key", "0644")
    (root / "etc/keys").chmod(0o700)
    open_to_others(tmp_path)
    open_to_others(root)
    assert as_nobody(lambda: read_table("certificate_keys", root).status.value) == "partial"
