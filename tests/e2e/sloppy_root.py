"""A small but realistic root file system of a careless person, in which as many checks as possible fail."""

from __future__ import annotations

import json
import os
import shutil
import struct
from pathlib import Path

from debian_roots import ROOTS

DEBIAN = ROOTS["bookworm"]
COPIED = (
    "etc",
    "var/lib/dpkg/status",
    "var/lib/dpkg/info",
    "usr/lib/os-release",
    "usr/lib/systemd",
    "usr/lib/pam.d",
    "usr/lib/sysctl.d",
    "usr/lib/modprobe.d",
    "usr/lib/apt",
    "usr/lib/tmpfiles.d",
    "usr/share/pam-configs",
)
"""Taken from a Debian root when there is one; without it the files below stand alone."""

HOME = "/home/ayesha"
FIREFOX = f"{HOME}/.mozilla/firefox/ab12cd34.default-release"
CHROMIUM = f"{HOME}/.config/chromium/Default"
LISTS = "/var/lib/apt/lists/ftp.debian.org_debian"
NOW_S = 1_795_450_000
HASH = "$1$abcdefgh$OEuLXbFmGRyyAQSXVNvTZ0"
TOKEN = "q7Zt4mXw9KpR2sVb6NcY8dLh3JfG5uTa1EoQ"
ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
PRIVATE_KEY = (
    "-----BEGIN RSA PRIVATE KEY-----\n"
    "MIIBOgIBAAJBAKj34GkxFhD90vcNLYLInFEX6Ppy1tPf9Cnzj4p4WGeKLs1Pt8Qu\n"
    "KUpRKfFLfRYC9AIKjbJTWit+CqvjWYzvQwECAwEAAQ==\n"
    "-----END RSA PRIVATE KEY-----\n"
)
DESKTOPS = {
    f"/usr/share/xsessions/{name}.desktop": f"[Desktop Entry]\nName={name}\nExec={name}\nDesktopNames={name}\n"
    for name in ("KDE", "XFCE")
}


def _stanza(package: str, version: str) -> str:
    return f"Package: {package}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n"


def _release(label: str, codename: str) -> str:
    return (
        f"Origin: Debian\nLabel: {label}\nSuite: x\nCodename: {codename}\nDate: Sat, 21 Nov 2026 00:53:02 UTC\n"
        f"SHA256:\n {'0' * 64} 999 main/binary-amd64/Packages\n"
    )


def _login(user: str, seconds: int) -> bytes:
    """One record of wtmp, utmp(5)."""
    head = struct.pack("<hxxi32s4s32s256s4s", 7, 1, b"pts/0", b"0", user.encode(), b"host", b"")
    return head + struct.pack("<iii16s20s", 0, seconds, 0, b"", b"")


ACCOUNTS: dict[str, str | bytes] = {
    "/etc/passwd": (
        "root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/bin/bash\ntoor:x:0:0::/root:/bin/sh\n"
        "sshd:x:100:65534::/run/sshd:/usr/sbin/nologin\nayesha:x:1000:1000:Ayesha,,,:/home/ayesha:/bin/bash\n"
        "guest::1001:1001::/home/guest:/bin/bash\ntwin:x:1001:4242::/home/ayesha:/bin/bash\n"
    ),
    "/etc/group": "root:x:0:\nsudo:x:27:ayesha,ghost\nshadow:x:42:ayesha\ndocker:x:999:ayesha\nayesha:x:1000:\nextra:x:0:\n",
    "/etc/gshadow": "root:*::\nsudo::: \n",
    "/etc/shadow": (
        f"root:{HASH}:10000:0:99999:7:::\ndaemon:*:10000:0:99999:7:::\ntoor::10000:0:99999:7:::\n"
        f"ayesha:{HASH}:10000:0:99999:7:::\nguest::10000:0:99999:7:::\ntwin:!:10000:0:99999:7:::\n"
    ),
    "/etc/shells": "/bin/sh\n/bin/bash\n",
    "/etc/login.defs": "UMASK 000\nPASS_MAX_DAYS 99999\nPASS_MIN_DAYS 0\nPASS_WARN_AGE 0\nENCRYPT_METHOD MD5\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n",
    "/etc/securetty": "tty1\npts/0\n",
    "/etc/pam.d/sshd": "auth include common-auth\n@include common-account\n",
    "/etc/pam.d/sudo": "auth sufficient pam_permit.so\n@include common-auth\n",
    "/etc/pam.d/su": "auth sufficient pam_rootok.so\n@include common-auth\n",
    "/etc/pam.d/login": "@include common-auth\n",
    "/etc/pam.d/common-auth": "auth [success=1 default=ignore] pam_unix.so nullok\nauth required pam_permit.so\n",
    "/etc/pam.d/common-account": "account required pam_unix.so\n",
    "/etc/pam.d/common-password": "password required pam_unix.so md5 nullok minlen=4\n",
    "/etc/security/pwquality.conf": "minlen = 4\nminclass = 0\n",
    "/etc/security/faillock.conf": "deny = 0\n",
    "/etc/security/limits.conf": "* hard core unlimited\n* soft core unlimited\n",
    "/etc/sudoers": (
        "Defaults !authenticate, visiblepw, !use_pty, timestamp_timeout=-1\nDefaults secure_path=/tmp:/usr/bin\n"
        "root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) NOPASSWD: ALL\n@includedir /etc/sudoers.d\n"
    ),
    "/etc/sudoers.d/ayesha": "ayesha ALL=(ALL) NOPASSWD: ALL\nguest ALL=(ALL) !/bin/sh, /usr/bin/vi *\n",
    "/etc/profile": "umask 000\nTMOUT=0\n",
    "/etc/bash.bashrc": "umask 000\n",
    "/root/.bashrc": "umask 000\nexport PATH=.:$PATH\n",
    "/root/.profile": "PATH=:/tmp:$PATH\n",
    "/etc/hosts.equiv": "+ +\n",
    "/root/.rhosts": "+ +\n",
    "/etc/issue": "Welcome to \\s \\r \\m\n",
    "/etc/issue.net": "Debian GNU/Linux 12 \\r\n",
    "/etc/motd": "Debian GNU/Linux 12, kernel \\r\n",
    "/var/log/wtmp": _login("ayesha", NOW_S - 900 * 86_400),
    "/var/log/lastlog": b"\0" * 292 * 1002,
}

SSH: dict[str, str | bytes] = {
    "/etc/ssh/sshd_config": (
        "Include /etc/ssh/sshd_config.d/*.conf\nPermitEmptyPasswords yes\nPasswordAuthentication yes\nX11Forwarding yes\n"
        "StrictModes no\nIgnoreRhosts no\nHostbasedAuthentication yes\nPermitUserEnvironment yes\nMaxAuthTries 100\n"
        "LoginGraceTime 0\nMaxSessions 1000\nMaxStartups 1000\nUsePAM no\nLogLevel QUIET\nAllowTcpForwarding yes\n"
        "PermitTunnel yes\nGatewayPorts yes\nCiphers +3des-cbc\nMACs +hmac-md5\nKexAlgorithms +diffie-hellman-group1-sha1\n"
        "ClientAliveInterval 0\nCompression yes\nHostKey /etc/ssh/ssh_host_rsa_key\nUseDNS no\nBanner none\n"
        "AuthorizedKeysFile .ssh/authorized_keys /etc/ssh/keys/%u\nTrustedUserCAKeys /etc/ssh/ca.pub\n"
    ),
    "/etc/ssh/sshd_config.d/10-root.conf": "PermitRootLogin yes\nPubkeyAuthentication yes\n",
    "/etc/ssh/ssh_host_rsa_key": PRIVATE_KEY,
    "/etc/ssh/ssh_host_rsa_key.pub": "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQCo9+BpMRYQ/dL3DS2CyJxRF+j6ctbT3/Qp84+KeFhnii7NT7fELilKUSnxS30WAvQCCo2yU1orfgqr41mM70MB root@x\n",
    "/etc/ssh/keys/ayesha": f"ssh-ed25519 {ED25519} old\n",
    "/etc/ssh/ssh_config": "Host *\n  StrictHostKeyChecking no\n  ForwardAgent yes\n  ForwardX11 yes\n",
    "/etc/ssh/ssh_config.d/50-weak.conf": "Host old\n  HostKeyAlgorithms +ssh-dss\n  UserKnownHostsFile /dev/null\n",
    f"{HOME}/.ssh/config": "Host *\n  ForwardAgent yes\n  StrictHostKeyChecking no\n",
    f"{HOME}/.ssh/id_rsa": PRIVATE_KEY,
    f"{HOME}/.ssh/authorized_keys": f"ssh-dss AAAAB3NzaC1kc3MAAACBAP x\nssh-ed25519 {ED25519} ayesha@laptop\n",
    f"{HOME}/.ssh/known_hosts": f"github.com ssh-ed25519 {ED25519}\n",
    f"{HOME}/.ssh/environment": "LD_PRELOAD=/tmp/x.so\n",
    f"{HOME}/.rhosts": "+ +\n",
    "/root/.ssh/authorized_keys": "ssh-dss AAAAB3NzaC1kc3MAAACBAP everyone\n",
    "/root/.ssh/id_rsa": PRIVATE_KEY,
}

DESK: dict[str, str | bytes] = {
    **DESKTOPS,
    f"{HOME}/.bash_history": f"mysql -u root -phunter2secret9\nexport AWS_SECRET_ACCESS_KEY={TOKEN}\n",
    f"{HOME}/.aws/credentials": f"[default]\naws_access_key_id=AKIAQ7ZT4MXW9KPR2SVB\naws_secret_access_key={TOKEN}QxYz\n",
    f"{HOME}/.netrc": "machine example.org login a password hunter2secret9\n",
    f"{HOME}/.pgpass": "db.example.org:5432:*:a:hunter2secret9\n",
    f"{HOME}/.npmrc": f"//npm.example.org/:_authToken=npm_{TOKEN}\n",
    f"{HOME}/.docker/config.json": '{"auths": {"registry.example.org": {"auth": "YTpodW50ZXIyc2VjcmV0OQ=="}}}',
    f"{HOME}/.kube/config": f"users:\n- name: a\n  user:\n    token: {TOKEN}\n",
    f"{HOME}/.config/gh/hosts.yml": f"github.com:\n  oauth_token: gho_{TOKEN}\n",
    f"{HOME}/.git-credentials": "https://a:hunter2secret9@example.org\n",
    f"{HOME}/.gitconfig": (
        "[credential]\n\thelper = store\n[http]\n\tsslVerify = false\n[protocol]\n\tallow = always\n"
        "[safe]\n\tdirectory = *\n[transfer]\n\tfsckObjects = false\n[include]\n\tpath = .gitmore\n"
    ),
    f"{HOME}/.gitmore": "[core]\n\thooksPath = /tmp/hooks\n",
    f"{HOME}/work/site/.git/config": '[remote "origin"]\n\turl = http://a:hunter2secret9@example.org/x.git\n',
    f"{HOME}/work/site/.git/HEAD": "ref: refs/heads/main\n",
    "/etc/gitconfig": "[http]\n\tsslVerify = false\n",
    f"{HOME}/.mozilla/firefox/profiles.ini": "[Profile0]\nName=default\nIsRelative=1\nPath=ab12cd34.default-release\n",
    f"{FIREFOX}/prefs.js": (
        'user_pref("browser.safebrowsing.malware.enabled", false);\n'
        'user_pref("browser.safebrowsing.phishing.enabled", false);\nuser_pref("app.update.auto", false);\n'
        'user_pref("xpinstall.signatures.required", false);\n'
    ),
    f"{FIREFOX}/user.js": 'user_pref("dom.security.https_only_mode", false);\n',
    f"{FIREFOX}/logins.json": '{"logins": [{"id": 1}]}',
    f"{FIREFOX}/extensions.json": json.dumps(
        {
            "schemaVersion": 36,
            "addons": [
                {
                    "id": "x@y",
                    "type": "extension",
                    "active": True,
                    "userDisabled": False,
                    "appDisabled": False,
                    "location": "app-profile",
                    "version": "1",
                    "signedState": 0,
                    "sourceURI": "http://x/y.xpi",
                    "defaultLocale": {"name": "X"},
                    "userPermissions": {"permissions": ["tabs"], "origins": ["<all_urls>"]},
                }
            ],
        }
    ),
    f"{CHROMIUM}/Preferences": json.dumps(
        {
            "safebrowsing": {"enabled": False},
            "extensions": {
                "settings": {
                    "abcdefghijklmnopabcdefghijklmnop": {
                        "location": 4,
                        "from_webstore": False,
                        "path": "/tmp/x",
                        "disable_reasons": [],
                        "active_permissions": {"api": ["tabs"], "explicit_host": ["<all_urls>"], "scriptable_host": []},
                    }
                }
            },
        }
    ),
    f"{CHROMIUM}/Secure Preferences": "{}",
    f"{CHROMIUM}/Extensions/x/1.0_0/manifest.json": json.dumps({"name": "X", "version": "1.0"}),
    f"{HOME}/.config/chromium/Local State": "{}",
    f"{HOME}/.config/kscreenlockerrc": "[Daemon]\nAutolock=false\nLockOnResume=false\nTimeout=600\n",
    f"{HOME}/.config/xfce4/xfconf/xfce-perchannel-xml/xfce4-screensaver.xml": (
        '<channel name="xfce4-screensaver" version="1.0"><property name="lock" type="empty">'
        '<property name="enabled" type="bool" value="false"/></property></channel>'
    ),
    f"{HOME}/.config/kded_device_automounterrc": "[General]\nAutomountEnabled=true\nAutomountOnPlugin=true\n",
    f"{HOME}/.config/borgmatic/config.yaml": "repositories:\n  - path: /mnt/x\n",
    f"{HOME}/.config/rclone/rclone.conf": "[b2]\ntype = b2\nkey = hunter2secret9\n",
    f"{HOME}/.restic.txt": "x",
    "/etc/gdm3/daemon.conf": "[daemon]\nAutomaticLoginEnable=true\nAutomaticLogin=ayesha\n",
    "/etc/lightdm/lightdm.conf": "[Seat:*]\nautologin-user=ayesha\nallow-guest=true\n",
    "/etc/sddm.conf": "[Autologin]\nUser=ayesha\nSession=plasma\n",
    "/etc/NetworkManager/NetworkManager.conf": "[main]\nplugins=keyfile\n",
    "/etc/NetworkManager/system-connections/Cafe.nmconnection": (
        "[connection]\nid=Cafe\ntype=wifi\nautoconnect=true\n[wifi]\nssid=Cafe\n"
    ),
    "/var/lib/iwd/Station.open": "[Settings]\nAutoConnect=true\n",
}

SYSTEM: dict[str, str | bytes] = {
    "/etc/apt/sources.list": (
        "deb [trusted=yes] http://ftp.debian.org/debian bookworm main\n"
        "deb http://ftp.debian.org/debian-security bookworm-security main\ndeb http://evil.example.org/x bookworm main\n"
    ),
    "/etc/apt/sources.list.d/extra.sources": (
        "Types: deb\nURIs: http://repo.example.org/\nSuites: stable\nComponents: main\nTrusted: yes\n"
    ),
    "/etc/apt/apt.conf.d/99weak": (
        'APT::Get::AllowUnauthenticated "true";\nAcquire::AllowInsecureRepositories "true";\n'
        'APT::Periodic::Enable "0";\nAPT::Periodic::Unattended-Upgrade "0";\nAPT::Periodic::Update-Package-Lists "0";\n'
        'Acquire::https::Verify-Peer "false";\n'
    ),
    "/etc/apt/preferences.d/pin": "Package: *\nPin: release n=bookworm-security\nPin-Priority: -1\n",
    "/etc/apt/trusted.gpg.d/extra.asc": "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n-----END PGP PUBLIC KEY BLOCK-----\n",
    f"{LISTS}_dists_bookworm_InRelease": _release("Debian", "bookworm"),
    f"{LISTS}_dists_bookworm_main_binary-amd64_Packages": _stanza("sudo", "1.9-2").replace(
        "Status: install ok installed\n", ""
    ),
    f"{LISTS}-security_dists_bookworm-security_InRelease": _release("Debian-Security", "bookworm-security"),
    f"{LISTS}-security_dists_bookworm-security_main_binary-amd64_Packages": (
        "Package: sudo\nArchitecture: amd64\nVersion: 99:1.9-9+deb12u1\n\nPackage: openssh-server\nArchitecture: amd64\n"
        "Version: 9:99-1+deb12u9\n\n"
    ),
    "/etc/fstab": (
        "UUID=1111 / ext4 defaults 0 1\n/dev/sda2 /home ext4 defaults 0 2\n/dev/sda3 none swap sw 0 0\n"
        "tmpfs /tmp tmpfs defaults 0 0\n/dev/sda4 /var ext4 defaults 0 2\n//nas/x /mnt/x cifs username=a,password=hunter2 0 0\n"
    ),
    "/etc/crypttab": "swap /dev/sda3 /etc/key luks\n",
    "/etc/key": "weak key in a file",
    "/etc/sysctl.conf": (
        "net.ipv4.ip_forward=1\nnet.ipv4.conf.all.accept_redirects=1\nnet.ipv4.conf.all.rp_filter=0\n"
        "kernel.randomize_va_space=0\nkernel.kptr_restrict=0\nkernel.dmesg_restrict=0\nfs.suid_dumpable=1\n"
        "kernel.unprivileged_bpf_disabled=0\nkernel.yama.ptrace_scope=0\nnet.ipv4.tcp_syncookies=0\n"
    ),
    "/etc/sysctl.d/99-weak.conf": (
        "fs.protected_symlinks=0\nfs.protected_hardlinks=0\nkernel.sysrq=1\nkernel.core_pattern=/tmp/core.%p\n"
        "net.ipv4.conf.all.accept_source_route=1\nnet.ipv4.conf.all.send_redirects=1\nnet.ipv6.conf.all.accept_ra=1\n"
    ),
    "/etc/modprobe.d/blacklist.conf": "blacklist dccp\ninstall usb-storage /bin/true\n",
    "/etc/modules": "dccp\nsctp\n",
    "/boot/grub/grub.cfg": "menuentry x {\n linux /vmlinuz root=/dev/sda1 mitigations=off apparmor=0 init=/bin/sh\n}\n",
    "/etc/default/grub": 'GRUB_CMDLINE_LINUX="mitigations=off nokaslr audit=0"\n',
    "/boot/vmlinuz-6.1.0-9-amd64": b"kernel",
    "/boot/config-6.1.0-9-amd64": "# CONFIG_SECURITY is not set\nCONFIG_DEVMEM=y\n",
    "/etc/crontab": "* * * * * root /opt/job.sh\n17 * * * * root cd / && run-parts /etc/cron.hourly\n",
    "/etc/cron.d/job": "*/5 * * * * root /home/ayesha/job.sh\n0 3 * * * root rsync -a /home/ u@host:/backup/\n",
    "/etc/cron.daily/mine": "#!/bin/sh\n/opt/job.sh\n",
    "/var/spool/cron/crontabs/ayesha": "0 1 * * * /home/ayesha/job.sh\n",
    "/opt/job.sh": "#!/bin/sh\n",
    f"{HOME}/job.sh": "#!/bin/sh\n",
    "/etc/systemd/system/job.service": "[Service]\nExecStart=/opt/job.sh\nUser=root\n[Install]\nWantedBy=multi-user.target\n",
    "/etc/systemd/system/job.timer": "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n",
    "/etc/systemd/system/telnetd.service": "[Service]\nExecStart=/usr/sbin/telnetd\n[Install]\nWantedBy=multi-user.target\n",
    "/etc/systemd/journald.conf": "[Journal]\nStorage=none\nForwardToSyslog=no\n",
    "/etc/systemd/coredump.conf": "[Coredump]\nStorage=external\nProcessSizeMax=10G\n",
    "/etc/systemd/resolved.conf": "[Resolve]\nLLMNR=yes\nDNSSEC=no\nDNSOverTLS=no\nMulticastDNS=yes\n",
    "/etc/systemd/timesyncd.conf": "[Time]\nNTP=ntp.example.org\n",
    "/etc/rsyslog.conf": "$FileCreateMode 0666\n*.* @logs.example.org\n$ModLoad imudp\n$UDPServerRun 514\n$IncludeConfig /etc/rsyslog.d/*.conf\n",
    "/etc/rsyslog.d/10.conf": "$FileCreateMode 0644\n",
    "/etc/logrotate.conf": "rotate 0\n",
    "/etc/audit/auditd.conf": "max_log_file_action = IGNORE\n",
    "/etc/audit/rules.d/a.rules": "-D\n-e 0\n",
    "/etc/audit/audit.rules": "-D\n",
    "/etc/chrony/chrony.conf": "server ntp.example.org\nallow all\ncmdallow all\n",
    "/etc/ntp.conf": "server ntp.example.org\n",
    "/etc/exports": "/srv *(rw,no_root_squash)\n/home *(rw,insecure)\n",
    "/etc/exports.d/more.exports": "/opt *(rw,no_root_squash)\n",
    "/etc/samba/smb.conf": "[global]\nmap to guest = bad user\nserver min protocol = NT1\n[x]\npath=/srv\nguest ok = yes\nread only = no\n",
    "/etc/docker/daemon.json": '{"hosts": ["tcp://0.0.0.0:2375"], "icc": true, "live-restore": false}',
    "/etc/vsftpd.conf": "anonymous_enable=YES\n",
    "/etc/inetd.conf": "telnet stream tcp nowait root /usr/sbin/telnetd telnetd\n",
    "/etc/hosts": "127.0.0.1 localhost\n203.0.113.9 ftp.debian.org\n0.0.0.0 security.debian.org\n",
    "/etc/resolv.conf": "nameserver 203.0.113.53\n",
    "/etc/ufw/ufw.conf": "ENABLED=no\nLOGLEVEL=off\n",
    "/etc/default/ufw": 'IPV6=no\nDEFAULT_INPUT_POLICY="ACCEPT"\nDEFAULT_FORWARD_POLICY="ACCEPT"\n',
    "/etc/nftables.conf": "flush ruleset\ntable inet filter {\n chain input {\n type filter hook input priority 0; policy accept;\n }\n}\n",
    "/etc/iptables/rules.v4": "*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n",
    "/etc/firewalld/firewalld.conf": "DefaultZone=trusted\n",
    "/etc/selinux/config": "SELINUX=disabled\n",
    "/etc/default/useradd": "INACTIVE=-1\n",
    "/etc/default/apport": "enabled=1\n",
    "/etc/apparmor.d/disable/x": "",
    "/etc/hostname": "studio\n",
    "/etc/machine-id": "0123456789abcdef0123456789abcdef\n",
}

EMPTY_PROGRAMS = (
    "sshd ssh sudo su passwd cron systemctl git dockerd docker nft iptables ufw firewalld telnetd vsftpd smbd "
    "exportfs rpc.nfsd auditctl auditd rsyslogd chronyd ntpd gnome-shell plasmashell xfce4-session xfce4-screensaver "
    "light-locker firefox chromium gdm3 lightdm sddm NetworkManager iwd restic borg rclone timeshift kopia"
).split()
MODES = {
    "/etc/shadow": 0o644,
    "/etc/sudoers": 0o666,
    "/etc/crontab": 0o666,
    "/etc/ssh/ssh_host_rsa_key": 0o644,
    "/etc/ssh/sshd_config": 0o666,
    "/boot/grub/grub.cfg": 0o644,
    f"{HOME}": 0o777,
    f"{HOME}/.ssh": 0o777,
    f"{HOME}/.ssh/id_rsa": 0o644,
    f"{HOME}/.ssh/authorized_keys": 0o666,
    f"{HOME}/.aws/credentials": 0o644,
    f"{HOME}/.bash_history": 0o644,
    "/root": 0o755,
    "/root/.ssh": 0o777,
    "/opt/job.sh": 0o777,
    f"{HOME}/job.sh": 0o777,
    "/etc/cron.daily/mine": 0o777,
    "/var/spool/cron/crontabs/ayesha": 0o644,
}


def build(folder: Path) -> Path:
    """Make the root below `folder`, which must not exist yet."""
    folder.mkdir()
    if DEBIAN.is_dir():
        _copy_debian(folder)
    for path, content in {**ACCOUNTS, **SSH, **DESK, **SYSTEM}.items():
        _write(folder / path.lstrip("/"), content)
    for name in EMPTY_PROGRAMS:
        place = folder / "usr/bin" / name
        _write(place, "x")
        place.chmod(0o4755 if name in ("sudo", "su", "restic") else 0o755)
    for path in ("usr/lib/os-release",):
        if not (folder / path).exists():
            _write(folder / path, 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n')
            (folder / "etc/os-release").symlink_to("../usr/lib/os-release")
    status = folder / "var/lib/dpkg/status"
    known = status.read_text() if status.exists() else ""
    _write(status, known + "\n" + "".join(_stanza(name, "1:1.0-1") for name in ("telnetd", "rsh-server", "nis")))
    for path, mode in MODES.items():
        (folder / path.lstrip("/")).chmod(mode)
    _own(folder / HOME.lstrip("/"), 1000)
    return folder


def _copy_debian(folder: Path) -> None:
    for name in COPIED:
        source, place = DEBIAN / name, folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, place, symlinks=True)
        elif source.exists():
            shutil.copy2(source, place)
    for name in ("bin", "sbin", "lib"):
        (folder / "usr" / name).mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(f"usr/{name}")


def _write(place: Path, content: str | bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    place.write_bytes(content if isinstance(content, bytes) else content.encode())


def _own(top: Path, uid: int) -> None:
    if os.geteuid() == 0:
        for place, _, names in os.walk(top):
            for name in ("", *names):
                os.chown(os.path.join(place, name), uid, uid, follow_symlinks=False)
