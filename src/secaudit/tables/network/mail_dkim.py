"""mail_dkim: the keys by which mail of the domain is signed (DKIM), as far as their names are known.

Names of keys cannot be listed. Those that the user names are told whether they are there or not; of the common ones
only those that are there.
"""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.dkim import COMMON, MAX_SELECTORS, NOBODY, look
from secaudit.tableapi import Net, Planned, Target, table
from secaudit.tables.network._domain import asker, cut, end, flag, questions

MOST = MAX_SELECTORS + len(COMMON) + 1


class Row(NamedTuple):
    """One selector."""

    selector: str
    name: str
    """The whole name in the DNS."""
    is_named: int
    """1: the user named it; 0: a common name, tried."""
    is_there: int | None
    """NULL: the DNS did not answer."""
    records: int
    key_type: str
    bits: int | None
    """Of RSA; 256 for Ed25519. NULL when the key cannot be read."""
    is_valid: int | None
    error: str
    is_revoked: int | None
    """1: p= is empty, which says that the key counts no more."""
    is_test: int | None
    """1: t=y, receivers treat signed mail as unsigned."""
    hashes: str
    """h=, empty for all."""
    services: str
    alias: str
    """The name that it is an alias of, at a mail service as a rule."""
    record: str | None


def _plan(net: Net) -> Iterable[Planned]:
    names = dict.fromkeys([*net.selectors[:MAX_SELECTORS], NOBODY, *COMMON])
    return [planned for name in names for planned in questions(net, ["TXT"], f"{name}._domainkey")]


@table(targets={"domain"}, timeout_s=120, plan=_plan)
def mail_dkim(target: Target) -> Iterator[Row]:
    """Yield one row per selector that was named or found.

    Source: TXT records below _domainkey; RFC 6376, RFC 8301, RFC 8463.

    Raises:
        Partial: an answer is missing.
    """
    net = target.net
    ask = asker(target, MOST)
    for item in look(net.domain, net.selectors, ask):
        name = f"{item.name}._domainkey.{net.domain}"[:300]
        key = item.key
        if key is None:
            yield Row(
                item.name[:100], name, int(item.is_named), flag(item.is_there), item.number, "", None, None, "", None,
                None, "", "", item.alias, None,
            )  # fmt: skip
            continue
        error = "several records: receivers may take any of them" if item.number > 1 else key.error
        yield Row(
            item.name[:100],
            name,
            int(item.is_named),
            flag(item.is_there),
            item.number,
            key.kind,
            key.bits,
            int(not error),
            error,
            int(key.is_revoked),
            int(key.is_test),
            key.hashes,
            key.services,
            item.alias,
            cut(key.text),
        )
    end(ask)
