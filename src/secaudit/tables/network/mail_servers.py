"""mail_servers: where mail for the domain goes (MX records)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.hosts import MAX_HOSTS, class_of, exchangers, host
from secaudit.tableapi import Net, Partial, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, flag, others, questions


class Row(NamedTuple):
    """One MX record."""

    priority: int
    host: str
    """Empty: the null MX, which says that the domain takes no mail."""
    is_null: int
    error: str
    """Why it cannot be used: an address instead of a name, not a name."""
    is_there: int | None
    """0: the DNS says that there is no such name."""
    addresses: str | None
    has_ipv4: int | None
    has_ipv6: int | None
    is_public: int | None
    """1: at least one address can be reached from everywhere. NULL without addresses."""
    alias: str
    """The name that it is an alias of, which RFC 2181 does not allow for mail servers."""


def _plan(net: Net) -> Iterable[Planned]:
    return [*questions(net, ["MX"]), others("A and AAAA of each mail server", 2 * MAX_HOSTS)]


@table(targets={"domain"}, timeout_s=60, plan=_plan)
def mail_servers(target: Target) -> Iterator[Row]:
    """Yield one row per MX record.

    Source: MX, A and AAAA records; RFC 5321, RFC 7505.

    Raises:
        Partial: an answer is missing, or there are more servers than are looked at.
    """
    ask = asker(target, 1 + 2 * MAX_HOSTS)
    found = exchangers(target.net.domain, ask)
    for item in found.hosts:
        if not item.host or item.error:
            is_null = int(not item.host and not item.error)
            yield Row(item.priority, item.host, is_null, item.error, None, None, None, None, None, "")
            continue
        seen = host(item.host, ask)
        addresses = seen.addresses
        known = addresses is not None
        yield Row(
            item.priority,
            item.host,
            0,
            "",
            flag(seen.exists),
            None if addresses is None else cut(" ".join(addresses)),
            flag(any("." in text for text in addresses or ()) if known else None),
            flag(any(":" in text for text in addresses or ()) if known else None),
            flag(any(class_of(text) == "public" for text in addresses) if addresses else None),
            seen.alias,
        )
    end(ask)
    if found.more:
        raise Partial(f"{found.more} mail servers more than are looked at")
