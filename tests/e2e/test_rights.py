"""As root and as an ordinary user: more rights turn unknown into pass or fail, and never a pass into a fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from secaudit.model import Status

CODE = """
import json, os, sys
from pathlib import Path
from secaudit.app import auditing
from secaudit.app.content import compile_selection
from secaudit.content import library
from secaudit.content.select import select
from secaudit.evidence.document import dump_run

loaded = library.load()
chosen = select(loaded, "freelancer")
compiled = compile_selection(loaded, chosen)
request = auditing.AuditRequest(root=Path(sys.argv[1]) if len(sys.argv) > 1 else None)

def audit():
    snapshot = auditing.take_snapshot(request, compiled, auditing.utc_now, None)
    return json.loads(dump_run(auditing.judge(loaded, chosen, compiled, snapshot)))

as_root = audit()  # also imports all that is needed, since Python itself may lie where only root can read
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.environ["HOME"] = "/nonexistent"
json.dump([as_root, audit()], sys.stdout)
"""
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="comparing root with a user needs root")


def both_runs(*root: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """The run of root and the run of an ordinary user."""
    done = subprocess.run([sys.executable, "-c", CODE, *root], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    as_root, as_user = json.loads(done.stdout)
    return as_root, as_user


def compare(root_run: dict[str, Any], user_run: dict[str, Any]) -> list[str]:
    seen_by_root = {item["check"]: item for item in root_run["results"]}
    wrong = []
    for item in user_run["results"]:
        other = seen_by_root[item["check"]]
        pair = (item["status"], other["status"])
        if pair in ((Status.PASS, Status.FAIL), (Status.FAIL, Status.PASS), (Status.NOT_APPLICABLE, Status.FAIL)):
            wrong.append(f"{item['check']}: user {item['status']}, root {other['status']}")
    return wrong


@needs_root
def test_a_user_never_sees_a_pass_where_root_sees_a_fail() -> None:
    root_run, user_run = both_runs()
    assert compare(root_run, user_run) == []
    assert user_run["counts"]["unknown"] > root_run["counts"]["unknown"]
    assert user_run["counts"]["needs_root"] > 0
    assert all(item["reason"] for item in user_run["results"] if item["status"] == "unknown")
    assert (
        user_run["score"]["low"] <= root_run["score"]["low"] <= root_run["score"]["high"] <= user_run["score"]["high"]
    )


@needs_root
def test_nothing_secret_enters_a_run() -> None:
    text = json.dumps(both_runs()[0])
    for line in Path("/etc/shadow").read_text().splitlines():
        field = line.split(":")[1]
        if field.startswith("$") and len(field) > 20:
            assert field not in text
