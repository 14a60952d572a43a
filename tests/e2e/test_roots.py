"""Debian roots made with debootstrap: plausible results, no crash, and the same verdicts from outside as the files say."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from debian_roots import ROOTS, needs_roots
from runprogram import secaudit


@needs_roots
@pytest.mark.parametrize("suite", ROOTS)
def test_a_debian_root_is_audited(suite: str, tmp_path: Path) -> None:
    done = secaudit("audit", "--root", str(ROOTS[suite]), "--format", "json", "--fail-on", "never", state=tmp_path)
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["target"]["kind"] == "root"
    assert run["target"]["family"] == "debian"
    status = {item["check"]: item["status"] for item in run["results"]}
    assert status["ssh-root-login"] in ("pass", "fail")
    assert status["ssh-empty-passwords"] == "pass"
    failed = [table for table in run["tables"] if table["status"] in ("failed", "timeout")]
    assert failed == []
    assert run["counts"]["pass"] > 40
    live = {
        table["name"]: table["status"] for table in run["tables"] if table["name"] in ("processes", "listening_ports")
    }
    assert set(live.values()) <= {"unsupported"}


@needs_roots
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to leave its rights")
def test_a_user_sees_no_false_pass_in_a_root() -> None:
    from test_rights import both_runs, compare

    assert compare(*both_runs(str(ROOTS["bookworm"]))) == []


@needs_roots
def test_a_root_is_not_changed_by_an_audit(tmp_path: Path) -> None:
    folder = ROOTS["bookworm"]

    def state() -> dict[str, tuple[int, int, int]]:
        found = {}
        for place, _, names in os.walk(folder / "etc"):
            for name in names:
                info = os.lstat(os.path.join(place, name))
                found[os.path.join(place, name)] = (info.st_mtime_ns, info.st_mode, info.st_size)
        return found

    before = state()
    secaudit("audit", "--root", str(folder), "--format", "json", state=tmp_path)
    assert state() == before
