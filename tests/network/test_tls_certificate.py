"""Certificates that nobody should make are read field by field: what cannot be read is None, the hash is always there."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secaudit.faults import tls_certificates as papers
from secaudit.faults.tls_certificates import Issuer, der, integer, oid
from secaudit.protocols.tls import certificate, names
from tlstest import make_certificate, openssl, program

NOW_S = time.time()
RSA = "1.2.840.113549.1.1.1"
EC = "1.2.840.10045.2.1"


@pytest.fixture(scope="module")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    program("openssl")
    return Issuer("Test", papers.make_key(tmp_path_factory.mktemp("keys"), "issuer"))


@pytest.fixture(scope="module")
def rsa_issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    program("openssl")
    return Issuer("Old", papers.make_key(tmp_path_factory.mktemp("keys"), "old", "-algorithm", "RSA"))


def rsa_key(bits: int, exponent: int = 65537) -> bytes:
    """A public key of that size; its number is nobody's."""
    numbers = der(0x30, integer((1 << bits) - 159), integer(exponent))
    return der(0x30, der(0x30, oid(RSA), der(5)), der(3, b"\0" + numbers))


def ec_key(parameters: bytes, size: int = 32) -> bytes:
    return der(0x30, der(0x30, oid(EC), parameters), der(3, b"\0\x04" + bytes(2 * size)))


def make(issuer: Issuer, public: bytes, *extensions: bytes, **more: object) -> certificate.Certificate:
    made = papers.sign(issuer, public, "host.example", extensions, NOW_S, NOW_S + 86400, **more)  # type: ignore[arg-type]
    found = certificate.read(made)
    assert found.sha256 == hashlib.sha256(made).hexdigest()
    return found


@pytest.mark.parametrize(("bits", "exponent"), [(512, 65537), (1024, 3), (8192, 65537), (16384, 1)])
def test_rsa_keys_of_any_size(issuer: Issuer, bits: int, exponent: int) -> None:
    found = make(issuer, rsa_key(bits, exponent))
    assert (found.key_kind, found.key_bits, found.key_exponent) == ("RSA", bits, exponent)
    assert found.problems == ()


@pytest.mark.parametrize(
    ("curve", "name", "bits"),
    [("1.3.132.0.8", "secp160r1", 160), ("1.3.132.0.26", "sect233k1", 233), ("1.2.3.4", "1.2.3.4", None)],
)
def test_curves_that_libraries_gave_up(issuer: Issuer, curve: str, name: str, bits: int | None) -> None:
    found = make(issuer, ec_key(oid(curve)))
    assert (found.key_kind, found.curve, found.key_bits, found.problems) == ("EC", name, bits, ())


def test_a_curve_that_is_written_out(tmp_path: Path) -> None:
    key = papers.make_key(tmp_path, "key", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-pkeyopt",
                          "ec_param_enc:explicit")  # fmt: skip
    found = make(Issuer("Test", key), key.public)
    assert (found.curve, found.key_bits) == ("written out", 256)


@pytest.mark.parametrize(("serial", "shown"), [(0, "00"), (-5, "-05"), (1 << 200, "01" + "00" * 25)])
def test_serial_numbers_that_break_the_rules(issuer: Issuer, serial: int, shown: str) -> None:
    assert make(issuer, issuer.key.public, serial=serial).serial == shown


def test_version_1_and_md5(rsa_issuer: Issuer) -> None:
    found = make(rsa_issuer, rsa_key(2048), version=1, digest="md5")
    assert (found.version, found.signature) == (1, "md5WithRSAEncryption")
    assert found.dns_names == ()


@pytest.mark.parametrize(
    "value", [b"", b"\x30", b"\x30\x7f", b"\x30\x04\x82\x7fab", b"\x31\x02\x82\x00", b"\x30\x84\xff\xff\xff\xff"]
)
def test_broken_names_do_not_hide_the_rest(issuer: Issuer, value: bytes) -> None:
    found = make(issuer, issuer.key.public, papers.extension("2.5.29.17", value), papers.constraints(ca=False))
    assert found.dns_names is None
    assert "names" in found.problems
    assert (found.key_kind, found.key_bits, found.is_ca, found.subject) == ("EC", 256, False, "CN=host.example")


def test_names_with_bytes_of_any_kind_stay_text(issuer: Issuer) -> None:
    found = make(issuer, issuer.key.public, papers.alternative_names(("a\0.example", "\xff\x1b[2J", "x" * 3000)))
    assert found.dns_names == ("a\0.example", "\\xff\x1b[2J", "x" * 3000)
    assert names.matches("a", found.dns_names, found.ip_names) is False


def test_all_extensions(issuer: Issuer) -> None:
    found = make(
        issuer,
        issuer.key.public,
        papers.alternative_names(("a.example", "*.b.example"), ("192.0.2.1",)),
        papers.constraints(ca=True),
        papers.purposes("1.3.6.1.5.5.7.3.1", "1.2.3"),
        papers.policies(papers.PUBLIC_POLICY),
        papers.crl("http://crl.example/x"),
        papers.timestamps(3),
        papers.must_staple(),
    )
    assert (found.dns_names, found.ip_names) == (("a.example", "*.b.example"), ("192.0.2.1",))
    assert (found.is_ca, found.purposes, found.policies) == (True, "serverAuth, 1.2.3", ("2.23.140.1.2.1",))
    assert (found.crl_urls, found.sct_count, found.must_staple) == (("http://crl.example/x",), 3, True)
    assert found.problems == ()


@pytest.mark.parametrize("data", [b"", b"\x30", b"\x30\x80", b"\x30\x03\x02\x01", bytes(1000), b"\x30\x82\xff\xff" * 9])
def test_what_is_no_certificate_has_a_hash_and_nothing_else(data: bytes) -> None:
    found = certificate.read(data)
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert (found.subject, found.key_kind, found.dns_names, found.problems) == (None, None, None, ("structure",))


@settings(max_examples=300, deadline=None)
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255), cut=st.integers(0, 2000))
def test_no_spoilt_byte_raises(at: int, byte: int, cut: int) -> None:
    data = bytearray(_SAMPLE)
    data[at % len(data)] = byte
    certificate.read(bytes(data))
    certificate.read(bytes(data[: cut % len(data)]))


_SAMPLE = bytes.fromhex(
    "3082018630820""12da00302010202143a025d64fbc07d157a8e8efce059a563d0e4731d300a06082a8648ce3d04030230143112301006"
    "035504030c096c6f63616c686f7374301e170d3236313132393134333832335a170d3236313232393134333832335a3014311230100603"
    "5504030c096c6f63616c686f73743059301306072a8648ce3d020106082a8648ce3d030107034200"
) + bytes(300)  # fmt: skip


def test_the_fields_are_those_that_openssl_prints(tmp_path: Path) -> None:
    paper, _ = make_certificate(tmp_path, "a", "-addext", "keyUsage=digitalSignature", "-addext", "crlDistributionPoints=URI:http://c/1",
                                "-addext", "authorityInfoAccess=OCSP;URI:http://o/")  # fmt: skip
    text = openssl(
        "x509", "-in", str(paper), "-noout", "-serial", "-fingerprint", "-sha256", "-ext", "subjectKeyIdentifier"
    )
    found = certificate.read(bytes.fromhex(openssl("x509", "-in", str(paper), "-outform", "PEM") and _der_hex(paper)))
    assert f"serial={found.serial}" in text
    assert found.sha256.upper() in text.replace(":", "")
    assert (found.subject_key_id or "").upper() in text.replace(":", "")
    assert (found.key_usage, found.crl_urls, found.ocsp_urls) == ("digitalSignature", ("http://c/1",), ("http://o/",))
    assert (found.dns_names, found.ip_names, found.self_issued) == (("localhost",), ("127.0.0.1",), True)


def _der_hex(paper: Path) -> str:
    import ssl

    return ssl.PEM_cert_to_DER_cert(paper.read_text()).hex()


@pytest.mark.parametrize(
    ("host", "dns", "addresses", "expected"),
    [
        ("www.shop.example", ("www.shop.example",), (), True),
        ("WWW.Shop.example.", ("www.shop.EXAMPLE",), (), True),
        ("www.shop.example", ("*.shop.example",), (), True),
        ("shop.example", ("*.shop.example",), (), False),
        ("a.b.shop.example", ("*.shop.example",), (), False),
        ("www.shop.example", ("w*.shop.example",), (), False),
        ("www.shop.example", ("*.*.example",), (), False),
        ("shop.example", ("*.example",), (), False),
        ("example", ("*",), (), False),
        ("bücher.example", ("xn--bcher-kva.example",), (), True),
        ("192.0.2.1", ("192.0.2.1",), (), False),
        ("192.0.2.1", (), ("192.0.2.1",), True),
        ("2001:db8::1", (), ("2001:DB8:0::1",), True),
        ("192.0.2.2", (), ("192.0.2.1",), False),
        ("a.example", ("a.example\0.evil.example",), (), False),
        ("a.example", None, None, None),
    ],
)
def test_names_match_as_rfc_9525_says(
    host: str, dns: tuple[str, ...] | None, addresses: tuple[str, ...] | None, expected: bool | None
) -> None:
    assert names.matches(host, dns, addresses) is expected
