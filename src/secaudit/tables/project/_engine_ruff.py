"""ruff's security rules over Python files: a program of its own, given copies of the files and no configuration.

It runs with --isolated and --ignore-noqa, so nothing in the project can silence it.
"""

from __future__ import annotations

import json
from typing import Any, Sequence

from secaudit.tableapi import Command, ProgramMissing, TableProblem, Target, TimedOut, TooLarge
from secaudit.tables.project._code import MISSING, PARTIAL, Answer, Weak, is_marked
from secaudit.tables.project._listing import Listed
from secaudit.tables.project._reading import each_read, in_batches
from secaudit.tables.project._roles import role_of
from secaudit.tables.project._ruff_codes import codes

ENGINE = "ruff"
LANGUAGES = ("python",)
WITHOUT = "ruff is not installed: pip install 'secaudit[code]'"
BATCH_BYTES = 24 * 1024 * 1024
BATCH_FILES = 4000
MAX_FINDINGS = 500
"""Of one file; a file made of ten thousand weak lines is one problem."""

TIMEOUT_S = 60.0
OUTPUT_LIMIT_BYTES = 256 * 1024 * 1024
FAILED_RUNS = 40
"""Where ruff cannot work on a batch it is halved until the file is found; hostile projects may have many such files."""


def find(target: Target, language: str, sources: Sequence[Listed]) -> Answer | None:
    """Give what ruff finds. A file that it cannot read as Python 3 makes the answer partial."""
    search = _Search(target)
    try:
        search.over(sources)
    except ProgramMissing:
        return Answer((), MISSING, WITHOUT)
    except TimedOut:
        search.problems.append("time was up before all files were searched")
    reason = "; ".join(dict.fromkeys(search.problems))
    return Answer(tuple(search.found), PARTIAL if reason else "ran", f"ruff: {reason}" if reason else "")


class _Search:
    """One run over all files, in batches."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._codes = codes()
        self._failed_runs = 0
        self.found: list[Weak] = []
        self.problems: list[str] = []

    def over(self, sources: Sequence[Listed]) -> None:
        files = (pair for pair in each_read(self._target, sources, self.problems) if pair[1].strip())
        for batch in in_batches(files, BATCH_BYTES, BATCH_FILES):
            self._search(batch)

    def _search(self, batch: dict[str, bytes]) -> None:
        paths = list(batch)
        files = {f"{number}.{_ending(path)}": batch[path] for number, path in enumerate(paths)}
        done: Command | None
        try:
            done = self._target.run_over([ENGINE, *_WORDS], files, TIMEOUT_S, OUTPUT_LIMIT_BYTES)
        except (ProgramMissing, TimedOut):
            raise
        except (TooLarge, TableProblem, OSError):
            done = None
        rows = _rows(done)
        if rows is None:
            self._halve(batch)
            return
        counts: dict[str, int] = {}
        for row in rows:
            path = _path_of(row, paths)
            if path is None:
                continue
            counts[path] = counts.get(path, 0) + 1
            if counts[path] <= MAX_FINDINGS:
                self._take(path, batch[path], row)

    def _halve(self, batch: dict[str, bytes]) -> None:
        """Find the file that ruff cannot work on; the others are still searched."""
        self._failed_runs += 1
        if len(batch) == 1 or self._failed_runs > FAILED_RUNS:
            if any(role_of(path) == "code" for path in batch):
                self.problems.append(f"it did not work on {next(iter(batch))}")
            return
        paths = list(batch)
        middle = len(paths) // 2
        for part in (paths[:middle], paths[middle:]):
            self._search({path: batch[path] for path in part})

    def _take(self, path: str, data: bytes, row: dict[str, Any]) -> None:
        code = row.get("code")
        place = row.get("location") or {}
        line, column = int(place.get("row") or 1), int(place.get("column") or 1)
        if code is None or code == "invalid-syntax":
            if role_of(path) == "code":
                self.problems.append(f"{path} is not Python 3")
            return
        known = self._codes.get(str(code))
        if known is None:
            return
        text = data.split(b"\n", line)[line - 1 : line]
        self.found.append(
            Weak(
                rule_id=str(code),
                weakness=known.weakness,
                cwe=known.cwe,
                severity=known.severity,
                confidence=known.confidence,
                path=path,
                line=line,
                column=column,
                message=known.message,
                suppressed=is_marked(text[0]) if text else 0,
            )
        )


_WORDS = (
    "check", "--isolated", "--no-cache", "--ignore-noqa", "--no-respect-gitignore", "--select", "S", "--ignore", "S101",
    "--output-format", "json", "--exit-zero", "--quiet", "--target-version", "py314", ".",
)  # fmt: skip


def _rows(done: Command | None) -> list[dict[str, Any]] | None:
    """What ruff printed; None when it did not work."""
    if done is None or done.exit_code != 0:
        return None
    try:
        rows = json.loads(done.stdout)
    except ValueError:
        return None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


def _path_of(row: dict[str, Any], paths: list[str]) -> str | None:
    stem = str(row.get("filename", "")).rpartition("/")[2].partition(".")[0]
    return paths[int(stem)] if stem.isdigit() and int(stem) < len(paths) else None


def _ending(path: str) -> str:
    return "pyi" if path.endswith(".pyi") else "py"
