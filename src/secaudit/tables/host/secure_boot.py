"""secure_boot: whether the firmware only starts signed software. As osquery's table `secureboot`, with more."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Target, Unsupported, table

FOLDER = "/sys/firmware/efi/efivars"
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
"""EFI_GLOBAL_VARIABLE, UEFI specification 2.10 section 3.3."""
SHIM = "605dab50-e046-4300-abb6-3dd810dd8b23"
"""The GUID of shim, which mirrors its switch for run time as MokSBStateRT."""


class SecureBoot(NamedTuple):
    """The state of UEFI Secure Boot. One row on machines that start by UEFI."""

    secure_boot: int | None
    """1 when the firmware enforces signatures; 0 also when it has no Secure Boot at all."""
    setup_mode: int | None
    """1 when the firmware's keys can be changed by anyone; 0 also when the firmware does not say."""
    shim_validation: int | None
    """0 when shim, which starts the boot loader of most distributions, was told to check nothing (mokutil
    --disable-validation); else 1."""
    description: str
    """A sentence for reports."""


@table(targets={"host"})
def secure_boot(target: Target) -> Iterator[SecureBoot]:
    """Yield one row about Secure Boot.

    Source: UEFI specification 2.10 section 3.3; the first four bytes of a variable are its attributes.

    Raises:
        Absent: the machine does not start by UEFI, so there is no Secure Boot to switch on.
        Unsupported: the kernel does not show the firmware's variables.
        Denied: the variables cannot be read.
    """
    if not target.live:
        raise Unsupported("the firmware belongs to a machine, not to a mounted file system")
    if not target.exists("/sys/firmware/efi"):
        raise Absent("this machine does not start by UEFI, so it has no Secure Boot")
    try:
        names = target.listdir(FOLDER)
    except PermissionError:
        raise Denied("reading the firmware's variables needs root") from None
    except OSError:
        names = []
    if not names:
        raise Unsupported("the kernel does not show the firmware's variables (efivarfs is not mounted)")
    enforced = _flag(target, names, f"SecureBoot-{GLOBAL}")
    setup = _flag(target, names, f"SetupMode-{GLOBAL}")
    skipped = _flag(target, names, f"MokSBStateRT-{SHIM}")
    shim = None if skipped is None else int(skipped == 0)
    yield SecureBoot(enforced, setup, shim, _sentence(enforced, setup, shim))


def _flag(target: Target, names: list[str], name: str) -> int | None:
    """The last byte of a variable; 0 when there is no such variable, None when it cannot be read."""
    if name not in names:
        return 0
    try:
        data = target.read_bytes(f"{FOLDER}/{name}", limit_bytes=4096)
    except OSError:
        return None
    return int(data[4] != 0) if len(data) >= 5 else None


def _sentence(enforced: int | None, setup: int | None, shim: int | None) -> str:
    if enforced is None:
        return "Secure Boot: not known"
    if not enforced:
        return "Secure Boot is off, in setup mode" if setup else "Secure Boot is off"
    return "Secure Boot is on, but shim checks nothing" if shim == 0 else "Secure Boot is on"
