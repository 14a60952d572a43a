"""SPF and DMARC of our reader against what the RFCs say, over a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from domainrecords import DMARC, SPF, DmarcCase, SpfCase, dmarc_domain, spf_domain, whole_zone
from domaintest import domain_of
from networktest import network_rows
from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_zone import parse
from secaudit.protocols.names.dmarc import MOST_STEPS, steps


@pytest.fixture(scope="module")
def server() -> Iterator[DnsServer]:
    with DnsServer(parse(whole_zone())) as running:
        yield running


@pytest.mark.parametrize("case", SPF, ids=lambda case: case.name)
def test_spf_is_what_rfc_7208_says(case: SpfCase, server: DnsServer) -> None:
    (row,) = network_rows("mail_spf", domain_of(spf_domain(case), server.address))
    assert (row["result"], row["strangers"], row["lookups_at_least"]) == (case.result, case.strangers, case.lookups), (
        row
    )


@pytest.mark.parametrize("case", DMARC, ids=lambda case: case.name)
def test_dmarc_is_what_rfc_9989_says(case: DmarcCase, server: DnsServer) -> None:
    (row,) = network_rows("mail_dmarc", domain_of(dmarc_domain(case), server.address))
    assert (row["state"], row["policy"], row["subdomain_policy"]) == (case.state, case.policy, case.subdomains), row
    assert bool(row["errors"]) == case.errors, row


def test_the_walk_asks_eight_names_at_most() -> None:
    """RFC 9989, section 4.10: from eight labels on it goes on at seven."""
    assert steps("mail.example.com") == ["mail.example.com", "example.com", "com"]
    assert steps("a.b.c.d.e.example.com")[1] == "b.c.d.e.example.com"
    long = steps("a.b.c.d.e.f.g.h.i.mail.example.com")
    assert long[:3] == ["a.b.c.d.e.f.g.h.i.mail.example.com", "f.g.h.i.mail.example.com", "g.h.i.mail.example.com"]
    assert len(long) == MOST_STEPS
