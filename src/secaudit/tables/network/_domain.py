"""What tables about a domain share: a bounded number of questions, and what is said when answers are missing."""

from __future__ import annotations

from typing import Iterable

from secaudit.protocols.names.asking import MAX_TEXT, Bounded
from secaudit.protocols.names.hosts import Exchangers, exchangers
from secaudit.tableapi import Net, Partial, Planned, Target

PORT = 53


def questions(net: Net, types: Iterable[str], below: str = "") -> list[Planned]:
    """The plan of questions about the domain, or about a name below it."""
    name = f"{below}.{net.domain}" if below else net.domain
    return [Planned("dns", "", PORT, f"{type} {name}", 1, "passive") for type in types]


def others(what: str, most: int) -> Planned:
    """The plan of questions whose names are known only when the records are read."""
    return Planned("dns", "", PORT, what, most, "passive")


def asker(target: Target, most: int) -> Bounded:
    """A function that asks at most so many questions."""
    return Bounded(target.net.dns, most)


def end(ask: Bounded) -> None:
    """Say which answers are missing.

    Raises:
        Partial: some are.
    """
    if ask.unknown:
        more = f" and {len(ask.unknown) - 3} more" if len(ask.unknown) > 3 else ""
        raise Partial(f"the DNS did not answer: {', '.join(ask.unknown[:3])}{more}")


def cut(text: str) -> str:
    """A text of the other side, for a row."""
    return text[:MAX_TEXT]


def flag(value: bool | None) -> int | None:
    """1, 0, or NULL for what is not known."""
    return None if value is None else int(value)


def mail_exchangers(target: Target) -> tuple[tuple[int, str], ...]:
    """Where mail for the domain goes: (priority, host), lowest first; nothing when it takes no mail.

    Without MX records this is the domain itself, when it has an address (RFC 5321, section 5.1). Use it as
    `target.shared("mail-exchangers", mail_exchangers)`.

    Raises:
        Partial: the DNS did not answer.
    """
    ask = asker(target, 4)
    domain = target.net.domain
    found: Exchangers = exchangers(domain, ask)
    if found.code in ("NOERROR", "NXDOMAIN") and not found.hosts:
        has_address = bool(ask(domain, "A").records or ask(domain, "AAAA").records)
        end(ask)
        return ((0, domain),) if has_address else ()
    end(ask)
    return tuple((item.priority, item.host) for item in found.hosts if item.host and not item.error)
