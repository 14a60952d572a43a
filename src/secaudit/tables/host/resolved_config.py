"""resolved_config: what systemd-resolved would use to look up names. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _dropins, _settings
from secaudit.tables.host._settings import Setting
from secaudit.tables.host._systemd import Units

NAMES = ("DNSSEC", "DNSOverTLS", "LLMNR", "MulticastDNS", "DNSStubListener", "DNSStubListenerExtra", "Cache")
SHIPPED = ("/etc/systemd/resolved.conf", "/usr/lib/systemd/resolved.conf", "/lib/systemd/resolved.conf")
PROGRAMS = ("/usr/lib/systemd/systemd-resolved", "/lib/systemd/systemd-resolved")


@table(targets={"host", "root"})
def resolved_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of resolved.conf and its drop-ins; yes and no for all words that mean so.

    What is not set has the value that the file of the distribution shows in a comment, for it was built so; NULL
    where it shows none. Settings of single links (systemd-networkd, NetworkManager) are not read. The row
    `at_boot` is there when the service starts.

    Source: resolved.conf(5).

    Raises:
        Absent: systemd-resolved is not installed.
        Partial: a file could not be read.
    """
    if not any(target.exists(path) for path in PROGRAMS):
        raise Absent("systemd-resolved is not installed")
    config = _dropins.read_config(target, "systemd/resolved.conf")
    built: dict[str, str] = {}
    unread: list[str] = list(config.unread)
    for place in reversed(SHIPPED):
        for name, default in re.findall(r"^#(\w+)=(.*)$", _settings.read(target, place, unread) or "", re.MULTILINE):
            built[name] = default.strip()
    for name in NAMES:
        found = config.last("Resolve", name)
        value = built.get(name) if found is None else found.value
        source = (None, None) if found is None else (found.path, found.line)
        yield Setting("", name, value if value is None else _plain(value), *source)
    units = Units(target)
    if units.at_boot("systemd-resolved.service"):
        yield Setting("", "at_boot", "1", None, None)
    _settings.finish(target, [*unread, *units.unread])


def _plain(value: str) -> str:
    truth = _dropins.parse_bool(value)
    return value.lower() if truth is None else "yes" if truth else "no"
