"""One row of the table password_policy, and how it is made of a setting."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tables.host._pwquality import Setting

ASKING_MODULES = (
    "pam_unix",
    "pam_sss",
    "pam_krb5",
    "pam_ldap",
    "pam_winbind",
    "pam_systemd_home",
    "pam_fprintd",
    "pam_u2f",
    "pam_rootok",
    "pam_userdb",
    "pam_deny",
)
"""Modules that say no to someone who does not know the password of a local account."""


class PolicyRule(NamedTuple):
    """One rule."""

    service: str
    """The PAM service it was computed for: the one that changes passwords, or a way to log in."""
    name: str
    """quality_module, min_length, min_classes, min_difference, dictionary_check, user_check, retry, enforce_for_root,
    remember, hash_method, max_age_days, min_age_days, warn_age_days; for ways to log in: empty_allowed,
    wrong_refused (0 = a wrong password opens the door), lockout_attempts (0 = none), lockout_seconds (0 = until an
    administrator unlocks), lockout_interval_seconds, lockout_root, group_required
    (of su: 1 = only members of a group get through), umask (as PAM sets it),
    shell_umask (of a login shell: /etc/profile and /etc/profile.d may change it)."""
    value: str | None
    """Empty when there is none. NULL when it could not be found out."""
    number: int | None
    """The value as a number, umask read as octal; NULL when it is text."""
    module: str
    """What enforces it, pam_unix for example; empty when nothing does."""
    path: str | None
    """The file that set it; NULL for a built-in default."""
    line: int | None


def row(service: str, name: str, setting: Setting) -> PolicyRule:
    return PolicyRule(service, name, setting.value, setting.number, setting.module, setting.path, setting.line)


def nothing(value: str = "0") -> Setting:
    return Setting(value, "", None, None)
