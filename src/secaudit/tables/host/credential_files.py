"""credential_files: where developer tools keep logins and keys, and whether a plain one is inside. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._credentials import KINDS, Found, Kind
from secaudit.tables.host._homeread import HomeReader


class CredentialFile(NamedTuple):
    """One existing credential file."""

    username: str
    """Whose home it is in; `system` for a file outside of all homes."""
    kind: str
    """The tool: aws, gcp, azure, npm, pypi, docker, netrc, git-credentials, kubeconfig, gh ..."""
    path: str
    mode: int
    """Of what the path leads to."""
    mode_octal: str
    uid: int
    others_can_read: int | None
    """1 when an account other than the owner and root can open it, folders on the way included."""
    has_secret: int | None
    """1 when a secret that works until somebody takes it back lies in the file. Variables, examples, temporary keys,
    encrypted files and references to a keyring are none. NULL when the file could not be read."""
    secret_kind: str | None
    """'' for none, or access_key, password, token, refresh_token, private_key, service_account_key, obfuscated."""
    detail: str | None
    """For a person; never the value."""
    line: int | None
    """Of the first secret; NULL for none, and for formats without lines."""
    mtime_s: int


@table(targets={"host", "root"})
def credential_files(target: Target) -> Iterator[CredentialFile]:
    """Yield one row per credential file that exists in a home folder, and a few known ones outside.

    Source: the manual of each tool, see `_credentials.KINDS`.

    Raises:
        Partial: a folder could not be entered, or a file was not understood.
    """
    reader = HomeReader(target)
    people = reader.homes()
    for kind in KINDS:
        if kind.path.startswith("/"):
            yield from _row(reader, "system", kind, kind.path)
            continue
        for home in people:
            for path in reader.expand(home.directory, kind.path):
                yield from _row(reader, home.username, kind, path)
    reader.finish()


def _row(reader: HomeReader, username: str, kind: Kind, path: str) -> Iterator[CredentialFile]:
    stat = reader.stat(path)
    if stat is None or stat.kind != "file":
        return
    found = _look(reader, kind, path)
    yield CredentialFile(
        username=username,
        kind=kind.kind,
        path=path,
        mode=stat.mode,
        mode_octal=f"{stat.mode:04o}",
        uid=stat.uid,
        others_can_read=reader.others_can_read(path, stat),
        has_secret=None if found is None else int(bool(found.secret_kind)),
        secret_kind=None if found is None else found.secret_kind,
        detail=None if found is None else found.detail,
        line=None if found is None else found.line,
        mtime_s=stat.mtime_s,
    )


def _look(reader: HomeReader, kind: Kind, path: str) -> Found | None:
    text = reader.text(path)
    if text is None:
        return None
    try:
        return kind.read(text)
    except (ValueError, RecursionError):  # JSON that is none; the tool itself cannot use it either
        reader.broken(f"{path} is not in the format of {kind.kind}")
        return None
