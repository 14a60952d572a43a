"""os_version: os-release(5) of many makers."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def os_release(tmp_path: Path, text: str, path: str = "/etc/os-release") -> dict[str, str | int | None]:
    (row,) = rows("os_version", make_root(tmp_path, {path: text}))
    return row


def test_debian(tmp_path: Path) -> None:
    row = os_release(
        tmp_path, 'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nID=debian\nPRETTY_NAME="D 12"\n'
    )
    assert row["platform"] == row["family"] == "debian"
    assert (row["version"], row["major"], row["minor"]) == ("12", 12, 0)
    assert row["codename"] == row["base_codename"] == "bookworm"
    assert row["pretty_name"] == "D 12"


@pytest.mark.parametrize(
    ("ids", "family"),
    [
        ("ID=ubuntu\nID_LIKE=debian", "debian"),
        ('ID=linuxmint\nID_LIKE="ubuntu debian"', "debian"),
        ("ID=raspbian\nID_LIKE=debian", "debian"),
        ("ID=kali", "debian"),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"', "fedora"),
        ('ID="almalinux"', "fedora"),
        ('ID="centos"', "fedora"),
        ("ID=manjaro", "arch"),
        ("ID=arch", "arch"),
        ("ID=alpine", "alpine"),
        ('ID="opensuse-leap"\nID_LIKE="suse opensuse"', "suse"),
        ('ID="opensuse-tumbleweed"', "suse"),
        ("ID=something\nID_LIKE='new ubuntu'", "debian"),
        ("ID=nixos", ""),
    ],
)
def test_family_comes_from_the_id_or_what_it_is_like(tmp_path: Path, ids: str, family: str) -> None:
    assert os_release(tmp_path, ids)["family"] == family


def test_derived_system_tells_its_base(tmp_path: Path) -> None:
    row = os_release(tmp_path, 'ID=linuxmint\nVERSION_ID="21.3"\nVERSION_CODENAME=virginia\nUBUNTU_CODENAME=jammy\n')
    assert (row["codename"], row["base_codename"], row["major"], row["minor"]) == ("virginia", "jammy", 21, 3)


def test_rolling_release_has_no_version(tmp_path: Path) -> None:
    row = os_release(tmp_path, "ID=arch\nBUILD_ID=rolling\n")
    assert (row["version"], row["major"], row["minor"]) == ("", None, None)


def test_etc_hides_usr_lib(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/os-release": "ID=alpine\n", "/usr/lib/os-release": "ID=debian\n"})
    assert rows("os_version", root)[0]["platform"] == "alpine"


def test_usr_lib_is_read_when_etc_has_none(tmp_path: Path) -> None:
    row = os_release(tmp_path, "ID=fedora\nVARIANT_ID=server\n", "/usr/lib/os-release")
    assert (row["family"], row["variant"], row["path"]) == ("fedora", "server", "/usr/lib/os-release")


def test_quotes_and_backslashes_are_read_as_a_shell_does(tmp_path: Path) -> None:
    row = os_release(tmp_path, '# ID=x\nNAME=\'a "b" \\c\'\nPRETTY_NAME="a \\"b\\" \\$c"\nID=debian\nID=kali\n')
    assert (row["name"], row["pretty_name"], row["platform"]) == ('a "b" \\c', 'a "b" $c', "kali")


def test_no_file_is_a_failure_not_an_empty_table(tmp_path: Path) -> None:
    data = read_table("os_version", make_root(tmp_path, {}))
    assert (data.status, data.rows) == ("failed", ())


def test_junk_does_not_hurt(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {"/etc/os-release": b"\xff\x00\n=\nID\n" + b"A=" * 100_000 + b"\nVERSION_ID=99999999999999\n"}
    )
    (row,) = rows("os_version", root)
    assert row["platform"] == "linux"


def test_agrees_with_the_shell_on_this_machine() -> None:
    shell = subprocess.run(
        ["sh", "-c", '. /etc/os-release; printf "%s|%s|%s|%s" "$ID" "$VERSION_ID" "$VERSION_CODENAME" "$PRETTY_NAME"'],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (row,) = rows("os_version")
    assert f"{row['platform']}|{row['version']}|{row['codename']}|{row['pretty_name']}" == shell
