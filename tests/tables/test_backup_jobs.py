"""backup_jobs: traces of real tools, schedules, and where copies go."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host._backup_places import Places
from secaudit.tables.host._homeread import HomeReader
from tabletest import make_root, open_to_others, read_table, rows

HOME = "/home/ayesha"
CRON = {"/usr/sbin/cron": "x"}
TIMER = "[Timer]\nOnCalendar=daily\nPersistent=true\n[Install]\nWantedBy=timers.target\n"


def job(root: Path, tool: str) -> dict[str, object]:
    (row,) = [row for row in rows("backup_jobs", root) if row["tool"] == tool]
    return dict(row)


def cron_root(tmp_path: Path, line: str, files: dict[str, str | bytes] | None = None) -> Path:
    return make_root(
        tmp_path, {**CRON, "/etc/cron.d/job": f"0 3 * * * root {line}\n", **(files or {})}, {"/usr/sbin/cron": 0o755}
    )


def test_nothing_set_up_gives_no_row(tmp_path: Path) -> None:
    assert rows("backup_jobs", cron_root(tmp_path, "/usr/bin/apt-get update")) == []


@pytest.mark.parametrize(
    ("line", "tool", "destination", "encrypted"),
    [
        ("restic -r sftp:u@h:/b backup /home", "restic", "network", 1),
        ("RESTIC_REPOSITORY=s3:https://x/b restic backup /home", "restic", "network", 1),
        ("restic -r /mnt/usb/b --verbose backup /home", "restic", "external", 1),
        ("borg create ssh://u@h/./b::{now} /home", "borg", "network", None),
        ("borg create --stats u@h:b::x /home", "borg", "network", None),
        ("rsync -a --delete /home/ u@host:/backup/", "rsync", "network", None),
        ("rsync -a /home/ /media/ayesha/disk/backup", "rsync", "external", None),
        ("rclone sync /home b2:backup", "rclone", "network", None),
        ("duplicity /home sftp://u@h/b", "duplicity", "network", 1),
        ("duplicity --no-encryption /home sftp://u@h/b", "duplicity", "network", 0),
        ("rsnapshot daily", "rsnapshot", "unknown", None),
        ("kopia snapshot create /home", "kopia", "unknown", 1),
    ],
)
def test_a_command_that_cron_starts_is_a_backup(  # type: ignore[no-untyped-def]
    tmp_path: Path, line: str, tool: str, destination: str, encrypted: object
):
    row = job(cron_root(tmp_path, line), tool)
    assert (row["scheduled"], row["destination_kind"], row["encrypted"]) == (1, destination, encrypted)
    assert row["path"] == "/etc/cron.d/job"


@pytest.mark.parametrize(
    "line",
    [
        "rsync -a mirror.example.net::debian /srv/mirror/",
        "restic -r /x check",
        "restic -r /x forget --prune",
        "borg list /x",
        "rsnapshot configtest",
        "/usr/local/bin/borgmatic-report",
        "# restic -r /x backup /home",
    ],
)
def test_a_command_that_copies_nothing_away_is_none(tmp_path: Path, line: str) -> None:
    assert rows("backup_jobs", cron_root(tmp_path, line)) == []


def test_a_script_is_read_and_its_variables_too(tmp_path: Path) -> None:
    script = '#!/bin/sh\n# restic backup\nDEST=u@host\nrsync -a /home/ "$DEST:/backup"\n'
    root = cron_root(tmp_path, "/usr/local/bin/nightly", {"/usr/local/bin/nightly": script})
    assert job(root, "rsync")["destination_kind"] == "network"
    assert [row["tool"] for row in rows("backup_jobs", root)] == ["rsync"]


def test_left_over_crontabs_start_nothing_without_cron(tmp_path: Path) -> None:
    assert (
        rows("backup_jobs", make_root(tmp_path, {"/etc/cron.d/job": "0 3 * * * root restic -r /x backup /home\n"}))
        == []
    )


def test_an_enabled_timer_counts_and_a_disabled_one_does_not(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/etc/systemd/system/b.timer": TIMER,
        "/etc/systemd/system/b.service": "[Service]\nEnvironmentFile=/etc/b.env\nExecStart=restic backup /home\n",
        "/etc/b.env": "RESTIC_REPOSITORY=rest:https://h/x\n",
    }
    root = make_root(tmp_path / "a", files)
    assert rows("backup_jobs", root) == []
    wants = root / "etc/systemd/system/timers.target.wants"
    wants.mkdir()
    (wants / "b.timer").symlink_to("/etc/systemd/system/b.timer")
    stamp = root / "var/lib/systemd/timers/stamp-b.timer"
    stamp.parent.mkdir(parents=True)
    stamp.write_text("")
    os.utime(stamp, (1_795_000_000, 1_795_000_000))
    row = job(root, "restic")
    assert (row["scheduled"], row["destination_kind"], row["last_run_s"], row["last_run_age_days"]) == (
        1, "network", 1_795_000_000, 5,
    )  # fmt: skip


def test_a_timer_of_a_person_counts(tmp_path: Path) -> None:
    base = f"{HOME}/.config/systemd/user"
    root = make_root(
        tmp_path,
        {
            f"{base}/b.timer": TIMER,
            f"{base}/b.service": "[Service]\nExecStart=%h/bin/b.sh\n",
            f"{HOME}/bin/b.sh": "borg create u@h:b::x ~\n",
        },
    )
    wants = root / base.lstrip("/") / "timers.target.wants"
    wants.mkdir()
    (wants / "b.timer").symlink_to("../b.timer")
    assert (job(root, "borg")["scheduled"], job(root, "borg")["destination_kind"]) == (1, "network")


@pytest.mark.skipif(shutil.which("borg") is None, reason="borg is not installed")
@pytest.mark.parametrize(
    ("mode", "encrypted"), [("repokey-blake2", 1), ("none", 0), ("authenticated", 0), ("keyfile", 1)]
)
def test_a_real_borg_repository(tmp_path: Path, mode: str, encrypted: int) -> None:
    root = make_root(tmp_path / "root", {f"{HOME}/x": ""})
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "root" / HOME.lstrip("/")), "BORG_PASSPHRASE": "x"}
    repository = str(tmp_path / "repo")
    subprocess.run(["borg", "init", "-e", mode, repository], env=env, check=True, capture_output=True)
    subprocess.run(["borg", "create", f"{repository}::a", __file__], env=env, check=True, capture_output=True)
    now = int(os.stat(repository).st_mtime)
    data = read_table("backup_jobs", root, now_s=now + 3 * 86400 + 3600)
    row = dict(zip(data.columns, data.rows[0], strict=True))
    assert (row["tool"], row["encrypted"], row["scheduled"], row["last_run_age_days"]) == ("borg", encrypted, 0, 3)


@pytest.mark.skipif(shutil.which("restic") is None, reason="restic is not installed")
def test_a_real_restic_repository(tmp_path: Path) -> None:
    root = make_root(tmp_path / "root", {f"{HOME}/x": ""})
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "root" / HOME.lstrip("/")), "RESTIC_PASSWORD": "x"}
    repository = str(tmp_path / "repo")
    subprocess.run(["restic", "init", "-r", repository], env=env, check=True, capture_output=True)
    subprocess.run(["restic", "backup", "-r", repository, __file__], env=env, check=True, capture_output=True)
    row = job(root, "restic")
    assert (row["encrypted"], row["scheduled"]) == (1, 0)
    assert abs(int(str(row["last_run_s"])) - int(os.stat(f"{repository}/snapshots").st_mtime)) < 60


def test_configuration_files_of_other_tools(tmp_path: Path) -> None:
    timeshift = {"backup_device_uuid": "1", "btrfs_mode": "true", "schedule_daily": "true"}
    pika = [{"repo": {"type": "Remote", "uri": "ssh://u@h/b"}, "encrypted": True, "schedule": {"enabled": True}}]
    root = make_root(
        tmp_path,
        {
            "/etc/timeshift/timeshift.json": json.dumps(timeshift),
            "/etc/snapper/configs/root": 'SUBVOLUME="/"\nTIMELINE_CREATE="yes"\n',
            "/etc/rsnapshot.conf": "snapshot_root\t/mnt/disk/\n",
            "/usr/bin/rsnapshot": "x",
            f"{HOME}/.config/backintime/config": "profile1.snapshots.mode=ssh\nprofile1.schedule.mode=20\n",
            f"{HOME}/.config/kopia/repository.config": '{"storage": {"type": "b2", "config": {"bucket": "x"}}}',
            f"{HOME}/.config/pika-backup/backup.json": json.dumps(pika),
        },
        {"/usr/bin/rsnapshot": 0o755},
    )
    found = {
        row["tool"]: (row["kind"], row["scheduled"], row["destination_kind"], row["encrypted"])
        for row in rows("backup_jobs", root)
    }
    assert found == {
        "timeshift": ("snapshots", 1, "same_disk", None),
        "snapper": ("snapshots", 1, "same_disk", None),
        "rsnapshot": ("backup", 0, "external", None),
        "backintime": ("backup", 0, "network", None),
        "kopia": ("backup", None, "network", 1),
        "pika-backup": ("backup", 1, "network", 1),
    }


def test_closed_crontabs_leave_the_schedule_open(as_nobody, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    root = cron_root(
        tmp_path,
        "true",
        {"/var/spool/cron/crontabs/root": "", f"{HOME}/.config/kopia/repository.config": '{"type": "b2"}'},
    )
    (root / "var/spool/cron/crontabs").chmod(0o700)
    open_to_others(tmp_path)
    data = as_nobody(lambda: read_table("backup_jobs", root))
    assert (data.status, data.needs) == ("partial", "root")


def test_places_of_this_machine() -> None:
    import time

    from secaudit.targets.host import HostAccess
    from secaudit.targets.recorder import Cache, Recorder

    places = Places(HomeReader(Recorder(HostAccess(), Cache(), 0, time.monotonic() + 10)))
    assert places.kind("/var/backups") == "same_disk"
    assert places.kind("/media/ayesha/not-plugged-in") == "external"
    assert places.kind("u@host:x") == "network"
    assert places.kind("$DEST/x") == "unknown"
    assert places.kind("backup") == "unknown"
