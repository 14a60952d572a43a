"""tftpd_config: what the TFTP server in.tftpd may do. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting
from secaudit.tables.host._systemd import Units

UNITS = ("tftpd-hpa.service", "tftp.service", "tftpd.service")
DEFAULTS_FILE = "/etc/default/tftpd-hpa"
PLACES = ("/usr/sbin/in.tftpd", "/usr/bin/in.tftpd")
WITH_VALUE = frozenset("aumUrRbBTtP")
LONG = {"--secure": "s", "--create": "c", "--address": "a", "--user": "u", "--listen": "l"}
BUILT_IN = {"secure": "no", "create": "no", "address": ""}


@table(targets={"host", "root"})
def tftpd_config(target: Target) -> Iterator[Setting]:
    """Yield `secure` (it serves one folder and nothing outside of it), `create` (clients may make new files) and
    `address`; `instance` is the unit or the file.

    Source: tftpd(8) of tftp-hpa; /etc/default/tftpd-hpa of Debian, the unit elsewhere.

    Raises:
        Absent: tftp-hpa is not installed.
        Partial: a file could not be read, or its options are computed.
    """
    _settings.require(target, "tftp-hpa", ("in.tftpd",), UNITS, PLACES)
    unread: list[str] = []
    seen = False
    text = _settings.read(target, DEFAULTS_FILE, unread)
    if text is not None:
        seen = True
        yield from _of_debian(text, unread)
    units = Units(target)
    for name in UNITS if text is None else ():
        for one in units.settings(name):
            if one.section == "Service" and one.key == "ExecStart" and "tftpd" in one.value:
                seen = True
                yield from _rows(name, one.value.split()[1:], one.path, one.line, unread)
    unread.extend(units.unread[:3])
    if not seen and not unread:
        unread.append("how it is started")
    _settings.finish(target, unread)


def _of_debian(text: str, unread: list[str]) -> Iterator[Setting]:
    """The file is read by a shell: the last assignment of a name counts."""
    found: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"\s*(TFTP_\w+)=(?:\"([^\"]*)\"|'([^']*)'|([^\s#]*))", line)
        if match is not None:
            found[match.group(1)] = (next(part for part in match.groups()[1:] if part is not None), number)
    options, line_number = found.get("TFTP_OPTIONS", ("", 0))
    words = options.split()
    address = found.get("TFTP_ADDRESS")
    if address is not None:
        words = ["--address", address[0], *words]
    yield from _rows(DEFAULTS_FILE, words, DEFAULTS_FILE, line_number or None, unread)


def _rows(instance: str, words: list[str], path: str, line: int | None, unread: list[str]) -> Iterator[Setting]:
    values = dict(BUILT_IN)
    waiting = ""
    for word in words:
        if "$" in word:
            unread.append(f"{path}:{line} (options that are computed)")
        if waiting:
            values.update({"address": word} if waiting == "a" else {})
            waiting = ""
            continue
        name, _, value = word.partition("=")
        letters = LONG.get(name, "") if name.startswith("--") else word[1:] if word.startswith("-") else ""
        for position, letter in enumerate(letters):
            values.update({"secure": "yes"} if letter == "s" else {"create": "yes"} if letter == "c" else {})
            if letter in WITH_VALUE:
                rest = value if name.startswith("--") else letters[position + 1 :]
                waiting = "" if rest else letter
                values.update({"address": rest} if rest and letter == "a" else {})
                break
    for name, value in values.items():
        yield Setting(instance, name, value, path, line)
