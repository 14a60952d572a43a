"""Which failing rows somebody accepted before. An accepted row stays a failure; it is only told apart from new ones.

A finding is known again by its check, its place without the line, and what was found. Where it is a secret, its value
has a keyed mark: with the same key another value in the same place is a new finding. Without the key, equal findings of
one place cannot be told apart, so when there are more of them than were accepted, none of them is accepted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Protocol

from secaudit.model import Acceptance, Baseline, BaselineReport, Scalar

Evidence = Mapping[str, Scalar]
VALUE_COLUMN = "fingerprint"
"""The column of evidence with the keyed mark of a value."""


class Judge(Protocol):
    """Told of all failing rows of a check."""

    def accept(self, check: str, rows: Sequence[Evidence]) -> dict[int, str]:
        """The rows that are accepted, by their number, with the words for a person."""
        ...


def place_of(row: Evidence) -> str:
    """The path, or what was looked at; never with a line, which moves."""
    place = str(row.get("path") or row.get("resource") or "")
    line = row.get("line")
    return place.removesuffix(f":{line}") if line is not None else place


def mark_of(check: str, row: Evidence) -> str:
    """The digest by which a finding is known again."""
    resource, line = str(row.get("resource") or ""), row.get("line")
    what = resource.removesuffix(f":{line}") if line is not None else resource
    parts = (check, place_of(row), what, str(row.get("actual") or ""))
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Recorded:
    """Accepts nothing, and remembers all failing rows: what a new baseline is made from."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, Evidence]] = []

    def accept(self, check: str, rows: Sequence[Evidence]) -> dict[int, str]:
        self.rows.extend((check, row) for row in rows)
        return {}


class Known:
    """Accepts what a baseline holds."""

    def __init__(self, baseline: Baseline, sha256: str, today: str, key: str | None) -> None:
        """Sort the entries.

        Args:
            baseline: the file.
            sha256: its digest.
            today: the day of the audit, YYYY-MM-DD.
            key: which key marks values in this run.
        """
        self._sha256 = sha256
        self._same_key = key is not None and key == baseline.key
        self._by_mark: dict[str, list[Acceptance]] = {}
        valid = [entry for entry in baseline.accepted if entry.until is None or entry.until >= today]
        for entry in valid:
            self._by_mark.setdefault(entry.mark, []).append(entry)
        self._expired = len(baseline.accepted) - len(valid)
        self._valid = len(valid)
        self._used: set[int] = set()
        self._accepted = self._by_place = 0

    def accept(self, check: str, rows: Sequence[Evidence]) -> dict[int, str]:
        """By value where the key is the same, else by place."""
        groups: dict[str, list[int]] = {}
        for number, row in enumerate(rows):
            groups.setdefault(mark_of(check, row), []).append(number)
        found: dict[int, str] = {}
        for mark, numbers in groups.items():
            entries = self._by_mark.get(mark, [])
            if entries and entries[0].check == check:
                found.update(self._of_group(entries, rows, numbers))
        self._accepted += len(found)
        return found

    def _of_group(self, entries: list[Acceptance], rows: Sequence[Evidence], numbers: list[int]) -> dict[int, str]:
        by_value = {entry.value: entry for entry in entries if entry.value is not None}
        marked = [number for number in numbers if rows[number].get(VALUE_COLUMN)]
        if by_value and self._same_key and len(marked) == len(numbers):
            chosen = {
                number: by_value[str(rows[number][VALUE_COLUMN])]
                for number in numbers
                if str(rows[number][VALUE_COLUMN]) in by_value
            }
        elif len(numbers) <= len(entries):
            chosen = dict(zip(numbers, entries, strict=False))
            self._by_place += len(marked)
        else:
            chosen = {}
        self._used.update(id(entry) for entry in chosen.values())
        return {number: _words(entry) for number, entry in chosen.items()}

    def report(self) -> BaselineReport:
        """What it did, once all checks were judged."""
        return BaselineReport(
            self._sha256, self._accepted, self._by_place, self._expired, self._valid - len(self._used)
        )


def _words(entry: Acceptance) -> str:
    owner = f", {entry.owner}" if entry.owner else ""
    until = f", until {entry.until}" if entry.until else ""
    return f"{entry.reason} ({entry.date}{owner}{until})"
