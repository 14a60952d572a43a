"""Mail servers, name servers and other names that a domain points to."""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from secaudit.protocols.addresses import is_address
from secaudit.protocols.names.asking import Bounded, is_below, is_host, parents, plain

MAX_HOSTS = 12
"""Mail servers and name servers of a domain that are looked at, each."""

_MX = re.compile(r"(\d{1,5})\s+(\S+)")

COMMON_NAMES = (
    "www", "mail", "webmail", "autodiscover", "autoconfig", "ftp", "blog", "shop", "app", "api", "dev", "test",
    "staging", "cdn", "static", "assets", "docs", "help", "support", "status", "portal", "vpn",
)  # fmt: skip
"""Names that many domains have, November 2026. They are looked up as any visitor's program would."""

SERVICES = {
    "s3.amazonaws.com": "Amazon S3",
    "s3-website.amazonaws.com": "Amazon S3",
    "elasticbeanstalk.com": "AWS Elastic Beanstalk",
    "github.io": "GitHub Pages",
    "herokuapp.com": "Heroku",
    "herokudns.com": "Heroku",
    "azurewebsites.net": "Azure App Service",
    "cloudapp.net": "Azure Cloud Services",
    "cloudapp.azure.com": "Azure",
    "trafficmanager.net": "Azure Traffic Manager",
    "blob.core.windows.net": "Azure Storage",
    "azureedge.net": "Azure CDN",
    "azure-api.net": "Azure API Management",
    "myshopify.com": "Shopify",
    "netlify.app": "Netlify",
    "netlify.com": "Netlify",
    "vercel.app": "Vercel",
    "vercel-dns.com": "Vercel",
    "surge.sh": "Surge",
    "readthedocs.io": "Read the Docs",
    "ghost.io": "Ghost",
    "wordpress.com": "WordPress.com",
    "zendesk.com": "Zendesk",
    "fastly.net": "Fastly",
    "pantheonsite.io": "Pantheon",
    "bitbucket.io": "Bitbucket",
    "gitlab.io": "GitLab Pages",
    "pages.dev": "Cloudflare Pages",
    "web.app": "Firebase",
    "firebaseapp.com": "Firebase",
    "onrender.com": "Render",
    "fly.dev": "Fly.io",
    "webflow.io": "Webflow",
    "helpscoutdocs.com": "Help Scout",
    "statuspage.io": "Statuspage",
    "unbouncepages.com": "Unbounce",
}
"""Ends of names at services where anybody can claim a name that was given up, November 2026."""


class Apex(NamedTuple):
    """The zone that a name lies in."""

    name: str
    """Where its SOA record stands; empty when there is none, or no answer."""
    code: str
    """Of the answer about the name itself, or of the first one that is missing."""
    soa: str


def apex(domain: str, ask: Bounded) -> Apex:
    """Climb to the closest name with a SOA record, but not to a top level."""
    first = ""
    for name in list(parents(domain))[:8]:
        reply = ask(name, "SOA")
        first = first or reply.code
        if not reply.known or reply.code == "NXDOMAIN":
            return Apex("", reply.code, "")
        if reply.records and not reply.names:  # the SOA of an alias's target is not ours
            return Apex(plain(name), first, reply.records[0])
        if name.count(".") < 2:
            break
    return Apex("", first, "")


class Exchanger(NamedTuple):
    """One mail server of a domain."""

    priority: int
    host: str
    """Empty for the null MX, by which a domain says that it takes no mail (RFC 7505)."""
    error: str


class Exchangers(NamedTuple):
    """The mail servers of a domain."""

    code: str
    """Of the answer: only NOERROR and NXDOMAIN say anything."""
    hosts: tuple[Exchanger, ...]
    more: int
    """Those that were left out."""

    @property
    def is_null(self) -> bool:
        """There is one MX record, and it says that no mail is taken."""
        return len(self.hosts) == 1 and not self.hosts[0].host and not self.hosts[0].error


def exchangers(domain: str, ask: Bounded) -> Exchangers:
    """The MX records, lowest number first."""
    reply = ask(domain, "MX")
    found = sorted(set(map(_exchanger, reply.records[:200]))) if reply.known else []
    return Exchangers(reply.code, tuple(found[:MAX_HOSTS]), max(0, len(found) - MAX_HOSTS))


def _exchanger(text: str) -> Exchanger:
    match = _MX.fullmatch(text.strip())
    if match is None:
        return Exchanger(0, plain(text), "it cannot be read")
    host = plain(match[2])
    if host == "":
        return Exchanger(int(match[1]), "", "")
    if is_address(host):
        return Exchanger(int(match[1]), host, "an address where a name must stand")
    return Exchanger(int(match[1]), host, "" if is_host(host) else "not the name of a host")


class Host(NamedTuple):
    """What a name leads to."""

    name: str
    exists: bool | None
    """False when the DNS says that there is no such name, or that its alias leads nowhere; None without an answer."""
    addresses: tuple[str, ...] | None
    """None when one of the two answers is missing and the other is empty."""
    alias: str
    """The last name of the chain of aliases; empty without."""
    aliases: tuple[str, ...]
    unknown: str


def host(name: str, ask: Bounded) -> Host:
    """Look a host up: both kinds of address."""
    replies = [ask(name, kind) for kind in ("A", "AAAA")]
    found = tuple(record for reply in replies if reply.known for record in reply.records)
    is_certain = all(reply.known for reply in replies)
    chain = max((reply.names for reply in replies), key=len)
    chain = tuple(plain(item) for item in chain if plain(item) != plain(name))
    unknown = next((f"{reply.type} {name}: {reply.code}" for reply in replies if not reply.known), "")
    exists: bool | None = True
    if not found:
        codes = {reply.code for reply in replies if reply.known}
        exists = {"NXDOMAIN": False, "NOERROR": True}[codes.pop()] if len(codes) == 1 else None  # both contradict
    addresses = found if found or is_certain else None
    return Host(plain(name), exists, addresses, chain[-1] if chain else "", chain, unknown)


def service_of(name: str) -> str:
    """The service where anybody can claim such a name; empty when we know none."""
    for end, title in SERVICES.items():
        if is_below(name, end):
            return title
    return ""


def network_of(address: str) -> str:
    """The network that a single failure takes away as a rule: /24 of IPv4, /48 of IPv6."""
    found = ipaddress.ip_address(address)
    return str(ipaddress.ip_network(f"{address}/{24 if found.version == 4 else 48}", strict=False))


def class_of(address: str) -> str:
    """public, private, loopback or special. Python's own words differ between its versions, so the list is ours."""
    found = ipaddress.ip_address(address)
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    for name, networks in _CLASSES.items():
        if any(found.version == network.version and found in network for network in networks):
            return name
    return "public"


_CLASSES = {
    name: tuple(map(ipaddress.ip_network, networks))
    for name, networks in {
        "loopback": ("127.0.0.0/8", "::1/128"),
        "private": ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7"),
        "special": ("0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4", "::/128", "fe80::/10", "ff00::/8"),
    }.items()
}
