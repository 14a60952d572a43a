"""apt_keys: the key files that may vouch for packages. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Stat, Target, table

GLOBAL = "/etc/apt/trusted.gpg"
FOLDERS = (("/etc/apt/trusted.gpg.d", 1), ("/etc/apt/keyrings", 0), ("/usr/share/keyrings", 0))
VENDOR_NAMES = ("debian-", "ubuntu-", "raspbian-", "raspberrypi-", "kali-", "devuan-", "linuxmint-", "pop-")


class AptKey(NamedTuple):
    """One key file."""

    path: str
    name: str
    """The name without its folder."""
    mode: int
    mode_octal: str
    uid: int
    size: int
    """In bytes; 0 means that it holds no key."""
    is_global: int
    """1 when its keys may sign every source that names no key of its own."""
    is_legacy: int
    """1 for the single file trusted.gpg, which `apt-key` filled."""
    is_vendor: int
    """1 when it is named like the keys that come with the system."""


@table(targets={"host", "root"})
def apt_keys(target: Target) -> Iterator[AptKey]:
    """Yield one row per key file of apt. Editors' copies and other names that apt does not read are left out.

    Source: apt-secure(8), apt-key(8).

    Raises:
        Absent: apt is not installed.
        Partial: a folder or file could not be looked at.
    """
    if not target.exists("/etc/apt"):
        raise Absent("apt is not installed")
    faults: list[str] = []
    places = [(GLOBAL, 1, 1)]
    for folder, is_global in FOLDERS:
        try:
            names = target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            faults.append(f"{folder}: {error.strerror or error}")
            continue
        places += [(f"{folder}/{name}", is_global, 0) for name in names if name.endswith((".gpg", ".asc", ".pgp"))]
    for path, is_global, is_legacy in places:
        if is_global and not is_legacy and path.endswith(".pgp"):
            continue  # not read from trusted.gpg.d
        try:
            found = target.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError as error:
            faults.append(f"{path}: {error.strerror or error}")
            continue
        if found.kind == "file":
            yield _row(path, found, is_global, is_legacy)
    if faults:
        raise Partial("not all key files could be looked at: " + "; ".join(faults[:5]))


def _row(path: str, found: Stat, is_global: int, is_legacy: int) -> AptKey:
    name = path.rsplit("/", 1)[1]
    return AptKey(
        path=path,
        name=name,
        mode=found.mode,
        mode_octal=f"{found.mode:04o}",
        uid=found.uid,
        size=found.size,
        is_global=is_global,
        is_legacy=is_legacy,
        is_vendor=int(not is_legacy and name.startswith(VENDOR_NAMES)),
    )
