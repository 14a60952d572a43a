"""Package files of strangers: whatever they hold, there is a status, in bounded time and memory."""

from __future__ import annotations

import json
import os
import time
import tracemalloc
from pathlib import Path

import pytest

from packagetest import packages_in, read
from projecttest import commit, make_project, read_project, run_git
from secaudit.tables.project import _packages

BOMB_XML = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c SYSTEM "file:///etc/passwd">]><project><dependencies><dependency><groupId>&b;&c;</groupId></dependency></dependencies></project>"""
BOMB_YAML = (
    b"a: &a [x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a]\nlockfileVersion: 9\npackages: [*b, *b, *b, *b]\n"
)
DEEP = 200_000
CASES = {
    "pom.xml": [BOMB_XML, b"<a>" * DEEP, b"<project>", b"\xff\xfe<", b"<project/>" * 2],
    "App.csproj": [BOMB_XML, b"<Project><PropertyGroup><TargetFramework></Project>"],
    "packages.config": [BOMB_XML],
    "pnpm-lock.yaml": [BOMB_YAML, b"[" * DEEP, b"- a: b\n", b"\x00\x01", b"a:\n  - b\n - c\n", b"!!python/object:os.system x\n"],
    "yarn.lock": [b"__metadata:\n  version: 8\n" + BOMB_YAML, b"\xff" * 1000, b"# yarn lockfile v1\n\nnonsense\n  version\n"],
    "package-lock.json": [b"[" * DEEP, b'{"packages": {"a": ' * 5000, b'{"packages": []}', b'{"lockfileVersion": 3, "packages": {"node_modules/a": 5, "node_modules/b": {"version": {}, "integrity": 7}}}', b"<<<<<<< HEAD\n{}", b"{\xff}", b'{"lockfileVersion":' + b"9" * 10000 + b"}"],
    "package.json": [b'{"dependencies": ["a"], "workspaces": {"packages": 3}, "license": [[[]]]}', b"null", b'{"dependencies": {"a": null, "b": {"c": 1}}}'],
    "composer.lock": [b'{"packages": {"a": 1}}', b'{"packages": [1, {"name": {}, "version": [], "license": "MIT", "dist": [], "require": [1]}]}'],
    "composer.json": [b'{"require": [], "repositories": "x", "config": []}'],
    "poetry.lock": [b"a = [" + b"[" * 5000, b"package = 3\n", b"[[package]]\nname = 1\nversion = 2\nfiles = 3\ndependencies = 4\nsource = 5\n", b"[metadata]\nfiles = 1\n"],
    "Cargo.toml": [b"a." * 300_000 + b"x = 1\n", b'"!".' * 200_000 + b"x = 1\n", b"[" + b"a." * 300_000 + b"b]\n", b"x = {" + b"a . " * 200_000 + b"b = 1}\n", b"dependencies = 1\nworkspace = 2\n", b"[target]\na = 1\n[workspace]\nmembers = 3\n"],
    "uv.lock": [b'[[package]]\nname = "x"\nsource = "y"\ndependencies = [1, {name = 2}]\n', b"manifest = 1\n", b"[manifest]\nmembers = 1\n"],
    "pdm.lock": [b"[[package]]\ngroups = 1\ndependencies = [1]\n"],
    "pylock.toml": [b'lock-version = "1"\npackages = 1\n', b'lock-version = "1"\n[[packages]]\nwheels = [1]\nvcs = 3\n'],
    "Pipfile.lock": [b'{"_meta": 1, "default": {"a": 1}, "develop": []}'],
    "Pipfile": [b"packages = 1\nsource = 2\n", b"[packages]\na = 1\n[[source]]\nurl = 1\n"],
    "pyproject.toml": [b"project = 1\ntool = 2\n", b"[project]\nname = 1\ndependencies = [1, '((((', 'a @ ']\n[tool.uv]\nsources = 1\nindex = 1\n[tool.poetry]\ngroup = 1\nsource = [1]\n"],
    "setup.cfg": [b"[", b"no section\n", b"[options]\ninstall_requires = %(x)s\n"],
    "Cargo.lock": [b"package = [1]\nmetadata = 1\n", b"[[package]]\nsource = 1\ndependencies = 1\n"],
    "go.mod": [b"require (\n", b"module\nrequire x\nreplace\n", b"\xff\xfe", b"go\n" * 100],
    "go.sum": [b"\x00" * 100, b"a b c d\n"],
    "Gemfile": [b"gem\n" * 1000, b"end\n" * 1000, b"gem '" + b"a" * 100_000],
    "Gemfile.lock": [b"GEM\n  specs:\n    (\n", b"DEPENDENCIES\n  \n   \n  !\n"],
    "gradle.lockfile": [b":::\n", b"=\n"],
    "gradle/libs.versions.toml": [b"libraries = 1\nversions = 2\n", b"[libraries]\na = 1\nb = {module = 1, version = {ref = 2}}\nc = 'x'\n"],
    "packages.lock.json": [b'{"dependencies": {"net": {"a": 1, "b": {"type": 2, "resolved": 3, "dependencies": 4}}}}'],
    "bun.lock": [b'{"lockfileVersion": 1, "packages": {"a": 1, "b": [], "c": [1], "d": ["x"]}, "workspaces": 3}', b'"' * 10000, b"/*" * 10000],
    "requirements.txt": [b"\\\n" * 100_000, b"a" * 1_000_000, b"-r\n-e\n-c  \n--hash\n", b"a[" * 1000, b"x @ " + b"(" * 3000, b"\xff\xfea\x00=\x00=\x00", b"-r requirements.txt\n"],
    "setup.py": [b"(" * 100_000, b"setup(" + b"-" * 100_000 + b"1)", b"\x00", b"def", b"setup(install_requires=" + b"[" * 150 + b"]" * 150 + b")", b"x = 1\n" * 40_000],
    "build.gradle": [b"dependencies {" * 10_000, b"}" * 100_000, b"dependencies {\n implementation '" + b"a:" * 100_000, b"dependencies { api(\n" * 1000],
    "Podfile.lock": [b"\x00"],
    ".npmrc": [b"=\n= =\nregistry\n:registry=\n"],
    ".yarnrc.yml": [BOMB_YAML, b"npmScopes: 3\nunsafeHttpWhitelist: x\nenableStrictSsl: [1]\n"],
    "pip.conf": [b"=\n[x\n  y\nindex-url\n"],
    "NuGet.Config": [BOMB_XML, b"<configuration/>"],
    "uv.toml": [b"index = 1\nextra-index-url = 2\n"],
    ".python-version": [b"\n" * 1000, b"3" * 100_000],
    ".tool-versions": [b"python\nnodejs x\n"],
}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "number"), [(name, number) for name, cases in CASES.items() for number in range(len(cases))]
)
def test_no_file_ends_the_reading_of_the_others(tmp_path: Path, name: str, number: int) -> None:
    started = time.monotonic()
    found = read(tmp_path, {f"x/{name}": CASES[name][number], "y/package.json": '{"dependencies": {"left": "1.0.0"}}'})
    assert time.monotonic() - started < 5
    assert "left" in {each.name for each in found.found}
    for each in found.manifests:
        assert each.status in ("ok", "partial", "failed", "not read"), each
        assert (each.status == "ok") == (each.reason == ""), each
    assert "root:x" not in repr(found)


@pytest.mark.parametrize("name", ["pom.xml", "pnpm-lock.yaml", "package-lock.json", "poetry.lock"])
def test_a_file_in_the_form_of_a_bomb_is_refused_and_said(tmp_path: Path, name: str) -> None:
    found = read(tmp_path, {name: CASES[name][0]})
    assert found.manifests[0].status == "failed"
    assert found.problem is not None
    assert name in found.problem.reason


@pytest.mark.parametrize("name", ["package-lock.json", "requirements.txt", "yarn.lock", "pom.xml"])
def test_a_file_of_200_mb_is_not_read_and_said(tmp_path: Path, name: str) -> None:
    project = make_project(tmp_path / "p", {name: "{}"}, git=False)
    with (project / name).open("wb") as stream:
        stream.truncate(200 << 20)
    tracemalloc.start()
    found = packages_in(project)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert found.manifests[0].status == "too large"
    assert found.problem is not None
    assert peak < 20 << 20


def test_many_packages_end_in_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = "".join(f"p{number}==1.0\n" for number in range(300))
    monkeypatch.setattr("secaudit.tables.project._package_model.MAX_PACKAGES", 200)
    found = read(tmp_path, {"requirements.txt": lines})
    assert found.manifests[0].status == "failed"
    assert "more than 200 packages" in found.manifests[0].reason


def test_many_files_end_in_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_packages, "MAX_MANIFESTS", 20)
    found = read(tmp_path, {f"d{number}/go.sum": "" for number in range(30)})
    assert len(found.manifests) == 20
    assert found.problem is not None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", json.dumps({"dependencies": {f"p{i}": "1" for i in range(60_000)}})),
        ("pyproject.toml", "[project]\nname='x'\ndependencies=[" + ",".join(f"'p{i}'" for i in range(15_000)) + "]\n"),
        ("package-lock.json", json.dumps({"lockfileVersion": 3, "packages": {f"node_modules/p{i}": {"version": "1.0.0", "dependencies": {f"p{i+1}": "1"}} for i in range(30_000)}})),
        ("yarn.lock", "# yarn lockfile v1\n" + "".join(f'\np{i}@1:\n  version "1.0.0"\n  dependencies:\n    p{i + 1} "1"\n' for i in range(30_000))),
        ("setup.cfg", "[options]\ninstall_requires =\n" + "".join(f"  p{i}\n" for i in range(4_000))),
        ("requirements.txt", "".join(f"p{i}==1 \\\n --hash=sha256:{i:064x}\n" for i in range(30_000))),
    ],
    ids=lambda value: value if len(value) < 40 else "",
)  # fmt: skip
def test_time_grows_with_the_file_and_not_faster(tmp_path: Path, name: str, text: str) -> None:
    started = time.monotonic()
    found = read(tmp_path, {name: text})
    assert len(found.found) >= 4_000
    assert time.monotonic() - started < 15


def test_links_fifos_and_names_with_escapes(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a/package.json": '{"dependencies": {"a": "1.0.0"}}'})
    outside = tmp_path / "secret.txt"
    outside.write_text("secret==1.0\n")
    (project / "requirements.txt").symlink_to(outside)
    (project / "b").mkdir()
    (project / "b/package.json").symlink_to("../a/package.json")
    (project / "loop").mkdir()
    (project / "loop/package.json").symlink_to("package.json")
    os.mkfifo(project / "yarn.lock")
    folder = project / "x\n\x1b[2J"
    folder.mkdir()
    (folder / "package.json").write_text('{"dependencies": {"b": "1.0.0"}}')
    bad = Path(os.fsdecode(os.fsencode(str(project)) + b"/bad\xff"))
    bad.mkdir()
    (bad / "go.mod").write_text("module x\ngo 1.22\nrequire c v1.0.0\n")
    commit(project, "all")
    found = packages_in(project)
    assert {each.path: each.name for each in found.found} == {
        "a/package.json": "a", "b/package.json": "a", "x\n\x1b[2J/package.json": "b",
        os.fsdecode(b"bad\xff/go.mod"): "c",
    }  # fmt: skip
    assert {each.path: each.reason for each in found.manifests if each.status == "failed"} == {
        "requirements.txt": "it is a link that leads to no file of the project",
        "loop/package.json": "[Errno 40] Too many levels of symbolic links: '/loop/package.json'",
    }
    assert found.problem is not None


def test_a_bare_repository_is_read_from_its_head(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {"package.json": '{"dependencies": {"a": "1.0.0"}}', "go.sum": "x v1 h1:y\n"}
    )
    run_git(tmp_path, "clone", "-q", "--bare", str(project), "bare.git")
    data = read_project("project_dependencies", tmp_path / "bare.git")
    assert (data.status, len(data.rows)) == ("ok", 1)


def test_code_of_others_is_not_the_projects(tmp_path: Path) -> None:
    files = {
        f"{folder}/x/package.json": '{"dependencies": {"a": "1"}}' for folder in ("node_modules", "vendor", "dist")
    }
    assert read(tmp_path, {**files, "package.json": "{}"}).found == ()


def test_broken_samples_of_tests_do_not_put_the_project_in_doubt(tmp_path: Path) -> None:
    found = read(tmp_path, {"tests/data/package-lock.json": "{", "package.json": '{"dependencies": {"a": "1.0.0"}}'})
    assert found.problem is None
    assert {each.role: each.status for each in found.manifests} == {"test": "failed", "code": "ok"}
