"""kernel_info: the running kernel, and whether a newer one waits. As osquery's table of this name, with more."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._kernel import (
    installed_releases,
    masked,
    newest_release,
    running_release,
    split_parameters,
    version_key,
)

REBOOT_FILES = ("/run/reboot-required", "/var/run/reboot-required")
"""Written by packages of Debian and Ubuntu through notify-reboot-required."""


class KernelInfo(NamedTuple):
    """The kernel. Always one row."""

    version: str | None
    """The running release, as `uname -r` says; NULL in a mounted file system."""
    is_running: int
    """1 on a live machine, 0 for a mounted file system."""
    arguments: str | None
    """The command line that the running kernel got, values that may be secret masked."""
    path: str
    """The kernel image by the command line (BOOT_IMAGE); empty when it does not say."""
    device: str
    """The root device by the command line; empty when it does not say."""
    newest_installed: str
    """The newest installed release of the running one's flavour; empty when no kernel is installed here, as in
    containers and in machines that get their kernel from outside."""
    newest_path: str
    """The file or folder that shows it."""
    is_newest: int | None
    """1 when no newer kernel than the running one is installed; NULL when that cannot be known."""
    reboot_required: int | None
    """1 when an update of a package asked for a restart; NULL in a mounted file system."""
    reboot_packages: str
    """Which packages asked for it."""
    lockdown: str | None
    """none, integrity or confidentiality; empty when the kernel has no lockdown; NULL when it cannot be read."""


@table(targets={"host", "root"})
def kernel_info(target: Target) -> Iterator[KernelInfo]:
    """Yield one row about the kernel.

    Source: proc(5), kernel_lockdown(7), names below /boot and /usr/lib/modules.

    Raises:
        Denied: /boot cannot be listed.
    """
    installed = installed_releases(target)
    version: str | None = None
    arguments: str | None = None
    path = device = ""
    reboot: int | None = None
    packages = ""
    if target.live:
        version = running_release(target) or None
        parameters = split_parameters(target.read_text("/proc/cmdline"))
        arguments = " ".join(masked(parameter) for parameter in parameters)
        values = {parameter.name: parameter.value for parameter in parameters}
        path, device = values.get("BOOT_IMAGE", ""), values.get("root", "")
        reboot = int(any(target.exists(name) for name in REBOOT_FILES))
        packages = _reboot_packages(target) if reboot else ""
    newest = newest_release(installed, version or "")
    is_newest = None
    if version and newest:
        is_newest = int(version_key(version) >= version_key(newest))
    yield KernelInfo(
        version=version,
        is_running=int(target.live),
        arguments=arguments,
        path=path,
        device=device,
        newest_installed=newest,
        newest_path=installed.get(newest, ""),
        is_newest=is_newest,
        reboot_required=reboot,
        reboot_packages=packages,
        lockdown=_lockdown(target),
    )


def _reboot_packages(target: Target) -> str:
    try:
        return " ".join(sorted(set(target.read_text(REBOOT_FILES[0] + ".pkgs").split())))
    except OSError:
        return ""


def _lockdown(target: Target) -> str | None:
    """The word in brackets of `none [integrity] confidentiality`."""
    if not target.live:
        return None
    try:
        text = target.read_text("/sys/kernel/security/lockdown")
    except FileNotFoundError:
        return ""
    except OSError:
        return None
    start, end = text.find("["), text.find("]")
    return text[start + 1 : end] if 0 <= start < end else None
