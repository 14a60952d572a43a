"""postfix_config: what the Postfix mail server would use, for all services and each that differs. Not in osquery."""

from __future__ import annotations

import ipaddress
import re
from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _postfixconf, _settings
from secaudit.tables.host._settings import Setting

REFUSALS = ("reject", "defer", "reject_unauth_destination", "defer_unauth_destination", "check_relay_domains")
"""Words without which Postfix itself does not start, https://www.postfix.org/postconf.5.html#smtpd_relay_restrictions"""

MAX_PUBLIC = 256
"""Public addresses in one network; the network of a small office has no more."""

ALWAYS = ("server_tls", "smtpd_tls_auth_only", "smtpd_sasl_auth_enable", "relay_closed")
"""Shown for each service that has settings of its own, because they are judged together."""


@table(targets={"host", "root"})
def postfix_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of main.cf, variables worked out; `instance` is '' for all, else the service of master.cf.

    Five names are worked out: `relay_closed` is 1 when the restrictions refuse mail of strangers to strangers;
    `listens_network` is 1 when other machines reach it; `server_tls` and `client_tls` are the TLS level (none, may,
    encrypt ...), also from the old words; `wide_networks` are the parts of mynetworks that are larger than a /8 (IPv4)
    or /32, or public and larger than a /24.

    Source: postconf(5), master(5).

    Raises:
        Absent: Postfix is not installed or not set up.
        Partial: a file could not be read.
    """
    _settings.require(target, "Postfix", ("postconf", "postfix"), ("postfix.service",))
    unread: list[str] = []
    main = _postfixconf.read_main(target, unread)
    if not main.settings and not unread:
        raise Absent("Postfix is not set up: there is no main.cf")
    yield from _rows("", main)
    for name, number, options in _postfixconf.read_services(target, unread):
        merged = dict(main.settings)
        for key, value in options.items():
            merged[key] = Setting(name, key, value, "/etc/postfix/master.cf", number)
        for row in _rows(name, _postfixconf.Main(merged)) if options else ():
            if row.path == "/etc/postfix/master.cf" or row.name in ALWAYS:
                yield row
    _settings.finish(target, unread)


def _rows(instance: str, main: _postfixconf.Main) -> Iterator[Setting]:
    for name in dict.fromkeys((*main.settings, *_postfixconf.DEFAULTS)):
        found = main.settings.get(name)
        value = "set" if "password" in name and found is None else main.value(name)
        path, line = (None, None) if found is None else (found.path, found.line)
        yield Setting(instance, name, value, path, line)
    for name, side in (("server_tls", "smtpd"), ("client_tls", "smtp")):
        value, source = _level(main, side)
        found = main.settings.get(source)
        yield Setting(instance, name, value, found.path if found else None, found.line if found else None)
    listen = main.settings.get("inet_interfaces")
    yield Setting(
        instance, "listens_network", _settings.beyond(re.split(r"[\s,]+", main.value("inet_interfaces"))),
        listen.path if listen else None, listen.line if listen else None,
    )  # fmt: skip
    yield _relay(instance, main)
    networks = main.settings.get("mynetworks")
    wide = "" if networks is None else " ".join(_wide(main.value("mynetworks")))
    yield Setting(
        instance, "wide_networks", wide, networks.path if networks else None, networks.line if networks else None
    )


def _relay(instance: str, main: _postfixconf.Main) -> Setting:
    """Both lists must let a mail through. Where neither says anything, Postfix does not take mail at all."""
    lists = ("smtpd_relay_restrictions", "smtpd_recipient_restrictions")
    words = [re.split(r"[\s,]+", main.value(name).strip()) for name in lists]
    closed = any(_refuses(one) for one in words) or all(one == [""] for one in words)
    decider = next((main.settings[name] for name in lists if name in main.settings), None)
    path, line = (None, None) if decider is None else (decider.path, decider.line)
    return Setting(instance, "relay_closed", str(int(closed)), path, line)


def _refuses(words: list[str]) -> bool:
    """The first word that is about everybody decides."""
    for word in words:
        if word in REFUSALS:
            return True
        if word == "permit":
            return False
    return False


def _level(main: _postfixconf.Main, side: str) -> tuple[str, str]:
    name = f"{side}_tls_security_level"
    level = main.value(name).lower()
    if level:
        return level, name
    if main.value(f"{side}_enforce_tls").lower() == "yes":
        return "encrypt", f"{side}_enforce_tls"
    return ("may" if main.value(f"{side}_use_tls").lower() == "yes" else "none"), f"{side}_use_tls"


def _wide(text: str) -> Iterator[str]:
    """Networks whose every machine may send mail to the whole world, though they are not ours alone."""
    for word in re.split(r"[\s,]+", text):
        bare = word.lstrip("!")
        if not bare or word.startswith("!"):
            continue
        try:
            network = ipaddress.ip_network(re.sub(r"[\[\]]", "", bare), strict=False)
        except ValueError:
            continue  # a name, a table or a file
        ours = network.is_private or network.is_loopback or network.is_link_local
        if (
            network.prefixlen == 0
            or network.prefixlen < (8 if network.version == 4 else 32)
            or (not ours and network.num_addresses > MAX_PUBLIC)
        ):
            yield word
