"""project_commits: the latest commits: whether each carries a signature, and who wrote it. Not in osquery.

Signatures are seen, not verified: that takes the keys of all who signed. Whole addresses of people stay in the
repository: a row holds what follows the @, and a number by which the same author is known again.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.project._listing import ask_git
from secaudit.tables.project._repository import repository_of

LATEST = 200
"""Commits that are looked at."""

LIMIT_BYTES = 16 * 1024 * 1024
TIMEOUT_S = 30.0


class Commit(NamedTuple):
    """One commit."""

    commit_id: str
    position: int
    """1 is the latest."""
    is_signed: int | None
    """1 when it carries a signature, whoever made it; NULL when the commit could not be read."""
    signature: str
    """`openpgp`, `ssh`, `x509`, `other`, or empty."""
    author: int | None
    """A number for each author address, in the order of this table."""
    author_domain: str | None
    """What follows the last @ of the author's address, in lower case; empty without one."""
    is_merge: int | None


@table(targets={"project"}, timeout_s=60.0)
def project_commits(target: Target) -> Iterator[Commit]:
    """Yield one row for each of the latest 200 commits of HEAD.

    Source: git rev-list(1), git cat-file(1).

    Raises:
        Absent: no git repository, or no commit yet.
        Failed: git is not installed, or cannot read the repository.
        Partial: this copy holds fewer commits than there are, or one could not be read.
    """
    found = repository_of(target)
    if not found.has_commit:
        raise Absent("this repository has no commit yet")
    listed = ask_git(target, "rev-list", "-n", str(LATEST), "HEAD")
    names = listed.stdout.split() if listed is not None else []
    feed = "".join(name + "\n" for name in names).encode()
    printed = target.run_fed(["git", "cat-file", "--batch"], feed, TIMEOUT_S, LIMIT_BYTES)
    bodies = dict(_split(printed))
    authors: dict[str, int] = {}
    for position, name in enumerate(names, 1):
        head = bodies.get(name)
        if head is None:
            yield Commit(name, position, None, "", None, None, None)
            continue
        address = _address(head)
        yield Commit(
            commit_id=name,
            position=position,
            is_signed=int(bool(_signature(head))),
            signature=_signature(head),
            author=authors.setdefault(address, len(authors) + 1),
            author_domain=address.rpartition("@")[2].lower() if "@" in address else "",
            is_merge=int(sum(line.startswith("parent ") for line in head) > 1),
        )
    if len(bodies) < len(names) or not names:
        raise Partial("some commits could not be read: this copy may not be complete")
    if found.is_shallow and len(names) < LATEST:
        raise Partial("this copy was made without the older commits (a shallow clone)")


def _split(printed: bytes) -> Iterator[tuple[str, list[str]]]:
    """`<oid> commit <size>`, a newline, the commit, a newline; only the lines before the message are kept."""
    at = 0
    while at < len(printed):
        end = printed.find(b"\n", at)
        fields = printed[at : max(end, at)].split(b" ")
        if end < 0:
            return
        if len(fields) != 3 or not fields[2].isdigit():  # "<oid> missing"
            at = end + 1
            continue
        size = int(fields[2])
        if fields[1] == b"commit":
            body = printed[end + 1 : end + 1 + size]
            head = body.partition(b"\n\n")[0]
            yield fields[0].decode("ascii", "replace"), head.decode("utf-8", "backslashreplace").split("\n")
        at = end + size + 2


def _signature(head: list[str]) -> str:
    for line in head:
        if line.startswith(("gpgsig ", "gpgsig-sha256 ")):
            if "BEGIN SSH SIGNATURE" in line:
                return "ssh"
            if "BEGIN PGP " in line:
                return "openpgp"
            return "x509" if "BEGIN SIGNED MESSAGE" in line else "other"
    return ""


def _address(head: list[str]) -> str:
    line = next((line for line in head if line.startswith("author ")), "")
    return line.rpartition("<")[2].partition(">")[0].strip()
