"""A healthy domain, and what can be wrong with one: one name for each fault, with the check that must see it."""

from __future__ import annotations

import base64
import hashlib
import struct
from typing import NamedTuple

from secaudit.faults.dns import DnsServer
from secaudit.faults.dns_zone import Zone, encode_name, parse

DOMAIN = "shop.test"
SELECTOR = "s2026"

_PUBLIC = base64.b64encode(bytes(range(64))).decode()
"""Stands for a key of ECDSA P-256. Nothing is signed with it."""


def rsa_key(bits: int) -> str:
    """The text of an RSA public key of that size. Its number has no known factors and no use."""
    size = bits // 8
    number = b"\0\xc1" + bytes((index * 37 + 11) & 255 for index in range(size - 2)) + b"\x01"
    bare = _der(0x30, _der(2, number) + _der(2, b"\x01\x00\x01"))
    algorithm = _der(0x30, bytes.fromhex("06092a864886f70d0101010500"))
    return base64.b64encode(_der(0x30, algorithm + _der(3, b"\0" + bare))).decode()


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 128:
        return bytes((tag, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def _rsa_public(bits: int) -> str:
    """An RSA key as DNSKEY records hold it (RFC 3110)."""
    return base64.b64encode(b"\x03\x01\x00\x01" + b"\xc1" + bytes(bits // 8 - 2) + b"\x01").decode()


def ds_of(domain: str, algorithm: int = 13, digest: int = 2, public: str = _PUBLIC) -> str:
    """The DS record of a key, of the healthy zone's one when none is given."""
    data = struct.pack(">HBB", 257, 3, algorithm) + base64.b64decode(public)
    total = sum(byte << 8 if index % 2 == 0 else byte for index, byte in enumerate(data))
    tag = (total + (total >> 16)) & 0xFFFF
    name = {1: "sha1", 2: "sha256"}[digest]
    found = hashlib.new(name, encode_name(domain) + data, usedforsecurity=False).hexdigest()
    return f"{tag} {algorithm} {digest} {found}"


HEALTHY = f"""
; a domain without a fault; mailer.test and reports.test belong to others
. SOA ns.root.test admin.root.test 1 7200 3600 1209600 3600
{DOMAIN} SOA ns1.{DOMAIN} admin.{DOMAIN} 2026112901 7200 3600 1209600 3600
{DOMAIN} NS ns1.{DOMAIN}
{DOMAIN} NS ns2.{DOMAIN}
ns1.{DOMAIN} A 127.0.0.1
ns2.{DOMAIN} A 127.0.1.1
{DOMAIN} A 192.0.2.10
{DOMAIN} AAAA 2001:db8::10
www.{DOMAIN} CNAME {DOMAIN}
{DOMAIN} MX 10 mail.{DOMAIN}
{DOMAIN} MX 20 mx2.mailer.test
mail.{DOMAIN} A 192.0.2.25
mail.{DOMAIN} AAAA 2001:db8::25
mx2.mailer.test A 198.51.100.25
{DOMAIN} TXT "v=spf1 mx include:_spf.mailer.test -all"
{DOMAIN} TXT "some-service-verification=0123456789abcdef"
_spf.mailer.test TXT "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:51::/48 -all"
_dmarc.{DOMAIN} TXT "v=DMARC1; p=reject; rua=mailto:dmarc@{DOMAIN},mailto:inbox@reports.test"
{DOMAIN}._report._dmarc.reports.test TXT "v=DMARC1"
{SELECTOR}._domainkey.{DOMAIN} TXT "v=DKIM1; k=rsa; p={rsa_key(2048)}"
default._domainkey.{DOMAIN} TXT "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
mta-sts.{DOMAIN} A 127.0.0.1
_mta-sts.{DOMAIN} TXT "v=STSv1; id=20261101"
_smtp._tls.{DOMAIN} TXT "v=TLSRPTv1; rua=mailto:tls@{DOMAIN}"
default._bimi.{DOMAIN} TXT "v=BIMI1; l=https://{DOMAIN}/logo.svg"
{DOMAIN} CAA 0 issue "letsencrypt.org"
{DOMAIN} CAA 0 issuewild ";"
{DOMAIN} CAA 0 iodef "mailto:security@{DOMAIN}"
{DOMAIN} DNSKEY 257 3 13 {_PUBLIC}
{DOMAIN} DS {ds_of(DOMAIN)}
{DOMAIN} NSEC3PARAM 1 0 0 -
_25._tcp.mail.{DOMAIN} TLSA 3 1 1 {"ab" * 32}
"""


class Fault(NamedTuple):
    """One thing that is wrong."""

    check: str
    """The check that must fail."""
    without: tuple[tuple[str, str], ...] = ()
    """Records that are taken away, by name and type."""
    add: tuple[str, ...] = ()
    """Lines that are added."""
    behaviours: tuple[str, ...] = ()
    is_gone: bool = False
    """Nothing of the domain is left."""


def _txt(check: str, name: str, *texts: str) -> Fault:
    """Other TXT records at a name."""
    place = f"{name}.{DOMAIN}" if name else DOMAIN
    return Fault(check, ((place, "TXT"),), tuple(f'{place} TXT "{text}"' for text in texts))


def _spf(check: str, record: str, *more: str) -> Fault:
    return _txt(check, "", record)._replace(add=(f'{DOMAIN} TXT "{record}"', *more))


def _dmarc(check: str, tail: str) -> Fault:
    return _txt(check, "_dmarc", f"v=DMARC1; {tail}")


def _dkim(check: str, text: str) -> Fault:
    return _txt(check, f"{SELECTOR}._domainkey", text)


_MX = ((DOMAIN, "MX"),)
_NULL_MX = f"{DOMAIN} MX 0 ."
_CHAIN = tuple(
    f'{name}.mailer.test TXT "v=spf1 ip4:198.51.100.{index} -all"' for index, name in enumerate("abcdefghijkl")
)

FAULTS = {
    "spf-missing": _txt("mail-spf-published", ""),
    "spf-twice": _txt("mail-spf-published", "", "v=spf1 mx -all", "v=spf1 a -all"),
    "spf-blank-before": _txt("mail-spf-published", "", " v=spf1 mx -all"),
    "spf-misspelt": _spf("mail-spf-valid", "v=spf1 ipv4:192.0.2.1 -all"),
    "spf-include-gone": _spf("mail-spf-includes-exist", "v=spf1 mx include:gone.test -all"),
    "spf-neutral": _spf("mail-spf-strangers-refused", "v=spf1 mx ?all"),
    "spf-open": _spf("mail-spf-strangers-refused", "v=spf1 mx +all"),
    "spf-no-end": _spf("mail-spf-strangers-refused", "v=spf1 mx include:_spf.mailer.test"),
    "spf-open-include": _spf(
        "mail-spf-strangers-refused", "v=spf1 include:open.test -all", 'open.test TXT "v=spf1 +all"'
    ),
    "spf-open-redirect": _spf("mail-spf-strangers-refused", "v=spf1 redirect=open.test", 'open.test TXT "v=spf1 ?all"'),
    "spf-many-lookups": _spf(
        "mail-spf-lookups",
        "v=spf1 " + " ".join(f"include:{name}.mailer.test" for name in "abcdefghijkl") + " -all",
        *_CHAIN,
    ),
    "spf-void-lookups": _spf("mail-spf-void-lookups", f"v=spf1 a:x.{DOMAIN} a:y.{DOMAIN} a:z.{DOMAIN} -all"),
    "spf-loop": _spf(
        "mail-spf-no-loop", "v=spf1 include:loop.test -all", f'loop.test TXT "v=spf1 include:{DOMAIN} -all"'
    ),
    "spf-ptr": _spf("mail-spf-no-ptr", "v=spf1 mx ptr -all"),
    "spf-behind-all": _spf("mail-spf-nothing-after-all", "v=spf1 mx -all include:_spf.mailer.test"),
    "spf-long": _spf("mail-spf-short", "v=spf1 " + " ".join(f"ip4:192.0.2.{number}" for number in range(60)) + " -all"),
    "spf-foreign-characters": _spf("mail-spf-ascii", "v=spf1 mx –all"),
    "spf-wide-network": _spf("mail-spf-networks-narrow", "v=spf1 ip4:128.0.0.0/1 -all"),
    "dmarc-missing": _txt("mail-dmarc-published", "_dmarc"),
    "dmarc-twice": _txt("mail-dmarc-one-record", "_dmarc", "v=DMARC1; p=reject", "v=DMARC1; p=none"),
    "dmarc-misspelt-version": _txt("mail-dmarc-one-record", "_dmarc", "v=dmarc1; p=reject"),
    "dmarc-misspelt-policy": _dmarc("mail-dmarc-valid", f"p=rejct; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-only-watches": _dmarc("mail-dmarc-enforced", f"p=none; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-weak-subdomains": _dmarc("mail-dmarc-subdomains", f"p=reject; sp=none; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-weak-missing": _dmarc("mail-dmarc-subdomains", f"p=reject; np=none; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-test": _dmarc("mail-dmarc-not-in-test", f"p=reject; t=y; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-share": _dmarc("mail-dmarc-not-in-test", f"p=reject; pct=10; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-no-reports": _dmarc("mail-dmarc-reports", "p=reject"),
    "dmarc-old-tags": _dmarc("mail-dmarc-old-tags", f"p=reject; ri=3600; rua=mailto:dmarc@{DOMAIN}"),
    "dmarc-reports-unwanted": Fault(
        "mail-dmarc-reports-authorised", ((f"{DOMAIN}._report._dmarc.reports.test", "TXT"),)
    ),
    "dmarc-bad-address": _dmarc("mail-dmarc-report-addresses", f"p=reject; rua=dmarc@{DOMAIN}"),
    "dkim-missing": Fault("mail-dkim-key-found", ((f"{SELECTOR}._domainkey.{DOMAIN}", "TXT"),)),
    "dkim-broken": _dkim("mail-dkim-key-valid", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQ"),
    "dkim-1024": _dkim("mail-dkim-key-strong", f"v=DKIM1; k=rsa; p={rsa_key(1024)}"),
    "dkim-512": _dkim("mail-dkim-key-not-breakable", f"v=DKIM1; k=rsa; p={rsa_key(512)}"),
    "dkim-test": _dkim("mail-dkim-not-in-test", f"v=DKIM1; k=rsa; t=y; p={rsa_key(2048)}"),
    "dkim-revoked": _dkim("mail-dkim-key-not-revoked", "v=DKIM1; k=rsa; p="),
    "dkim-sha1": _dkim("mail-dkim-sha256-allowed", f"v=DKIM1; k=rsa; h=sha1; p={rsa_key(2048)}"),
    "mta-sts-missing": _txt("mail-mta-sts-announced", "_mta-sts"),
    "mta-sts-bad-id": _txt("mail-mta-sts-announced", "_mta-sts", "v=STSv1; id=2026-11-01"),
    "tls-rpt-missing": _txt("mail-tls-rpt-published", "_smtp._tls"),
    "tls-rpt-bad": _txt("mail-tls-rpt-published", "_smtp._tls", "v=TLSRPTv1; rua=tls@shop.test"),
    "mx-no-address": Fault("mail-servers-have-address", ((f"mail.{DOMAIN}", "*"),), (f'mail.{DOMAIN} TXT "x"',)),
    "mx-is-address": Fault("mail-servers-named", _MX, (f"{DOMAIN} MX 10 192.0.2.25",)),
    "mx-alias": Fault("mail-servers-no-alias", ((f"mail.{DOMAIN}", "*"),), (f"mail.{DOMAIN} CNAME mx2.mailer.test",)),
    "mx-internal": Fault("mail-servers-public", ((f"mail.{DOMAIN}", "*"),), (f"mail.{DOMAIN} A 10.0.0.25",)),
    "mx-null-and-more": Fault("mail-null-mx-alone", (), (_NULL_MX,)),
    "unused-not-declared": Fault("mail-none-declared", (*_MX, (DOMAIN, "A"), (DOMAIN, "AAAA"), (f"www.{DOMAIN}", "*"))),
    "unused-spf-soft": Fault(
        "mail-none-spf-denies", (*_MX, (DOMAIN, "TXT")), (_NULL_MX, f'{DOMAIN} TXT "v=spf1 ~all"')
    ),
    "unused-dmarc-soft": Fault(
        "mail-none-dmarc-rejects",
        (*_MX, (f"_dmarc.{DOMAIN}", "TXT")),
        (_NULL_MX, f'_dmarc.{DOMAIN} TXT "v=DMARC1; p=quarantine; rua=mailto:a@{DOMAIN}"'),
    ),
    "dane-wrong-usage": Fault(
        "mail-dane-usable", ((f"_25._tcp.mail.{DOMAIN}", "*"),), (f"_25._tcp.mail.{DOMAIN} TLSA 1 1 1 {'ab' * 32}",)
    ),
    "bimi-http": _txt("mail-bimi-works", "default._bimi", f"v=BIMI1; l=http://{DOMAIN}/logo.svg"),
    "caa-missing": Fault("dns-caa-published", ((DOMAIN, "CAA"),)),
    "caa-unknown-tag": Fault("dns-caa-valid", (), (f'{DOMAIN} CAA 128 isue "letsencrypt.org"',)),
    "caa-no-reports": Fault("dns-caa-iodef", ((DOMAIN, "CAA"),), (f'{DOMAIN} CAA 0 issue "letsencrypt.org"',)),
    "unsigned": Fault("dns-dnssec-signed", ((DOMAIN, "DS"), (DOMAIN, "DNSKEY"), (DOMAIN, "NSEC3PARAM"))),
    "ds-of-another-key": Fault("dns-dnssec-chain-whole", ((DOMAIN, "DS"),), (f"{DOMAIN} DS 12345 13 2 {'cd' * 32}",)),
    "keys-without-ds": Fault("dns-dnssec-chain-whole", ((DOMAIN, "DS"),)),
    "signatures-not-checked": Fault("dns-dnssec-validates", behaviours=("ignores-zone",)),
    "dnssec-sha1": Fault(
        "dns-dnssec-algorithms",
        ((DOMAIN, "DS"), (DOMAIN, "DNSKEY")),
        (f"{DOMAIN} DNSKEY 257 3 7 {_rsa_public(2048)}", f"{DOMAIN} DS {ds_of(DOMAIN, 7, 2, _rsa_public(2048))}"),
    ),
    "ds-sha1": Fault("dns-dnssec-digest", ((DOMAIN, "DS"),), (f"{DOMAIN} DS {ds_of(DOMAIN, digest=1)}",)),
    "dnssec-short-key": Fault(
        "dns-dnssec-key-size",
        ((DOMAIN, "DS"), (DOMAIN, "DNSKEY")),
        (f"{DOMAIN} DNSKEY 257 3 8 {_rsa_public(1024)}", f"{DOMAIN} DS {ds_of(DOMAIN, 8, 2, _rsa_public(1024))}"),
    ),
    "nsec3-rounds": Fault("dns-dnssec-nsec3-plain", ((DOMAIN, "NSEC3PARAM"),), (f"{DOMAIN} NSEC3PARAM 1 0 100 aabb",)),
    "one-nameserver": Fault("dns-two-nameservers", ((DOMAIN, "NS"),), (f"{DOMAIN} NS ns1.{DOMAIN}",)),
    "one-network": Fault("dns-nameserver-networks", ((f"ns2.{DOMAIN}", "A"),), (f"ns2.{DOMAIN} A 127.0.0.2",)),
    "short-expire": Fault(
        "dns-soa-times", ((DOMAIN, "SOA"),), (f"{DOMAIN} SOA ns1.{DOMAIN} admin.{DOMAIN} 1 7200 3600 3600 3600",)
    ),
    "wildcard": Fault("dns-no-wildcard", (), (f"*.{DOMAIN} A 192.0.2.99",)),
    "alias-to-nothing": Fault("dns-no-dangling-alias", (), (f"shop.{DOMAIN} CNAME gone.hoster.test",)),
    "mx-to-nothing": Fault("dns-no-dangling-mx", _MX, (f"{DOMAIN} MX 10 mail.gone.test",)),
    "ns-to-nothing": Fault("dns-no-dangling-ns", (), (f"{DOMAIN} NS ns1.gone.test",)),
    "claimable-service": Fault(
        "dns-claimable-services-known", (), (f"blog.{DOMAIN} CNAME shop.github.io", "shop.github.io A 203.0.113.5")
    ),
    "internal-address": Fault("dns-no-internal-addresses", (), (f"vpn.{DOMAIN} A 10.1.2.3",)),
    "ns-alias": Fault(
        "dns-nameservers-no-alias",
        ((f"ns2.{DOMAIN}", "*"),),
        (f"ns2.{DOMAIN} CNAME real.hoster.test", "real.hoster.test A 127.0.1.1"),
    ),
    "dane-not-signed": Fault("mail-dane-signed", behaviours=("ignores-zone",)),
    "domain-gone": Fault("dns-domain-exists", is_gone=True),
    "zone-transfer-open": Fault("dns-zone-transfer-refused", behaviours=("axfr-open",)),
}
"""Name -> what is wrong. The check that is named must fail, and on the healthy domain none."""


def zone_of(name: str = "") -> Zone:
    """The healthy zone, or that with one fault."""
    zone = parse(HEALTHY)
    if name:
        fault = FAULTS[name]
        if fault.is_gone:
            for place, _, _ in zone.below(DOMAIN):
                zone.remove(place, "*")
        for place, kind in fault.without:
            zone.remove(place, kind)
        for line in fault.add:
            zone.add(line)
    return zone


def serve(name: str = "", *behaviours: str) -> DnsServer:
    """A server for the healthy domain, for one with a fault, or one that misbehaves."""
    odd = {*behaviours, *(FAULTS[name].behaviours if name else ())}
    signed = () if "ignores-zone" in odd else (DOMAIN,)
    return DnsServer(zone_of(name), frozenset(odd - {"ignores-zone"}), signed)
