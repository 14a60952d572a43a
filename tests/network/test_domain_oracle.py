"""checkdmarc beside our reader, over the same server: what differs is named here with the reason."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from domainrecords import DMARC, SPF, dmarc_domain, spf_domain, whole_zone
from domaintest import domain_of
from networktest import network_rows, oracle
from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_zone import parse

PYTHON = oracle("python")

ASK = """
import json, logging, sys
logging.disable(logging.CRITICAL)
import dns.resolver
from checkdmarc.dmarc import check_dmarc
from checkdmarc.spf import check_spf
asked = json.load(sys.stdin)
resolver = dns.resolver.Resolver(configure=False)
resolver.nameservers, resolver.port, resolver.lifetime = [asked["host"]], asked["port"], 5
found = {"spf": {}, "dmarc": {}}
for name in asked["spf"]:
    one = check_spf(name, resolver=resolver)
    found["spf"][name] = [bool(one.get("valid")), (one.get("parsed") or {}).get("all"), one.get("dns_lookups")]
for name in asked["dmarc"]:
    one = check_dmarc(name, resolver=resolver)
    tags = one.get("tags") or {}
    found["dmarc"][name] = [bool(one.get("valid")), *((tags.get(tag) or {}).get("value") for tag in ("p", "sp"))]
json.dump(found, sys.stdout)
"""

DIFFERENCES = {
    "s3-upper": "it wants v=spf1 in lower case; RFC 7208 section 4.5 and 12 allow any case",
    "s46-behind-all": "it does not look behind all; section 4.6 wants errors found anywhere in the record",
    "s52-open": "it tells the all of the record itself; the include with +all matches everybody before that",
    "d-unknown": "it refuses the whole record for a tag with a hyphen; RFC 9989 section 4.7 wants such text discarded",
    "d-wrong-with-rua": "it calls the record wrong; by section 4.10.1 receivers act as if it said p=none",
}


@pytest.fixture(scope="module")
def both() -> tuple[dict[str, Any], dict[str, Any]]:
    if not PYTHON.is_file():
        pytest.skip(f"checkdmarc is not installed in {PYTHON.parents[1]}")
    ours: dict[str, Any] = {}
    with DnsServer(parse(whole_zone())) as server:
        host, port = server.address
        asked = {
            "host": host, "port": port,
            "spf": [spf_domain(case) for case in SPF], "dmarc": [dmarc_domain(case) for case in DMARC],
        }  # fmt: skip
        done = subprocess.run(
            [str(PYTHON), "-c", ASK], input=json.dumps(asked), capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr[-2000:]
        for spf in SPF:
            (ours[spf.name],) = network_rows("mail_spf", domain_of(spf_domain(spf), server.address))
        for dmarc in DMARC:
            (ours[dmarc.name],) = network_rows("mail_dmarc", domain_of(dmarc_domain(dmarc), server.address))
    return ours, json.loads(done.stdout)


def test_spf_agrees_but_where_the_reason_is_known(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = both
    different = set()
    for case in SPF:
        row, (valid, end, lookups) = ours[case.name], theirs["spf"][spf_domain(case)]
        same = (row["result"] == "valid") == valid
        if same and valid:
            same = (row["strangers"], row["lookups"]) == (end, lookups)
        if not same:
            different.add(case.name)
    assert different == {name for name in DIFFERENCES if not name.startswith("d-")}


def test_dmarc_agrees_but_where_the_reason_is_known(both: tuple[dict[str, Any], dict[str, Any]]) -> None:
    ours, theirs = both
    different = set()
    for case in DMARC:
        row, (valid, policy, below) = ours[case.name], theirs["dmarc"][dmarc_domain(case)]
        expected = (below if row["state"] == "inherited" else policy) if valid else ""
        if row["policy"] != expected:
            different.add(case.name)
    assert different == {name for name in DIFFERENCES if name.startswith("d-")}
