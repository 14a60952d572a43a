"""sshd_config and sshd_algorithms, compared with what real sshd programs print."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sshd_real import RealSshd, real_sshds

from secaudit.tables.host._sshd import _ask_program
from secaudit.targets.host import HostAccess
from secaudit.targets.recorder import Cache, Recorder
from tabletest import make_root, read_table, rows, rows_of

SSHDS = real_sshds()
BANNER_9_2 = b"\0OpenSSH_9.2p1 Debian-2+deb12u3\0"
needs_sshd = pytest.mark.skipif(not SSHDS, reason="sshd is not installed, or this is not root")


def sshd_root(folder: Path, config: str, more: dict[str, str] | None = None, banner: bytes = BANNER_9_2) -> Path:
    files: dict[str, str | bytes] = {"/etc/ssh/sshd_config": config, "/usr/sbin/sshd": banner, **(more or {})}
    return make_root(folder, files, {"/usr/sbin/sshd": 0o755})


def values(table: list[dict[str, str | int | None]], keyword: str, match: str = "") -> list[str | int | None]:
    return [row["value"] for row in table if row["keyword"] == keyword and row["match"] == match]


def value(folder: Path, config: str, keyword: str, more: dict[str, str] | None = None) -> str | int | None:
    (only,) = values(rows("sshd_config", sshd_root(folder, config, more)), keyword)
    return only


# ---------------------------------------------------------------- against real programs


@pytest.fixture(scope="session")
def host_key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "ssh_host_ed25519_key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


def ours(root: Path, matched: tuple[str, ...]) -> tuple[str, Counter[tuple[str, str]]]:
    """The table as `sshd -T` would print it for a connection that fulfils these criteria, with its status."""
    data = read_table("sshd_config", root)
    table = rows_of(data)
    result = {}
    for row in table:
        if row["match"] == "":
            result.setdefault(row["keyword"], []).append(row["value"])
    chosen: dict[str, list[object]] = {}
    lists = ("allowusers", "denyusers", "allowgroups", "denygroups", "acceptenv")
    origin: dict[str, object] = {}
    for row in table:
        if row["match"] == "" or not all(part in matched for part in str(row["match"]).split(" and ")):
            continue
        keyword = str(row["keyword"])
        place = (row["match"], row["path"], row["line"])
        if keyword not in chosen or keyword in lists or origin[keyword] == place:
            chosen.setdefault(keyword, []).append(row["value"])
            origin.setdefault(keyword, place)
    result.update(chosen)
    return data.status, Counter(
        (str(keyword), str(item))
        for keyword, items in result.items()
        for item in items
        if item != "" and keyword not in ("hostkey", "protocol")
    )


def compare(
    sshd: RealSshd,
    folder: Path,
    host_key: Path,
    config: str,
    more: dict[str, str],
    connection: str = "",
    matched: tuple[str, ...] = (),
) -> None:
    """Both must see the same; what sshd refuses must not be a complete table."""
    folder.mkdir(parents=True, exist_ok=True)
    real_folder = folder / "real"
    for name, text in {"/etc/ssh/sshd_config": config, **more}.items():
        place = real_folder / name.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text.replace("/inc/", f"{real_folder}/inc/"))
    root = sshd_root(folder / "root", config, more, sshd.banner)
    real = sshd.ask(real_folder / "etc/ssh/sshd_config", host_key, connection)
    status, mine = ours(root, matched)
    if real is None:
        assert status == "partial", config
        return
    hidden = {pair for pair in mine if pair[0] in ("debianbanner", "revokedkeys")} - set(real)  # not always printed
    assert +(mine - Counter(dict.fromkeys(hidden, 9))) == real, config
    assert status == "ok", config


TRICKY = [
    ("nothing at all", "", {}),
    ("case and equals sign", "PERMITrootLOGIN=NO\npasswordauthentication = no\nX11Forwarding\t\tyes\n", {}),
    ("first wins", "MaxAuthTries 3\nMaxAuthTries 9\n", {}),
    ("last wins here", "MaxStartups 5\nMaxStartups 3:40:9\n", {}),
    ("last wins for these too", "IPQoS af21 cs1\nIPQoS ef cs0\nFingerprintHash md5\nFingerprintHash sha256\n"
     "StreamLocalBindMask 077\nStreamLocalBindMask 027\n", {}),
    ("quoted value", 'PermitRootLogin "no"\nBanner "/etc/issue net"\n', {}),
    ("quotes not closed", 'Banner "/etc/issue\n', {}),
    ("comment at the end", "PermitRootLogin no # never\n", {}),
    ("comment of a list", "AllowUsers anna bob # and nobody else\n", {}),
    ("comment without a blank", "PermitRootLogin no#never\n", {}),
    ("keyword without a value", "PermitRootLogin\n", {}),
    ("empty value", 'PermitRootLogin ""\n', {}),
    ("words too many", "PermitRootLogin no yes\n", {}),
    ("unknown keyword", "PermitRootLogon no\n", {}),
    ("unknown value", "PermitRootLogin never\n", {}),
    ("true is not yes", "X11Forwarding true\n", {}),
    ("carriage returns", "PermitRootLogin no\r\nMaxSessions 4\r\n", {}),
    ("no newline at the end", "PermitRootLogin no", {}),
    ("form feed at the end", "PermitRootLogin no\f\n", {}),
    ("form feed inside", "PermitRootLogin\fno\n", {}),
    ("times", "LoginGraceTime 1m30s\nClientAliveInterval 2H\n", {}),
    ("time without a number", "LoginGraceTime m\n", {}),
    ("time 0", "LoginGraceTime 0\n", {}),
    ("negative number", "MaxAuthTries -1\n", {}),
    ("deprecated keywords", "Protocol 2\nUsePrivilegeSeparation sandbox\nRSAAuthentication yes\n", {}),
    ("old names", "PubkeyAcceptedKeyTypes ssh-ed25519\nHostbasedAcceptedKeyTypes ssh-ed25519\nKeepAlive no\n", {}),
    ("challenge response off", "ChallengeResponseAuthentication no\n", {}),
    ("keyboard-interactive off", "KbdInteractiveAuthentication no\n", {}),
    ("both, in one order", "KbdInteractiveAuthentication no\nChallengeResponseAuthentication yes\n", {}),
    ("both, in the other", "ChallengeResponseAuthentication no\nKbdInteractiveAuthentication yes\n", {}),
    ("skey alias", "SkeyAuthentication no\n", {}),
    ("dsa alias", "DSAAuthentication no\n", {}),
    ("ports and addresses", "Port 22\nPort 2222\nListenAddress 127.0.0.1\nListenAddress [::1]:99\n", {}),
    ("address before port", "ListenAddress 0.0.0.0\nPort 2200\n", {}),
    ("bare IPv6 address", "ListenAddress ::1\n", {}),
    ("only IPv4", "AddressFamily inet\n", {}),
    ("port 0", "Port 0\n", {}),
    ("cipher list", "Ciphers aes256-ctr,aes128-ctr\n", {}),
    ("cipher added", "Ciphers +3des-cbc\n", {}),
    ("cipher put first", "Ciphers ^aes256-cbc,aes256-ctr\n", {}),
    ("cipher removed", "Ciphers -chacha20*,aes128-*\n", {}),
    ("all ciphers removed", "Ciphers -*\n", {}),
    ("unknown cipher", "Ciphers +rot13\n", {}),
    ("unknown cipher removed", "Ciphers -rot13\n", {}),
    ("cipher twice", "Ciphers aes256-ctr,aes256-ctr\n", {}),
    ("MACs", "MACs -umac*,hmac-sha1*\n", {}),
    ("key exchange", "KexAlgorithms +diffie-hellman-group14-sha1\n", {}),
    ("key exchange removed", "KexAlgorithms -ecdh*,diffie*\n", {}),
    ("host key algorithms added", "HostKeyAlgorithms +ssh-rsa\n", {}),
    ("public keys by wildcard", "PubkeyAcceptedAlgorithms rsa-sha2-*,ssh-ed25519\n", {}),
    ("public keys removed", "PubkeyAcceptedKeyTypes -ecdsa*,sk-*\n", {}),
    ("list with a blank in it", "Ciphers aes256-ctr, aes128-ctr\n", {}),
    ("environment", "AcceptEnv LANG LC_*\nAcceptEnv COLORTERM\nSetEnv A=b C=d\nSetEnv E=f\n", {}),
    ("set environment without value", "SetEnv A\n", {}),
    ("allow lists", "AllowUsers anna bob@10.*\nAllowUsers carl\nDenyGroups a b\nAllowGroups ssh\n", {}),
    ("subsystem", "Subsystem sftp internal-sftp -f AUTH -l INFO\n", {}),
    ("forced command", 'ForceCommand /bin/echo "a b" # not a comment\n', {}),
    ("version addendum", "VersionAddendum hello\n", {}),
    ("version addendum none", "VersionAddendum none\n", {}),
    ("authorized keys files", "AuthorizedKeysFile /etc/keys/%u .ssh/keys\n", {}),
    ("authorized keys command", "AuthorizedKeysCommand /bin/x %u\nAuthorizedKeysCommandUser nobody\n", {}),
    ("authorized keys command relative", "AuthorizedKeysCommand x %u\nAuthorizedKeysCommandUser nobody\n", {}),
    ("authentication methods", "AuthenticationMethods publickey,password publickey\n", {}),
    ("rekey limit", "RekeyLimit 1G 1h\n", {}),
    ("rekey limit in two lines", "RekeyLimit 512M\nRekeyLimit 1G 30m\n", {}),
    ("permit open", "PermitOpen a:22 b:80\nPermitListen 8080 localhost:90\n", {}),
    ("permit nothing", "PermitOpen none\nPermitListen none\n", {}),
    ("tunnel", "PermitTunnel point-to-point\n", {}),
    ("user environment by pattern", "PermitUserEnvironment LANG,LC_*\n", {}),
    ("forwarding all", "AllowTcpForwarding all\nAllowStreamLocalForwarding local\nGatewayPorts clientspecified\n", {}),
    ("log level", "LogLevel debug1\nSyslogFacility local3\n", {}),
    ("log level unknown", "LogLevel loud\n", {}),
    ("mask", "StreamLocalBindMask 077\n", {}),
    ("hash", "FingerprintHash md5\n", {}),
    ("quality of service", "IPQoS af21 cs1\n", {}),
    ("rhosts", "IgnoreRhosts shosts-only\n", {}),
    ("compression", "Compression delayed\n", {}),
    ("none", "Banner none\nChrootDirectory NONE\nAuthorizedPrincipalsFile none\n", {}),
    ("per source", "PerSourceMaxStartups 5\nPerSourceNetBlockSize 24:56\n", {}),
    ("penalties", "PerSourcePenalties authfail:10s max:1h\n", {}),
    ("penalties off", "PerSourcePenalties no\n", {}),
    ("unused timeout", "UnusedConnectionTimeout 5m\nChannelTimeout session=10m\n", {}),
    ("rsa size", "RequiredRSASize 2048\n", {}),
    ("include in order", "Include /inc/*.conf\nMaxAuthTries 6\n",
     {"/inc/20.conf": "MaxAuthTries 2\n", "/inc/10.conf": "MaxAuthTries 1\n", "/inc/.5.conf": "MaxAuthTries 5\n"}),
    ("include after", "MaxAuthTries 6\nInclude /inc/*.conf\n", {"/inc/20.conf": "MaxAuthTries 2\nMaxSessions 3\n"}),
    ("include of nothing", "Include /inc/*.conf /inc/none\nMaxAuthTries 6\n", {}),
    ("include twice", "Include /inc/a /inc/a\n", {"/inc/a": "AllowUsers x\nPort 99\n"}),
    ("include of itself", "Include /inc/a\n", {"/inc/a": "Include /inc/a\n"}),
    ("nested include", "Include /inc/a\n", {"/inc/a": "Include /inc/b\nMaxSessions 2\n", "/inc/b": "MaxSessions 1\n"}),
    ("bad line in an include", "Include /inc/a\n", {"/inc/a": "Nonsense 1\n"}),
    ("quoted include", 'Include "/inc/a b"\n', {"/inc/a b": "MaxSessions 2\n"}),
    ("match hides the rest", "Match User bob\nPasswordAuthentication no\n", {}),
    ("global keyword in a match", "Match User bob\nPort 22\n", {}),
    ("match all at the end",
     "MaxSessions 3\nMatch User bob\nMaxSessions 5\nMatch all\nMaxSessions 4\nMaxAuthTries 2\n", {}),
    ("port after match all", "Match User bob\nMaxSessions 5\nMatch all\nPort 99\n", {}),
    ("match without criteria", "Match\nMaxSessions 2\n", {}),
    ("match all with more", "Match all User bob\nMaxSessions 2\n", {}),
    ("match of an unknown kind", "Match Weekday monday\nMaxSessions 2\n", {}),
    ("match with an equals sign", "Match User=bob\nMaxSessions 2\n", {}),
    ("match that ends in a comment", "Match User bob # the builder\nMaxSessions 2\n", {}),
    ("match in an include ends with it", "Include /inc/a\nPort 99\nMaxSessions 8\n",
     {"/inc/a": "Match User bob\nMaxSessions 2\n"}),
    ("include in a match", "Match User bob\nInclude /inc/a\n", {"/inc/a": "MaxSessions 2\n"}),
    ("include in a match with a global keyword", "Match User bob\nInclude /inc/a\n", {"/inc/a": "Port 2\n"}),
]  # fmt: skip


@needs_sshd
@pytest.mark.parametrize("sshd", SSHDS, ids=repr)
@pytest.mark.parametrize(("name", "config", "more"), TRICKY, ids=[case[0] for case in TRICKY])
def test_global_section_is_what_sshd_prints(
    sshd: RealSshd, name: str, config: str, more: dict[str, str], tmp_path: Path, host_key: Path
) -> None:
    compare(sshd, tmp_path, host_key, config, more)


MATCHED = [
    ("user", "MaxSessions 3\nMatch User bob\nMaxSessions 5\nMatch User eve\nMaxSessions 7\n", {}),
    ("first block wins", "Match User bob\nMaxSessions 5\nMatch Address 10.1.*\nMaxSessions 7\nX11Forwarding yes\n", {}),
    ("all wins over the global value", "PasswordAuthentication no\nMatch all\nPasswordAuthentication yes\n", {}),
    ("earlier block wins over all", "Match User bob\nMaxSessions 5\nMatch all\nMaxSessions 7\nMaxAuthTries 3\n", {}),
    ("same block twice", "Match User bob\nMaxSessions 5\nMatch User bob\nMaxSessions 7\nMaxAuthTries 3\n", {}),
    ("lists are replaced",
     "AcceptEnv A\nMatch User bob\nAcceptEnv B\nAcceptEnv C\nMatch Address 10.1.*\nAcceptEnv D\n", {}),
    ("both criteria",
     "Match User bob Address 10.1.*\nMaxSessions 5\nMatch User bob Address 10.9.*\nMaxSessions 6\n", {}),
    ("include in a match", "Match User bob\nInclude /inc/a\nMaxSessions 9\n", {"/inc/a": "MaxSessions 2\n"}),
    ("match in an include in a match", "Match User bob\nInclude /inc/a\nMaxSessions 9\n",
     {"/inc/a": "Match Address 10.1.*\nMaxSessions 2\nMatch User eve\nMaxAuthTries 4\n"}),
    ("match in an include", "Include /inc/a\nMaxSessions 9\n", {"/inc/a": "Match User bob\nMaxSessions 2\n"}),
    ("algorithms in a match", "Match User bob\nPubkeyAcceptedKeyTypes +ssh-rsa\n", {}),
    ("password for one", "PasswordAuthentication no\nMatch User bob\nPasswordAuthentication yes\n", {}),
]  # fmt: skip


@needs_sshd
@pytest.mark.parametrize("sshd", SSHDS, ids=repr)
@pytest.mark.parametrize(("name", "config", "more"), MATCHED, ids=[case[0] for case in MATCHED])
def test_match_blocks_are_what_sshd_prints_for_a_connection(
    sshd: RealSshd, name: str, config: str, more: dict[str, str], tmp_path: Path, host_key: Path
) -> None:
    matched = ("user bob", "address 10.1.*", "user bob address 10.1.*")
    compare(sshd, tmp_path, host_key, config, more, "user=bob,host=client,addr=10.1.2.3", matched)


_POOL = {
    "PermitRootLogin": ["yes", "no", "prohibit-password", "without-password", "forced-commands-only", "maybe"],
    "PasswordAuthentication": ["yes", "no", "No", '"yes"'],
    "KbdInteractiveAuthentication": ["yes", "no"],
    "ChallengeResponseAuthentication": ["yes", "no"],
    "X11Forwarding": ["yes", "no", "no # x"],
    "MaxAuthTries": ["1", "6", "007", "x"],
    "LoginGraceTime": ["30", "2m", "1h1s", "0", "1x"],
    "ClientAliveInterval": ["0", "5m"],
    "AllowTcpForwarding": ["all", "local", "no"],
    "AllowUsers": ["a", "a b", "root@10.0.0.1"],
    "AcceptEnv": ["A B", "LC_*"],
    "Ciphers": ["aes256-ctr", "+aes128-cbc", "-aes*", "^aes256-ctr", "nope"],
    "MACs": ["-*sha1*", "hmac-sha2-512,hmac-md5"],
    "PubkeyAcceptedKeyTypes": ["ssh-ed25519*", "-rsa*", "+ssh-rsa"],
    "LogLevel": ["VERBOSE", "debug"],
    "Port": ["22", "2222"],
    "ListenAddress": ["127.0.0.1", "[::1]:2200"],
    "MaxStartups": ["10", "5:50:60"],
    "Banner": ["none", "/etc/issue"],
    "IgnoreRhosts": ["yes", "shosts-only"],
    "Match": ["User bob", "all", "User=eve", "Address 10.1.*"],
    "Include": ["/inc/a", "/inc/*.conf"],
    "#": ["PermitRootLogin yes"],
}


@st.composite
def config_lines(draw: st.DrawFn, depth: int = 0) -> str:
    lines = []
    for _ in range(draw(st.integers(0, 7))):
        keyword = draw(st.sampled_from(sorted(_POOL)))
        written = draw(st.sampled_from([keyword, keyword.lower(), keyword.upper()]))
        gap = draw(st.sampled_from([" ", "\t", " = ", "=", "  "]))
        before = draw(st.sampled_from(["", "", "  ", "\t"]))
        after = draw(st.sampled_from(["", "", " ", "\t\r"]))
        lines.append(before + written + gap + draw(st.sampled_from(_POOL[keyword])) + after)
    return "\n".join(lines) + "\n"


@needs_sshd
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    config=config_lines(),
    first=config_lines(),
    second=config_lines(),
    sshd=st.sampled_from(SSHDS or [None]),
    with_connection=st.booleans(),
)
def test_any_configuration_is_read_as_sshd_reads_it(
    config: str,
    first: str,
    second: str,
    sshd: RealSshd,
    with_connection: bool,
    tmp_path_factory: pytest.TempPathFactory,
    host_key: Path,
) -> None:
    folder = tmp_path_factory.mktemp("case")
    try:
        more = {"/inc/a": first, "/inc/b.conf": second}
        if with_connection:
            compare(
                sshd, folder, host_key, config, more, "user=bob,host=client,addr=10.1.2.3",
                ("user bob", "address 10.1.*"),
            )  # fmt: skip
        else:
            compare(sshd, folder, host_key, config, more)
    finally:
        shutil.rmtree(folder)


# ---------------------------------------------------------------- what no real program can be asked


def test_no_server_is_absent(tmp_path: Path) -> None:
    data = read_table("sshd_config", make_root(tmp_path, {"/etc/ssh/sshd_config": "PermitRootLogin yes\n"}))
    assert (data.status, data.rows) == ("absent", ())


def test_file_and_line_that_decided_are_given(tmp_path: Path) -> None:
    root = sshd_root(tmp_path, "# x\nInclude /etc/ssh/sshd_config.d/*.conf\nPermitRootLogin yes\n",
                     {"/etc/ssh/sshd_config.d/50-cloud.conf": "\nPermitRootLogin no\n"})  # fmt: skip
    (row,) = [row for row in rows("sshd_config", root) if row["keyword"] == "permitrootlogin"]
    assert row == {
        "keyword": "permitrootlogin", "value": "no", "match": "", "path": "/etc/ssh/sshd_config.d/50-cloud.conf",
        "for_root": 1, "line": 2, "is_default": 0,
    }  # fmt: skip


def test_relative_include_is_below_etc_ssh(tmp_path: Path) -> None:
    more = {"/etc/ssh/more.d/a.conf": "MaxSessions 2\n"}
    assert value(tmp_path, "Include more.d/*.conf\n", "maxsessions", more) == "2"


def test_empty_lists_have_one_row_with_an_empty_value(tmp_path: Path) -> None:
    table = rows("sshd_config", sshd_root(tmp_path, ""))
    assert values(table, "allowusers") == [""]
    assert values(table, "denygroups") == [""]


def test_match_row_names_its_criteria_and_hidden_rows_are_left_out(tmp_path: Path) -> None:
    config = (
        "PasswordAuthentication no\nMatch User bob Address 10.*\nPasswordAuthentication yes\n"
        "Match User bob Address 10.*\nPasswordAuthentication no\n"
    )
    table = rows("sshd_config", sshd_root(tmp_path, config))
    assert [
        (row["match"], row["value"], row["line"]) for row in table if row["keyword"] == "passwordauthentication"
    ] == [
        ("", "no", 1),
        ("user bob address 10.*", "yes", 3),
    ]


def test_protocol_1_leaves_a_trace(tmp_path: Path) -> None:
    assert value(tmp_path, "Protocol 2,1\n", "protocol") == "2,1"


def as_version(folder: Path, banner: bytes, config: str = "") -> list[dict[str, str | int | None]]:
    return rows("sshd_config", sshd_root(folder, config, banner=banner))


def test_unknown_version_leaves_defaults_open_that_ever_changed(tmp_path: Path) -> None:
    table = as_version(tmp_path, b"no banner here")
    assert values(table, "kexalgorithms") == [None]
    assert values(table, "pubkeyacceptedalgorithms") == [None]
    assert values(table, "permitrootlogin") == ["prohibit-password"]  # never changed


def test_version_between_two_measured_ones_has_what_both_have(tmp_path: Path) -> None:
    table = as_version(tmp_path, b"\0OpenSSH_9.9p1\0")  # Fedora 42
    assert values(table, "hostkeyalgorithms")[0] is not None
    assert values(table, "kexalgorithms") == [None]  # changed somewhere between 9.6 and 10.0


def test_future_version_is_not_trusted_to_keep_its_defaults(tmp_path: Path) -> None:
    assert values(as_version(tmp_path, b"\0OpenSSH_11.4p1 Debian-1\0"), "kexalgorithms") == [None]


def test_version_comes_from_dpkg_when_the_program_does_not_tell(tmp_path: Path) -> None:
    status = "Package: openssh-server\nStatus: install ok installed\nVersion: 1:9.2p1-2+deb12u3\n\n"
    root = sshd_root(tmp_path, "", {"/var/lib/dpkg/status": "Package: a\nVersion: 1\n\n" + status}, b"nothing")
    assert values(rows("sshd_config", root), "kexalgorithms")[0] is not None


def test_keyword_of_a_newer_version_or_other_build_is_kept(tmp_path: Path) -> None:
    table = as_version(tmp_path, b"\0OpenSSH_12.0p1\0", "FutureThing yes\n")
    assert values(table, "futurething") == ["yes"]


def test_included_file_that_cannot_be_read_leaves_later_values_open(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = sshd_root(tmp_path / "r", "MaxAuthTries 2\nInclude /etc/ssh/d/*.conf\nPermitRootLogin yes\n",
                     {"/etc/ssh/d/50.conf": "PermitRootLogin no\n"})  # fmt: skip
    (root / "etc/ssh/d/50.conf").chmod(0)
    for folder in [root, *root.parents]:
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    data = as_nobody(lambda: read_table("sshd_config", root))
    assert (data.status, data.needs) == ("partial", "root")
    table = rows_of(data)
    assert values(table, "maxauthtries") == ["2"]
    assert values(table, "permitrootlogin") == [None]
    assert values(table, "x11forwarding") == [None]
    assert values(table, "allowusers") == [None]


def test_main_file_that_cannot_be_read_is_denied(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = sshd_root(tmp_path / "r", "PermitRootLogin no\n")
    (root / "etc/ssh/sshd_config").chmod(0o600)
    for folder in [root, *root.parents]:
        if str(folder).startswith(str(tmp_path.parent.parent)):
            folder.chmod(0o755)
    assert as_nobody(lambda: read_table("sshd_config", root)).status == "denied"


UNIT = "[Unit]\nDescription=x\n[Service]\nEnvironmentFile=-/etc/default/ssh\nExecStart=/usr/sbin/sshd -D $SSHD_OPTS\n"


def test_options_of_the_service_win_over_the_file(tmp_path: Path) -> None:
    root = sshd_root(tmp_path, "PermitRootLogin no\n", {
        "/lib/systemd/system/ssh.service": UNIT,
        "/etc/default/ssh": "# options\nSSHD_OPTS='-o PermitRootLogin=yes -p 2222 -oX11Forwarding=yes'\n",
    })  # fmt: skip
    table = rows("sshd_config", root)
    assert values(table, "permitrootlogin") == ["yes"]
    assert values(table, "x11forwarding") == ["yes"]
    (row,) = [row for row in table if row["keyword"] == "port"]
    assert (row["value"], row["path"], row["line"]) == ("2222", "/etc/default/ssh", 2)


def test_drop_in_of_the_unit_can_name_another_file(tmp_path: Path) -> None:
    root = sshd_root(tmp_path, "PermitRootLogin no\n", {
        "/lib/systemd/system/ssh.service": UNIT,
        "/etc/systemd/system/ssh.service.d/a.conf":
            "[Service]\nExecStart=\nExecStart=/usr/sbin/sshd -D \\\n  -f /etc/ssh/other\n",
        "/etc/ssh/other": "PermitRootLogin yes\n",
    })  # fmt: skip
    assert values(rows("sshd_config", root), "permitrootlogin") == ["yes"]


def test_server_of_another_place_is_not_taken_for_understood(tmp_path: Path) -> None:
    unit = "[Service]\nExecStart=/opt/ssh/sbin/sshd -D\n"
    root = sshd_root(tmp_path, "", {"/etc/systemd/system/sshd.service": unit})
    assert read_table("sshd_config", root).status == "partial"


def test_options_of_openrc_are_read(tmp_path: Path) -> None:
    root = sshd_root(tmp_path, "", {"/etc/conf.d/sshd": 'SSHD_OPTS="-o PermitRootLogin=yes"\n'})
    assert values(rows("sshd_config", root), "permitrootlogin") == ["yes"]


@pytest.mark.parametrize(
    "config",
    [
        "Include /etc/ssh/sshd_config\nInclude /etc/ssh/sshd_config\n",
        "PermitRootLogin yes\0\n",
        "\x1b[2J\xff" * 50,
        "AllowUsers " + "a " * 300_000 + "\n",
        "Match User a\n" * 20_000 + "MaxSessions 1\n" * 20_000,
        "Port 22\n" * 60_000,
        "Ciphers " + "+" * 900_000,
    ],
)
def test_hostile_configuration_ends_soon_and_is_never_complete(config: str, tmp_path: Path) -> None:
    assert read_table("sshd_config", sshd_root(tmp_path, config)).status in ("partial", "failed", "ok")


def test_algorithms_are_one_row_each_and_in_order(tmp_path: Path) -> None:
    table = rows("sshd_algorithms", sshd_root(tmp_path, "\nCiphers aes256-ctr,3des-cbc\n"))
    ciphers = [row for row in table if row["kind"] == "cipher"]
    assert [(row["position"], row["name"], row["line"]) for row in ciphers] == [
        (1, "aes256-ctr", 2),
        (2, "3des-cbc", 2),
    ]
    assert {row["kind"] for row in table} == {"cipher", "mac", "kex", "hostkey", "pubkey", "hostbased", "ca_signature"}


def test_added_algorithm_shows_even_when_the_default_is_not_known(tmp_path: Path) -> None:
    table = rows("sshd_algorithms", sshd_root(tmp_path, "KexAlgorithms +diffie-hellman-group1-sha1\n", banner=b"?"))
    assert [row["name"] for row in table if row["kind"] == "kex"] == ["diffie-hellman-group1-sha1", None]


@needs_sshd
def test_sshd_that_was_not_measured_is_asked_for_its_defaults() -> None:
    target = Recorder(HostAccess(), Cache(), 0, time.monotonic() + 10)
    asked = _ask_program(target)
    known = {str(row["keyword"]): row["value"] for row in rows("sshd_config") if row["is_default"] and row["value"]}
    left_out = ("hostkey", "listenaddress", "debianbanner", "kbdinteractiveauthentication")
    assert {key: asked.get(key) for key in known if key not in left_out} == {
        key: value for key, value in known.items() if key not in left_out
    }
