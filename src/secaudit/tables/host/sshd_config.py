"""sshd_config: what the OpenSSH server really uses. Not in osquery, whose `ssh_configs` is the client's."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._passwd import read_accounts
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
    for_root: int
    """0 for a Match block that a log-in of root never meets, because of the accounts that it names."""
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
    names = _root_names(target)
    for item in server.settings:
        for_root = int(may_be_root(item.match, names))
        yield SshdConfig(item.keyword, item.value, item.match, for_root, item.path, item.line, int(item.is_default))
    if server.problem is not None:
        raise server.problem


def _root_names(target: Target) -> frozenset[str]:
    """PermitRootLogin holds for every account with the number 0; empty when they cannot be known."""
    try:
        return frozenset({"root", *(one.username for one in read_accounts(target) if one.uid == 0)})
    except OSError:
        return frozenset()


def may_be_root(match: str, names: frozenset[str]) -> bool:
    """Whether the criteria `user` of a Match block let one of these in; ssh_config(5), PATTERNS."""
    for criterion in match.split(" and "):
        kind, _, patterns = criterion.partition(" ")
        if kind == "user" and names and not any(_fits(name, patterns.split(",")) for name in names):
            return False
    return True


def _fits(name: str, patterns: list[str]) -> bool:
    fits = [word for word in patterns if _fits_one(name, word.lstrip("!"))]
    return bool(fits) and not any(word.startswith("!") for word in fits)


def _fits_one(name: str, pattern: str) -> bool:
    signs = {"*": ".*", "?": "."}
    short = re.sub(r"\*+", "*", pattern)
    if short.count("*") > 8:  # slow to try, and nobody writes that
        return True
    return re.fullmatch("".join(signs.get(sign, re.escape(sign)) for sign in short), name) is not None
