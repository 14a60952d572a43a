"""project_secrets: passwords, keys and tokens written into the files of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._roles import role_of
from secaudit.tables.project._secret_rows import incomplete_search, search_of


class ProjectSecret(NamedTuple):
    """One value in one file; at its first place when it stands there more than once."""

    engine: str
    """Who found it: `secaudit`, or `kingfisher` where that library is installed."""
    rule_id: str
    """What was recognised: `github-token`, `generic-password`, `url-password`, `file-netrc`, `private-key-pem` ..."""
    kind: str
    """`vendor` (a maker's token), `generic` (a name with a value), `url` (inside an address), `key` (a private key or
    key store), `file` (a value in a file that holds logins by design)."""
    path: str
    line: int
    column: int
    tracking: str
    """`tracked`, `untracked`, `ignored`, or `none` where there is no git; `git` for git's own file .git/config."""
    role: str
    """What the file is for, as in project_files."""
    confidence: str
    """`high`, `medium` or `low`. In test, docs and example files one step lower, for names and addresses `low`."""
    mask: str
    """At most the public beginning that tells the kind. Nothing of the secret."""
    fingerprint: str
    """A keyed digest (HMAC) of the value: the same value has the same one in all runs of one user."""
    variable: str
    """The name that is given the value; empty when there is none."""
    encrypted: int | None
    """Of a private key or key store: 1 when a passphrase protects it. NULL for others, or when it cannot be told."""
    suppressed: int
    """1 when a mark beside it tells a scanner to be quiet. It silences nothing here."""
    occurrences: int
    """How often the value stands in this file."""
    files: int
    """In how many files of the project the value stands."""


@table(targets={"project"}, timeout_s=90.0)
def project_secrets(target: Target) -> Iterator[ProjectSecret]:
    """Yield one row per secret and file. Files that project_files calls skipped are not searched; values never leave.

    Source: the formats that makers publish; names of variables; the documentation of each kind of file.

    Raises:
        Failed: the library google-re2 is not installed.
        Partial: time was up, or files could not be read.
    """
    search = search_of(target)
    paths: dict[str, set[str]] = {}
    for found in search.found:
        paths.setdefault(found.fingerprint, set()).add(found.path)
    for found in search.found:
        hit = found.hit
        yield ProjectSecret(
            engine=hit.engine,
            rule_id=hit.rule_id,
            kind=hit.kind,
            path=found.path,
            line=found.line,
            column=found.column,
            tracking=found.tracking,
            role=role_of(found.path),
            confidence=hit.confidence,
            mask=hit.mask,
            fingerprint=found.fingerprint,
            variable=hit.variable,
            encrypted=hit.encrypted,
            suppressed=found.suppressed,
            occurrences=found.occurrences,
            files=len(paths[found.fingerprint]),
        )
    problem = incomplete_search(search)
    if problem is not None:
        raise problem
