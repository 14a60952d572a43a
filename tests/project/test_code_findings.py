"""Weak places in Python code: insecure variants are found, secure ones are not, and what was not read is said."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Iterator

import pytest

from projecttest import commit, make_project, project_rows, read_project, run_git
from secaudit.model import TableStatus
from secaudit.tables.project import _code
from secaudit.tables.project._engine_python import find_in
from secaudit.tables.project._ruff_codes import codes
from secaudit.targets import installed
from tabletest import rows_of

TABLE = "code_findings_python"
SQL = "def f(cur, name):\n    cur.execute(\"SELECT * FROM t WHERE name = '%s'\" % name)\n"


def pairs() -> Iterator[tuple[str, str, str, str]]:
    text = (Path(__file__).parent / "python_pairs.txt").read_text(encoding="utf-8")
    for block in text.split("=== ")[1:]:
        head, _, body = block.partition("\n")
        insecure, _, secure = body.partition("\n---\n")
        weakness, _, name = head.partition(" ")
        yield weakness, name, insecure, secure


PAIRS = list(pairs())


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair[0]}-{pair[1]}")
def test_the_insecure_variant_is_found_and_the_secure_one_is_not(pair: tuple[str, str, str, str]) -> None:
    weakness, _, insecure, secure = pair
    compile(insecure, "insecure", "exec")
    compile(secure, "secure", "exec")
    found = [weak for weak in find_in(insecure.encode()) if weak.weakness == weakness and weak.confidence != "low"]
    assert found
    for weak in find_in(secure.encode()):
        assert weak.confidence != "high", weak
        assert weak.weakness != weakness or weak.confidence == "low", weak


def test_names_of_tables_and_columns_are_no_values() -> None:
    text = (
        "def fill(cursor, table, columns, row):\n"
        "    names = ', '.join(f'\"{column}\"' for column in columns)\n"
        "    cursor.execute(f'INSERT INTO \"{table}\" ({names}) VALUES (?, ?)', row)\n"
        '    cursor.execute(f\'CREATE TABLE "{table}" ("{columns[0]}" {row[0]})\')\n'
    )
    assert {(row.rule_id, row.confidence) for row in find_in(text.encode())} == {("sql-name", "medium")}


def test_there_are_enough_pairs() -> None:
    assert len(PAIRS) >= 130
    assert len({pair[0] for pair in PAIRS}) >= 35


def test_a_row_says_where_and_what(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", {"app/db.py": SQL})
    (row,) = project_rows(TABLE, folder)
    assert {key: row[key] for key in ("engine", "rule_id", "language", "weakness", "cwe", "confidence", "path", "line")} == {
        "engine": "secaudit", "rule_id": "sql-value", "language": "python", "weakness": "sql-injection", "cwe": 89,
        "confidence": "high", "path": "app/db.py", "line": 2,
    }  # fmt: skip
    assert (row["role"], row["tracking"], row["suppressed"]) == ("code", "tracked", 0)


def test_ruff_adds_what_our_own_rules_do_not_look_for(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", {"a.py": "try:\n    f()\nexcept Exception:\n    pass\n"})
    (row,) = project_rows(TABLE, folder)
    assert (row["engine"], row["rule_id"], row["weakness"]) == ("ruff", "S110", "silent-exception")


def test_nothing_in_the_project_silences_a_finding(tmp_path: Path) -> None:
    files = {
        "a.py": "import subprocess\ntry:\n    subprocess.run(x, shell=True)  # noqa\nexcept Exception:  # noqa: S110\n    pass  # nosec\n",
        "ruff.toml": 'lint.select = ["E"]\nexclude = ["*.py"]\n',
        "pyproject.toml": '[tool.ruff]\nexclude = ["*"]\n[tool.ruff.lint]\nignore = ["S"]\n',
        ".gitignore": "hidden.py\n",
        "hidden.py": "import tempfile\ntempfile.mktemp()\n",
    }  # fmt: skip
    rows = project_rows(TABLE, make_project(tmp_path / "p", files))
    assert {(row["path"], row["weakness"], row["suppressed"]) for row in rows} == {
        ("a.py", "command-injection", 1),
        ("a.py", "silent-exception", 1),
        ("hidden.py", "temp-file", 0),
    }


def test_a_project_without_python_is_not_applicable(tmp_path: Path) -> None:
    data = read_project(TABLE, make_project(tmp_path / "p", {"a.js": "1"}))
    assert (data.status, data.rows) == (TableStatus.ABSENT, ())


def test_without_ruff_python_is_unknown_with_the_line_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = make_project(tmp_path / "p", {"a.py": SQL, "b.js": "eval(x)"})
    monkeypatch.setattr(installed, "find_installed", lambda name: None)
    data = read_project(TABLE, folder)
    assert data.status == TableStatus.FAILED
    assert "pip install 'secaudit[code]'" in (data.reason or "")
    assert [row["weakness"] for row in rows_of(data)] == ["sql-injection"], "what our own rules see stays"
    engines = {(row["engine"], row["language"]): row["status"] for row in project_rows("code_engines", folder)}
    assert engines[("ruff", "python")] == "missing"
    assert engines[("secaudit", "python")] == "ran"
    assert read_project("code_findings", folder).status == TableStatus.PARTIAL


def test_another_language_is_not_touched_by_a_missing_engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installed, "find_installed", lambda name: None)
    folder = make_project(tmp_path / "p", {"b.js": "1"})
    assert read_project(TABLE, folder).status == TableStatus.ABSENT


def test_code_that_is_not_python_3_is_said(tmp_path: Path) -> None:
    data = read_project(TABLE, make_project(tmp_path / "p", {"old.py": 'print "hello", input\n', "b.py": SQL}))
    assert data.status == TableStatus.PARTIAL
    assert "old.py" in (data.reason or "")
    assert [row["path"] for row in rows_of(data)] == ["b.py"]


def test_broken_files_of_tests_leave_the_answer_whole(tmp_path: Path) -> None:
    assert project_rows(TABLE, make_project(tmp_path / "p", {"tests/bad.py": "def (input", "a.py": "x = 1\n"})) == []


def test_names_of_any_kind_are_read(tmp_path: Path) -> None:
    names = ["-a.py", "b\nc.py", "d\x1b[2J.py", "e f.py", "--config=x.py", "ü.py"]
    rows = project_rows(TABLE, make_project(tmp_path / "p", dict.fromkeys(names, SQL)))
    assert len({row["path"] for row in rows}) == len(names)


def test_a_link_out_of_the_project_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text(SQL)
    folder = make_project(tmp_path / "p", {"a/x.py": "x = 1\n"})
    (folder / "link.py").symlink_to(tmp_path / "secret.py")
    commit(folder, "link")
    (folder / "a" / "x.py").unlink()
    (folder / "a").rmdir()
    (folder / "a").symlink_to(tmp_path)
    assert project_rows(TABLE, folder) == []


def test_a_bare_repository_is_read(tmp_path: Path) -> None:
    make_project(tmp_path / "p", {"a.py": SQL})
    run_git(tmp_path, "clone", "-q", "--bare", "p", "bare.git")
    assert [row["weakness"] for row in project_rows(TABLE, tmp_path / "bare.git")] == ["sql-injection"]


@pytest.mark.parametrize(
    "text",
    [
        b"request\n" + b"(" * 5000,
        b"request = " + b"-" * 50_000 + b"1",
        b"request = " + b"[" * 150 + b"]" * 150,
        b"request" + b".a" * 60_000,
        b"request = x" + b" + x" * 60_000,
        b"eval(x" + b" % x" * 3000 + b")",
        b"eval(x" + b" if x else x" * 300 + b")",
        b"if request:\n x=1\n" + b"elif x:\n x = 1\n" * 3000,
        b"request = '\xff\xfe\x00'\n",
        b"# -*- coding: nonsense -*-\nrequest\n",
        b"x = 1\n" * 3 + b"a = a + a\n" * 2000 + b"execute(a)\n",
        b"".join(b"def f%d(request):\n    return eval(g(request.args))\n" % number for number in range(3000)),
    ],
    ids=range(12),
)
def test_hostile_code_gives_a_status_in_time(tmp_path: Path, text: bytes) -> None:
    import time

    started = time.monotonic()
    data = read_project(TABLE, make_project(tmp_path / "p", {"a.py": text, "b.py": SQL}))
    assert time.monotonic() - started < 20
    assert data.status in (TableStatus.OK, TableStatus.PARTIAL), data.reason
    assert "b.py" in {row["path"] for row in rows_of(data)}


def test_fifo_and_large_files_are_left_out(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", {"a.py": SQL, "big.py": b"x = 1\n" * 1_000_000}, git=False)
    os.mkfifo(folder / "pipe.py")
    data = read_project(TABLE, folder)
    assert {row["path"] for row in rows_of(data)} == {"a.py"}


def test_a_program_in_the_project_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = "#!/bin/sh\ntouch %s\n" % (tmp_path / "ran")
    folder = make_project(tmp_path / "p", {"ruff": script, "bin/ruff": script, "a.py": SQL})
    for path in (folder / "ruff", folder / "bin" / "ruff"):
        path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{folder}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("RUFF_SELECT", "E")
    monkeypatch.chdir(folder)
    assert project_rows(TABLE, folder)
    assert not (tmp_path / "ran").exists()
    found = installed.find_installed("ruff")
    assert found is not None
    assert Path(found).parent == Path(sys.executable).parent


def test_every_code_of_ruff_in_our_table_is_one_that_ruff_knows() -> None:
    import json
    import subprocess

    program = installed.find_installed("ruff")
    assert program is not None
    done = subprocess.run([program, "rule", "--all", "--output-format", "json"], capture_output=True, check=True)
    known = {rule["code"] for rule in json.loads(done.stdout)}
    assert set(codes()) <= known
    for code, row in codes().items():
        assert row.severity in ("high", "medium", "low"), code
        assert row.confidence in ("high", "medium", "low"), code
        assert row.cwe > 0, code


def test_engines_are_found_by_name() -> None:
    names = {engine.ENGINE for engine in _code._engines()}
    assert {"ruff", "secaudit"} <= names


def test_two_engines_at_one_place_give_one_row() -> None:
    def weak(confidence: str, rule: str) -> _code.Weak:
        return _code.Weak(rule, "xss", 79, "high", confidence, "a.py", 3, 1, "m")

    from secaudit.tables.project._listing import Listed

    runs = [
        _code.Ran("one", "python", 1, _code.Answer((weak("low", "r1"),))),
        _code.Ran("two", "python", 1, _code.Answer((weak("high", "r2"),))),
    ]
    (row,) = _code.rows_of([Listed("a.py", "tracked", "")], runs)
    assert (row.engine, row.rule_id) == ("two", "r2")


QUIET_HERE = {
    # nothing in the insecure variants is about these; each has an example of its own in the check
    "python-archives-format", "python-autoescape-set", "python-errors-not-swallowed", "python-jwt-algorithms", "python-key-size",
    "python-marks-reviewed", "python-no-hidden-text", "python-templates-known",
}  # fmt: skip


def statuses(folder: Path, state: Path) -> dict[str, tuple[str, str]]:
    """Check of the topic code-python -> status and severity, of a real run."""
    import json

    from runprogram import secaudit

    done = secaudit(
        "audit", "--project", str(folder), "--only", "topic:code-python", "--format", "json", "--no-save", state=state
    )
    return {row["check"]: (row["status"], row["severity"]) for row in json.loads(done.stdout)["results"]}


def test_checks_fail_for_insecure_projects_and_no_high_one_for_secure_projects(tmp_path: Path) -> None:
    bad = make_project(tmp_path / "bad", {f"m{number}.py": pair[2] for number, pair in enumerate(PAIRS)}, git=False)
    good = make_project(tmp_path / "good", {f"m{number}.py": pair[3] for number, pair in enumerate(PAIRS)}, git=False)
    found = statuses(bad, tmp_path / "state")
    assert {check for check, (status, _) in found.items() if status != "fail"} == QUIET_HERE
    failed = {check for check, (status, _) in statuses(good, tmp_path / "state").items() if status != "pass"}
    assert failed == set()


def test_what_a_view_hands_to_another_file_is_followed(tmp_path: Path) -> None:
    files = {
        "app/views.py": "from flask import request\nfrom .tools.fetch import load\nfrom app import store\n"
        "@app.route('/')\ndef view():\n    load(request.args['url'])\n    store.remove(name=request.args['name'])\n",
        "app/tools/fetch.py": "from urllib.request import urlopen\ndef load(url):\n    return again(url)\ndef again(url):\n    return urlopen(url)\n",
        "app/store.py": "import os\ndef remove(name):\n    os.remove(name)\n",
        "app/other.py": "import os\ndef remove(name):\n    os.remove(name)\n",
    }  # fmt: skip
    rows = project_rows(TABLE, make_project(tmp_path / "p", files))
    assert {(row["path"], row["weakness"], row["line"]) for row in rows if row["confidence"] == "high"} == {
        ("app/tools/fetch.py", "ssrf", 5),
        ("app/store.py", "path-traversal", 3),
    }


@pytest.mark.parametrize("name", ["dj", "fl", "fa"])
def test_well_made_applications_fail_no_check_of_python(tmp_path: Path, name: str) -> None:
    """One of Django, Flask and FastAPI each, with logins, uploads, queries and redirects as they should be."""
    import json

    from runprogram import secaudit

    text = (Path(__file__).parent / "python_good_apps.txt").read_text(encoding="utf-8")
    files = dict(block.split("\n", 1) for block in text.split("=== ")[1:])
    own = {path.partition("/")[2]: body for path, body in files.items() if path.startswith(name + "/")}
    folder = make_project(tmp_path / "p", dict(own))
    words = ["--only", "topic:code-python", "--only", "topic:python-web", "--format", "json", "--no-save"]
    done = secaudit("audit", "--project", str(folder), *words, state=tmp_path / "state")
    results = json.loads(done.stdout)["results"]
    assert len(results) > 80
    assert [row["check"] for row in results if row["status"] == "fail"] == []
    assert [row["check"] for row in results if row["status"] == "unknown"] == []
