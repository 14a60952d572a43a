"""integrity_tools and integrity_coverage: who notices changed files, and which ones."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import NOW_S, make_root, read_table, rows

UNITS = "/usr/lib/systemd/system"
BOOT = {
    "/usr/lib/systemd/systemd": "",
    f"{UNITS}/default.target": "[Unit]\nRequires=sysinit.target timers.target\n",
    f"{UNITS}/sysinit.target": "[Unit]\n",
    f"{UNITS}/timers.target": "[Unit]\n",
}
TIMER = {
    f"{UNITS}/dailyaidecheck.timer": "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
    f"{UNITS}/dailyaidecheck.service": "[Service]\nExecStart=/usr/share/aide/bin/dailyaidecheck --systemdservice\n",
}
PROGRAMS = {"/usr/bin/aide": "#!", "/usr/bin/ls": "x", "/etc/hosts": ""}
EXECUTABLE = {"/usr/bin/aide": 0o755}


def aide_root(tmp_path: Path, config: str, files: dict[str, str | bytes] | None = None) -> Path:
    root = make_root(tmp_path, {**PROGRAMS, "/etc/aide/aide.conf": config, **(files or {})}, EXECUTABLE)
    if not (root / "bin").exists():
        (root / "bin").symlink_to("usr/bin")
    return root


def covered(
    tmp_path: Path, config: str, files: dict[str, str | bytes] | None = None
) -> dict[str, tuple[object, object]]:
    found = rows("integrity_coverage", aide_root(tmp_path, config, files))
    return {str(row["path"]): (row["covered"], row["contents"]) for row in found}


def tool(root: Path) -> dict[str, str | int | None]:
    return rows("integrity_tools", root)[0]


# ---------------------------------------------------------------- tools


def test_no_tool_is_absent(tmp_path: Path) -> None:
    assert read_table("integrity_tools", make_root(tmp_path, {})).status == "absent"


def test_a_timer_counts_when_it_starts_at_boot(tmp_path: Path) -> None:
    root = aide_root(tmp_path, "database_in=file:/srv/a.db\n", {**BOOT, **TIMER})
    assert (tool(root)["schedule"], tool(root)["database"], tool(root)["has_database"]) == ("", "/srv/a.db", 0)
    wants = root / "etc/systemd/system/timers.target.wants"
    wants.mkdir(parents=True)
    (wants / "dailyaidecheck.timer").symlink_to(f"{UNITS}/dailyaidecheck.timer")
    assert tool(root)["schedule"] == "dailyaidecheck.timer"


def test_the_database_has_an_age_and_an_empty_one_does_not_count(tmp_path: Path) -> None:
    import os

    root = aide_root(tmp_path, "@@define DB /srv/db\ndatabase=file:@@{DB}/a.db\n", {"/srv/db/a.db": "x"})
    os.utime(root / "srv/db/a.db", (NOW_S - 10 * 86_400, NOW_S - 10 * 86_400))
    assert (tool(root)["has_database"], tool(root)["database_age_days"]) == (1, 10)
    (root / "srv/db/a.db").write_text("")
    assert (tool(root)["has_database"], tool(root)["database_age_days"]) == (0, -1)


@pytest.mark.parametrize(
    ("files", "schedule"),
    [
        ({"/etc/crontab": "0 5 * * * root /usr/sbin/aide --check\n"}, "/etc/crontab"),
        ({"/etc/crontab": "0 5 * * * root /usr/bin/aide --init\n"}, ""),
        ({"/etc/crontab": "#0 5 * * * root /usr/sbin/aide --check\n"}, ""),
        (
            {"/etc/cron.daily/aide": "#!/bin/sh\n/usr/share/aide/bin/dailyaidecheck --crondaily\n"},
            "/etc/cron.daily/aide",
        ),
        (
            {
                "/usr/lib/systemd/systemd": "",
                "/etc/cron.daily/aide": "#!/bin/sh\nif [ -d /run/systemd/system ]; then\n    exit 0\nfi\ndailyaidecheck\n",
            },
            "",
        ),
    ],
)
def test_jobs_of_cron(tmp_path: Path, files: dict[str, str | bytes], schedule: str) -> None:
    root = make_root(
        tmp_path,
        {**PROGRAMS, "/etc/aide.conf": "", "/usr/sbin/cron": "#!", **files},
        {**EXECUTABLE, "/usr/sbin/cron": 0o755},
    )
    if (root / "etc/cron.daily/aide").exists():
        (root / "etc/cron.daily/aide").chmod(0o755)
    assert tool(root)["schedule"] == schedule


@pytest.mark.parametrize(("word", "schedule"), [("never", ""), ("daily", "/etc/cron.daily/debsums")])
def test_debsums_does_nothing_unless_told(tmp_path: Path, word: str, schedule: str) -> None:
    root = make_root(
        tmp_path,
        {
            "/usr/bin/debsums": "#!",
            "/usr/sbin/cron": "#!",
            "/etc/default/debsums": f"CRON_CHECK={word}\n",
            "/etc/cron.daily/debsums": "#!/bin/sh\n/usr/bin/debsums -cs\n",
        },
        {"/usr/bin/debsums": 0o755, "/usr/sbin/cron": 0o755, "/etc/cron.daily/debsums": 0o755},
    )
    assert (tool(root)["tool"], tool(root)["schedule"]) == ("debsums", schedule)


# ---------------------------------------------------------------- coverage

BOTH = {"/etc/passwd", "/etc/hosts", "/usr/bin/ls", "/usr/bin/aide", "/etc/aide/aide.conf"}
CASES = [
    ("Full = p+u+g+sha512\n/etc Full\n/usr/bin Full\n", {"/etc/passwd": (1, 1), "/usr/bin/ls": (1, 1)}),
    ("/etc p+md5\n/usr R-md5+sha256\n", {"/etc/passwd": (1, 0), "/usr/bin/ls": (1, 1)}),
    ("/etc/passwd$ H\n", {"/etc/passwd": (1, 1), "/etc/hosts": (0, 0)}),
    ("/etc H\n!/etc/hosts$\n", {"/etc/passwd": (1, 1), "/etc/hosts": (0, 0)}),
    ("/ H\n!/usr\n", {"/etc/passwd": (1, 1), "/usr/bin/ls": (0, 0)}),
    ("/ H\n!/usr/b[[:lower:]]+/ls$\n", {"/etc/passwd": (1, 1), "/usr/bin/ls": (0, 0)}),
    ("=/etc H\n", {"/etc/passwd": (0, 0)}),
    ("@@define X etc\n/@@{X} H\n", {"/etc/passwd": (1, 1), "/usr/bin/ls": (0, 0)}),
    ("@@define X 1\n@@ifdef X\n/etc H\n@@else\n/usr H\n@@endif\n", {"/etc/passwd": (1, 1), "/usr/bin/ls": (0, 0)}),
    ("@@ifndef Y\n/etc H\n@@endif\n", {"/etc/passwd": (1, 1)}),
    ("/etc md5\n/etc/passwd H\n", {"/etc/passwd": (1, 1), "/etc/hosts": (1, 0)}),  # the deeper folder is asked first
    ("/etc/passwd p\n/etc/passwd$ H\n", {"/etc/passwd": (1, 0)}),  # in one folder the first that fits
    ("/etc/pass.* p\n/etc/passwd H\n", {"/etc/passwd": (1, 0)}),
    ("/e.*/passwd$ H\n/etc/p p\n", {"/etc/passwd": (1, 0)}),  # what stands behind the first sign does not count
    ("/etc/passwd H\n=/etc/passwd$ md5\n", {"/etc/passwd": (1, 0)}),  # those with = come first,
    ("=/e.*/passwd$ md5\n/ H\n", {"/etc/passwd": (1, 1)}),  # but only in the file's own folder
    ("/etc/a\\w+ p\n/etc/aide/aide\\.conf H\n", {"/etc/aide/aide.conf": (1, 1)}),
]


@pytest.mark.parametrize(("config", "expected"), CASES)
def test_which_files_are_taken(tmp_path: Path, config: str, expected: dict[str, tuple[int, int]]) -> None:
    found = covered(tmp_path, config)
    assert {path: found[path] for path in expected} == expected
    assert set(found) == BOTH


@pytest.mark.skipif(shutil.which("aide") is None, reason="aide is not installed")
@pytest.mark.parametrize(("config", "expected"), CASES)
def test_aide_itself_takes_the_same_files(tmp_path: Path, config: str, expected: dict[str, tuple[int, int]]) -> None:
    path = tmp_path / "aide.conf"
    path.write_text(config)
    root = aide_root(tmp_path / "root", config)
    for name, (is_covered, _) in expected.items():
        argv = ["aide", "--config", str(path), "--path-check", f"f:{name}"]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert (done.returncode == 0) == bool(is_covered), (argv, done.stdout, done.stderr)
        if is_covered and "rule: " in done.stdout:
            (row,) = (row for row in rows("integrity_coverage", root) if row["path"] == name)
            assert f": '{row['rule']}')" in done.stdout


def test_a_rule_that_cannot_be_told_leaves_strong_contents_open(tmp_path: Path) -> None:
    found = covered(tmp_path, "/ H\n/@@{UNKNOWN}/hosts md5\n/etc/p(a|a|[a-z]+)*!$ p\n")
    assert found["/etc/hosts"] == (1, None)
    assert found["/etc/passwd"] == (1, None)
    assert found["/usr/bin/ls"] == (1, 1)


def test_included_folders_and_programs(tmp_path: Path) -> None:
    config = "@@x_include /etc/aide/aide.conf.d ^[a-z_0-9]+$\n"
    root = aide_root(
        tmp_path,
        config,
        {
            "/etc/aide/aide.conf.d/99_root": "/ H\n",
            "/etc/aide/aide.conf.d/10_host": "#!/bin/sh\necho '@@define HOST x'\n",
            "/etc/aide/aide.conf.d/50_x.bak": "!/etc\n",
        },
    )
    (root / "etc/aide/aide.conf.d/10_host").chmod(0o755)
    found = {str(row["path"]): row["covered"] for row in rows("integrity_coverage", root)}
    assert (found["/etc/passwd"], found["/usr/bin/ls"]) == (1, 1)
    (root / "etc/aide/aide.conf.d/10_host").write_text("#!/bin/sh\necho '!/etc/passwd$'\n")
    found = {str(row["path"]): row["covered"] for row in rows("integrity_coverage", root)}
    assert (found["/etc/passwd"], found["/usr/bin/ls"]) == (None, 1)


def test_names_that_cannot_be_filled_in_leave_doubt_only_where_they_fit(tmp_path: Path) -> None:
    found = covered(tmp_path, "/ H\n!/@@{UNKNOWN}/hosts$\n!/@@{RUN}/lock$\n")
    assert (found["/etc/hosts"][0], found["/etc/passwd"][0]) == (None, 1)


def test_conditions_about_the_machine_leave_doubt(tmp_path: Path) -> None:
    found = covered(tmp_path, "/ H\n@@ifhost other\n!/etc\n@@endif\n")
    assert (found["/etc/passwd"][0], found["/usr/bin/ls"][0]) == (None, 1)


def test_expressions_that_never_end_are_not_evaluated(tmp_path: Path) -> None:
    found = covered(tmp_path, "/ H\n!/etc/p(a|a|[a-z]+)*!$\n!/usr/[[\n")
    assert (found["/etc/passwd"][0], found["/etc/hosts"][0], found["/usr/bin/ls"][0]) == (None, 1, None)


def test_a_file_that_includes_itself_ends(tmp_path: Path) -> None:
    root = aide_root(tmp_path, "/ H\n@@include /etc/aide/aide.conf\n")
    assert read_table("integrity_coverage", root).status == "partial"


def test_an_unreadable_part_makes_the_table_partial(tmp_path: Path) -> None:
    root = aide_root(tmp_path, "/ H\n@@include /etc/aide/missing.conf\n")
    assert read_table("integrity_coverage", root).status == "partial"


def test_without_aide_nothing_is_said(tmp_path: Path) -> None:
    assert read_table("integrity_coverage", make_root(tmp_path, {"/etc/aide.conf": "/ H\n"})).status == "absent"
