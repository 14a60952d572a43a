"""One walk of the disk for three tables: set-id programs, world-writable entries, entries without an owner.

Measured on a virtual machine of two cores with 444 thousand files, warm cache: a Python walk 2.7 s, `find` over
everything 2.3 s (with its own -nouser 9 s: it asks for each file), `find` without the trees below 1.1 s, in a process
of its own. So a running system is walked by one `find`, whose output the tables share.

Not looked into, because they hold nothing but unpacked files by the hundred thousand: documentation, icons, headers,
kernel modules, container images, and the folders of PRUNED_NAMES (caches, unpacked libraries of programming languages,
git's objects) wherever they are.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, ProgramMissing, Stat, Target, TooLarge
from secaudit.tables.host._mounts import Mount, read_mountinfo

PRUNED_PATHS = (
    "/proc",
    "/sys",
    "/dev",
    "/usr/share/doc",
    "/usr/share/man",
    "/usr/share/locale",
    "/usr/share/icons",
    "/usr/share/help",
    "/usr/share/info",
    "/usr/share/fonts",
    "/usr/share/zoneinfo",
    "/usr/include",
    "/usr/src",
    "/usr/lib/modules",
    "/usr/lib/firmware",
    "/lib/modules",
    "/lib/firmware",
    "/var/cache",
    "/var/lib/dpkg",
    "/var/lib/docker",
    "/var/lib/containerd",
    "/var/lib/containers",
    "/var/lib/flatpak",
    "/var/lib/snapd",
    "/var/lib/lxc",
    "/var/lib/lxd",
    "/var/lib/incus",
    "/var/lib/machines",
    "/var/lib/schroot",
)
PRUNED_NAMES = (
    "node_modules",
    "site-packages",
    "dist-packages",
    "__pycache__",
    ".git",
    ".cache",
    ".npm",
    ".rustup",
    ".snapshots",
)
PRUNED_TAILS = (".local/share/containers", ".local/share/docker", ".local/share/flatpak", ".local/share/lxc")
"""Images of containers in home folders: their set-uid programs count only inside the container."""
LOCAL_TYPES = frozenset("ext2 ext3 ext4 xfs btrfs bcachefs f2fs zfs jfs reiserfs nilfs2 overlay".split())
"""File systems that keep Unix owners and modes on a disk of this machine."""
SHARED_MEMORY = frozenset({"/tmp", "/var/tmp", "/dev/shm"})  # noqa: S108  names to look for, nothing is made there
"""Where a file system in memory (tmpfs) is walked too."""
ROWS_LIMIT_BYTES = 16 * 1024 * 1024
WALK_TIMEOUT_S = 25.0
DYNAMIC_UIDS = (61184, 65519)
"""systemd's DynamicUser, https://systemd.io/UIDS-GIDS/: known only while the service runs."""
MAX_RUNS = 300

_LINE = re.compile(r"([a-zA-Z?]) ([0-7]{1,5}) (\d{1,10}) (\d{1,10}) (/.*)", re.DOTALL)
_COMPLAINT = re.compile(r"(?:/[\w/]*/)?find: '(.*)': (.*)")
_KINDS = {"f": "file", "d": "dir", "p": "fifo", "s": "socket", "b": "block", "c": "char"}


class Special(NamedTuple):
    """One entry that is set-id, writable by all, or has an owner or group that passwd and group do not know."""

    path: str
    kind: str
    mode: int
    uid: int
    gid: int


class Known:
    """The user or group numbers that somebody stands for, as runs of numbers."""

    def __init__(self, target: Target, names: str, subordinate: str) -> None:
        ranges = [(number, number) for number in _numbers(target, names)]
        self.readable = bool(ranges)
        lent = _subordinate(target, subordinate)
        self.knows_lent = lent is not None
        """Whether it is known which numbers are lent to containers. If not, a number that nobody has may be one."""
        ranges += lent or []
        ranges.append(DYNAMIC_UIDS)
        self.runs = _merge(ranges)

    def __contains__(self, number: int) -> bool:
        return not self.readable or any(low <= number <= high for low, high in self.runs)


def known_numbers(target: Target) -> tuple[Known, Known]:
    """Known users and groups; where passwd or group cannot be read, every number counts as known."""
    return Known(target, "/etc/passwd", "/etc/subuid"), Known(target, "/etc/group", "/etc/subgid")


class Found(NamedTuple):
    """What one walk of the local file systems gave, links left out."""

    entries: tuple[Special, ...]
    denied: tuple[str, ...]
    """Folders that were closed, and complaints of find."""
    too_many: bool
    """Files that all may write were left out: there are more than we want to hold."""


def scan(target: Target, denied: list[str]) -> Iterator[Special]:
    """Give every special entry of the local file systems, links left out. Folders that are closed go to `denied`.

    Raises:
        Partial: there are too many such entries. What was found came before.
    """
    found = target.shared("special files", _search)
    denied.extend(found.denied)
    yield from found.entries
    if found.too_many:
        raise Partial("too many files are writable by all, so only folders and set-uid programs are listed")


def _search(target: Target) -> Found:
    users, groups = known_numbers(target)
    if target.live:
        try:
            return _find(target, users, groups)
        except ProgramMissing:
            pass  # no find, or busybox's without -printf
    return _walk(target, users, groups)


def closed(target: Target, denied: list[str]) -> Partial:
    """The problem to raise at the end when folders could not be looked into."""
    more = f" and {len(denied) - 3} more" if len(denied) > 3 else ""
    return Partial(
        f"these folders could not be looked into: {', '.join(denied[:3])}{more}",
        needs=None if target.is_root else "root",
    )


def _wanted(stat: Stat, users: Known, groups: Known) -> bool:
    if stat.kind == "link":
        return False
    return bool(stat.mode & 0o6002) or stat.uid not in users or stat.gid not in groups


def is_pruned(path: str, top: str = "/") -> bool:
    """True for what lies in a tree that is not looked into, the tree's own folder included."""
    return (_PRUNED if top == "/" else _PRUNED_NAME).match(path) is not None


def _pattern() -> str:
    paths = "|".join(re.escape(path) for path in PRUNED_PATHS)
    return f"({paths}|.*/({_anywhere()}))"


def _anywhere() -> str:
    return "|".join(re.escape(name) for name in (*PRUNED_NAMES, *PRUNED_TAILS))


_PRUNED = re.compile(_pattern() + r"(/|$)", re.DOTALL)
_PRUNED_NAME = re.compile(f".*/({_anywhere()})(/|$)", re.DOTALL)


def tops(mounts: list[Mount]) -> list[str]:
    """Mount points to walk: `/`, and the other local file systems that are not a second view of one of them."""
    found = ["/"]
    seen: list[tuple[str, str]] = [(mount.device_number, mount.root) for mount in mounts if mount.path == "/"]
    for mount in sorted(mounts, key=lambda mount: (len(mount.root), mount.path)):
        if mount.path == "/" or mount.path in found:
            continue
        if mount.path in SHARED_MEMORY:
            if mount.type not in LOCAL_TYPES and mount.type != "tmpfs":
                continue
        elif mount.type not in LOCAL_TYPES or mount.type == "overlay" or is_pruned(mount.path):
            continue
        here = (mount.device_number, mount.root)
        inside = any(
            device == here[0] and (root == here[1] or (mount.type != "btrfs" and _below(here[1], root)))
            for device, root in seen
        )
        if not inside:
            seen.append(here)
            found.append(mount.path)
    return found


def _below(path: str, folder: str) -> bool:
    return folder == "/" or path.startswith(folder.rstrip("/") + "/")


# ---------------------------------------------------------------- a running system


def _find(target: Target, users: Known, groups: Known) -> Found:
    mounts = read_mountinfo(target)
    starts = tops(mounts)
    other = {mount.path for mount in mounts}
    wanted = ["-perm", "/6002", *_unknown("-uid", users), *_unknown("-gid", groups)]
    too_many = False
    try:
        rows, complaints = _run_find(target, starts, ["!", "-type", "l", "(", *wanted, ")"])
    except TooLarge:  # such as a whole project opened to all: the folders say it as well
        rows, complaints = _run_find(target, starts, ["(", "-type", "d", "-perm", "-0002", "-o", "-perm", "/6000", ")"])
        too_many = True
    entries: list[Special] = []
    seen: set[str] = set()
    for row in rows:
        match = _LINE.fullmatch(row)
        if match is None:
            continue
        kind, mode, uid, gid, path = match.groups()
        if path in other:  # a mount point is met twice: from above and as a start of its own
            if path in seen:
                continue
            seen.add(path)
        entries.append(Special(path, _KINDS.get(kind, "file"), int(mode, 8), int(uid), int(gid)))
    # a mounted file system that lets nobody look (FUSE) is another one, so not ours to walk
    denied = tuple(path for path in complaints if path not in other)
    return Found(tuple(entries), denied, too_many)


def _run_find(target: Target, starts: list[str], wanted: list[str]) -> tuple[list[str], list[str]]:
    """Give the rows, and what could not be looked at.

    Raises:
        ProgramMissing: there is no find, or one that does not know -printf (busybox).
        TooLarge: more rows than we want to hold.
    """
    prune = ["-type", "d", "-regextype", "posix-extended", "-regex", _pattern(), "-prune", "-o"]
    done = target.run(
        ["find", *starts, "-xdev", *prune, *wanted, "-printf", r"%y %m %U %G %p\0"],
        timeout_s=WALK_TIMEOUT_S,
        limit_bytes=ROWS_LIMIT_BYTES,
    )
    denied: list[str] = []
    for line in done.stderr.splitlines():
        match = _COMPLAINT.fullmatch(line)
        if match is None:
            if done.exit_code != 0 and not done.stdout:
                raise ProgramMissing(f"this find does not know what we ask: {line[:200]}")
            denied.append(line[:200])
        elif match.group(2) != "No such file or directory":  # gone since it was listed
            denied.append(match.group(1))
    return done.stdout.split("\0"), denied


def _unknown(option: str, known: Known) -> list[str]:
    """The condition of find(1) that a number is in none of the runs; nothing when that cannot be told."""
    if not known.readable or len(known.runs) > MAX_RUNS:
        return []
    words: list[str] = []
    for low, high in known.runs:
        words += ["-o"] if words else []
        if low == high:
            words += [option, str(low)]
        else:
            words += ["(", option, f"-{high + 1}", *([option, f"+{low - 1}"] if low else []), ")"]
    return ["-o", "!", "(", *words, ")"]


# ---------------------------------------------------------------- a mounted tree, or no find


def _walk(target: Target, users: Known, groups: Known) -> Found:
    entries: list[Special] = []
    denied: list[str] = []
    for top in tops(read_mountinfo(target)) if target.live else ["/"]:

        def left_out(path: str, top: str = top) -> bool:
            return is_pruned(path, top)

        for path, stat in target.walk(top, denied, skip=left_out):
            if _wanted(stat, users, groups) and not is_pruned(path, top):
                entries.append(Special(path, stat.kind, stat.mode, stat.uid, stat.gid))
    return Found(tuple(entries), tuple(denied), False)


# ---------------------------------------------------------------- who is known


def _numbers(target: Target, path: str) -> Iterator[int]:
    try:
        lines = target.read_text(path).splitlines()
    except OSError:
        return
    for line in lines:
        fields = line.split(":")
        if len(fields) >= 4 and fields[2].isascii() and fields[2].isdigit() and len(fields[2]) < 11:
            yield int(fields[2])


def _subordinate(target: Target, path: str) -> list[tuple[int, int]] | None:
    """subuid(5): numbers lent to an account for its containers; None when the file is there and cannot be read."""
    found: list[tuple[int, int]] = []
    try:
        lines = target.read_text(path).splitlines()
    except (FileNotFoundError, NotADirectoryError):
        return found
    except OSError:
        return None
    for line in lines:
        fields = line.split(":")
        if len(fields) == 3 and all(part.isascii() and part.isdigit() and len(part) < 11 for part in fields[1:]):
            first, count = int(fields[1]), int(fields[2])
            if count:
                found.append((first, first + count - 1))
    return found


def _merge(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for low, high in sorted(ranges):
        if merged and low <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(high, merged[-1][1]))
        else:
            merged.append((low, high))
    return merged
