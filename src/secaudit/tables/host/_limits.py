"""Read limits.conf(5)."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._dropins import conf_files

MAIN = "/etc/security/limits.conf"
FOLDER = "/etc/security/limits.d"


class Limit(NamedTuple):
    """One line."""

    domain: str
    kind: str
    """hard, soft, or - for both."""
    item: str
    value: str
    path: str
    line: int


def read_limits(target: Target, unread: list[str]) -> list[Limit]:
    """Every limit in the order in which pam_limits(8) reads them: the main file, then limits.d by name."""
    found: list[Limit] = []
    for path in (MAIN, *conf_files(target, (FOLDER,), unread)):
        try:
            text = target.read_text(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(path)
            continue
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split("#", 1)[0].split()
            if len(words) == 4 and words[1].lower() in ("hard", "soft", "-"):
                found.append(Limit(words[0], words[1].lower(), words[2].lower(), words[3].lower(), path, number))
    return found
