"""The report in a real browser: accessible, quiet, usable. Needs node, npm and Chromium; in CI they must be there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from reporting.sample import EARLIER, RESULTS, small_run
from secaudit.model import Severity, Status
from secaudit.reporting import html

AXE = Path(__file__).parent / "axe"


def _missing(what: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} (in CI this must be there)")
    pytest.skip(what)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What the browser saw, as look.cjs tells it."""
    node, npm = shutil.which("node"), shutil.which("npm")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not (node and npm and chromium):
        _missing("node, npm or chromium is not installed")
    setup = subprocess.run([str(AXE / "setup.sh")], capture_output=True, text=True, timeout=120)
    if setup.returncode:
        _missing(f"axe-core and playwright-core could not be installed: {setup.stderr[-300:]}")
    report = tmp_path_factory.mktemp("report") / "report.html"
    report.write_text(html.render(small_run(), EARLIER), encoding="utf-8")
    command = [str(node), str(AXE / "look.cjs"), setup.stdout.strip(), str(chromium), str(report)]
    looked = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert looked.returncode == 0, looked.stderr[-3000:]
    return json.loads(looked.stdout)


def test_axe_finds_no_violation_on_any_screen(seen: Any) -> None:
    found = {name: screen["folded"] + screen["unfolded"] for name, screen in seen["screens"].items()}
    assert found == {name: [] for name in found}
    assert len(found) == 7


def test_nothing_scrolls_sideways(seen: Any) -> None:
    for name, screen in seen["screens"].items():
        content, window = screen["width"]
        assert content <= window, name


def test_console_stays_empty_and_nothing_breaks_the_policy(seen: Any) -> None:
    assert seen["console"] == []
    assert seen["violations"] == []


def test_nothing_but_the_file_is_loaded(seen: Any) -> None:
    assert {request.rsplit("/", 1)[-1] for request in seen["requests"]} == {"report.html"}


def test_search_and_filters_work(seen: Any) -> None:
    total = len(RESULTS)
    passes = sum(item.status is Status.PASS for item in RESULTS)
    critical = sum(item.severity is Severity.CRITICAL and item.status is not Status.PASS for item in RESULTS)
    failures = sum(item.status is Status.FAIL and not item.waiver for item in RESULTS)
    used = seen["used"]
    assert used["all"] == total
    assert used["focused"] == "search"
    count, said = used["searched"]
    assert 0 < count < total
    assert said == f"{count} of {total} checks"
    assert used["nothing"] == [0, True]
    assert used["cleared"] == [total, ""]
    assert used["withoutPasses"] == total - passes
    assert used["withoutCriticalToo"] == total - passes - critical
    assert used["linkShowsHidden"] == total
    assert used["onlyFailures"] == failures
    buttons, blocks = used["copyButtons"]
    assert buttons == blocks > 0


def test_paper_shows_what_needs_work_in_full_and_passes_in_a_line(seen: Any) -> None:
    printed = seen["printed"]
    assert all(printed["failures"])
    assert all(printed["controls"])
    assert not any(printed["passes"])
    assert printed["filters"] is False


def test_report_is_complete_without_scripts(seen: Any) -> None:
    assert seen["withoutScript"] == {"checks": len(RESULTS), "filters": False, "copy": 0}
