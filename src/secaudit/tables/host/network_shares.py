"""network_shares: folders that NFS and Samba give to others. osquery has `nfs_shares` of macOS only."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host import _smbconf
from secaudit.tables.host._smbconf import Entry

MAX_FILES = 200
MAX_SHARES = 5_000
SWITCHES = ("available", "printable", "printok", "guestok", "public", "readonly", "writable", "writeable", "writeok")
_CLIENT = re.compile(r"([^\s(]*)\(([^)]*)\)|(\S+)")


class NetworkShare(NamedTuple):
    """One folder for one group of clients."""

    kind: str
    """nfs or samba."""
    name: str
    """Of Samba: the share; of NFS: the folder."""
    share_path: str
    """The folder that is shared; '' for Samba's home folders."""
    clients: str
    """NFS: host, network or `*`. Samba: `hosts allow`, or `*` when it is not set."""
    options: str
    """NFS: as written."""
    writable: int
    guest: int
    """1 when no password is asked (Samba `guest ok`); NFS never asks for one, see `clients`."""
    root_kept: int
    """1 when root of the client is root here too (NFS `no_root_squash`)."""
    path: str
    line: int


@table(targets={"host", "root"})
def network_shares(target: Target) -> Iterator[NetworkShare]:
    """Yield one row per share, and for NFS per client.

    Source: exports(5), smb.conf(5).

    Raises:
        Absent: neither is set up here.
        Partial: a file could not be read, or smb.conf has includes that depend on the client.
    """
    problems: list[str] = []
    files = ["/etc/exports", *target.glob("/etc/exports.d/*.exports")]
    if len(files) > MAX_FILES:
        problems.append(f"more than {MAX_FILES} files in /etc/exports.d")
    seen = 0
    for path in files[:MAX_FILES]:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            problems.append(f"{path} could not be read")
            continue
        seen += 1
        yield from _exports(text, path)
    unread: list[str] = []
    shares = _shares(_smbconf.read_entries(target, unread), unread)
    seen += int(bool(unread) or target.exists(_smbconf.MAIN))
    yield from _samba(shares)
    problems.extend(f"not followed: {name}" if " " in name else f"{name} could not be read" for name in unread)
    if problems:
        raise Partial("; ".join(problems), None if target.is_root else "root")
    if not seen:
        raise Absent("no folders are shared with NFS or Samba")


def _exports(text: str, path: str) -> Iterator[NetworkShare]:
    held, start = "", 0
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.partition("#")[0]
        start = start or number
        if line.rstrip().endswith("\\"):
            held += line.rstrip()[:-1] + " "
            continue
        whole, first = (held + line).strip(), start
        held, start = "", 0
        match = re.match(r'"([^"]+)"|(\S+)', whole)
        if match is None:
            continue
        folder = match.group(1) or match.group(2)
        defaults = ""
        for client in _CLIENT.finditer(whole, match.end()):
            host, options, bare = client.groups()
            if bare is not None and bare.startswith("-"):
                defaults = bare[1:]
                continue
            words = ",".join(part for part in (defaults, options or "") if part)
            yield _export(folder, bare or host or "*", words, path, first)


def _export(folder: str, client: str, options: str, path: str, line: int) -> NetworkShare:
    """Options of later words win; the built-in ones are ro and root_squash."""
    words = [word.strip() for word in options.split(",")]
    writable = root_kept = 0
    for word in words:
        writable = 1 if word == "rw" else 0 if word == "ro" else writable
        root_kept = 1 if word == "no_root_squash" else 0 if word in ("root_squash", "all_squash") else root_kept
    return NetworkShare("nfs", folder, folder, client, options, writable, 0, root_kept, path, line)


class _Share:
    """A section of smb.conf: what [global] said when it began, and what it says itself."""

    def __init__(self, begin: Entry, defaults: dict[str, str]) -> None:
        self.path = begin.path
        self.line = begin.line
        self.own: dict[str, str] = {}
        self.setting = dict(defaults)

    def put(self, name: str, value: str) -> None:
        for settings in (self.own, self.setting):
            settings.pop(name, None)  # so that the order is that of the last words
            settings[name] = value


def _shares(entries: Iterable[Entry], unread: list[str]) -> dict[str, _Share]:
    """Sections in order. A share takes over what [global] says before it begins, not what follows."""
    shares: dict[str, _Share] = {}
    common: dict[str, str] = {}
    for entry in entries:
        if entry.key in SWITCHES and _smbconf.boolean(entry.value) is None:
            unread.append(f"{entry.path}:{entry.line} (neither yes nor no)")
        elif entry.section == _smbconf.GLOBAL:
            common.pop(entry.key, None)
            if entry.key:
                common[entry.key] = entry.value
        elif entry.section not in shares and len(shares) >= MAX_SHARES:
            unread.append(f"{entry.path} (more than {MAX_SHARES} shares)")
            break
        else:
            share = shares.setdefault(entry.section, _Share(entry, common))
            if entry.key == "copy":
                copied = shares.get(re.sub(r"\s+", " ", entry.value.lower()))
                for name, value in copied.own.items() if copied is not None else ():
                    share.put(name, value)
            elif entry.key:
                share.put(entry.key, entry.value)
    return shares


def _samba(shares: dict[str, _Share]) -> Iterator[NetworkShare]:
    for name, share in shares.items():
        setting = share.setting
        if not _is_on(setting, ("available",), "yes") or _is_on(setting, ("printable", "printok"), "no"):
            continue
        yield NetworkShare(
            kind="samba",
            name=name,
            share_path=_last_of(share.own, ("path", "directory"), ""),
            clients=_last_of(setting, ("hostsallow", "allowhosts"), "") or "*",
            options="",
            writable=int(_samba_writable(setting)),
            guest=int(_is_on(setting, ("guestok", "public"), "no")),
            root_kept=0,
            path=share.path,
            line=share.line,
        )


def _last_of(setting: dict[str, str], names: tuple[str, ...], default: str) -> str:
    """The value of the last of several names of one thing."""
    return next((setting[name] for name in reversed(setting) if name in names), default)


def _is_on(setting: dict[str, str], names: tuple[str, ...], default: str) -> bool:
    return _smbconf.boolean(_last_of(setting, names, default)) is True


def _samba_writable(setting: dict[str, str]) -> bool:
    """`read only = no` and its opposites `writable`, `writeable`, `write ok`; the last of them in the file counts."""
    answer = False
    for key, value in setting.items():
        if key in ("writable", "writeable", "writeok"):
            answer = _smbconf.boolean(value) is True
        elif key == "readonly":
            answer = _smbconf.boolean(value) is not True
    return answer
