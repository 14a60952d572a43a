"""sshd_algorithms: the ciphers and other algorithms that the OpenSSH server offers, one row each. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._sshd import algorithm_rows, read_server


class SshdAlgorithm(NamedTuple):
    """One algorithm of one list."""

    kind: str
    """cipher, mac, kex, hostkey, pubkey, hostbased or ca_signature."""
    position: int
    """Place in the list from 1; the server prefers earlier ones."""
    name: str | None
    """NULL once for a list that is, or builds on, a default which is not known."""
    match: str
    """'' for the global section, else the criteria of the Match block."""
    path: str | None
    """The file that set the list; NULL for the built-in list."""
    line: int | None
    is_default: int


@table(targets={"host", "root"})
def sshd_algorithms(target: Target) -> Iterator[SshdAlgorithm]:
    """Yield each algorithm of the effective lists, with `+`, `-`, `^` and wildcards resolved.

    Source: sshd_config(5).

    Raises:
        Absent: no OpenSSH server is installed.
        Denied: the configuration cannot be read.
        Partial: an included file cannot be read, or sshd would refuse the configuration.
    """
    server = read_server(target)
    for kind, position, name, item in algorithm_rows(server):
        yield SshdAlgorithm(kind, position, name, item.match, item.path, item.line, int(item.is_default))
    if server.problem is not None:
        raise server.problem
