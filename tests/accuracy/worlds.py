"""Worlds for the accuracy cases: a Debian root changed by hand, the real programs in it, and secaudit's verdicts on it.

A case is data (`cases/*.yaml`): what an administrator did, a command that asks the real program, its answer, and the
statuses that secaudit must give.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import yaml

from debian_roots import ROOTS
from secaudit.app.auditing import AuditRequest, audit

CASES = Path(__file__).parent / "cases"

_INSIDE = """
set -e
mount --bind /dev "$ROOT/dev"
mount -t devpts devpts "$ROOT/dev/pts" -o newinstance,ptmxmode=666
mount -t tmpfs tmpfs "$ROOT/dev/shm"
mount -t proc proc "$ROOT/proc"
ip link set lo up
hostname localhost
exec chroot "$ROOT" /usr/bin/env -i LC_ALL=C PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh
"""


@dataclass(frozen=True)
class Case:
    """One setting that is easy to get wrong."""

    topic: str
    """The name of its file."""
    number: int
    setting: str
    trap: str
    change: str
    """Shell commands that change the root, run inside it."""
    ask: str
    """A shell command that asks the real program; run inside the root unless `outside`."""
    answer: str
    verdicts: Mapping[str, str]
    """Check -> status."""
    suite: str = "bookworm"
    outside: bool = False
    """`ask` is a program of this machine that looks at $ROOT."""

    @property
    def name(self) -> str:
        return f"{self.topic}-{self.number}"


def load_cases(topic: str = "*") -> list[Case]:
    """Every case of the data files, in their order."""
    found = []
    for path in sorted(CASES.glob(f"{topic}.yaml")):
        for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1):
            found.append(Case(topic=path.stem, number=number, **entry))
    return found


def may_mount() -> bool:
    """Whether this is root with the right to mount and to make namespaces."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


@contextmanager
def world(suite: str, place: Path) -> Iterator[Path]:
    """A root of that release that may be changed; what was changed is thrown away."""
    for name in ("upper", "work", "root"):
        (place / name).mkdir()
    root = place / "root"
    layers = f"lowerdir={ROOTS[suite]},upperdir={place}/upper,workdir={place}/work"
    subprocess.run(["mount", "-t", "overlay", "overlay", "-o", layers, str(root)], check=True, capture_output=True)
    try:
        (root / "etc/hosts").write_text("127.0.0.1 localhost\n")  # debootstrap leaves it out; sudo asks for it
        yield root
    finally:
        subprocess.run(["umount", "--lazy", str(root)], check=True)


def inside(root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script in the root, without a network and with processes of its own."""
    command = ["unshare", "--mount", "--net", "--uts", "--pid", "--fork", "--kill-child", "sh", "-c", _INSIDE]
    environment = {**os.environ, "ROOT": str(root)}
    return subprocess.run(
        command, input=script, capture_output=True, text=True, timeout=60, env=environment, check=False
    )


def outside(root: Path, script: str) -> subprocess.CompletedProcess[str]:
    """Run a script of this machine that looks at the root."""
    environment = {**os.environ, "ROOT": str(root), "LC_ALL": "C"}
    command = ["unshare", "--mount", "--net", "sh", "-c", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, env=environment, check=False)


def change(case: Case, root: Path) -> None:
    done = inside(root, "set -e\n" + case.change)
    assert done.returncode == 0, done.stderr + done.stdout


def real_answer(case: Case, root: Path) -> str:
    done = (outside if case.outside else inside)(root, case.ask)
    return done.stdout.strip() or done.stderr.strip()


def verdicts(case: Case, root: Path) -> dict[str, str]:
    run = audit(AuditRequest(root=root, profile="server", only=tuple(case.verdicts), jobs=1)).run
    return {result.check: str(result.status) for result in run.results}
