"""The real BIND as judge: a root of its own that is signed, a signed, a broken and an unsigned domain, a validating
resolver in front of it; zone transfers; answers too long for UDP."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from domaintest import domain_of, judge
from networktest import free_port, network_rows, read_network
from secaudit.model import Status

TOOLS = {name: shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin") for name in ("named", "dnssec-keygen", "dnssec-signzone", "dnssec-dsfromkey")}  # fmt: skip
pytestmark = pytest.mark.skipif(not all(TOOLS.values()), reason="bind9 and bind9-utils are not installed")

HEAD = "$TTL 3600\n@ IN SOA ns1 admin 1 7200 3600 1209600 3600\n@ IN NS ns1\nns1 IN A 127.0.0.1\n"
LONG = "".join(f'@ IN TXT "filler number {number} {"x" * 200}"\n' for number in range(40))
ZONES = {
    "signed.test": HEAD + '@ IN TXT "v=spf1 -all"\n@ IN MX 0 .\nwww IN A 192.0.2.1\n' + LONG,
    "broken.test": HEAD + '@ IN TXT "v=spf1 -all"\n',
    "plain.test": HEAD + '@ IN TXT "v=spf1 -all"\nsecret-vpn IN A 192.0.2.2\n',
}


class Servers(NamedTuple):
    authoritative: tuple[str, int]
    resolver: tuple[str, int]


def run(folder: Path, tool: str, *words: str) -> str:
    done = subprocess.run(
        [str(TOOLS[tool]), *words], cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def sign(folder: Path, zone: str) -> None:
    """Sign the file of a zone; what its parent needs goes to dsset-ZONE."""
    run(folder, "dnssec-keygen", "-q", "-a", "ECDSAP256SHA256", "-f", "KSK", zone)
    run(
        folder,
        "dnssec-signzone",
        "-q",
        "-S",
        "-z",
        "-P",
        "-o",
        zone,
        "-f",
        f"{zone}.signed",
        zone if zone != "." else "root",
    )


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    folder = tmp_path_factory.mktemp("bind")
    for zone, text in ZONES.items():
        (folder / zone).write_text(text)
    sign(folder, "signed.test")
    sign(folder, "broken.test")
    broken = folder / "broken.test.signed"
    broken.write_text(broken.read_text().replace("v=spf1 -all", "v=spf1 +all"))
    digests = "".join((folder / f"dsset-{zone}.").read_text() for zone in ("signed.test", "broken.test"))
    cuts = "".join(f"{zone}. IN NS ns1.{zone}.\nns1.{zone}. IN A 127.0.0.1\n" for zone in ZONES)
    (folder / "root").write_text(HEAD.replace("ns1", "ns1.").replace("@", ".") + cuts + digests)
    sign(folder, ".")
    key = next(line for line in next(folder.glob("K.+*.key")).read_text().splitlines() if line.startswith(". "))
    words = key.split("DNSKEY ")[1].split()
    anchor = f'trust-anchors {{ . static-key {words[0]} {words[1]} {words[2]} "{"".join(words[3:])}"; }};'
    first, second = free_port(), free_port()
    common = f'directory "{folder}"; pid-file none; session-keyfile none; listen-on-v6 {{ none; }}; allow-update {{ none; }};'
    quiet = "controls { }; logging { category default { null; }; };"
    (folder / "authoritative.conf").write_text(
        f"options {{ {common} listen-on port {first} {{ 127.0.0.1; }}; recursion no; dnssec-validation no; }}; {quiet}\n"
        'zone "." { type primary; file "..signed"; allow-transfer { none; }; };\n'
        'zone "signed.test" { type primary; file "signed.test.signed"; allow-transfer { none; }; };\n'
        'zone "broken.test" { type primary; file "broken.test.signed"; };\n'
        'zone "plain.test" { type primary; file "plain.test"; allow-transfer { any; }; };\n'
    )
    (folder / "resolver.conf").write_text(
        f"options {{ {common} listen-on port {second} {{ 127.0.0.1; }}; recursion yes; dnssec-validation yes; "
        f"forward only; forwarders {{ 127.0.0.1 port {first}; }}; empty-zones-enable no; }}; {quiet}\n{anchor}\n"
    )
    running = [
        subprocess.Popen(
            [str(TOOLS["named"]), "-f", "-c", str(folder / name), "-n", "1"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for name in ("authoritative.conf", "resolver.conf")
    ]  # fmt: skip
    try:
        for port in (first, second):
            wait_for(port)
        yield Servers(("127.0.0.1", first), ("127.0.0.1", second))
    finally:
        for process in running:
            process.terminate()
            process.wait(20)


def wait_for(port: int) -> None:
    """Until the server has read its zones."""
    for _ in range(150):
        reply = domain_of("signed.test", ("127.0.0.1", port)).gate.dns("signed.test", "SOA")
        if reply.code == "NOERROR" and reply.records:
            return
        time.sleep(0.1)
    pytest.fail("named did not start")


def test_a_signed_domain_is_seen_as_signed_and_checked(servers: Servers) -> None:
    (row,) = network_rows("dns_dnssec", domain_of("signed.test", servers.resolver))
    assert (row["state"], row["ds_matches"], row["validates"], row["is_checked"]) == ("signed", 1, 1, 1)
    assert row["algorithms"] == "ECDSA P-256/SHA-256"
    assert row["weak_algorithms"] == 0


def test_a_domain_whose_signatures_are_wrong_passes_nothing(servers: Servers) -> None:
    results = judge(domain_of("broken.test", servers.resolver))
    assert results["mail-spf-published"][0] is Status.UNKNOWN
    assert results["mail-spf-strangers-refused"][0] is not Status.PASS


def test_an_unsigned_domain_is_unsigned_also_below_a_signed_root(servers: Servers) -> None:
    (row,) = network_rows("dns_dnssec", domain_of("plain.test", servers.resolver))
    assert (row["state"], row["validates"], row["is_checked"]) == ("unsigned", 1, 0)


def test_a_server_that_answers_for_its_own_zones_says_nothing_about_checking(servers: Servers) -> None:
    results = judge(domain_of("signed.test", servers.authoritative))
    assert results["dns-dnssec-validates"][0] is Status.UNKNOWN
    assert results["dns-dnssec-signed"][0] is Status.PASS


def test_an_open_zone_is_seen_and_a_closed_one(servers: Servers) -> None:
    (row,) = network_rows("dns_zone_transfers", domain_of("plain.test", servers.authoritative))
    assert (row["is_open"], row["outcome"], row["records"]) == (1, "NOERROR", 6)
    (row,) = network_rows("dns_zone_transfers", domain_of("signed.test", servers.authoritative))
    assert (row["is_open"], row["outcome"]) == (0, "REFUSED")


def test_a_text_too_long_for_udp_is_read_whole(servers: Servers) -> None:
    rows = network_rows("dns_records", domain_of("signed.test", servers.resolver))
    assert sum(row["type"] == "TXT" for row in rows) == 41
    (row,) = network_rows("mail_spf", domain_of("signed.test", servers.resolver))
    assert (row["records"], row["strangers"]) == (1, "fail")


def test_a_null_mx_of_bind_is_read(servers: Servers) -> None:
    (row,) = network_rows("mail_domain", domain_of("signed.test", servers.resolver))
    assert (row["is_null"], row["servers"], row["takes_mail"]) == (1, 0, 0)


def test_a_name_outside_gets_no_answer_and_no_verdict(servers: Servers) -> None:
    data = read_network("dns_caa", domain_of("elsewhere.invalid", servers.authoritative))
    assert data.status in ("ok", "partial")
    assert not data.rows
