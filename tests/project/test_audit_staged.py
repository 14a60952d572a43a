"""`audit --staged`: as a hook of git and of pre-commit it stops a commit with a secret and lets a clean one through."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from secretsamples import PASSWORD, TOKENS

from projecttest import GIT_ENVIRONMENT, make_project, run_git
from runprogram import secaudit
from secaudit.app.content import compile_selection
from secaudit.content import library as library_module
from secaudit.content.select import select
from secaudit.engine.examples import judge, tables_of
from secaudit.engine.registry import all_tables
from secaudit.model import Status

HERE = Path(__file__).resolve().parent.parent.parent
HOOKS = HERE / ".pre-commit-hooks.yaml"


def hook() -> dict[str, object]:
    (entry,) = yaml.safe_load(HOOKS.read_text(encoding="utf-8"))
    return dict(entry)


def try_commit(project: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-q", "-m", "next", *words],
        cwd=project, env=GIT_ENVIRONMENT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.fixture
def guarded_project(tmp_path: Path) -> Path:
    """A project whose git runs the command of our hook before each commit."""
    project = make_project(tmp_path / "shop", {"app.py": "print(1)\n"})
    entry = str(hook()["entry"]).replace("secaudit", f"{sys.executable} -m secaudit", 1)
    script = project / ".git/hooks/pre-commit"
    script.write_text(
        f"#!/bin/sh\nexport SECAUDIT_STATE={tmp_path}/state SECAUDIT_CACHE= PYTHONPATH={HERE}/src\nexec {entry}\n"
    )
    script.chmod(0o755)
    return project


def test_a_commit_with_a_token_is_stopped_and_a_clean_one_goes_through(guarded_project: Path) -> None:
    (guarded_project / "deploy.sh").write_text(f"export TOKEN={TOKENS['github-token']}\n")
    run_git(guarded_project, "add", "-A")
    stopped = try_commit(guarded_project)
    assert stopped.returncode == 1
    assert "deploy.sh" in stopped.stdout + stopped.stderr
    assert TOKENS["github-token"] not in stopped.stdout + stopped.stderr
    (guarded_project / "deploy.sh").write_text("export TOKEN=$TOKEN\n")
    assert try_commit(guarded_project).returncode == 1, "the token is still what is staged"
    run_git(guarded_project, "add", "-A")
    passed = try_commit(guarded_project)
    assert passed.returncode == 0, passed.stderr
    (guarded_project / "more.py").write_text(f'password = "{PASSWORD}"\n')
    assert try_commit(guarded_project, "--allow-empty").returncode == 0, "what is not staged is not judged"


def test_the_index_of_commit_all_and_of_commit_with_a_path_is_the_one_that_is_judged(guarded_project: Path) -> None:
    (guarded_project / "app.py").write_text(f'password = "{PASSWORD}"\n')
    assert try_commit(guarded_project, "-a").returncode == 1
    assert try_commit(guarded_project, "app.py").returncode == 1
    (guarded_project / "app.py").write_text("print(2)\n")
    assert try_commit(guarded_project, "-a").returncode == 0


def test_a_worktree_and_an_amended_message_go_through(guarded_project: Path) -> None:
    run_git(guarded_project, "worktree", "add", "-q", "../side", "-b", "side")
    side = guarded_project.parent / "side"
    assert try_commit(side, "--amend").returncode == 0
    (side / "app.py").write_text(f'password = "{PASSWORD}"\n')
    assert try_commit(side, "-a").returncode == 1


def test_pre_commit_itself_runs_the_hook(guarded_project: Path, tmp_path: Path) -> None:
    """The real pre-commit; the hook without its own environment, which would be fetched from a registry."""
    program = Path(sys.executable).with_name("pre-commit")
    assert program.exists(), "pip install pre-commit"
    environment = {**GIT_ENVIRONMENT, "PRE_COMMIT_HOME": str(tmp_path / "home")}
    subprocess.run([program, "validate-manifest", HOOKS], check=True, env=environment, capture_output=True)
    entry = str(hook()["entry"]).replace("secaudit", f"{sys.executable} -m secaudit", 1)
    local = {**hook(), "language": "system", "entry": entry}
    local.pop("additional_dependencies")
    (guarded_project / ".pre-commit-config.yaml").write_text(
        yaml.safe_dump({"repos": [{"repo": "local", "hooks": [local]}]})
    )
    environment |= {"SECAUDIT_STATE": str(tmp_path / "state"), "SECAUDIT_CACHE": "", "PYTHONPATH": f"{HERE}/src"}
    for text, code in ((f'password = "{PASSWORD}"\n', 1), ("print(3)\n", 0)):
        (guarded_project / "app.py").write_text(text)
        run_git(guarded_project, "add", "-A")
        done = subprocess.run(
            [program, "run"], cwd=guarded_project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert PASSWORD not in done.stdout + done.stderr


def test_the_run_says_that_it_looked_at_a_part(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"old.py": f'password = "{PASSWORD}"\n', "app.py": "1\n"})
    (project / "app.py").write_text("2\n")
    run_git(project, "add", "-A")
    done = secaudit("audit", "--project", str(project), "--staged", "--format", "json", state=tmp_path / "state")
    run = json.loads(done.stdout)
    assert done.returncode == 0, "what stands in HEAD is not part of the commit"
    assert (run["profile"], run["score"]["grade"]) == ("staged", None)
    assert "a pass says nothing about the rest" in run["narrow"]
    assert not (tmp_path / "state/runs").exists(), "it is not kept"
    nothing = secaudit("audit", "--project", str(project / ".."), "--staged", state=tmp_path / "state")
    assert nothing.returncode == 3


@pytest.mark.parametrize("words", [("--profile", "project"), ("--root", "/"), ("--replay", "x.jsonl")])
def test_what_does_not_go_together_is_refused(tmp_path: Path, words: tuple[str, str]) -> None:
    done = secaudit("audit", "--staged", *words, state=tmp_path, cwd=tmp_path)
    assert done.returncode == 2
    assert "--staged" in done.stderr


def test_no_check_of_what_is_staged_fails_because_the_rest_of_the_project_is_not_there() -> None:
    """A law of the profile: a part of a healthy world is never a failing one."""
    library = library_module.load()
    compiled = compile_selection(library, select(library, "staged"), "project")
    specs = all_tables()
    assert compiled
    for item in compiled:
        healthy = item.check.examples.healthy
        parts = [{**healthy, table: ()} for table in healthy]
        parts += [
            {**healthy, table: rows[:at] + rows[at + 1 :]} for table, rows in healthy.items() for at in range(len(rows))
        ]
        for part in parts:
            found = judge(item, tables_of(item, "healthy", part, specs), specs).verdict.status
            assert found is not Status.FAIL, f"{item.check.id} fails without some rows: leave it out of the profile"


def test_the_hook_is_quick_enough_to_be_used(guarded_project: Path) -> None:
    (guarded_project / "app.py").write_text("print(4)\n")
    run_git(guarded_project, "add", "-A")
    before = os.times()
    assert try_commit(guarded_project).returncode == 0
    used = os.times()
    spent = used.children_user + used.children_system - before.children_user - before.children_system
    assert spent < 4, f"{spent:.1f} s of processor time; about 0.8 s with compiled Python files"
