"""The view of an audit in every form, compared whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from accepted import assert_accepted
from reporting.sample import ISO, OBJECTIVES, OWASP, RESULTS, assemble, blind_run, clean_run, small_run
from secaudit.model import Run, Status
from secaudit.reporting import plain
from secaudit.terminal.audit_view import Surroundings
from terminal.screen import Screen, screen

__all__ = ["screen"]

GOLDEN = Path(__file__).parent / "golden"
AROUND = Surroundings(
    seconds=3.94,
    report="/home/ayesha/.local/state/secaudit/runs/20251123T174758Z-3f7a91c2/report.html",
    as_root=["sudo", "/home/ayesha/.local/bin/secaudit", "audit"],
    in_full=["secaudit", "report", "--all"],
    fix=["secaudit", "fix", "-o", "fix.sh"],
)

HERE_DOCUMENT = """\
sudo tee /etc/ssh/sshd_config.d/10-secaudit.conf <<'END'
PermitRootLogin no
  MaxAuthTries 4
END
for f in ~/.netrc ~/.pgpass; do
  [ ! -e "$f" ] || chmod 600 "$f"
done
sudo find /srv -xdev -type d -perm -0002 \\
  -exec chmod o-w {} +
# Then look at each folder, and ask its owner whether other people still need to write there or not:
ls -l /srv
"""


def earlier_run() -> Run:
    """Nine days before: the disk was encrypted, updates did not install themselves."""
    flipped = {"disk-encryption": Status.PASS, "updates-automatic": Status.FAIL, "backup-recent": Status.FAIL}
    before = [replace(item, status=flipped.get(item.check, item.status)) for item in RESULTS]
    return replace(assemble(tuple(before)), started="2025-11-14T08:00:00Z")


def named_run() -> Run:
    """With the short name of the standard, as real content has it."""
    return assemble(RESULTS, OBJECTIVES, (replace(ISO, short="ISO 27001"), replace(OWASP, short="OWASP 2025")))


def many_lines_run() -> Run:
    """Fixes of several lines, evidence of several values."""
    first, second = RESULTS[0], RESULTS[5]
    mode = {"expected": "mode 0600, owner root", "line": None}
    rows = (
        {"pass": 0, "resource": "a", "actual": "mode 0644, owner root", "path": "/srv/a", **mode},
        {"pass": 0, "resource": "a", "actual": "mode 0644, owner root", "path": "/srv/a", **mode},
        {"pass": 0, "resource": "b", "actual": "mode 0644, owner omar", "path": "/srv/b", **mode},
    )
    waiting = tuple(
        {"pass": 0, "resource": name, "actual": "2.6.1", "expected": "2.6.2 of bookworm-security"}
        for name in ("apt", "apt-transport-https", "apt-utils", "libapt-pkg6.0")
    )
    return assemble(
        (
            replace(first, fix=HERE_DOCUMENT, rows=rows, rows_total=3),
            replace(
                second, rows=waiting, rows_total=4, fail_title="Security updates are waiting to be installed, some"
            ),
        )
    )


CASES = {
    "audit-80": (small_run, {}, {}),
    "audit-120": (named_run, {"columns": 120}, {}),
    "audit-50": (small_run, {"columns": 50}, {}),
    "audit-all": (small_run, {}, {"everything": True}),
    "audit-all-120": (named_run, {"columns": 120}, {"everything": True}),
    "audit-later": (small_run, {}, {"earlier": earlier_run()}),
    "audit-clear": (clean_run, {}, {}),
    "audit-no-grade": (lambda: replace(blind_run(), partial=False), {}, {}),
    "audit-interrupted": (blind_run, {}, {"report": None, "fix": [], "in_full": ["secaudit", "audit", "--all"]}),
    "audit-ascii": (small_run, {"encoding": "ascii"}, {"everything": True}),
    "audit-cp1252": (small_run, {"encoding": "cp1252"}, {}),
    "audit-many-lines": (many_lines_run, {}, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_view_is_the_accepted_one(name: str, screen: Screen) -> None:
    make, form, around = CASES[name]
    vars(screen).update(form)
    assert_accepted(GOLDEN / f"{name}.txt", screen.audit(make(), replace(AROUND, **around)))


@pytest.mark.parametrize("name", ["accessible", "accessible-all"])
def test_accessible_view_is_the_accepted_one(name: str, screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECAUDIT_ACCESSIBLE", "1")
    text = screen.audit(small_run(), replace(AROUND, everything=name.endswith("all"), earlier=earlier_run()))
    assert "█" not in text
    assert_accepted(GOLDEN / f"audit-{name}.txt", text)


def test_colour_only_adds_to_the_view(screen: Screen) -> None:
    import re

    colored = screen.audit(small_run(), AROUND, "always")
    assert_accepted(GOLDEN / "audit-colour.txt", colored)
    assert re.sub(r"␛\[[0-9;]*m", "", colored) == screen.audit(small_run(), AROUND, "never")


@pytest.mark.parametrize(
    ("variables", "option", "colored"),
    [
        ({}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({"NO_COLOR": ""}, "always", True),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, "never", False),
    ],
)
def test_option_wins_over_no_color_which_wins_over_force_color(
    variables: dict[str, str], option: str, colored: bool, screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("␛" in screen.audit(small_run(), AROUND, option)) is colored


def test_plain_is_the_accepted_one() -> None:
    assert_accepted(GOLDEN / "audit-plain.txt", plain.render(small_run()))


@pytest.mark.parametrize("columns", [20, 33, 50, 64, 80, 100, 120, 200])
def test_prose_keeps_to_the_width_and_nothing_is_cut(columns: int, screen: Screen) -> None:
    screen.columns = columns
    run = small_run()
    text = screen.audit(run, replace(AROUND, everything=True))
    whole = text.split("\n")
    for result in run.results:
        if result.status is Status.FAIL and not result.waiver:
            for line in (result.fix or "").splitlines():
                assert any(line in shown for shown in whole), line
    for line in whole:
        if "careful" in line or "could be checked" in line:
            assert len(line) <= min(100, max(columns, 30)), line
