"""xrdp_config: what the remote desktop server xrdp would use. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

FILES = {"xrdp": "/etc/xrdp/xrdp.ini", "sesman": "/etc/xrdp/sesman.ini"}
DEFAULTS = {
    "xrdp": {
        "globals.security_layer": "negotiate",
        "globals.crypt_level": "high",
        "globals.ssl_protocols": "TLSv1.2, TLSv1.3",
        "globals.port": "3389",
    },
    "sesman": {
        "security.allowrootlogin": "no",
        "security.maxloginretry": "0",
        "security.alwaysgroupcheck": "no",
        "security.terminalserverusers": "",
    },
}
"""Built-in values, xrdp.ini(5) and sesman.ini(5) of xrdp 0.9; libxrdp.c and config.c."""
SWITCHES = ("security.allowrootlogin", "security.alwaysgroupcheck")
TRUE_WORDS = ("1", "true", "yes", "on")


@table(targets={"host", "root"})
def xrdp_config(target: Target) -> Iterator[Setting]:
    """Yield the settings: `instance` is xrdp or sesman, the name is `section.key` in lower case, switches yes or no.

    Source: xrdp.ini(5), sesman.ini(5). A line begins a comment with # or ; and the last line of a name decides.

    Raises:
        Absent: xrdp is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "xrdp", ("xrdp",), ("xrdp.service",))
    unread: list[str] = []
    for instance, path in FILES.items():
        before = len(unread)
        text = _settings.read(target, path, unread)
        if len(unread) > before:
            continue
        section = ""
        found: dict[str, Setting] = {}
        for number, raw in enumerate((text or "").splitlines(), 1):
            line = raw.strip()
            if line.startswith("[") and line.endswith("]"):
                section = line[1:-1].strip().lower()
                continue
            key, sign, value = line.partition("=")
            if not sign or line[0] in "#;":
                continue
            name, value = f"{section}.{key.strip().lower()}", value.strip()
            if name in SWITCHES:
                value = "yes" if value.lower() in TRUE_WORDS else "no"
            elif "password" in name:
                value = "set"
            found[name] = Setting(instance, name, value, path, number)
        yield from _settings.effective(instance, found, DEFAULTS[instance])
    _settings.finish(target, unread)
