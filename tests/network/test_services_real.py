"""Real services with and without a login, and the lines of printed fixes on them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import realservers
from servicejudge import Audit

from secaudit.content import library


def fix_text(check: str) -> str:
    return next(entry.value for entry in library.load().checks.values() if entry.value.id == check).fix["any"]


def verdict(check: str, port: int) -> str:
    return Audit([port], only=[check]).outcomes[check].verdict.status.value


def test_redis(tmp_path: Path) -> None:
    line = "requirepass 0123456789abcdef\n"
    assert 'echo "requirepass ' in fix_text("net-redis-login")
    with realservers.redis(tmp_path) as open_one, realservers.redis(tmp_path, line) as closed:
        assert verdict("net-redis-login", open_one) == "fail"
        assert verdict("net-redis-login", closed) == "pass"
        (row,) = Audit([open_one], only=["net-redis-login"]).rows("service_access")
    assert row["version"]


def test_redis_writes_no_attack_into_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with realservers.redis(tmp_path, f"logfile {log}\n") as port:
        Audit([port], only=["net-redis-login"])
    assert "ATTACK" not in log.read_text()


def test_mosquitto(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts"
    subprocess.run([realservers.program("mosquitto_passwd"), "-b", "-c", str(accounts), "sensor", "x"], check=True)
    printed = re.findall(r"^printf '([^']+)'", fix_text("net-mqtt-login"), re.M)[0].replace("\\n", "\n")
    lines = printed.replace("/etc/mosquitto/passwd", str(accounts))
    accounts.chmod(0o644)
    tmp_path.chmod(0o755)
    per_listener, rest = lines.split("\n", 1)
    assert per_listener == "per_listener_settings false"
    with realservers.mosquitto(tmp_path, "allow_anonymous true\n") as port:
        assert verdict("net-mqtt-login", port) == "fail"
    with realservers.mosquitto(tmp_path, rest) as port:
        assert verdict("net-mqtt-login", port) == "pass"


def test_vsftpd(tmp_path: Path) -> None:
    line = re.findall(r"^echo '([^']+)'", fix_text("net-ftp-anonymous"), re.M)[0]
    both = "local_enable=YES\n"
    with realservers.vsftpd(tmp_path, both + "anonymous_enable=YES\n") as port:
        assert verdict("net-ftp-anonymous", port) == "fail"
        assert verdict("net-ftp-encrypted", port) == "fail"
        assert verdict("net-versions-hidden", port) == "fail"
    with realservers.vsftpd(tmp_path, both + line + "\nftpd_banner=Welcome\n") as port:
        assert verdict("net-ftp-anonymous", port) == "pass"
        assert verdict("net-versions-hidden", port) == "pass"


def test_vsftpd_with_tls(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [realservers.program("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=ftp.test",
         "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True,
    )  # fmt: skip
    printed = re.findall(r"^printf '([^']+)'", fix_text("net-ftp-encrypted"), re.M)[0].replace("\\n", "\n")
    lines = printed.replace("/etc/ssl/certs/ssl-cert-snakeoil.pem", str(certificate))
    lines = lines.replace("/etc/ssl/private/ssl-cert-snakeoil.key", str(key))
    with realservers.vsftpd(tmp_path, "local_enable=YES\n" + lines) as port:
        assert verdict("net-ftp-encrypted", port) == "pass"


def test_memcached_knows_no_login() -> None:
    with realservers.memcached() as port:
        assert verdict("net-memcached-login", port) == "fail"


def test_rsync(tmp_path: Path) -> None:
    secrets = tmp_path / "secrets"
    secrets.write_text("backup:x\n")
    secrets.chmod(0o600)
    closed = f"[one]\npath = {tmp_path}\nauth users = backup\nsecrets file = {secrets}\n"
    with realservers.rsyncd(tmp_path, closed) as port:
        assert verdict("net-rsync-login", port) == "pass"
    with realservers.rsyncd(tmp_path, closed + f"[two]\npath = {tmp_path}\n") as port:
        audit = Audit([port], only=["net-rsync-login"])
        assert audit.having("fail") == {"net-rsync-login"}
        assert "two" in str(audit.rows("service_access")[0]["evidence"])


def test_samba(tmp_path: Path) -> None:
    lines = [re.findall(r"&\\n   ([^/]+)/", fix_text(check))[0] for check in ("net-smb-version-1", "net-smb-signing")]
    with realservers.samba(tmp_path, "server min protocol = NT1\nserver signing = auto\n") as port:
        assert verdict("net-smb-version-1", port) == "fail"
        assert verdict("net-smb-signing", port) == "fail"
    with realservers.samba(tmp_path, "".join(f"{line}\n" for line in lines)) as port:
        assert verdict("net-smb-version-1", port) == "pass"
        assert verdict("net-smb-signing", port) == "pass"


def test_influxdb(tmp_path: Path) -> None:
    with realservers.influxd(tmp_path) as port:
        assert verdict("net-influxdb-login", port) == "fail"
    with realservers.influxd(tmp_path, "  auth-enabled = true\n") as port:
        assert verdict("net-influxdb-login", port) == "pass"


def test_etcd(tmp_path: Path) -> None:
    with realservers.etcd(tmp_path) as port:
        assert verdict("net-etcd-login", port) == "fail"


def test_x11_displays(tmp_path: Path) -> None:
    cookie = tmp_path / "cookie"
    cookie.write_bytes(b"\1\0\0\4\x7f\0\0\1\0\0020\0\0\x12MIT-MAGIC-COOKIE-1\0\x10" + bytes(range(16)))
    with realservers.display("-ac") as port:
        assert verdict("net-x11-login", port) == "fail"
    with realservers.display("-auth", str(cookie)) as port:
        assert verdict("net-x11-login", port) in ("pass", "fail")  # this machine itself is let in by some builds
        assert len(Audit([port], only=["net-x11-login"]).rows("service_access")) == 1


def test_vnc(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_bytes(bytes.fromhex("dbd83cfd727a1458"))
    with realservers.vnc("-SecurityTypes", "None") as port:
        assert verdict("net-vnc-login", port) == "fail"
    with realservers.vnc("-SecurityTypes", "VncAuth", "-PasswordFile", str(password)) as port:
        assert verdict("net-vnc-login", port) == "pass"


def test_services_on_odd_ports_are_named_without_active_questions(tmp_path: Path) -> None:
    from secaudit.model import Consent

    passive = Consent(local=True, level="passive")
    with (
        realservers.redis(tmp_path) as one,
        realservers.vsftpd(tmp_path, "") as two,
        realservers.sshd(tmp_path, "") as three,
    ):
        audit = Audit(
            [one, two, three], only=["net-telnet-closed", "net-redis-login", "ssh-service-ciphers"], consent=passive
        )
    services = {row["port"]: (row["service"], row["method"]) for row in audit.rows("scan_ports")}
    assert services == {one: ("redis", "http"), two: ("ftp", "banner"), three: ("ssh", "banner")}
    assert audit.outcomes["net-redis-login"].verdict.status.value == "unknown"  # nobody asked for --active
    assert audit.tables["service_access"].status == "denied"
    assert audit.having("pass") == {"net-telnet-closed", "ssh-service-ciphers"}


@pytest.mark.parametrize("level", ["passive", "active"])
def test_without_the_option_nobody_logs_in(tmp_path: Path, level: str) -> None:
    from secaudit.model import Consent

    with realservers.vsftpd(tmp_path, "anonymous_enable=YES\n") as port:
        audit = Audit([port], only=["net-ftp-anonymous"], consent=Consent(local=True, level=level))
    assert audit.having("unknown") == {"net-ftp-anonymous"}
    assert not [line for line in audit.sent() if "login" in line]


@pytest.mark.parametrize(
    ("check", "file", "expected"),
    [
        ("net-ftp-anonymous", "vsftpd.conf", r"^anonymous_enable=NO$"),
        ("net-versions-hidden", "vsftpd.conf", r"^ftpd_banner="),
        ("net-memcached-login", "memcached.conf", r"^-l 127\.0\.0\.1$"),
        ("net-influxdb-login", "influxdb/influxdb.conf", r"^ +auth-enabled = true$"),
        ("net-smb-version-1", "samba/smb.conf", r"^ +server min protocol = SMB2$"),
        ("net-smb-signing", "samba/smb.conf", r"^ +server signing = mandatory$"),
        ("net-redis-login", "redis/redis.conf", r"^requirepass [0-9a-f]{64}$"),
    ],
)  # fmt: skip
def test_a_fix_writes_its_setting_once_however_often_it_is_pasted(
    check: str, file: str, expected: str, tmp_path: Path
) -> None:
    """On the files that Debian brings, with the commands as they are printed."""
    shipped = Path("/etc") / file
    if not shipped.exists():
        pytest.skip(f"{shipped} is not here")
    copy = tmp_path / shipped.name
    copy.write_bytes(shipped.read_bytes())
    words = ("sudo sed", "sudo grep", "grep ", "echo ", "printf ")
    commands = [line for line in fix_text(check).splitlines() if line.startswith(words)]
    script = "\n".join(commands).replace("sudo ", "").replace(str(shipped), str(copy))
    assert str(shipped) not in script
    for _ in range(2):
        subprocess.run(["sh", "-ec", script], check=True, capture_output=True)
        assert len(re.findall(expected, copy.read_text(), re.M)) == 1
