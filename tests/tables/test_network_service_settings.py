"""samba_config, resolved_config, snmpd_config, cups_config, vsftpd_config, rsync_modules and openvpn_config."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def installed(tmp_path: Path, program: str, files: dict[str, str]) -> Path:
    return make_root(tmp_path, {**files, program: "x"}, {program: 0o755})


def values(table: str, root: Path) -> dict[object, object]:
    return {row["name"]: row["value"] for row in rows(table, root)}


# ---------------------------------------------------------------- Samba

SMB = (
    "[global]\n; min protocol = SMB3\n Min  Protocol = NT1\n server signing = \\\n mandatory\n null passwords = TRUE\n"
    " include = /etc/samba/more.conf\n[share]\n server min protocol = SMB3\n path = /x\n[GLOBAL]\n map to guest = bad user\n"
)


def samba(tmp_path: Path, text: str, more: str = "") -> Path:
    return installed(tmp_path, "/usr/sbin/smbd", {"/etc/samba/smb.conf": text, "/etc/samba/more.conf": more})


def test_samba_takes_the_last_value_of_the_global_section(tmp_path: Path) -> None:
    found = values("samba_config", samba(tmp_path, SMB, "ntlm auth = yes\n"))
    assert (found["server min protocol"], found["server signing"], found["ntlm auth"]) == ("NT1", "mandatory", "yes")
    assert (found["null passwords"], found["map to guest"], found["lanman auth"]) == ("Yes", "bad user", "No")


@pytest.mark.parametrize("line", ["include = /etc/samba/%m.conf", "include = registry", "config backend = registry"])
def test_samba_settings_that_cannot_be_followed_are_said(tmp_path: Path, line: str) -> None:
    assert read_table("samba_config", samba(tmp_path, f"[global]\n{line}\n")).status == "partial"


@pytest.mark.skipif(shutil.which("testparm") is None, reason="testparm is not installed")
@pytest.mark.parametrize(
    "text", [SMB, "[global]\n", "[global]\nserver min protocol = SMB3_11\nlanman auth = 1\nmin protocol = LANMAN1\n"]
)
def test_testparm_says_the_same(tmp_path: Path, text: str) -> None:
    more = "ntlm auth = yes\n"
    root = samba(tmp_path / "root", text, more)
    (tmp_path / "more.conf").write_text(more)
    (tmp_path / "smb.conf").write_text(text.replace("/etc/samba/", f"{tmp_path}/"))
    done = subprocess.run(
        ["testparm", "-svl", "--suppress-prompt", str(tmp_path / "smb.conf")],
        capture_output=True,
        text=True,
        check=False,
    )
    theirs = dict(re.findall(r"^\t([a-z ]+) = ?(.*)$", done.stdout.partition("\n\n[")[0], re.M))
    ours = values("samba_config", root)
    names = (
        "server min protocol",
        "server signing",
        "lanman auth",
        "null passwords",
        "map to guest",
        "ntlm auth",
        "restrict anonymous",
    )
    words = {"required": "mandatory", "ntlmv1-permitted": "yes"}  # testparm writes the first name of each choice
    assert {name: str(ours[name]).lower() for name in names} == {
        name: words.get(theirs[name].lower(), theirs[name].lower()) for name in names
    }


# ---------------------------------------------------------------- systemd-resolved

SHIPPED = "[Resolve]\n#DNSSEC=no\n#LLMNR=yes\n"


def resolved(tmp_path: Path, more: dict[str, str]) -> Path:
    program = "/usr/lib/systemd/systemd-resolved"
    return installed(tmp_path, program, {"/usr/lib/systemd/resolved.conf": SHIPPED, **more})


def test_resolved_takes_drop_ins_and_the_built_in_values_that_its_file_shows(tmp_path: Path) -> None:
    found = values(
        "resolved_config", resolved(tmp_path, {"/etc/systemd/resolved.conf.d/a.conf": "[Resolve]\nLLMNR=off\n"})
    )
    assert (found["LLMNR"], found["DNSSEC"], found["DNSOverTLS"], "at_boot" in found) == ("no", "no", None, False)


def test_resolved_starts_at_boot(tmp_path: Path) -> None:
    unit = "/usr/lib/systemd/system/systemd-resolved.service"
    files = {unit: "[Service]\nExecStart=/x\n", "/usr/lib/systemd/system/multi-user.target": "[Unit]\n"}
    root = resolved(tmp_path, files)
    for link, goal in (
        ("etc/systemd/system/multi-user.target.wants/systemd-resolved.service", unit),
        ("etc/systemd/system/default.target", "/usr/lib/systemd/system/multi-user.target"),
    ):
        (root / link).parent.mkdir(parents=True, exist_ok=True)
        (root / link).symlink_to(goal)
    assert values("resolved_config", root)["at_boot"] == "1"


# ---------------------------------------------------------------- SNMP

SNMP = (
    "# rocommunity private\nagentaddress {address}\nrocommunity public default -V systemonly\nrwcommunity s3cret 10.0.0.0/8\n"
    "rouser monitor priv -V all\nrouser old noauth\nrwuser long authPriv -V all\nrouser half authNoPriv\ncom2sec ro default PUBLIC\n"
)


@pytest.mark.parametrize(
    ("address", "local"), [("127.0.0.1,[::1]", 1), ("udp:127.0.0.1:161", 1), ("udp:161", 0), ("127.0.0.1,10.0.0.1", 0)]
)
def test_snmp(tmp_path: Path, address: str, local: int) -> None:
    root = installed(tmp_path, "/usr/sbin/snmpd", {"/etc/snmp/snmpd.conf": SNMP.format(address=address)})
    found = [
        (r["directive"], r["is_version3"], r["is_well_known"], r["writable"], r["source"], r["security"], r["is_local"])
        for r in rows("snmpd_config", root)
    ]
    assert found == [
        ("rocommunity", 0, 1, 0, "", "", local),
        ("rwcommunity", 0, 0, 1, "10.0.0.0/8", "", local),
        ("rouser", 1, 0, 0, "", "priv", local),
        ("rouser", 1, 0, 0, "", "noauth", local),
        ("rwuser", 1, 0, 1, "", "priv", local),
        ("rouser", 1, 0, 0, "", "auth", local),
        ("com2sec", 0, 1, 0, "", "", local),
    ]
    assert "s3cret" not in str(found)


# ---------------------------------------------------------------- CUPS, FTP, rsync, OpenVPN


@pytest.mark.parametrize(
    ("lines", "reached"),
    [
        ("Listen localhost:631\nListen /run/cups/cups.sock\n", "0"),
        ("Port 631\n", "1"),
        ("#Port 631\nListen 127.0.0.1:631", "0"),
        ("Listen *:631", "1"),
        ("Listen 10.0.0.1:631", "1"),
    ],
)
def test_cups(tmp_path: Path, lines: str, reached: str) -> None:
    text = f"{lines}\nBrowsing On\n<Location /admin>\n  AuthType Default\n  Require user @SYSTEM\n</Location>\n<Policy default>\n<Limit All>\nOrder deny,allow\n</Limit>\n</Policy>\n"
    found = values("cups_config", installed(tmp_path, "/usr/sbin/cupsd", {"/etc/cups/cupsd.conf": text}))
    assert (found["listens_network"], found["browsing"]) == (reached, "Yes")
    assert found["access /admin"] == "authtype default, require user @system"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "YES"),
        ("anonymous_enable=NO\n", "NO"),
        ("#anonymous_enable=NO\n", "YES"),
        ("anonymous_enable=NO\nanonymous_enable=true\n", "YES"),
    ],
)
def test_vsftpd_lets_strangers_in_unless_told_otherwise(tmp_path: Path, text: str, expected: str) -> None:
    found = values("vsftpd_config", installed(tmp_path, "/usr/sbin/vsftpd", {"/etc/vsftpd.conf": text}))
    assert (found["anonymous_enable"], found["ssl_enable"]) == (expected, "NO")


def test_rsync_modules_take_their_defaults_from_the_top(tmp_path: Path) -> None:
    text = "hosts allow = 10.0.0.1\n# x\n[a]\npath = /srv/a\nread only = no\n[b]\n path=/srv/b\n Auth  Users = u\n hosts allow = *\n list = no\n"
    found = [
        (r["name"], r["share_path"], r["writable"], r["auth_users"], r["hosts_allow"], r["listed"], r["line"])
        for r in rows("rsync_modules", make_root(tmp_path, {"/etc/rsyncd.conf": text}))
    ]
    assert found == [("a", "/srv/a", 1, "", "10.0.0.1", 1, 3), ("b", "/srv/b", 0, "u", "*", 0, 6)]


def test_openvpn(tmp_path: Path) -> None:
    server = "port 1194\nserver 10.8.0.0 255.255.255.0 # net\n;cipher BF-CBC\ndata-ciphers AES-256-GCM\n<tls-crypt>\ncipher BF-CBC\n</tls-crypt>\n"
    client = 'client\nremote a.example 1194\n--remote-cert-tls "server"\ncomp-lzo\n'
    root = make_root(tmp_path, {"/etc/openvpn/server/s.conf": server, "/etc/openvpn/c.conf": client})
    found = {(r["instance"], r["name"]): r["value"] for r in rows("openvpn_config", root)}
    assert found["/etc/openvpn/server/s.conf", "role"] == "server"
    assert found["/etc/openvpn/server/s.conf", "inline"] == "tls-crypt"
    assert ("/etc/openvpn/server/s.conf", "cipher") not in found
    assert (found["/etc/openvpn/c.conf", "role"], found["/etc/openvpn/c.conf", "remote-cert-tls"]) == (
        "client",
        "server",
    )
    assert found["/etc/openvpn/c.conf", "comp-lzo"] == ""
