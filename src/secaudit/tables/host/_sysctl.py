"""Kernel settings: what runs, what the files of sysctl.d(5) set at the next start, and the kernel's own defaults."""

from __future__ import annotations

import fnmatch
import re
from typing import NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host._dropins import SYSTEM_FOLDERS, conf_files
from secaudit.tables.host._kernel import (
    build_options,
    installed_releases,
    newest_release,
    running_release,
    split_parameters,
    version_key,
)
from secaudit.tables.host._os_release import read_os_release
from secaudit.tables.host._osfamily import family_of, platform_of

SYSTEMD_SYSCTL = ("/usr/lib/systemd/systemd-sysctl", "/lib/systemd/systemd-sysctl")
VALUE_LIMIT_BYTES = 65536
TEMPLATES = re.compile(r"net/ipv[46]/conf/([^/]+)/(.+)$")

DEFAULTS: dict[str, str] = {
    "kernel/randomize_va_space": "2",
    "kernel/kptr_restrict": "0",
    "kernel/kexec_load_disabled": "0",
    "kernel/modules_disabled": "0",
    "kernel/core_uses_pid": "0",
    "kernel/panic_on_oops": "0",
    "kernel/io_uring_disabled": "0",
    "fs/protected_hardlinks": "0",
    "fs/protected_symlinks": "0",
    "fs/protected_fifos": "0",
    "fs/protected_regular": "0",
    "fs/suid_dumpable": "0",
    "net/core/bpf_jit_harden": "0",
    "net/ipv4/ip_forward": "0",
    "net/ipv4/icmp_echo_ignore_broadcasts": "1",
    "net/ipv4/icmp_ignore_bogus_error_responses": "1",
    "net/ipv4/tcp_rfc1337": "0",
    "net/ipv4/tcp_syncookies": "1",
    "net/ipv4/tcp_timestamps": "1",
    "vm/unprivileged_userfaultfd": "0",
}
"""Set in the source of Linux since 5.11 or earlier, the same in the kernels of all large distributions."""

CONF_DEFAULTS: dict[str, dict[str, tuple[str, str]]] = {
    "ipv4": {
        "accept_redirects": ("1", "1"),
        "secure_redirects": ("1", "1"),
        "send_redirects": ("1", "1"),
        "shared_media": ("1", "1"),
        "accept_source_route": ("0", "1"),
        "rp_filter": ("0", "0"),
        "log_martians": ("0", "0"),
        "forwarding": ("0", "0"),
        "proxy_arp": ("0", "0"),
        "route_localnet": ("0", "0"),
        "drop_gratuitous_arp": ("0", "0"),
    },
    "ipv6": {
        "accept_redirects": ("1", "1"),
        "accept_source_route": ("0", "0"),
        "accept_ra": ("1", "1"),
        "forwarding": ("0", "0"),
        "disable_ipv6": ("0", "0"),
        "use_tempaddr": ("0", "0"),
    },
}
"""(all, default) of net/ipv4/devinet.c and net/ipv6/addrconf.c."""

BUILD_DEFAULTS: dict[str, tuple[str, str, str]] = {
    "kernel/dmesg_restrict": ("CONFIG_SECURITY_DMESG_RESTRICT", "1", "0"),
    "kernel/unprivileged_bpf_disabled": ("CONFIG_BPF_UNPRIV_DEFAULT_OFF", "2", "0"),
    "dev/tty/ldisc_autoload": ("CONFIG_LDISC_AUTOLOAD", "1", "0"),
}
"""Name -> (build option, default with it, default without it)."""

SINCE: dict[str, str] = {"kernel/io_uring_disabled": "6.6"}
"""The Linux release that brought a setting that the oldest supported distributions do not have."""
_FORWARD = ("net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding")
SAME: dict[str, tuple[str, ...]] = dict.fromkeys(_FORWARD, _FORWARD)
"""Two names of one switch: devinet_sysctl_forward() of net/ipv4/devinet.c. What is written last counts."""
BACKPORTED = re.compile(r"\.(el|amzn)[0-9]")
"""Kernels whose vendor brings new settings, and other defaults, to old releases."""

DEBIAN_PATCHED = frozenset({"fs/protected_hardlinks", "fs/protected_symlinks"})
"""Debian's kernels have had these on by a patch, so there the default is not known from Linux alone."""


class Assignment(NamedTuple):
    """One line of a sysctl.d file."""

    key: str
    """With slashes, as below /proc/sys."""
    value: str
    path: str
    line: int


class Configured:
    """What the files set when the system starts, in the order in which it applies them.

    An exact name beats every pattern, and the last exact one counts; among patterns the last that matches counts; a
    line `-name` keeps patterns off that name: sysctl.d(5), sysctl(8).
    """

    def __init__(self) -> None:
        self.exact: dict[str, Assignment] = {}
        self.patterns: list[Assignment] = []
        self.excluded: set[str] = set()
        self.late: dict[str, Assignment] = {}
        """Set by programs that start after the system's own settings, such as ufw."""
        self.early: dict[str, Assignment] = {}
        """`sysctl.name=value` of the kernel command line, before everything else."""
        self.unread: list[str] = []
        self.is_whole = True
        """False when a file could not be read: it may set any name to anything."""

    def of(self, key: str) -> Assignment | None:
        """What decides this name, or None when nothing sets it."""
        names = SAME.get(key, (key,))
        for assigned in (self.late, self.exact):
            found = [name for name in assigned if name in names] if len(names) > 1 else [key] if key in assigned else []
            if found:
                return assigned[found[-1]]
        if key not in self.excluded:
            for pattern in reversed(self.patterns):
                if _matches(key, pattern.key):
                    return pattern
        return self.early.get(key)

    def names(self) -> set[str]:
        return set(self.exact) | set(self.late) | set(self.early)


def _matches(key: str, pattern: str) -> bool:
    """glob(7): a star stays within one component."""
    parts, signs = key.split("/"), pattern.split("/")
    return len(parts) == len(signs) and all(map(fnmatch.fnmatchcase, parts, signs))


def normalise(name: str) -> str:
    """Any spelling of a name as a path below /proc/sys: the first separator says which one separates."""
    match = re.search(r"[./]", name)
    if match is not None and match.group() == ".":
        name = name.translate({ord("."): "/", ord("/"): "."})
    return "/".join(part for part in name.split("/") if part and part != ".")


def dotted(key: str) -> str:
    """The name as `sysctl -a` shows it: an interface `eth0.1` becomes `eth0/1`."""
    return key.translate({ord("."): "/", ord("/"): "."})


def read_configured(target: Target) -> Configured:
    """Read every file that sets kernel settings at start.

    Where systemd is installed its systemd-sysctl does it, and /etc/sysctl.conf counts only through a link in
    /etc/sysctl.d; elsewhere procps or OpenRC do, which read /etc/sysctl.conf last. What ufw sets follows.
    """
    configured = Configured()
    if target.live:
        _read_command_line(target, configured)
    folders = [f"{folder}/sysctl.d" for folder in SYSTEM_FOLDERS]
    paths = conf_files(target, folders, configured.unread)
    if not any(_exists(target, path, configured.unread) for path in SYSTEMD_SYSCTL):
        paths.append("/etc/sysctl.conf")
    for path in paths:
        _read_file(target, path, configured)
    _read_ufw(target, configured)
    configured.is_whole = not configured.unread
    return configured


def _exists(target: Target, path: str, unread: list[str]) -> bool:
    try:
        return target.exists(path)
    except OSError:
        unread.append(path)
        return False


def _text(target: Target, path: str, unread: list[str]) -> str:
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        unread.append(path)
        return ""


def parse_lines(text: str) -> list[tuple[int, str, str | None]]:
    """(line, key, value) of a sysctl.d file; the value None means: keep patterns off this name."""
    found: list[tuple[int, str, str | None]] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line[0] in "#;":
            continue
        name, equals, value = line.partition("=")
        if not equals and not line.startswith("-"):
            continue
        name = name[1:] if name.startswith("-") else name
        key = normalise(name.strip())
        if key:
            found.append((number, key, value.strip() if equals else None))
    return found


def _read_file(target: Target, path: str, configured: Configured) -> None:
    for line, key, value in parse_lines(_text(target, path, configured.unread)):
        if value is None:
            configured.excluded.add(key)
            configured.exact.pop(key, None)
        elif any(sign in key for sign in "*?["):
            configured.patterns.append(Assignment(key, value, path, line))
        else:
            before = configured.exact.get(key)
            if before is not None and before.value != value:
                del configured.exact[key]  # its place is now behind the others; the same value again keeps its place
            configured.exact[key] = Assignment(key, value, path, line)


def _read_command_line(target: Target, configured: Configured) -> None:
    path = "/proc/cmdline"
    for parameter in split_parameters(_text(target, path, configured.unread)):
        if parameter.name.startswith("sysctl."):
            key = normalise(parameter.name[len("sysctl.") :])
            configured.early[key] = Assignment(key, parameter.value, path, 1)


def _read_ufw(target: Target, configured: Configured) -> None:
    """ufw(8) applies its own file when it is enabled, after the system's."""
    if not re.search(r"^[^\S\n]*ENABLED=[\"']?yes", _text(target, "/etc/ufw/ufw.conf", configured.unread), re.M | re.I):
        return
    settings = _text(target, "/etc/default/ufw", configured.unread)
    match = re.search(r"^[^\S\n]*IPT_SYSCTL=[\"']?(/[^\s\"']+)", settings, re.M)
    if match is None:
        return
    path = match.group(1)
    for line, key, value in parse_lines(_text(target, path, configured.unread)):
        if value is not None:
            configured.late.pop(key, None)
            configured.late[key] = Assignment(key, value, path, line)


def tidy(value: str) -> str:
    """A value as the kernel would show it: numbers in decimal, single spaces."""
    words = value.split()
    return " ".join(_decimal(word) for word in words)


def _decimal(word: str) -> str:
    if re.fullmatch(r"0[xX][0-9a-fA-F]{1,16}", word):
        return str(int(word, 16))
    if re.fullmatch(r"0[0-7]{1,20}", word):  # proc(5) numbers are read by strtol(3) with base 0
        return str(int(word, 8))
    return word


_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]{1,16}|0[0-7]{0,20}|[1-9][0-9]{0,19})")
_NUMBERS = frozenset(
    [*DEFAULTS, *BUILD_DEFAULTS, "kernel/sysrq", "kernel/perf_event_paranoid", "kernel/yama/ptrace_scope"]
)
"""Settings that are one number; so are those of network interfaces."""


def taken(key: str, value: str) -> str | None:
    """What the kernel makes of a value that is written to a setting; None when it refuses it, or when it is empty.

    A setting that is one number takes the first word and ignores the rest, so `1 # why` is 1, and refuses every other
    word, so that the value before stays. Source: proc_get_long and __do_proc_dointvec of kernel/sysctl.c.
    """
    if key not in _NUMBERS and not TEMPLATES.match(key):
        return tidy(value)
    words = value.split(None, 1)
    return tidy(words[0]) if words and _NUMBER.fullmatch(words[0]) else None


def read_running(target: Target, key: str) -> str | None:
    """The value in force, '' when this kernel has no such setting, None when it cannot be read."""
    if not target.live:
        return None
    try:
        return tidy(target.read_text(f"/proc/sys/{key}", limit_bytes=VALUE_LIMIT_BYTES))
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        return None


class Defaults:
    """What the kernel itself sets when nothing else does."""

    def __init__(self, target: Target) -> None:
        self._options = build_options(target)
        self._release = kernel_release(target)
        try:
            values = read_os_release(target)
            self._platform, self.family = platform_of(values), family_of(values)
        except OSError:
            self._platform = self.family = ""

    def of(self, key: str) -> str | None:
        """The default of this name, or None when it is not known for this kernel."""
        match = TEMPLATES.match(key)
        if match is not None:
            known = CONF_DEFAULTS[key[4:8]].get(match.group(2))
            return None if known is None else known[0 if match.group(1) == "all" else 1]
        if key in SINCE:
            exists = self.exists(key)
            return None if exists is None else DEFAULTS[key] if exists else ""
        if key in DEFAULTS:
            patched = key in DEBIAN_PATCHED and self.family in ("debian", "")
            return None if patched else DEFAULTS[key]
        if key == "kernel/core_pattern":  # systemd writes |/bin/false first, but not on Debian, which patches that out
            return "core" if self.family == "debian" else None
        return self._built_in(key)

    def exists(self, key: str) -> bool | None:
        """Whether the kernel has this setting; None when its release does not tell, or when no kernel is here."""
        since = SINCE.get(key)
        if since is None:
            return True
        if not self._release or BACKPORTED.search(self._release):
            return None
        return version_key(self._release) >= version_key(since)[:-1]

    def _built_in(self, key: str) -> str | None:
        """Defaults that were chosen when the kernel was built."""
        if self._options is None:
            return None
        if key in BUILD_DEFAULTS:
            option, with_it, without_it = BUILD_DEFAULTS[key]
            return with_it if self._options.get(option) == "y" else without_it
        if key == "kernel/sysrq":
            text = self._options.get("CONFIG_MAGIC_SYSRQ_DEFAULT_ENABLE")
            return None if text is None else tidy(text)
        if key == "kernel/perf_event_paranoid":  # the option is a patch of Debian (3) and of Ubuntu (4)
            if self._options.get("CONFIG_SECURITY_PERF_EVENTS_RESTRICT") != "y":
                return "2"
            return {"debian": "3", "ubuntu": "4"}.get(self._platform)
        if key == "kernel/yama/ptrace_scope":  # Debian patches it to 0
            return "1" if self._platform == "ubuntu" or self.family not in ("debian", "") else None
        return None

    def names(self) -> set[str]:
        """Names that exist on practically every kernel."""
        names = set(DEFAULTS) | set(BUILD_DEFAULTS)
        names |= {"kernel/core_pattern", "kernel/sysrq", "kernel/perf_event_paranoid", "kernel/yama/ptrace_scope"}
        for family, settings in CONF_DEFAULTS.items():
            names.update(f"net/{family}/conf/{place}/{name}" for name in settings for place in ("all", "default"))
        return {name for name in names if self.exists(name) is not False}


def kernel_release(target: Target) -> str:
    """The release of the kernel that runs; in a mounted file system of the newest one there; '' when none is known."""
    try:
        return running_release(target) if target.live else newest_release(installed_releases(target))
    except OSError:
        return ""


def boot_value(target: Target, configured: Configured, defaults: Defaults, key: str) -> str | None:
    """The value after the next start: what a file sets, else the kernel's default; None when it is not known, and ''
    when the kernel is too old to have this setting.

    An interface that no file names gets the value of `default`: Linux copies it when the interface appears, and
    again when `default` is written later.
    """
    if defaults.exists(key) is False:
        return ""
    if not configured.is_whole:
        return None
    assignment = configured.of(key)
    value = None if assignment is None else taken(key, assignment.value)
    if value is not None:
        return value
    match = TEMPLATES.match(key)
    if match is not None and match.group(1) not in ("all", "default"):
        return boot_value(target, configured, defaults, f"{key[:9]}conf/default/{match.group(2)}")
    return defaults.of(key)
