"""Collect tables in parallel, each with a deadline. A collector that fails is a status, never a lost run."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from secaudit.model import Scalar, TableData, TableStatus
from secaudit.tableapi import TableProblem, TableSpec, Wants
from secaudit.targets.access import Access
from secaudit.targets.recorder import Cache, Recorder

MAX_ROWS = 200_000
"""Of one table. More would make memory depend on a hostile target."""

MAX_TEXT = 16_384
"""Characters of one cell; longer text is cut and the table is `partial`."""

MAX_INTEGER = 2**63 - 1
GRACE_S = 0.5
"""How long past its deadline a table may take to notice it, before it is left behind."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Told to the observer after each table, and while a long one says how far it is."""

    done: int
    total: int
    name: str
    detail: str = ""
    """How far a table is that is still being read."""


Observer = Callable[[Progress], None]


def collect(
    access: Access,
    specs: Iterable[TableSpec],
    wants: Wants,
    now_s: int,
    *,
    jobs: int | None = None,
    timeout_s: float | None = None,
    limits: Mapping[str, float] | None = None,
    observe: Observer | None = None,
) -> tuple[list[TableData], bool]:
    """Collect the tables, in the order of their names.

    Args:
        access: the target.
        specs: which tables.
        wants: what the checks ask of the tables that look at files.
        now_s: the time of the audit, seconds since 1970 UTC.
        jobs: threads; the number of cores when None.
        timeout_s: a deadline that replaces each table's own.
        limits: deadlines by part, which replace those of its tables; 0 leaves its tables out.
        observe: called in the caller's thread after each table.

    Returns:
        The tables, and whether Ctrl-C ended the collection early: then those that were not finished have the status
        `timeout` and the reason "interrupted".
    """
    ordered = sorted(specs, key=lambda spec: (-spec.timeout_s, spec.name))  # long ones first
    last = [
        spec for spec in ordered if spec.last or (limits is not None and spec.part in limits)
    ]  # with time of their own
    todo: queue.SimpleQueue[TableSpec] = queue.SimpleQueue()
    for spec in ordered:
        if spec not in last:
            todo.put(spec)
    cache = Cache()
    results: queue.SimpleQueue[TableData] = queue.SimpleQueue()
    started: dict[str, float] = {}
    closed = threading.Event()

    told: dict[str, str] = {}
    said: dict[str, str] = {}

    def limit_of(spec: TableSpec) -> float:
        if limits is not None and spec.part in limits:
            return limits[spec.part]
        return timeout_s if timeout_s is not None else spec.timeout_s

    def work() -> None:
        while not closed.is_set():
            try:
                spec = todo.get_nowait()
            except queue.Empty:
                return
            if limit_of(spec) == 0:
                results.put(_empty(spec, TableStatus.PARTIAL, f"it was left out: --no-{spec.part}"))
                continue
            now = time.monotonic()
            started[spec.name] = now
            tell = partial(told.__setitem__, spec.name)
            results.put(collect_one(access, spec, wants, now_s, cache, now + limit_of(spec), tell))

    def start_worker() -> None:
        threading.Thread(target=work, daemon=True, name="secaudit-collect").start()

    def start_workers(count: int) -> None:
        for _ in range(max(1, min(jobs or os.cpu_count() or 1, count))):
            start_worker()

    start_workers(len(ordered) - len(last))

    finished: dict[str, TableData] = {}
    interrupted = False
    try:
        while len(finished) < len(ordered):
            if last and len(finished) == len(ordered) - len(last):
                for spec in last:
                    todo.put(spec)
                start_workers(len(last))
                last = []
            try:
                data = results.get(timeout=0.1)
            except queue.Empty:
                now = time.monotonic()
                for spec in ordered:
                    begun = started.get(spec.name)
                    if spec.name not in finished and begun is not None and now > begun + limit_of(spec) + GRACE_S:
                        finished[spec.name] = _empty(
                            spec, TableStatus.TIMEOUT, f"no answer within {limit_of(spec):g} s"
                        )
                        start_worker()  # the stuck thread is left behind; it is a daemon and holds nothing of ours
                if observe is not None:
                    for name, text in list(told.items()):
                        if name not in finished and said.get(name) != text:
                            said[name] = text
                            observe(Progress(len(finished), len(ordered), name, text))
                continue
            finished.setdefault(data.name, data)
            if observe is not None:
                observe(Progress(len(finished), len(ordered), data.name))
    except KeyboardInterrupt:
        interrupted = True
    closed.set()
    for spec in ordered:
        if spec.name not in finished:
            finished[spec.name] = _empty(spec, TableStatus.TIMEOUT, "interrupted")
    return [finished[name] for name in sorted(finished)], interrupted


def collect_one(
    access: Access,
    spec: TableSpec,
    wants: Wants,
    now_s: int,
    cache: Cache,
    deadline: float,
    tell: Callable[[str], None] | None = None,
) -> TableData:
    """Collect one table. Never raises for anything the table or the target does."""
    if access.kind not in spec.targets:
        return _empty(spec, TableStatus.UNSUPPORTED, f"a target of kind {access.kind} does not show this")
    target = Recorder(access, cache, now_s, deadline, tell)
    rows: list[tuple[Scalar, ...]] = []
    status, reason, needs = TableStatus.OK, None, None
    gaps: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    beyond: tuple[str, ...] = ()
    flaws: set[str] = set()
    try:
        for row in spec.collect(target, wants) if spec.takes_wants else spec.collect(target):
            if len(rows) >= MAX_ROWS:
                flaws.add(f"more than {MAX_ROWS} rows")
                break
            rows.append(_clean(spec, row, flaws))
        if flaws:
            status, reason = TableStatus.PARTIAL, "; ".join(sorted(flaws))
    except TableProblem as problem:
        status, reason, needs = TableStatus(problem.status), problem.reason, problem.needs
        gaps, beyond = problem.gaps, problem.beyond
        homes = () if flaws else problem.homes
    except PermissionError as error:
        status, reason, needs = TableStatus.DENIED, _os_reason(error), "root"
    except OSError as error:
        status, reason = TableStatus.FAILED, _os_reason(error)
    except RecursionError:
        status, reason = TableStatus.FAILED, "what was read is nested too deeply"
    except Exception as error:  # noqa: BLE001  a table of anyone may raise anything; it is recorded, not hidden
        status, reason = TableStatus.FAILED, f"{type(error).__name__}: {error}"[:300]
    if access.is_root and needs == "root":
        needs = None  # sudo would not help
    reason = None if reason is None else _printable(reason)
    sources = tuple(replace(source, what=_printable(source.what)) for source in target.sources)
    homes = tuple(map(_printable, homes))
    return TableData(spec.name, spec.column_names, status, tuple(rows), reason, needs, sources, gaps, homes, beyond)


def _clean(spec: TableSpec, row: tuple[object, ...], flaws: set[str]) -> tuple[Scalar, ...]:
    """Make each cell fit SQLite: text without lone surrogates, integers of 64 bits. What does not fit becomes NULL."""
    cells: list[Scalar] = []
    for column, cell in zip(spec.columns, row, strict=True):
        if cell is None:
            cells.append(None)
        elif column.type == "INTEGER" and isinstance(cell, int):
            number = int(cell)
            if -MAX_INTEGER <= number <= MAX_INTEGER:
                cells.append(number)
            else:
                flaws.add(f"column {column.name}: a number is too large")
                cells.append(None)
        elif column.type == "TEXT" and isinstance(cell, str):
            text = _printable(cell)
            if len(text) > MAX_TEXT:
                flaws.add(f"column {column.name}: a text is longer than {MAX_TEXT} characters and was cut")
                text = text[:MAX_TEXT]
            cells.append(text)
        else:
            flaws.add(f"column {column.name}: {type(cell).__name__} is not {column.type}")
            cells.append(None)
    return tuple(cells)


def _printable(text: str) -> str:
    """File names of any bytes arrive as lone surrogates: show those as escapes. NUL ends text in C: it goes too."""
    if text.isascii() and "\0" not in text:
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _os_reason(error: OSError) -> str:
    what = error.strerror or str(error)
    return f"{what}: {error.filename}" if error.filename else what


def _empty(spec: TableSpec, status: TableStatus, reason: str) -> TableData:
    return TableData(spec.name, spec.column_names, status, (), reason)
