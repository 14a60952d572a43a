"""From rows and table statuses to a status. Nothing that could not be seen ever becomes a pass."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from secaudit.model import Homes, OnEmpty, Proof, Scalar, Status, TableData, TableStatus

NOT_HERE = (TableStatus.ABSENT, TableStatus.UNSUPPORTED)
WITHOUT_ROOT = (Homes.PEOPLE, Homes.NONE)
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
    need: Homes = Homes.ALL,
    places: Sequence[Scalar] = (),
) -> Verdict:
    """Join what the rows say with how completely the tables were read.

    Args:
        passes: the `pass` column.
        on_empty: what no rows mean.
        tables: all tables by name.
        needed: those that the check reads.
        files: the path patterns that the check asked for; gaps in others do not concern it.
        proof: whether a pass needs that everything was seen.
        need: whose home folders the check is about.
        places: the path of each row, where it has one.
    """
    certain = Status.PASS if proof is Proof.SOME else Status.FAIL
    used = [tables[name] for name in sorted(needed)]
    asked = frozenset(files)
    homes = _homes(used, asked) if need in WITHOUT_ROOT else ()
    if homes and places:  # that a closed folder is closed is no news
        passes = [
            value for value, place in zip(passes, places, strict=True) if value in (0, 1) or not _in(place, homes)
        ]
    status = of_rows(passes)
    others_missing = proof is Proof.EACH and status is Status.PASS
    gate = _gate(status, used, asked, certain, bool(homes) or others_missing)
    if gate is not None:
        return gate
    if status is None:
        return _empty(on_empty, needed)
    if status is Status.UNKNOWN:
        count = sum(1 for value in passes if value not in (0, 1))
        return Verdict(status, f"{count} of {len(passes)} values could not be determined")
    return Verdict(status)


def not_applicable(
    tables: Mapping[str, TableData], needed: frozenset[str], files: Iterable[str] = (), need: Homes = Homes.ALL
) -> Verdict:
    """The verdict when `applies` gave no row: only complete tables make that certain."""
    used = [tables[name] for name in sorted(needed)]
    asked = frozenset(files)
    homes = _homes(used, asked) if need in WITHOUT_ROOT else ()
    gate = _gate(None, used, asked, Status.FAIL, bool(homes))
    return gate or Verdict(Status.NOT_APPLICABLE, "there is nothing here that this check is about")


def _concerned(tables: Iterable[TableData], asked: frozenset[str]) -> list[TableData]:
    """Without the tables whose gaps are in files that the check did not ask for."""
    return [table for table in tables if not (asked and table.gaps and asked.isdisjoint(table.gaps))]


def _homes(tables: Iterable[TableData], asked: frozenset[str]) -> tuple[str, ...]:
    """The closed home folder of root; () when something else is missing as well, or nothing."""
    found: dict[str, None] = {}
    for table in _concerned(tables, asked):
        if table.status is TableStatus.PARTIAL:
            if not table.homes or not asked.isdisjoint(table.beyond):
                return ()
            found.update(dict.fromkeys(table.homes))
    return tuple(found)


def _in(place: Scalar, homes: tuple[str, ...]) -> bool:
    return any(place == home or str(place).startswith(home + "/") for home in homes)


def _gate(
    status: Status | None,
    tables: Iterable[TableData],
    asked: frozenset[str],
    certain: Status,
    can_do_without: bool,
) -> Verdict | None:
    """The verdict that a table's status forces, or None.

    Args:
        status: what the rows say.
        tables: those that the check reads.
        asked: the path patterns that it asked for.
        certain: what rows alone can prove.
        can_do_without: the rows that are missing are not those that the check is about.
    """
    ordered = _concerned(tables, asked)
    for table in ordered:
        if table.status in NOT_HERE:
            return Verdict(Status.NOT_APPLICABLE, table.reason or f"{table.name} is {table.status}")
    if status is certain:
        return None
    for table in ordered:
        if table.status in NOT_SEEN:
            return Verdict(Status.UNKNOWN, table.reason or f"{table.name}: {table.status}", table.needs)
    for table in ordered:
        if table.status is TableStatus.PARTIAL and not can_do_without:
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
