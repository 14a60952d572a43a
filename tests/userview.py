"""Audits of one root file system as root and as an ordinary user, and what more rights may change.

The law: more rights turn unknown into pass or fail, and never a pass into a fail or a fail into a pass.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from secaudit.model import Status

NOBODY_UID = 65534
"""The account without rights that every Linux system has."""
DANA_UID = 1000
"""The person of the root "normal", see scripts/make-roots.sh."""
CODE = """
import json, os, sys
from datetime import datetime, timezone
from pathlib import Path
from secaudit.app import auditing
from secaudit.app.content import compile_selection
from secaudit.content import library
from secaudit.content.select import select
from secaudit.evidence.document import dump_run

how, root, uid = sys.argv[1], sys.argv[2], int(sys.argv[3])
loaded = library.load()
chosen = select(loaded, "freelancer")
compiled = compile_selection(loaded, chosen)
request = auditing.AuditRequest(root=Path(root) if how == "outside" and root else None)
lists = Path(root or "/", "var/lib/apt/lists")
moment = datetime.fromtimestamp(lists.stat().st_mtime if root and lists.is_dir() else 1_795_450_000, timezone.utc)

def audit():
    snapshot = auditing.take_snapshot(request, compiled, lambda: moment, None)
    return json.loads(dump_run(auditing.judge(loaded, chosen, compiled, snapshot)))

audit()  # imports all that is needed, since Python itself may lie where only root can read
if how == "inside":
    os.chroot(root)
    os.chdir("/")
as_root = audit()
os.setgroups([])
os.setgid(uid)
os.setuid(uid)
os.environ["HOME"] = "/nonexistent"
json.dump([as_root, audit()], sys.stdout)
"""
MOUNTS = """
mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; mount --rbind /sys "$1/sys"; mount -t tmpfs tmpfs "$1/run"
shift; exec "$@"
"""


@dataclass(frozen=True)
class Views:
    """The run documents of both."""

    root: dict[str, Any]
    user: dict[str, Any]

    @property
    def unknown(self) -> list[dict[str, Any]]:
        return [item for item in self.user["results"] if item["status"] == "unknown"]

    @property
    def percent(self) -> float:
        """Unknown ones of all checks that were selected."""
        return 100 * len(self.unknown) / len(self.user["results"])


def outside(root: Path | None, uid: int = DANA_UID) -> Views:
    """Audit a mounted root from outside, or this machine when it is None."""
    return _views([sys.executable, "-c", CODE, "outside", str(root or ""), str(uid)])


def inside(root: Path, uid: int = DANA_UID) -> Views | None:
    """Audit the root from inside, as if it were the machine; None where this kernel does not let us mount."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-mpf", "true"], check=False).returncode != 0:
        return None
    enter = ["unshare", "-mpf", "--propagation", "private", "sh", "-ec", MOUNTS, "sh", str(root)]
    return _views([*enter, sys.executable, "-c", CODE, "inside", str(root), str(uid)])


def _views(argv: list[str]) -> Views:
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return Views(*json.loads(done.stdout))


def broken(views: Views) -> list[str]:
    """Where the law is broken."""
    by_root = {item["check"]: item for item in views.root["results"]}
    wrong = []
    for item in views.user["results"]:
        other = by_root[item["check"]]
        pair = (item["status"], other["status"])
        if pair == (Status.FAIL, Status.PASS):
            wrong.append(f"{item['check']}: user fail, root pass")
        if pair in ((Status.PASS, Status.FAIL), (Status.NOT_APPLICABLE, Status.FAIL)):
            wrong.append(f"{item['check']}: user {pair[0]}, root fail")
    low, high = [run["score"]["low"] for run in (views.user, views.root)], views.user["score"]["high"]
    if not low[0] <= low[1] <= views.root["score"]["high"] <= high:
        wrong.append(f"the score of the user, {low[0]} to {high}, does not hold that of root")
    return wrong


def listed(views: Views) -> str:
    """The unknown checks by reason, for a person to read."""
    reasons: dict[str, list[str]] = {}
    for item in views.unknown:
        reasons.setdefault(f"{item['reason']}{' (needs root)' if item['needs'] else ''}", []).append(item["check"])
    ordered = sorted(reasons.items(), key=lambda pair: (-len(pair[1]), pair[0]))
    return "".join(f"{reason}\n" + "".join(f"    {name}\n" for name in sorted(names)) for reason, names in ordered)
