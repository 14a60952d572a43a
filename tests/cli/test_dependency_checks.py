"""The checks of dependencies and licences over whole projects: the careless one fails, the careful one does not."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from projecttest import make_project
from runprogram import secaudit

SUM = "sha512-" + base64.b64encode(bytes(64)).decode()
COMMIT = "4f1c2a9be0d37c6a5588d1f2e3a4b5c6d7e8f901"
HASH = "a" * 64
CARELESS = {
    "requirements.txt": "--extra-index-url http://packages.corp.example/simple\n--trusted-host packages.corp.example\nflask\nrequests==2.31.0\n"
    "internal @ git+https://git.example.org/internal.git@main\ntool @ http://files.example.org/tool-1.0.tar.gz\n",
    "app.py": "print(1)\n",
    ".python-version": "3.8\n",
    "web/package.json": json.dumps({"name": "shop", "version": "1.0.0", "main": "index.js", "scripts": {"start": "node index.js"},
                                    "dependencies": {"express": "*", "left": "git://git.example.org/left.git"}}),
    "web/.npmrc": "strict-ssl=false\nregistry=http://npm.corp.example/\n",
    "old/package.json": json.dumps({"private": True, "dependencies": {"a": "^2.0.0"}}),
    "old/package-lock.json": json.dumps({"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"a": "^1.0.0"}}, "node_modules/a": {"version": "1.0.0", "deprecated": "gone", "hasInstallScript": True, "license": "AGPL-3.0"},
        "node_modules/b": {"version": "1.0.0", "integrity": SUM, "license": "BUSL-1.1"}, "node_modules/c": {"version": "1.0.0", "integrity": SUM, "license": "whatever"}}}),
    "old/yarn.lock": "# yarn lockfile v1\n",
    "bad/package-lock.json": "<<<<<<< HEAD\n{}\n",
    "php/composer.json": json.dumps({"config": {"secure-http": False}}),
}  # fmt: skip
CAREFUL = {
    "LICENSE": "MIT License\n\nPermission is hereby granted, free of charge, to any person obtaining a copy\n... this permission notice shall be included in all copies.\n",
    "requirements.in": "flask\n",
    "requirements.txt": f"--index-url https://packages.corp.example/simple\nflask==3.0.0 --hash=sha256:{HASH}\ninternal @ git+https://git.example.org/internal.git@{COMMIT}\n",
    "app.py": "print(1)\n",
    ".python-version": "3.13\n",
    ".github/dependabot.yml": "version: 2\n",
    "web/package.json": json.dumps({"name": "shop", "version": "1.0.0", "license": "MIT", "scripts": {"start": "node index.js"}, "dependencies": {"express": "^4.0.0"}}),
    "web/package-lock.json": json.dumps({"lockfileVersion": 3, "packages": {
        "": {"dependencies": {"express": "^4.0.0"}}, "node_modules/express": {"version": "4.19.0", "integrity": SUM, "license": "MIT"}}}),
    "web/.npmrc": "registry=https://npm.corp.example/\n@corp:registry=https://npm.corp.example/\nignore-scripts=true\n",
    "examples/requirements.txt": "flask\n--trusted-host x\n",
    "tests/package.json": json.dumps({"dependencies": {"express": "*"}}),
}  # fmt: skip
ALL = {
    "deps-lock-file", "deps-lock-in-step", "deps-lock-hashes", "deps-sources-encrypted", "deps-git-commits", "deps-urls-checked",
    "deps-exact-versions", "deps-requirements-hashed", "deps-no-wildcards", "deps-one-index", "deps-registries-encrypted", "deps-registries-verified",
    "deps-install-scripts", "deps-not-deprecated", "deps-one-lock", "deps-files-readable", "deps-runtimes-supported",
    "licence-stated", "licence-dependencies-known", "licence-no-copyleft", "licence-no-limits",
}  # fmt: skip


def _results(tmp_path: Path, files: dict[str, str]) -> dict[str, dict[str, object]]:
    project = make_project(tmp_path / "p", files)
    done = secaudit(
        "audit", "--project", str(project), "--only", "deps-*", "--only", "licence-*", "--format", "json", "--no-save",
        "--fail-on", "never", state=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {str(item["check"]): item for item in json.loads(done.stdout)["results"]}


def test_the_careless_project_fails_each_check(tmp_path: Path) -> None:
    found = _results(tmp_path, CARELESS)
    assert {name for name in ALL if found[name]["status"] != "fail"} == set()
    assert found["deps-update-bot"]["status"] == "unknown", "a damaged file may hide packages"
    for name in ALL:
        bad = [row for row in found[name]["rows"] if row["pass"] == 0]  # type: ignore[attr-defined]
        assert bad, name
        assert all(row["path"] and row["line"] and row["resource"] and row["expected"] for row in bad), name


def test_the_careful_project_fails_none(tmp_path: Path) -> None:
    found = _results(tmp_path, CAREFUL)
    assert {name: item["status"] for name, item in found.items() if item["status"] == "fail"} == {}
    unknown = {name for name, item in found.items() if item["status"] == "unknown"}
    assert unknown == {"licence-dependencies-known", "licence-no-copyleft", "licence-no-limits"}, (
        "the requirements file does not tell licences"
    )


def test_a_project_that_names_no_packages_is_not_applicable(tmp_path: Path) -> None:
    found = _results(tmp_path, {"a.c": "int main;\n"})
    wrong = {name: item["status"] for name, item in found.items() if name.startswith("deps-")}
    assert set(wrong.values()) <= {"not_applicable", "pass"}, wrong
    assert {name for name, status in wrong.items() if status == "pass"} == {
        "deps-one-index", "deps-registries-encrypted", "deps-registries-verified",
    }  # fmt: skip
