"""Runs with failing checks of a small content of their own, kept as stored runs, for tests of fix scripts."""

from __future__ import annotations

import platform
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from reporting.sample import RESULTS, assemble
from secaudit.evidence.document import dump_run
from secaudit.history import store
from secaudit.model import Result, Run, Severity, Status

OBJECTIVE = "accounts-unique"


def check_yaml(name: str, fix: str | None, **more: object) -> str:
    """The file of a check; what it asks does not matter here."""
    return yaml.safe_dump(
        {
            "id": name,
            "title": f"The state of {name} is good",
            "fail_title": f"The state of {name} is bad",
            "severity": "high",
            "objective": OBJECTIVE,
            "select": "users",
            "where": {"username": "root"},
            "expect": {"uid": "0"},
            "why": "Because it matters.",
            "verify": "true",
            "fix": {"any": fix} if fix is not None else {"arch": "true"},
            "examples": {
                "healthy": {"users": [{"username": "root", "uid": "0"}]},
                "failing": {"users": [{"username": "root", "uid": "1"}]},
            },
            **more,
        },
        sort_keys=False,
        width=10_000,
    )


def write_checks(folder: Path, fixes: dict[str, str | None], more: dict[str, dict[str, object]] | None = None) -> Path:
    """A content folder with these checks: id -> fix."""
    place = folder / "checks" / "host" / "fx"
    place.mkdir(parents=True, exist_ok=True)
    for name, fix in fixes.items():
        (place / f"{name}.yaml").write_text(check_yaml(name, fix, **(more or {}).get(name, {})), encoding="utf-8")
    return folder


def failed(
    name: str, fix: str | None, *rows: dict[str, str | int | None], severity: Severity = Severity.HIGH
) -> Result:
    """A failing result as a run holds it."""
    return replace(
        RESULTS[0],
        check=name,
        status=Status.FAIL,
        severity=severity,
        objective=OBJECTIVE,
        fix=fix,
        waiver=None,
        rows=rows,
        rows_total=len(rows),
    )


def keep_run(state: Path, results: tuple[Result, ...], monkeypatch: pytest.MonkeyPatch, **changes: object) -> Run:
    """Store a run of these results about this machine."""
    monkeypatch.setenv("SECAUDIT_STATE", str(state))
    run = assemble(results)
    run = replace(run, target=replace(run.target, name=platform.node()), **changes)  # type: ignore[arg-type]
    store.save(run, {store.RUN_FILE: (dump_run(run).encode(),)})
    return run
