"""AppArmor's loaded profiles, as the kernel lists them."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import Target

LIST = "/sys/kernel/security/apparmor/profiles"
TREE = "/sys/kernel/security/apparmor/policy/profiles"
ENABLED = "/sys/module/apparmor/parameters/enabled"


class Profile(NamedTuple):
    """One loaded profile."""

    name: str
    mode: str
    """enforce, complain, kill, prompt or unconfined."""


def is_enabled(target: Target) -> bool | None:
    """Whether the running kernel has AppArmor on; None when it has no AppArmor at all.

    Raises:
        PermissionError: the kernel does not let this user know.
    """
    try:
        return target.read_text(ENABLED).strip() == "Y"
    except FileNotFoundError:
        return None


def loaded_profiles(target: Target) -> list[Profile]:
    """Every loaded profile; none when nothing was loaded.

    Raises:
        PermissionError: only root may see the list, and the tree of profiles is closed too.
        FileNotFoundError: securityfs is not mounted.
    """
    try:
        text = target.read_text(LIST)
    except PermissionError:
        return _from_tree(target)
    profiles: list[Profile] = []
    for line in text.splitlines():
        name, bracket, mode = line.rpartition(" (")
        if bracket:
            profiles.append(Profile(name, mode.rstrip(")")))
    return profiles


def _from_tree(target: Target) -> list[Profile]:
    """One folder a profile, with files `name` and `mode`; open to more users than the list."""
    profiles: list[Profile] = []
    for entry in target.listdir(TREE):
        folder = f"{TREE}/{entry}"
        profiles.append(Profile(target.read_text(f"{folder}/name").strip(), target.read_text(f"{folder}/mode").strip()))
    return profiles
