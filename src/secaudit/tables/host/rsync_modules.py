"""rsync_modules: folders that an rsync server gives to others. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _settings

MAIN = "/etc/rsyncd.conf"
MAX_MODULES = 5_000
TRUE_WORDS = ("yes", "true", "1")


class RsyncModule(NamedTuple):
    """One module."""

    name: str
    share_path: str
    writable: int
    auth_users: str
    """Who must give a password; '' when nobody must."""
    hosts_allow: str
    """'' for everybody."""
    listed: int
    path: str
    line: int


@table(targets={"host", "root"})
def rsync_modules(target: Target) -> Iterator[RsyncModule]:
    """Yield one row per module of /etc/rsyncd.conf; settings before the first module are their defaults.

    Source: rsyncd.conf(5).

    Raises:
        Absent: there is no /etc/rsyncd.conf.
        Partial: the file could not be read, or includes others.
    """
    unread: list[str] = []
    text = _settings.read(target, MAIN, unread)
    if text is None and not unread:
        raise Absent(f"there is no {MAIN}")
    common: dict[str, str] = {}
    modules: list[tuple[str, int, dict[str, str]]] = []
    current = common
    for first, line in _settings.joined_lines(text or ""):
        if line.startswith("&"):
            unread.append(f"{MAIN}:{first} (an include)")
        elif line.startswith("["):
            name = line[1:].partition("]")[0].strip()
            current = common if name.lower() == "global" else {}
            if current is not common:
                modules.append((name, first, current))
        else:
            key, sign, value = line.partition("=")
            if sign:
                current[re.sub(r"\s+", " ", key.strip().lower())] = value.strip()
    if len(modules) > MAX_MODULES:
        unread.append(f"{MAIN} (modules after the first {MAX_MODULES})")
    for name, line_number, own in modules[:MAX_MODULES]:
        found = {**common, **own}
        yield RsyncModule(
            name,
            found.get("path", ""),
            int(found.get("read only", "yes").lower() not in TRUE_WORDS),
            found.get("auth users", ""),
            found.get("hosts allow", ""),
            int(found.get("list", "yes").lower() in TRUE_WORDS),
            MAIN,
            line_number,
        )
    _settings.finish(target, unread)
