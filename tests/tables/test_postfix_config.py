"""postfix_config and exim_config: what the mail servers would use; postconf says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host._postfixconf import DEFAULTS
from tabletest import make_root, read_table, rows

PROGRAM = {"/usr/sbin/postconf": "x"}
MODES = {"/usr/sbin/postconf": 0o755}
MAIN = (
    "# c\nmyhostname = mail.example\nmydomain = example\n   # still a comment\nmynetworks =\n 127.0.0.0/8\n# between\n\n  [::1]/128\n"
    "inet_interfaces = all\ninet_interfaces=$myhostname, localhost\nsmtpd_use_tls = yes\nsmtpd_banner = ${myhostname} x\n"
    "smtpd_tls_security_level = ${smtpd_use_tls?may}${smtpd_use_tls:none}\n"
)


def found(tmp_path: Path, main: str, master: str = "") -> dict[tuple[object, object], object]:
    root = make_root(tmp_path, {"/etc/postfix/main.cf": main, "/etc/postfix/master.cf": master, **PROGRAM}, MODES)
    return {(row["instance"], row["name"]): row["value"] for row in rows("postfix_config", root)}


def test_continued_lines_variables_and_the_last_value(tmp_path: Path) -> None:
    values = found(tmp_path, MAIN)
    assert values["", "mynetworks"] == "127.0.0.0/8 [::1]/128"
    assert values["", "inet_interfaces"] == "mail.example, localhost"
    assert (values["", "smtpd_banner"], values["", "smtpd_tls_security_level"]) == ("mail.example x", "may")
    assert (values["", "listens_network"], values["", "server_tls"]) == ("1", "may")


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("smtpd_use_tls=yes", "may"), ("smtpd_enforce_tls=yes", "encrypt"), ("smtpd_use_tls=no", "none"), ("x=y", "none"),
        ("smtpd_tls_security_level=none\nsmtpd_use_tls=yes", "none"), ("smtpd_tls_security_level=may", "may"),
    ],
)  # fmt: skip
def test_the_level_of_encryption_also_from_the_old_words(tmp_path: Path, line: str, level: str) -> None:
    assert found(tmp_path, line)["", "server_tls"] == level


@pytest.mark.parametrize(
    ("networks", "wide"),
    [
        ("127.0.0.0/8 [::1]/128 192.168.0.0/16", ""), ("0.0.0.0/0", "0.0.0.0/0"), ("[::]/0", "[::]/0"), ("0.0.0.0/1", "0.0.0.0/1"),
        ("203.0.114.0/24", ""), ("8.8.0.0/16", "8.8.0.0/16"), ("hash:/etc/x", ""), ("!8.0.0.0/8", ""), ("$mynetworks_x", ""),
    ],
)  # fmt: skip
def test_networks_that_are_not_ours_alone(tmp_path: Path, networks: str, wide: str) -> None:
    assert found(tmp_path, f"mynetworks = {networks}")["", "wide_networks"] == wide


def test_a_service_may_change_settings_for_itself(tmp_path: Path) -> None:
    master = (
        "smtp inet n - y - - smtpd\nsubmission inet n - y - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n#  -o x=y\n"
        "  -o { smtpd_tls_auth_only = no }\n  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\nqmgr unix n - n 300 1 qmgr\n"
    )
    values = found(tmp_path, "smtpd_tls_auth_only = yes\nsmtpd_tls_security_level = may", master)
    assert values["submission", "smtpd_sasl_auth_enable"] == "yes"
    assert values["submission", "smtpd_tls_auth_only"] == "no"
    assert (values["submission", "server_tls"], values["", "smtpd_tls_auth_only"]) == ("may", "yes")
    assert values["submission", "smtpd_relay_restrictions"] == "permit_sasl_authenticated,reject"
    assert ("smtp", "smtpd_sasl_auth_enable") not in values


@pytest.mark.parametrize(
    ("main", "closed"),
    [
        ("compatibility_level = 3.6", "1"), ("x=y", "1"),
        ("smtpd_relay_restrictions = permit_mynetworks, permit", "0"),
        ("smtpd_relay_restrictions = permit\nsmtpd_recipient_restrictions = permit_mynetworks reject_unauth_destination", "1"),
        ("smtpd_relay_restrictions =\nsmtpd_recipient_restrictions = permit_mynetworks", "0"),
        ("smtpd_relay_restrictions = permit, reject", "0"),
    ],
)  # fmt: skip
def test_whether_strangers_are_refused(tmp_path: Path, main: str, closed: str) -> None:
    assert found(tmp_path, main)["", "relay_closed"] == closed


@pytest.mark.skipif(shutil.which("postconf") is None, reason="postfix is not installed")
@pytest.mark.parametrize(
    "main",
    [
        MAIN,
        "myhostname=h\nmydomain=d\n",
        "compatibility_level = 3.6\nmyhostname=h\nmydomain=d\nrelayhost = $mydomain\n",
    ],
)
def test_postconf_says_the_same(tmp_path: Path, main: str) -> None:
    values = found(tmp_path / "root", main)
    (tmp_path / "root/etc/postfix").chmod(0o755)
    names = [name for name in DEFAULTS if name != "mydestination"]
    done = subprocess.run(
        ["postconf", "-x", "-c", str(tmp_path / "root/etc/postfix"), *names],
        capture_output=True,
        text=True,
        check=False,
    )
    theirs = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        theirs[name.strip()] = value.strip().replace("Postfix", "$mail_name")
    assert set(theirs) == set(names)
    assert {name: values["", name] for name in names} == theirs


def exim(tmp_path: Path, text: str) -> dict[object, object]:
    files = {"/etc/exim4/update-exim4.conf.conf": text, "/usr/sbin/exim4": "x"}
    root = make_root(tmp_path, files, {"/usr/sbin/exim4": 0o755})
    return {row["name"]: row["value"] for row in rows("exim_config", root)}


@pytest.mark.parametrize(
    ("line", "reached"),
    [
        ("dc_local_interfaces='127.0.0.1 ; ::1'", "0"), ("dc_local_interfaces=''", "1"), ("#dc_local_interfaces='127.0.0.1'", "1"),
        ("dc_local_interfaces='127.0.0.1;192.168.1.5'", "1"), ('dc_local_interfaces="127.0.0.1"', "0"),
    ],
)  # fmt: skip
def test_exim(tmp_path: Path, line: str, reached: str) -> None:
    assert exim(tmp_path, line + "\n")["listens_network"] == reached


def test_an_exim_that_was_set_up_by_hand_is_not_guessed(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/exim4/exim4.conf": "", "/usr/sbin/exim4": "x"}, {"/usr/sbin/exim4": 0o755})
    assert read_table("exim_config", root).status == "unsupported"
