"""Small roots of Ubuntu and of the Red Hat family: what the audit must say of their defaults, and of usual changes."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from secaudit.app.auditing import AuditRequest, audit
from secaudit.model import Run
from tabletest import rows

ROOTS = Path(__file__).resolve().parents[1] / "roots"
SSHD = {
    "ubuntu-22.04": b"\0OpenSSH_8.9p1 Ubuntu-3ubuntu0.13\0",
    "ubuntu-24.04": b"\0OpenSSH_9.6p1 Ubuntu-3ubuntu13.14\0",
    "rocky-9": b"\0OpenSSH_8.7p1\0",
}
PROGRAMS = {
    "ubuntu-22.04": ("usr/bin/sudo", "usr/sbin/rsyslogd", "usr/sbin/ufw", "usr/bin/apt-get", "usr/bin/systemctl"),
    "ubuntu-24.04": ("usr/bin/sudo", "usr/sbin/rsyslogd", "usr/sbin/ufw", "usr/bin/apt-get", "usr/bin/systemctl"),
    "rocky-9": ("usr/bin/sudo", "usr/sbin/rsyslogd", "usr/sbin/chronyd", "usr/sbin/auditctl", "usr/bin/systemctl"),
}
"""Tables ask whether these are there; the roots themselves hold text only."""


def root_of(name: str, tmp_path: Path) -> Path:
    root = tmp_path / name
    shutil.copytree(ROOTS / name, root, symlinks=True)
    for place, content in (("usr/sbin/sshd", SSHD[name]), *((place, b"") for place in PROGRAMS[name])):
        (root / place).parent.mkdir(parents=True, exist_ok=True)
        (root / place).write_bytes(content)
        (root / place).chmod(0o755)
    return root


def run_of(root: Path, *only: str) -> Run:
    return audit(AuditRequest(root=root, profile="server", only=only, jobs=1)).run


def verdicts(root: Path, *only: str) -> dict[str, str]:
    return {result.check: str(result.status) for result in run_of(root, *only).results}


UBUNTU = {
    "ssh-root-login": "pass",
    "ssh-password-login": "pass",  # by the drop-in of the cloud image
    "ssh-x11-forwarding": "fail",
    "ssh-pam": "pass",
    "sudo-no-nopasswd-all": "fail",  # the user of the cloud image
    "sudo-use-pty": "pass",
    "passwords-new-hash": "pass",
    "passwords-quality-active": "fail",
    "login-lockout": "fail",
    "kernel-pointers-hidden": "pass",
    "kernel-ptrace-restricted": "pass",
    "kernel-sysrq-limited": "pass",
    "kernel-links-protected": "pass",
    "network-forged-senders-dropped": "pass",
    "network-redirects-refused": "fail",  # ufw's file says 0, and ufw is off
    "firewall-starts-at-boot": "fail",
    "updates-automatic": "pass",
    "updates-automatic-security": "pass",
    "updates-sources-signed": "pass",
    "updates-security-archive": "pass",
    "time-service-on": "pass",
    "services-ctrl-alt-del": "fail",
    "logs-files-closed": "pass",
}
ROCKY = {
    "ssh-root-login": "pass",
    "ssh-password-login": "fail",
    "ssh-keyboard-interactive": "pass",  # 50-redhat.conf, by the old name
    "ssh-pam": "pass",
    "ssh-gssapi": "fail",
    "ssh-ciphers": "pass",
    "ssh-macs": "fail",  # hmac-sha1 of the policy DEFAULT
    "ssh-key-exchange": "pass",
    "sudo-no-nopasswd-all": "pass",
    "passwords-quality-active": "pass",
    "passwords-min-length": "fail",
    "passwords-new-hash": "pass",
    "login-lockout": "fail",
    "login-wrong-password-refused": "pass",
    "accounts-umask": "fail",
    "mandatory-access-on": "pass",
    "firewall-starts-at-boot": "pass",
    "kernel-ptrace-restricted": "fail",
    "kernel-sysrq-limited": "pass",
    "network-forged-senders-dropped": "pass",
    "updates-automatic": "fail",
    "updates-rpm-signatures": "pass",
    "updates-rpm-https": "pass",
    "time-service-on": "pass",
    "audit-service-on": "pass",
    "logs-files-closed": "pass",  # UMask=0066 of the service
}


@pytest.mark.parametrize(
    ("name", "family", "expected"),
    [("ubuntu-22.04", "debian", UBUNTU), ("ubuntu-24.04", "debian", UBUNTU), ("rocky-9", "fedora", ROCKY)],
)
def test_defaults_of_the_distribution(name: str, family: str, expected: dict[str, str], tmp_path: Path) -> None:
    root = root_of(name, tmp_path)
    run = run_of(root, *expected)
    assert run.target.family == family
    assert {result.check: str(result.status) for result in run.results} == expected


@pytest.mark.parametrize("name", SSHD)
def test_no_table_fails(name: str, tmp_path: Path) -> None:
    run = run_of(root_of(name, tmp_path))
    allowed = {"pending_updates"}  # Ubuntu's lists are not here, and it says so
    assert [table.name for table in run.tables if str(table.status) in ("failed", "timeout")] in ([], sorted(allowed))


def test_fixes_are_those_of_the_family(tmp_path: Path) -> None:
    red_hat = run_of(root_of("rocky-9", tmp_path), "ssh-password-login", "updates-automatic")
    fixes = {result.check: result.fix or "" for result in red_hat.results}
    assert "sshd" in fixes["ssh-password-login"]
    assert "try-reload-or-restart ssh\n" not in fixes["ssh-password-login"]
    assert "dnf" in fixes["updates-automatic"]
    assert "apt" not in fixes["updates-automatic"]


FAILLOCK = (
    "auth required pam_env.so\nauth required pam_faillock.so preauth silent\nauth sufficient pam_unix.so nullok\n"
    "auth required pam_faillock.so authfail\nauth required pam_deny.so\naccount required pam_faillock.so\n"
    "account required pam_unix.so\npassword requisite pam_pwquality.so local_users_only\n"
    "password sufficient pam_unix.so sha512 shadow use_authtok\npassword required pam_deny.so\n"
)
"""What authselect writes with the feature with-faillock."""


@pytest.mark.parametrize(
    ("path", "text", "check", "status"),
    [
        ("/etc/authselect/password-auth", FAILLOCK, "login-lockout", "fail"),  # the console still has none
        ("/etc/selinux/config", "SELINUX=permissive\n", "mandatory-access-on", "fail"),
        ("/etc/firewalld/firewalld.conf", "DefaultZone=trusted\n", "firewall-starts-at-boot", "fail"),
        ("/etc/firewalld/zones/public.xml", '<zone target="ACCEPT"/>\n', "firewall-starts-at-boot", "fail"),
        ("/etc/firewalld/zones/public.xml", '<zone target="DROP"/>\n', "firewall-starts-at-boot", "pass"),
        ("/etc/ssh/sshd_config.d/99-late.conf", "MACs hmac-sha2-512-etm@openssh.com\n", "ssh-macs", "fail"),
        ("/etc/ssh/sshd_config.d/00-early.conf", "MACs hmac-sha2-512-etm@openssh.com\n", "ssh-macs", "pass"),
        ("/etc/ssh/sshd_config.d/00-early.conf", "KbdInteractiveAuthentication yes\n", "ssh-keyboard-interactive", "fail"),
        ("/etc/sysconfig/sshd", 'OPTIONS="-oPermitRootLogin=yes"\n', "ssh-root-login", "fail"),
        ("/etc/ssh/sshd_config.d/50-redhat.conf", "X11Forwarding no\n", "ssh-pam", "fail"),  # the built-in default is no
        ("/etc/yum.repos.d/x.repo", "[x]\nname=x\nbaseurl=https://x.example.net\ngpgcheck = 0\n", "updates-rpm-signatures", "fail"),
        ("/etc/yum.repos.d/x.repo", "[x]\nbaseurl=https://x.example.net\ngpgcheck=0\nenabled=0\n", "updates-rpm-signatures", "pass"),
        ("/etc/security/pwquality.conf", "minlen = 14\n", "passwords-min-length", "pass"),
        ("/etc/security/pwquality.conf.d/50.conf", "minlen = 14\n", "passwords-min-length", "pass"),
        ("/etc/sudoers.d/x.conf", "ayesha ALL=(ALL) NOPASSWD: ALL\n", "sudo-no-nopasswd-all", "pass"),  # a dot in the name
        ("/etc/sudoers.d/x", "%wheel ALL=(ALL) NOPASSWD: ALL\n", "sudo-no-nopasswd-all", "fail"),
        ("/etc/profile.d/zz.sh", "umask 027\n", "accounts-umask", "pass"),
        ("/etc/sysctl.d/60-x.conf", "kernel.yama.ptrace_scope = 1\n", "kernel-ptrace-restricted", "pass"),
        ("/etc/sysctl.d/05-x.conf", "kernel.yama.ptrace_scope = 1\n", "kernel-ptrace-restricted", "fail"),
        ("/etc/sysctl.conf", "kernel.yama.ptrace_scope = 1\n", "kernel-ptrace-restricted", "pass"),
    ],
)  # fmt: skip
def test_usual_changes_of_the_red_hat_family(path: str, text: str, check: str, status: str, tmp_path: Path) -> None:
    root = root_of("rocky-9", tmp_path)
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    assert verdicts(root, check) == {check: status}


def test_lockout_of_authselect_counts_when_both_stacks_have_it(tmp_path: Path) -> None:
    root = root_of("rocky-9", tmp_path)
    for name in ("password-auth", "system-auth"):
        (root / "etc/authselect" / name).write_text(FAILLOCK)
    assert verdicts(root, "login-lockout", "login-no-empty-passwords")["login-lockout"] == "pass"


def test_dnf_automatic_installs_with_its_timer_or_its_setting(tmp_path: Path) -> None:
    root = root_of("rocky-9", tmp_path)
    wants = root / "etc/systemd/system/timers.target.wants"
    wants.mkdir(parents=True)
    timer = wants / "dnf-automatic.timer"
    timer.symlink_to("/usr/lib/systemd/system/dnf-automatic.timer")
    assert verdicts(root, "updates-automatic") == {"updates-automatic": "fail"}  # apply_updates is off
    config = root / "etc/dnf/automatic.conf"
    config.write_text(config.read_text().replace("apply_updates = no", "apply_updates = yes"))
    assert verdicts(root, "updates-automatic") == {"updates-automatic": "pass"}
    timer.unlink()
    assert verdicts(root, "updates-automatic") == {"updates-automatic": "fail"}


def test_sources_of_both_formats_are_ubuntus_own(tmp_path: Path) -> None:
    for name in ("ubuntu-22.04", "ubuntu-24.04"):
        found = rows("apt_sources", root_of(name, tmp_path))
        assert {row["is_vendor"] for row in found} == {1}
        assert [row["release"] for row in found if row["is_security"] == 1] == [
            {"ubuntu-22.04": "jammy-security", "ubuntu-24.04": "noble-security"}[name]
        ]


def test_ufw_on_brings_its_own_kernel_settings(tmp_path: Path) -> None:
    root = root_of("ubuntu-24.04", tmp_path)
    (root / "etc/ufw/ufw.conf").write_text("ENABLED=yes\n")
    found = verdicts(root, "firewall-starts-at-boot")
    assert found == {"firewall-starts-at-boot": "pass"}
    (root / "etc/systemd/system/ufw.service").symlink_to("/dev/null")  # enabled in its file, and masked
    assert verdicts(root, "firewall-starts-at-boot") == {"firewall-starts-at-boot": "fail"}


def test_runlevels_of_alpine() -> None:
    found = {str(row["name"]): row["at_boot"] for row in rows("services", ROOTS / "alpine")}
    started = {"sshd.service": 1, "crond.service": 1, "syslog.service": 1, "chronyd.service": 1}
    assert found == {**started, "killprocs.service": 0}
