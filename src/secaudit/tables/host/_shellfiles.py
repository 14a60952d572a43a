"""The files that a login shell of root, and of everyone, reads: bash(1), pam_env(8)."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._passwd import read_accounts
from secaudit.tables.host._shellscript import MAX_LENGTH, Assigned, assignments

ENVIRONMENT = "/etc/environment"
PROFILE = "/etc/profile"
PROFILE_FOLDER = "/etc/profile.d"
SHARED = ("/etc/bash.bashrc", "/etc/bashrc", "/etc/bash/bashrc")
LOGIN = (".bash_profile", ".bash_login", ".profile")
"""bash reads the first of them that exists."""
MAX_FILES = 500


class Found(NamedTuple):
    """One assignment and where it stands."""

    assigned: Assigned
    scope: str
    """everyone or root."""
    path: str


def read_shell_files(target: Target, unread: list[str]) -> list[Found]:
    """Every assignment, in the order in which a login shell of root meets them."""
    found: list[Found] = []
    for line, text in enumerate((_read(target, ENVIRONMENT, unread) or "").split("\n"), 1):
        match = re.match(r"\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)$", text)
        if match is not None:  # pam_env knows no commands and no branches
            value = match.group(2).split("#", 1)[0].strip().strip("\"'")
            found.append(Found(Assigned(match.group(1), value, False, False, False, line), "everyone", ENVIRONMENT))
    profile = _read(target, PROFILE, unread)
    paths = [] if profile is None else [PROFILE]
    if profile is not None and "profile.d" in profile:
        try:
            names = [name for name in target.listdir(PROFILE_FOLDER) if name.endswith(".sh")]
            paths.extend(f"{PROFILE_FOLDER}/{name}" for name in names[:MAX_FILES])
            if len(names) > MAX_FILES:
                unread.append(f"{PROFILE_FOLDER} (more than {MAX_FILES} files)")
        except (FileNotFoundError, NotADirectoryError):
            pass
        except OSError:
            unread.append(PROFILE_FOLDER)
    for path in (*paths, *SHARED):
        _add(target, path, "everyone", found, unread)
    home = next((account.directory for account in read_accounts(target) if account.uid == 0), "/root")
    for name in LOGIN:
        if _add(target, f"{home.rstrip('/')}/{name}", "root", found, unread):
            break
    _add(target, f"{home.rstrip('/')}/.bashrc", "root", found, unread)
    return found


def _add(target: Target, path: str, scope: str, found: list[Found], unread: list[str]) -> bool:
    text = _read(target, path, unread)
    if text is not None and len(text) > MAX_LENGTH:
        unread.append(f"{path} (too long)")
    elif text is not None:
        found.extend(Found(assigned, scope, path) for assigned in assignments(text))
    return text is not None


def _read(target: Target, path: str, unread: list[str]) -> str | None:
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        unread.append(path)
        return None
