"""tftpd_config, xrdp_config and opensmtpd_config."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def values(table: str, root: Path) -> dict[str, str | int | None]:
    return {str(row["name"]): row["value"] for row in rows(table, root)}


# ---------------------------------------------------------------- tftp-hpa


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('TFTP_OPTIONS="--secure"\nTFTP_ADDRESS=":69"\n', ("yes", "no", ":69")),
        ('TFTP_OPTIONS="--secure --create"\n', ("yes", "yes", "")),
        ('TFTP_OPTIONS="--secure"\nTFTP_OPTIONS="-c"\n', ("no", "yes", "")),
        ('#TFTP_OPTIONS="--secure"\n', ("no", "no", "")),
        ("TFTP_OPTIONS='-svc -a 127.0.0.1:69' # x\n", ("yes", "yes", "127.0.0.1:69")),
        ('TFTP_OPTIONS="-u create -m c --user=x -B 512"\n', ("no", "no", "")),  # these are values of other options
        ("", ("no", "no", "")),
    ],
)
def test_options_of_tftpd_on_debian(tmp_path: Path, text: str, expected: tuple[str, str, str]) -> None:
    root = make_root(tmp_path, {"/usr/sbin/in.tftpd": "", "/etc/default/tftpd-hpa": text})
    found = values("tftpd_config", root)
    assert (found["secure"], found["create"], found["address"]) == expected


def test_options_of_tftpd_in_its_unit(tmp_path: Path) -> None:
    unit = "[Service]\nExecStart=/usr/sbin/in.tftpd -c -p -s /var/lib/tftpboot\n"
    root = make_root(tmp_path, {"/usr/lib/systemd/system/tftp.service": unit})
    assert values("tftpd_config", root) == {"secure": "yes", "create": "yes", "address": ""}


def test_options_of_tftpd_that_nobody_can_tell(tmp_path: Path) -> None:
    text = 'TFTP_OPTIONS="$MORE"\n'
    root = make_root(tmp_path, {"/usr/sbin/in.tftpd": "", "/etc/default/tftpd-hpa": text})
    assert read_table("tftpd_config", root).status == "partial"
    assert read_table("tftpd_config", make_root(tmp_path / "a", {"/usr/sbin/in.tftpd": ""})).status == "partial"
    assert read_table("tftpd_config", make_root(tmp_path / "b", {})).status == "absent"


# ---------------------------------------------------------------- xrdp


def xrdp(tmp_path: Path, xrdp_ini: str, sesman: str = "") -> Path:
    files = {"/etc/xrdp/xrdp.ini": xrdp_ini, "/etc/xrdp/sesman.ini": sesman, "/usr/sbin/xrdp": ""}
    return make_root(tmp_path, files, {"/usr/sbin/xrdp": 0o755})


def test_xrdp_takes_the_last_line_of_its_section(tmp_path: Path) -> None:
    text = "[Globals]\n#security_layer=tls\nSecurity_Layer = tls\nsecurity_layer=rdp\n[Xorg]\nsecurity_layer=tls\n"
    found = values("xrdp_config", xrdp(tmp_path, text, "[Security]\n AllowRootLogin = TRUE\nMaxLoginRetry=4\n"))
    assert found["globals.security_layer"] == "rdp"
    assert (found["security.allowrootlogin"], found["security.maxloginretry"]) == ("yes", "4")


def test_xrdp_has_built_in_values(tmp_path: Path) -> None:
    found = values("xrdp_config", xrdp(tmp_path, "", "[Sessions]\nAllowRootLogin=true\n"))
    assert (found["globals.security_layer"], found["security.allowrootlogin"]) == ("negotiate", "no")


def test_xrdp_file_that_cannot_be_read_is_no_default(tmp_path: Path) -> None:
    root = xrdp(tmp_path, "[Globals]\nsecurity_layer=tls\n")
    (root / "etc/xrdp/sesman.ini").unlink()
    os.mkfifo(root / "etc/xrdp/sesman.ini")
    data = read_table("xrdp_config", root)
    assert data.status == "partial"
    assert "security.allowrootlogin" not in {row[1] for row in data.rows}
    assert read_table("xrdp_config", make_root(tmp_path / "none", {})).status == "absent"


# ---------------------------------------------------------------- OpenSMTPD


def smtpd(tmp_path: Path, text: str, more: dict[str, str] | None = None) -> Path:
    files = {"/usr/sbin/smtpctl": "", "/etc/smtpd.conf": text, **(more or {})}
    return make_root(tmp_path, files, {"/usr/sbin/smtpctl": 0o755})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("match from any for any action relay", (1, 1, 0, 1)),
        ("match from any auth for any action relay", (1, 1, 1, 1)),
        ('match auth from any for any action "relay"', (1, 1, 1, 1)),
        ("match !auth from any for any action relay", (1, 1, 0, 1)),
        ("match from any for domain example.org action local", (1, 0, 0, 0)),
        ("match for any from local action relay", (0, 1, 0, 1)),
        ("match from any for any reject", (1, 1, 0, 0)),
        ("match from any for any action gone", (1, 1, 0, None)),
        ("match from $who for any action relay # all", (1, 1, 0, 1)),
        ("match from any \\\n for any \\\n action relay", (1, 1, 0, 1)),
    ],
)
def test_rules_of_opensmtpd(tmp_path: Path, line: str, expected: tuple[int, int, int, int | None]) -> None:
    text = f'who = "any"\naction "local" maildir alias <aliases>\naction "relay" relay host smtp://x\n{line}\n#match from any for any action relay\n'
    (row,) = rows("opensmtpd_config", smtpd(tmp_path, text))
    assert (row["from_any"], row["for_any"], row["needs_login"], row["relays"], row["line"]) == (*expected, 4)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("listen on all", ("none", 0, 0)),
        ("listen on localhost", ("none", 0, 1)),
        ("listen on lo", ("none", 0, 1)),
        ("listen on eth0 port 587 tls-require pki x auth", ("require", 1, 0)),
        ("listen on eth0 tls pki x auth-optional", ("may", 0, 0)),
        ("listen on 0.0.0.0 smtps pki x auth <t>", ("smtps", 1, 0)),
    ],
)
def test_listeners_of_opensmtpd(tmp_path: Path, line: str, expected: tuple[str, int, int]) -> None:
    root = smtpd(tmp_path, 'include "/etc/smtpd.d/*.conf"\n', {"/etc/smtpd.d/a.conf": line + "\n"})
    (row,) = rows("opensmtpd_config", root)
    assert (row["tls"], row["needs_login"], row["is_local"]) == expected


def test_opensmtpd_that_cannot_be_read(tmp_path: Path) -> None:
    assert read_table("opensmtpd_config", make_root(tmp_path / "a", {"/etc/smtpd.conf": ""})).status == "absent"
    assert read_table("opensmtpd_config", smtpd(tmp_path / "b", 'include "/etc/smtpd.conf"\n')).status == "partial"
    root = make_root(tmp_path / "c", {"/usr/sbin/smtpctl": ""}, {"/usr/sbin/smtpctl": 0o755})
    assert read_table("opensmtpd_config", root).status == "partial"
