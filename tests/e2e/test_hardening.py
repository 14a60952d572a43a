"""A fresh Debian, hardened and softened by hand: the verdicts that change are exactly those of what was done."""

from __future__ import annotations

from pathlib import Path

import pytest
from hardening_steps import HARDEN, SOFTEN, Step

from accuracy.worlds import inside, may_mount, world
from debian_roots import needs_roots
from secaudit.app.auditing import AuditRequest, audit

needs_mounts = pytest.mark.skipif(not may_mount(), reason="needs root and the right to mount")


def statuses(root: Path) -> dict[str, str]:
    run = audit(AuditRequest(root=root, profile="server")).run
    return {result.check: str(result.status) for result in run.results}


@needs_roots
@needs_mounts
@pytest.mark.parametrize("steps", [HARDEN, SOFTEN], ids=["harden", "soften"])
def test_the_verdicts_that_change_are_those_of_what_was_done(steps: tuple[Step, ...], tmp_path: Path) -> None:
    with world("bookworm", tmp_path) as root:
        before = statuses(root)
        for step in steps:
            done = inside(root, "set -e\n" + step.script)
            assert done.returncode == 0, (step.script, done.stderr)
        after = statuses(root)
    changed = {check: status for check, status in after.items() if status != before[check]}
    assert changed == {check: status for step in steps for check, status in step.changes.items()}
