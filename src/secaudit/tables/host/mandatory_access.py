"""mandatory_access: which system of mandatory access control is on, AppArmor or SELinux. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._apparmor import is_enabled, loaded_profiles
from secaudit.tables.host._systemd import Units

SELINUX_CONFIG = "/etc/selinux/config"
SELINUX_ENFORCE = "/sys/fs/selinux/enforce"
MODES = ("enforcing", "permissive", "disabled")


class MandatoryAccess(NamedTuple):
    """The active system, or the one that is set up. Always one row."""

    kind: str
    """apparmor, selinux, or none."""
    effective_mode: str | None
    """What counts: the running mode; in a mounted file system the configured one. enforcing, permissive, disabled, or
    for AppArmor no-profiles when it is on and holds no program."""
    running_mode: str | None
    """NULL in a mounted file system and when only root may know."""
    configured_mode: str
    """What the next start will bring; for AppArmor `enforcing` when its service starts at boot."""
    profiles_enforce: int | None
    """Loaded AppArmor profiles that hold programs; 0 for SELinux, NULL when only root may know."""
    profiles_complain: int | None
    """Loaded AppArmor profiles that only write to the log."""
    modules: str
    """The kernel's active security modules, separated by commas; empty when it does not say."""
    path: str | None
    """The file with the configured mode."""
    line: int | None


@table(targets={"host", "root"})
def mandatory_access(target: Target) -> Iterator[MandatoryAccess]:
    """Yield one row about AppArmor or SELinux.

    Source: apparmor(7), selinux(8), securityfs and selinuxfs of Linux.

    Raises:
        Denied: a configuration file cannot be read.
    """
    configured, line = _selinux_configured(target)
    if _selinux_runs(target) or (not target.live and configured not in ("", "disabled")):
        running = _selinux_mode(target)
        yield MandatoryAccess(
            kind="selinux",
            effective_mode=running if target.live else configured,
            running_mode=running,
            configured_mode=configured or "disabled",
            profiles_enforce=0,
            profiles_complain=0,
            modules=_modules(target),
            path=SELINUX_CONFIG if line else None,
            line=line,
        )
        return
    yield _apparmor(target) or MandatoryAccess(
        kind="none",
        effective_mode="disabled",
        running_mode="disabled" if target.live else None,
        configured_mode=configured or "disabled",
        profiles_enforce=0,
        profiles_complain=0,
        modules=_modules(target),
        path=SELINUX_CONFIG if line else None,
        line=line,
    )


def _selinux_runs(target: Target) -> bool:
    return target.live and target.exists(SELINUX_ENFORCE)


def _selinux_mode(target: Target) -> str | None:
    if not target.live:
        return None
    try:
        return "enforcing" if target.read_text(SELINUX_ENFORCE).strip() == "1" else "permissive"
    except OSError:
        return None


def _selinux_configured(target: Target) -> tuple[str, int | None]:
    """The first SELINUX= line with a word that libselinux knows; without one it takes permissive."""
    try:
        text = target.read_text(SELINUX_CONFIG)
    except (FileNotFoundError, NotADirectoryError):
        return "", None
    mode, found = "", None
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r"SELINUX=\s*(\S*)", line)
        if match is not None:
            word = next((word for word in MODES if match.group(1).lower().startswith(word)), "")
            if word:
                return word, number
            mode, found = "permissive", found or number
    return mode, found


def _apparmor(target: Target) -> MandatoryAccess | None:
    on = is_enabled(target) if target.live else None
    starts = _profiles_load_at_boot(target)
    if not on and (target.live or not starts):
        return None
    enforce: int | None = None
    complain: int | None = None
    running: str | None = None
    if on:
        try:
            modes = [profile.mode for profile in loaded_profiles(target)]
            enforce = sum(mode in ("enforce", "kill", "prompt") for mode in modes)
            complain = modes.count("complain")
            running = "enforcing" if enforce else "permissive" if complain else "no-profiles"
        except OSError:
            pass
    configured = "enforcing" if starts else "disabled"
    return MandatoryAccess(
        kind="apparmor",
        effective_mode=running if target.live else configured,
        running_mode=running,
        configured_mode=configured,
        profiles_enforce=enforce,
        profiles_complain=complain,
        modules=_modules(target),
        path=None,
        line=None,
    )


def _profiles_load_at_boot(target: Target) -> bool:
    """The tool that loads profiles is installed, and its service starts at boot."""
    if target.find_program("apparmor_parser") is None:
        return False
    for runlevel in ("boot", "default", "sysinit"):  # OpenRC
        if target.exists(f"/etc/runlevels/{runlevel}/apparmor"):
            return True
    return Units(target).at_boot("apparmor.service")


def _modules(target: Target) -> str:
    if not target.live:
        return ""
    try:
        return target.read_text("/sys/kernel/security/lsm").strip()
    except OSError:
        return ""
