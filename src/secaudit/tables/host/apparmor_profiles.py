"""apparmor_profiles: the profiles that the kernel has loaded. As osquery's table of this name."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target, Unsupported, table
from secaudit.tables.host._apparmor import is_enabled, loaded_profiles


class ApparmorProfile(NamedTuple):
    """One loaded profile."""

    name: str
    mode: str
    """enforce, complain, kill, prompt or unconfined."""


@table(targets={"host"})
def apparmor_profiles(target: Target) -> Iterator[ApparmorProfile]:
    """Yield one row per loaded profile; none when AppArmor is on and nothing was loaded.

    Source: apparmor(7), securityfs of Linux.

    Raises:
        Absent: AppArmor is not on.
        Denied: only root sees the profiles.
        Unsupported: securityfs is not mounted, or this is a mounted file system.
    """
    if not target.live:
        raise Unsupported("loaded profiles belong to a running system")
    if not is_enabled(target):
        raise Absent("AppArmor is not on")
    try:
        profiles = loaded_profiles(target)
    except PermissionError:
        raise Denied("the list of loaded profiles needs root") from None
    except FileNotFoundError:
        raise Unsupported("the kernel's security file system is not mounted") from None
    for profile in profiles:
        yield ApparmorProfile(*profile)
