"""project_history_secrets: secrets that older commits hold and the files of today do not. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, TimedOut, TooLarge, table
from secaudit.tables.project._history import first_commits, past_of, read_blobs
from secaudit.tables.project._hit import lowered
from secaudit.tables.project._imported import SECRET, fresh
from secaudit.tables.project._roles import role_of
from secaudit.tables.project._secret_rows import Found, rows_of_file, search_of
from secaudit.tables.project._secret_scan import QUIET_ROLES


class HistorySecret(NamedTuple):
    """One value that some commit holds, at its first place, and that stands in no file of today."""

    engine: str
    """Who found it, as in project_secrets; so are the next two."""
    rule_id: str
    kind: str
    path: str
    line: int
    """In the file of that commit."""
    commit_id: str
    """The oldest commit that brought it; empty when git could not say."""
    role: str
    confidence: str
    mask: str
    fingerprint: str
    variable: str
    encrypted: int | None
    """Of a private key or key store: 1 when a passphrase protects it."""
    versions: int
    """In how many versions of files it stands."""


LOOK_EVERY = 64
"""Contents between two looks at the clock."""


@table(targets={"project"}, timeout_s=120.0, part="history")
def project_history_secrets(target: Target) -> Iterator[HistorySecret]:
    """Yield one row per value. Each content is searched once, up to 400 MB; files larger than 1 MB are left out.

    Source: git rev-list(1), git cat-file(1), git log(1).

    Raises:
        Absent: there is no git repository with a commit.
        Failed: the library google-re2 is not installed.
        Partial: the history is larger than the limit, or time was up.
    """
    today = {found.fingerprint for found in search_of(target).found}
    try:
        past = past_of(target)
    except (TimedOut, TooLarge) as problem:
        raise Partial(f"git did not list the history: {problem}") from problem
    if past is None:
        raise Absent("there is no git history")
    rows: dict[str, list[tuple[str, Found]]] = {}
    problem_text, searched = past.problem, 0
    cut: list[str] = []
    try:
        for blob, data in read_blobs(target, past.blobs):
            if searched % LOOK_EVERY == 0:
                target.tell(f"{searched} of {len(past.blobs)} older files")
            searched += 1
            for found in rows_of_file(target, data, blob.path, "tracked", cut):
                if found.fingerprint not in today:
                    rows.setdefault(found.fingerprint, []).append((blob.oid, found))
    except TimedOut:
        late = f"only {searched} of {len(past.blobs)} older files were searched in time; more time: --history-seconds"
        problem_text = "; ".join(part for part in (late, problem_text) if part)
    if cut and not problem_text:
        problem_text = f"more secrets than are listed: {', '.join(cut[:3])}"
    commits = first_commits(target, {oid for group in rows.values() for oid, _ in group})
    for group in rows.values():
        yield _row(group, commits)
    yield from _imported(target, today | set(rows))
    if problem_text:
        raise Partial(problem_text)


def _imported(target: Target, known: set[str]) -> Iterator[HistorySecret]:
    """What other tools found in commits, and neither the files of today nor our own search has."""
    for report, found in fresh(target, SECRET):
        if not found.commit_id or found.fingerprint in known:
            continue
        known.add(found.fingerprint)
        role = role_of(found.path)
        yield HistorySecret(
            engine=report.tool,
            rule_id=found.secret_rule or found.rule_id,
            kind=found.secret_kind,
            path=found.path,
            line=found.line,
            commit_id=found.commit_id,
            role=role,
            confidence=lowered(found.confidence) if role in QUIET_ROLES else found.confidence,
            mask=f"**** ({report.tool}: {found.rule_id})",
            fingerprint=found.fingerprint,
            variable="",
            encrypted=None,
            versions=1,
        )


def _row(group: list[tuple[str, Found]], commits: dict[str, tuple[str, str]]) -> HistorySecret:
    order = {oid: number for number, oid in enumerate(commits)}  # as git gave them: the oldest first
    oid, found = min(group, key=lambda item: order.get(item[0], len(order)))
    commit, _ = commits.get(oid, ("", ""))
    hit = found.hit
    return HistorySecret(
        engine=hit.engine,
        rule_id=hit.rule_id,
        kind=hit.kind,
        path=found.path,
        line=found.line,
        commit_id=commit,
        role=role_of(found.path),
        confidence=hit.confidence,
        mask=hit.mask,
        fingerprint=found.fingerprint,
        variable=hit.variable,
        encrypted=hit.encrypted,
        versions=len(group),
    )
