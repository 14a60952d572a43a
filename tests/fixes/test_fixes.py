"""Printed fixes work: break it, the check fails; paste the fix, it passes; paste it again, it still passes; undo it, it fails."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import pytest
from cases import load, load_not_run
from workers import THOROUGH, Workers, skip_without_roots

from secaudit.app.content import load as load_content

CASES = load()
NOT_RUN = load_not_run()
TRIED = sorted(name for name, case in CASES.items() if THOROUGH or not case.slow)
LEAST = 400
"""So many fixes are tried at least; only ever raised."""


def test_each_fix_for_debian_is_tried_or_says_why_not() -> None:
    library = load_content()
    host = {entry.value.id for entry in library.checks.values() if "host" in entry.path.parts}
    checks = {
        name: entry.value for name, entry in library.checks.items() if name in host
    }  # of a project a person mends
    printed = {name for name, check in checks.items() if check.fix_for("debian")}
    assert not printed - set(CASES) - set(NOT_RUN), "add a break to tests/fixes/TOPIC.yaml, or a reason to not-run.yaml"
    assert not set(CASES) & set(NOT_RUN), "these are tried, so they do not belong into not-run.yaml"
    assert not (set(CASES) | set(NOT_RUN)) - printed, "there is no such check, or it has no fix for Debian"


def test_most_fixes_are_tried() -> None:
    assert len(CASES) >= LEAST


@pytest.fixture(scope="module")
def trials(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[dict[str, Future[dict[str, Any]]]]:
    skip_without_roots()
    wanted = [
        item.callspec.params["check"]
        for item in request.session.items
        if getattr(item, "callspec", None) and item.path == request.path
    ]
    workers = Workers(tmp_path_factory.mktemp("fixes"), wanted, "thorough" if THOROUGH else "quick")
    yield workers.results
    workers.close()


@pytest.mark.parametrize("check", TRIED)
def test_fix_works(check: str, trials: dict[str, Future[dict[str, Any]]]) -> None:
    result = trials[check].result()
    steps = " -> ".join(f"{step}: {status}" for step, status in result["statuses"].items())
    assert not result["problems"], "\n".join([check, steps, *result["problems"], result["log"]])
