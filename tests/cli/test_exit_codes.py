"""Exit codes through a real process, and errors that say what to do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from runprogram import secaudit

CHECK = """\
id: acc-{name}
title: Nobody is called {user}
fail_title: Somebody is called {user}
severity: {severity}
objective: accounts-unique
select: users
where: {{username: {user}}}
expect: {{uid: 123456}}
on_empty: pass
why: Because.
verify: getent passwd {user}
fix: {{any: sudo userdel {user}}}
examples:
  healthy: {{users: [{{username: {user}, uid: 123456}}]}}
  failing: {{users: [{{username: {user}, uid: 1}}]}}
"""


@pytest.fixture
def content(tmp_path: Path) -> Path:
    """A content folder with a failing high check and a passing one."""
    folder = tmp_path / "content" / "checks" / "host" / "accounts"
    folder.mkdir(parents=True)
    for name, user, severity in (
        ("bad", "root", "high"),
        ("good", "nobody-here", "critical"),
        ("small", "daemon", "low"),
    ):
        (folder / f"acc-{name}.yaml").write_text(CHECK.format(name=name, user=user, severity=severity))
    return tmp_path / "content"


def audit(content: Path, state: Path, *more: str, only: str = "acc-*"):
    return secaudit("audit", "--content", str(content), "--only", only, *more, state=state)


@pytest.mark.parametrize(
    ("only", "options", "code"),
    [
        ("acc-good", [], 0),
        ("acc-small", [], 0),
        ("acc-small", ["--fail-on", "low"], 1),
        ("acc-bad", [], 1),
        ("acc-bad", ["--fail-on", "critical"], 0),
        ("acc-bad", ["--fail-on", "never"], 0),
        ("nothing-*", [], 2),
        ("acc-bad", ["--skip", "acc-*"], 3),
        ("acc-bad", ["--root", "/no/such/folder"], 3),
        ("acc-bad", ["--profile", "freelancr"], 2),
        ("acc-bad", ["--standard", "iso"], 2),
        ("acc-bad", ["-o", "report.xyz"], 2),
        ("acc-bad", ["-o", "/no/such/folder/report.json"], 2),
        ("acc-bad", ["--replay", "/dev/null"], 3),
        ("acc-bad", ["--bad-option"], 2),
    ],
)
def test_exit_codes(content: Path, tmp_path: Path, only: str, options: list[str], code: int) -> None:
    done = audit(content, tmp_path, *options, only=only)
    assert done.returncode == code, done.stderr
    if code in (2, 3):
        assert done.stderr.startswith("error: ")
        assert "\n  " in done.stderr, "says what to do"
        assert "Traceback" not in done.stderr


def test_strict_turns_unknown_into_3(content: Path, tmp_path: Path) -> None:
    folder = content / "checks" / "host" / "accounts"
    text = CHECK.format(name="unseen", user="nobody-here", severity="high").replace(
        "on_empty: pass", "on_empty: unknown"
    )
    (folder / "acc-unseen.yaml").write_text(text)
    assert audit(content, tmp_path, only="acc-unseen").returncode == 0
    assert audit(content, tmp_path, "--strict", only="acc-unseen").returncode == 3


def test_wrong_content_is_2_with_file_and_line(content: Path, tmp_path: Path) -> None:
    path = content / "checks" / "host" / "accounts" / "acc-bad.yaml"
    path.write_text(path.read_text().replace("severity: high", "severity: hihg"))
    done = audit(content, tmp_path)
    assert done.returncode == 2
    assert "acc-bad.yaml:4: no severity" in done.stderr
    assert 'did you mean "high"?' in done.stderr


def test_a_bug_is_70_and_names_a_crash_file(tmp_path: Path) -> None:
    code = (
        "import secaudit.app.auditing as a\n"
        "def broken(*args, **kwargs): raise RuntimeError('boom \\x1b[2J')\n"
        "a.audit = broken\n"
        "import sys; sys.argv = ['secaudit', 'audit']\n"
        "from secaudit.cli.main import run; run()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 70
    assert "a bug in secaudit" in done.stderr
    assert "\x1b" not in done.stderr
    assert list(tmp_path.glob("secaudit-crash-*.txt"))


def wait_for(path: Path) -> None:
    """Until the other process has made the file."""
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, "it never came so far"
        time.sleep(0.05)


def test_ctrl_c_ends_with_130_and_marks_the_run_as_a_part(content: Path, tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    code = (
        "import pathlib, secaudit.targets.host as h, time\n"
        "original = h.HostAccess.open\n"
        f"def slow(self, path): pathlib.Path({str(begun)!r}).touch(); time.sleep(60); return original(self, path)\n"
        "h.HostAccess.open = slow\n"
        "import sys; sys.argv = ['secaudit', 'audit', '--no-save', '--format', 'json']\n"
        "from secaudit.cli.main import run; run()\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_for(begun)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130, err
    assert json.loads(out)["partial"] is True
    assert "Traceback" not in err


def test_a_closed_pipe_is_no_error(content: Path, tmp_path: Path) -> None:
    command = f"{sys.executable} -m secaudit checks list --format plain | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert "BrokenPipe" not in done.stderr


def test_json_is_the_run_document_on_stdout_alone(content: Path, tmp_path: Path) -> None:
    done = audit(content, tmp_path, "--format", "json")
    run = json.loads(done.stdout)
    assert run["schema"] == "secaudit.run/1"
    assert run["counts"]["fail"] == 2
    assert done.stderr == ""


def test_plain_is_what_a_pipe_gets(content: Path, tmp_path: Path) -> None:
    lines = audit(content, tmp_path).stdout.splitlines()
    assert [line.split("\t")[:3] for line in lines] == [["fail", "high", "acc-bad"], ["fail", "low", "acc-small"]]
    assert all(line.count("\t") == 6 for line in lines)


def test_several_files_from_one_run(content: Path, tmp_path: Path) -> None:
    names = [tmp_path / name for name in ("r.html", "r.json", "r.md", "r.txt", "r.jsonl")]
    options = [word for name in names for word in ("-o", str(name))]
    done = audit(content, tmp_path, *options)
    assert done.returncode == 1, done.stderr
    for name in names:
        assert name.stat().st_size > 50
        assert name.stat().st_mode & 0o777 == 0o600


def test_typing_slips_are_answered(tmp_path: Path) -> None:
    done = secaudit("audti", state=tmp_path)
    assert done.returncode == 2
    assert "did you mean audit?" in done.stderr
    done = secaudit("explain", "exit-cods", state=tmp_path)
    assert done.returncode == 2
    assert 'did you mean "exit-codes"?' in done.stderr


def test_runs_are_private_and_listed(content: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    audit(content, state, only="acc-bad")
    runs = list((state / "runs").iterdir())
    assert len(runs) == 1
    assert (state / "runs").stat().st_mode & 0o777 == 0o700
    assert runs[0].stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in runs[0].iterdir()} == {0o600}
    listed = secaudit("history", "--format", "json", state=state)
    assert [row["run"] for row in json.loads(listed.stdout)] == [runs[0].name]
    shown = secaudit("report", "--format", "json", state=state)
    assert json.loads(shown.stdout) == json.loads((runs[0] / "run.json").read_text())


def test_a_state_folder_that_cannot_be_written_is_a_warning(content: Path, tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    done = audit(content, blocked, "--format", "json", only="acc-good")
    assert done.returncode == 0
    assert json.loads(done.stdout)["counts"]["pass"] == 1
    assert "warning: this run was not kept" in done.stderr
    assert "SECAUDIT_STATE" in done.stderr


def test_a_full_disk_is_said_and_leaves_no_half_file(content: Path, tmp_path: Path) -> None:
    done = audit(content, tmp_path, "-o", "json=/dev/full", only="acc-good")
    assert done.returncode == 2
    assert "No space left" in done.stderr


def test_a_damaged_stored_run_is_said(content: Path, tmp_path: Path) -> None:
    audit(content, tmp_path, only="acc-good")
    run = next((tmp_path / "runs").iterdir())
    (run / "run.json").write_text("{")
    done = secaudit("report", state=tmp_path)
    assert done.returncode == 2
    assert "not JSON" in done.stderr
    (run / "summary.json").write_text("[]")
    assert "damaged" in secaudit("history", state=tmp_path).stdout


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [["checks", "list"], ["--version"], ["explain", "ssh-root-login"]])
def test_a_full_disk_under_the_output_is_said_and_is_no_bug(arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "secaudit", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stderr.startswith("error: the output could not be written: No space left on device\n")
    assert "bug" not in done.stderr


@pytest.mark.parametrize("closed", ["1>&-", "2>&-", "1>&- 2>&-"])
def test_closed_streams_change_no_exit_code(closed: str) -> None:
    command = f"{sys.executable} -m secaudit checks list {closed}"
    assert subprocess.run(["sh", "-c", command], capture_output=True, check=False).returncode == 0
