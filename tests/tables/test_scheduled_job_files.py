from __future__ import annotations

import os
from pathlib import Path

import pytest

from secaudit.tables.host._jobwords import files_of
from tabletest import make_root, read_table, rows

CRON = {"/usr/sbin/cron": "", "/bin/sh": "", "/etc/group": "root:x:0:\nstaff:x:50:\ndev:x:60:ayesha\n"}


def cron_root(folder: Path, files: dict, modes: dict | None = None) -> Path:
    return make_root(folder, {**CRON, **files}, {"/usr/sbin/cron": 0o755, "/bin/sh": 0o755, **(modes or {})})


def found_for(root: Path, path: str) -> dict:
    (row,) = [row for row in rows("scheduled_job_files", root) if row["path"] == path]
    return row


def test_a_script_that_all_may_write_is_told_with_the_job(tmp_path):
    root = cron_root(
        tmp_path, {"/etc/crontab": "\n0 3 * * * root /opt/b.sh -q\n", "/opt/b.sh": ""}, {"/opt/b.sh": 0o757}
    )
    row = found_for(root, "/opt/b.sh")
    assert (row["job"], row["other_write"], row["chain_writable"], row["weak_place"], row["line"]) == (
        "/etc/crontab:2",
        1,
        0,
        "/opt/b.sh",
        2,
    )


def test_a_folder_above_that_others_may_write_counts_unless_it_is_sticky(tmp_path):
    line = "0 3 * * * root /srv/open/a; /srv/sticky/b\n"
    root = cron_root(
        tmp_path,
        {"/etc/crontab": line, "/srv/open/a": "", "/srv/sticky/b": ""},
        {"/srv/open/a": 0o755, "/srv/sticky/b": 0o755, "/srv/open": 0o777, "/srv/sticky": 0o1777},
    )
    assert (found_for(root, "/srv/open/a")["chain_writable"], found_for(root, "/srv/open/a")["weak_place"]) == (
        1,
        "/srv/open",
    )
    assert found_for(root, "/srv/sticky/b")["chain_writable"] == 0


def test_a_script_in_a_persons_home_can_be_changed_by_that_person(tmp_path):
    root = cron_root(tmp_path, {"/etc/crontab": "@daily root sh /home/ayesha/b.sh\n", "/home/ayesha/b.sh": ""})
    os.chown(root / "home/ayesha", 1000, 1000)
    os.chown(root / "home/ayesha/b.sh", 1000, 1000)
    row = found_for(root, "/home/ayesha/b.sh")
    assert (row["foreign_owner"], row["chain_writable"]) == (1, 1)


def test_the_folders_behind_a_link_count(tmp_path):
    root = cron_root(
        tmp_path, {"/etc/crontab": "@daily root /opt/run\n", "/srv/x/run": ""}, {"/srv/x/run": 0o755, "/srv/x": 0o777}
    )
    (root / "opt").mkdir()
    (root / "opt/run").symlink_to("/srv/x/run")
    assert found_for(root, "/opt/run")["weak_place"] == "/srv/x"


def test_a_group_counts_only_when_somebody_is_in_it(tmp_path):
    root = cron_root(
        tmp_path,
        {"/etc/crontab": "@daily root /opt/a\n@daily root /opt/b\n", "/opt/a": "", "/opt/b": ""},
        {"/opt/a": 0o775, "/opt/b": 0o775},
    )
    os.chown(root / "opt/a", 0, 50)
    os.chown(root / "opt/b", 0, 60)
    assert [found_for(root, path)["group_write"] for path in ("/opt/a", "/opt/b")] == [0, 1]


def test_jobs_of_other_people_are_not_asked(tmp_path):
    root = cron_root(tmp_path, {"/etc/crontab": "@daily ayesha /opt/a\n", "/opt/a": ""}, {"/opt/a": 0o777})
    assert rows("scheduled_job_files", root) == []


def test_folders_of_the_path_are_told_and_missing_ones_left_out(tmp_path):
    root = cron_root(
        tmp_path,
        {"/etc/crontab": "PATH=/opt/none:/opt/bin:/usr/sbin\n@daily root tool\n", "/opt/bin/tool": ""},
        {"/opt/bin/tool": 0o755, "/opt/bin": 0o777},
    )
    found = rows("scheduled_job_files", root)
    assert [(row["kind"], row["path"]) for row in found] == [
        ("program", "/opt/bin/tool"),
        ("search folder", "/opt/bin"),
        ("search folder", "/usr/sbin"),
    ]
    assert [row["weak_place"] for row in found] == ["/opt/bin", "/opt/bin", ""]


def test_programs_of_timers_that_start_at_boot_count_when_root_runs_them(tmp_path):
    folder = "/usr/lib/systemd/system"
    files = {f"{folder}/timers.target": "[Unit]\nDescription=x\n"}
    for name, extra in (("a", ""), ("b", "User=www-data\n"), ("c", "")):
        files[f"{folder}/{name}.timer"] = "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n"
        files[f"{folder}/{name}.service"] = (
            f"[Service]\n{extra}ExecStart=-/opt/{name} --x\nExecStartPre=+/opt/pre-{name}\n"
        )
        files[f"/opt/{name}"] = files[f"/opt/pre-{name}"] = ""
    root = make_root(tmp_path, files, {path: 0o755 for path in files if path.startswith("/opt")})
    wants = root / "etc/systemd/system/timers.target.wants"
    wants.mkdir(parents=True)
    for name in "ab":
        (wants / f"{name}.timer").symlink_to(f"{folder}/{name}.timer")
    found = rows("scheduled_job_files", root)
    assert sorted((row["job"], row["path"]) for row in found) == [
        ("a.timer", "/opt/a"),
        ("a.timer", "/opt/pre-a"),
        ("b.timer", "/opt/pre-b"),
    ]


def test_without_cron_and_systemd_it_is_absent(tmp_path):
    assert read_table("scheduled_job_files", make_root(tmp_path, {})).status == "absent"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/opt/run -c /etc/conf", ["/opt/run"]),
        ("python3 /opt/app.py --all", ["/usr/bin/python3", "/opt/app.py"]),
        ("cd /opt && ./run >/dev/null 2>&1", ["/opt/run"]),
        ("cd /opt && sh app.py", ["/opt/app.py"]),
        ("[ -x /opt/run ] && /opt/run", ["/opt/run"]),
        ("if [ -x /opt/run ]; then /opt/run; fi", ["/opt/run"]),
        ("FOO=/opt/app.py nice -n 5 '/opt/run'", ["/opt/run"]),
        ("run-parts --report /opt/parts", ["/opt/parts/one"]),
        ("echo x > /opt/run", []),
        ("$HOME/x; /opt/*.sh", []),
        ("(/opt/run; python3 /opt/app.py) | cat", ["/opt/run", "/usr/bin/python3", "/opt/app.py"]),
    ],
)
def test_programs_and_scripts_are_found_in_a_command(tmp_path, command, expected):
    from secaudit.targets.recorder import Cache, Recorder
    from secaudit.targets.root import RootAccess

    root = make_root(
        tmp_path,
        {
            "/opt/run": "",
            "/opt/app.py": "",
            "/etc/conf": "",
            "/opt/parts/one": "",
            "/opt/parts/off": "",
            "/usr/bin/python3": "",
        },
        {"/opt/run": 0o755, "/opt/parts/one": 0o755, "/usr/bin/python3": 0o755},
    )
    target = Recorder(RootAccess(str(root)), Cache(), 0, 1e18)
    assert list(files_of(target, command, "/usr/bin:/bin", [])) == expected
