"""private_keys, compared with what ssh-keygen says about keys that it made itself."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

needs_keygen = pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")

KINDS = [
    ("rsa", 2048), ("rsa", 1024), ("rsa", 3072), ("ecdsa", 256), ("ecdsa", 384), ("ecdsa", 521), ("ed25519", 256),
    ("dsa", 1024),
]  # fmt: skip


def make_key(path: Path, kind: str, bits: int, form: str, passphrase: str) -> bool:
    path.parent.mkdir(parents=True, exist_ok=True)
    size = [] if kind == "ed25519" else ["-b", str(bits)]
    done = subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, *size, "-m", form, "-N", passphrase, "-C", "x", "-f", str(path)],
        check=False, capture_output=True,
    )  # fmt: skip
    return done.returncode == 0


@needs_keygen
@pytest.mark.parametrize("passphrase", ["", "correct horse"])
@pytest.mark.parametrize("form", ["RFC4716", "PEM", "PKCS8"])
@pytest.mark.parametrize(("kind", "bits"), KINDS)
@pytest.mark.parametrize("with_public", [True, False])
def test_header_tells_what_ssh_keygen_tells(
    kind: str, bits: int, form: str, passphrase: str, with_public: bool, tmp_path: Path
) -> None:
    root = make_root(tmp_path, {})
    path = root / "home/ayesha/.ssh/id_it"
    if not make_key(path, kind, bits, form, passphrase):
        pytest.skip(f"this ssh-keygen makes no {kind} key of {bits} bits")
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{path}.pub"], capture_output=True, text=True, check=True
    ).stdout
    opens_without = subprocess.run(["ssh-keygen", "-y", "-P", "", "-f", str(path)], capture_output=True).returncode == 0
    if not with_public:
        (path.parent / "id_it.pub").unlink()
    (row,) = rows("private_keys", root)
    assert row["encrypted"] == int(not opens_without) == int(bool(passphrase))
    assert (row["path"], row["username"], row["is_host_key"]) == ("/home/ayesha/.ssh/id_it", "ayesha", 0)
    # Without the public part, an encrypted file of the older formats does not show its size.
    hidden = not with_public and passphrase and row["format"] != "openssh"
    assert row["bits"] == (None if hidden else bits)
    if row["format"] != "pkcs8" or not hidden:
        assert row["kind"] == kind
    if with_public or row["format"] == "openssh":
        assert row["key_sha256"] == listed.split()[1]


def test_key_of_a_security_key_is_named(tmp_path: Path) -> None:
    def field(data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + data

    public = field(b"sk-ssh-ed25519@openssh.com") + field(b"k" * 32) + field(b"ssh:")
    blob = (
        b"openssh-key-v1\0" + field(b"none") + field(b"none") + field(b"") + b"\0\0\0\1" + field(public) + field(b"x")
    )
    text = (
        "-----BEGIN OPENSSH PRIVATE KEY-----\n"
        + base64.encodebytes(blob).decode()
        + "-----END OPENSSH PRIVATE KEY-----\n"
    )
    root = make_root(tmp_path, {"/home/ayesha/.ssh/id_ed25519_sk": text})
    (row,) = rows("private_keys", root)
    assert (row["kind"], row["bits"], row["encrypted"]) == ("ed25519-sk", 256, 0)


@pytest.mark.parametrize(("cipher", "encrypted"), [("none", 0), ("aes256-cbc", 1)])
def test_putty_file_is_read(cipher: str, encrypted: int, tmp_path: Path) -> None:
    public = base64.b64encode(b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + b"p" * 32).decode()
    text = (
        f"PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: {cipher}\nComment: x\n"
        f"Public-Lines: 2\n{public[:40]}\n{public[40:]}\nPrivate-Lines: 1\nAAAA\nPrivate-MAC: 00\n"
    )
    root = make_root(tmp_path, {"/home/ayesha/.ssh/mine.ppk": text})
    (row,) = rows("private_keys", root)
    assert (row["format"], row["kind"], row["bits"], row["encrypted"]) == ("putty", "ed25519", 256, encrypted)


@needs_keygen
def test_host_keys_of_the_server_are_listed_with_their_modes(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {"/usr/sbin/sshd": b"\0OpenSSH_9.2p1 Debian-2\0", "/etc/ssh/sshd_config": "HostKey /etc/ssh/mine\n"},
        {"/usr/sbin/sshd": 0o755},
    )
    make_key(root / "etc/ssh/mine", "ed25519", 256, "RFC4716", "")
    (root / "etc/ssh/mine").chmod(0o640)
    (row,) = rows("private_keys", root)
    assert (row["path"], row["is_host_key"], row["username"], row["mode_octal"]) == ("/etc/ssh/mine", 1, "", "0640")


@needs_keygen
def test_host_key_that_no_setting_names_is_listed_as_not_used(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {"/usr/sbin/sshd": b"\0OpenSSH_9.2p1 Debian-2\0", "/etc/ssh/sshd_config": ""},
        {"/usr/sbin/sshd": 0o755},
    )
    for kind in ("ed25519", "old"):
        make_key(root / f"etc/ssh/ssh_host_{kind}_key", "ed25519", 256, "RFC4716", "")
    assert [(row["path"], row["is_used"]) for row in rows("private_keys", root)] == [
        ("/etc/ssh/ssh_host_ed25519_key", 1), ("/etc/ssh/ssh_host_old_key", 0),
    ]  # fmt: skip


@needs_keygen
def test_key_in_a_folder_below_is_found(tmp_path: Path) -> None:
    root = make_root(tmp_path, {})
    make_key(root / "home/ayesha/.ssh/client/server", "ed25519", 256, "RFC4716", "")
    assert [row["path"] for row in rows("private_keys", root)] == ["/home/ayesha/.ssh/client/server"]


@needs_keygen
def test_key_named_by_identityfile_is_found_elsewhere(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/home/ayesha/.ssh/config": "Host x\n IdentityFile ~/keys/%u.key\n"})
    make_key(root / "home/ayesha/keys/ayesha.key", "ed25519", 256, "RFC4716", "")
    (row,) = rows("private_keys", root)
    assert row["path"] == "/home/ayesha/keys/ayesha.key"


@needs_keygen
def test_unreadable_host_key_has_nulls_but_its_public_part_tells_the_kind(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = make_root(
        tmp_path / "r",
        {"/usr/sbin/sshd": b"\0OpenSSH_9.2p1 Debian-2\0", "/etc/ssh/sshd_config": "HostKey /etc/ssh/mine\n"},
        {"/usr/sbin/sshd": 0o755},
    )
    make_key(root / "etc/ssh/mine", "rsa", 2048, "RFC4716", "")
    for folder in (root, *root.parents):
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("private_keys", root))
    (row,) = data.rows
    named = dict(zip(data.columns, row, strict=True))
    assert (named["kind"], named["bits"], named["encrypted"]) == ("rsa", 2048, None)


def test_unreadable_folder_makes_the_table_partial(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = make_root(tmp_path / "r", {"/home/ayesha/.ssh/id_rsa": "x"})
    (root / "home/ayesha/.ssh").chmod(0)
    for folder in (root, *root.parents):
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("private_keys", root))
    assert (data.status, data.needs) == ("partial", "root")


@pytest.mark.parametrize(
    "content",
    [
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n\xff\xfe\n",
        b"-----BEGIN OPENSSH PRIVATE KEY-----\n" + base64.b64encode(b"openssh-key-v1\0\xff\xff\xff\xff") + b"\n",
        b"-----BEGIN RSA PRIVATE KEY-----\n" + base64.b64encode(b"\x30\x84\xff\xff\xff\xff") + b"\n",
        b"-----BEGIN PRIVATE KEY-----\nMAA=\n",
        b"-----BEGIN EC PRIVATE KEY-----\n\n",
        b"PuTTY-User-Key-File-2: \nPublic-Lines: 99999999999\n",
    ],
)
def test_broken_key_is_a_row_without_size(content: bytes, tmp_path: Path) -> None:
    (row,) = rows("private_keys", make_root(tmp_path, {"/root/.ssh/id_rsa": content}))
    assert row["bits"] is None


def test_other_files_are_no_keys(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "/root/.ssh/known_hosts": "-----BEGIN RSA PRIVATE KEY-----\n", "/root/.ssh/notes": "no key\n",
        "/root/.ssh/id_rsa.pub": "ssh-rsa AAAA x\n",
        "/root/.ssh/big": b"-----BEGIN RSA PRIVATE KEY-----\n" + b"A" * 300_000,
    }  # fmt: skip
    assert rows("private_keys", make_root(tmp_path, files)) == []
