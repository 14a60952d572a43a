"""auto_update: whether updates really install themselves."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from apt_real import status

from tabletest import make_root, read_table, rows

D = "/etc/apt/apt.conf.d/"
ON = 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n'
RULES = (
    "Unattended-Upgrade::Origins-Pattern {\n"
    '  "origin=Debian,codename=${distro_codename},label=Debian";\n'
    '  "origin=Debian,codename=${distro_codename}-security,label=Debian-Security";\n};\n'
)
FILES: dict[str, str | bytes] = {
    "/etc/os-release": 'NAME="Debian GNU/Linux"\nID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    "/etc/apt/sources.list": (
        "deb http://ftp.debian.org/debian bookworm main\n"
        "deb http://ftp.debian.org/debian-security bookworm-security main\n"
    ),
    "/var/lib/dpkg/status": status("dpkg", "1") + status("unattended-upgrades", "2.9.1"),
    D + "20auto-upgrades": ON,
    D + "50unattended-upgrades": RULES,
    "/lib/systemd/system/apt-daily.timer": "[Timer]\n",
    "/lib/systemd/system/apt-daily-upgrade.timer": "[Timer]\n",
}
WANTS = "etc/systemd/system/timers.target.wants"


def made(tmp_path: Path, changes: dict[str, str] | None = None, timers: bool = True) -> dict[str, object]:
    root = make_root(tmp_path, FILES | (changes or {}))
    if timers:
        (root / WANTS).mkdir(parents=True, exist_ok=True)
        for timer in ("apt-daily.timer", "apt-daily-upgrade.timer"):
            (root / WANTS / timer).symlink_to(f"/lib/systemd/system/{timer}")
    return dict(rows("auto_update", root)[0])


def test_switched_on_and_scheduled_is_enabled(tmp_path: Path) -> None:
    row = made(tmp_path)
    assert (row["enabled"], row["installs"], row["scheduled"], row["refreshes_lists"], row["interval_days"]) == (
        1,
        1,
        1,
        1,
        1,
    )
    assert (row["covers_security"], row["path"], row["line"]) == (1, D + "20auto-upgrades", 2)


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        ({"/var/lib/dpkg/status": status("dpkg", "1")}, "is not installed"),
        ({D + "99": 'APT::Periodic::Unattended-Upgrade "0";\n'}, "Unattended-Upgrade is off"),
        ({D + "99": 'APT::Periodic::Enable "0";\n'}, "Unattended-Upgrade is off"),
        ({D + "99": "#clear APT::Periodic;\n"}, "Unattended-Upgrade is off"),
        ({D + "99": 'APT::Periodic::Update-Package-Lists "0";\n'}, "lists are not fetched"),
    ],
)
def test_each_missing_piece_switches_it_off(tmp_path: Path, changes: dict[str, str], detail: str) -> None:
    row = made(tmp_path, changes)
    assert row["enabled"] == 0
    assert detail in str(row["detail"])


def test_without_timers_nothing_starts_it(tmp_path: Path) -> None:
    row = made(tmp_path, timers=False)
    assert (row["enabled"], row["scheduled"]) == (0, 0)


def test_masked_timer_does_not_start_it(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "etc/systemd/system/apt-daily-upgrade.timer").symlink_to("/dev/null")
    assert rows("auto_update", tmp_path)[0]["enabled"] == 0


def test_a_link_without_its_timer_starts_nothing(tmp_path: Path) -> None:
    made(tmp_path)
    (tmp_path / "lib/systemd/system/apt-daily-upgrade.timer").unlink()
    assert rows("auto_update", tmp_path)[0]["enabled"] == 0


def test_without_systemd_cron_starts_it(tmp_path: Path) -> None:
    row = made(tmp_path, {"/etc/cron.daily/apt-compat": "#!/bin/sh\n", "/usr/sbin/cron": ""}, timers=False)
    assert row["enabled"] == 0  # cron is not executable
    (tmp_path / "usr/sbin/cron").chmod(0o755)
    assert rows("auto_update", tmp_path)[0]["enabled"] == 1


@pytest.mark.parametrize(
    ("text", "days"), [("7", 7), ("2d", 2), ("36h", 1), ("always", 1), ("0", None), ("x", None), ("1w", None)]
)
def test_interval_is_read_as_apts_job_reads_it(tmp_path: Path, text: str, days: int | None) -> None:
    assert made(tmp_path, {D + "99": f'APT::Periodic::Unattended-Upgrade "{text}";\n'})["interval_days"] == days


@pytest.mark.parametrize(
    ("rules", "covers"),
    [
        (RULES, 1),
        ("", 0),
        ('Unattended-Upgrade::Origins-Pattern { "origin=Debian,codename=${distro_codename},label=Debian"; };', 0),
        ('Unattended-Upgrade::Origins-Pattern { "o=*"; };', 1),
        ('Unattended-Upgrade::Origins-Pattern { "origin=Debian,archive=oldstable-security"; };', None),
        ('Unattended-Upgrade::Origins-Pattern { "origin=Debian,archive=x,label=Other"; };', 0),
    ],
)
def test_rules_must_let_in_the_security_archive(tmp_path: Path, rules: str, covers: int | None) -> None:
    assert made(tmp_path, {D + "50unattended-upgrades": rules})["covers_security"] == covers


def test_rules_of_ubuntu(tmp_path: Path) -> None:
    changes = {
        "/etc/os-release": 'NAME="Ubuntu"\nID=ubuntu\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n',
        "/etc/apt/sources.list": "",
        "/etc/apt/sources.list.d/ubuntu.sources": (
            "Types: deb\nURIs: http://archive.ubuntu.com/ubuntu\nSuites: noble noble-updates\nComponents: main\n\n"
            "Types: deb\nURIs: http://security.ubuntu.com/ubuntu\nSuites: noble-security\nComponents: main\n"
        ),
        D + "50unattended-upgrades": (
            'Unattended-Upgrade::Allowed-Origins { "${distro_id}:${distro_codename}";'
            ' "${distro_id}:${distro_codename}-security"; };\n'
        ),
    }
    assert made(tmp_path, changes)["covers_security"] == 1


def test_last_run_is_when_the_stamp_was_written(tmp_path: Path) -> None:
    stamp = "/var/lib/apt/periodic/unattended-upgrades-stamp"
    root = make_root(tmp_path, FILES | {stamp: ""})
    os.utime(root / stamp.lstrip("/"), (1_790_000_000, 1_790_000_000))
    assert rows("auto_update", root)[0]["last_run_s"] == 1_790_000_000


def dnf(tmp_path: Path, config: str, timer: str | None) -> dict[str, object]:
    files = {
        "/etc/dnf/dnf.conf": "",
        "/etc/dnf/automatic.conf": config,
        "/usr/lib/systemd/system/dnf-automatic.timer": "[Timer]\n",
        "/usr/lib/systemd/system/dnf-automatic-install.timer": "[Timer]\n",
    }
    root = make_root(tmp_path, files)
    if timer:
        (root / WANTS).mkdir(parents=True)
        (root / WANTS / timer).symlink_to(f"/usr/lib/systemd/system/{timer}")
    return dict(rows("auto_update", root)[0])


@pytest.mark.parametrize(
    ("config", "timer", "enabled"),
    [
        ("[commands]\napply_updates = yes\nupgrade_type = security\n", "dnf-automatic.timer", 1),
        ("[commands]\napply_updates = no\n", "dnf-automatic.timer", 0),
        ("[commands]\napply_updates = no\n", "dnf-automatic-install.timer", 1),
        ("[commands]\napply_updates = yes\n", None, 0),
        ("[emitters]\napply_updates = yes\n", "dnf-automatic.timer", 0),
    ],
)
def test_dnf_automatic(tmp_path: Path, config: str, timer: str | None, enabled: int) -> None:
    row = dnf(tmp_path, config, timer)
    assert (row["tool"], row["installed"], row["enabled"]) == ("dnf-automatic", 1, enabled)


def test_systems_without_such_a_tool_are_unsupported(tmp_path: Path) -> None:
    assert read_table("auto_update", make_root(tmp_path, {"/etc/pacman.conf": ""})).status == "unsupported"


def test_nothing_known_is_absent(tmp_path: Path) -> None:
    assert read_table("auto_update", make_root(tmp_path, {})).status == "absent"
