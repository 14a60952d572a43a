"""mail_open_relay: whether mail servers of the domain pass on mail of strangers to strangers. No mail is sent."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.mail.relay import Relay, ask
from secaudit.protocols.names.hosts import MAX_HOSTS, class_of
from secaudit.tableapi import Failed, Net, NotCovered, Partial, Planned, Stopped, Target, table
from secaudit.tables.network._domain import cut, flag, mail_exchangers, questions

PORT = 25
PROBE = "mail-no-open-relay"
WHAT = "RCPT TO of a stranger, without DATA"
TIMEOUT_S = 30.0
OWN_NAME = "secaudit.invalid"


class Row(NamedTuple):
    """One mail server."""

    host: str
    address: str
    view: str
    """loopback, private or public: to machines of its own network a server may be open on purpose."""
    is_open: int | None
    """1: it took the recipient. NULL: it did not say, or it was not asked."""
    outcome: str
    """The step that was answered last, with its code; or why there is no answer."""
    text: str


def _plan(net: Net) -> Iterable[Planned]:
    if not net.may("intrusive", PROBE):
        return []
    own = questions(net, ["MX", "A", "AAAA"])
    return [*own, Planned("service", f"mail servers of {net.domain}", PORT, WHAT, MAX_HOSTS, "intrusive")]


@table(targets={"domain"}, timeout_s=180, plan=_plan)
def mail_open_relay(target: Target) -> Iterator[Row]:
    """Yield one row per mail server whose name lies within the domain: others belong to others.

    Raises:
        NotCovered: the probe was not asked for by name.
        Partial: a server was not asked or did not say.
    """
    net = target.net
    net.require("intrusive", "asking mail servers whether they pass on mail of strangers", PROBE)
    missing = []
    for _, host in target.shared("mail-exchangers", mail_exchangers):
        row = _try(net, host)
        if row.is_open is None:
            missing.append(host)
        yield row
    if missing:
        raise Partial(f"these mail servers did not say: {', '.join(missing[:3])}")


def _try(net: Net, host: str) -> Row:
    try:
        address = net.addresses(host)[0]
    except (NotCovered, Failed) as error:
        return Row(host, "", "", None, error.reason, "")
    view = class_of(address)
    try:
        with net.connect(host, PORT, "service", WHAT, "intrusive", TIMEOUT_S, address) as wire:
            found: Relay = ask(wire, OWN_NAME)
    except (Stopped, NotCovered) as stopped:
        return Row(host, address, view, None, stopped.reason, "")
    except ValueError as error:
        return Row(host, address, view, None, str(error), "")
    except OSError as error:
        outcome = {TimeoutError: "timeout", ConnectionRefusedError: "refused"}.get(type(error), "reset")
        return Row(host, address, view, None, outcome, "")
    return Row(host, address, view, flag(found.is_accepted), f"{found.step} {found.code}", cut(found.text))
