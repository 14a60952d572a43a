"""What /etc/crypttab and fstab say about encryption, for a mounted tree whose devices cannot be looked at."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._blockdev import Protection

_BARE = re.compile(r"/dev/(?:sd[a-z]+\d*|nvme\d+n\d+(?:p\d+)?|mmcblk\d+(?:p\d+)?|hd[a-z]\d*)$|PART(?:UUID|LABEL)=")
"""Names that can only be a disk or a partition: nothing decrypts between it and the file system."""
_AT_BOOT = re.compile(r"\brd\.luks|\bcryptdevice=|\bluks\.|\bsd-encrypt\b|\bencrypt\b")
BOOT_FILES = ("/etc/default/grub", "/etc/kernel/cmdline", "/etc/mkinitcpio.conf", "/etc/dracut.conf")
"""Where systems that unlock without crypttab say so."""


class CryptEntry(NamedTuple):
    """One line of crypttab(5)."""

    name: str
    device: str
    options: tuple[str, ...]
    line: int

    @property
    def kind(self) -> str:
        for word in self.options:
            if word in ("plain", "swap", "tcrypt", "bitlk"):
                return "plain" if word == "swap" else word
        return "luks"


def read_crypttab(target: Target) -> list[CryptEntry]:
    """Every entry; none when there is no crypttab. Raise PermissionError."""
    try:
        text = target.read_text("/etc/crypttab")
    except FileNotFoundError:
        return []
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        fields = line.split()
        if len(fields) >= 2 and not fields[0].startswith("#"):
            options = tuple(fields[3].split(",")) if len(fields) > 3 else ()
            found.append(CryptEntry(fields[0], fields[1], options, number))
    return found


class Configured:
    """Says of a device named in fstab whether it would be encrypted."""

    def __init__(self, target: Target) -> None:
        entries = read_crypttab(target)
        self._by_path = {f"/dev/mapper/{entry.name}": entry for entry in entries}
        self._may_hide = any("swap" not in entry.options for entry in entries) or _unlocks_at_boot(target)

    def of_device(self, device: str) -> Protection:
        """A UUID may name what is inside an encrypted container, so where one exists the answer is open."""
        entry = self._by_path.get(device)
        if entry is not None:
            return Protection(1, entry.kind, f"{device} ({entry.kind}) > {entry.device}")
        if _BARE.match(device):
            return Protection(0, "none", device)
        if self._may_hide or not device.startswith(("/dev/", "UUID=", "LABEL=")) or device.startswith("/dev/vd"):
            return Protection(None, "hidden", device)
        return Protection(0, "none", device)


def _unlocks_at_boot(target: Target) -> bool:
    for path in BOOT_FILES:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            return True  # it may say so
        if any(_AT_BOOT.search(line) for line in text.splitlines() if not line.lstrip().startswith("#")):
            return True
    return False
