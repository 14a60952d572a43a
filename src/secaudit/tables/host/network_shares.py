"""network_shares: folders that NFS and Samba give to others. osquery has `nfs_shares` of macOS only."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table

TRUE_WORDS = ("yes", "true", "1", "on")
SAMBA = "/etc/samba/smb.conf"
MAX_FILES = 200
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
        Partial: a file could not be read, or smb.conf includes others, which are not followed.
    """
    problems: list[str] = []
    files = ["/etc/exports", *target.glob("/etc/exports.d/*.exports")][:MAX_FILES]
    seen = 0
    for path in files:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            problems.append(f"{path} could not be read")
            continue
        seen += 1
        yield from _exports(text, path)
    try:
        text = target.read_text(SAMBA)
    except FileNotFoundError:
        text = ""
    except OSError:
        problems.append(f"{SAMBA} could not be read")
        text = ""
    if text:
        seen += 1
        if re.search(r"^[^\S\n]*(?:include|config[^\S\n]+backend)[^\S\n]*=", text, re.MULTILINE):
            problems.append(f"{SAMBA} includes other settings, which are not read")
        yield from _samba(text)
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


def _samba(text: str) -> Iterator[NetworkShare]:
    """Sections in order; [global] gives defaults; names are compared without case and spaces, smb.conf(5)."""
    shares: dict[str, tuple[int, dict[str, str]]] = {}
    order: list[str] = []
    current: dict[str, str] = {}
    glob: dict[str, str] = {}
    held = ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = held + raw.strip()
        held = ""
        if line.endswith("\\"):
            held = line[:-1]
            continue
        if not line or line[0] in "#;":
            continue
        if line.startswith("[") and "]" in line:
            name = line[1 : line.index("]")].strip().lower()
            if name == "global":
                current = glob
            else:
                if name not in shares:
                    shares[name] = (number, {})
                    order.append(name)
                current = shares[name][1]
            continue
        key, sign, value = line.partition("=")
        if sign:
            current[re.sub(r"\s+", "", key.lower())] = value.strip()
    for name in order:
        number, own = shares[name]
        setting = {**glob, **own}
        if setting.get("available", "yes").lower() not in TRUE_WORDS:
            continue
        printable = setting.get("printable", setting.get("printok", "no")).lower() in TRUE_WORDS
        if printable:
            continue
        guest = setting.get("guestok", setting.get("public", "no")).lower() in TRUE_WORDS
        yield NetworkShare(
            kind="samba",
            name=name,
            share_path=own.get("path", own.get("directory", "")),
            clients=setting.get("hostsallow", setting.get("allowhosts", "")) or "*",
            options="",
            writable=int(_samba_writable(setting)),
            guest=int(guest),
            root_kept=0,
            path=SAMBA,
            line=number,
        )


def _samba_writable(setting: dict[str, str]) -> bool:
    """`read only = no` and its opposites `writable`, `writeable`, `write ok`; the last of them in the file counts."""
    answer = False
    for key, value in setting.items():
        if key in ("writable", "writeable", "writeok"):
            answer = value.lower() in TRUE_WORDS
        elif key == "readonly":
            answer = value.lower() not in TRUE_WORDS
    return answer
