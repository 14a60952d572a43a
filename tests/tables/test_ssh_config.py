"""ssh_config and ssh_version; the client's own `ssh -G` is the judge of what a setting means."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

SSH: dict[str, str | bytes] = {"/usr/bin/ssh": b"\0OpenSSH_9.2p1 Debian-2\0"}


def ssh_root(folder: Path, user: str = "", system: str = "", more: dict[str, str | bytes] | None = None) -> Path:
    files = {**SSH, "/home/ayesha/.ssh/config": user, "/etc/ssh/ssh_config": system, **(more or {})}
    return make_root(folder, files, {"/usr/bin/ssh": 0o755})


def test_each_setting_has_its_host_file_and_line(tmp_path: Path) -> None:
    root = ssh_root(
        tmp_path,
        "ForwardAgent yes\n\nHost a *.b\n\tPort=22 # x\nMatch all\nUser u\nMatch user x\nUser hidden\nCompression yes\n",
    )
    assert [tuple(row.values()) for row in rows("ssh_config", root)] == [
        ("ayesha", "*", "forwardagent", "yes", "/home/ayesha/.ssh/config", 1),
        ("ayesha", "a *.b", "port", "22", "/home/ayesha/.ssh/config", 4),
        ("ayesha", "*", "user", "u", "/home/ayesha/.ssh/config", 6),
        ("ayesha", "match user x", "compression", "yes", "/home/ayesha/.ssh/config", 9),
    ]


def test_includes_are_followed_below_their_own_folder(tmp_path: Path) -> None:
    more: dict[str, str | bytes] = {
        "/etc/ssh/ssh_config.d/a.conf": "HashKnownHosts yes\n", "/home/ayesha/.ssh/work": "User w\n",
    }  # fmt: skip
    root = ssh_root(
        tmp_path, "Host w\nInclude work\nUser hidden\nPort 9\n", "Include ssh_config.d/*.conf\nHost *\n", more
    )
    assert [(row["username"], row["host"], row["keyword"], row["value"]) for row in rows("ssh_config", root)] == [
        ("", "*", "hashknownhosts", "yes"),
        ("ayesha", "w", "user", "w"),
        ("ayesha", "w", "port", "9"),
    ]


def test_no_client_is_absent(tmp_path: Path) -> None:
    assert read_table("ssh_config", make_root(tmp_path, {})).status == "absent"


def test_file_that_includes_itself_ends_partial(tmp_path: Path) -> None:
    assert read_table("ssh_config", ssh_root(tmp_path, "Include config config\n")).status == "partial"


def test_unreadable_home_ends_partial(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = ssh_root(tmp_path / "r", "User x\n", "SendEnv A\n")
    (root / "home/ayesha/.ssh").chmod(0)
    for folder in (root, *root.parents):
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("ssh_config", root))
    assert (data.status, data.needs, len(data.rows)) == ("partial", "root", 1)


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
@pytest.mark.parametrize(
    ("line", "keyword"),
    [
        ("StrictHostKeyChecking off", "stricthostkeychecking"),
        ("StrictHostKeyChecking accept-new", "stricthostkeychecking"),
        ("stricthostkeychecking=false", "stricthostkeychecking"),
        ("ForwardAgent true", "forwardagent"),
        ('ForwardAgent "no" # not yes', "forwardagent"),
        ("HashKnownHosts  =  yes", "hashknownhosts"),
        ("SkeyAuthentication no", "kbdinteractiveauthentication"),
        ("UserKnownHostsFile /dev/null", "userknownhostsfile"),
    ],
)
def test_value_is_what_the_client_prints(line: str, keyword: str, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text(line + "\n")
    printed = subprocess.run(
        ["ssh", "-G", "-F", str(config), "host"], capture_output=True, text=True, check=True
    ).stdout
    real = dict(entry.split(" ", 1) for entry in printed.splitlines() if " " in entry)[keyword]
    (row,) = rows("ssh_config", ssh_root(tmp_path / "r", line + "\n"))
    assert (row["keyword"], row["value"]) == (keyword, {"true": "yes", "false": "no"}.get(real, real))


def test_version_is_read_out_of_the_programs(tmp_path: Path) -> None:
    more: dict[str, str | bytes] = {
        "/usr/sbin/sshd": b"junk\0OpenSSH_6.6.1*\0OpenSSH_10.0p2\0\0OpenSSH_10.0p2 Debian-7\0"
    }
    root = ssh_root(tmp_path, more=more)
    (root / "usr/sbin/sshd").chmod(0o755)
    assert [tuple(row.values()) for row in rows("ssh_version", root)] == [
        ("server", "/usr/sbin/sshd", "10.0", "10.0p2 Debian-7"),
        ("client", "/usr/bin/ssh", "9.2", "9.2p1 Debian-2"),
    ]


def test_version_that_is_not_told_is_null(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/usr/bin/ssh": "#!/bin/sh\n"}, {"/usr/bin/ssh": 0o755})
    assert [row["version"] for row in rows("ssh_version", root)] == [None]


@pytest.mark.skipif(shutil.which("ssh") is None, reason="ssh is not installed")
def test_version_of_this_machine_is_what_ssh_says() -> None:
    said = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=True).stderr
    (row,) = [row for row in rows("ssh_version") if row["program"] == "client"]
    assert said.startswith(f"OpenSSH_{row['full_version']}, ")
