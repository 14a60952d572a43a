"""What lies below a file system: partitions, LVM, RAID and encryption, from /sys, without root rights."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import TableProblem, Target
from secaudit.tables.host._mounts import Mount, holder

MAX_DEPTH = 16
MAX_DEVICES = 256

CRYPT = re.compile(r"CRYPT-(LUKS1|LUKS2|PLAIN|TCRYPT|BITLK|FVAULT2|LOOPAES)\b")
"""The UUIDs that cryptsetup gives to device-mapper devices. CRYPT-VERITY and CRYPT-INTEGRITY do not encrypt."""
_VIRTUAL_NAME = re.compile(r"(vd|xvd|pmem|ubd|dasd)[a-z0-9]*$")
_VIRTUAL_MODEL = re.compile(
    r"QEMU|VBOX|VMware|Virtual|Amazon Elastic|PersistentDisk|Google|nvme_card|Xen|Msft|KVM", re.IGNORECASE
)
_REMOTE_NAME = re.compile(r"(nbd|rbd|drbd)\d")
FUSE_CRYPT = ("fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs", "fuse.veracrypt")


class Protection(NamedTuple):
    """Whether what is written ends encrypted on the disk."""

    encrypted: int | None
    """1 every way down leads through encryption, 0 one does not, None it cannot be seen from here."""
    kind: str
    stack: str
    """From the file system down to the disk."""
    removable: bool = False


def _hidden(what: str) -> Protection:
    return Protection(None, "hidden", what)


class Disks:
    """The block devices of a running system."""

    def __init__(self, target: Target, mounts: list[Mount]) -> None:
        self._target = target
        self._mounts = mounts
        self._known: dict[str, Protection] = {}

    def of_mount(self, mount: Mount, depth: int = 0) -> Protection:
        """What protects a mounted file system."""
        if mount.type == "ecryptfs" or mount.type in FUSE_CRYPT:
            return Protection(1, mount.type.rpartition(".")[2], mount.type)
        if mount.type == "zfs":
            return self._zfs(mount.device)
        if mount.type == "btrfs":
            return self._btrfs(mount.device, depth)
        if mount.type == "bcachefs":
            return _together("bcachefs", [self.of_device(part, depth) for part in mount.device.split(":")])
        if not mount.device_number or mount.device_number.startswith("0:"):
            return _hidden(mount.type)
        try:
            real = self._target.realpath(f"/sys/dev/block/{mount.device_number}")
        except OSError:
            return _hidden(f"{mount.device} is not shown in /sys")
        return self._below(real.rpartition("/")[2], depth)

    def of_device(self, path: str, depth: int = 0) -> Protection:
        """What protects a device file such as /dev/mapper/swap."""
        try:
            real = self._target.realpath(path)
            name = real.rpartition("/")[2]
            if not self._target.exists(f"/sys/class/block/{name}"):
                return _hidden(f"{path} is not shown in /sys")
        except OSError:
            return _hidden(f"{path} does not exist")
        return self._below(name, depth)

    def of_file(self, path: str, depth: int = 0) -> Protection:
        """What protects the file system that holds a file."""
        mount = holder(self._mounts, path)
        if mount is None or depth > MAX_DEPTH:
            return _hidden(path)
        found = self.of_mount(mount, depth + 1)
        return found._replace(stack=f"{path} > {found.stack}")

    def _below(self, name: str, depth: int) -> Protection:
        if name in self._known:
            return self._known[name]
        if depth > MAX_DEPTH or len(self._known) > MAX_DEVICES:
            return _hidden("too many layers")
        self._known[name] = _hidden("a loop of devices")
        found = self._known[name] = self._look(name, depth)
        return found

    def _look(self, name: str, depth: int) -> Protection:
        place = f"/sys/class/block/{name}"
        uuid = self._read(f"{place}/dm/uuid")
        crypt = CRYPT.match(uuid)
        below = self._slaves(place)
        if crypt is not None:
            under = " > " + "+".join(self._below(part, depth + 1).stack for part in below) if below else ""
            kind = crypt.group(1).lower()
            return Protection(1, kind, f"{name} ({kind}){under}")
        if below:
            return _together(_label(name, uuid), [self._below(part, depth + 1) for part in below])
        try:
            real = self._target.realpath(place)
            if self._target.exists(f"{place}/partition"):
                parent = self._below(real.split("/")[-2], depth + 1)
                return parent._replace(stack=f"{name} > {parent.stack}")
        except OSError:
            return _hidden(name)
        if name.startswith("loop"):
            backing = self._read(f"{place}/loop/backing_file")
            if not backing.startswith("/"):
                return _hidden(name)
            found = self.of_file(backing, depth + 1)
            return found._replace(stack=f"{name} > {found.stack}")
        if name.startswith("dm-"):
            return _hidden(_label(name, uuid))
        if _REMOTE_NAME.match(name):
            return Protection(None, "network disk", name)
        removable = self._read(f"{place}/removable") == "1" or "/usb" in real
        model = f"{self._read(f'{place}/device/vendor')} {self._read(f'{place}/device/model')}"
        if _VIRTUAL_NAME.match(name) or _VIRTUAL_MODEL.search(model) or "/virtio" in real:
            return Protection(None, "virtual disk", f"{name} (virtual disk)")
        return Protection(0, "none", name, removable)

    def _slaves(self, place: str) -> list[str]:
        try:
            return self._target.listdir(f"{place}/slaves")
        except OSError:
            return []

    def _read(self, path: str) -> str:
        try:
            return self._target.read_text(path, 4096).strip()
        except OSError:
            return ""

    def _btrfs(self, device: str, depth: int) -> Protection:
        """A btrfs may span several disks; /sys/fs/btrfs/UUID/devices names them all."""
        try:
            name = self._target.realpath(device).rpartition("/")[2]
            for folder in self._target.listdir("/sys/fs/btrfs"):
                devices = self._slaves_of_btrfs(folder)
                if name in devices:
                    return _together("btrfs", [self._below(part, depth + 1) for part in devices])
        except OSError:
            pass
        return self.of_device(device, depth)

    def _slaves_of_btrfs(self, folder: str) -> list[str]:
        try:
            return self._target.listdir(f"/sys/fs/btrfs/{folder}/devices")
        except OSError:
            return []

    def _zfs(self, dataset: str) -> Protection:
        """A dataset may be encrypted by itself, or its whole pool lies on encrypted devices."""
        try:
            done = self._target.run(["zfs", "get", "-H", "-p", "-o", "value", "encryption", dataset])
            word = done.stdout.strip()
            if done.exit_code != 0 or not word:
                return _hidden("zfs")
            if word not in ("off", "-"):
                return Protection(1, "zfs", f"zfs {dataset} ({word})")
            pool = dataset.partition("/")[0]
            listed = self._target.run(["zpool", "list", "-v", "-H", "-P", pool])
        except (OSError, TableProblem):
            return _hidden("zfs")
        devices = [part for part in listed.stdout.split() if part.startswith("/dev/")]
        if listed.exit_code != 0 or not devices:
            return _hidden(f"zfs pool {pool}")
        return _together(f"zfs pool {pool}", [self.of_device(part, 1) for part in devices])


def _label(name: str, uuid: str) -> str:
    """`dm-1 (LVM)`."""
    first = uuid.partition("-")[0]
    return f"{name} ({first})" if first else name


def _together(label: str, parts: list[Protection]) -> Protection:
    """All parts must be encrypted; the worst one decides, and names the kind."""
    bad = [part for part in parts if part.encrypted == 0] or [part for part in parts if part.encrypted is None]
    deciding = (bad or parts)[0]
    return Protection(
        deciding.encrypted,
        deciding.kind,
        f"{label} > " + "+".join(part.stack for part in parts),
        any(part.removable for part in parts),
    )
