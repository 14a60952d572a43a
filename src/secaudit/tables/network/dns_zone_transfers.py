"""dns_zone_transfers: whether name servers give the whole zone to anybody who asks (AXFR)."""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple

from secaudit.protocols.names.transfer import ask
from secaudit.tableapi import Failed, Net, NotCovered, Partial, Planned, Stopped, Target, table
from secaudit.tables.network._domain import PORT, flag
from secaudit.tables.network.dns_nameservers import Servers, plan_servers, servers

TIMEOUT_S = 10.0


class Row(NamedTuple):
    """One address of one name server."""

    host: str
    address: str
    is_open: int | None
    """1: the zone was given. NULL: no answer."""
    outcome: str
    """REFUSED, NOTAUTH and others by the server; refused, timeout, reset; or why it was not asked."""
    records: int
    """Records that came, as far as they were read."""
    names: int


def _plan(net: Net) -> Iterable[Planned]:
    port = net.ports[0] if net.ports else PORT
    asked = [*plan_servers(net), Planned("dns", "", port, f"AXFR {net.domain}", 8, "active")]
    return asked if net.may("active") else []


@table(targets={"domain"}, timeout_s=120, plan=_plan)
def dns_zone_transfers(target: Target) -> Iterator[Row]:
    """Yield one row per address. Only servers whose names lie within the domain are asked: others belong to others.

    Source: AXFR over TCP; RFC 5936.

    Raises:
        NotCovered: --active was not asked for.
        Partial: a server was not asked or gave no answer.
    """
    net = target.net
    net.require("active", "asking name servers for the whole zone")
    found: Servers = target.shared("dns-nameservers", servers)
    missing: list[str] = list(found.unknown)
    for one in found.hosts:
        try:
            addresses = net.addresses(one.name)
        except (NotCovered, Failed) as error:
            missing.append(one.name)
            yield Row(one.name, "", None, error.reason, 0, 0)
            continue
        for address in addresses[:4]:
            row = _try(net, one.name, address)
            if row.is_open is None:
                missing.append(f"{one.name} {address}: {row.outcome}")
            yield row
    if missing or found.more or not found.is_known:
        raise Partial(f"not all name servers could be asked: {', '.join(missing[:3])}")


def _try(net: Net, name: str, address: str) -> Row:
    port = net.ports[0] if net.ports else PORT
    what = f"AXFR {net.domain}"
    try:
        with net.connect(name, port, "dns", what, "active", TIMEOUT_S, address) as wire:
            got = ask(wire, net.domain)
    except ConnectionRefusedError:
        return Row(name, address, 0, "refused", 0, 0)  # it speaks no TCP, and a zone needs TCP
    except TimeoutError:
        return Row(name, address, None, "timeout", 0, 0)
    except OSError:
        return Row(name, address, None, "reset", 0, 0)
    except (Stopped, NotCovered) as stopped:
        return Row(name, address, None, stopped.reason, 0, 0)
    return Row(name, address, flag(got.is_open), got.code, got.records, got.names)
