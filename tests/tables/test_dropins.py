"""The shared reader of main files and drop-ins, against systemd's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from secaudit.tables.host._dropins import Config, parse_bool, parse_ini, read_config
from secaudit.targets.recorder import Cache, Recorder
from secaudit.targets.root import RootAccess
from tabletest import NOW_S, make_root

JOURNALD = "systemd/journald.conf"


def config_of(root: Path, name: str = JOURNALD) -> Config:
    return read_config(Recorder(RootAccess(str(root)), Cache(), NOW_S, time.monotonic() + 10), name)


def test_drop_ins_come_after_the_main_file_sorted_by_name(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/systemd/journald.conf": "[Journal]\nStorage=none\n",
            "/usr/lib/systemd/journald.conf.d/20-b.conf": "[Journal]\nStorage=auto\n",
            "/etc/systemd/journald.conf.d/10-a.conf": "[Journal]\nStorage=volatile\n",
        },
    )
    found = config_of(root).last("Journal", "Storage")
    assert found is not None
    assert (found.value, found.path, found.line) == ("auto", "/usr/lib/systemd/journald.conf.d/20-b.conf", 2)


def test_same_name_in_etc_hides_the_vendor_drop_in_and_dev_null_masks(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/usr/lib/systemd/journald.conf.d/a.conf": "[Journal]\nStorage=none\n",
            "/etc/systemd/journald.conf.d/a.conf": "[Journal]\nSeal=no\n",
            "/usr/lib/systemd/journald.conf.d/b.conf": "[Journal]\nStorage=volatile\n",
        },
    )
    (root / "etc/systemd/journald.conf.d/b.conf").symlink_to("/dev/null")
    config = config_of(root)
    assert config.last("Journal", "Storage") is None
    assert config.last("Journal", "Seal") is not None


def test_vendor_main_file_counts_only_without_one_in_etc(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/lib/systemd/journald.conf": "[Journal]\nStorage=none\n"})
    assert config_of(root).last("Journal", "Storage") is not None
    make_root(tmp_path, {"/etc/systemd/journald.conf": "\n"})
    assert config_of(root).last("Journal", "Storage") is None


def test_empty_assignment_resets(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {"/etc/systemd/timesyncd.conf": "[Time]\nNTP=a b\nNTP=c\nFallbackNTP=x\nFallbackNTP=\nNTP=\nNTP=d\n"}
    )
    config = config_of(root, "systemd/timesyncd.conf")
    assert [word for word, _ in config.words("Time", "NTP")] == ["d"]
    assert config.last("Time", "FallbackNTP") is None


def test_lines_comments_and_sections() -> None:
    text = (
        "Storage=lost\n[Journal]\n# Storage=none\n;Storage=none\nStorage=vol\\\n"
        "# between\natile\n storage=x\n[Other]\nStorage=y\njunk\n"
    )
    found = [(item.section, item.key, item.value, item.line) for item in parse_ini(text, "f")]
    assert found == [
        ("", "Storage", "lost", 1),
        ("Journal", "Storage", "vol atile", 5),
        ("Journal", "storage", "x", 8),
        ("Other", "Storage", "y", 10),
    ]


@pytest.mark.parametrize(
    ("text", "value"), [("YES", True), ("on", True), ("0", False), ("Off", False), ("maybe", None)]
)
def test_truth_values(text: str, value: bool | None) -> None:
    assert parse_bool(text) is value


def test_folders_named_like_files_are_passed_over_and_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/systemd/journald.conf.d/a.conf": "[Journal]\nSeal=no\n"})
    folder = root / "etc/systemd/journald.conf.d"
    (folder / "b.conf").mkdir()
    (folder / "c.conf").symlink_to("c.conf")
    (folder / "d.conf").symlink_to("nowhere")
    os.mkfifo(folder / "e.conf")
    config = config_of(root)
    assert (len(config.settings), config.unread) == (1, [f"/etc/systemd/journald.conf.d/{name}.conf" for name in "ce"])


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
def test_order_of_files_agrees_with_systemd_analyze(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/systemd/journald.conf": "[Journal]\nStorage=none\n",
            "/etc/systemd/journald.conf.d/30-x.conf": "[Journal]\n",
            "/run/systemd/journald.conf.d/30-x.conf": "[Journal]\n",
            "/run/systemd/journald.conf.d/10-y.conf": "[Journal]\n",
            "/usr/lib/systemd/journald.conf.d/20-z.conf": "[Journal]\n",
            "/usr/local/lib/systemd/journald.conf.d/20-z.conf": "[Journal]\n",
        },
    )
    done = subprocess.run(
        ["systemd-analyze", "cat-config", "--no-pager", f"--root={root}", JOURNALD],
        capture_output=True,
        text=True,
        check=False,
    )
    real = [line[2:].replace(str(root), "") for line in done.stdout.splitlines() if line.startswith("# /")]
    assert real, done.stderr
    assert config_of(root).found == real
