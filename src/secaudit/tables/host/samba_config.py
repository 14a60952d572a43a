"""samba_config: what the Samba server would use for all shares. The shares are in network_shares. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _smbconf
from secaudit.tables.host._settings import Setting

SYNONYMS = {
    "min protocol": "server min protocol",
    "protocol": "server max protocol",
    "max protocol": "server max protocol",
    "allow hosts": "hosts allow",
    "public": "guest ok",
    "smb encrypt": "server smb encrypt",
    "auth methods": "auth methods",
}
DEFAULTS = {
    "server min protocol": "SMB2_02",
    "client min protocol": "SMB2_02",
    "server signing": "default",
    "server smb encrypt": "default",
    "map to guest": "Never",
    "restrict anonymous": "0",
    "ntlm auth": "ntlmv2-only",
    "lanman auth": "No",
    "null passwords": "No",
    "bind interfaces only": "No",
    "interfaces": "",
    "hosts allow": "",
    "allow insecure wide links": "No",
    "disable netbios": "No",
}
"""Built-in values since Samba 4.11, smb.conf(5)."""

SWITCHES = ("lanman auth", "null passwords", "bind interfaces only", "allow insecure wide links", "disable netbios")


@table(targets={"host", "root"})
def samba_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of [global] in smb.conf; names are in lower case, switches Yes and No.

    Source: smb.conf(5).

    Raises:
        Absent: the server is not installed.
        Partial: a file could not be read, settings lie in the registry, or a file is included by a variable.
    """
    _settings.require(target, "the Samba server", ("smbd", "samba"), ("smbd.service", "smb.service"))
    unread: list[str] = []
    found: dict[str, Setting] = {}
    for entry in _smbconf.read_entries(target, unread):
        if entry.section != _smbconf.GLOBAL or not entry.name:
            continue
        name, value = SYNONYMS.get(entry.name, entry.name), entry.value
        if name in SWITCHES:
            switch = _smbconf.boolean(value)
            if switch is None:
                unread.append(f"{entry.path}:{entry.line} (neither yes nor no)")
                continue
            value = "Yes" if switch else "No"
        found[name] = Setting("", name, value, entry.path, entry.line)
    yield from _settings.effective("", found, DEFAULTS)
    _settings.finish(target, unread)
