"""Every fault of a domain fails its check; a domain without a fault fails none; a server that lies makes none pass."""

from __future__ import annotations

import pytest

from domaintest import domain_checks, domain_of, domain_tables, judge
from networktest import OWN
from secaudit.faults.dns import BEHAVIOURS, DnsServer
from secaudit.faults.dns_faults import DOMAIN, FAULTS, SELECTOR, serve, zone_of
from secaudit.model import Consent, Status

NOT_SHOWN = {"mail-none-declared", "mail-none-spf-denies", "mail-none-dmarc-rejects"}
"""Checks about domains that take no mail."""

NEEDS_MORE = {
    one.check.id for one in domain_checks() if one.check.id.startswith(("mail-mta-sts-policy", "mail-no-open-relay"))
}
"""Checks about a file and about a mail server that the server of these tests does not hold."""


def test_the_healthy_domain_fails_no_check_and_passes_all_that_apply() -> None:
    with serve() as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    others = {name: found for name, found in results.items() if found[0] is not Status.PASS}
    assert set(others) == NOT_SHOWN | NEEDS_MORE, others
    assert all(others[name][0] is Status.NOT_APPLICABLE for name in NOT_SHOWN)
    assert all(others[name][0] is Status.UNKNOWN for name in NEEDS_MORE)


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_fails_its_check(name: str) -> None:
    with serve(name) as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert results[FAULTS[name].check][0] is Status.FAIL, results[FAULTS[name].check]


def test_each_check_has_a_fault() -> None:
    shown = {fault.check for fault in FAULTS.values()} | NEEDS_MORE
    assert {one.check.id for one in domain_checks()} == shown


LIES = sorted(set(BEHAVIOURS) - {"axfr-open", "truncated", "not-validating", "rebinding", "huge", "drip"})


@pytest.mark.parametrize("behaviour", LIES)
def test_a_server_that_gives_no_answer_leaves_every_check_open(behaviour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secaudit.targets.network.limits.DNS_TIMEOUT_S", 0.05)
    with serve("", behaviour) as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert {name: found for name, found in results.items() if found[0] is not Status.UNKNOWN} == {}


def test_a_cut_answer_is_asked_for_again_over_tcp() -> None:
    with serve("", "truncated") as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert {name for name, found in results.items() if found[0] is not Status.PASS} == NOT_SHOWN | NEEDS_MORE


def test_a_resolver_that_checks_no_signatures_gives_no_verdict_about_them() -> None:
    with serve("", "not-validating") as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert results["dns-dnssec-validates"][0] is Status.UNKNOWN
    assert results["dns-dnssec-signed"][0] is Status.PASS


def test_64_kilobytes_of_text_with_commands_for_terminals_are_a_failure_and_stay_bounded() -> None:
    with serve("", "huge") as server:
        access = domain_of(DOMAIN, server.address, (SELECTOR,))
        results = judge(access)
    assert results["mail-spf-valid"][0] is Status.FAIL
    assert results["mail-spf-short"][0] is Status.FAIL
    assert len(access.gate.sent()) < 200


def test_one_name_that_does_not_answer_leaves_the_rest_as_it_is() -> None:
    only = frozenset({"_spf.mailer.test"})
    with DnsServer(zone_of(), frozenset({"servfail"}), (DOMAIN,), only) as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert results["mail-spf-published"][0] is Status.PASS
    for name in ("mail-spf-valid", "mail-spf-includes-exist", "mail-spf-lookups", "mail-spf-strangers-refused"):
        assert results[name][0] is Status.UNKNOWN, name
    assert results["mail-dmarc-enforced"][0] is Status.PASS


def test_a_parent_that_does_not_answer_leaves_inherited_facts_open() -> None:
    zone = zone_of("dmarc-missing")
    zone.remove(DOMAIN, "CAA")
    with DnsServer(zone, frozenset({"servfail"}), (), frozenset({"_dmarc.test", "test"})) as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert results["mail-dmarc-published"][0] is Status.UNKNOWN
    assert results["dns-caa-published"][0] is Status.UNKNOWN


def test_a_domain_without_mail_that_says_so_fails_nothing_about_mail() -> None:
    zone = zone_of()
    for place, kind in ((DOMAIN, "MX"), (DOMAIN, "TXT"), (f"_dmarc.{DOMAIN}", "TXT")):
        zone.remove(place, kind)
    for line in (
        f"{DOMAIN} MX 0 .",
        f'{DOMAIN} TXT "v=spf1 -all"',
        f'_dmarc.{DOMAIN} TXT "v=DMARC1; p=reject; rua=mailto:a@{DOMAIN}"',
    ):
        zone.add(line)
    with DnsServer(zone, signed=(DOMAIN,)) as server:
        results = judge(domain_of(DOMAIN, server.address, (SELECTOR,)))
    assert {name for name in NOT_SHOWN if results[name][0] is Status.PASS} == NOT_SHOWN
    assert [name for name, found in results.items() if found[0] is Status.FAIL] == []
    assert results["mail-mta-sts-announced"][0] is Status.NOT_APPLICABLE


def test_without_active_no_zone_is_asked_for() -> None:
    consent = Consent(local=True)
    with serve("zone-transfer-open") as server:
        access = domain_of(DOMAIN, server.address, (SELECTOR,), consent)
        results = judge(access)
        assert not [one for one in server.asked if one[1] == "AXFR"]
    assert results["dns-zone-transfer-refused"][0] is Status.UNKNOWN
    assert all(one.level == "passive" for one in access.gate.sent())


def test_all_that_is_sent_was_planned() -> None:
    with serve() as server:
        access = domain_of(DOMAIN, server.address, (SELECTOR,), OWN)
        judge(access)
    planned = [item for spec in domain_tables().values() if spec.plan is not None for item in spec.plan(access.gate)]
    named = {item.what for item in planned}
    sent = [one for one in access.gate.sent() if one.kind == "dns"]
    unnamed = [one for one in sent if one.what not in named and one.what.partition(" ")[0] != "AXFR"]
    spare = sum(
        item.most for item in planned if item.what.partition(" ")[0] not in ("A", "AAAA", "TXT", "MX", "NS", "SOA")
    )
    assert len(unnamed) <= spare
    assert {one.what for one in sent if one.kind == "dns" and one.what.startswith("AXFR")} <= named
    assert len(sent) <= 130
