"""The login methods of a server, asked by the installed `ssh` program, since that needs an encrypted connection.

The program is told to use nothing of the user: no configuration, no keys, no agent, no known hosts. It asks with the
method `none`, which is the question for the methods (RFC 4252 section 5.2), and never sends a password or a key.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from secaudit.protocols.ssh.hello import Offer

USER = "secaudit"
"""The account that is asked for. It will stand in the server's log."""

_CONTINUE = re.compile(r"^(?:debug1: )?Authentications that can continue: ([a-zA-Z0-9,@._-]{1,512})\s*$", re.MULTILINE)
_ACCEPTED = re.compile(
    r"^(?:debug1: )?(?:Authentication succeeded \(none\)|Authenticated to .* using \"none\")", re.MULTILINE
)
_REPORTS = re.compile(
    r"^(?:ssh: connect to host|kex_exchange_identification|Connection (?:closed|reset)|ssh_dispatch|Unable to negotiate"
    r"|.*Connection refused|.*timed out).*$",
    re.MULTILINE,
)


class Methods(NamedTuple):
    """What the server said to the question."""

    names: tuple[str, ...]
    open: bool
    """It let us in without any proof."""


_OLD = {
    "KexAlgorithms": "diffie-hellman-group14-sha1 diffie-hellman-group-exchange-sha1 diffie-hellman-group1-sha1",
    "HostKeyAlgorithms": "ssh-rsa ssh-dss",
    "Ciphers": "aes128-cbc aes256-cbc 3des-cbc",
    "MACs": "hmac-md5 hmac-sha1-96 hmac-md5-96",
}
"""What OpenSSH's client can and does not do by itself (ssh_config(5) of 9.2). One that it cannot do is an error."""


def _old_ways(offer: Offer) -> dict[str, list[str]]:
    """Old algorithms that must be allowed for this one question, where the server has only such."""
    lists = (offer.kex, offer.host_keys, offer.ciphers_in, offer.macs_in)
    found = {}
    for (keyword, old), names in zip(_OLD.items(), lists, strict=True):
        usable = [name for name in names if not name.startswith(("kex-strict-", "ext-info-"))]
        known = [name for name in old.split() if name in usable]
        if known and all(name in old.split() or name.startswith(("arcfour", "blowfish")) for name in usable):
            found[keyword] = known[:1]
    return found


def command(address: str, port: int, timeout_s: int, offer: Offer) -> list[str]:
    """The command line; `offer` is what the server said in its hello.

    Raises:
        ValueError: the address is none.
    """
    options = {
        "PreferredAuthentications": "none",
        "BatchMode": "yes",
        "StrictHostKeyChecking": "no",
        "UserKnownHostsFile": "/dev/null",
        "GlobalKnownHostsFile": "/dev/null",
        "UpdateHostKeys": "no",
        "CheckHostIP": "no",
        "CanonicalizeHostname": "no",
        "IdentitiesOnly": "yes",
        "IdentityFile": "none",
        "CertificateFile": "none",
        "IdentityAgent": "none",
        "AddKeysToAgent": "no",
        "ControlMaster": "no",
        "ControlPath": "none",
        "ProxyCommand": "none",
        "ProxyJump": "none",
        "ForwardAgent": "no",
        "ForwardX11": "no",
        "ClearAllForwardings": "yes",
        "PermitLocalCommand": "no",
        "VerifyHostKeyDNS": "no",
        "ConnectTimeout": str(timeout_s),
        "ConnectionAttempts": "1",
        "LogLevel": "DEBUG1",
        "RequiredRSASize": "1024",
        **{keyword: "+" + ",".join(names) for keyword, names in _old_ways(offer).items()},
    }
    argv = ["ssh", "-F", "none", "-T", "-o", "IgnoreUnknown=RequiredRSASize"]
    for name, value in options.items():
        argv += ["-o", f"{name}={value}"]
    # A subsystem that no server has: where `none` is accepted, the program ends by itself and nothing is run.
    return [*argv, "-p", str(port), "-l", USER, "-s", "--", str(ipaddress.ip_address(address)), "secaudit-none"]


def read_methods(stderr: str) -> Methods | None:
    """What the program printed; None when it got no answer to the question."""
    if _ACCEPTED.search(stderr):
        return Methods((), True)
    match = _CONTINUE.search(stderr)
    if match is None:
        return None
    return Methods(tuple(dict.fromkeys(match[1].split(",")))[:32], False)


def problem(stderr: str) -> str:
    """Why there was no answer, in the words of the program."""
    match = _REPORTS.search(stderr)
    return match[0].strip()[:200] if match else "the server did not answer the question for login methods"
