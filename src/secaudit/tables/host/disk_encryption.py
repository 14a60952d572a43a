"""disk_encryption: whether what is stored on each mounted file system is encrypted. As osquery's table, by mount point.

osquery asks cryptsetup's headers, which needs root, and looks one layer deep. Here the layers are followed in /sys:
file system, LVM, RAID, partition, encryption, in any order.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import TableProblem, Target, Unsupported, table
from secaudit.tables.host._blockdev import FUSE_CRYPT, Disks, Protection
from secaudit.tables.host._crypttab import Configured
from secaudit.tables.host._mounts import Mount, configured_mounts, holder, read_mountinfo
from secaudit.tables.host._passwd import homes

READ_ONLY_TYPES = ("squashfs", "iso9660", "udf", "erofs", "cramfs")
"""Images of software and discs: they hold no work."""
BOOT = ("/boot", "/boot/efi", "/efi", "/boot/firmware")
FSCRYPT_TYPES = ("ext4", "f2fs", "ubifs")


class DiskEncryption(NamedTuple):
    """One mounted file system, or one home folder that is encrypted by itself."""

    path: str
    """The mount point."""
    device: str
    type: str
    role: str
    """`system` (/), `homes` (holds a person's home folder), `boot`, `removable` (USB and the like) or `other`."""
    holds_homes: int
    """1: a person's home folder lies here, unless that home is encrypted by itself."""
    encrypted: int | None
    """NULL where it cannot be seen from here: the disk of a virtual machine, a container's root, a network disk."""
    kind: str
    """`luks1`, `luks2`, `luks`, `plain`, `bitlk`, `tcrypt`, `zfs`, `fscrypt`, `ecryptfs`, `gocryptfs` ..., `none`,
    `virtual disk`, `network disk`, `hidden`."""
    stack: str
    """The layers from the file system down to the disk."""


@table(targets={"host", "root"})
def disk_encryption(target: Target) -> Iterator[DiskEncryption]:
    """Yield one row per file system on a block device, and per home folder that is encrypted by itself.

    A mounted tree answers by crypttab(5) and fstab(5).

    Source: /sys/dev/block, dm/uuid as cryptsetup sets it; zfs(8); fscrypt(1); crypttab(5).

    Raises:
        Unsupported: a mounted tree without a root file system in fstab.
        Denied: a mounted tree with unit files that cannot be read.
    """
    at_boot = None
    if target.live:
        mounts = [mount for mount in read_mountinfo(target) if not mount.shadowed]
        disks = Disks(target, mounts)
        protect = disks.of_mount
    else:
        at_boot = configured_mounts(target)
        mounts = at_boot.mounts
        if not at_boot.names_root:
            raise Unsupported("fstab does not name the root file system, so its disk is not known")
        configured = Configured(target)

        def protect(mount: Mount, depth: int = 0) -> Protection:
            return configured.of_device(mount.device)

    places, own = _homes_of(target, mounts)
    seen: set[str] = set()
    for mount in sorted(mounts, key=lambda mount: (len(mount.path), mount.path)):
        if not _counts(mount, places):
            continue
        found = protect(mount)
        role = _role(mount, found, places)
        key = mount.device_number if not mount.device_number.startswith("0:") else mount.device
        if role in ("other", "removable") and (key or mount.device) in seen:
            continue  # the same disk again: a bind mount or a subvolume
        seen.add(key or mount.device)
        yield DiskEncryption(
            mount.path,
            mount.device,
            mount.type,
            role,
            int(mount.path in places),
            found.encrypted,
            found.kind,
            found.stack,
        )
    for home, mount in own:
        yield DiskEncryption(home, mount.device, mount.type, "homes", 1, 1, "fscrypt", f"{home} (fscrypt)")
    if at_boot is not None:
        at_boot.finish("file systems", None if target.is_root else "root")


def _counts(mount: Mount, places: set[str]) -> bool:
    """Disks, what stands in for one at / and /home, and encrypted folders."""
    if mount.path == "/" or mount.path in places:
        return True
    if mount.type in READ_ONLY_TYPES or mount.type == "overlay":
        return False
    if mount.type in ("zfs", "btrfs", "bcachefs", "ecryptfs") or mount.type in FUSE_CRYPT:
        return True
    if mount.device_number:
        return not mount.device_number.startswith("0:")
    return mount.device.startswith(("/dev/", "UUID=", "LABEL=", "PART")) and "bind" not in mount.options.split(",")


def _role(mount: Mount, found: Protection, places: set[str]) -> str:
    if mount.path == "/":
        return "system"
    if mount.path in places:
        return "homes"
    if mount.path in BOOT:
        return "boot"
    return "removable" if found.removable or mount.path.startswith(("/media/", "/run/media/")) else "other"


def _homes_of(target: Target, mounts: list[Mount]) -> tuple[set[str], list[tuple[str, Mount]]]:
    """Mount points that hold people's homes, and the homes that fscrypt encrypts by themselves."""
    places: set[str] = set()
    own: list[tuple[str, Mount]] = []
    try:
        people = [home.directory for home in homes(target) if home.uid != 0]
    except FileNotFoundError:
        people = []
    for home in people:
        try:
            mount = holder(mounts, target.realpath(home))
        except OSError:
            mount = holder(mounts, home)
        if mount is None:
            continue
        if mount.type in FSCRYPT_TYPES and _is_fscrypt(target, mount, home):
            own.append((home, mount))
        else:
            places.add(mount.path)
    return places, own


def _is_fscrypt(target: Target, mount: Mount, home: str) -> bool:
    """Its protectors lie in a folder at the mount point; lsattr shows the E flag of encrypted folders."""
    try:
        if not target.live or not target.exists(mount.path.rstrip("/") + "/.fscrypt"):
            return False
        done = target.run(["lsattr", "-d", home])
    except (OSError, TableProblem):
        return False
    return done.exit_code == 0 and "E" in done.stdout.partition(" ")[0]
