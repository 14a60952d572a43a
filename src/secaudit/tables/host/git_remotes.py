"""git_remotes: the addresses that repositories in home folders fetch from and push to. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._gitconfig import BadConfig, parse
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._secrets import has_url_secret, hide_in_url

MAX_DEPTH = 4
"""Folders below the home; client work is rarely deeper, and caches are."""
MAX_FOLDERS = 20_000
"""Of one home; more is said in the reason."""
SKIPPED = ("node_modules", "site-packages", "__pycache__", "snap", "vendor", "venv", "lost+found")


class GitRemote(NamedTuple):
    """One address of one repository."""

    username: str
    """Whose home folder it is in."""
    repository: str
    """The working tree's folder."""
    remote: str
    """`origin`, for example."""
    url: str
    """Logins in it are replaced by ****."""
    scheme: str
    """https, http, ssh, git, file, or '' for a path."""
    has_secret: int
    """1 when the address carries a password or token."""
    path: str
    line: int


@table(targets={"host", "root"}, timeout_s=20.0)
def git_remotes(target: Target) -> Iterator[GitRemote]:
    """Yield one row per remote address of each repository at most four folders below a home folder.

    Hidden folders and folders of packages are not searched, links are not followed.

    Source: git-config(1), `remote.NAME.url`.

    Raises:
        Absent: git is not installed and there is no repository.
        Partial: a home folder could not be read, or has too many folders.
    """
    reader = HomeReader(target)
    count = 0
    for home in reader.homes():
        for repository in _repositories(reader, home.directory):
            for row in _remotes(reader, home.username, repository):
                count += 1
                yield row
    reader.finish()
    if not count and target.find_program("git") is None:
        raise Absent("git is not installed")


def _repositories(reader: HomeReader, home: str) -> Iterator[str]:
    waiting = [(home, 0)]
    looked_at = 0
    while waiting:
        folder, depth = waiting.pop()
        looked_at += 1
        if looked_at > MAX_FOLDERS:
            reader.broken(f"{home} has more than {MAX_FOLDERS} folders")
            return
        names = reader.names(folder)
        if ".git" in names:
            yield folder
        if depth == MAX_DEPTH:
            continue
        for name in names:
            if name[0] == "." or name in SKIPPED or "." in name[-5:]:  # a dot near the end: a file, report.pdf
                continue
            path = f"{folder}/{name}"
            try:
                is_folder = reader.target.stat(path, follow=False).kind == "dir"
            except OSError:
                continue
            if is_folder:
                waiting.append((path, depth + 1))


def _remotes(reader: HomeReader, username: str, repository: str) -> Iterator[GitRemote]:
    path = f"{repository}/.git/config"
    stat = reader.stat(f"{repository}/.git")
    if stat is None or stat.kind != "dir":  # a worktree or submodule: its configuration is in the main repository
        return
    text = reader.text(path)
    if text is None:
        return
    try:
        for key, value, line in parse(text):
            section, _, name = key.rpartition(".")
            if section.startswith("remote.") and name in ("url", "pushurl"):
                yield GitRemote(
                    username=username,
                    repository=repository,
                    remote=hide_in_url(section[len("remote.") :]),
                    url=hide_in_url(value),
                    scheme=_scheme(value),
                    has_secret=int(has_url_secret(value)),
                    path=path,
                    line=line,
                )
    except BadConfig as error:
        reader.broken(f"{path} ({error})")


def _scheme(url: str) -> str:
    scheme, separator, _ = url.partition("://")
    if separator and scheme.isalnum():
        return scheme.lower()
    return "ssh" if ":" in url.partition("/")[0] else ""
