from __future__ import annotations

from tabletest import make_root, read_table, rows


def test_every_pattern_has_at_least_one_row(tmp_path):
    root = make_root(tmp_path, {"/etc/x": "", "/root/.profile": ""})
    (root / "home/ayesha").mkdir(parents=True)
    found = rows("paths", root, ("/etc/x", "/etc/none", "/no/*/such", "~/.profile", "~/.rhosts"))
    assert [(row["pattern"], row["path"], row["state"]) for row in found] == [
        ("/etc/x", "/etc/x", "present"),
        ("/etc/none", "/etc/none", "absent"),
        ("/no/*/such", "/no/*/such", "absent"),
        ("~/.profile", "/root/.profile", "present"),
        ("~/.profile", "/home/ayesha/.profile", "absent"),
        ("~/.rhosts", "/root/.rhosts", "absent"),
        ("~/.rhosts", "/home/ayesha/.rhosts", "absent"),
    ]


def test_without_any_home_a_tilde_pattern_is_absent(tmp_path):
    root = make_root(tmp_path, {})
    assert [(row["path"], row["state"]) for row in rows("paths", root, ("~/.rhosts",))] == [("~/.rhosts", "absent")]


def test_a_file_where_a_folder_was_expected_is_absent(tmp_path):
    root = make_root(tmp_path, {"/etc/x": ""})
    assert [row["state"] for row in rows("paths", root, ("/etc/x/y",))] == ["absent"]


def test_asking_for_nothing_gives_nothing(tmp_path):
    assert read_table("paths", make_root(tmp_path, {}), ()).rows == ()
