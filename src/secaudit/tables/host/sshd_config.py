"""sshd_config: what the OpenSSH server really uses. Not in osquery, whose `ssh_configs` is the client's."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._sshd import read_server


class SshdConfig(NamedTuple):
    """One effective value of one keyword."""

    keyword: str
    """Lower case, without aliases: `kbdinteractiveauthentication` also where ChallengeResponseAuthentication is set."""
    value: str | None
    """As `sshd -T` prints it: times in seconds, lists complete. One row each for keywords that may have several values;
    '' for a list such as allowusers with nothing in it. `prohibit-password` also where old versions print its alias.
    NULL when a file that may set it could not be read, when sshd refuses it, or when it is the default of a version or
    build that is not known."""
    match: str
    """'' for the global section, else the criteria of the Match block, such as `user backup`. These rows are exceptions
    that win over the global value for connections that match."""
    path: str | None
    """The file that decided; NULL for a built-in default."""
    line: int | None
    is_default: int
    """1 when nothing sets the keyword."""


@table(targets={"host", "root"})
def sshd_config(target: Target) -> Iterator[SshdConfig]:
    """Yield the effective settings of the OpenSSH server, and those that Match blocks set.

    Includes, drop-ins, first value wins, options that the service passes, defaults of the installed version. A value in
    a Match block that an earlier block with the same criteria hides is left out.

    Source: sshd_config(5), sshd(8).

    Raises:
        Absent: no OpenSSH server is installed.
        Denied: the configuration cannot be read.
        Partial: an included file cannot be read, or sshd would refuse the configuration.
    """
    server = read_server(target)
    for item in server.settings:
        yield SshdConfig(item.keyword, item.value, item.match, item.path, item.line, int(item.is_default))
    if server.problem is not None:
        raise server.problem
