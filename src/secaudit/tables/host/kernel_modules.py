"""kernel_modules: loaded modules, and rarely used ones that could be loaded. As osquery's table, with much more."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._kernel import MODULE_FOLDERS, installed_releases, newest_release, running_release
from secaudit.tables.host._modprobe import read_modprobe, underscored

RARE: dict[str, tuple[str, tuple[str, ...]]] = {
    **{
        name: ("filesystem", (f"fs_{name}",))
        for name in (
            "cramfs jffs2 hfs hfsplus udf squashfs minix ufs affs befs qnx4 qnx6 omfs romfs "
            "ocfs2 reiserfs adfs bfs efs hpfs jfs nilfs2 ceph"
        ).split()
    },
    "freevxfs": ("filesystem", ("fs_vxfs",)),
    "gfs2": ("filesystem", ("fs_gfs2", "fs_gfs2meta")),
    "kafs": ("filesystem", ("fs_afs",)),
    "sysv": ("filesystem", ("fs_sysv", "fs_v7")),
    "dccp": ("protocol", ("net_pf_2_proto_0_type_6", "net_pf_2_proto_33_type_6")),
    "sctp": ("protocol", ("net_pf_2_proto_132", "net_pf_10_proto_132")),
    "rds": ("protocol", ("net_pf_21",)),
    "tipc": ("protocol", ("net_pf_30",)),
    "ax25": ("protocol", ("net_pf_3",)),
    "netrom": ("protocol", ("net_pf_6",)),
    "x25": ("protocol", ("net_pf_9",)),
    "rose": ("protocol", ("net_pf_11",)),
    "appletalk": ("protocol", ("net_pf_5",)),
    "atm": ("protocol", ("net_pf_8", "net_pf_20")),
    "can": ("protocol", ("net_pf_29",)),
    "phonet": ("protocol", ("net_pf_35",)),
    "ieee802154_socket": ("protocol", ("net_pf_36",)),
    "n_hdlc": ("line-discipline", ("tty_ldisc_13",)),
    "usb_storage": ("usb", ()),
    "uas": ("usb", ()),
    "firewire_core": ("dma", ()),
    "firewire_ohci": ("dma", ()),
    "firewire_sbp2": ("dma", ()),
    "thunderbolt": ("dma", ()),
}
"""Modules told about even when they are not loaded: kind, and the names by which the kernel itself asks for them."""

BUILT_IN = frozenset({"squashfs", "overlay", "usb_storage"})
"""Of RARE and what people block: parts of the kernel itself in some distributions (squashfs in Ubuntu's). All others
are modules in the kernels of Debian, Ubuntu, Fedora, RHEL, Arch and Alpine, so in an image that has no kernel yet the
configuration alone decides."""

NEEDS: dict[str, tuple[str, ...]] = {
    "uas": ("usb_storage",),
    "firewire_sbp2": ("firewire_core",),
    "firewire_ohci": ("firewire_core",),
}
"""Modules of RARE that others need, in all kernels, for images that have no modules.dep yet."""
PLAIN_MACHINES = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1")
"""The program loader of PCs. Their distribution kernels have usb_storage as a module; those of small boards, which
start from USB disks, have it built in."""

MODULE_FILE = re.compile(r"(?:^|/)([^/:\s]+)\.ko(?:\.[a-z0-9]+)?(?::|\s*$)")


class KernelModule(NamedTuple):
    """One module."""

    name: str
    """With underscores, as `lsmod` shows it: usb_storage."""
    kind: str
    """filesystem, protocol, line-discipline, usb or dma for modules that are often not needed; empty for others."""
    size: int | None
    """Bytes in memory; NULL when it is not loaded."""
    used_by: str
    """Modules that use it, separated by commas, as osquery shows it."""
    status: str
    """Live, Loading, Unloading; empty when it is not loaded."""
    loaded: int | None
    """NULL in a mounted file system."""
    built_in: int | None
    """1 when it is part of the kernel itself, so that nothing can keep it out; NULL when that is not known."""
    available: int | None
    """1 when the kernel has it, as a module or built in; NULL when that is not known."""
    blacklisted: int
    """1 when it does not come in by itself: a `blacklist` line, or `alias ... off` for all its aliases."""
    install_disabled: int
    """1 when not even `modprobe` loads it: an `install` line that runs /bin/false or the like, also that of a module
    that it needs, or module_blacklist=."""
    blocked: int | None
    """1 when it is not loaded and nothing loads it by itself: not available, blacklisted or install_disabled; NULL
    when that is not known."""
    path: str | None
    """The file that blocks it."""
    line: int | None


@table(targets={"host", "root"})
def kernel_modules(target: Target) -> Iterator[KernelModule]:
    """Yield one row per loaded module, per module that a configuration names, and per rarely used module.

    Source: proc(5), modprobe.d(5), modules.dep and modules.builtin of the running kernel; in a mounted file system of
    the newest installed one. Where none is installed, as in an image for containers, what the configuration blocks
    counts as blocked by any kernel to come, and what it does not block is not known.

    Raises:
        Partial: a configuration file could not be read.
    """
    config = read_modprobe(target)
    loaded = _loaded(target)
    present, built_in = _present(target)
    needs = NEEDS if present is None else present
    # inside a container the modules folder is the host's, so a missing list only counts on a kernel without modules
    loadable = not target.live or target.exists("/proc/modules")
    has_kernel = target.live or present is not None or built_in is not None
    may_be_built_in = BUILT_IN - {"usb_storage"} if _is_plain_machine(target) else BUILT_IN
    for name in sorted({*loaded, *RARE, *config.named()}):
        kind, aliases = RARE.get(name, ("", ()))
        size, used_by, status = loaded.get(name, (None, "", ""))
        is_loaded = int(name in loaded) if target.live else None
        is_built_in = _is_built_in(target, name, built_in)
        available = 1 if is_loaded or is_built_in else None if present is None else int(name in present)
        if available is None and is_built_in == 0 and not loadable:
            available = 0
        disabled = next(filter(None, map(config.disabled, (name, *needs.get(name, ())))), None)
        hidden = config.blacklist.get(name) or config.switched_off(aliases)
        decider = disabled or hidden
        yield KernelModule(
            name=name,
            kind=kind,
            size=size,
            used_by=used_by,
            status=status,
            loaded=is_loaded,
            built_in=is_built_in,
            available=available,
            blacklisted=int(hidden is not None),
            install_disabled=int(disabled is not None),
            blocked=_blocked(
                is_loaded, is_built_in, available, decider is not None, has_kernel or name in may_be_built_in
            ),
            path=None if decider is None else decider.path,
            line=None if decider is None else decider.line,
        )
    say_unread(config.unread)


def _blocked(
    loaded: int | None, built_in: int | None, available: int | None, decided: bool, may_be_built_in: bool
) -> int | None:
    if loaded or built_in:
        return 0
    if available == 0:
        return 1
    if decided:
        return None if built_in is None and may_be_built_in else 1
    return None if available is None else 0


def _loaded(target: Target) -> dict[str, tuple[int | None, str, str]]:
    """Name -> (size, used by, status). A kernel without modules has no /proc/modules."""
    if not target.live:
        return {}
    try:
        text = target.read_text("/proc/modules")
    except FileNotFoundError:
        return {}
    found: dict[str, tuple[int | None, str, str]] = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) >= 5:
            size = int(words[1]) if words[1].isascii() and words[1].isdigit() else None
            found[words[0]] = (size, words[3].rstrip(","), words[4])
    return found


def _is_plain_machine(target: Target) -> bool:
    try:
        return any(target.exists(path) for path in PLAIN_MACHINES)
    except OSError:
        return False


def _present(target: Target) -> tuple[dict[str, tuple[str, ...]] | None, set[str] | None]:
    """Modules that can be loaded with those that each needs, and modules that are built in; None where no list is."""
    release = running_release(target) if target.live else newest_release(installed_releases(target))
    lists: list[dict[str, tuple[str, ...]] | None] = [None, None]
    if release and "/" not in release:
        for position, name in enumerate(("modules.dep", "modules.builtin")):
            for folder in MODULE_FOLDERS:
                try:
                    text = target.read_text(f"{folder}/{release}/{name}")
                except OSError:
                    continue
                lists[position] = dict(map(_of_line, text.splitlines()))
                break
    return lists[0], None if lists[1] is None else set(lists[1])


def _of_line(line: str) -> tuple[str, tuple[str, ...]]:
    """A module of modules.dep, or of modules.builtin, and those that it needs; '' for another line."""
    first, _, rest = line.partition(":")
    names = [underscored(match.group(1)) for word in (first, *rest.split()) if (match := MODULE_FILE.search(word))]
    return (names[0], tuple(names[1:])) if names else ("", ())


def _is_built_in(target: Target, name: str, built_in: set[str] | None) -> int | None:
    if built_in is not None:
        return int(name in built_in)
    if not target.live:
        return None
    kind = RARE.get(name, ("", ()))[0]
    try:
        if kind == "filesystem":  # every file system of the kernel is in this list, loaded ones too
            words = target.read_text("/proc/filesystems").split()
            return int(name in words and not target.exists(f"/sys/module/{name}/initstate"))
        if kind == "protocol":
            lines = target.read_text("/proc/net/protocols").lower().splitlines()
            return int(any(line.split()[0] == name for line in lines if line.strip()))
        if kind == "usb":
            return int(target.exists(f"/sys/bus/usb/drivers/{name.replace('_', '-')}"))
        if name.startswith("firewire"):
            return int(target.exists("/sys/bus/firewire"))
        return None
    except OSError:
        return None
