"""openvpn_config: what each OpenVPN tunnel that is set up here says. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

PATTERNS = ("/etc/openvpn/*.conf", "/etc/openvpn/server/*.conf", "/etc/openvpn/client/*.conf")
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'|(\S+)")
_BLOCK = re.compile(r"<(/?)([\w\-]+)>")


@table(targets={"host", "root"})
def openvpn_config(target: Target) -> Iterator[Setting]:
    """Yield one row per option; `instance` is the file. An option that is repeated has several rows.

    `role` is server or client. Keys inside the file give one row `inline` with the kind of key.

    Source: openvpn(8).

    Raises:
        Absent: no tunnel is set up here.
        Partial: a file could not be read, or includes another.
    """
    unread: list[str] = []
    seen = 0
    for pattern in PATTERNS:
        for path in _settings.expand(target, pattern, unread):
            text = _settings.read(target, path, unread)
            if text is None:
                continue
            seen += 1
            yield from _options(path, text, unread)
    if not seen and not unread:
        raise Absent("no OpenVPN tunnel is set up")
    _settings.finish(target, unread)


def _options(path: str, text: str, unread: list[str]) -> Iterator[Setting]:
    inside = ""
    server = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        block = _BLOCK.match(line)
        if inside:
            inside = "" if block and block.group(1) and block.group(2) == inside else inside
            continue
        if not line or line[0] in "#;":
            continue
        if block:
            inside = block.group(2)
            if inside == "connection":
                inside = ""
            elif not block.group(1):
                yield Setting(path, "inline", inside, path, number)
            continue
        words = [double or single or bare for double, single, bare in _WORD.findall(line)]
        words = words[: next((at for at, word in enumerate(words) if word[:1] in "#;" and word), len(words))]
        name = words[0].lstrip("-").lower() if words else ""
        if name == "config":
            unread.append(f"{path}:{number} (an include)")
        server = server or name in ("server", "server-bridge", "mode", "tls-server")
        if name:
            yield Setting(path, name, " ".join(words[1:]), path, number)
    yield Setting(path, "role", "server" if server else "client", None, None)
