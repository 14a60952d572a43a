"""A repository made to harm whoever audits it: whole audits by the real program. It ends, runs nothing, says what it saw.

What single tables do with hostile files is tested beside them; here all of them together meet one repository.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from secretsamples import PASSWORD, TOKENS

from projecttest import GIT_ENVIRONMENT, commit, make_project, run_git
from runprogram import secaudit
from secaudit.app import auditing

TOKEN = TOKENS["github-token"]
PEAK_MB = 900
"""Far above what is needed (about 250), far below what a hostile file could cost."""

Results = dict[str, dict[str, object]]


def audit(
    project: Path, *words: str, timeout_s: float = 240, env: dict[str, str] | None = None
) -> tuple[dict[str, object], Results]:
    """Audit in a process of its own; gives the run and its results by check."""
    done = secaudit(
        "audit", "--project", str(project), "--no-save", "--format", "json", "--fail-on", "never", *words,
        state=project.parent / "state", timeout_s=timeout_s, env=env,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    run = json.loads(done.stdout)
    return run, {item["check"]: item for item in run["results"]}


def tables(run: dict[str, object]) -> dict[str, dict[str, object]]:
    return {item["name"]: item for item in run["tables"]}  # type: ignore[attr-defined]


def peak_mb(project: Path, *words: str) -> float:
    """The most memory that an audit took, with the programs that it started."""
    script = (
        "import resource, subprocess, sys\n"
        "done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)\n"
        "assert done.returncode == 0, done.stderr[-1000:]\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)\n"
    )
    argv = [
        sys.executable,
        "-m",
        "secaudit",
        "audit",
        "--project",
        str(project),
        "--no-save",
        "--fail-on",
        "never",
        *words,
    ]
    environment = {**os.environ, "SECAUDIT_STATE": str(project.parent / "state"), "SECAUDIT_CACHE": ""}
    done = subprocess.run(
        [sys.executable, "-c", script, *argv], capture_output=True, text=True, env=environment, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    return float(done.stdout)


# ---------------------------------------------------------------- git made to run programs, or to look elsewhere


@pytest.fixture
def trap(tmp_path: Path) -> tuple[Path, Path]:
    """A program that leaves a mark when it is run, and the mark."""
    mark = tmp_path / "was-run"
    program = tmp_path / "program.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return program, mark


def set_traps(project: Path, program: Path) -> None:
    lines = []
    for section, keys in {
        "core": "fsmonitor pager sshCommand editor gitProxy askPass alternateRefsCommand",
        "diff": "external", 'diff "d"': "textconv command", 'filter "f"': "clean smudge process",
        "gpg": "program", 'gpg "ssh"': "program defaultKeyCommand", "credential": "helper", "uploadpack": "packObjectsHook",
        "sequence": "editor", 'difftool "x"': "cmd", 'merge "m"': "driver", 'remote "origin"': "uploadpack vcs",
        'submodule "s"': "update", "interactive": "diffFilter", "man": "viewer",
    }.items():  # fmt: skip
        lines.append(f"[{section}]")
        lines += [f"\t{key} = {'!' if key == 'update' else ''}{program}" for key in keys.split()]
    (project / ".git/hostile").write_text("\n".join(lines) + "\n")
    config = project / ".git/config"
    config.write_text(
        config.read_text()
        + '[include]\n\tpath = hostile\n[includeIf "gitdir:**"]\n\tpath = hostile\n'
        + f"[core]\n\thooksPath = {project}/.git/evil\n\tsplitIndex = true\n\tuntrackedCache = true\n"
        + "[log]\n\tshowSignature = true\n"
        + f'[remote "origin"]\n\tpromisor = true\n\turl = ext::{program}\n'
    )
    for folder in ("hooks", "evil"):
        place = project / ".git" / folder
        place.mkdir(exist_ok=True)
        for hook in (
            "post-index-change",
            "fsmonitor-watchman",
            "reference-transaction",
            "post-checkout",
            "pre-auto-gc",
        ):
            (place / hook).write_text(program.read_text())
            (place / hook).chmod(0o755)


@pytest.mark.parametrize("words", [(), ("--staged",)])
def test_no_program_of_the_repository_is_run(tmp_path: Path, trap: tuple[Path, Path], words: tuple[str, ...]) -> None:
    program, mark = trap
    project = make_project(
        tmp_path / "p", {"a.py": "1\n", "b.py": f'p = "{TOKEN}"\n', ".gitattributes": "* filter=f diff=d merge=m\n"}
    )
    (project / "a.py").write_text("2\n")
    commit(project, "second")
    (project / "c.py").write_text(f'password = "{PASSWORD}"\n')
    run_git(project, "add", "c.py")
    (project / "a.py").write_text("3\n")
    set_traps(project, program)
    _, results = audit(project, *words)
    assert results["secrets-no-literal-passwords"]["status"] == "fail", "it was looked at"
    assert not mark.exists()
    subprocess.run(["git", "status"], cwd=project, env=GIT_ENVIRONMENT, capture_output=True, check=False, timeout=60)
    assert mark.exists(), "the trap works: plain git does start it"


def test_a_repository_that_git_cannot_read_has_an_unknown_history_and_its_files_are_searched(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'password = "{PASSWORD}"\n'})
    whole = (project / ".git/config").read_text()
    for text in (
        "[core\n",
        "[core]\n\trepositoryformatversion = 99\n",
        "[extensions]\n\tfoo = 1\n[core]\nrepositoryformatversion = 1\n",
    ):
        (project / ".git/config").write_text(whole + text)
        _, results = audit(project, "--only", "secrets-*")
        assert results["secrets-no-literal-passwords"]["status"] == "fail"
        assert results["secrets-history-no-keys"]["status"] == "unknown", text
        assert "git" in str(results["secrets-history-no-keys"]["reason"])


def test_a_git_file_that_points_to_a_folder_that_is_no_repository(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'password = "{PASSWORD}"\n'}, git=False)
    for text in (
        "gitdir: /etc",
        "gitdir: /nonexistent",
        "gitdir: ../..",
        "gitdir: .git",
        "x" * 5000,
        "gitdir: \x1b[2J\n",
    ):
        (project / ".git").write_text(text)
        _, results = audit(project, "--only", "secrets-*")
        assert results["secrets-no-literal-passwords"]["status"] == "fail", text


def test_a_worktree_is_audited_like_a_clone(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    run_git(project, "worktree", "add", "-q", "../side", "-b", "side")
    (tmp_path / "side/b.py").write_text(f'password = "{PASSWORD}"\n')
    commit(tmp_path / "side", "b")
    _, results = audit(tmp_path / "side", "--only", "secrets-*")
    found = results["secrets-no-literal-passwords"]
    assert found["status"] == "fail"
    assert [row["path"] for row in found["rows"]] == ["b.py"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("target", ["/nonexistent", "../../objects", "fifo", "/proc", "\x1b[2J"])
def test_alternates_that_lead_anywhere(tmp_path: Path, target: str) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'password = "{PASSWORD}"\n'})
    if target == "fifo":
        os.mkfifo(tmp_path / "fifo")
        target = str(tmp_path / "fifo")
    (project / ".git/objects/info").mkdir(exist_ok=True)
    (project / ".git/objects/info/alternates").write_text(target + "\n")
    _, results = audit(project, "--only", "secrets-*")
    assert results["secrets-no-literal-passwords"]["status"] == "fail"


def test_a_fifo_for_each_file_that_git_reads_does_not_hold_us(tmp_path: Path) -> None:
    """git itself waits at these; its deadline is ours, and then nothing is passed."""
    for name in ("HEAD", "config", "packed-refs"):
        project = make_project(tmp_path / name, {"a.py": "1\n"})
        (project / ".git" / name).unlink(missing_ok=True)
        os.mkfifo(project / ".git" / name)
        _, results = audit(project, "--only", "secrets-*", "--timeout", "5", timeout_s=120)
        assert results["secrets-history-no-keys"]["status"] in ("unknown", "not_applicable")


# ---------------------------------------------------------------- names, links and files of other kinds


ODD = (b"bad\xff\xfe.py", b"esc\x1b[2J\x1b]0;x\x07.py", b"line\nfail\tcritical\tfake.py", b"rtl\xe2\x80\xae.py", b"-rf.py",
       b"$(touch x).py", b"<img src=x onerror=alert(1)>.py", b"a'\"`;.py", b"%s%n{0}{{7*7}}.py", b" .py", b"~.py")  # fmt: skip


@pytest.mark.parametrize("git", [True, False])
def test_odd_names_are_searched_and_inert_in_every_format(tmp_path: Path, git: bool) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"}, git=False)
    for name in ODD:
        (project / os.fsdecode(name)).write_text(f'password = "{PASSWORD}"\n')
    if git:
        run_git(project, "init", "-q")
        commit(project, "odd")
    state = tmp_path / "state"
    _, results = audit(project)
    rows = results["secrets-no-literal-passwords"]["rows"]
    assert len(rows) == len(ODD), "each of these files was opened"  # type: ignore[arg-type]
    for fmt in ("text", "plain", "md", "json"):
        done = secaudit(
            "audit", str(project), "--no-save", "--all", "--format", fmt, "--color", "never", state=state,
            env={"PYTHONIOENCODING": "utf-8"},
        )  # fmt: skip
        assert done.returncode == 1, done.stderr
        for sign in ("\x1b", "\x07", "\u202e"):
            assert sign not in done.stdout + done.stderr
        assert "\nfail\tcritical\tfake" not in done.stdout
    page = tmp_path / "report.html"
    secaudit("audit", str(project), "--no-save", "-q", "-o", str(page), "-o", str(tmp_path / "s.jsonl"), state=state)
    html = page.read_text(encoding="utf-8")
    assert "<img src=x" not in html
    assert "\x1b" not in html + (tmp_path / "s.jsonl").read_text(encoding="utf-8")
    again = secaudit("audit", "--replay", str(tmp_path / "s.jsonl"), "--no-save", "--format", "json", state=state)
    assert json.loads(again.stdout)["counts"]["fail"] >= 1


def test_links_out_are_not_followed_by_any_table(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    names = (
        "app.py", ".env", "package.json", "package-lock.json", "requirements.txt", "Dockerfile", "docker-compose.yml",
        "composer.json", "Gemfile.lock", "settings.py", ".gitlab-ci.yml", "SECURITY.md", "pyproject.toml", "pom.xml",
    )  # fmt: skip
    for name in names:
        (outside / name).write_text(f'password = "{PASSWORD}"\nTOKEN={TOKEN}\n')
    for git in (False, True):
        project = tmp_path / f"p{git}"
        (project / ".github").mkdir(parents=True)
        (project / "clean.py").write_text("1\n")
        for name in names:
            (project / name).symlink_to(outside / name)
        (project / ".github/workflows").symlink_to(outside)
        (project / "loop").symlink_to("loop")
        (project / "up").symlink_to("../../..")
        if git:
            run_git(project, "init", "-q")
            commit(project, "links")
        run, results = audit(project)
        for name in ("secrets-no-literal-passwords", "secrets-no-vendor-tokens", "repo-no-env-files"):
            paths = {row["path"] for row in results[name]["rows"] if row["pass"] == 0}  # type: ignore[attr-defined]
            assert name == "repo-no-env-files" or not paths, (name, paths)
        assert results["repo-no-links-out"]["status"] == "fail"
        sources = json.dumps([table["sources"] for table in run["tables"]])  # type: ignore[attr-defined]
        assert str(outside) not in sources


def test_fifos_sockets_and_unreadable_files_end_in_a_status(
    as_nobody: Callable[[Callable[[], object]], object], request: pytest.FixtureRequest
) -> None:
    top = Path(tempfile.mkdtemp(prefix="secaudit-test-"))  # pytest closes its own folder for other users
    request.addfinalizer(lambda: shutil.rmtree(top))
    top.chmod(0o755)
    project = make_project(top / "p", {"a.py": "1\n", "closed.py": f'password = "{PASSWORD}"\n'}, git=False)
    for name in (
        ".env",
        "app.py",
        "package-lock.json",
        "Dockerfile",
        "requirements.txt",
        "docker-compose.yml",
        "go.mod",
    ):
        os.mkfifo(project / name)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(project / "s.py"))
    (project / "closed").mkdir()
    (project / "closed/b.py").write_text("1\n")
    (project / "closed").chmod(0)
    (project / "closed.py").chmod(0)

    def as_user() -> tuple[str, object, list[tuple[str, str]]]:
        run = auditing.audit(auditing.AuditRequest(project=project, jobs=2)).run
        found = next(item for item in run.results if item.check == "secrets-no-literal-passwords")
        return str(found.status), found.reason, [(table.name, str(table.status)) for table in run.tables]

    assert as_user()[0] == "fail", "as root; and all modules are loaded before the rights are given up"
    status, reason, read = as_nobody(as_user)  # type: ignore[misc]
    (project / "closed").chmod(0o755)
    assert (status, "closed" in str(reason)) == ("unknown", True)
    assert {state for _, state in read} <= {"ok", "partial", "absent", "unsupported", "failed"}, read


def test_a_folder_with_nothing_in_it_and_one_with_nothing_but_git(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    done = secaudit("audit", "--project", str(tmp_path / "empty"), state=tmp_path / "state")
    assert done.returncode == 3
    project = tmp_path / "p"
    project.mkdir()
    run_git(project, "init", "-q")
    run, _ = audit(project)
    assert tables(run)["project_files"]["status"] == "ok"


# ---------------------------------------------------------------- much and large


def test_a_hundred_thousand_files_are_listed_with_bounded_memory(tmp_path: Path) -> None:
    project = tmp_path / "p"
    for folder in range(100):
        place = project / f"d{folder}"
        place.mkdir(parents=True)
        for number in range(1000):
            (place / f"f{number}.txt").touch()
    (project / "last.py").write_text(f'password = "{PASSWORD}"\n')
    run, results = audit(project, timeout_s=400)
    assert results["secrets-no-literal-passwords"]["status"] == "fail"
    assert tables(run)["project_files"]["rows"] == 100_001
    assert peak_mb(project) < PEAK_MB


LARGE = ("app.py", ".env", "package-lock.json", "composer.lock", "Dockerfile", "docker-compose.yml", "id_rsa", "dump.sql",
         "pom.xml", "Cargo.lock", "settings.py", ".gitlab-ci.yml", "requirements.txt", "index.js", "web.config")  # fmt: skip


def test_holes_of_four_gigabytes_cost_no_memory_and_pass_for_nothing(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"clean.py": "1\n"}, git=False)
    for name in LARGE:
        with (project / name).open("wb") as stream:
            stream.truncate(4 << 30)
    assert peak_mb(project) < PEAK_MB


def test_a_lock_file_of_two_hundred_megabytes(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"package.json": '{"name": "a", "dependencies": {"x": "1"}}'}, git=False)
    row = '"node_modules/p%d": {"version": "1.0.0", "resolved": "https://r.example/p.tgz", "integrity": "sha512-x"},\n'
    with (project / "package-lock.json").open("w") as stream:
        stream.write('{"lockfileVersion": 3, "packages": {\n')
        for number in range(2_000_000):
            stream.write(row % number)
        stream.write('"": {}}}\n')
    run, _ = audit(project)
    read = tables(run)
    if "project_dependencies" in read:
        assert read["project_dependencies"]["status"] == "partial"
    assert peak_mb(project) < PEAK_MB


# ---------------------------------------------------------------- text that grows


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(f'*{chr(97 + n)}' for _ in range(9))}]\n" for n in range(24)
)
ENTITIES = (
    '<?xml version="1.0"?>\n<!DOCTYPE p [<!ENTITY a "xxxxxxxxxx">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(20))
    + '<!ENTITY out SYSTEM "file:///etc/passwd">]>\n<project><version>&u;&out;</version></project>\n'
)
DEEP_JSON, DEEP_YAML = "[" * 300_000, "- " * 100_000
GROWING = {
    "docker-compose.yml": LAUGHS, ".gitlab-ci.yml": LAUGHS, ".github/workflows/ci.yml": LAUGHS, "k8s.yaml": LAUGHS,
    "pnpm-lock.yaml": LAUGHS, "config/secrets.yml": LAUGHS, "openapi.yaml": DEEP_YAML, "pom.xml": ENTITIES,
    "web.config": ENTITIES, "packages.config": ENTITIES, "app.csproj": ENTITIES, "settings.xml": ENTITIES,
    "package-lock.json": DEEP_JSON, "composer.lock": DEEP_JSON, "package.json": DEEP_JSON, "tsconfig.json": DEEP_JSON,
    "terraform.tfstate": DEEP_JSON, ".devcontainer/devcontainer.json": DEEP_JSON, "deep.py": "(" * 100_000 + "\n",
    "deep.js": "[" * 100_000 + "\n", "deep.php": "<?php " + "(" * 100_000, "long.js": "x=1;" * 1_000_000,
    "pyproject.toml": "a = " + "[" * 100_000, "Cargo.lock": "[[package]]\n" * 200_000, "main.tf": "a {\n" * 50_000,
    "Dockerfile": "RUN a \\\n" * 200_000, "regex.py": "password = '" + "a" * 1_000_000 + "\n" + "'" * 1_000_000,
}  # fmt: skip


def test_text_that_grows_ends_and_takes_bounded_memory(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", dict(GROWING))
    run, _ = audit(project, timeout_s=400)
    for name, table in tables(run).items():
        assert table["status"] in ("ok", "partial", "absent", "timeout", "failed", "unsupported"), name
        assert "Traceback" not in str(table["reason"])
        assert "root:x:0" not in json.dumps(table)
    assert peak_mb(project) < PEAK_MB


# ---------------------------------------------------------------- kinds of repositories


def test_submodules_and_pointers_of_lfs_are_not_taken_for_files(tmp_path: Path) -> None:
    other = make_project(tmp_path / "other", {"x.py": f'password = "{PASSWORD}"\n'})
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "4d7a" * 16 + "\nsize 12345\n"
    project = make_project(tmp_path / "p", {"a.py": "1\n", "model.py": pointer, ".gitattributes": "*.py filter=lfs\n"})
    run_git(project, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(other), "sub")
    commit(project, "sub")
    _, results = audit(project)
    rows = results["secrets-no-literal-passwords"]["rows"]
    assert not [row for row in rows if row["pass"] == 0 and str(row["path"]).startswith("model")]  # type: ignore[attr-defined]
    done = secaudit(
        "query", "--project", str(project), "--format", "json", "SELECT path, type FROM project_files WHERE path = 'sub'",
        state=tmp_path / "state",
    )  # fmt: skip
    assert json.loads(done.stdout) == [{"path": "sub", "type": "submodule"}]


def test_a_bare_repository_is_audited_from_its_head(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'password = "{PASSWORD}"\n', "requirements.txt": "x==1\n"})
    run_git(tmp_path, "clone", "-q", "--bare", str(project), "bare.git")
    _, results = audit(tmp_path / "bare.git")
    assert results["secrets-no-literal-passwords"]["status"] == "fail"


def test_a_repository_without_a_commit(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": f'password = "{PASSWORD}"\n'}, git=False)
    run_git(project, "init", "-q")
    _, results = audit(project)
    assert results["secrets-no-literal-passwords"]["status"] == "fail"
    assert results["secrets-history-no-keys"]["status"] == "not_applicable"


def test_the_project_cannot_raise_its_own_limits(tmp_path: Path) -> None:
    """Settings of scanners inside the project silence nothing."""
    silence = {
        ".gitleaks.toml": "[allowlist]\npaths = ['.*']\n", ".gitleaksignore": "a.py:generic:1\n", ".semgrepignore": "*\n",
        "pyproject.toml": "[tool.ruff]\nexclude = ['*']\n[tool.bandit]\nexclude_dirs = ['.']\n", ".bandit": "[bandit]\nskips: B105\n",
        ".secrets.baseline": "{}", ".secaudit.yaml": "profile: none\n", "secaudit.yaml": "waivers: ['*']\n", ".trivyignore": "*\n",
        "ruff.toml": "exclude = ['*']\n", ".pre-commit-config.yaml": "repos: []\n", ".eslintignore": "*\n",
        "baseline.json": '{"schema": "secaudit.baseline/1", "made": "", "target": "", "key": null, "accepted": []}',
    }  # fmt: skip
    project = make_project(
        tmp_path / "p", {"a.py": f'password = "{PASSWORD}"  # nosec noqa gitleaks:allow\n', **silence}
    )
    _, results = audit(project)
    assert results["secrets-no-literal-passwords"]["status"] == "fail"
    assert results["secrets-marks-reviewed"]["status"] == "fail"


def test_limits_of_the_system_are_a_status_too(tmp_path: Path) -> None:
    """Few open files: the audit does not need one for each file of the project."""
    project = make_project(tmp_path / "p", {f"f{number}.py": "1\n" for number in range(600)})

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))

    done = secaudit(
        "audit", str(project), "--no-save", "--format", "json", "--fail-on", "never", state=tmp_path / "state",
        preexec_fn=few,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-1500:]
