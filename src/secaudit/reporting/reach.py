"""Words about an audit over the network: who allowed it, from where it was seen, and what was sent."""

from __future__ import annotations

from secaudit.model import Consent, Run
from secaudit.reporting.words import count_of, day

_VANTAGE = {
    "loopback": "from the machine itself, which may see more than others do",
    "private": "from inside the same private network",
    "public": "over the public internet",
}
_LEVEL = {
    "passive": "Only what every visitor sees was asked for.",
    "active": "Known paths, odd requests and all ciphers were tried as well (--active).",
}


def permission(consent: Consent) -> str:
    """Who allowed it, as a sentence."""
    said = []
    if consent.by:
        where = f", as written in {consent.reference}" if consent.reference else ""
        said.append(f"{consent.by} allowed it until {day(consent.until)}{where}")
    if consent.local:
        said.append("the user said that this address is theirs, or that they may scan it (--i-may-scan)")
    if consent.confirmed:
        said.append(f'the user typed "{consent.confirmed}" to confirm that they may')
    text = "; ".join(said) or "nobody said that it is allowed"
    return f"{text[0].upper()}{text[1:]}."


def view_of(consent: Consent) -> str:
    """From where it was seen, and how far the questions went."""
    more = ""
    if consent.intrusive:
        more = f" Asked for by name: {', '.join(consent.intrusive)}."
    return f"Seen {_VANTAGE.get(consent.vantage, 'from an unknown place')}. {_LEVEL[consent.level]}{more}"


def sent(run: Run) -> str:
    """How much was sent, as a sentence."""
    if not run.traffic:
        return "Nothing was sent."
    total = sum(one.count for one in run.traffic)
    places = {(one.host, one.address) for one in run.traffic if one.host}
    where = f" to {count_of(len(places), 'address', 'addresses')}" if places else " to the DNS server"
    kinds = ", ".join(
        f"{sum(one.count for one in run.traffic if one.kind == kind)} {kind}"
        for kind in sorted({one.kind for one in run.traffic})
    )
    return f"{count_of(total, 'connection or question', 'connections and questions')} sent{where}: {kinds}."
