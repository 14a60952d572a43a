"""code_findings_javascript and code_findings_php: what is found through the real process, and hostile files."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from runprogram import secaudit
from tabletest import rows_of

EXEC = 'const { exec } = require("child_process");\napp.get("/p", (req, res) => {\n  exec("ping " + req.query.host);MARK\n});\n'


def test_a_weak_place_with_its_line_and_words(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"src/ping.js": EXEC.replace("MARK", ""), "ok.ts": "export const a = 1;\n"})
    (row,) = project_rows("code_findings_javascript", project)
    assert (row["path"], row["line"], row["column"]) == ("src/ping.js", 3, 3)
    assert (row["engine"], row["rule_id"], row["weakness"], row["cwe"]) == (
        "ast-grep",
        "js-exec",
        "command-injection",
        78,
    )
    assert (row["severity"], row["confidence"], row["suppressed"]) == ("high", "high", 0)


@pytest.mark.parametrize("mark", [" // eslint-disable-line", " // nosemgrep", " // NOSONAR"])
def test_a_mark_is_told_and_silences_nothing(tmp_path: Path, mark: str) -> None:
    project = make_project(
        tmp_path / "p", {"a.js": EXEC.replace("MARK", mark), ".eslintrc": "{}", ".semgrepignore": "*"}
    )
    (row,) = project_rows("code_findings_javascript", project)
    assert row["suppressed"] == 1


def test_the_role_of_the_file_is_told(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"tests/a.js": EXEC, "node_modules/x/a.js": EXEC, "dist/a.js": EXEC})
    assert [row["role"] for row in project_rows("code_findings_javascript", project)] == ["test"]


def test_without_such_files_the_table_is_absent(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.py": "1\n"})
    assert read_project("code_findings_javascript", project).status == "absent"
    assert read_project("code_findings_php", project).status == "absent"


def test_pages_of_php_with_html_and_scripts(tmp_path: Path) -> None:
    page = """<html><body>
<?php $name = $_GET['name']; // a comment with ?>
<h1><?= $name ?></h1>
<?php if ($x): ?><b>text with 'quotes' and <?php echo htmlspecialchars($name); ?></b><?php endif; ?>
<script>
  document.write(location.hash.slice(1));
</script>
</body></html>
"""
    rows = project_rows("code_findings_php", make_project(tmp_path / "p", {"index.php": page}))
    assert [(row["line"], row["rule_id"]) for row in rows] == [(3, "php-echo"), (6, "js-dom-html")]


def test_components_of_vue(tmp_path: Path) -> None:
    page = '<template><p>{{ a }}</p></template>\n<script lang="ts">\nconst q: string = location.hash;\nel.innerHTML = q;\n</script>\n'
    rows = project_rows("code_findings_javascript", make_project(tmp_path / "p", {"a.vue": page}))
    assert [(row["line"], row["rule_id"]) for row in rows] == [(4, "js-dom-html")]


@pytest.mark.parametrize(
    ("table", "path", "text", "rule"),
    [
        ("code_findings_javascript", "views/a.ejs", "<p><%- user.bio %></p>\n", "ejs-raw"),
        ("code_findings_javascript", "views/a.hbs", "<p>{{{bio}}}</p>\n", "handlebars-raw"),
        ("code_findings_php", "resources/views/a.blade.php", "<p>{!! $bio !!}</p>\n", "blade-raw"),
        ("code_findings_php", "templates/a.twig", "<p>{{ user.bio|raw }}</p>\n", "twig-raw"),
        ("code_findings_ruby", "app/views/a.html.erb", "<p><%= raw @user.bio %></p>\n", "erb-raw"),
        ("code_findings_ruby", "app/views/b.erb", "<p><%== params[:q] %></p>\n", "ruby-raw"),
        ("code_findings_ruby", "app/views/a.slim", "p == user.bio\n", "haml-raw"),
        ("code_findings_java", "web/a.jsp", '<p><%= request.getParameter("q") %></p>\n', "java-write-html"),
        ("code_findings_java", "web/b.jsp", "<p>${param.q}</p>\n", "jsp-request"),
        ("code_findings_csharp", "Views/a.cshtml", "<p>@Html.Raw(Model.Comment)</p>\n", "razor-raw"),
    ],
)
def test_templates(tmp_path: Path, table: str, path: str, text: str, rule: str) -> None:
    (row,) = project_rows(table, make_project(tmp_path / "p", {path: text}))
    assert (row["path"], row["line"], row["rule_id"]) == (path, 1, rule)


HOSTILE = {
    "deep.js": "eval(" + "(\n" * 100_000 + ")" * 100_000 + ")",
    "deep.php": "<?php eval(" + "[\n" * 100_000,
    "arrows.js": "x = " + "a =>\n" * 20_000 + "eval(a)",
    "plus.js": 'db.query("SELECT " + ' + "a +\n" * 30_000 + "req.query.x)",
    "else.php": "<?php $a = $_GET['a']; " + "if ($a == 1) { eval($a); } else\n" * 3_000 + "{}",
    "open.php": "<?php echo '" + "a\n" * 50_000,
    "tags.php": "<?php ?>\n" * 20_000,
    "bytes.js": b"\xff\xfe\x00eval(req.query.x)\x00\xff",
    "escape\x1b[2J\n.js": "eval(req.query.x)",
    "chain.js": "eval(x" + ".a\n" * 50_000 + ")",
    "template.js": "eval(`" + "${`\n" * 5_000 + "`}" * 5_000 + "`)",
    "same.js": "".join(f"const a{i} = a{i + 1} + a{i + 2};\n" for i in range(2_000)) + "eval(a0)\n",
    "minus.js": "eval(" + "-\n" * 50_000 + "a)",
}


OTHERS = {
    "deep.rb": "eval(" + "(\n" * 100_000,
    "deep.go": "package m\nfunc f() { exec.Command(" + "(\n" * 100_000,
    "deep.java": "class A { void f() { st.execute(" + "(\n" * 100_000,
    "plus.rb": 'conn.exec("SELECT " + ' + "a +\n" * 30_000 + "params[:x])",
    "plus.java": 'class A { void f() { st.executeQuery("select " + ' + "a +\n" * 30_000 + "b); } }",
    "plus.go": 'package m\nfunc f() { db.Query("SELECT " + ' + "a +\n" * 30_000 + "b) }",
    "heredocs.rb": "".join(f"eval(<<~A{i})\n" for i in range(3_000)) + "A1\n" * 3_000,
    "open.rb": 'eval("#{' + "a\n" * 50_000,
    "chain.rb": "eval(params" + ".a\n" * 20_000 + ")",
    "append.java": "class A { void f() { sb" + ".append(a)\n" * 5_000 + "; st.execute(sb.toString()); } }",
    "same.go": "package m\nfunc f() {\n"
    + "".join(f"a{i} := a{i + 1} + a{i + 2}\n" for i in range(2_000))
    + "db.Query(a0)\n}\n",
    "bytes.rb": b"\xff\xfe\x00eval(params[:x])\x00\xff",
    "end.rb": "x = 1\n__END__\neval(params[:x])\n",
    "tags.erb": "<%= a %>\n" * 20_000 + "<%",
    "escape\x1b[2J\n.java": "class A { }",
}
WEAK = {
    "rb": ("z.rb", "def f\n  eval(params[:a])\nend\n", "ruby"),
    "erb": ("z.rb", "def f\n  eval(params[:a])\nend\n", "ruby"),
    "go": ("z.go", 'package m\nfunc f(r *http.Request) { exec.Command(r.FormValue("a")).Run() }\n', "go"),
    "java": (
        "z.java",
        'class Z { void f(HttpServletRequest request) { st.execute("select " + request.getParameter("a")); } }',
        "java",
    ),
}


@pytest.mark.parametrize("name", OTHERS)
def test_hostile_files_of_other_languages(tmp_path: Path, name: str) -> None:
    other, text, language = WEAK[name.rpartition(".")[2]]
    data = read_project(f"code_findings_{language}", make_project(tmp_path / "p", {name: OTHERS[name], other: text}))
    assert data.status in ("ok", "partial"), data.reason
    assert [row["path"] for row in rows_of(data) if row["path"] == other] == [other]
    assert name.startswith("end") is False or len(rows_of(data)) == 1, "what follows __END__ is no code"


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_cost_neither_the_audit_nor_the_other_files(tmp_path: Path, name: str) -> None:
    other = "z.php" if name.endswith("php") else "z.js"
    project = make_project(
        tmp_path / "p", {name: HOSTILE[name], other: "<?php eval($_GET['a']);" if other == "z.php" else EXEC}
    )
    data = read_project(f"code_findings_{'php' if other == 'z.php' else 'javascript'}", project)
    assert data.status in ("ok", "partial"), data.reason
    assert [row["path"] for row in rows_of(data) if row["path"] == other] == [other]
    if name.startswith("deep"):
        assert (data.status, name in str(data.reason)) == ("partial", True)


def test_a_large_file_is_named_not_searched(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"big.js": "let a = 1;\n" * 200_000, "z.js": EXEC})
    data = read_project("code_findings_javascript", project)
    assert data.status == "partial"
    assert "big.js is larger" in str(data.reason)
    assert [row["path"] for row in rows_of(data)] == ["z.js"]


PRESSED = "eval(req.query.a);" * 5_000


@pytest.mark.parametrize("tracked", [True, False])
def test_own_code_that_is_pressed_together_leaves_the_language_incomplete(tmp_path: Path, tracked: bool) -> None:
    project = make_project(tmp_path / "p", {"a.js": PRESSED, "z.js": EXEC}, git=tracked)
    data = read_project("code_findings_javascript", project)
    assert data.status == "partial"
    assert "a.js is pressed into long lines" in str(data.reason)
    assert [row["path"] for row in rows_of(data)] == ["z.js"]
    (row,) = project_rows("code_unsearched", project)
    assert (row["path"], row["why"], row["role"], row["engine"]) == ("a.js", "pressed", "code", "ast-grep")
    (ran,) = project_rows("code_engines", project)
    assert (ran["status"], "a.js" in ran["reason"]) == ("partial", True)


def test_pressed_code_of_others_is_told_and_leaves_the_answer_whole(tmp_path: Path) -> None:
    files = {"docs/a.js": PRESSED, "tests/b.js": PRESSED, "c.min.js": PRESSED, "node_modules/d.js": PRESSED}
    ignored = {".gitignore": "/made\n", "made/e.js": PRESSED, "z.js": EXEC}
    project = make_project(tmp_path / "p", {**files, **ignored})
    assert [row["path"] for row in project_rows("code_findings_javascript", project)] == ["z.js"]
    assert {(row["path"], row["why"]) for row in project_rows("code_unsearched", project)} >= {
        ("docs/a.js", "pressed"),
        ("tests/b.js", "pressed"),
    }
    skipped = {row["path"]: row["skipped"] for row in project_rows("project_files", project)}
    assert (skipped["c.min.js"], skipped["z.js"]) == ("minified", "")


def test_the_files_that_could_not_be_searched_are_in_a_table(tmp_path: Path) -> None:
    project = make_project(
        tmp_path / "p", {"deep.js": HOSTILE["deep.js"], "big.php": "<?php\n" + "$a = 1;\n" * 200_000}
    )
    rows = project_rows("code_unsearched", project)
    assert {(row["path"], row["why"]) for row in rows} == {("deep.js", "parser"), ("big.php", "large")}


LINE = "pip install 'secaudit[code]'"


@pytest.mark.parametrize("language", ["javascript", "php", "ruby", "go", "java", "csharp"])
def test_without_the_library_a_language_is_unknown_with_the_line_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    ending = {"javascript": "js", "ruby": "rb", "csharp": "cs"}.get(language, language)
    project = make_project(tmp_path / "p", {f"a.{ending}": "x\n", "b.py": "x = 1\n"})
    monkeypatch.setitem(sys.modules, "ast_grep_py", None)  # what makes `import ast_grep_py` fail
    data = read_project(f"code_findings_{language}", project)
    assert (data.status, LINE in str(data.reason)) == ("failed", True)
    rows = {(row["engine"], row["language"]): row for row in project_rows("code_engines", project)}
    assert (rows[("ast-grep", language)]["status"], LINE in rows[("ast-grep", language)]["reason"]) == ("missing", True)
    assert read_project("code_findings_python", project).status == "ok", "other languages are not touched"


def test_a_library_that_does_not_load_is_as_good_as_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken" / "ast_grep_py"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ImportError('made for another processor')\n")
    monkeypatch.syspath_prepend(str(broken.parent))
    data = read_project("code_findings_javascript", make_project(tmp_path / "p", {"z.js": EXEC}))
    assert (data.status, LINE in str(data.reason)) == ("failed", True)


def test_without_the_library_the_checks_are_unknown(tmp_path: Path) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "sitecustomize.py").write_text("import sys\nsys.modules['ast_grep_py'] = None\n")
    project = make_project(tmp_path / "p", {"a.rb": "x = 1\n", "b.js": "x\n"}, git=False)
    path = os.pathsep.join([str(tmp_path / "without"), *sys.path])
    done = secaudit(
        "audit", "--project", str(project), "--only", "ruby-tls-verified", "--only", "js-tls-verified", "--format", "json",
        "--no-save", state=tmp_path / "state", env={"PYTHONPATH": path},
    )  # fmt: skip
    results = json.loads(done.stdout)["results"]
    assert {(result["check"], result["status"]) for result in results} == {
        ("ruby-tls-verified", "unknown"),
        ("js-tls-verified", "unknown"),
    }
    assert all(LINE in json.dumps(result) for result in results)


def test_the_engine_says_what_it_did(tmp_path: Path) -> None:
    project = make_project(tmp_path / "p", {"a.ts": "1\n", "b.php": "<?php\n"})
    rows = {(row["engine"], row["language"]): row["status"] for row in project_rows("code_engines", project)}
    assert rows[("ast-grep", "javascript")] == rows[("ast-grep", "php")] == "ran"
