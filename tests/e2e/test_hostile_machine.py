"""This machine when it does not help: programs that are missing, hang, flood or lie, no /proc, no room, no rights."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sloppy_root
from damage import Auditor, better, bugs, measured, verdicts

from runprogram import secaudit
from secaudit.model import Status
from secaudit.targets import access, command
from tabletest import open_to_others

WALKERS = frozenset({"suid_bin", "world_writable", "unowned_files"})
"""Tables that walk through all disks, which takes long and needs no program."""
PROGRAMS = (
    "apt-config dpkg-query dpkg firewall-cmd find findmnt fwupdmgr getent git gsettings hostnamectl ip iptables "
    "iptables-save ip6tables ip6tables-save loginctl lsblk mokutil nft nmcli rpm ss ssh sshd sudo sysctl systemctl "
    "systemd-analyze timedatectl udevadm ufw useradd"
).split()
LIES = {
    "silent": "exit 0",
    "failing": "echo 'error: \033[2J failure' >&2; exit 1",
    "garbage": "head -c 20000 /dev/urandom; printf '\\033[2J{\"nftables\": [<script>'; exit 0",
    "hanging": "exec sleep 60",
    "flooding": "exec yes '[/red]'",
}
CLI = """
import os, sys
from secaudit.app import auditing, keeping, output
from secaudit.app.auditing import AuditRequest, audit
from secaudit.cli import audit_run, main
from secaudit.reporting import html, plain
done = audit(AuditRequest(root=None, only=("accounts-*", "ssh-*"), timeout_s=5))
html.render(done.run)
plain.render(done.run)
import secaudit.app.examining, secaudit.app.program, secaudit.cli.audit, secaudit.cli.doctor, secaudit.history.store, platformdirs.unix, json, tempfile, getpass, pwd, traceback
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
sys.argv = ["secaudit", *sys.argv[1:]]
main.run()
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting and leaving rights needs root")
"""And these need a kernel that lets root make name spaces, see `unshare`."""


def unshare(script: str, *, state: Path, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
    """Run a shell script with mounts of its own; skip the test where the kernel does not allow it."""
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-m", "true"], check=False).returncode != 0:
        pytest.skip("this kernel or container does not let us mount")
    return subprocess.run(
        ["unshare", "-m", "--propagation", "private", "sh", "-ec", script],
        env={**os.environ, "SECAUDIT_STATE": str(state), "PY": sys.executable},
        capture_output=True, text=True, timeout=timeout_s, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def auditor() -> Auditor:
    return Auditor.load(WALKERS)


@pytest.fixture(scope="module")
def usual(auditor: Auditor) -> dict[str, Status]:
    """What is said of this machine when nothing is wrong with its programs."""
    return verdicts(auditor.judge(auditor.snapshot()))


# ---------------------------------------------------------------- programs


@pytest.mark.parametrize("how", ["missing", *LIES])
def test_programs_that_do_not_help_make_nothing_better(
    auditor: Auditor, usual: dict[str, Status], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    for name in PROGRAMS if how != "missing" else ():
        (tmp_path / name).write_text(f"#!/bin/sh\n{LIES[how]}\n")
        (tmp_path / name).chmod(0o755)
    for module in (command, access):
        monkeypatch.setattr(module, "SEARCH_PATH", (str(tmp_path),))

    def audit() -> tuple[list[str], list[str], bool]:
        snapshot = auditor.snapshot(timeout_s=3)
        run = auditor.judge(snapshot)
        wrong = better(usual, verdicts(run), how)
        faults = [text for text in bugs(snapshot) if ": timeout: " not in text]
        return wrong, faults, "\x1b" in json.dumps([table.reason for table in run.tables], ensure_ascii=False)

    found = measured(audit, 60)
    wrong, faults, _ = found.value
    assert faults == []
    if how == "missing":  # a program that is not installed has nothing to say
        wrong = [text for text in wrong if not text.endswith("not_applicable")]
    assert wrong == []
    assert found.peak_mb < 700
    left = subprocess.run(["pgrep", "-f", str(tmp_path)], capture_output=True, text=True, check=False).stdout
    assert left == "", "no child is left behind"


# ---------------------------------------------------------------- rights, /proc


@as_root
def test_a_user_whose_home_is_closed_gets_an_audit_and_a_warning() -> None:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG")}
    environment |= {"HOME": "/root", "SECAUDIT_STATE": "/root/x"}
    doctor = subprocess.run(
        [sys.executable, "-c", CLI, "doctor"], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )
    assert "bug in secaudit" not in doctor.stderr
    assert "runs cannot be kept" in doctor.stdout
    done = subprocess.run(
        [sys.executable, "-c", CLI, "audit", "--only", "accounts-*", "--only", "ssh-*", "--format", "plain"],
        env=environment,
        capture_output=True, text=True, timeout=60, check=False, cwd="/",
    )  # fmt: skip
    assert done.returncode in (0, 1), done.stderr
    assert "Traceback" not in done.stderr
    assert "warning: this run was not kept" in done.stderr
    assert "fix:" in done.stderr


@as_root
def test_without_proc_nothing_gets_better(usual: dict[str, Status], tmp_path: Path) -> None:
    done = unshare(
        "mount -t tmpfs none /proc;"
        " exec $PY -m secaudit audit --format json --fail-on never --timeout 5 --skip 'suid-*' --skip 'file-*'",
        state=tmp_path,
    )
    if "mount:" in done.stderr:
        pytest.skip(f"not possible here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    now = {item["check"]: Status(item["status"]) for item in run["results"] if item["check"] in usual}
    wrong = better(usual, now, "proc")
    assert [text for text in wrong if not text.endswith("not_applicable")] == []
    assert [table for table in run["tables"] if "Error:" in (table["reason"] or "")] == []


@as_root
def test_processes_that_are_hidden_are_not_said_to_be_fine(tmp_path: Path) -> None:
    """Mounted with hidepid, /proc shows a user only his own processes."""
    done = unshare(
        f"mount -t proc -o hidepid=invisible proc /proc; exec $PY -c '{CLI}' audit --only 'processes-*' --format json"
        " --fail-on never --no-save",
        state=tmp_path,
    )
    if "mount:" in done.stderr:
        pytest.skip(f"not possible here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert {table["status"] for table in run["tables"] if table["name"] == "processes"} == {"partial"}
    assert "pass" not in {item["status"] for item in run["results"] if "processes" in item["tables"]}


# ---------------------------------------------------------------- where runs are kept


@as_root
@pytest.mark.parametrize(
    ("mount", "word"),
    [
        (
            "mount --bind $SECAUDIT_STATE $SECAUDIT_STATE; mount -o remount,ro,bind $SECAUDIT_STATE",
            "Read-only file system",
        ),
        ("mount -t tmpfs -o size=64k none $SECAUDIT_STATE", "No space left on device"),
    ],
)
def test_no_room_for_the_run_is_a_warning(tmp_path: Path, mount: str, word: str) -> None:
    state = tmp_path / "state"
    state.mkdir()
    script = (
        f"{mount}; $PY -m secaudit audit --only 'ssh-*' --format json --fail-on never; find $SECAUDIT_STATE -type f >&2;"
        " $PY -m secaudit audit --only 'ssh-*' --fail-on never -o $SECAUDIT_STATE/report.html || echo code $? >&2"
    )
    done = unshare(script, state=state)
    if "mount:" in done.stderr:
        pytest.skip(f"not possible here: {done.stderr.splitlines()[0]}")
    assert json.loads(done.stdout.partition("\n}\n")[0] + "}")["schema"] == "secaudit.run/1"
    assert f"warning: this run was not kept: {state / 'runs'}: {word}" in done.stderr
    assert "SECAUDIT_STATE=/path" in done.stderr
    assert f"error: {state / 'report.html'}: {word}" in done.stderr
    assert "code 2" in done.stderr
    assert "Traceback" not in done.stderr
    assert not any(line.startswith(str(state)) for line in done.stderr.splitlines()), "nothing half-written is left"


# ---------------------------------------------------------------- Ctrl-C


def test_ctrl_c_at_any_moment_ends_cleanly(tmp_path: Path) -> None:
    place = sloppy_root.build(tmp_path / "root")
    clock = random.Random(7)  # the same moments each time
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-m", "secaudit", "audit", "--root", str(place), "--format", "plain", "--fail-on", "never"],
            env={**os.environ, "SECAUDIT_STATE": str(tmp_path / "state")},
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        time.sleep(0.25 + clock.random() * 1.5)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode in (0, 130, -signal.SIGINT), err
        assert "Traceback" not in err
    runs = tmp_path / "state" / "runs"
    for folder in runs.iterdir() if runs.is_dir() else ():
        assert not folder.name.startswith("."), "half-written runs are removed"
        assert json.loads((folder / "run.json").read_text())["partial"] is False


# ---------------------------------------------------------------- other people's files in our place


@as_root
def test_a_state_folder_of_somebody_else_is_not_taken_over(tmp_path: Path, as_nobody: Callable[..., None]) -> None:
    """A link where runs are kept must not let root write where another user points."""
    open_to_others(tmp_path)
    state, victim = tmp_path / "state", tmp_path / "victim"
    victim.mkdir()
    state.mkdir()
    os.chown(state, 65534, 65534)
    as_nobody(lambda: (state / "runs").symlink_to(victim))
    before = victim.stat().st_mode
    done = secaudit("audit", "--only", "ssh-root-login", "--format", "plain", "--fail-on", "never", state=state)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    for folder in victim.iterdir():
        assert folder.stat().st_mode & 0o077 == 0, "what is kept stays private all the same"
    assert before & 0o777 == 0o755
