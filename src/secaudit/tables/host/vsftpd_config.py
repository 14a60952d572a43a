"""vsftpd_config: what the FTP server vsftpd would use. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

FILES = ("/etc/vsftpd.conf", "/etc/vsftpd/vsftpd.conf")
SWITCHES = {
    "anonymous_enable": "YES",
    "local_enable": "NO",
    "write_enable": "NO",
    "anon_upload_enable": "NO",
    "chroot_local_user": "NO",
    "ssl_enable": "NO",
    "force_local_logins_ssl": "YES",
    "force_local_data_ssl": "YES",
    "ssl_sslv2": "NO",
    "ssl_sslv3": "NO",
    "ssl_tlsv1": "YES",
    "xferlog_enable": "NO",
}
"""Built-in values, vsftpd.conf(5). Anonymous log-in is on when the file does not say otherwise."""


@table(targets={"host", "root"})
def vsftpd_config(target: Target) -> Iterator[Setting]:
    """Yield the settings; `instance` is the file, switches are YES and NO. The last line of a name decides.

    Source: vsftpd.conf(5). A line is `name=value` without spaces.

    Raises:
        Absent: vsftpd is not installed.
        Partial: a file could not be read.
    """
    _settings.require(target, "vsftpd", ("vsftpd",), ("vsftpd.service",))
    unread: list[str] = []
    seen = False
    for path in FILES:
        text = _settings.read(target, path, unread)
        if text is None:
            continue
        seen = True
        found: dict[str, Setting] = {}
        for number, raw in enumerate(text.splitlines(), 1):
            line = raw.strip()
            name, sign, value = line.partition("=")
            if not sign or line.startswith("#"):
                continue
            if name in SWITCHES:
                value = "YES" if value.strip().upper() in ("YES", "TRUE", "1") else "NO"
            found[name] = Setting(path, name, value, path, number)
        yield from _settings.effective(path, found, SWITCHES)
    if not seen and not unread:
        yield from _settings.effective("", {}, SWITCHES)
    _settings.finish(target, unread)
