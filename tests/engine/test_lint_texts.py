"""The static rules of the linter look at the SQL as SQLite reads it: texts hold no comment, and comments hold no text."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runprogram import secaudit
from secaudit.engine.lint import without_texts


@pytest.mark.parametrize(
    ("sql", "bare"),
    [
        ("SELECT '--x' AS a, coalesce(b, 1) AS pass", "SELECT '' AS a, coalesce(b, 1) AS pass"),
        ("SELECT '/* x' AS a, iif(b, 1, 0), '*/'", "SELECT '' AS a, iif(b, 1, 0), ''"),
        ("SELECT 1 -- it's\n, coalesce(b, 1) AS c -- it's", "SELECT 1  \n, coalesce(b, 1) AS c  "),
        ("SELECT /* don't */ ifnull(b, 1) /* won't */", "SELECT   ifnull(b, 1)  "),
        ("SELECT 'it''s --', \"a -- b\", 1", "SELECT '', \"a -- b\", 1"),
        ("SELECT 1 /* never closed ELSE", "SELECT 1  "),
    ],
)
def test_what_begins_first_decides(sql: str, bare: str) -> None:
    assert without_texts(sql) == bare


def test_sqlite_reads_it_the_same_way() -> None:
    """`--` in a text is no comment: what follows is part of the statement."""
    sql = "SELECT '--x' || coalesce(NULL, 'seen') /* ' */ || 'it''s' -- '"
    assert sqlite3.connect(":memory:").execute(sql).fetchone() == ("--xseenit's",)
    assert "coalesce(" in without_texts(sql)


CHECK = """\
id: shells-known
title: No account has a shell
fail_title: An account has a shell
severity: low
objective: accounts-unique
sql: |
  SELECT username AS resource, '--x' AS expected, coalesce(shell, '') = '' AS pass FROM users
why: Because.
verify: getent passwd
fix: {any: 'sudo true'}
examples:
  healthy: {users: [{username: a, shell: ''}]}
  failing: {users: [{username: a, shell: /bin/sh}]}
"""


def test_a_construct_behind_such_a_text_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "content" / "checks" / "host" / "accounts" / "shells-known.yaml"
    place.parent.mkdir(parents=True)
    place.write_text(CHECK)
    done = secaudit("checks", "lint", "shells-known", "--content", str(tmp_path / "content"), state=tmp_path)
    assert done.returncode != 0
    assert "coalesce, ifnull and iif turn what could not be read into a value" in done.stdout + done.stderr
