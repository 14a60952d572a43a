"""project_secrets: passwords, keys and tokens written into the files of a project. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.project._hit import lowered
from secaudit.tables.project._imported import SECRET, fresh, stale
from secaudit.tables.project._listing import listing
from secaudit.tables.project._roles import role_of
from secaudit.tables.project._secret_rows import incomplete_search, search_of
from secaudit.tables.project._secret_scan import QUIET_ROLES


class ProjectSecret(NamedTuple):
    """One value in one file; at its first place when it stands there more than once."""

    engine: str
    """Who found it: `secaudit`, `kingfisher` where that library is installed, or the tool whose result was imported."""
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
    yield from _imported(target, {(found.path, found.line) for found in search.found}, paths)
    problem = incomplete_search(search)
    if problem is None and (reason := stale(target, SECRET)):
        problem = Partial(reason)
    if problem is not None:
        raise problem


def _imported(target: Target, known: set[tuple[str, int]], paths: dict[str, set[str]]) -> Iterator[ProjectSecret]:
    """What other tools found where our own search found nothing in that line."""
    tracking = {entry.path: entry.tracking for entry in listing(target).entries}
    rows = [(report, found) for report, found in fresh(target, SECRET) if not found.commit_id]
    for _, found in rows:
        paths.setdefault(found.fingerprint, set()).add(found.path)
    for report, found in rows:
        if (found.path, found.line) in known or found.path not in tracking:
            continue
        known.add((found.path, found.line))
        role = role_of(found.path)
        yield ProjectSecret(
            engine=report.tool,
            rule_id=found.secret_rule or found.rule_id,
            kind=found.secret_kind,
            path=found.path,
            line=found.line,
            column=found.column,
            tracking=tracking[found.path],
            role=role,
            confidence=lowered(found.confidence) if role in QUIET_ROLES else found.confidence,
            mask=f"**** ({report.tool}: {found.rule_id})",
            fingerprint=found.fingerprint,
            variable="",
            encrypted=None,
            suppressed=found.suppressed,
            occurrences=1,
            files=len(paths[found.fingerprint]),
        )
