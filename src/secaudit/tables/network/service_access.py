"""service_access: which services serve people whom they do not know. One harmless request each, never a login."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.network._asked import asked, planned
from secaudit.tables.network._open_ports import WAIT_S


class Row(NamedTuple):
    """One service that was recognised by its own protocol."""

    host: str
    address: str
    port: int
    service: str
    """redis, memcached, mongodb, elasticsearch, docker ..."""
    product: str
    version: str
    tls: int
    """1 when it was asked inside TLS."""
    anonymous: int | None
    """1: it served us without a login. 0: it asked who we are. NULL: it could not be told."""
    evidence: str
    """What it said, in short; never data of the service."""


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def service_access(target: Target) -> Iterator[Row]:
    """Yield one row per service that can be asked this question.

    Raises:
        NotCovered: nobody asked for active questions.
        Absent: none of these services answered.
        Partial: a port or a service could not be asked.
    """
    scan, answers, problems = asked(target)
    count = 0
    for port, answer in answers:
        if answer.anonymous is None and not answer.problem:
            continue  # a service of which other things are asked
        count += 1
        yield Row(
            host=port.host,
            address=port.address,
            port=port.port,
            service=answer.service,
            product=answer.product or port.product,
            version=answer.version or port.version,
            tls=int(port.tls == 1),
            anonymous=answer.anonymous,
            evidence=answer.evidence,
        )
    if problems:
        raise Partial("; ".join(problems[:5]))
    scan.check_complete()
    if not count:
        raise Absent("no service that can be asked this question answered")
