"""logrotate_rules, with logrotate -d as the judge."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

CASES = [
    ("weekly\nrotate 4\n%s {\n daily\n rotate 7\n}\n", "daily", 7, 7),
    ("weekly\nrotate 4\n%s {\n}\n", "weekly", 4, 28),
    ("weekly\nrotate 4\nmonthly\n%s { rotate 2\n}\n", "monthly", 2, 56),
    ("%s {\n daily\n size 1M\n rotate 3\n}\n", "size", 3, None),
    ("%s {\n size 1M\n daily\n rotate 3\n}\n", "daily", 3, 3),
    (
        "rotate 12\n%s\n{\n monthly\n maxage 10\n postrotate\n  echo } daily rotate 99\n endscript\n}\n",
        "monthly",
        12,
        10,
    ),
    ('# rotate 9\nyearly\nrotate 1\n"%s" {\n missingok\n}\nrotate 5\n', "yearly", 1, 365),
    ("rotate=6\n%s {\n weekly\n maxsize 1k\n}\n", "weekly", 6, None),
]


def root_of(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    return make_root(tmp_path, {"/usr/sbin/logrotate": "#!", **files}, {"/usr/sbin/logrotate": 0o755})


@pytest.mark.parametrize(("text", "frequency", "rotations", "days"), CASES)
def test_what_a_block_amounts_to(tmp_path: Path, text: str, frequency: str, rotations: int, days: int | None) -> None:
    row = rows("logrotate_rules", root_of(tmp_path, {"/etc/logrotate.conf": text % "/var/log/x"}))[0]
    assert (row["log"], row["frequency"], row["rotations"], row["kept_days"]) == (
        "/var/log/x",
        frequency,
        rotations,
        days,
    )


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="logrotate is not installed")
@pytest.mark.parametrize(("text", "frequency", "rotations", "days"), CASES)
def test_logrotate_says_the_same(tmp_path: Path, text: str, frequency: str, rotations: int, days: int | None) -> None:
    (tmp_path / "x").write_text("x")
    (tmp_path / "a.conf").write_text(text % (tmp_path / "x"))
    (tmp_path / "a.conf").chmod(0o644)
    argv = ["logrotate", "-d", "-s", str(tmp_path / "state"), str(tmp_path / "a.conf")]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    said = re.search(r"rotating pattern: .*? (after 1 days|\w+|[0-9]+ bytes) \(([0-9]+) rotations\)", done.stderr, re.S)
    assert said is not None, done.stderr
    words = {"size": "1048576 bytes", "daily": "after 1 days"}
    assert (said.group(1), int(said.group(2))) == (words.get(frequency, frequency), rotations)


def test_included_folders_and_names_that_are_passed_over(tmp_path: Path) -> None:
    root = root_of(
        tmp_path,
        {
            "/etc/logrotate.conf": "weekly\nrotate 4\ncreate 0640 root adm\ninclude /etc/logrotate.d\nrotate 1\n",
            "/etc/logrotate.d/b": "/var/log/b /var/log/c {\n nocreate\n}\n",
            "/etc/logrotate.d/a": "/var/log/a {\n create 644\n}\n/var/log/a2 {\n create\n}\n",
            "/etc/logrotate.d/a.dpkg-old": "/var/log/old {\n}\n",
        },
    )
    found = [(row["log"], row["create_mode"], row["rotations"]) for row in rows("logrotate_rules", root)]
    assert found == [("/var/log/a", "0644", 4), ("/var/log/a2", "", 4), ("/var/log/b", "", 4), ("/var/log/c", "", 4)]


def test_a_comment_behind_a_setting_leaves_it_open(tmp_path: Path) -> None:
    """logrotate says "bad weekly directive" and passes over the block."""
    row = rows(
        "logrotate_rules", root_of(tmp_path, {"/etc/logrotate.conf": "/var/log/x {\n weekly # x\n rotate 9\n}\n"})
    )
    assert row[0]["kept_days"] is None


def test_without_logrotate(tmp_path: Path) -> None:
    assert read_table("logrotate_rules", make_root(tmp_path, {"/etc/logrotate.conf": ""})).status == "absent"


def test_hostile_configuration(tmp_path: Path) -> None:
    text = b"include /etc/logrotate.conf\n{ } } {\n\xff\x1b{\nrotate " + b"9" * 5_000 + b"\n" + b'"' * 9_999 + b"\n"
    assert read_table("logrotate_rules", root_of(tmp_path, {"/etc/logrotate.conf": text})).status == "partial"
