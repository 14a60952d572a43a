"""Real SSH servers: a good and a bad OpenSSH, and Dropbear; ssh-audit, ssh-keyscan and nmap as judges; fixes tried."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import realservers
from servicejudge import Audit, checks

from secaudit.content import library
from secaudit.protocols.ssh import hello, login

SSH = sorted(name for name in checks() if name.startswith("ssh-service-"))
GOOD = """PasswordAuthentication no
KbdInteractiveAuthentication no
DebianBanner no
KexAlgorithms sntrup761x25519-sha512@openssh.com,curve25519-sha256,diffie-hellman-group16-sha512
HostKeyAlgorithms ssh-ed25519,rsa-sha2-512
Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com
MACs hmac-sha2-256-etm@openssh.com
Compression no
"""
BAD = """PasswordAuthentication yes
KexAlgorithms diffie-hellman-group1-sha1,diffie-hellman-group-exchange-sha1,curve25519-sha256
HostKeyAlgorithms ssh-rsa,rsa-sha2-256
Ciphers aes128-cbc,aes256-ctr
MACs hmac-md5,hmac-sha2-256-etm@openssh.com
RequiredRSASize 1024
HostbasedAuthentication yes
"""
FAIL_ON_BAD = {
    "ssh-service-key-exchange", "ssh-service-ciphers", "ssh-service-macs", "ssh-service-etm-first",
    "ssh-service-host-key-algorithms", "ssh-service-host-key-size", "ssh-service-modern-host-key",
    "ssh-service-post-quantum", "ssh-service-password-login", "ssh-service-keyboard-interactive",
    "ssh-service-host-based-login",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ssh")


@pytest.fixture(scope="module")
def good(folder: Path) -> Iterator[int]:
    with realservers.sshd(folder, GOOD) as port:
        yield port


@pytest.fixture(scope="module")
def bad(folder: Path) -> Iterator[int]:
    with realservers.sshd(folder, BAD, (("rsa", "1024"),)) as port:
        yield port


def test_a_good_openssh_fails_nothing(good: int) -> None:
    audit = Audit([good], only=SSH)
    assert audit.having("fail", "unknown") == set(), audit.tables
    assert audit.having("not_applicable") == {"ssh-service-group-size"}  # it offers no group exchange
    assert audit.unplanned() == []


def test_a_bad_openssh_fails_what_is_bad(bad: int) -> None:
    audit = Audit([bad], only=SSH)
    banner = {"ssh-service-banner"} & audit.having("fail")  # only Debian and Ubuntu add their package
    assert audit.having("fail") - banner == FAIL_ON_BAD
    assert audit.having("unknown") == set()
    sizes = {(row["type"], row["bits"]) for row in audit.rows("ssh_host_keys")}
    assert sizes == {("ssh-rsa", 1024)}
    assert {row["method"] for row in audit.rows("ssh_auth_methods")} >= {"publickey", "password"}


def test_a_host_sees_at_most_eight_connections_of_ssh(bad: int) -> None:
    sent = Audit([bad], only=SSH).sent()
    assert 0 < sum(line.startswith("ssh ") for line in sent) <= 8


def test_dropbear_is_read_as_well(folder: Path) -> None:
    with realservers.dropbear(folder) as port:
        audit = Audit([port], only=SSH)
    (server,) = audit.rows("ssh_server")
    assert server["product"] == "dropbear"
    assert {row["type"] for row in audit.rows("ssh_host_keys")} == {"ssh-ed25519", "ssh-rsa"}
    assert audit.having("unknown") == set()


@pytest.mark.parametrize("which", ["good", "bad"])
def test_ssh_audit_sees_the_same(which: str, request: pytest.FixtureRequest) -> None:
    port: int = request.getfixturevalue(which)
    argv = [realservers.oracle("ssh-audit"), "--skip-rate-test", "-j", "-p", str(port), "127.0.0.1"]
    theirs = json.loads(subprocess.run(argv, capture_output=True, text=True, check=False).stdout)
    audit = Audit([port], only=SSH)
    rows = audit.rows("ssh_algorithms")

    def ours(kind: str, direction: str = "") -> list[object]:
        wanted = [row for row in rows if row["kind"] in kind.split() and row["direction"] == direction]
        return [row["name"] for row in sorted(wanted, key=lambda row: int(row["position"] or 0))]

    assert ours("kex signal") == [one["algorithm"] for one in theirs["kex"]]
    assert ours("cipher", "to_server") == [one["algorithm"] for one in theirs["enc"]]
    assert ours("mac", "to_client") == [one["algorithm"] for one in theirs["mac"]]
    assert ours("hostkey") == [one["algorithm"] for one in theirs["key"]]
    assert {row["name"] for row in rows if row["kind"] == "compression"} == set(theirs["compression"])
    sizes = {one["algorithm"]: one["keysize"] for one in theirs["key"] if one.get("keysize")}
    for row in audit.rows("ssh_host_keys"):
        for algorithm, size in sizes.items():
            if row["type"] == algorithm or (row["type"] == "ssh-rsa" and algorithm.startswith("rsa-")):
                assert row["bits"] == size
    prints = {one["hash"] for one in theirs["fingerprints"] if one["hash_alg"] == "SHA256"}
    assert {str(row["fingerprint"]).removeprefix("SHA256:") for row in audit.rows("ssh_host_keys")} == prints


def test_nmap_lists_the_same_algorithms(bad: int) -> None:
    argv = [
        realservers.program("nmap"),
        "-n",
        "-Pn",
        "-sT",
        "-p",
        str(bad),
        "--script",
        "+ssh2-enum-algos",
        "127.0.0.1",
    ]
    theirs = set(re.findall(r"^\|_?\s+([a-z0-9@.-]{3,})$", subprocess.run(argv, capture_output=True, text=True, check=True).stdout, re.M))  # fmt: skip
    ours = {str(row["name"]) for row in Audit([bad], only=SSH).rows("ssh_algorithms")} - {"none"}
    assert ours <= theirs | {"zlib@openssh.com"}


def fix_lines(check: str) -> list[str]:
    """The settings that a printed fix writes."""
    found = next(entry.value for entry in library.load().checks.values() if entry.value.id == check)
    return re.findall(r"^echo '([^']+)' \| sudo tee", found.fix["any"], re.M)


@pytest.mark.parametrize("check", sorted(FAIL_ON_BAD - {"ssh-service-host-key-size", "ssh-service-modern-host-key"}))
def test_the_printed_setting_mends_a_real_server(check: str, folder: Path) -> None:
    lines = fix_lines(check)
    assert lines, "the fix prints no setting"
    words = {line.split()[0] for line in lines}
    rest = "".join(f"{line}\n" for line in BAD.splitlines() if line.split()[0] not in words)
    keys = (("rsa", "3072"), ("ed25519",))
    with realservers.sshd(folder, BAD, keys) as broken:
        assert Audit([broken], only=[check]).having("fail") == {check}
    with realservers.sshd(folder, "\n".join(lines) + "\n" + rest, keys) as mended:
        assert Audit([mended], only=[check]).having("pass") == {check}


def test_without_debians_comment_the_banner_is_short(folder: Path) -> None:
    with realservers.sshd(folder, "\n".join(fix_lines("ssh-service-banner")) + "\n") as port:
        assert Audit([port], only=["ssh-service-banner"]).having("pass") == {"ssh-service-banner"}


def test_a_server_that_lets_everybody_in_is_found(folder: Path) -> None:
    """An account without a password, in a private view of /etc, so nothing of this machine changes."""
    own = folder / "etc"
    own.mkdir()
    (own / "passwd").write_text(Path("/etc/passwd").read_text() + f"{login.USER}:x:64321:64321::/tmp:/bin/sh\n")
    (own / "shadow").write_text(Path("/etc/shadow").read_text() + f"{login.USER}::20000:0:99999:7:::\n")
    view = [realservers.program("unshare"), "-m", "sh", "-c",
            f'mount --bind {own}/passwd /etc/passwd && mount --bind {own}/shadow /etc/shadow && exec "$@"', "sh"]  # fmt: skip
    if subprocess.run([*view, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no mounts of its own here")
    check = "ssh-service-open-login"
    with realservers.sshd(folder, "PermitEmptyPasswords yes\n", before=view) as port:
        audit = Audit([port], only=[check])
        assert [row["method"] for row in audit.rows("ssh_auth_methods")] == ["none"]
        assert audit.having("fail") == {check}
    with realservers.sshd(folder, "\n".join(fix_lines(check)) + "\n", before=view) as port:
        assert Audit([port], only=[check]).having("pass") == {check}


def test_the_ssh_program_uses_nothing_of_the_user() -> None:
    offer = hello.Offer(("curve25519-sha256",), ("ssh-ed25519",), *[("x",)] * 6, follows=False)
    argv = login.command("::1", 22, 5, offer)
    assert argv[:3] == ["ssh", "-F", "none"]
    assert argv[-3:] == ["--", "::1", "secaudit-none"]
    assert {"IdentityAgent=none", "IdentityFile=none", "UserKnownHostsFile=/dev/null", "BatchMode=yes"} <= set(argv)
    for name in ("-oProxyCommand=id", "host.example", "127.0.0.1 -v"):
        with pytest.raises(ValueError):
            login.command(name, 22, 5, offer)
