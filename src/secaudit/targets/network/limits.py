"""How much and how fast is sent to one host: enough for an audit, too little to disturb it."""

from __future__ import annotations

from dataclasses import dataclass

from secaudit.targets.network.ranges import LOOPBACK, PUBLIC


@dataclass(frozen=True, slots=True)
class Pace:
    """Of one vantage."""

    parallel: int
    """Connections to one host at the same time."""
    per_second: float
    """Connections to one host; 0 is without limit."""
    ports_per_second: float
    """Ports tried by a scan; 0 is without limit."""


PACES = {
    LOOPBACK: Pace(parallel=8, per_second=0, ports_per_second=0),
    "private": Pace(parallel=8, per_second=20, ports_per_second=1000),
    PUBLIC: Pace(parallel=4, per_second=5, ports_per_second=100),
}

BUDGETS = {"http": 150, "tls": 150, "ssh": 8, "service": 200, "dns": 300, "port": 10}
"""Connections of a kind: http to one host; tls, ssh, service, and port (a scan by another program) to one port of it;
dns questions in an audit.

ssh: OpenSSH 9.8 and later shuts out who opens more than about 15 without logging in (PerSourcePenalties)."""
PER_HOST = frozenset({"http", "dns"})
"""Kinds whose budget is for a host and not for a port of it."""
SPACING_S = {"ssh": 0.1}
"""Between two connections of a kind to the same port of another machine."""
TOTAL_S = 600.0
"""Of an audit, from the first thing sent."""
TURN_S = 60.0
"""How long to wait for one of the connections at the same time to end."""
SILENT_IN_A_ROW = 5
"""Connections without an answer, after which a host is left alone."""
DNS_TIMEOUT_S = 3.0
DNS_PER_SECOND = 50.0
