"""Where a backup goes to: another machine, a disk that can be taken away, another disk here, or the same disk."""

from __future__ import annotations

import re

from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._mounts import Mount, holder, read_mountinfo

_REMOTE_SCHEME = re.compile(
    r"(?:sftp|s3|rest|b2|azure|gs|swift|rclone|ssh|scp|rsync|https?|webdavs?|ftps?|(?:boto3\+)?s3\+?(?:https?)?|gdrive"
    r"|pydrive|onedrive|dropbox|mega|smb|nfs|box|hsi|par2\+sftp):",
    re.IGNORECASE,
)
_REMOTE_HOST = re.compile(r"(?:[\w.-]{1,100}@)?[\w.-]{1,200}:(?!/{3})[^:]{0,1000}")
_NETWORK_TYPES = (
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "fuse.sshfs",
    "fuse.rclone",
    "davfs",
    "fuse.davfs2",
    "9p",
    "ceph",
    "glusterfs",
    "fuse.s3fs",
)
_TAKEN_AWAY = ("/media/", "/run/media/", "/mnt/")
"""Where removable disks are mounted by desktops and by hand, hier(7)."""


class Places:
    """Tell what kind of place an address or folder is."""

    def __init__(self, reader: HomeReader) -> None:
        self._reader = reader
        self._mounts: list[Mount] | None = None
        self._disks: dict[int, str | None] = {}

    def kind(self, address: str) -> str:
        """same_disk, local, external, network, or unknown."""
        text = address.strip().strip("\"'")
        if not text or "$" in text or "`" in text:
            return "unknown"
        if text.startswith("file://"):
            text = text[len("file://") :]
        elif _REMOTE_SCHEME.match(text):
            return "network"
        elif text.startswith("local:"):
            text = text[len("local:") :]
        if not text.startswith("/"):
            return "network" if _REMOTE_HOST.fullmatch(text) and not text.startswith((".", "~")) else "unknown"
        return self._folder(text.rstrip("/") or "/")

    def _folder(self, path: str) -> str:
        if not self._reader.target.live:
            return "external" if path.startswith(_TAKEN_AWAY) else "unknown"
        if self._mounts is None:
            try:
                self._mounts = read_mountinfo(self._reader.target)
            except OSError:
                self._mounts = []
        mount = holder(self._mounts, path)
        if mount is None:
            return "unknown"
        if mount.type in _NETWORK_TYPES:
            return "network"
        if mount.path == "/" and path.startswith(_TAKEN_AWAY) and not self._has_entries(path):
            return "external"  # the disk is not plugged in now
        try:
            here = self._disk(self._reader.target.stat(mount.path).dev)
            system = self._disk(self._reader.target.stat("/").dev)
        except OSError:
            return "unknown"
        if here is None or system is None:
            return "same_disk" if mount.path == "/" else "unknown"
        if here == system:
            return "same_disk"
        return "external" if self._is_removable(here) else "local"

    def _has_entries(self, path: str) -> bool:
        try:
            return bool(self._reader.target.listdir(path))
        except OSError:
            return False

    def _disk(self, device: int) -> str | None:
        """The name of the whole disk below a device number, such as `sda`; None when /sys does not tell."""
        if device not in self._disks:
            self._disks[device] = self._find_disk(device)
        return self._disks[device]

    def _find_disk(self, device: int) -> str | None:
        target = self._reader.target
        major, minor = (device >> 8) & 0xFFF, (device & 0xFF) | ((device >> 12) & 0xFFF00)
        try:
            place = target.realpath(f"/sys/dev/block/{major}:{minor}")
            for _ in range(10):  # dm over md over partition
                below = target.listdir(f"{place}/slaves") if target.exists(f"{place}/slaves") else []
                if not below:
                    break
                place = target.realpath(f"{place}/slaves/{below[0]}")
            if target.exists(f"{place}/partition"):
                place = place.rsplit("/", 1)[0]
        except OSError:
            return None
        return place

    def _is_removable(self, place: str) -> bool:
        try:
            flag = self._reader.target.read_text(f"{place}/removable", 64).strip()
        except OSError:
            flag = ""
        return flag == "1" or "/usb" in place
