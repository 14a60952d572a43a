"""The audit: content -> plan -> collect -> evaluate -> assess -> run."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from secaudit import __version__
from secaudit.app.content import compile_selection
from secaudit.app.default_profiles import STAGED_PROFILE, default_profile
from secaudit.app.import_notes import import_notes
from secaudit.app.opening import open_target
from secaudit.app.traffic import traffic_of
from secaudit.assessment.assess import assess, to_result
from secaudit.content import library as library_module
from secaudit.content.library import Library
from secaudit.content.select import Selection, select
from secaudit.engine.acceptance import Judge, Known
from secaudit.engine.collect import Observer, collect
from secaudit.engine.compile import Compiled
from secaudit.engine.evaluate import Evaluator
from secaudit.engine.registry import family_of_kind, known_tables, load_table
from secaudit.errors import TargetError
from secaudit.evidence.snapshot import LIMIT_BYTES, load_snapshot, snapshot_sha256
from secaudit.history.baseline import load_baseline
from secaudit.history.fingerprints import key_name
from secaudit.model import Baseline, ContentInfo, Run, Snapshot, TableData, TargetInfo
from secaudit.reporting.words import count_of
from secaudit.tableapi import Wants
from secaudit.targets.access import Access

if TYPE_CHECKING:
    from secaudit.app.reaching import Reach

FACTS_TABLE = "os_version"
"""The table that names the system of a target, read in every audit of one: it chooses the fixes."""

ACTIONS_TABLE = "scan_actions"
"""What was sent over the network: in every audit that sends something."""

ALWAYS = (FACTS_TABLE, ACTIONS_TABLE)
"""Tables that are read whatever the checks ask, where the target has them."""

NETWORK_JOBS = 8
"""Tables of a network target read at the same time: they wait for others, and the gate keeps them polite."""

HISTORY = "history"
"""The part of tables that read what commits hold."""

GC_EVERY = 100_000
"""New objects between two searches for cycles. What an audit makes lives to its end and holds next to no cycles: with
Python's 700 they took 4 % of the processor time and freed nothing."""

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What to audit and how."""

    root: Path | None = None
    """A mounted or unpacked file system, or an archive of one."""
    project: Path | None = None
    """A folder of source code. This machine when no target is named."""
    staged: bool = False
    """Of the project only what is staged for the next commit."""
    reach: Reach | None = None
    """What is reached over the network, and who allowed it."""
    replay: Path | None = None
    """A recorded snapshot to judge again instead of collecting."""
    profile: str | None = None
    """None: the one for the kind of target."""
    standards: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    params: tuple[str, ...] = ()
    """`CHECK.NAME=VALUE` instead of the check's own value."""
    content: tuple[Path, ...] = ()
    baseline: Path | None = None
    """A file with accepted findings."""
    history: bool = True
    """Whether to search what commits hold."""
    history_s: float | None = None
    """Seconds for that search instead of its own limit."""
    timeout_s: float | None = None
    jobs: int | None = None

    @property
    def wanted_profile(self) -> str | None:
        """The one that is named; what is staged has its own, since other checks would judge what they cannot see."""
        return STAGED_PROFILE if self.staged else self.profile

    @property
    def kind(self) -> str:
        """Of the target that is to be opened."""
        if self.reach is not None:
            return self.reach.kind
        return "project" if self.project is not None else "host" if self.root is None else "root"


@dataclass(frozen=True, slots=True)
class Audit:
    """A finished audit: the run and what it was judged from."""

    run: Run
    snapshot: Snapshot
    notes: tuple[str, ...] = ()
    """What a person should know about how the target was read."""


def audit(
    request: AuditRequest,
    *,
    clock: Clock = utc_now,
    observe: Observer | None = None,
    accepting: Judge | None = None,
) -> Audit:
    """Carry out an audit.

    Args:
        request: what and how.
        clock: tells the time.
        observe: told of each table.
        accepting: told of all failing rows, in place of the request's baseline.

    Raises:
        ContentError, UsageError: content or options are wrong.
        NothingSelected: no check is left.
        TargetError: the target cannot be looked at.
    """
    gc.set_threshold(GC_EVERY)
    baseline = load_baseline(request.baseline) if request.baseline is not None and accepting is None else None
    library = library_module.load(request.content)
    snapshot = read_snapshot(request.replay) if request.replay is not None else None
    kind = snapshot.target.kind if snapshot is not None else request.kind
    family = family_of_kind(kind)
    selection = select(
        library, request.wanted_profile or default_profile(kind), only=request.only, skip=request.skip,
        standards=request.standards, params=request.params,
    )  # fmt: skip
    compiled = compile_selection(library, selection, family)
    if snapshot is not None:
        return Audit(judge(library, selection, compiled, snapshot, accepting or _known(baseline, snapshot)), snapshot)
    access = open_request(request)
    snapshot = take_snapshot(request, compiled, clock, observe, access)
    run = judge(library, selection, compiled, snapshot, accepting or _known(baseline, snapshot))
    notes = (*access.notes, *import_notes(access, snapshot.started), *_baseline_notes(request, run))
    return Audit(run, snapshot, notes)


def open_request(request: AuditRequest) -> Access:
    """The target of a request.

    Raises:
        TargetError: it cannot be looked at.
    """
    if request.reach is not None:
        return request.reach.open()
    return open_target(request.root, request.project, staged=request.staged)


def take_snapshot(
    request: AuditRequest,
    compiled: Sequence[Compiled],
    clock: Clock,
    observe: Observer | None,
    access: Access | None = None,
) -> Snapshot:
    """Collect the tables that the checks need, and no others; from the request's target unless another is given."""
    access = access or open_request(request)
    facts = {name for name in ALWAYS if access.kind in load_table(name).targets}
    names = facts.union(*(item.tables for item in compiled))
    files = tuple(sorted({pattern for item in compiled for pattern in item.files}))
    return collect_tables(access, names, files, clock, request, observe)


def collect_tables(
    access: Access,
    names: set[str],
    files: tuple[str, ...],
    clock: Clock,
    request: AuditRequest,
    observe: Observer | None,
) -> Snapshot:
    """Collect tables of a target into a snapshot."""
    specs = known_tables(names)
    # of a mounted system only files are read, and no program is waited for: threads would take turns, 5 % slower
    jobs = request.jobs or (1 if access.kind == "root" else NETWORK_JOBS if access.net is not None else None)
    started = clock()
    tables, interrupted = collect(
        access,
        list(specs.values()),
        Wants(files),
        int(started.timestamp()),
        jobs=jobs,
        timeout_s=request.timeout_s,
        limits=_limits(request),
        observe=observe,
    )
    return Snapshot(
        target=_target_info(access, tables),
        started=stamp(started),
        finished=stamp(clock()),
        tool_version=__version__,
        tables=tuple(tables),
        files=files,
        interrupted=interrupted,
    )


def _limits(request: AuditRequest) -> dict[str, float]:
    if not request.history:
        return {HISTORY: 0}
    return {} if request.history_s is None else {HISTORY: request.history_s}


def read_snapshot(path: Path) -> Snapshot:
    """Read a recorded snapshot.

    Raises:
        TargetError: it cannot be read or is damaged.
    """
    try:
        if path.stat().st_size > LIMIT_BYTES:
            raise TargetError(f"{path}: too large for a snapshot", (("fix", "name a file written by secaudit"),))
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
        raise TargetError(f"{path}: {reason} (option --replay)", (("fix", "name a snapshot.jsonl"),)) from error
    return load_snapshot(text, str(path))


def judge(
    library: Library,
    selection: Selection,
    compiled: Sequence[Compiled],
    snapshot: Snapshot,
    accepting: Judge | None = None,
) -> Run:
    """Evaluate and assess a snapshot. The same content, baseline and snapshot give the same run, byte for byte."""
    specs = known_tables(table.name for table in snapshot.tables)
    evaluator = Evaluator(specs, snapshot.tables, epoch_s(snapshot.started), snapshot.files, accepting)
    try:
        outcomes = [evaluator.evaluate(item) for item in compiled]
    finally:
        evaluator.close()
    topics = {entry.id: entry.topic for entry in selection.checks}
    family = snapshot.target.family
    run = assess(
        snapshot,
        snapshot_sha256(snapshot),
        ContentInfo(library.version, library.sha256, tuple(name for name, _ in library.overlaid)),
        selection.profile,
        [to_result(outcome, topics[outcome.compiled.check.id], family) for outcome in outcomes],
        library.objectives,
        selection.standards,
        selection.excluded,
        selection.tailored,
        accepting.report() if isinstance(accepting, Known) else None,
    )
    traffic = next((traffic_of(table) for table in snapshot.tables if table.name == ACTIONS_TABLE), ())
    return replace(run, traffic=traffic) if traffic else run


def _known(baseline: tuple[Baseline, str] | None, snapshot: Snapshot) -> Known | None:
    return None if baseline is None else Known(*baseline, snapshot.started[:10], key_name())


def _baseline_notes(request: AuditRequest, run: Run) -> list[str]:
    """What a person should know about the baseline."""
    found, path = run.baseline, request.baseline
    if found is None or path is None:
        return []
    notes = [f"{count_of(found.accepted, 'finding')} accepted in {path}; they stay failures and are shown as waived"]
    if found.by_place:
        notes.append(f"{found.by_place} of them known by place only: their values were marked with another key")
    if found.expired:
        notes.append(f"{count_of(found.expired, 'entry', 'entries')} of the baseline expired and counts no more")
    if found.unused:
        notes.append(f"{count_of(found.unused, 'entry', 'entries')} of the baseline fits nothing that was found")
    if request.project is not None and path.resolve().is_relative_to(request.project.resolve()):
        notes.append("the baseline lies inside the project: whoever changes the project can accept findings in it")
    return notes


def stamp(moment: datetime) -> str:
    """RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def epoch_s(text: str) -> int:
    """Seconds since 1970 of a time written by `stamp`.

    Raises:
        TargetError: the text is not such a time.
    """
    try:
        return int(datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    except ValueError as error:
        raise TargetError(f'the snapshot holds a wrong time "{text}"', (("fix", "record it again"),)) from error


def _target_info(access: Access, tables: Sequence[TableData]) -> TargetInfo:
    facts: dict[str, str | int | None] = {}
    for table in tables:
        if table.name == FACTS_TABLE and table.rows:
            facts = dict(zip(table.columns, table.rows[0], strict=True))
    system, family = facts.get("pretty_name") or facts.get("name"), facts.get("family")
    return TargetInfo(
        kind=access.kind,
        name=access.name.encode("utf-8", "surrogateescape").decode(
            "utf-8", "backslashreplace"
        ),  # a folder's, any bytes
        system=str(system) if system else None,
        family=str(family) if family else None,
        is_root=access.is_root,
        consent=access.consent,
    )
