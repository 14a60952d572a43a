"""What a consent reaches to. Decided on the resolved address, never on the name."""

from __future__ import annotations

from secaudit.errors import ConsentMissing, UsageError
from secaudit.model import Consent
from secaudit.targets.network.ranges import LOOPBACK, PRIVATE, RefusedAddress, class_of

LEVELS = ("passive", "active", "intrusive")
FIX_LOCAL = ("own", "--i-may-scan                     this address is yours, or you may scan it")
FIX_PUBLIC = ("public", "--authorised-by 'NAME, ROLE' --authorised-until YYYY-MM-DD")
NEEDS_ACTIVE = "--active"


def check_consent(consent: Consent, today: str) -> None:
    """Refuse a consent that cannot count.

    Args:
        consent: what the user said.
        today: the day of the audit, UTC, as 2026-11-29.

    Raises:
        ConsentMissing: it says nothing, or its last day is over.
        UsageError: an authorisation says who or until when, and not both.
    """
    if bool(consent.by) != bool(consent.until):
        raise UsageError("an authorisation needs who gave it and its last day", (FIX_PUBLIC,))
    if consent.until and consent.until < today:
        raise ConsentMissing(f"the authorisation ended on {consent.until}; nothing was sent", (FIX_PUBLIC,))
    if not (consent.local or consent.by or consent.confirmed):
        raise ConsentMissing("nobody said that this target may be looked at; nothing was sent", (FIX_LOCAL, FIX_PUBLIC))


def allows(consent: Consent, level: str, probe: str = "") -> bool:
    """Whether probes of a level were asked for; an intrusive one by the id of its check."""
    if level == "intrusive":
        return probe in consent.intrusive
    return LEVELS.index(level) <= LEVELS.index(consent.level)


def covers(consent: Consent, address: str) -> str:
    """Why nothing may be sent to an address; empty when it may.

    A permission for public addresses says nothing about addresses inside: a name that points there may be a trap.
    """
    try:
        found = class_of(address)
    except RefusedAddress as refused:
        return f"nothing is sent to {refused}"
    if found in (LOOPBACK, PRIVATE):
        return "" if consent.local or consent.confirmed else f"{address} is a {found} address: --i-may-scan is missing"
    if consent.by:
        return ""
    if consent.confirmed and consent.level == "passive" and not consent.intrusive:
        return ""
    return f"{address} is a public address: --authorised-by and --authorised-until are missing"
