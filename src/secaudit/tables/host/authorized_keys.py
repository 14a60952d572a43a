"""authorized_keys: the keys that may log in over SSH. As osquery's table of this name, with what the key is."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.host._passwd import Account, home_of_root, read_accounts
from secaudit.tables.host._ssh_keys import PublicKey, parse_public_words
from secaudit.tables.host._sshd import Server, read_server

FILE_LIMIT_BYTES = 4 << 20
_DEFAULT_FILES = ".ssh/authorized_keys .ssh/authorized_keys2"
_OPTION = re.compile(r'([A-Za-z0-9-]+)(?:="((?:[^"\\]|\\.)*)")?')


class AuthorizedKey(NamedTuple):
    """One line that lets a key in."""

    username: str
    """`*` for a file that holds for every account."""
    path: str
    line: int
    algorithm: str
    bits: int | None
    """NULL for an algorithm that is not known here."""
    options: str
    """As written, but the values of `environment` and the arguments of `command` are left out: they may be secret."""
    has_command: int
    """1 when the key can only run one command."""
    comment: str
    key_sha256: str
    """As ssh-keygen -l prints it."""
    uid: int | None
    """Of the account; NULL for `*`."""
    owner_uid: int
    """Who owns the file."""
    mode: int
    """Of the file."""
    mode_octal: str


@table(targets={"host", "root"})
def authorized_keys(target: Target) -> Iterator[AuthorizedKey]:
    """Yield one row per usable key in the files that AuthorizedKeysFile of the server names, for every account.

    Lines that sshd would not take as a key are left out.

    Source: sshd(8) AUTHORIZED_KEYS FILE FORMAT, sshd_config(5) AuthorizedKeysFile.

    Raises:
        Absent: no OpenSSH server is installed.
        Partial: some files cannot be read, or AuthorizedKeysCommand gives further keys.
    """
    server = read_server(target)
    patterns = _patterns(server)
    seen: set[str] = set()
    denied: list[str] = []
    for account in read_accounts(target):
        for pattern in patterns:
            path, is_shared = _expand(pattern, account)
            if path is None or path in seen:
                continue
            seen.add(path)
            try:
                text = target.read_text(path, FILE_LIMIT_BYTES)
                stat = target.stat(path)
            except (FileNotFoundError, NotADirectoryError):
                continue
            except OSError:
                denied.append(path)
                continue
            for number, key, options, comment in _keys(text):
                yield AuthorizedKey(
                    username="*" if is_shared else account.username,
                    path=path,
                    line=number,
                    algorithm=key.algorithm,
                    bits=key.bits,
                    options=_masked(options),
                    has_command=int(any(match.group(1).lower() == "command" for match in _OPTION.finditer(options))),
                    comment=comment,
                    key_sha256=key.sha256,
                    uid=None if is_shared else account.uid,
                    owner_uid=stat.uid,
                    mode=stat.mode,
                    mode_octal=f"{stat.mode:04o}",
                )
    reasons = [f"could not be read: {', '.join(denied[:3])}"] if denied else []
    if any(value != "none" for value in server.values("authorizedkeyscommand")):
        reasons.append("AuthorizedKeysCommand gives further keys that only it knows")
    if server.problem is not None:
        reasons.append(server.problem.reason)
    if reasons:
        needs_root = bool(denied) or (server.problem is not None and server.problem.needs == "root")
        of_root = home_of_root(target, denied) if len(reasons) == 1 else ()
        raise Partial("; ".join(reasons), needs="root" if needs_root else None, homes=of_root)


def _patterns(server: Server) -> list[str]:
    """AuthorizedKeysFile of the global section and of every Match block, each once."""
    values = server.values("authorizedkeysfile") or [_DEFAULT_FILES]
    return list(dict.fromkeys(word for value in values for word in value.split() if word.lower() != "none"))


def _expand(pattern: str, account: Account) -> tuple[str | None, bool]:
    """The file for this account, and whether it is the same for all."""
    home = account.directory.rstrip("/")
    tokens = {"%%": "%", "%h": home, "%u": account.username, "%U": str(account.uid)}
    path = re.sub("%.", lambda match: tokens.get(match.group(0), match.group(0)), pattern)
    if path.startswith("/"):
        return path, not re.search("%[huU]", pattern)
    return (f"{home}/{path}", False) if home.startswith("/") else (None, False)


def _keys(text: str) -> Iterator[tuple[int, PublicKey, str, str]]:
    """Line number, key, options and comment of each key, as sshd finds them: first without options, then after them."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        options, rest = "", line
        for _ in range(2):
            words = rest.split(None, 2)
            key = parse_public_words(words[0], words[1]) if len(words) > 1 else None
            if key is not None:
                yield number, key, options, words[2] if len(words) > 2 else ""
                break
            options, rest = _past_options(line)


def _past_options(line: str) -> tuple[str, str]:
    """Split at the first blank outside quotes."""
    quoted, at = False, 0
    while at < len(line) and (quoted or line[at] not in " \t"):
        if line[at] == "\\" and line[at + 1 : at + 2] == '"':
            at += 1
        elif line[at] == '"':
            quoted = not quoted
        at += 1
    return line[:at], line[at:]


def _masked(options: str) -> str:
    shown = []
    for match in _OPTION.finditer(options):
        name, value = match.group(1), match.group(2)
        if value is None:
            shown.append(name)
        elif name.lower() == "environment":
            shown.append(f'{name}="{value.partition("=")[0]}=..."')
        elif name.lower() == "command":
            words = value.split(None, 1)
            shown.append(f'{name}="{words[0] if words else ""}{" ..." if len(words) > 1 else ""}"')
        else:
            shown.append(f'{name}="{value}"')
    return ",".join(shown)
