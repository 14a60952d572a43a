"""network_services: other things that services show before a login: SMB version 1, signing, VNC logins, FTP TLS."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.network._asked import asked, planned
from secaudit.tables.network._open_ports import WAIT_S


class Row(NamedTuple):
    """One fact about one service."""

    host: str
    address: str
    port: int
    service: str
    name: str
    """smb: smb1, dialect, signing_required. vnc: protocol, logins. ftp: tls, auth_tls. rdp: old_security, wants.
    rsync: modules, open_modules. portmapper: programs. Yes and no are 1 and 0."""
    value: str


@table(targets={"network"}, timeout_s=WAIT_S, plan=planned)
def network_services(target: Target) -> Iterator[Row]:
    """Yield one row per fact.

    Raises:
        NotCovered: nobody asked for active questions.
        Absent: none of these services answered.
        Partial: a port or a service could not be asked.
    """
    scan, answers, problems = asked(target)
    count = 0
    for port, answer in answers:
        for name, value in answer.facts.items():
            count += 1
            yield Row(port.host, port.address, port.port, answer.service, name, value[:300])
    if problems:
        raise Partial("; ".join(problems[:5]))
    scan.check_complete()
    if not count:
        raise Absent("no service that shows such things answered")
