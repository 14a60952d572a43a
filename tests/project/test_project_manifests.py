"""project_manifests: which lock file serves which manifest, and whether it still answers it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from secaudit.tables.project._version_ranges import satisfies
from tabletest import rows_of

LOCK = {
    "lockfileVersion": 3,
    "packages": {"": {"dependencies": {"a": "^1.0.0"}}, "node_modules/a": {"version": "1.2.0"}},
}
WANTED = {"private": True, "dependencies": {"a": "^1.0.0"}}


def _of(folder: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["path"]): row for row in project_rows("project_manifests", folder)}


def test_a_manifest_without_and_one_with_a_lock_file(tmp_path: Path) -> None:
    found = _of(make_project(tmp_path / "p", {
        "web/package.json": json.dumps(WANTED), "api/package.json": json.dumps(WANTED), "api/package-lock.json": json.dumps(LOCK),
    }))  # fmt: skip
    assert (found["web/package.json"]["lock_path"], found["web/package.json"]["in_step"]) == ("", None)
    assert (found["api/package.json"]["lock_path"], found["api/package.json"]["in_step"]) == (
        "api/package-lock.json",
        1,
    )
    assert (found["web/package.json"]["lockable"], found["api/package-lock.json"]["lockable"]) == (1, 0)
    assert {row["tracking"] for row in found.values()} == {"tracked"}


@pytest.mark.parametrize(
    ("root", "member"),
    [
        ({"package.json": '{"workspaces": ["apps/*"]}', "package-lock.json": json.dumps(LOCK)}, "apps/web/package.json"),
        ({"package.json": '{"workspaces": {"packages": ["./apps/**"]}}', "yarn.lock": '# yarn lockfile v1\n\na@^1.0.0:\n  version "1.2.0"\n'}, "apps/web/package.json"),
        ({"pnpm-workspace.yaml": "packages:\n  - 'apps/*'\n", "pnpm-lock.yaml": "lockfileVersion: '9.0'\npackages:\n  a@1.2.0: {}\n"}, "apps/web/package.json"),
    ],
)  # fmt: skip
def test_a_member_of_a_workspace_has_the_lock_file_above(tmp_path: Path, root: dict[str, str], member: str) -> None:
    project = make_project(
        tmp_path / "p", {**root, member: json.dumps(WANTED), "other/package.json": json.dumps(WANTED)}
    )
    found = _of(project)
    assert found[member]["lock_path"] in root
    assert found[member]["in_step"] == 1
    assert found["other/package.json"]["lock_path"] == "", "no member"


def _step(tmp_path: Path, files: dict[str, str]) -> tuple[object, object]:
    row = next(row for row in _of(make_project(tmp_path / "p", files)).values() if row["lock_path"])
    return row["in_step"], row["out_of_step"]


CARGO = 'version = 3\n[[package]]\nname = "a"\nversion = "{}"\nsource = "registry+https://github.com/rust-lang/crates.io-index"\n'
POETRY = '[[package]]\nname = "a"\nversion = "{}"\ngroups = ["main"]\nfiles = []\n'


@pytest.mark.parametrize(
    ("files", "step"),
    [
        ({"package.json": '{"dependencies": {"a": "^2.0.0"}}', "package-lock.json": json.dumps(LOCK)}, (0, "a ^2.0.0: 1.2.0")),
        ({"package.json": '{"dependencies": {"a": "^1.1.0"}}', "package-lock.json": json.dumps(LOCK)}, (1, "")),
        ({"package.json": '{"dependencies": {"b": "1"}}', "package-lock.json": json.dumps(LOCK)}, (0, "b 1: not there")),
        ({"package.json": '{"dependencies": {"a": "next"}}', "package-lock.json": json.dumps(LOCK)}, (None, "")),
        ({"package.json": '{"dependencies": {"a": "file:../a"}}', "package-lock.json": json.dumps(LOCK)}, (1, "")),
        ({"package.json": '{"dependencies": {"a": "^1.0.0"}}', "package-lock.json": "{"}, (None, "")),
        ({"package.json": '{"dependencies": {"a": "next"}}', "yarn.lock": '# yarn lockfile v1\n\na@next:\n  version "3.0.0-rc.1"\n'}, (1, "")),
        ({"pyproject.toml": '[project]\nname="x"\ndependencies=["a>=1,<2"]\n', "poetry.lock": POETRY.format("1.5")}, (1, "")),
        ({"pyproject.toml": '[project]\nname="x"\ndependencies=["a>=1,<2"]\n', "poetry.lock": POETRY.format("2.0")}, (0, "a <2,>=1: 2.0")),
        ({"pyproject.toml": '[tool.poetry]\nname="x"\n[tool.poetry.dependencies]\na="^1.2"\n', "poetry.lock": POETRY.format("1.1")}, (0, "a ^1.2: 1.1")),
        ({"pyproject.toml": '[build-system]\nrequires=["hatchling"]\n[project]\nname="x"\ndependencies=["a"]\n', "poetry.lock": POETRY.format("1.1")}, (1, "")),
        ({"Cargo.toml": '[dependencies]\na = "1.2"\n', "Cargo.lock": CARGO.format("1.9.0")}, (1, "")),
        ({"Cargo.toml": '[dependencies]\na = "1.2"\n', "Cargo.lock": CARGO.format("2.0.0")}, (0, "a 1.2: 2.0.0")),
        ({"go.mod": "module x\ngo 1.22\nrequire a v1.0.0\n", "go.sum": "a v1.0.0 h1:x=\na v1.0.0/go.mod h1:x=\n"}, (1, "")),
        ({"go.mod": "module x\ngo 1.22\nrequire a v1.1.0\n", "go.sum": "a v1.0.0 h1:x=\na v1.0.0/go.mod h1:x=\n"}, (0, "a v1.1.0: not there")),
        ({"Gemfile": "gem 'a', '~> 1.2'\n", "Gemfile.lock": "GEM\n  specs:\n    a (1.3.0)\n\nDEPENDENCIES\n  a (~> 1.2)\n"}, (1, "")),
        ({"Gemfile": "gem 'a', '~> 2.0'\n", "Gemfile.lock": "GEM\n  specs:\n    a (1.3.0)\n\nDEPENDENCIES\n  a (~> 1.2)\n"}, (0, "a ~> 2.0: 1.3.0")),
        ({"composer.json": '{"require": {"v/a": "^1.0", "php": "^8", "ext-json": "*"}}', "composer.lock": '{"packages": [{"name": "v/a", "version": "v1.4.0"}]}'}, (1, "")),
        ({"composer.json": '{"require": {"v/b": "^1.0"}}', "composer.lock": '{"packages": [{"name": "v/a", "version": "v1.4.0"}]}'}, (0, "v/b ^1.0: not there")),
        ({"package.json": '{"dependencies": {"a": "^2.0.0"}, "overrides": {"a": "1.2.0"}}', "package-lock.json": json.dumps(LOCK)}, (None, "")),
        ({"pyproject.toml": "[project]\nname='x'\ndependencies=['b; python_version < \"3\"']\n", "poetry.lock": POETRY.format("1.1")}, (None, "")),
        ({"go.mod": "module x\ngo 1.22\nrequire a v1.1.0\nreplace a => b v2.0.0\n", "go.sum": "b v2.0.0 h1:x=\n"}, (1, "")),
        ({"Gemfile": "if ENV['X']\n  gem 'z'\nend\n", "Gemfile.lock": "GEM\n  specs:\n    a (1.3.0)\n\nDEPENDENCIES\n  a\n"}, (1, "")),
        ({"a.csproj": '<Project><ItemGroup><PackageReference Include="lib.a" Version="1.0.0"/></ItemGroup></Project>', "packages.lock.json": '{"dependencies": {"net8.0": {"Lib.A": {"type": "Direct", "requested": "[1.0.0, )", "resolved": "1.0.0"}}}}'}, (1, "")),
        ({"Cargo.toml": '[workspace]\nmembers = ["m"]\n[workspace.dependencies]\nz = "1"\n', "Cargo.lock": CARGO.format("1.9.0")}, (1, "")),
        ({"Pipfile": '[packages]\na = "*"\n', "Pipfile.lock": '{"_meta": {}, "default": {"a": {"version": "==1.0"}}}'}, (1, "")),
    ],
)  # fmt: skip
def test_in_step(tmp_path: Path, files: dict[str, str], step: tuple[object, str]) -> None:
    project = make_project(tmp_path / "p", files)
    row = next(row for row in rows_of(read_project("project_manifests", project)) if row["lock_path"])
    assert (row["in_step"], row["out_of_step"]) == step


@pytest.mark.parametrize(
    ("ecosystem", "requirement", "version", "answer"),
    [
        ("npm", "^1.2.3", "1.9.0", True), ("npm", "^1.2.3", "2.0.0", False), ("npm", "^0.2.3", "0.3.0", False),
        ("npm", "^0.0.3", "0.0.4", False), ("npm", "~1.2.3", "1.2.9", True), ("npm", "~1.2.3", "1.3.0", False),
        ("npm", "~1", "1.9.0", True), ("npm", "1.x", "1.4.0", True), ("npm", "1", "2.0.0", False), ("npm", "*", "9.9.9", True),
        ("npm", ">=1.0.0 <2.0.0", "1.5.0", True), ("npm", ">=1.0.0 <2.0.0", "2.0.0", False), ("npm", ">= 1.0", "1.1.0", True),
        ("npm", "^1 || ^3", "3.1.0", True), ("npm", "^1 || ^3", "2.1.0", False), ("npm", "1.2.3", "1.2.3", True),
        ("npm", "1.2.3", "1.2.4", False), ("npm", "1.0.0 - 2.0.0", "1.5.0", None), ("npm", "latest", "1.0.0", None),
        ("npm", "^2.0.0-beta.1", "2.0.0", None), ("npm", "^1.0.0", "1.0.0-rc.1", None),
        ("Packagist", "~1.2", "1.9.0", True), ("Packagist", "~1.2.3", "1.3.0", False), ("Packagist", "^1.0|^2.0", "2.4.0", True),
        ("Packagist", "1.2.*", "1.2.7", True), ("Packagist", "dev-main", "1.0.0", None),
        ("RubyGems", "~> 1.2", "1.9.0", True), ("RubyGems", "~> 1.2.0", "1.3.0", False), ("RubyGems", ">= 1.2, < 2", "2.1", False),
        ("crates.io", "1.2", "1.9.0", True), ("crates.io", "1.2", "2.0.0", False), ("crates.io", "=1.2.0", "1.2.1", False),
        ("PyPI", ">=2,<3", "2.5", True), ("PyPI", ">=2,<3", "3.0", False), ("PyPI", "~=2.2", "2.9", True),
        ("PyPI", "^2.0", "2.5", True), ("PyPI", "^2.0", "3.0", False), ("PyPI", "==1.*", "1.5", True), ("PyPI", "", "1", True),
    ],
)  # fmt: skip
def test_ranges(ecosystem: str, requirement: str, version: str, answer: bool | None) -> None:
    assert satisfies(ecosystem, requirement, version) is answer


def test_a_package_of_the_same_workspace_is_in_no_lock_file(tmp_path: Path) -> None:
    found = _of(make_project(tmp_path / "p", {
        "package.json": '{"workspaces": ["apps/*"]}', "yarn.lock": "# yarn lockfile v1\n", "apps/lib/package.json": '{"name": "lib", "version": "1.0.0"}',
        "apps/web/package.json": '{"name": "web", "dependencies": {"lib": "^1.0.0"}}',
    }))  # fmt: skip
    assert found["apps/web/package.json"]["in_step"] == 1


def test_a_requirements_file_is_served_by_the_one_that_was_made_from_it(tmp_path: Path) -> None:
    made = f"six==1.0 --hash=sha256:{'a' * 64}\n"
    found = _of(
        make_project(
            tmp_path / "p", {"requirements.in": "six\n", "requirements.txt": made, "requirements-worker.txt": "flask\n"}
        )
    )
    assert {path: row["lock_path"] for path, row in found.items()} == {
        "requirements.in": "requirements.txt", "requirements.txt": "", "requirements-worker.txt": "",
    }  # fmt: skip


def test_what_could_not_be_read_makes_the_table_partial(tmp_path: Path) -> None:
    data = read_project("project_manifests", make_project(tmp_path / "p", {"package-lock.json": "{", "go.sum": ""}))
    assert (data.status, len(data.rows)) == ("partial", 2)
    assert "package-lock.json: it is no JSON" in str(data.reason)


def test_a_project_without_packages_has_no_rows(tmp_path: Path) -> None:
    assert _of(make_project(tmp_path / "p", {"app.py": "1\n"})) == {}
