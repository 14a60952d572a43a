"""private_keys: SSH private key files of people and of the server. Like osquery's `user_ssh_keys`, without its grep."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, NotRegular, Partial, Stat, TableProblem, Target, TooLarge, table
from secaudit.tables.host._passwd import Home, home_of_root, homes
from secaudit.tables.host._ssh_client import ClientReader
from secaudit.tables.host._ssh_keys import PrivateKey, PublicKey, parse_private, parse_public_line
from secaudit.tables.host._sshd import read_server

FILE_LIMIT_BYTES = 256 * 1024
MAX_FILES = 2000
"""Of one folder."""
_OTHER_FILES = ("known_hosts", "known_hosts.old", "config", "authorized_keys", "authorized_keys2", "environment", "rc")


class PrivateKeyFile(NamedTuple):
    """One private key file."""

    path: str
    username: str
    """Whose folder or configuration names it; '' for a host key."""
    is_host_key: int
    is_used: int
    """For a host key: 1 when the server's HostKey names it; 0 for one that only lies in /etc/ssh. Else 1."""
    kind: str | None
    """rsa, dsa, ecdsa, ed25519, ecdsa-sk or ed25519-sk (the last two need a security key in hand)."""
    bits: int | None
    encrypted: int | None
    """1 when a passphrase protects it."""
    format: str | None
    """openssh, pem, pkcs8, putty, ssh.com or ssh1."""
    cipher: str | None
    """What encrypts it; '' when nothing does."""
    key_sha256: str | None
    """Fingerprint of its public part, as ssh-keygen -l prints it."""
    uid: int
    """Who owns the file."""
    gid: int
    mode: int
    mode_octal: str


@table(targets={"host", "root"})
def private_keys(target: Target) -> Iterator[PrivateKeyFile]:
    """Yield each private key in ~/.ssh and one folder below, each that IdentityFile of the client names, each host key.

    Host keys are those that HostKey of the server names and /etc/ssh/ssh_host_*_key.

    Only headers are read and nothing is decrypted. Kind and size come from the file, else from the
    `.pub` file beside it.
    NULL in kind, bits or encrypted means: the file could not be read, or its header does not tell.

    Source: PROTOCOL.key of OpenSSH, RFC 1421, RFC 5208.

    Raises:
        Partial: a folder or file could not be read.
    """
    unread: list[str] = []
    seen: set[str] = set()
    for home in homes(target):
        for path, is_named in _candidates(target, home, unread):
            if path not in seen:
                seen.add(path)
                yield from _row(target, path, home.username, is_named, True, unread)
    used = _host_keys(target, unread)
    for path in dict.fromkeys([*used, *_host_key_files(target, unread)]):  # also one that a person uses as well
        yield from _row(target, path, "", True, path in used, unread)
    if unread:
        of_root = home_of_root(target, unread)
        raise Partial(f"could not be read: {', '.join(unread[:3])}", needs="root", homes=of_root)


def _candidates(target: Target, home: Home, unread: list[str]) -> Iterator[tuple[str, bool]]:
    """Files that may be keys, and whether a name says that it is one."""
    top = f"{home.directory}/.ssh"
    for folder in (top, *_folders_in(target, top)):
        try:
            names = target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(folder)
            continue
        if len(names) > MAX_FILES:
            unread.append(f"{folder} (only {MAX_FILES} of {len(names)} files)")
        for name in names[:MAX_FILES]:
            if name not in _OTHER_FILES and not name.endswith((".pub", "-cert.pub")):
                yield f"{folder}/{name}", name.startswith("id_") and "." not in name
    reader = ClientReader(target, home.username, home.directory)
    for item in reader.read(f"{top}/config"):
        if item.keyword == "identityfile" and item.value.lower() != "none":
            path = item.value.replace("%d", home.directory).replace("%u", home.username)
            path = home.directory + path[1:] if path.startswith("~/") else path
            if path.startswith("/") and "%" not in path and not path.endswith(".pub"):
                yield path, True
    unread.extend(reader.unread)


def _folders_in(target: Target, top: str) -> Iterator[str]:
    """Folders below ~/.ssh; people sort their keys into them. Deeper ones are not looked at."""
    try:
        names = target.listdir(top)
    except OSError:
        return
    for name in names[:MAX_FILES]:
        try:
            if target.stat(f"{top}/{name}", follow=False).kind == "dir":
                yield f"{top}/{name}"
        except OSError:
            continue


def _host_keys(target: Target, unread: list[str]) -> list[str]:
    try:
        server = read_server(target)
    except Absent:
        return []
    except (TableProblem, OSError):
        unread.append("the HostKey settings of the server")
        return []
    if server.problem is not None or any(s.keyword == "hostkey" and s.value is None for s in server.settings):
        unread.append("the HostKey settings of the server")
    return list(dict.fromkeys(path for path in server.values("hostkey") if path.startswith("/")))


def _host_key_files(target: Target, unread: list[str]) -> list[str]:
    try:
        return target.glob("/etc/ssh/ssh_host_*_key")
    except OSError:
        unread.append("/etc/ssh")
        return []


def _row(
    target: Target, path: str, username: str, is_named: bool, is_used: bool, unread: list[str]
) -> Iterator[PrivateKeyFile]:
    try:
        stat = target.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        unread.append(path)
        return
    if stat.kind != "file":
        if is_named and stat.kind != "dir":  # a FIFO may give a key to whoever opens it
            unread.append(path)
        return
    key: PrivateKey | None = None
    try:
        key = parse_private(target.read_bytes(path, FILE_LIMIT_BYTES))
        if key is None:
            return
    except TooLarge:
        return  # no key has this size
    except (FileNotFoundError, NotRegular):
        return
    except OSError:
        if not is_named:
            unread.append(path)
            return
    yield _file_row(path, username, is_used, stat, key, _public_part(target, path))


def _public_part(target: Target, path: str) -> PublicKey | None:
    try:
        return parse_public_line(target.read_text(f"{path}.pub", FILE_LIMIT_BYTES))
    except OSError:
        return None


def _file_row(
    path: str, username: str, is_used: bool, stat: Stat, key: PrivateKey | None, public: PublicKey | None
) -> PrivateKeyFile:
    kind = key.kind if key is not None else None
    bits = key.bits if key is not None else None
    sha256 = key.sha256 if key is not None else None
    if public is not None:
        kind = kind or public.kind
        if bits is None and kind == public.kind:
            bits = public.bits
        sha256 = sha256 or public.sha256
    return PrivateKeyFile(
        path=path,
        username=username,
        is_host_key=int(username == ""),
        is_used=int(is_used),
        kind=kind,
        bits=bits,
        encrypted=key.encrypted if key is not None else None,
        format=key.format if key is not None else None,
        cipher=key.cipher if key is not None else None,
        key_sha256=sha256,
        uid=stat.uid,
        gid=stat.gid,
        mode=stat.mode,
        mode_octal=f"{stat.mode:04o}",
    )
