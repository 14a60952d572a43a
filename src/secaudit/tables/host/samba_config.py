"""samba_config: what the Samba server would use for all shares. The shares are in network_shares. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

MAIN = "/etc/samba/smb.conf"
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
TRUE_WORDS = ("yes", "true", "1", "on")
MAX_DEPTH = 10


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
    _read(target, MAIN, found, unread, True, 0)
    yield from _settings.effective("", found, DEFAULTS)
    _settings.finish(target, unread)


def _read(target: Target, path: str, found: dict[str, Setting], unread: list[str], in_global: bool, depth: int) -> bool:
    """Give whether [global] is still open at the end."""
    text = _settings.read(target, path, unread)
    if depth > MAX_DEPTH:
        unread.append(f"{path} (too many includes)")
        return in_global
    for first, line in _settings.joined_lines(text or ""):
        if line.startswith("["):
            in_global = line[1:].partition("]")[0].strip().lower() in ("global", "globals")
            continue
        key, sign, value = line.partition("=")
        if not sign or not in_global:
            continue
        name, value = re.sub(r"\s+", " ", key.strip().lower()), value.strip()
        if name == "include":
            if "%" in value or value == "registry":
                unread.append(f"{path}:{first} (an include that depends on the client)")
            else:
                in_global = _read(target, value, found, unread, in_global, depth + 1)
        elif name == "config backend" and value.lower() != "file":
            unread.append(f"{path}:{first} (settings in the registry)")
        else:
            name = SYNONYMS.get(name, name)
            if name in SWITCHES:
                value = "Yes" if value.lower() in TRUE_WORDS else "No"
            found[name] = Setting("", name, value, path, first)
    return in_global
