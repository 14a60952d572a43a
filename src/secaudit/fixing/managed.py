"""Programs that change files which their command line does not name, and programs that change none.

From their man pages in Debian 12: useradd(8), ufw(8), systemctl(1), pam-auth-update(8), augenrules(8) and others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

HARMLESS = frozenset(
    ": [ aa-status apt-config basename cat check-support-status command cut date dirname dpkg-query echo egrep "
    "false fgrep findmnt getent grep head hostname id journalctl ls lsblk printf ps pwd readlink ss "
    "stat systemd-analyze tail test tr true uname uniq visudo wc which zcat sshd return exit set export umask".split()
)
"""They read and print. visudo and sshd stand here for their tests (-c, -t); the editor is named in `byhand`."""

ACTS = frozenset(
    "apk apt apt-get apt-key apt-mark aptitude dnf dpkg flatpak pacman pacman-key rpm snap yum zypper "  # packages
    "cryptdisks_start exportfs ip kill modprobe mount nft pkill service rc-service smbcontrol swapoff swapon sysctl "
    "systemctl timedatectl ufw umount unattended-upgrade dconf gsettings loginctl udevadm".split()
)
"""They change packages, services or the running system, which is not undone by putting files back."""

PASSWD = ("/etc/passwd", "/etc/passwd-", "/etc/shadow", "/etc/shadow-")
GROUP = ("/etc/group", "/etc/group-", "/etc/gshadow", "/etc/gshadow-")
ACCOUNTS = (*PASSWD, *GROUP)
"""With the copies of before that these programs keep themselves."""

SUBORDINATE = ("/etc/subuid", "/etc/subuid-", "/etc/subgid", "/etc/subgid-")
PAM = tuple(
    f"/etc/pam.d/common-{name}" for name in ("account", "auth", "password", "session", "session-noninteractive")
)
UNITS = ("/etc/systemd/system", "/etc/rc?.d")
"""Links of units; systemctl passes programs with a System V script on to update-rc.d."""


def _when(pattern: str, *paths: str) -> Callable[[str], tuple[str, ...]]:
    """These files when the arguments fit, else none."""
    fits = re.compile(pattern)
    return lambda arguments: paths if fits.search(arguments) else ()


def _always(*paths: str) -> Callable[[str], tuple[str, ...]]:
    return lambda arguments: paths


_FILES: dict[str, Callable[[str], tuple[str, ...]]] = {
    "useradd": _always(*ACCOUNTS, *SUBORDINATE),
    "adduser": _always(*ACCOUNTS, *SUBORDINATE),
    "userdel": _always(*ACCOUNTS, *SUBORDINATE),
    "deluser": _always(*ACCOUNTS, *SUBORDINATE),
    "usermod": _always(*ACCOUNTS),
    "groupadd": _always(*GROUP),
    "groupdel": _always(*GROUP),
    "groupmod": _always(*ACCOUNTS),
    "gpasswd": _always(*GROUP),
    "passwd": _always(*PASSWD),
    "chage": _always(*PASSWD),
    "chpasswd": _always(*PASSWD),
    "pwconv": _always(*PASSWD),
    "grpconv": _always(*GROUP),
    "ufw": _when(r"^(?!.*\b(status|version|reload)\b)", "/etc/ufw", "/etc/default/ufw"),
    "systemctl": _when(r"\b(enable|disable|mask|unmask|revert|preset|link|set-default|set-property)\b", *UNITS),
    "update-rc.d": _always("/etc/rc?.d"),
    "rc-update": _always("/etc/runlevels"),
    "timedatectl": _when(r"\bset-(ntp|timezone)\b", "/etc/localtime", "/etc/timezone", *UNITS),
    "hostnamectl": _always("/etc/hostname", "/etc/machine-info"),
    "pam-auth-update": _always(*PAM, "/var/lib/pam"),
    "authselect": _always("/etc/pam.d", "/etc/authselect"),
    "augenrules": _when(r"--load", "/etc/audit/audit.rules", "/etc/audit/audit.rules.prev"),
    "update-grub": _always("/boot/grub/grub.cfg"),
    "aideinit": _always("/var/lib/aide"),
    "postconf": _when(r"-e\b", "/etc/postfix/main.cf"),
    "cupsctl": _always("/etc/cups/cupsd.conf"),
    "nmcli": _always("/etc/NetworkManager/system-connections"),
    "dconf": _when(r"\bupdate\b", "/etc/dconf/db"),
    "gsettings": _when(r"\b(set|reset)\b", "~/.config/dconf/user"),
    "xfconf-query": _always("~/.config/xfce4/xfconf"),
}


def files_of(program: str, arguments: Sequence[str]) -> tuple[str, ...] | None:
    """The files that a program keeps its settings in; None when the program is not known here."""
    reader = _FILES.get(program)
    if reader is None:
        return None
    joined = " ".join(arguments)
    if program == "systemctl" and "--user" in arguments:
        return ("~/.config/systemd/user",) if reader(joined) else ()
    if program == "dconf" and arguments[:1] in (("write",), ("reset",)):
        return ("~/.config/dconf/user",)
    return reader(joined)
