"""How well weak places in code are found: numbers of docs/accuracy-project.md.

    python scripts/measure_code.py pairs FILE           pairs of an insecure and a secure variant (tests/project/)
    python scripts/measure_code.py noise FOLDER ...     trees of good code: findings per 100,000 lines
    python scripts/measure_code.py bandit FOLDER        bandit's own examples, beside what bandit (on PATH) finds there

Add --shown to see each finding, and --missed to see what was not found. Nothing of these folders belongs to us.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.tableapi import Wants
from secaudit.tables.project._engine_python import find_in
from secaudit.targets.project import ProjectAccess
from secaudit.targets.recorder import Cache

Row = dict[str, Any]


def findings(folder: Path, table: str = "code_findings_python") -> tuple[list[Row], str]:
    """The rows of a table about a folder, and what was not looked at."""
    spec = load_table(table)
    data = collect_one(ProjectAccess(str(folder)), spec, Wants(()), 0, Cache(), time.monotonic() + 600)
    return [dict(zip(data.columns, row, strict=True)) for row in data.rows], data.reason or ""


def counts(row: Row) -> bool:
    """Whether a check of severity high fails by this row."""
    return bool(row["role"] == "code" and row["severity"] in ("high", "critical") and row["confidence"] == "high")


def measure_noise(folders: list[Path], shown: bool) -> None:
    """Per 100,000 lines of Python that are not tests, docs or examples, and of all Python."""
    print("| tree | lines of Python | high | medium | high per 100,000 lines | seconds |\n|---|---|---|---|---|---|")
    total: collections.Counter[str] = collections.Counter()
    for folder in folders:
        started = time.perf_counter()
        rows, reason = findings(folder)
        seconds = time.perf_counter() - started
        lines = sum(path.read_bytes().count(b"\n") for path in folder.rglob("*.py") if path.is_file())
        high = [row for row in rows if counts(row)]
        medium = [row for row in rows if row["role"] == "code" and row["confidence"] == "medium"]
        total.update(lines=lines, high=len(high), medium=len(medium))
        print(
            f"| {folder.name} | {lines:,} | {len(high)} | {len(medium)} | {100_000 * len(high) / max(1, lines):.1f} |"
            f" {seconds:.1f} | {reason[:60]}"
        )
        if shown:
            for row in high:
                print("   HIGH", row["engine"], row["rule_id"], row["weakness"], f"{row['path']}:{row['line']}")
    print(f"all: {dict(total)}, high per 100,000 lines {100_000 * total['high'] / max(1, total['lines']):.2f}")


def pairs_of(path: Path) -> Iterator[tuple[str, str, str, str]]:
    """Weakness, name, insecure and secure text of each pair."""
    for block in path.read_text(encoding="utf-8").split("=== ")[1:]:
        head, _, body = block.partition("\n")
        insecure, _, secure = body.partition("\n---\n")
        weakness, _, name = head.partition(" ")
        yield weakness, name, insecure, secure


def measure_pairs(path: Path, missed: bool) -> None:
    """Insecure must be found with medium or high confidence; secure must have nothing of it, nor anything high."""
    found, quiet, number = 0, 0, 0
    for weakness, name, insecure, secure in pairs_of(path):
        number += 1
        bad = [weak for weak in find_in(insecure.encode()) if weak.weakness == weakness and weak.confidence != "low"]
        wrong = [
            weak
            for weak in find_in(secure.encode())
            if weak.confidence == "high" or (weak.weakness == weakness and weak.confidence != "low")
        ]
        found += bool(bad)
        quiet += not wrong
        if missed and (not bad or wrong):
            print(weakness, name, "missed" if not bad else "wrong", [(weak.rule_id, weak.line) for weak in wrong])
    print(f"{number} pairs: {found} insecure variants found, {quiet} secure variants quiet")


def measure_bandit(folder: Path, missed: bool) -> None:
    """Lines that bandit reports in its own examples, without those about imports and assert."""
    done = subprocess.run(
        ["bandit", "-q", "-r", str(folder), "-f", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    theirs = {
        (str(Path(row["filename"]).relative_to(folder)), line): row
        for row in json.loads(done.stdout)["results"]
        for line in [row["line_number"]]
        if not row["test_id"].startswith("B4") and row["test_id"] != "B101"
    }
    rows, _ = findings(folder)
    ours = collections.defaultdict(list)
    for row in rows:
        ours[(row["path"], row["line"])].append(row)
    for least in ("LOW", "MEDIUM", "HIGH"):
        order = ["LOW", "MEDIUM", "HIGH"]
        wanted = {key: row for key, row in theirs.items() if order.index(row["issue_severity"]) >= order.index(least)}
        hit = [key for key in wanted if key in ours]
        sure = [key for key in hit if any(row["confidence"] != "low" for row in ours[key])]
        print(f"severity {least} and above: bandit {len(wanted)}, of these ours {len(hit)}, medium or high {len(sure)}")
    if missed:
        for key, row in theirs.items():
            if row["issue_severity"] != "LOW" and not any(mine["confidence"] != "low" for mine in ours.get(key, [])):
                print(row["test_id"], row["issue_severity"], key, [mine["rule_id"] for mine in ours.get(key, [])])


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pairs", "noise", "bandit"])
    parser.add_argument("paths", type=Path, nargs="+")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--shown", action="store_true")
    chosen = parser.parse_args()
    if chosen.what == "pairs":
        measure_pairs(chosen.paths[0], chosen.missed)
    elif chosen.what == "noise":
        measure_noise(chosen.paths, chosen.shown)
    else:
        measure_bandit(chosen.paths[0], chosen.missed)


if __name__ == "__main__":
    main()
