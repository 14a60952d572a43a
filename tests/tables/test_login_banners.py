from __future__ import annotations

import pytest

from tabletest import make_root, read_table, rows


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Debian GNU/Linux 12 \\n \\l\n", 1),
        ("Welcome to \\s \\r\n", 1),
        ("\\S\nKernel \\r on an \\m (\\l)\n", 1),
        ("Authorised use only. All activity is logged.\n\\d \\t\n", 0),
        ("My Own System\n", 1),
        ("", 0),
    ],
)
def test_a_banner_that_names_the_system_is_marked(tmp_path, text, tells):
    root = make_root(tmp_path, {"/etc/issue": text, "/etc/os-release": 'NAME="My Own System"\nID=my\n'})
    (row,) = rows("login_banners", root)
    assert (row["path"], row["when"], row["tells_system"]) == ("/etc/issue", "before", tells)
    assert row["line"] == (1 if tells else None)


def test_missing_files_are_no_rows_and_odd_ones_a_gap(tmp_path):
    root = make_root(tmp_path, {"/etc/motd": "hello there\n"})
    (root / "etc/issue").mkdir()
    data = read_table("login_banners", root)
    assert (data.status, [row[:3] for row in data.rows]) == ("partial", [("/etc/motd", "after", 2)])
