"""project_sboms: a parts list that lies in the project, compared with what is locked now."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from projecttest import commit, make_project, project_rows, read_project
from runprogram import secaudit

LOCK = {"lockfileVersion": 3, "packages": {
    "": {"dependencies": {"@s/a": "^1"}}, "node_modules/@s/a": {"version": "1.2.0"}, "node_modules/b": {"version": "2.0.0"},
    "node_modules/tool": {"version": "1.0.0", "dev": True}}}  # fmt: skip
FILES = {"package.json": '{"dependencies": {"@s/a": "^1"}}', "package-lock.json": json.dumps(LOCK), "poetry.lock":
         '[[package]]\nname = "Zope_Thing"\nversion = "1.0"\ngroups = ["main"]\nfiles = []\n'}  # fmt: skip


def test_our_own_list_names_everything_and_an_old_one_does_not(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", FILES)
    done = secaudit("sbom", str(project), "-q", "-o", str(project / "shop.cdx.json"), state=tmp_path)
    assert done.returncode == 0
    (row,) = project_rows("project_sboms", project)
    assert (row["format"], row["version"], row["parts"], row["missing"]) == ("CycloneDX", "1.6", 4, 0)
    assert row["tracking"] == "untracked"
    (project / "package-lock.json").write_text(json.dumps(LOCK).replace("2.0.0", "2.0.1"))
    commit(project, "update")
    (row,) = project_rows("project_sboms", project)
    assert (row["missing"], row["example"]) == (1, "b 2.0.1")


def test_spdx_and_documents_that_are_none(tmp_path: Path) -> None:
    spdx = {"spdxVersion": "SPDX-2.3", "packages": [{"externalRefs": [{"referenceLocator": "pkg:npm/%40s/a@1.2.0"}]}]}
    project = make_project(tmp_path / "p", {
        "package-lock.json": json.dumps(LOCK), "sbom.spdx.json": json.dumps(spdx), "bom.json": '{"other": 1}', "bombs.json": "{}",
    })  # fmt: skip
    (row,) = project_rows("project_sboms", project)
    assert (row["path"], row["format"], row["missing"], row["example"]) == ("sbom.spdx.json", "SPDX", 1, "b 2.0.0")


@pytest.mark.parametrize("text", ["{", "[" * 100_000, '{"bomFormat": "CycloneDX", "components": [1, {"purl": 3}]}'])
def test_hostile_documents(tmp_path: Path, text: str) -> None:
    data = read_project("project_sboms", make_project(tmp_path / "p", {"bom.json": text, "a.py": "1\n"}))
    assert data.status == ("ok" if "CycloneDX" in text else "partial")


def test_without_lock_files_nothing_can_be_compared(tmp_path: Path) -> None:
    document = '{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": []}'
    (row,) = project_rows("project_sboms", make_project(tmp_path / "p", {"bom.json": document}))
    assert row["missing"] is None
