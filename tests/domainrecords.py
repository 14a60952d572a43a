"""Domains with what RFC 7208 and RFC 9989 make of them, written down before our reader was asked: tests and oracles
share them. `{d}` stands for the domain of the case.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class SpfCase(NamedTuple):
    """One SPF record, or several."""

    name: str
    records: tuple[str, ...]
    result: str
    """valid, none or permerror."""
    strangers: str | None
    lookups: int
    more: tuple[str, ...] = ()
    """Lines that are added to the zone."""
    by: str = "RFC 7208"


COMMON = (
    "{d} A 192.0.2.10",
    "{d} MX 10 mail-a.{d}",
    "{d} MX 20 mail-b.{d}",
    "mail-a.{d} A 192.0.2.129",
    "mail-b.{d} A 192.0.2.130",
)
"""The zone of appendix A, as far as it matters."""

SHARED = (
    "example-org.test MX 10 mail-c.example-org.test",
    "mail-c.example-org.test A 192.0.2.140",
    "example-org.test A 192.0.2.11",
    'example-org.test TXT "v=spf1 mx -all"',
    'soft.test TXT "v=spf1 ip4:192.0.2.5 ~all"',
    'open.test TXT "v=spf1 +all"',
    'twice.test TXT "v=spf1 -all"',
    'twice.test TXT "v=spf1 ~all"',
    'broken.test TXT "v=spf1 ipv4:192.0.2.1 -all"',
    'plain.test TXT "not spf"',
    *(f'chain{number}.test TXT "v=spf1 include:chain{number + 1}.test -all"' for number in range(1, 12)),
    'chain12.test TXT "v=spf1 ip4:192.0.2.7 -all"',
)

SPF = (
    SpfCase("a1-open", ("v=spf1 +all",), "valid", "pass", 0, by="appendix A.1"),
    SpfCase("a1-a", ("v=spf1 a -all",), "valid", "fail", 1, by="appendix A.1"),
    SpfCase("a1-a-other", ("v=spf1 a:example-org.test -all",), "valid", "fail", 1, by="appendix A.1"),
    SpfCase("a1-mx", ("v=spf1 mx -all",), "valid", "fail", 1, by="appendix A.1"),
    SpfCase("a1-mx-other", ("v=spf1 mx:example-org.test -all",), "valid", "fail", 1, by="appendix A.1"),
    SpfCase("a1-mx-two", ("v=spf1 mx mx:example-org.test -all",), "valid", "fail", 2, by="appendix A.1"),
    SpfCase("a1-mx-size", ("v=spf1 mx/30 mx:example-org.test/30 -all",), "valid", "fail", 2, by="appendix A.1"),
    SpfCase("a1-ptr", ("v=spf1 ptr -all",), "valid", "fail", 1, by="appendix A.1"),
    SpfCase("a1-ip4", ("v=spf1 ip4:192.0.2.128/28 -all",), "valid", "fail", 0, by="appendix A.1"),
    SpfCase(
        "a2-include", ("v=spf1 include:example-org.test include:soft.test -all",), "valid", "fail", 3, by="appendix A.2"
    ),
    SpfCase("a2-redirect", ("v=spf1 redirect=example-org.test",), "valid", "fail", 2, by="appendix A.2"),
    SpfCase("a3-exists", ("v=spf1 exists:%{i}._spf.%{d} -all",), "valid", "fail", 1, by="section 7.4 and appendix A.3"),
    SpfCase("s3-joined", ('v=spf1 ip4:192.0.2.1" " -all',), "valid", "fail", 0, by="section 3.3: strings are joined"),
    SpfCase("s3-upper", ("V=SPF1 MX -ALL",), "valid", "fail", 1, by="section 4.5: the version in any case"),
    SpfCase("s45-version", ("v=spf10 -all",), "none", None, 0, by="section 4.5"),
    SpfCase("s45-two", ("v=spf1 -all", "v=spf1 ~all"), "permerror", None, 0, by="section 4.5"),
    SpfCase("s46-typo", ("v=spf1 mx ipv4:192.0.2.1 -all",), "permerror", "fail", 1, by="section 4.6"),
    SpfCase("s46-behind-all", ("v=spf1 -all moo",), "permerror", "fail", 0, by="section 4.6: errors anywhere"),
    SpfCase("s46-modifier", ("v=spf1 moo.cow-far_out=man:dog/cat mx -all",), "valid", "fail", 1, by="section 6"),
    SpfCase("s47-default", ("v=spf1 mx",), "valid", "neutral", 1, by="section 4.7"),
    SpfCase("s51-neutral", ("v=spf1 mx ?all",), "valid", "neutral", 1, by="section 5.1"),
    SpfCase("s51-argument", ("v=spf1 all:foo",), "permerror", "neutral", 0, by="section 5.1"),
    SpfCase("s52-gone", ("v=spf1 include:gone.test -all",), "permerror", "fail", 1, by="section 5.2"),
    SpfCase("s52-not-spf", ("v=spf1 include:plain.test -all",), "permerror", "fail", 1, by="section 5.2"),
    SpfCase("s52-twice", ("v=spf1 include:twice.test -all",), "permerror", "fail", 1, by="section 5.2"),
    SpfCase("s52-broken", ("v=spf1 include:broken.test -all",), "permerror", "fail", 1, by="section 5.2"),
    SpfCase("s52-open", ("v=spf1 include:open.test -all",), "valid", "pass", 1, by="section 5.2: it matches everybody"),
    SpfCase("s56-size", ("v=spf1 ip4:192.0.2.0/33 -all",), "permerror", "fail", 0, by="section 5.6"),
    SpfCase("s56-six", ("v=spf1 ip6:2001:db8::/32 -all",), "valid", "fail", 0, by="section 5.6"),
    SpfCase("s56-swapped", ("v=spf1 ip4:2001:db8::1 -all",), "permerror", "fail", 0, by="section 5.6"),
    SpfCase("s61-ignored", ("v=spf1 mx ~all redirect=gone.test",), "valid", "softfail", 1, by="section 6.1"),
    SpfCase("s61-twice", ("v=spf1 redirect=soft.test redirect=open.test",), "permerror", "softfail", 1, by="section 6"),
    SpfCase("s61-gone", ("v=spf1 redirect=gone.test",), "permerror", "neutral", 1, by="section 6.1"),
    SpfCase("s464-chain", ("v=spf1 include:chain1.test -all",), "permerror", "fail", 12, by="section 4.6.4"),
    SpfCase("s464-ten", ("v=spf1 include:chain3.test -all",), "valid", "fail", 10, by="section 4.6.4"),
    SpfCase("s464-loop", ("v=spf1 include:{d} -all",), "permerror", "fail", 1, by="section 4.6.4"),
    SpfCase("s464-void", ("v=spf1 a:x.{d} a:y.{d} a:z.{d} -all",), "permerror", "fail", 3, by="section 4.6.4"),
    SpfCase("s7-macro", ("v=spf1 exists:%{x}.{d} -all",), "permerror", "fail", 0, by="section 7.1"),
    SpfCase("s7-percent", ("v=spf1 exists:%abc.{d} -all",), "permerror", "fail", 0, by="section 7.1"),
    SpfCase("none", (), "none", None, 0, by="section 4.5"),
)


class DmarcCase(NamedTuple):
    """Records below `_dmarc` of the domain, and of the name above it."""

    name: str
    own: tuple[str, ...]
    policy: str
    """none, quarantine, reject; empty when nothing applies."""
    subdomains: str
    state: str
    errors: bool = False
    above: tuple[str, ...] = ()
    by: str = "RFC 9989"


RUA = "rua=mailto:dmarc@{d}"

DMARC = (
    DmarcCase("d-simple", (f"v=DMARC1; p=none; {RUA}",), "none", "none", "own", by="appendix B.2.1"),
    DmarcCase("d-strict", (f"v=DMARC1; p=reject; aspf=s; adkim=s; {RUA}",), "reject", "reject", "own"),
    DmarcCase("d-sub", (f"v=DMARC1; p=quarantine; sp=reject; {RUA}",), "quarantine", "reject", "own"),
    DmarcCase("d-unknown", (f"v=DMARC1; p=reject; x-new=1; {RUA}",), "reject", "reject", "own", errors=True),
    DmarcCase("d-unknown-tag", (f"v=DMARC1; p=reject; newtag=1; {RUA}",), "reject", "reject", "own"),
    DmarcCase("d-old", (f"v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; {RUA}",), "reject", "reject", "own"),
    DmarcCase("d-order", ("p=reject; v=DMARC1",), "", "", "none", by="section 4.7: v= stands first"),
    DmarcCase("d-case", ("v=dmarc1; p=reject",), "", "", "none", by="section 4.8: the version exactly"),
    DmarcCase("d-case-policy", (f"v=DMARC1; p=REJECT; {RUA}",), "reject", "reject", "own", by="RFC 5234: any case"),
    DmarcCase("d-two", ("v=DMARC1; p=reject", "v=DMARC1; p=none"), "", "", "none", by="section 4.10"),
    DmarcCase(
        "d-wrong-with-rua", (f"v=DMARC1; p=rejct; {RUA}",), "none", "none", "own", errors=True, by="section 4.10.1"
    ),
    DmarcCase("d-wrong-without", ("v=DMARC1; p=rejct",), "", "", "own", errors=True, by="section 4.10.1"),
    DmarcCase("d-no-policy", (f"v=DMARC1; {RUA}",), "none", "none", "own", errors=True, by="section 4.10.1"),
    DmarcCase("d-above", (), "quarantine", "quarantine", "inherited", above=("v=DMARC1; p=reject; sp=quarantine",)),
    DmarcCase("d-above-p", (), "reject", "reject", "inherited", above=("v=DMARC1; p=reject",)),
    DmarcCase(
        "d-own-below",
        ("v=DMARC1; p=reject; sp=reject",),
        "reject",
        "none",
        "own",
        above=("v=DMARC1; p=quarantine; sp=none",),
        by="section 4.10.1: names below follow the organisation's record",
    ),
    DmarcCase("d-psd", (), "reject", "reject", "inherited", above=("v=DMARC1; p=none; sp=reject; psd=y",)),
    DmarcCase("d-none", (), "", "", "none"),
    DmarcCase("d-other-text", ("some text",), "", "", "none"),
)


def zone_text(domain: str, lines: tuple[str, ...]) -> list[str]:
    """Lines with the domain put in; a macro of SPF stays."""
    return [re.sub(r"(?<!%)\{d\}", domain, line) for line in lines]


def spf_domain(case: SpfCase) -> str:
    return f"{case.name}.test"


def dmarc_domain(case: DmarcCase) -> str:
    return f"sub.{case.name}.test" if case.above else f"{case.name}.test"


def whole_zone() -> str:
    """One zone with all domains."""
    lines = list(SHARED)
    for spf in SPF:
        domain = spf_domain(spf)
        lines += zone_text(domain, (*COMMON, *spf.more))
        lines += zone_text(domain, tuple(f'{{d}} TXT "{record}"' for record in spf.records))
    for dmarc in DMARC:
        domain = dmarc_domain(dmarc)
        lines += zone_text(domain, ("{d} A 192.0.2.10", '{d} TXT "v=spf1 -all"'))
        lines += zone_text(domain, tuple(f'_dmarc.{{d}} TXT "{record}"' for record in dmarc.own))
        lines += [f'_dmarc.{dmarc.name}.test TXT "{record}"' for record in dmarc.above]
    return "\n".join(lines)
