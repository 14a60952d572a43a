"""Every mistake in content gives one message with file, line, what is wrong, and the nearest right word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from secaudit.app.content import compile_selection, lint_content
from secaudit.content import library
from secaudit.content.select import select
from secaudit.errors import ContentError, NothingSelected, UsageError

CHECK = """\
id: acc-one
title: Only root has UID 0
fail_title: Another account has UID 0
severity: high
objective: accounts-unique
params: {allowed: {default: [root], hint: names}}
select: users
where: {uid: 0}
expect: {username: {in: $allowed}}
why: Another account with UID 0 is a second root.
verify: getent passwd 0
fix: {any: sudo usermod -u 1234 toor}
examples:
  healthy: {users: [{username: root, uid: 0}]}
  failing: {users: [{username: toor, uid: 0}]}
"""


def write(folder: Path, text: str, name: str = "acc-one") -> Path:
    path = folder / "checks" / "host" / "accounts" / f"{name}.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def load_and_compile(folder: Path) -> None:
    loaded = library.load([folder])
    compile_selection(loaded, select(loaded, "freelancer", only=["acc-*"]))


def problem(folder: Path) -> ContentError:
    with pytest.raises(ContentError) as caught:
        load_and_compile(folder)
    return caught.value


def test_the_sound_check_loads_and_lints(tmp_path: Path) -> None:
    write(tmp_path, CHECK)
    report = lint_content(["acc-one"], [tmp_path])
    assert report.errors == ()
    assert report.checked == 1


@pytest.mark.parametrize(
    ("old", "new", "line", "message", "fix"),
    [
        ("severity: high", "severity: hihg", 4, 'no severity "hihg"', 'did you mean "high"?'),
        ("severity: high", "severty: high", 4, 'no key "severty"', 'did you mean "severity"?'),
        ("select: users", "select: user", 7, 'no table "user"', 'did you mean "users"?'),
        ("where: {uid: 0}", "where: {uidd: 0}", 8, 'no column "uidd" in table users', 'did you mean "uid"?'),
        ("{in: $allowed}", "{not_inn: $allowed}", 9, 'no operator "not_inn"', 'did you mean "not_in"?'),
        ("{in: $allowed}", "{in: $alowed}", 9, 'no parameter "alowed"', 'did you mean "allowed"?'),
        ("objective: accounts-unique", "objective: accounts-uniqe", 5, 'no objective "accounts-uniqe"', 'did you mean "accounts-unique"?'),
        ("id: acc-one", "id: acc-two", 1, 'not the file name "acc-one"', "rename the file to acc-two.yaml"),
        ("title: Only root has UID 0", "title: " + "x" * 76, 2, "76 characters, the limit is 75", "say it shorter"),
        ("why: Another", "id: again\nwhy: Another", 10, 'the key "id" is here twice', None),
        ("  failing: {users: [{username: toor, uid: 0}]}\n", "", 13, 'the key "failing" is missing', "add failing: ..."),
        ("verify: getent passwd 0\n", "", 1, 'the key "verify" is missing', "add verify: ..."),
        ("{username: root, uid: 0}", "{usernam: root, uid: 0}", 14, 'no column "usernam"', 'did you mean "username"?'),
        ("where: {uid: 0}", "where: {uid: 0640}", 8, None, None),
        ("fix: {any:", "fix: {debain:", 12, 'no family "debain"', None),
        ("$allowed}", "[root]}", 6, 'the parameter "allowed" is never used', "remove it"),
        ("severity: high", "severity: high\nrole: detremines", 5, 'no role "detremines"', 'did you mean "determines"?'),
    ],
)  # fmt: skip
def test_each_mistake_says_where_and_what(
    tmp_path: Path, old: str, new: str, line: int, message: str | None, fix: str | None
) -> None:
    assert old in CHECK
    write(tmp_path, CHECK.replace(old, new, 1))
    if message is None:  # YAML 1.1 would read 0640 as 416; here it is text, and not a wrong number
        loaded = library.load([tmp_path])
        assert loaded.checks["acc-one"].value.where == {"uid": "0640"}
        return
    if "examples" in message or "usernam" in message:
        errors = lint_content(["acc-one"], [tmp_path]).errors
        assert len(errors) == 1
        error = errors[0]
    else:
        error = problem(tmp_path)
    assert re.search(rf"acc-one\.yaml:{line}: ", error.message), error.message
    assert message in error.message
    if fix is not None:
        assert ("fix", fix) in error.hints


def test_a_duplicate_id_names_both_files(tmp_path: Path) -> None:
    write(tmp_path, CHECK)
    other = tmp_path / "checks" / "host" / "other" / "acc-one.yaml"
    other.parent.mkdir(parents=True)
    other.write_text(CHECK, encoding="utf-8")
    with pytest.raises(ContentError) as caught:
        library.load(base=tmp_path)
    assert 'the id "acc-one" is used twice' in caught.value.message
    assert any(label == "also in" for label, _ in caught.value.hints)


def test_the_users_own_content_wins_by_id_and_is_named(tmp_path: Path) -> None:
    write(tmp_path, CHECK)
    second = tmp_path / "second"
    write(second, CHECK.replace("severity: high", "severity: low"))
    loaded = library.load([tmp_path, second])
    assert loaded.checks["acc-one"].value.severity == "low"
    assert [name for name, _ in loaded.overlaid] == ["check acc-one", "check acc-one"]


def test_a_published_id_that_vanished_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, CHECK)
    (tmp_path / "checks" / "ids.txt").write_text("acc-one\nacc-old\n", encoding="utf-8")
    messages = [error.message for error in lint_content((), [tmp_path]).errors]
    assert any("ids.txt:2" in text and '"acc-old" is gone' in text for text in messages)


def test_unknown_profiles_standards_and_patterns_are_named(tmp_path: Path) -> None:
    own = write(tmp_path, CHECK)
    loaded = library.load([own])
    with pytest.raises(UsageError, match='no profile "freelancr"'):
        select(loaded, "freelancr")
    with pytest.raises(UsageError, match='no standard "iso27001-2023"'):
        select(library.load([own]), "freelancer", standards=["iso27001-2023"])
    with pytest.raises(UsageError, match='no check fits "shs-"'):
        select(loaded, "freelancer", only=["shs-"])
    with pytest.raises(NothingSelected):
        select(loaded, "freelancer", skip=["*"])


def test_a_missing_content_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no such folder"):
        library.load([tmp_path / "nowhere"])


def test_rules_of_tables_count_for_the_digest_and_are_no_checks(tmp_path: Path) -> None:
    rules = tmp_path / "checks" / "project" / "_rules"
    rules.mkdir(parents=True)
    before = library.load([tmp_path])
    (rules / "one.yaml").write_text("weakness: xss\n")
    first = library.load([tmp_path])
    (rules / "one.yaml").write_text("weakness: xxe\n")
    second = library.load([tmp_path])
    assert len({before.sha256, first.sha256, second.sha256}) == 3
    assert len(second.checks) == len(before.checks)
