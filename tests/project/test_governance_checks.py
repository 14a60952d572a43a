"""The governance checks on whole projects: the careless one fails, the careful one does not, and each fix mends."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from projecttest import GIT_ENVIRONMENT, commit, make_project, run_git
from runprogram import secaudit
from secaudit.content import library

FILES = {
    "package.json": '{"dependencies": {"express": "4.21.0"}}', "requirements.txt": "Django==5.2.1\n", "manage.py": "",
    "composer.json": "{}", "Dockerfile": "FROM scratch\n", ".env.example": "A=\n", "main.tf": "",
}  # fmt: skip
SUBMODULE = '[submodule "lib"]\n\tpath = lib\n\turl = {url}\n'
CAREFUL = {
    ".gitignore": ".env\n.env.local\n*.key\n*.pem\n*.tfstate\n*.tfstate.*\n.terraform/\ndb.sqlite3\nnode_modules/\n/vendor/\n"
    ".venv/\n.idea/\n.DS_Store\n",
    "README.md": "# Shop\n\nRun: python manage.py runserver\n",
    "SECURITY.md": "Write to security@example.org.\n",
    ".well-known/security.txt": "Contact: mailto:security@example.org\nExpires: 2099-01-01T00:00:00Z\n",
    ".github/CODEOWNERS": "* @ayesha\n",
    ".gitmodules": SUBMODULE.format(url="https://git.example.org/lib.git"),
}
CARELESS = {
    ".gitignore": "*.pyc\n",
    "SECURITY.md": "Use this section to tell people how to report a vulnerability.\n",
    ".well-known/security.txt": "Policy: https://example.org/policy\nExpires: 2020-01-01T00:00:00Z\n",
    ".gitmodules": SUBMODULE.format(url="http://git.example.org/lib.git") + "\tbranch = main\n",
}
CHECKS = {name: entry.value for name, entry in library.load().checks.items() if name.startswith("gov-")}


def statuses(project: Path, state: Path) -> dict[str, str]:
    done = secaudit(
        "audit", "--project", str(project), "--only", "gov-*", "--no-save", "--format", "json", "--fail-on", "never",
        state=state,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {item["check"]: item["status"] for item in json.loads(done.stdout)["results"]}


def careless(folder: Path) -> Path:
    project = make_project(folder, {**FILES, **CARELESS})
    run_git(project, "commit", "-q", "--allow-empty", "--author", "root <root@laptop.local>", "-m", "x")
    run_git(project, "config", "remote.origin.url", "http://git.example.org/shop.git")
    run_git(project, "config", "remote.tool.url", "ext::sh -c true")
    run_git(project, "config", "http.sslVerify", "false")
    run_git(project, "config", "core.fsmonitor", "./watch.sh")
    return project


def test_a_careless_project_fails_every_check(tmp_path: Path) -> None:
    found = statuses(careless(tmp_path / "p"), tmp_path)
    assert set(found) == set(CHECKS)
    assert {name: status for name, status in found.items() if status != "fail"} == {}


def test_a_careful_project_passes_every_check(tmp_path: Path) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    project = make_project(tmp_path / "p", {**FILES, **CAREFUL}, git=False)
    run_git(project, "init", "-q", "-b", "main")
    key = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True, timeout=60)
    for name, value in {
        "gpg.format": "ssh", "user.signingkey": str(key), "commit.gpgsign": "true", "http.sslVerify": "true",
        "remote.origin.url": "git@git.example.org:shop.git", "filter.lfs.clean": "git-lfs clean -- %f",
        "core.editor": "vim", "alias.st": "status", "core.fsmonitor": "true",
    }.items():  # fmt: skip
        run_git(project, "config", name, value)
    run_git(project, "add", "-A")
    run_git(project, "commit", "-q", "-m", "signed")
    assert set(statuses(project, tmp_path).values()) == {"pass"}


def test_a_folder_without_git_is_not_blamed_for_git(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1"}, git=False)
    found = statuses(project, tmp_path)
    judged = {name for name, status in found.items() if status != "not_applicable"}
    assert judged == {"gov-readme", "gov-security-contact"}


def test_a_small_library_of_one_person_is_left_alone(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {"pyproject.toml": "", "README.md": "# a\n", "src/a.py": "", ".gitignore": "venv/\n"}
    )
    failing = {name for name, status in statuses(project, tmp_path).items() if status == "fail"}
    assert failing == {"gov-commits-signed", "gov-ignore-editor-files", "gov-security-contact"}
    assert {str(CHECKS[name].severity) for name in failing} <= {"low", "info"}


MENDED = [name for name, check in CHECKS.items() if check.undo and name != "gov-commits-signed"]


def test_most_checks_can_be_mended_by_what_they_print() -> None:
    assert len(MENDED) >= 12


@pytest.mark.parametrize("name", MENDED)
def test_the_printed_fix_mends_can_be_pasted_twice_and_goes_back(tmp_path: Path, name: str) -> None:
    project = careless(tmp_path / "p")
    for path in ("SECURITY.md", ".well-known/security.txt"):
        (project / path).unlink()
    commit(project, "without")
    check = CHECKS[name]

    def paste(text: str) -> None:
        subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=project, env=GIT_ENVIRONMENT, check=True, timeout=60, capture_output=True,
        )  # fmt: skip

    def status() -> str:
        done = secaudit("audit", "--project", str(project), "--only", name, "--no-save", "--format", "json",
                        "--fail-on", "never", state=tmp_path)  # fmt: skip
        return str(json.loads(done.stdout)["results"][0]["status"])

    assert status() == "fail"
    paste(check.fix["any"])
    paste(check.fix["any"])
    assert status() == "pass"
    paste(check.undo or "")
    assert status() == "fail"


@pytest.mark.parametrize(
    ("name", "mend"),
    [
        ("gov-remotes-encrypted", ""),
        ("gov-git-checks-certificates", ""),
        ("gov-git-starts-no-script", ""),
        ("gov-submodules-fixed", ""),
        ("gov-submodules-encrypted", ""),
        ("gov-git-helpers-plain", "git remote set-url tool https://git.example.org/tool.git"),
    ],
)
def test_settings_are_mended_by_what_is_printed(tmp_path: Path, name: str, mend: str) -> None:
    """Those whose way back is to write the unsafe setting again."""
    project = careless(tmp_path / "p")
    for text in (CHECKS[name].fix["any"], mend):
        subprocess.run(
            ["bash", "-c", text], cwd=project, env=GIT_ENVIRONMENT, timeout=60, capture_output=True, check=False
        )
    assert statuses(project, tmp_path)[name] == "pass"


def test_a_copy_in_part_is_not_judged_as_a_whole(tmp_path: Path) -> None:
    origin = make_project(tmp_path / "o", {"a.py": "1"})
    commit(origin, "second")
    run_git(tmp_path, "clone", "-q", "--depth", "1", origin.as_uri(), "p")
    found = statuses(tmp_path / "p", tmp_path)
    assert found["gov-authors-reachable"] == "unknown"
