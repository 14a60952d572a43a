"""`secaudit sbom`: a CycloneDX 1.6 document of all parts, valid, the same each time, and never silent about a gap."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import cyclonedx.schema
import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

from projecttest import make_project
from runprogram import secaudit

SCHEMAS = Path(cyclonedx.schema.__file__).parent / "_res"
SUM = "sha512-" + base64.b64encode(bytes(range(64))).decode()
COMMIT = "4f1c2a9be0d37c6a5588d1f2e3a4b5c6d7e8f901"
LOCK = json.dumps({
    "name": "shop", "version": "2.1.0", "lockfileVersion": 3,
    "packages": {
        "": {"name": "shop", "version": "2.1.0", "dependencies": {"@s/a": "^1.0.0"}, "devDependencies": {"tool": "^3"}},
        "node_modules/@s/a": {"version": "1.2.0", "integrity": SUM, "license": "(MIT OR Apache-2.0)", "dependencies": {"b": "^1"}},
        "node_modules/@s/a/node_modules/b": {"version": "1.9.0", "integrity": SUM, "license": "Own Words 1"},
        "node_modules/b": {"version": "2.0.0", "integrity": SUM, "dev": True, "license": "MIT"},
        "node_modules/tool": {"version": "3.1.0", "dev": True, "dependencies": {"b": "^2"},
                              "resolved": f"git+https://user:pass@git.example.org/tool.git#{COMMIT}"},
    },
})  # fmt: skip
FILES = {
    "package.json": json.dumps({"name": "shop", "version": "2.1.0", "license": "MIT", "dependencies": {"@s/a": "^1.0.0"}}),
    "package-lock.json": LOCK,
    "api/requirements.txt": f"flask==3.0.0 --hash=sha256:{'a' * 64} --hash=sha256:{'b' * 64}\nsix>=1\nfile @ https://files.example.org/file-1.2.tar.gz\n-e ./own\n",
    "go/go.mod": "module example.org/shop\ngo 1.22\nrequire example.org/x/y v1.2.3\n",
    "java/pom.xml": "<project><dependencies><dependency><groupId>org.a</groupId><artifactId>b</artifactId><version>1.0</version></dependency></dependencies></project>",
    "tests/data/requirements.txt": "django==1.0\n",
}  # fmt: skip


def _sbom(tmp_path: Path, files: dict[str, str], *more: str) -> tuple[dict[str, Any], str]:
    project = make_project(tmp_path / "shop", files, git=False)
    done = secaudit("sbom", str(project), *more, state=tmp_path)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def _by_ref(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {each["bom-ref"]: each for each in document["components"]}


def test_all_parts_with_package_urls_hashes_licences_and_scope(tmp_path: Path) -> None:
    document, notes = _sbom(tmp_path, FILES)
    parts = _by_ref(document)
    tool = f"pkg:npm/tool@3.1.0?vcs_url=git%2Bhttps://git.example.org/tool.git%40{COMMIT}"
    assert set(parts) == {
        "pkg:npm/%40s/a@1.2.0", "pkg:npm/b@1.9.0", "pkg:npm/b@2.0.0", tool, "pkg:pypi/flask@3.0.0", "pkg:pypi/six",
        "pkg:pypi/file@1.2?download_url=https://files.example.org/file-1.2.tar.gz",
        "pkg:golang/example.org/x/y@v1.2.3", "pkg:maven/org.a/b@1.0",
    }  # fmt: skip
    first = parts["pkg:npm/%40s/a@1.2.0"]
    assert (first["group"], first["name"], first["version"], first["scope"]) == ("@s", "a", "1.2.0", "required")
    assert first["hashes"] == [{"alg": "SHA-512", "content": bytes(range(64)).hex()}]
    assert first["licenses"][0]["expression"] == "(MIT OR Apache-2.0)"
    assert parts["pkg:npm/b@1.9.0"]["licenses"][0]["license"]["name"] == "Own Words 1"
    assert parts["pkg:npm/b@2.0.0"]["licenses"][0]["license"]["id"] == "MIT"
    assert parts["pkg:npm/b@2.0.0"]["scope"] == "excluded", "for development only"
    assert "hashes" not in parts["pkg:pypi/flask@3.0.0"], "they are those of its files"
    assert len(parts["pkg:pypi/flask@3.0.0"]["externalReferences"][0]["hashes"]) == 2
    assert {"name": "secaudit:version-not-fixed", "value": "true"} in parts["pkg:pypi/six"]["properties"]
    assert "pass" not in json.dumps(document).replace("passed", "")
    assert "1 entries of tests, examples and documentation are left out" in notes


def test_who_needs_whom(tmp_path: Path) -> None:
    document, _ = _sbom(tmp_path, FILES)
    needs = {each["ref"]: each.get("dependsOn", []) for each in document["dependencies"]}
    assert needs["pkg:npm/%40s/a@1.2.0"] == ["pkg:npm/b@1.9.0"]
    assert {ref.partition("?")[0] for ref in needs["project"]} == {
        "pkg:npm/%40s/a@1.2.0", "pkg:npm/tool@3.1.0", "pkg:pypi/flask@3.0.0", "pkg:pypi/six", "pkg:pypi/file@1.2",
        "pkg:golang/example.org/x/y@v1.2.3", "pkg:maven/org.a/b@1.0",
    }  # fmt: skip
    (tool,) = [ref for ref in needs if ref.startswith("pkg:npm/tool")]
    assert needs[tool] == ["pkg:npm/b@2.0.0"]


def test_the_project_and_the_tool_are_named(tmp_path: Path) -> None:
    document, _ = _sbom(tmp_path, FILES)
    root = document["metadata"]["component"]
    assert (root["name"], root["version"], root["type"]) == ("shop", "2.1.0", "application")
    assert root["licenses"][0]["license"]["id"] == "MIT"
    assert document["metadata"]["tools"]["components"][0]["name"] == "secaudit"
    files = [each["value"] for each in document["properties"] if each["name"] == "secaudit:file"]
    assert files == ["api/requirements.txt", "go/go.mod", "java/pom.xml", "package-lock.json", "package.json"]


def test_the_same_input_gives_the_same_number_and_other_input_another(tmp_path: Path) -> None:
    when = {"SOURCE_DATE_EPOCH": "1700000000"}
    project = make_project(tmp_path / "shop", FILES, git=False)
    texts = [secaudit("sbom", str(project), state=tmp_path, env=when).stdout for _ in range(2)]
    assert texts[0] == texts[1]
    assert json.loads(texts[0])["metadata"]["timestamp"].startswith("2023-11-14T22:13:20")
    later = json.loads(secaudit("sbom", str(project), state=tmp_path).stdout)
    assert later["serialNumber"] == json.loads(texts[0])["serialNumber"], "the time is no part of the number"
    (project / "go/go.mod").write_text("module example.org/shop\ngo 1.22\nrequire example.org/x/y v1.2.4\n")
    other = json.loads(secaudit("sbom", str(project), state=tmp_path).stdout)
    assert other["serialNumber"] != later["serialNumber"]


def test_what_could_not_be_read_is_said_on_stderr_and_in_the_document(tmp_path: Path) -> None:
    files = {**FILES, "broken/package-lock.json": "<<<<<<< HEAD\n{}"}
    document, notes = _sbom(tmp_path, files)
    properties = {each["name"]: each["value"] for each in document["properties"]}
    assert properties["secaudit:complete"] == "false"
    assert properties["secaudit:not-read"].startswith("broken/package-lock.json: it is no JSON")
    assert "note: broken/package-lock.json: it is no JSON" in notes
    done = secaudit("sbom", str(tmp_path / "shop"), "--strict", "-q", state=tmp_path)
    assert (done.returncode, done.stderr) == (3, "")


def test_it_can_be_written_to_a_file(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", FILES, git=False)
    done = secaudit("sbom", "-o", str(tmp_path / "shop.cdx.json"), state=tmp_path, cwd=project)
    assert (done.returncode, done.stdout) == (0, "")
    assert "9 parts out of 5 files" in done.stderr
    assert len(json.loads((tmp_path / "shop.cdx.json").read_text())["components"]) == 9
    assert (tmp_path / "shop.cdx.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [({"app.py": "1\n"}, "no file here names packages (argument TARGET)"), ({}, "this folder is empty")],
)
def test_a_folder_without_packages_is_an_error_and_no_empty_list(
    tmp_path: Path, files: dict[str, str], said: str
) -> None:
    project = make_project(tmp_path / "shop", files, git=False)
    done = secaudit("sbom", str(project), state=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr


def test_hostile_names_act_on_no_terminal_and_break_no_json(tmp_path: Path) -> None:
    lock = {"lockfileVersion": 3, "packages": {
        "": {}, "node_modules/a\x1b[2J\n": {"version": "1\x07", "license": "M\x1b]0;IT"},
        "node_modules/": {"version": "1"}, "node_modules/b@c?d#e%20": {"version": "1.0/../x"},
        "node_modules/\ud800": {"version": "1.0", "license": "\udfff"}}}  # fmt: skip
    document, notes = _sbom(tmp_path, {"package-lock.json": json.dumps(lock)})
    assert len(document["components"]) == 3
    assert "an entry has no name" in notes
    assert "\x1b" not in json.dumps(document, ensure_ascii=False) + notes
    _validate(document)


def test_folders_with_names_of_any_bytes(tmp_path: Path) -> None:
    project = make_project(tmp_path / "shop", {"go.mod": "module x\ngo 1.22\n"})
    bad = Path(os.fsdecode(os.fsencode(str(project)) + b"/bad\xff\n"))
    bad.mkdir()
    (bad / "requirements.txt").write_text("six==1.0\n")
    done = secaudit("sbom", str(project), state=tmp_path)
    assert done.returncode == 0, done.stderr
    (part,) = json.loads(done.stdout)["components"]
    assert {"name": "secaudit:place", "value": "bad\\xff\\n/requirements.txt:1"} in part["properties"]


def test_it_is_valid_cyclonedx(tmp_path: Path) -> None:
    document, _ = _sbom(tmp_path, FILES)
    _validate(document)
    document["components"][0]["scope"] = "sometimes"
    with pytest.raises(AssertionError):
        _validate(document)


def _validate(document: dict[str, Any]) -> None:
    """By the schema of CycloneDX itself, and the two that it names."""
    main = json.loads((SCHEMAS / "bom-1.6.SNAPSHOT.schema.json").read_text())
    base = main["$id"].rpartition("/")[0]
    pairs = []
    for name in ("spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"):
        content = json.loads((SCHEMAS / name).read_text())
        pairs.append((f"{base}/{name}", Resource.from_contents(content, default_specification=DRAFT7)))
    registry: Registry[Any] = Registry().with_resources(pairs)
    problems = list(Draft7Validator(main, registry=registry).iter_errors(document))
    assert not problems, problems[:3]
