from __future__ import annotations

from tabletest import make_root, rows


def test_every_folder_above_a_path_is_a_step(tmp_path):
    root = make_root(tmp_path, {"/srv/app/run.sh": ""}, {"/srv/app": 0o777, "/srv": 0o1777})
    found = rows("path_chain", root, ("/srv/app/run.sh", "/srv/*/run.sh", "/srv/none"))
    assert [(row["step"], row["component"], row["other_write"], row["sticky"]) for row in found] == [
        (0, "/", 0, 0),
        (1, "/srv", 1, 1),
        (2, "/srv/app", 1, 0),
    ]


def test_the_folders_behind_a_link_are_steps_too(tmp_path):
    root = make_root(tmp_path, {"/home/x/key": ""}, {"/home/x": 0o757})
    (root / "etc/key").symlink_to("/home/x/key")
    found = rows("path_chain", root, ("/etc/key",))
    assert [row["component"] for row in found] == ["/", "/etc", "/home", "/home/x"]
    assert [row["other_write"] for row in found] == [0, 0, 0, 1]


def test_a_folder_that_is_a_link_says_so(tmp_path):
    root = make_root(tmp_path, {"/usr/bin/su": ""})
    (root / "bin").symlink_to("usr/bin")
    found = rows("path_chain", root, ("/bin/su",))
    assert [(row["component"], row["is_link"]) for row in found] == [
        ("/", 0),
        ("/bin", 1),
        ("/usr", 0),
        ("/usr/bin", 0),
    ]
