"""system_controls: kernel settings, running and after the next start. As osquery's table of this name, with more."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._sysctl import Defaults, boot_value, dotted, read_configured, read_running

TOP = "/proc/sys"
MAX_NAMES = 5000
SKIPPED_FOLDERS = re.compile(
    r"(net/ipv[46]/neigh|kernel/sched_domain|kernel/keys|dev/cdrom|dev/parport|fs/binfmt_misc|fs/quota|fs/xfs|sunrpc"
    r"|net/mpls|net/netfilter/nf_log|debug)(/|$)"
)
"""Large or uninteresting trees; fs/binfmt_misc would be mounted by a look into it."""
SKIPPED_NAMES = re.compile(
    r"(.*/)?(stable_secret|tcp_fastopen_key|uuid|boot_id|entropy_avail|ns_last_pid|nf_conntrack_count|dentry-state"
    r"|inode-nr|inode-state|file-nr|aio-nr|stat_refresh|flush|compact_memory|drop_caches|max_lock_depth"
    r"|cad_pid|(all|next)_.*_id|nr|seccomp/actions_avail)$"
)
"""Secrets (they must never enter a row), counters that change all the time, and triggers that cannot be read."""
INTERFACE = re.compile(r"net/ipv[46]/conf/(?!all/|default/)[^/]+/(.+)$")
INTERFACE_NAMES = frozenset(
    "accept_local accept_ra accept_redirects accept_source_route disable_ipv6 forwarding log_martians proxy_arp "
    "route_localnet rp_filter secure_redirects send_redirects use_tempaddr".split()
)
"""What is told for each single interface; a machine with many containers has hundreds of them."""


class SystemControl(NamedTuple):
    """One kernel setting."""

    name: str
    """With dots, as `sysctl -a` shows it: `net.ipv4.conf.eth0/1.rp_filter` is of the interface eth0.1."""
    subsystem: str
    """The first part of the name: kernel, net, fs, vm, dev, user..."""
    value: str | None
    """What counts now: the running value; in a mounted file system `boot_value`. Empty when the kernel does not
    have this setting."""
    boot_value: str | None
    """What counts after the next start: the configured value, else the kernel's own default; NULL when nothing is
    configured and the default is not known."""
    current_value: str | None
    """The running value; NULL when it cannot be read, and always in a mounted file system."""
    config_value: str
    """The configured value as written; empty when no file sets it."""
    is_configured: int
    path: str | None
    """The file that decides, NULL when no file sets it."""
    line: int | None


@table(targets={"host", "root"})
def system_controls(target: Target) -> Iterator[SystemControl]:
    """Yield one row per kernel setting below /proc/sys or in a configuration file.

    Source: sysctl.d(5), sysctl(8) --system, Documentation/admin-guide/sysctl of Linux. ufw's own file counts when ufw
    is enabled. Neighbour tables, counters and secrets are left out; of single interfaces only what matters.

    Raises:
        Denied: /proc/sys cannot be listed.
        Partial: a configuration file could not be read.
    """
    configured = read_configured(target)
    defaults = Defaults(target)
    keys = configured.names()
    if target.live:
        denied: list[str] = []
        for number, (path, entry) in enumerate(target.walk(TOP, denied)):
            key = path[len(TOP) + 1 :]
            if entry.kind == "file" and entry.mode & 0o444 and _is_told(key):
                keys.add(key)
            if number > MAX_NAMES * 4:
                configured.unread.append(TOP)
                break
        configured.unread.extend(folder for folder in denied if folder == TOP)
    else:
        keys |= defaults.names()
    if len(keys) > MAX_NAMES:
        configured.unread.append(f"more than {MAX_NAMES} settings")
    for key in sorted(key for key in keys if not SKIPPED_NAMES.match(key))[:MAX_NAMES]:
        assignment = configured.of(key)
        current = read_running(target, key)
        after = boot_value(target, configured, defaults, key)
        yield SystemControl(
            name=dotted(key),
            subsystem=key.split("/", 1)[0],
            value=current if target.live else after,
            boot_value=after,
            current_value=current,
            config_value="" if assignment is None else assignment.value,
            is_configured=int(assignment is not None),
            path=None if assignment is None else assignment.path,
            line=None if assignment is None else assignment.line,
        )
    say_unread(configured.unread)


def _is_told(key: str) -> bool:
    if SKIPPED_FOLDERS.match(key) or SKIPPED_NAMES.match(key):
        return False
    interface = INTERFACE.match(key)
    return interface is None or interface.group(1) in INTERFACE_NAMES
