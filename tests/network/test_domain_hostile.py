"""What the owner of a domain can write to keep us busy or to mislead us: bounded, and told as it is."""

from __future__ import annotations

import time

import pytest

from domaintest import domain_of, judge
from networktest import network_rows, read_network
from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_faults import DOMAIN, zone_of
from secaudit.faults.dns_zone import parse
from secaudit.model import Status
from secaudit.protocols.names import caa, dkim, dmarc, dnssec, hosts, spf, tags, transport
from secaudit.protocols.names.asking import Bounded, is_name, plain
from secaudit.protocols.names.spf_walk import MAX_FOUND, walk
from secaudit.tableapi import DnsReply


def zone_asker(texts: dict[str, str], asked: list[str]) -> Bounded:
    def ask(name: str, kind: str) -> DnsReply:
        asked.append(f"{kind} {name}")
        found = (texts[name],) if kind == "TXT" and name in texts else ()
        return DnsReply(name, kind, "NOERROR" if name in texts else "NXDOMAIN", found, (), False, 60)

    return Bounded(ask, 60)


def test_500_includes_ask_a_bounded_number_of_questions() -> None:
    asked: list[str] = []
    record = "v=spf1 " + " ".join(f"include:n{number}.test" for number in range(500)) + " -all"
    verdict = walk("many.test", zone_asker({"many.test": record}, asked))
    assert len(asked) <= 60
    assert verdict.result == "permerror"
    assert verdict.lookups > 10


def test_records_that_include_each_other_tenfold_end_at_once() -> None:
    names = [f"n{number}.test" for number in range(12)]
    record = "v=spf1 " + " ".join(f"include:{name}" for name in names) + " -all"
    asked: list[str] = []
    begun = time.monotonic()
    verdict = walk("n0.test", zone_asker(dict.fromkeys(names, record), asked))
    assert time.monotonic() - begun < 5
    assert len(verdict.found) <= MAX_FOUND
    assert verdict.loops > 0
    assert verdict.is_cut


def test_a_chain_of_names_without_end_is_cut_and_the_count_is_at_least() -> None:
    texts = {f"c{number}.test": f"v=spf1 include:c{number + 1}.test -all" for number in range(200)}
    verdict = walk("c0.test", zone_asker(texts, []))
    assert verdict.is_cut
    assert verdict.lookups > 10


@pytest.mark.parametrize(
    "text",
    ["v=spf1 " + "a" * 65000, "v=spf1 " + "%" * 65000, "v=spf1 a" + "/" * 65000, "v=spf1 " + "%{" * 30000,
     "v=spf1 ip4:" + "9" * 65000, "v=spf1 a/" + "9" * 65000, "v=spf1 a:%{d" + "9" * 65000 + "}.test",
     "v=spf1 exists:" + "%{d}" * 16000, "v=spf1 " + "a " * 32000, "v=spf1 \x1b[2J\x00 -all", "v=spf1 " + "-" * 60000],
)  # fmt: skip
def test_64_kilobytes_of_any_text_are_read_in_no_time(text: str) -> None:
    begun = time.monotonic()
    terms = spf.parse(text)
    assert len(terms) <= spf.MAX_TERMS
    for read in (tags.parse, lambda value: dmarc.parse("x.test", value), dkim.parse, caa.parse, transport.tlsa):
        read(text)  # type: ignore[operator]
    dnssec.read_key(text)
    dnssec.read_ds(text)
    transport.policy(text.encode())
    transport.bimi([text])
    tags.addresses(text)
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize(
    "target", ["%{d}." * 9000 + "test", "a" * 64 + ".test", "a..test", "x" * 300 + ".test", "%{d1r}.test"]
)
def test_names_that_cannot_be_asked_for_are_not_asked(target: str) -> None:
    asked: list[str] = []
    walk("own.test", zone_asker({"own.test": f"v=spf1 a:{target} -all"}, asked))
    assert all(is_name(question.split(" ")[1]) for question in asked)


def test_an_include_that_is_another_one_for_each_message_leaves_the_count_open() -> None:
    zone = parse('m.test TXT "v=spf1 include:%{i}._spf.m.test mx -all"\nm.test MX 10 mx.m.test\nmx.m.test A 192.0.2.1')
    with DnsServer(zone) as server:
        access = domain_of("m.test", server.address)
        (row,) = network_rows("mail_spf", access)
        results = judge(access)
    assert (row["strangers"], row["lookups"], row["lookups_at_least"]) == ("fail", None, 2)
    assert results["mail-spf-strangers-refused"][0] is Status.PASS
    assert results["mail-spf-lookups"][0] is Status.UNKNOWN
    assert results["mail-spf-valid"][0] is Status.UNKNOWN


def test_names_of_other_scripts_are_shown_as_a_labels() -> None:
    assert plain("Bücher.Example.") == "xn--bcher-kva.example"
    assert plain("\x1b[31m.example").isascii()
    assert len(plain("a." * 5000)) <= 253


def test_an_answer_of_another_time_changes_nothing_that_was_read() -> None:
    with DnsServer(zone_of(), frozenset({"rebinding"}), (DOMAIN,)) as server:
        access = domain_of(DOMAIN, server.address)
        judge(access)
        first = [access.gate.dns(name, "A").records for name in (DOMAIN, f"mail.{DOMAIN}", f"ns1.{DOMAIN}")]
        again = [access.gate.dns(name, "A").records for name in (DOMAIN, f"mail.{DOMAIN}", f"ns1.{DOMAIN}")]
    assert first == again
    assert not [one for one in access.gate.sent() if one.address.startswith("169.254.")]


def test_a_name_within_a_zone_is_judged_by_that_zone() -> None:
    with DnsServer(zone_of(), signed=(DOMAIN,)) as server:
        access = domain_of(f"mail.{DOMAIN}", server.address)
        (row,) = network_rows("dns_dnssec", access)
        assert (row["zone"], row["state"], row["ds_matches"]) == (DOMAIN, "signed", 1)
        (zone,) = network_rows("dns_zone", access)
        assert (zone["zone"], zone["nameservers"], zone["is_there"]) == (DOMAIN, 2, 1)
        transfers = read_network("dns_zone_transfers", access)
        assert transfers.status == "partial"  # the servers belong to the name above, which nobody named


def test_a_missing_domain_is_told_as_missing() -> None:
    with DnsServer(zone_of()) as server:
        results = judge(domain_of("no-such-name.test", server.address))
    assert results["dns-domain-exists"][0] is Status.FAIL
    assert not [name for name, found in results.items() if found[0] is Status.PASS and name.startswith("dns-dnssec")]


def test_broken_keys_and_digests_are_no_crash() -> None:
    for text in ("p=AAAA", "p=MAA=", "p=MIIB", "k=ed25519; p=AAAA", "v=DKIM2; p=AAAA", "p", "", "p=MP////8="):
        found = dkim.parse(text)
        assert found.error, text
    assert dnssec.read_key("257 3 13 !!!!") is None
    assert dnssec.read_key("99999 3 13 AAAA") is None
    assert dnssec.read_ds("1 2") is None
    assert transport.tlsa("3 1 1 abcd").error
    assert hosts.network_of("192.0.2.77") == "192.0.2.0/24"
    assert hosts.class_of("::ffff:10.0.0.1") == "private"


def test_a_wildcard_for_keys_is_not_taken_for_keys() -> None:
    zone = parse('w.test SOA ns.w.test a.w.test 1 2 1 4 5\n*._domainkey.w.test TXT "v=DKIM1; p="\nw.test A 192.0.2.1')
    with DnsServer(zone) as server:
        rows = network_rows("mail_dkim", domain_of("w.test", server.address))
    assert rows == []
