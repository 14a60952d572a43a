"""project_dependencies, project_registries, project_runtimes: what checks ask of them."""

from __future__ import annotations

import calendar
import json
from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from tabletest import rows_of

COMMIT = "4f1c2a9be0d37c6a5588d1f2e3a4b5c6d7e8f901"


def test_pinned_encrypted_checksum_and_has_lock(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "requirements.txt": f"six==1.0\nflask>=2\na @ git+https://x.example/a.git@{COMMIT}\nb @ git+git://x.example/b.git@main\nc @ http://x.example/c.tgz\n-e ./d\n",
        "web/package.json": '{"dependencies": {"e": "^1.0.0"}}',
        "web/package-lock.json": json.dumps({"lockfileVersion": 3, "packages": {"node_modules/e": {"version": "1.0.0", "hasInstallScript": True, "deprecated": "gone"}}}),
    })  # fmt: skip
    found = {(row["name"], row["locked"]): row for row in project_rows("project_dependencies", project)}
    keys = ("pinned", "encrypted", "checksum", "has_lock", "install_script", "kept")
    assert {key: tuple(row[name] for name in keys) for key, row in found.items()} == {
        ("six", 0): (1, 1, "missing", 0, "not told", "not told"),
        ("flask", 0): (0, 1, "missing", 0, "not told", "not told"),
        ("a", 0): (1, 1, "not used", 0, "not told", "not told"),
        ("b", 0): (0, 0, "not used", 0, "not told", "not told"),
        ("c", 0): (0, 0, "missing", 0, "not told", "not told"),
        ("d", 0): (1, 1, "not used", 0, "not told", "not told"),
        ("e", 0): (0, 1, "not used", 1, "not told", "not told"),
        ("e", 1): (1, 1, "missing", 1, "yes", "given up"),
    }


def test_the_folder_of_a_library_is_marked(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {
        "pyproject.toml": '[build-system]\nrequires=["hatchling"]\n[project]\nname="lib"\nkeywords=["x"]\n', "requirements.txt": "six\n", "app/requirements.txt": "six\n",
    })  # fmt: skip
    found = {
        row["path"]: row["library"] for row in project_rows("project_dependencies", project) if row["name"] == "six"
    }
    assert found == {"requirements.txt": 1, "app/requirements.txt": 0}


@pytest.mark.parametrize(
    ("files", "library"),
    [
        ({"package.json": '{"name": "a", "version": "1.0.0", "main": "index.js", "scripts": {"start": "node ."}}'}, 0),
        ({"package.json": '{"name": "a", "version": "1.0.0", "main": "index.js"}'}, 0),
        ({"package.json": '{"name": "a", "version": "1.0.0", "main": "index.js", "keywords": ["x"]}'}, 1),
        ({"package.json": '{"name": "a", "version": "1.0.0", "exports": "./i.js"}'}, 1),
        ({"package.json": '{"name": "a", "version": "1.0.0", "exports": "./i.js", "private": true}'}, 0),
        ({"package.json": '{"name": "a", "version": "1.0.0", "exports": "./i.js"}', "server.js": "1\n"}, 0),
        ({"pyproject.toml": '[build-system]\nrequires=["poetry-core"]\n[tool.poetry]\nname="a"\nreadme="README.md"\n'}, 0),
        ({"pyproject.toml": '[build-system]\nrequires=["poetry-core"]\n[tool.poetry]\nname="a"\nkeywords=["x"]\n'}, 1),
        ({"pyproject.toml": '[project]\nname="a"\nkeywords=["x"]\n'}, 0),
        ({"setup.py": "setup(name='a')\n"}, 1),
        ({"setup.py": "setup(name='a')\n", "manage.py": "1\n"}, 0),
    ],
)  # fmt: skip
def test_what_a_library_is(tmp_path: Path, files: dict[str, str], library: int) -> None:
    (row,) = project_rows("project_manifests", make_project(tmp_path / "p", files))
    assert row["publishes"] == library


def test_no_login_of_an_address_enters_a_row(tmp_path: Path) -> None:
    secret = "hunter2secret"
    project = make_project(tmp_path / "p", {
        "requirements.txt": f"--extra-index-url https://u:{secret}@pypi.example.org/simple\na @ git+https://u:{secret}@x.example/a.git@main\nb @ https://x.example/b.tgz?token={secret}\nhttps://:{secret}@x.example/c-1.0.tar.gz\n",
        "package.json": json.dumps({"dependencies": {"d": f"git+https://u:{secret}@x.example/d.git", "e": f"https://x.example/e.tgz?auth={secret}"}}),
        "package-lock.json": json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": {"d": f"git+https://u:{secret}@x.example/d.git"}}, "node_modules/d": {"version": "1.0.0", "resolved": f"https://u:{secret}@x.example/d/-/d.tgz"}}}),
        ".npmrc": f"registry=https://u:{secret}@npm.example.org/\n//npm.example.org/:_authToken={secret}\n",
        "Gemfile": f"source 'https://u:{secret}@gems.example.org'\n", "composer.json": json.dumps({"repositories": [{"type": "composer", "url": f"https://u:{secret}@x.example"}]}),
        "Pipfile": f'[[source]]\nurl = "https://u:{secret}@x.example/simple"\n[packages]\na = {{git = "https://u:{secret}@x.example/a.git"}}\n',
        "pom.xml": f"<project><repositories><repository><url>https://u:{secret}@x.example</url></repository></repositories></project>",
    })  # fmt: skip
    for name in (
        "project_dependencies",
        "project_manifests",
        "project_registries",
        "project_package_details",
        "project_licenses",
    ):
        data = read_project(name, project)
        assert secret not in repr(data.rows), name
        assert not [source for source in data.sources if source.what == "/.npmrc" and source.sha256], (
            "the digest of a file with a token"
        )


@pytest.mark.parametrize(
    ("path", "text", "kinds"),
    [
        ("requirements.txt", "--index-url https://a/simple\n--extra-index-url=http://b/simple\n--trusted-host b\n-f https://c\n", ["index", "extra-index", "trusted-host", "find-links"]),
        (".npmrc", "registry=https://a/\n@s:registry = https://b/\nstrict-ssl=false\nignore-scripts = true\n; registry=x\n", ["index", "scoped-index", "no-tls", "no-scripts"]),
        (".yarnrc", 'registry "https://a/"\nstrict-ssl false\n', ["index", "no-tls"]),
        (".yarnrc.yml", "npmRegistryServer: https://a\nenableStrictSsl: false\nunsafeHttpWhitelist:\n  - b\nenableScripts: false\n", ["index", "no-tls", "trusted-host", "no-scripts"]),
        ("pip.conf", "[global]\nindex-url = https://a\nextra_index_url =\n    https://b\n    https://c\ntrusted-host = d\n", ["index", "extra-index", "extra-index", "trusted-host"]),
        ("uv.toml", 'allow-insecure-host = ["h"]\n[[index]]\nurl = "https://a"\ndefault = true\n', ["index", "trusted-host"]),
        ("NuGet.Config", '<configuration><packageSources><clear /><add key="n" value="https://api.nuget.org/v3/index.json" /><add key="p" value="http://p/" /></packageSources></configuration>', ["index", "extra-index"]),
        ("NuGet.Config", '<configuration><packageSources><add key="n" value="https://n" /><add key="p" value="https://p/" /></packageSources><packageSourceMapping/></configuration>', ["scoped-index", "scoped-index"]),
        ("pyproject.toml", '[tool.poetry]\nname="x"\n[[tool.poetry.source]]\nname="a"\nurl="https://a"\npriority="explicit"\n[[tool.poetry.source]]\nname="b"\nurl="https://b"\n', ["scoped-index", "index"]),
        ("Gemfile", "source 'https://a'\nsource 'https://b'\n", ["index", "extra-index"]),
        ("composer.json", '{"config": {"disable-tls": true}}', ["no-tls"]),
    ],
)  # fmt: skip
def test_registries(tmp_path: Path, path: str, text: str, kinds: list[str]) -> None:
    rows = project_rows("project_registries", make_project(tmp_path / "p", {path: text}))
    assert [row["kind"] for row in rows] == kinds
    assert {row["location"]: row["encrypted"] for row in rows if "http" in str(row["location"])} == {
        row["location"]: int(not str(row["location"]).startswith("http:"))
        for row in rows
        if "http" in str(row["location"])
    }


@pytest.mark.parametrize(
    ("path", "text", "newest", "ended"),
    [
        (".python-version", "3.8.10\n", "3.8", 1),
        (".python-version", "3.13\n", "3.13", 0),
        ("pyproject.toml", '[project]\nname="x"\nrequires-python=">=3.7,<3.9"\n', "3.8", 1),
        ("pyproject.toml", '[project]\nname="x"\nrequires-python=">=3.8"\n', "", None),
        (".nvmrc", "v16.20.0\n", "16", 1),
        (".nvmrc", "lts/*\n", None, None),
        ("package.json", '{"engines": {"node": "^16 || ^18"}}', "18", 1),
        ("package.json", '{"engines": {"node": ">=18"}}', "", None),
        ("package.json", '{"engines": {"node": "24.x"}}', "24", 0),
        ("composer.json", '{"require": {"php": "~7.4.0"}}', "7.4", 1),
        ("composer.json", '{"require": {"php": "^8.1"}}', "", None),
        ("Gemfile", "ruby '2.7.4'\n", "2.7", 1),
        ("a.csproj", "<Project><PropertyGroup><TargetFramework>net6.0</TargetFramework></PropertyGroup></Project>", "net6.0", 1),
        ("a.csproj", "<Project><PropertyGroup><TargetFrameworks>net6.0;net10.0</TargetFrameworks></PropertyGroup></Project>", "net10.0", 0),
        (".tool-versions", "nodejs 14.1.0\nerlang 26\n", "14", 1),
    ],
)  # fmt: skip
def test_runtimes(tmp_path: Path, path: str, text: str, newest: str | None, ended: int | None) -> None:
    now_s = calendar.timegm((2026, 11, 29, 0, 0, 0))
    data = read_project("project_runtimes", make_project(tmp_path / "p", {path: text}), now_s)
    rows = rows_of(data)
    assert [(row["newest"], row["ended"]) for row in rows] == ([] if newest is None else [(newest, ended)])


def test_the_end_of_a_version_is_judged_by_the_time_of_the_audit(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {".python-version": "3.13\n"})
    for year, ended in ((2026, 0), (2030, 1)):
        data = read_project("project_runtimes", project, calendar.timegm((year, 1, 1, 0, 0, 0)))
        assert rows_of(data)[0]["ended"] == ended
