"""security_txt: where people who find a hole are told to write (RFC 9116). Not in osquery."""

from __future__ import annotations

import calendar
import re
import time
from typing import Iterator, NamedTuple

from secaudit.protocols.http import Exchange, exchange
from secaudit.tableapi import Net, Partial, Planned, Target, TimedOut, table
from secaudit.tables.network._text import cut, text_of
from secaudit.tables.network._visit import CONNECT_S, starts

PATH = "/.well-known/security.txt"
LIMIT_BYTES = 64 * 1024
_LINE = re.compile(r"([A-Za-z][A-Za-z-]{0,40}):[ \t]*(\S.*?)[ \t]*\Z")
_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.\d+)?(?:([Zz])|([+-])(\d{2}):(\d{2}))\Z")


class SecurityTxt(NamedTuple):
    """The file, or what came in its place."""

    url: str
    outcome: str
    """As in http_exchanges."""
    status: int | None
    """NULL when no answer came."""
    found: int | None
    """1 when it is there: status 200, text, and at least one field that RFC 9116 names."""
    media_type: str | None
    charset_ok: int | None
    """1 for UTF-8 or none named."""
    contacts: int | None
    """How many lines `Contact`."""
    contact: str | None
    """The first."""
    contacts_ok: int | None
    """1 when each is a mailto:, tel: or https: address."""
    expires: str | None
    """As it stands there; empty without one."""
    expires_count: int
    expires_s: int | None
    """Seconds since 1970 UTC; 0 when there is none that can be read."""
    canonical: str | None
    """With blanks between them; empty without one."""
    canonical_ok: int | None
    """1 when one of them is this address, or none is named."""
    languages: str | None
    policy: str | None
    encryption: str | None
    signed: int | None
    """1 when it is an OpenPGP cleartext message; whether the signature is right is not looked at."""


def plan_security_txt(net: Net) -> Iterator[Planned]:
    """One request more."""
    port = _place(net)[1]
    yield Planned("http", net.hosts[0], port, f"GET {PATH}", 1, "active")


@table(targets={"site"}, timeout_s=30.0, plan=plan_security_txt)
def security_txt(target: Target) -> Iterator[SecurityTxt]:
    """Yield one row about /.well-known/security.txt, asked over https where its port is known.

    Source: RFC 9116.

    Raises:
        NotCovered: the option --active was not given, or the consent does not reach to the site.
        TimedOut: no answer came in time.
        Partial: only a part of it could be read.
    """
    net = target.net
    net.require("active", f"{PATH} is asked for only with it")
    scheme, port = _place(net)
    found = exchange(
        net, net.hosts[0], port, scheme, "GET", PATH, level="active", timeout_s=CONNECT_S, limit_bytes=LIMIT_BYTES
    )
    if found.outcome == "timeout":
        raise TimedOut(f"no answer came for {PATH}")
    yield _row(found)
    if found.outcome == "ok" and found.reply.body_state not in ("complete", "none"):
        raise Partial(f"the file could not be read to its end ({found.reply.body_state})")


_NOTHING = SecurityTxt(
    "", "", None, None, None, None, None, None, None, None, 0, None, None, None, None, None, None, None
)


def _place(net: Net) -> tuple[str, int]:
    return next((scheme, port) for scheme, port in starts(net) if port is not None)


def _row(found: Exchange) -> SecurityTxt:
    reply = found.reply
    if found.outcome != "ok":
        return _NOTHING._replace(url=cut(found.url), outcome=found.outcome)
    fields = read_fields(text_of(found)) if reply.status == 200 else []
    kind, _, rest = (reply.one("content-type") or "").partition(";")
    values = {name: [value for key, value in fields if key == name] for name, _ in fields}
    here = reply.status == 200 and kind.strip().lower() not in ("text/html", "application/xhtml+xml") and (
        "contact" in values or "expires" in values
    )  # fmt: skip
    contacts = values.get("contact", [])
    expires = values.get("expires", [])
    canonical = values.get("canonical", [])
    return SecurityTxt(
        url=cut(found.url),
        outcome=found.outcome,
        status=reply.status,
        found=int(here),
        media_type=cut(kind.strip().lower(), 100),
        charset_ok=int("charset" not in rest.lower() or "utf-8" in rest.lower().replace('"', "")),
        contacts=len(contacts),
        contact=cut(contacts[0] if contacts else "", 200),
        contacts_ok=int(all(re.match(r"(mailto|tel|https):\S", one, re.I) for one in contacts)),
        expires=cut(expires[0] if expires else "", 60),
        expires_count=len(expires),
        expires_s=(read_time(expires[0]) if expires else None) or 0,
        canonical=cut(" ".join(canonical), 500),
        canonical_ok=int(not canonical or found.url in canonical),
        languages=cut(", ".join(values.get("preferred-languages", [])), 100),
        policy=cut(" ".join(values.get("policy", [])), 300),
        encryption=cut(" ".join(values.get("encryption", [])), 300),
        signed=int(b"-----BEGIN PGP SIGNED MESSAGE-----" in reply.body[:200]),
    )


def read_fields(text: str) -> list[tuple[str, str]]:
    """Fields in their order, names in lower case. Of a signed file what is signed."""
    text = text.removeprefix("\ufeff")
    if text.startswith("-----BEGIN PGP SIGNED MESSAGE-----"):
        text = text.partition("\n\n")[2] or text.partition("\r\n\r\n")[2]
        text = text.split("-----BEGIN PGP SIGNATURE-----")[0]
    found = []
    for line in text.splitlines()[:2000]:
        match = _LINE.match(line[:2000])
        if match is not None and not line.startswith("#"):
            found.append((match.group(1).lower(), match.group(2)))
    return found


def read_time(text: str) -> int | None:
    """A time of RFC 3339 in seconds since 1970 UTC; None for anything else."""
    match = _TIME.match(text.strip())
    if match is None:
        return None
    try:
        seconds = calendar.timegm(time.strptime(f"{match.group(1)} {match.group(2)}", "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None
    if match.group(3):
        return seconds
    shift = int(match.group(5)) * 3600 + int(match.group(6)) * 60
    return seconds - shift if match.group(4) == "+" else seconds + shift
