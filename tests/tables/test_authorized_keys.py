"""authorized_keys, compared with ssh-keygen -l."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

SSHD: dict[str, str | bytes] = {"/usr/sbin/sshd": b"\0OpenSSH_9.2p1 Debian-2\0", "/etc/ssh/sshd_config": ""}
ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBw"
needs_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")


def keys_root(folder: Path, text: str, config: str = "", more: dict[str, str | bytes] | None = None) -> Path:
    files = {**SSHD, "/etc/ssh/sshd_config": config, "/home/ayesha/.ssh/authorized_keys": text, **(more or {})}
    return make_root(folder, files, {"/usr/sbin/sshd": 0o755})


@needs_keygen
@pytest.mark.parametrize(
    ("kind", "bits"), [("rsa", 1024), ("rsa", 4096), ("dsa", 1024), ("ecdsa", 384), ("ed25519", 256)]
)
def test_key_is_what_ssh_keygen_lists(kind: str, bits: int, tmp_path: Path) -> None:
    key = tmp_path / "key"
    size = [] if kind == "ed25519" else ["-b", str(bits)]
    made = subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *size, "-N", "", "-C", "me@here now", "-f", str(key)], check=False
    )
    if made.returncode:
        pytest.skip(f"this ssh-keygen makes no {kind} key")
    public = (tmp_path / "key.pub").read_text()
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{key}.pub"], capture_output=True, text=True, check=True
    ).stdout.split()
    (row,) = rows("authorized_keys", keys_root(tmp_path / "r", f"# mine\n\n{public}"))
    assert (str(row["bits"]), row["key_sha256"], row["comment"]) == (listed[0], listed[1], "me@here now")
    assert (row["username"], row["uid"], row["line"], row["options"]) == ("ayesha", 1000, 3, "")


@needs_keygen
def test_certificate_shows_the_size_of_its_key(tmp_path: Path) -> None:
    for name, kind, bits in (("ca", "ed25519", "256"), ("user", "rsa", "2048")):
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-b", bits, "-N", "", "-f", str(tmp_path / name)], check=True)
    subprocess.run(
        ["ssh-keygen", "-q", "-s", str(tmp_path / "ca"), "-I", "x", "-n", "x", str(tmp_path / "user.pub")], check=True
    )
    (row,) = rows("authorized_keys", keys_root(tmp_path / "r", (tmp_path / "user-cert.pub").read_text()))
    assert (row["algorithm"], row["bits"]) == ("ssh-rsa-cert-v01@openssh.com", 2048)


def test_options_are_split_off_and_secrets_are_not_shown(tmp_path: Path) -> None:
    text = (
        f'from="10.0.0.0/8",command="/usr/bin/borg serve --token \\"s3cret\\"",no-pty ssh-ed25519 {ED25519} backup\n'
        f'environment="TOKEN=s3cret" ssh-ed25519 {ED25519}\n'
        f"restrict ssh-ed25519 {ED25519} a # b\n"
    )
    table = rows("authorized_keys", keys_root(tmp_path, text))
    assert [row["options"] for row in table] == [
        'from="10.0.0.0/8",command="/usr/bin/borg ...",no-pty', 'environment="TOKEN=..."', "restrict",
    ]  # fmt: skip
    assert [row["has_command"] for row in table] == [1, 0, 0]
    assert "s3cret" not in str(table)


def test_lines_that_sshd_would_not_take_are_left_out(tmp_path: Path) -> None:
    text = f"ssh-rsa {ED25519} wrong name\nssh-ed25519 !!!! x\n2048 35 123456 old\n#ssh-ed25519 {ED25519}\nx\n\n"
    assert rows("authorized_keys", keys_root(tmp_path, text)) == []


def test_authorizedkeysfile_of_the_server_decides_where(tmp_path: Path) -> None:
    line = f"ssh-ed25519 {ED25519} x\n"
    config = "AuthorizedKeysFile /etc/keys/%u %h/k\nMatch User root\nAuthorizedKeysFile /etc/shared\n"
    more: dict[str, str | bytes] = {"/etc/keys/root": line, "/home/ayesha/k": line, "/etc/shared": line}
    table = rows("authorized_keys", keys_root(tmp_path, line, config, more))
    assert sorted((row["username"], row["path"]) for row in table) == [
        ("*", "/etc/shared"), ("ayesha", "/home/ayesha/k"), ("root", "/etc/keys/root"),
    ]  # fmt: skip


def test_file_mode_and_owner_are_given(tmp_path: Path) -> None:
    root = keys_root(tmp_path, f"ssh-ed25519 {ED25519}\n")
    (root / "home/ayesha/.ssh/authorized_keys").chmod(0o664)
    (row,) = rows("authorized_keys", root)
    assert (row["mode"], row["mode_octal"]) == (0o664, "0664")


def test_keys_command_makes_the_table_partial(tmp_path: Path) -> None:
    root = keys_root(tmp_path, "", "AuthorizedKeysCommand /bin/x\nAuthorizedKeysCommandUser nobody\n")
    assert read_table("authorized_keys", root).status == "partial"


def test_no_server_is_absent(tmp_path: Path) -> None:
    assert read_table("authorized_keys", make_root(tmp_path, {})).status == "absent"


def test_unreadable_home_makes_the_table_partial(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = keys_root(tmp_path / "r", "x")
    (root / "home/ayesha/.ssh").chmod(0)
    for folder in (root, *root.parents):
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("authorized_keys", root))
    assert (data.status, data.needs) == ("partial", "root")


def test_hostile_file_ends_soon(tmp_path: Path) -> None:
    text = 'command="' + "a" * 500_000 + "\n" + '"' * 100_000 + "\n" + "\0\xff ssh-rsa " * 50_000
    assert read_table("authorized_keys", keys_root(tmp_path, text)).status == "ok"
