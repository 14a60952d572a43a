"""exim_config: what Debian's set-up of the Exim mail server was told. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, Unsupported, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

ANSWERS = "/etc/exim4/update-exim4.conf.conf"
OWN = ("/etc/exim4/exim4.conf", "/etc/exim/exim.conf", "/etc/exim.conf")
_LINE = re.compile(r"\s*(dc_\w+|CFILEMODE)=(?:'([^']*)'|\"([^\"]*)\"|(\S*))")
DEFAULTS = {"dc_eximconfig_configtype": "", "dc_local_interfaces": "", "dc_relay_nets": "", "dc_relay_domains": ""}


@table(targets={"host", "root"})
def exim_config(target: Target) -> Iterator[Setting]:
    """Yield the answers of update-exim4.conf.conf. An empty dc_local_interfaces means all addresses;
    `listens_network` is 1 when other machines reach it.

    Source: update-exim4.conf(8).

    Raises:
        Absent: Exim is not installed.
        Unsupported: its configuration is written by hand, in a language of its own.
        Partial: a file could not be read.
    """
    _settings.require(target, "Exim", ("exim4", "exim"), ("exim4.service", "exim.service"))
    unread: list[str] = []
    for path in OWN:
        if _settings.read(target, path, unread) is not None:
            raise Unsupported(f"{path} is written by hand and not followed")
    text = _settings.read(target, ANSWERS, unread)
    found: dict[str, Setting] = {}
    for number, raw in enumerate((text or "").splitlines(), 1):
        match = _LINE.match(raw)
        if match is not None:
            value = next((part for part in match.groups()[1:] if part is not None), "")
            found[match.group(1)] = Setting("", match.group(1), value, ANSWERS, number)
    if text is None and not unread:
        unread.append(f"{ANSWERS} (not there)")
    if text is not None:
        rows = {row.name: row for row in _settings.effective("", found, DEFAULTS)}
        yield from rows.values()
        listen = rows["dc_local_interfaces"]
        words = [word for word in re.split(r"[\s;]+", (listen.value or "").replace("::::1", "::1")) if word]
        words = [part for word in words for part in (re.split(r":(?=\d+\.)", word) if "." in word else [word])]
        yield listen._replace(name="listens_network", value=_settings.beyond(words or ["*"]))
    _settings.finish(target, unread)
