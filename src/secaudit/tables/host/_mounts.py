"""Read mount tables once for all tables that need them: mountinfo, fstab(5), and systemd's mount units."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Denied, Partial, Target
from secaudit.tables.host import _unitfile
from secaudit.tables.host._systemd import Units

_ESCAPE = re.compile(r"\\([0-7]{3})")
_PASSWORD = re.compile(r"(?<![^,])((?:pass|password|passwd|password2|pass2)=)(?!\*\*\*\*)[^,]*", re.IGNORECASE)
_UNIT_ESCAPE = re.compile(r"\\x([0-9a-f]{2})")
DEFAULTS = ("rw", "suid", "dev", "exec", "auto", "nouser", "async")
_OPPOSITES = {
    "suid": "nosuid",
    "dev": "nodev",
    "exec": "noexec",
    "rw": "ro",
    "auto": "noauto",
    "nouser": "user",
    "async": "sync",
}
_TO_OPPOSITE = {**_OPPOSITES, **{value: key for key, value in _OPPOSITES.items()}}
_IMPLIED = {
    "user": ("noexec", "nosuid", "nodev"),
    "users": ("noexec", "nosuid", "nodev"),
    "owner": ("nosuid", "nodev"),
    "group": ("nosuid", "nodev"),
}
"""mount(8), file-system-independent options; a later word takes an implied one back."""


SHARED_MEMORY = "/dev/shm"  # noqa: S108  the mount point is named, nothing is made there
SYSTEMD_SHM = "rw,nodev,nosuid,strictatime,mode=1777"
"""Built into systemd, src/shared/mount-setup.c (v252)."""


class Mount(NamedTuple):
    """One mounted file system, or one that would be mounted at boot."""

    device: str
    path: str
    """The mount point."""
    type: str
    options: str
    """Separated by commas."""
    shadowed: bool
    """Another file system is mounted over it at the same place."""
    root: str
    """The folder of the file system that is shown here; `/` unless a bind mount or a btrfs subvolume."""
    device_number: str
    """`8:1`; '' when it is not running."""

    def has(self, option: str) -> bool:
        return option in self.options.split(",")


class BootMounts(NamedTuple):
    """What would be mounted at boot, as far as it can be known."""

    mounts: list[Mount]
    names_root: bool
    """Whether fstab says how the root file system is mounted. If not, this is an image, or systemd finds its partitions
    by itself."""
    unread: tuple[str, ...]
    """Unit files and folders that could not be read. Any of them may mount something, or say how."""

    def finish(self, what: str, needs: str | None) -> None:
        """Say why this is not the whole answer.

        Raises:
            Denied: a unit that could not be read may mount more, and with other options than those of fstab.
            Partial: `what` may be missing; what is there is right.
        """
        if self.unread:
            more = f" and {len(self.unread) - 3} more" if len(self.unread) > 3 else ""
            shown = ", ".join(self.unread[:3]) + more
            raise Denied(f"these unit files could not be read, so {what} may be missing: {shown}", needs)
        if not self.names_root:
            raise Partial(f"fstab does not name the root file system, so {what} may be missing as well")


class FstabEntry(NamedTuple):
    """One line of fstab(5)."""

    device: str
    mount_point: str
    type: str
    options: str
    """As written."""
    line: int

    @property
    def effective(self) -> list[str]:
        """The options after `defaults`, `user` and words that take others back."""
        return effective_options(self.options)


def unescape(text: str) -> str:
    """Space, tab, newline, # and backslash are written as three octal digits, proc(5) and fstab(5)."""
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: chr(int(match.group(1), 8)), text)


def read_mountinfo(target: Target) -> list[Mount]:
    """Everything that is mounted, in the kernel's order. Lines of the wrong shape are left out.

    Source: proc(5), /proc/[pid]/mountinfo.
    """
    found: list[Mount] = []
    parents: set[tuple[str, str]] = set()
    ids: list[str] = []
    for line in target.read_text("/proc/self/mountinfo").splitlines():
        fields = line.split(" ")
        try:
            end = fields.index("-", 6)
            mount_id, parent, number, root, path, own = fields[:6]
            kind, device, shared = fields[end + 1], fields[end + 2], fields[end + 3]
        except (ValueError, IndexError):
            continue
        place = unescape(path)
        parents.add((parent, place))
        ids.append(mount_id)
        found.append(
            Mount(unescape(device), place, kind, _together(own, shared), False, unescape(root), number),
        )
    # a mount is hidden when another one sits on it at its own mount point
    return [mount._replace(shadowed=(ids[at], mount.path) in parents) for at, mount in enumerate(found)]


def _together(own: str, shared: str) -> str:
    """Options of the mount and of the file system in one list, as /proc/self/mounts shows them."""
    words = [word for word in hide_passwords(f"{own},{shared}").split(",") if word and word not in ("rw", "ro")]
    read_only = own.split(",")[0] == "ro" or shared.split(",")[0] == "ro"
    return ",".join(dict.fromkeys(["ro" if read_only else "rw", *words]))


def read_fstab(target: Target) -> list[FstabEntry]:
    """Every entry of /etc/fstab, swap included.

    Raises:
        FileNotFoundError, PermissionError: as the target says.
    """
    found: list[FstabEntry] = []
    for number, line in enumerate(target.read_text("/etc/fstab").splitlines(), 1):
        fields = line.split()
        if len(fields) < 3 or fields[0].startswith("#"):
            continue
        device, place, kind = (unescape(field) for field in fields[:3])
        options = hide_passwords(fields[3]) if len(fields) > 3 else "defaults"
        found.append(FstabEntry(_unquoted(device), place.rstrip("/") or "/", kind, options, number))
    return found


def hide_passwords(options: str) -> str:
    """Options of network shares may hold a password: `password=****` is shown in its place."""
    return _PASSWORD.sub(r"\1****", options)


def _unquoted(device: str) -> str:
    """UUID="x" and UUID=x are the same."""
    name, sign, value = device.partition("=")
    return f"{name}={value[1:-1]}" if sign and len(value) > 1 and value[0] == value[-1] == '"' else device


def effective_options(text: str) -> list[str]:
    """What the words of fstab(5) amount to, in a fixed order: the last one of two opposites wins."""
    chosen: dict[str, None] = {}

    def add(word: str) -> None:
        chosen.pop(_TO_OPPOSITE.get(word, ""), None)
        chosen[word] = None

    for word in text.split(","):
        if word == "defaults":
            for default in DEFAULTS:  # a word that stands before `defaults` keeps its effect, as in libmount
                if _TO_OPPOSITE.get(default, default) not in chosen:
                    add(default)
            continue
        for implied in _IMPLIED.get(word, ()):
            add(implied)
        if word:
            add(word)
    if "ro" not in chosen:
        add("rw")
    return sorted(chosen, key=lambda word: (word not in ("rw", "ro"), word))


def configured_mounts(target: Target) -> BootMounts:
    """What would be mounted at boot: fstab, systemd's mount units, and its built-in /dev/shm."""
    mounts: dict[str, Mount] = {}
    try:
        entries = read_fstab(target)
    except FileNotFoundError:
        entries = []
    units = Units(target)
    for entry in entries:
        words = entry.effective
        if units.names and entry.mount_point in mounts:
            continue  # systemd makes its unit from the first of two lines; without it the second is mounted on top
        if entry.type != "swap" and entry.mount_point.startswith("/") and "noauto" not in words:
            mounts[entry.mount_point] = Mount(
                entry.device, entry.mount_point, entry.type, ",".join(words), False, "/", ""
            )
    names_root = "/" in mounts
    for name in units.names:
        if not name.endswith(".mount") or not units.at_boot(name):
            continue
        rules = units.settings(name)
        where = _unitfile.last(rules, "Mount", "Where")
        what = _unitfile.last(rules, "Mount", "What")
        kind = _unitfile.last(rules, "Mount", "Type")
        options = _unitfile.last(rules, "Mount", "Options")
        place = where.value.rstrip("/") if where else _place_of(name)
        unit = units.find(name)
        by_hand = unit is not None and unit.folder.startswith("/etc/")
        if not place or (place in mounts and not by_hand):  # units made from fstab win over /usr/lib, not over /etc
            continue
        words = effective_options(options.value if options else "")
        mounts[place] = Mount(
            what.value if what else "", place, kind.value if kind else "auto", ",".join(words), False, "/", ""
        )
    if units.names and SHARED_MEMORY not in mounts and target.find_program("systemctl") is not None:
        mounts[SHARED_MEMORY] = Mount("tmpfs", SHARED_MEMORY, "tmpfs", SYSTEMD_SHM, False, "/", "")
    return BootMounts(list(mounts.values()), names_root, tuple(dict.fromkeys(units.unread)))


def _place_of(unit: str) -> str:
    """The mount point that a unit's name stands for: `var-tmp.mount` is /var/tmp. Source: systemd.unit(5)."""
    stem = unit.rpartition(".")[0].replace("-", "/")
    return "/" + _UNIT_ESCAPE.sub(lambda match: chr(int(match.group(1), 16)), stem)


def holder(mounts: list[Mount], path: str) -> Mount | None:
    """The mounted file system that holds a path, its links already resolved."""
    best: Mount | None = None
    for mount in mounts:
        if mount.shadowed or not (mount.path == "/" or path == mount.path or path.startswith(mount.path + "/")):
            continue
        if best is None or len(mount.path) >= len(best.path):
            best = mount
    return best
