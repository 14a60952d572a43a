"""mail_mta_sts_policy: the policy that mail to the domain must be encrypted, as its site gives it (RFC 8461)."""

from __future__ import annotations

import ssl
from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.http.exchange import Exchange, exchange
from secaudit.protocols.names.asking import texts
from secaudit.protocols.names.transport import POLICY_LIMIT_BYTES, Policy, policy
from secaudit.tableapi import Absent, Failed, Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import cut, flag, mail_exchangers, questions

PORT = 443
PATH = "/.well-known/mta-sts.txt"
HANDSHAKE = "a TLS hello, to see whether the certificate is trusted"


class Row(NamedTuple):
    """The policy."""

    url: str
    outcome: str
    """ok, no address, or why there is no answer: refused, timeout, reset, tls and others."""
    status: int | None
    content_type: str
    is_valid: int | None
    """1: it came with 200 and can be read. NULL: no answer."""
    error: str
    is_trusted: int | None
    """1: the certificate is one that senders accept; without that the policy counts for nothing."""
    mode: str | None
    """enforce, testing or none; NULL without a policy that can be read."""
    max_age_s: int | None
    patterns: str
    """The mail servers that it names."""
    uncovered: int | None
    """Mail servers of the domain that it does not name: senders must not deliver to them."""
    uncovered_hosts: str


def _plan(net: Net) -> Iterable[Planned]:
    if not net.may("active"):
        return []
    host = f"mta-sts.{net.domain}"
    own = [*questions(net, ["TXT"], "_mta-sts"), *questions(net, ["A", "AAAA"], "mta-sts"), *questions(net, ["MX"])]
    return [
        *own,
        Planned("http", host, PORT, f"GET {PATH}", 1, "active"),
        Planned("tls", host, PORT, HANDSHAKE, 1, "active"),
    ]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def mail_mta_sts_policy(target: Target) -> Iterator[Row]:
    """Yield one row.

    Source: https://mta-sts.DOMAIN/.well-known/mta-sts.txt; RFC 8461. Redirects are not followed, as the RFC asks.

    Raises:
        Absent: the domain announces no policy.
        NotCovered: --active was not asked for, or the consent does not reach to the site.
        Partial: the DNS did not answer.
    """
    net = target.net
    net.require("active", "fetching the MTA-STS policy of the domain")
    record = net.dns(f"_mta-sts.{net.domain}", "TXT")
    if not record.known:
        raise Partial(f"the DNS did not answer: TXT _mta-sts.{net.domain}: {record.code}")
    if not texts(record, "v=STSv1"):
        raise Absent("the domain announces no MTA-STS policy")
    host = f"mta-sts.{net.domain}"
    url = f"https://{host}{PATH}"
    replies = [net.dns(host, kind) for kind in ("A", "AAAA")]
    if all(reply.known and not reply.records for reply in replies):
        yield Row(url, "no address", None, "", 0, f"{host} has no address", None, None, None, "", None, "")
        return
    try:
        got = exchange(net, host, PORT, "https", "GET", PATH, level="active", limit_bytes=POLICY_LIMIT_BYTES)
    except Failed as failed:
        raise Partial(failed.reason) from None
    yield _row(target, url, got)


def _row(target: Target, url: str, got: Exchange) -> Row:
    status = got.reply.status or None
    content_type = next((item.value for item in got.reply.headers if item.name.lower() == "content-type"), "")[:200]
    if got.outcome != "ok" or status is None:
        return Row(url, got.outcome, status, content_type, None, got.why, None, None, None, "", None, "")
    trusted = _is_trusted(target.net, got.host)
    if status != 200:
        error = f"status {status}" + (", and redirects are not followed" if 300 <= status < 400 else "")
        return Row(url, "ok", status, content_type, 0, error, flag(trusted), None, None, "", None, "")
    found = policy(got.reply.body)
    hosts = [host for _, host in target.shared("mail-exchangers", mail_exchangers)]
    missing = [host for host in hosts if not found.covers(host)]
    return Row(
        url,
        "ok",
        status,
        content_type,
        int(not found.error),
        found.error,
        flag(trusted),
        None if found.error else found.mode,
        found.max_age_s,
        cut(" ".join(found.patterns)),
        None if _counts_nothing(found) else len(missing),
        "" if _counts_nothing(found) else cut(" ".join(missing)),
    )


def _counts_nothing(found: Policy) -> bool:
    return bool(found.error) or found.mode == "none"


def _is_trusted(net: Net, host: str) -> bool | None:
    """Whether the certificate is good for the name, by the store of this system; None when nothing answered."""
    try:
        with net.connect(host, PORT, "tls", HANDSHAKE, "active", 10.0) as wire:
            wire.secure(ssl.create_default_context(), host)
    except ssl.SSLCertVerificationError:
        return False
    except OSError:
        return None
    return True
