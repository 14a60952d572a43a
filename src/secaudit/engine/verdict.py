"""From rows and table statuses to a status. Nothing that could not be seen ever becomes a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from secaudit.model import OnEmpty, Proof, Scalar, Status, TableData, TableStatus

NOT_HERE = (TableStatus.ABSENT, TableStatus.UNSUPPORTED)
NOT_SEEN = (TableStatus.DENIED, TableStatus.TIMEOUT, TableStatus.FAILED)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The status with its reason."""

    status: Status
    reason: str | None = None
    needs: str | None = None


def of_rows(passes: Iterable[Scalar]) -> Status | None:
    """Any 0 fails; else any NULL is unknown; else all 1 pass. None when there are no rows."""
    seen = {value if value in (0, 1) and isinstance(value, int) else None for value in passes}
    if not seen:
        return None
    if 0 in seen:
        return Status.FAIL
    return Status.UNKNOWN if None in seen else Status.PASS


def decide(
    passes: list[Scalar],
    on_empty: OnEmpty,
    tables: Mapping[str, TableData],
    needed: frozenset[str],
    files: Iterable[str] = (),
    proof: Proof = Proof.ALL,
) -> Verdict:
    """Join what the rows say with how completely the tables were read.

    Args:
        passes: the `pass` column.
        on_empty: what no rows mean.
        tables: all tables by name.
        needed: those that the check reads.
        files: the path patterns that the check asked for; gaps in others do not concern it.
        proof: whether a pass needs that everything was seen.
    """
    status = of_rows(passes)
    certain = Status.FAIL if proof is Proof.ALL else Status.PASS
    gate = _gate(status, tables, needed, files, certain)
    if gate is not None:
        return gate
    if status is None:
        return _empty(on_empty, needed)
    if status is Status.UNKNOWN:
        count = sum(1 for value in passes if value not in (0, 1))
        return Verdict(status, f"{count} of {len(passes)} values could not be determined")
    return Verdict(status)


def not_applicable(tables: Mapping[str, TableData], needed: frozenset[str], files: Iterable[str] = ()) -> Verdict:
    """The verdict when `applies` gave no row: only complete tables make that certain."""
    gate = _gate(None, tables, needed, files)
    return gate or Verdict(Status.NOT_APPLICABLE, "there is nothing here that this check is about")


def _gate(
    status: Status | None,
    tables: Mapping[str, TableData],
    needed: frozenset[str],
    files: Iterable[str] = (),
    certain: Status = Status.FAIL,
) -> Verdict | None:
    """The verdict that a table's status forces, or None. `certain` is what rows alone can prove."""
    asked = frozenset(files)
    ordered = [tables[name] for name in sorted(needed)]
    ordered = [table for table in ordered if not (asked and table.gaps and asked.isdisjoint(table.gaps))]
    for table in ordered:
        if table.status in NOT_HERE:
            return Verdict(Status.NOT_APPLICABLE, table.reason or f"{table.name} is {table.status}")
    if status is certain:
        return None
    for table in ordered:
        if table.status in NOT_SEEN:
            return Verdict(Status.UNKNOWN, table.reason or f"{table.name}: {table.status}", table.needs)
    for table in ordered:
        if table.status is TableStatus.PARTIAL:
            return Verdict(Status.UNKNOWN, table.reason or f"{table.name} was read in part", table.needs)
    return None


def _empty(on_empty: OnEmpty, needed: frozenset[str]) -> Verdict:
    names = ", ".join(sorted(needed))
    match on_empty:
        case OnEmpty.PASS:
            return Verdict(Status.PASS)
        case OnEmpty.FAIL:
            return Verdict(Status.FAIL)
        case OnEmpty.NOT_APPLICABLE:
            return Verdict(Status.NOT_APPLICABLE, "there is nothing here that this check is about")
        case OnEmpty.UNKNOWN:
            return Verdict(Status.UNKNOWN, f"nothing to judge was found in {names}")
