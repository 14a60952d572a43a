"""Package files of npm, Yarn, pnpm and bun. npm itself is asked where it is installed."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from packagetest import only, packages_in, read
from projecttest import make_project

COMMIT = "4f1c2a9be0d37c6a5588d1f2e3a4b5c6d7e8f901"
SUM = "sha512-" + base64.b64encode(bytes(64)).decode()
HEX = "sha512:" + "00" * 64

LOCK3 = {
    "name": "demo", "version": "1.0.0", "lockfileVersion": 3,
    "packages": {
        "": {"name": "demo", "workspaces": ["apps/*"], "dependencies": {"a": "^1.0.0", "alias": "npm:real@2.0.0"},
             "devDependencies": {"tool": "^3.0.0"}},
        "node_modules/a": {"version": "1.2.0", "resolved": "https://registry.npmjs.org/a/-/a-1.2.0.tgz", "integrity": SUM,
                           "license": "MIT", "dependencies": {"b": "^1"}, "hasInstallScript": True},
        "node_modules/a/node_modules/b": {"version": "1.9.0", "resolved": "https://npm.example.org/b/-/b-1.9.0.tgz"},
        "node_modules/b": {"version": "2.0.0", "integrity": SUM, "dev": True, "deprecated": "use c"},
        "node_modules/alias": {"name": "real", "version": "2.0.0", "integrity": SUM},
        "node_modules/tool": {"version": "3.1.0", "integrity": SUM, "dev": True},
        "node_modules/web": {"resolved": "apps/web", "link": True},
        "apps/web": {"name": "web", "dependencies": {"git": "github:x/git"}},
        "node_modules/git": {"version": "1.0.0", "resolved": f"git+ssh://git@github.com/x/git.git#{COMMIT}"},
        "node_modules/inside": {"version": "1.0.0", "inBundle": True},
        "node_modules/tarball": {"version": "1.0.0", "resolved": "http://files.example.org/t.tgz", "integrity": SUM},
    },
}  # fmt: skip


def test_package_lock_3(tmp_path: Path) -> None:
    found = read(tmp_path, {"package-lock.json": json.dumps(LOCK3, indent=2)})
    assert {
        (each.name, each.version): (each.direct, each.scope, each.hashed, each.source, each.location)
        for each in found.found
    } == {
        ("a", "1.2.0"): (1, "runtime", 1, "registry", ""),
        ("b", "1.9.0"): (0, "runtime", 0, "registry", "https://npm.example.org/b/-/b-1.9.0.tgz"),
        ("b", "2.0.0"): (0, "dev", 1, "registry", ""),
        ("real", "2.0.0"): (1, "runtime", 1, "registry", ""),
        ("tool", "3.1.0"): (1, "dev", 1, "registry", ""),
        ("git", "1.0.0"): (1, "runtime", None, "git", "ssh://github.com/x/git.git"),
        ("inside", "1.0.0"): (0, "runtime", None, "registry", ""),
        ("tarball", "1.0.0"): (0, "runtime", 1, "url", "http://files.example.org/t.tgz"),
    }
    by = {(each.name, each.version): each for each in found.found}
    assert by["a", "1.2.0"].hashes == (HEX,)
    assert by["a", "1.2.0"].requires == ("b@1.9.0",), "as Node looks it up, the nearest folder first"
    assert (by["a", "1.2.0"].scripts, by["b", "2.0.0"].scripts) == (1, 0)
    assert (by["b", "2.0.0"].deprecated, by["a", "1.2.0"].deprecated) == ("use c", "")
    assert by["git", "1.0.0"].revision == COMMIT
    text = json.dumps(LOCK3, indent=2).splitlines()
    assert text[by["b", "1.9.0"].line - 1].strip() == '"node_modules/a/node_modules/b": {'


def test_package_lock_1(tmp_path: Path) -> None:
    lock = {
        "lockfileVersion": 1,
        "dependencies": {
            "a": {"version": "1.0.0", "integrity": SUM, "requires": {"b": "^2"},
                  "dependencies": {"b": {"version": "2.0.0", "integrity": SUM, "dev": True}}},
            "x": {"version": "npm:real@3.0.0", "integrity": SUM},
            "g": {"version": f"git+https://user:pass@git.example.org/g.git#{COMMIT}", "from": "g"},
        },
    }  # fmt: skip
    manifest = {"dependencies": {"a": "^1.0.0", "g": "git+https://git.example.org/g.git"}}
    found = read(tmp_path, {"package-lock.json": json.dumps(lock), "package.json": json.dumps(manifest)})
    locked = {each.name: each for each in found.found if each.locked}
    assert {name: (each.version, each.direct, each.scope, each.hashed) for name, each in locked.items()} == {
        "a": ("1.0.0", 1, "runtime", 1), "b": ("2.0.0", 0, "dev", 1), "real": ("3.0.0", 0, "runtime", 1),
        "g": ("", 1, "runtime", None),
    }  # fmt: skip
    assert (locked["g"].location, locked["g"].revision) == ("https://git.example.org/g.git", COMMIT)
    assert {each.scripts for each in locked.values()} == {None}, "version 1 does not tell"


def test_package_json(tmp_path: Path) -> None:
    manifest, found = only(tmp_path, "package.json", json.dumps({
        "name": "demo", "version": "1.0.0", "license": {"type": "MIT"}, "main": "i.js", "files": ["i.js"], "engines": {"node": "16.x"},
        "dependencies": {"exact": "1.2.3", "range": "^1.0.0", "git": "x/y#main", "path": "file:../z", "url": "https://files.example.org/u.tgz",
                         "old": "npm:real@1.0.0", "own": "workspace:*"},
        "devDependencies": {"tool": "*"}, "peerDependencies": {"react": ">=17"},
    }, indent=1))  # fmt: skip
    assert (manifest.name, manifest.licence, manifest.publishes, manifest.runtime) == ("demo", "MIT", 1, "16.x")
    assert {name: (each.version, each.scope, each.source, each.revision) for name, each in found.items()} == {
        "exact": ("1.2.3", "runtime", "registry", ""),
        "range": ("", "runtime", "registry", ""),
        "git": ("", "runtime", "git", "main"),
        "path": ("", "runtime", "path", ""),
        "url": ("", "runtime", "url", ""),
        "real": ("1.0.0", "runtime", "registry", ""),
        "own": ("", "runtime", "path", ""),
        "tool": ("", "dev", "registry", ""),
        "react": ("", "peer", "registry", ""),
    }


YARN1 = f"""\
# THIS IS AN AUTOGENERATED FILE. DO NOT EDIT THIS FILE DIRECTLY.
# yarn lockfile v1


"@scope/a@^1.0.0", "@scope/a@^1.1.0":
  version "1.2.0"
  resolved "https://registry.yarnpkg.com/@scope/a/-/a-1.2.0.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709"
  integrity {SUM}
  dependencies:
    b "~2.0"

b@~2.0:
  version "2.0.5"
  resolved "https://registry.yarnpkg.com/b/-/b-2.0.5.tgz#da39a3ee5e6b4b0d3255bfef95601890afd80709"

c@2.0.0:
  version "2.0.0"
  resolved "http://npm.example.org/c/-/c-2.0.0.tgz"

"alias@npm:real@^1":
  version "1.0.0"
  resolved "https://registry.yarnpkg.com/real/-/real-1.0.0.tgz"
  integrity {SUM}

"g@git+https://git.example.org/g.git#main":
  version "0.1.0"
  resolved "git+https://git.example.org/g.git#{COMMIT}"
"""


def test_yarn_1(tmp_path: Path) -> None:
    manifest, found = only(tmp_path, "yarn.lock", YARN1)
    assert manifest.status == "ok"
    assert {name: (each.version, each.hashed, each.source, each.line) for name, each in found.items()} == {
        "@scope/a": ("1.2.0", 1, "registry", 5),
        "b": ("2.0.5", 1, "registry", 12),
        "c": ("2.0.0", 0, "registry", 16),
        "real": ("1.0.0", 1, "registry", 20),
        "g": ("0.1.0", None, "git", 25),
    }
    assert found["g"].revision == COMMIT
    assert found["@scope/a"].requires == ("b@2.0.5",)
    assert {("@scope/a", "^1.0.0"), ("@scope/a", "^1.1.0"), ("b", "~2.0")} <= manifest.answers


YARN4 = """\
# This file is generated by running "yarn install" inside your project.

__metadata:
  version: 8
  cacheKey: 10c0

"@scope/a@npm:^1.0.0, @scope/a@npm:^1.1.0":
  version: 1.10
  resolution: "@scope/a@npm:1.10"
  dependencies:
    b: "npm:^2.0.0"
  checksum: 10c0/abcdef
  languageName: node
  linkType: hard

"b@npm:^2.0.0":
  version: 2.1.0
  resolution: "b@npm:2.1.0"
  languageName: node
  linkType: hard

"demo@workspace:.":
  version: 0.0.0-use.local
  resolution: "demo@workspace:."
  languageName: unknown
  linkType: soft

"g@https://git.example.org/g.git#commit=COMMIT":
  version: 1.0.0
  resolution: "g@https://git.example.org/g.git#commit=COMMIT"
  linkType: hard
""".replace("COMMIT", COMMIT)


def test_yarn_4(tmp_path: Path) -> None:
    manifest, found = only(tmp_path, "yarn.lock", YARN4)
    assert {name: (each.version, each.hashed, each.source, each.line) for name, each in found.items()} == {
        "@scope/a": ("1.10", 1, "registry", 7),
        "b": ("2.1.0", 0, "registry", 16),
        "g": ("1.0.0", None, "git", 28),
    }, "1.10 stays 1.10, and the project itself is no package"
    assert found["g"].revision == COMMIT
    assert ("@scope/a", "^1.1.0") in manifest.answers
    assert found["@scope/a"].requires == ("b@2.1.0",)


PNPM = {
    "5.4": f"""\
lockfileVersion: 5.4
specifiers:
  a: ^1.0.0
  t: ^3.0.0
dependencies:
  a: 1.2.0
devDependencies:
  t: 3.0.0_a@1.2.0
packages:
  /@s/b/2.0.0:
    resolution: {{integrity: {SUM}}}
    dev: false
  /a/1.2.0:
    resolution: {{integrity: {SUM}}}
    dependencies:
      '@s/b': 2.0.0
    requiresBuild: true
    dev: false
  /t/3.0.0_a@1.2.0:
    resolution: {{integrity: {SUM}}}
    dev: true
    deprecated: gone
""",
    "6.0": f"""\
lockfileVersion: '6.0'
dependencies:
  a:
    specifier: ^1.0.0
    version: 1.2.0
devDependencies:
  t:
    specifier: ^3.0.0
    version: 3.0.0(a@1.2.0)
packages:
  /@s/b@2.0.0:
    resolution: {{integrity: {SUM}}}
    dev: false
  /a@1.2.0:
    resolution: {{integrity: {SUM}}}
    dependencies:
      '@s/b': 2.0.0
    requiresBuild: true
    dev: false
  /t@3.0.0(a@1.2.0):
    resolution: {{integrity: {SUM}}}
    dev: true
    deprecated: gone
""",
    "9.0": f"""\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: ^1.0.0
        version: 1.2.0
    devDependencies:
      t:
        specifier: ^3.0.0
        version: 3.0.0(a@1.2.0)
packages:
  '@s/b@2.0.0':
    resolution: {{integrity: {SUM}}}
  a@1.2.0:
    resolution: {{integrity: {SUM}}}
  t@3.0.0:
    resolution: {{integrity: {SUM}}}
    deprecated: gone
snapshots:
  '@s/b@2.0.0': {{}}
  a@1.2.0:
    dependencies:
      '@s/b': 2.0.0
  t@3.0.0(a@1.2.0):
    dependencies:
      a: 1.2.0
""",
}


@pytest.mark.parametrize("version", PNPM)
def test_pnpm(tmp_path: Path, version: str) -> None:
    manifest, found = only(tmp_path, "pnpm-lock.yaml", PNPM[version])
    assert {
        name: (each.version, each.direct, each.scope, each.hashed, each.deprecated) for name, each in found.items()
    } == {
        "@s/b": ("2.0.0", 0, "runtime", 1, ""),
        "a": ("1.2.0", 1, "runtime", 1, ""),
        "t": ("3.0.0", 1, "dev", 1, "gone"),
    }
    assert found["a"].requires == ("@s/b@2.0.0",)
    assert dict(manifest.declared) == {"a": "^1.0.0", "t": "^3.0.0"}


def test_bun(tmp_path: Path) -> None:
    text = """{
  // a comment, and "quotes // inside"
  "lockfileVersion": 1,
  "workspaces": {"": {"name": "demo", "dependencies": {"a": "^1.0.0",}, "devDependencies": {"@s/t": "1.0.0"}}},
  "packages": {
    "a": ["a@1.2.0", "", {"dependencies": {"b": "^2"}}, "SUM"],
    "b": ["b@2.0.0", "https://npm.example.org/b.tgz", {}, "SUM"],
    "@s/t": ["@s/t@1.0.0", "", {}, "SUM"],
    "g": ["g@git+https://git.example.org/g.git#COMMIT", {}, "g-4f1c"],
    "demo": ["demo@workspace:."],
  },
}""".replace("SUM", SUM).replace("COMMIT", COMMIT)
    _, found = only(tmp_path, "bun.lock", text)
    assert {name: (each.version, each.direct, each.hashed, each.source, each.line) for name, each in found.items()} == {
        "a": ("1.2.0", 1, 1, "registry", 6),
        "b": ("2.0.0", 0, 1, "registry", 7),
        "@s/t": ("1.0.0", 1, 1, "registry", 8),
        "g": ("", 0, None, "git", 9),
    }
    assert found["g"].revision == COMMIT


def test_the_binary_lock_file_of_bun_is_said_to_be_unread(tmp_path: Path) -> None:
    found = read(tmp_path, {"bun.lockb": b"#!/usr/bin/env bun\n\x00\x01"})
    assert found.manifests[0].status == "not read"
    assert "bun.lock" in found.manifests[0].reason
    assert found.problem is not None


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_npm_itself_lists_the_same_packages(tmp_path: Path, version: int) -> None:
    """npm makes the lock file of packages that lie in folders, so that it needs no network, and lists it again."""
    files = {
        "parts/a/package.json": json.dumps({"name": "a", "version": "1.0.0", "dependencies": {"b": "file:../b"}}),
        "parts/b/package.json": json.dumps({"name": "b", "version": "2.0.0"}),
    }
    project = make_project(tmp_path / "p", files, git=False)
    for name in ("a", "b"):
        subprocess.run(
            ["npm", "pack", "--silent", "--pack-destination", str(project)],
            cwd=project / "parts" / name, check=True, capture_output=True, timeout=60, env=_quiet(tmp_path),
        )  # fmt: skip
    shutil.rmtree(project / "parts")
    asked = {"name": "demo", "version": "1.0.0", "dependencies": {"b": "file:b-2.0.0.tgz"}}
    (project / "package.json").write_text(json.dumps(asked))
    subprocess.run(
        ["npm", "install", "--package-lock-only", "--offline", "--no-audit", f"--lockfile-version={version}"],
        cwd=project, check=True, capture_output=True, timeout=60, env=_quiet(tmp_path),
    )  # fmt: skip
    listed = subprocess.run(
        ["npm", "ls", "--all", "--package-lock-only", "--json"],
        cwd=project, check=True, capture_output=True, text=True, timeout=60, env=_quiet(tmp_path),
    )  # fmt: skip
    theirs = {(name, each.get("version", "")) for name, each in json.loads(listed.stdout)["dependencies"].items()}
    ours = [each for each in packages_in(project).found if each.locked]
    assert {each.name for each in ours} == {name for name, _ in theirs} == {"b"}
    assert {each.direct for each in ours} == {1}


def _quiet(home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), "npm_config_update_notifier": "false"}
