"""The house stays in order: imports go one way, tables stay shippable, docs and schemas are those of the code."""

from __future__ import annotations

import ast
import os  # noqa: F401  looked up by name below
import subprocess
import sys
import time  # noqa: F401  looked up by name below
import zipfile
from pathlib import Path

import pytest

import secaudit as package
from runprogram import secaudit

HERE = Path(__file__).resolve().parent.parent
SOURCES = HERE / "src" / "secaudit"
LAYERS = {
    "errors": set(),
    "model": set(),
    "userfile": set(),
    "tableapi": set(),
    "tables": {"tableapi", "advisories", "protocols", "content"},
    "protocols": {"tableapi"},
    "faults": set(),
    "targets": {"model", "tableapi", "errors"},
    "content": {"model", "errors", "userfile"},
    "advisories": {"history", "errors", "userfile"},
    "codesearch": {"content"},
    "engine": {"content", "targets", "model", "errors", "tableapi"},
    "assessment": {"engine", "model"},
    "evidence": {"content", "engine", "model", "errors"},
    "history": {"content", "evidence", "model", "errors", "userfile"},
    "importing": {"history", "model", "errors", "tableapi", "userfile"},
    "reporting": {"content", "evidence", "model", "errors"},
    "fixing": {"content", "reporting", "model", "errors"},
    "app": {"advisories", "importing", "assessment", "fixing", "reporting", "evidence", "history", "engine", "content", "targets", "model", "errors", "tableapi"},
    "terminal": {"app", "reporting", "model", "engine"},
    "cli": {"app", "terminal", "model", "errors", "content", "history", "engine", "reporting"},
}  # fmt: skip
"""What each room may import. `secaudit` itself (the version) is open to all."""


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        found.update(name.split(".")[1] for name in names if name.startswith("secaudit."))
    return found


@pytest.mark.parametrize("room", LAYERS)
def test_imports_go_one_way(room: str) -> None:
    place = SOURCES / room
    files = sorted(place.rglob("*.py")) if place.is_dir() else [SOURCES / f"{room}.py"]
    for path in files:
        wrong = imports_of(path) - LAYERS[room] - {room}
        assert not wrong, f"{path.relative_to(HERE)} imports {sorted(wrong)}"


TABLES = sorted((SOURCES / "tables").rglob("*.py"))


FOREIGN = {
    "project": {"re2", "kingfisher_sdk", "ast_grep_py", "packaging", "tomllib", "yaml"},
    "network": {"cryptography", "dns"},
}
"""Libraries of others that tables of a family may import, inside a function only: start-up stays light, and a library
that is missing is a status. Tables of the family `host` are shipped to other machines and have none."""


_ADVISORIES = {f"secaudit.advisories.{name}" for name in ("ecosystems", "layout", "match", "reading")}
KNOWLEDGE = {"project": _ADVISORIES, "network": {*_ADVISORIES, "secaudit.content"}}
"""Modules of ours, beside the tables, that a family may import: they read what the user keeps, and import the standard
library only."""


def imported_inside_functions(tree: ast.AST) -> set[ast.AST]:
    return {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for node in ast.walk(function)
        if isinstance(node, (ast.Import, ast.ImportFrom))
    }


@pytest.mark.parametrize("path", [*TABLES, SOURCES / "tableapi.py"], ids=lambda path: path.name)
def test_tables_can_be_shipped_to_a_machine_with_python_3_9(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 9))
    inside = imported_inside_functions(tree)
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        for name in names:
            top = name.split(".")[0]
            if node in inside and top in FOREIGN.get(path.parent.name, set()):
                continue
            if name in KNOWLEDGE.get(path.parent.name, set()):
                continue
            if path.parent.name == "network" and name.startswith("secaudit.protocols."):
                continue
            assert top in sys.stdlib_module_names or name.startswith("secaudit.table"), f"{path.name} imports {name}"
            assert name not in ("subprocess", "socket", "urllib.request", "http.client", "tomllib"), (
                f"{path.name}: {name}"
            )


def test_tables_never_reach_past_the_target() -> None:
    for path in TABLES:
        if path.name == "_rpmdb.py":
            continue  # SQLite opens files only, so it makes a private copy of what the target gave
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                assert node.func.id not in ("open", "eval", "exec", "print", "input"), f"{path.name}:{node.lineno}"
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in ("os", "time"):
                if not hasattr(sys.modules[node.value.id], node.attr):
                    continue  # a variable of that name
                allowed = {"path", "fspath", "fsdecode", "strftime", "strptime", "gmtime"}
                assert node.attr in allowed, f"{path.name}:{node.lineno} uses {node.value.id}.{node.attr}"


def test_the_engine_names_no_content() -> None:
    from secaudit.content import library
    from secaudit.engine.registry import table_modules

    loaded = library.load()
    names = {*loaded.checks, *loaded.objectives, *loaded.standards} | {
        name for name in table_modules() if "_" in name and name != "path_chain"
    }
    for room in ("engine", "assessment", "evidence", "content", "targets"):
        for path in (SOURCES / room).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    assert node.value not in names, f"{path.name}:{node.lineno} names {node.value}"


def test_the_public_face() -> None:
    assert package.__all__ == ["__version__"]


@pytest.mark.parametrize("script", ["make_docs.py", "make_schemas.py"])
def test_generated_pages_are_those_of_the_code(script: str) -> None:
    done = subprocess.run(
        [sys.executable, str(HERE / "scripts" / script), "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_page_that_the_readme_names_exists() -> None:
    import re

    for page in [HERE / "README.md", HERE / "CONTRIBUTING.md", *(HERE / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name} names {target}"


def test_the_wheel_holds_its_content(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(HERE)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr + done.stdout
    (wheel,) = tmp_path.glob("*.whl")
    place = tmp_path / "unpacked"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(place)
    assert (place / "secaudit" / "_content" / "reports" / "html").is_dir()
    shown = secaudit(
        "doctor", state=tmp_path / "state", env={"PYTHONPATH": str(place), "PYTHONSAFEPATH": "1"}, cwd=tmp_path
    )
    here = secaudit("doctor", state=tmp_path / "state")
    count = next(line for line in here.stdout.splitlines() if " checks, " in line)
    assert count in shown.stdout
    found = secaudit("checks", "show", "ssh-root-login", state=tmp_path, env={"PYTHONPATH": str(place)}, cwd=tmp_path)
    assert "id: ssh-root-login" in found.stdout


def test_modules_of_the_tests_have_names_of_their_own() -> None:
    """All folders of tests are on one path: a second module of a name would be found by luck, and so is `conftest`."""
    seen: dict[str, Path] = {}
    for path in sorted((HERE / "tests").rglob("*.py")):
        if path.name == "conftest.py":
            continue
        assert path.name not in seen, f"{path} and {seen[path.name]}"
        seen[path.name] = path
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.ImportFrom) and node.module == "conftest"), f"{path}:{node.lineno}"
