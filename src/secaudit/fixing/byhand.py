"""Whether a script may carry out a fix, or a person has to: because something is to decide, to fill in or to type.

How content says it: a comment line that ends with a colon, followed by commands, speaks to a person ("Put in the name
of your server:"). See docs/checks.md.
"""

from __future__ import annotations

import re

from secaudit.fixing.shellread import commands
from secaudit.fixing.touches import Reading, touched_by
from secaudit.model import Check

_FILL_IN = re.compile(r"\(here |\bin place of\b|\bput in your own\b|\bfor example\b", re.IGNORECASE)
_EDITORS = {"nano", "vi", "vim", "emacs", "ed", "sudoedit", "vipw", "vigr", "editor"}
_TALKING = (
    r"visudo(?! (?:.* )?-\w*c)|crontab -e|crontab$|systemctl edit|apt edit-sources|git config .*--edit|reboot|shutdown|"
    r"poweroff|systemctl (?:reboot|poweroff)|do-release-upgrade|dpkg-reconfigure|ssh-copy-id|grub-mkpasswd-pbkdf2|"
    r"passwd(?! (?:.* )?(?:-l|--lock|-d|-u|--delete|--unlock|-e|--expire)\b)|smbpasswd|mokutil|needrestart|"
    r"rclone config|"
    r"ssh-keygen(?! (?:.* )?(?:-N|-H|-R|-A|-l)\b)"
)
_ASKS = re.compile(rf"(?:{_TALKING})")
_RESTARTS = {"reboot", "shutdown", "poweroff"}


def why_by_hand(check: Check, text: str | None) -> str | None:
    """The reason why a person must carry out this text; None when a script can."""
    if text is None or not text.strip():
        return "there is no command for this kind of system"
    lines = [line.strip() for line in text.strip().splitlines()]
    if all(not line or line.startswith("#") for line in lines):
        return "there is no command for it"
    if _speaks(text):
        return "there is something to decide or to fill in first"
    try:
        found = commands(text)
    except (ValueError, RecursionError):
        return "its commands cannot be read"
    for command in found:
        words = " ".join((command.program, *command.arguments))
        if command.program in _RESTARTS:
            return "it restarts the machine"
        if command.program in _EDITORS or _ASKS.match(words):
            return "it asks for input"
    return _unclear(touched_by(check, text))


def _speaks(text: str) -> bool:
    """Whether a comment asks a person for something before commands follow."""
    asked = False
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("#"):
            if _FILL_IN.search(bare) and not bare.startswith("#  "):
                asked = True
            asked = asked or bare.endswith(":")
        elif bare and asked:
            return True
    return False


def _unclear(reading: Reading) -> str | None:
    if reading.unclear:
        return "which files it changes cannot be told"
    if not reading.touched and not reading.acts:
        return "its commands only show something"
    return None
