"""network_hosts: the hosts that were looked at, and whether the user's asset list knows them."""

from __future__ import annotations

import ipaddress
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._open_ports import WAIT_S, open_ports, planned


class Row(NamedTuple):
    """One host."""

    host: str
    """As the user named it."""
    address: str
    vantage: str
    """How we saw it: loopback (this machine itself, which may see what others do not), private or public."""
    up: int | None
    """1: it answered. NULL: nothing came back, so it is off, or all is filtered."""
    listed: int | None
    """1 when the asset list has its name or address, 0 when not; NULL when there is no list."""
    ports_tried: int
    ports_open: int
    ports_closed: int
    """It refused these: nobody listens there."""
    ports_filtered: int
    """No answer."""


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def network_hosts(target: Target) -> Iterator[Row]:
    """Yield one row per named host.

    Raises:
        Partial: a host could not be looked at.
    """
    scan = open_ports(target)
    assets = target.net.assets
    listed = None if assets is None else {_plain(asset) for asset in assets}
    for one in scan.hosts:
        counts = {state: list(one.states.values()).count(state) for state in ("open", "closed", "filtered")}
        yield Row(
            host=one.host,
            address=one.address,
            vantage="loopback" if one.address.startswith("127.") or one.address == "::1" else target.net.vantage,
            up=1 if counts["open"] or counts["closed"] else None,
            listed=None if listed is None else int(bool({_plain(one.host), _plain(one.address)} & listed)),
            ports_tried=len(one.states),
            ports_open=counts["open"],
            ports_closed=counts["closed"],
            ports_filtered=counts["filtered"],
        )
    scan.check_complete()


def _plain(name: str) -> str:
    """A name or address in one form."""
    try:
        return str(ipaddress.ip_address(name.strip()))
    except ValueError:
        return name.strip().lower().rstrip(".")
