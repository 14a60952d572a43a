"""ssh_version: which OpenSSH programs are installed. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._openssh import version_of


class SshVersion(NamedTuple):
    """One installed program."""

    program: str
    """server or client."""
    path: str
    version: str | None
    """Such as 9.2; NULL when the program does not tell."""
    full_version: str | None
    """With the suffix of the distribution, such as `9.2p1 Debian-2+deb12u10`."""


_PROGRAMS = (("server", "sshd", "openssh-server"), ("client", "ssh", "openssh-client"))


@table(targets={"host", "root"})
def ssh_version(target: Target) -> Iterator[SshVersion]:
    """Yield the OpenSSH server and client with the version that they carry inside; nothing is run.

    Raises:
        Absent: neither is installed.
    """
    found = 0
    for program, name, package in _PROGRAMS:
        path = target.find_program(name)
        if path is None:
            continue
        found += 1
        version = version_of(target, path, package)
        if version is None:
            yield SshVersion(program, path, None, None)
        else:
            yield SshVersion(program, path, f"{version.major}.{version.minor}", version.text)
    if not found:
        raise Absent("OpenSSH is not installed")
