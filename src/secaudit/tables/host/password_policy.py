"""password_policy: the rules in force for new passwords and wrong log-ins. osquery has this name for macOS only."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._logindefs import read_login_defs
from secaudit.tables.host._loginumask import in_shell, login_umask
from secaudit.tables.host._newpasswords import new_passwords
from secaudit.tables.host._pam import Pam, Rule, installed_modules
from secaudit.tables.host._policyrule import PolicyRule
from secaudit.tables.host._wronglogins import group_required, of_login, wrong_refused

PASSWORD_SERVICES = ("passwd", "common-password", "system-auth", "password-auth", "other")
LOGIN_SERVICES = ("login", "sshd", "gdm-password", "lightdm", "sddm", "greetd", "lxdm", "xdm", "cockpit")
FALLBACK_SERVICES = ("common-auth", "system-auth", "other")
OTHER_DOORS = ("su", "sudo", "polkit-1")
"""Services that ask for a password again, after the log-in."""


@table(targets={"host", "root"})
def password_policy(target: Target) -> Iterator[PolicyRule]:
    """Yield one row per rule for new passwords, and per way to log in the rules about wrong tries.

    The stack is run through in thought: a quality module counts only when its refusal stops pam_unix, a lockout only
    when a wrong password is counted and a locked account is refused.

    Source: pam_unix(8), pam_pwquality(8), pam_faillock(8), pam_pwhistory(8), login.defs(5).

    Raises:
        Absent: PAM is not configured here.
        Partial: a PAM file could not be read.
    """
    pam = Pam(target)
    if not pam.is_used:
        raise Absent("PAM is not configured here")
    modules = installed_modules(target)
    try:
        definitions = read_login_defs(target)
    except FileNotFoundError:
        definitions = []
    service = next((name for name in PASSWORD_SERVICES if pam.has(name)), "passwd")
    found = list(new_passwords(target, service, _phase(pam, service, "password"), modules, definitions))
    logins = [name for name in LOGIN_SERVICES if pam.has(name)]
    logins = logins or [name for name in FALLBACK_SERVICES if pam.has(name)][:1]
    for service in logins:
        found.extend(of_login(target, service, _phase(pam, service, "auth"), modules))
        umask = login_umask(target, service, _phase(pam, service, "session"), modules)
        found += [umask, in_shell(target, umask)]
    for service in [*logins, *(name for name in OTHER_DOORS if pam.has(name))]:
        found.append(wrong_refused(service, _phase(pam, service, "auth")))
    if pam.has("su"):
        found.append(group_required(target, "su", _phase(pam, "su", "auth"), modules))
    if not pam.problems:
        yield from found
    else:  # a line that nobody could read may change what any stack amounts to
        yield from (row._replace(value=None, number=None, module="", path=None, line=None) for row in found)
        raise Partial("not everything could be read: " + ", ".join(pam.problems[:5]))


def _phase(pam: Pam, service: str, phase: str) -> list[Rule]:
    """The lines of one phase; a service without any gets those of `other`, as in libpam."""
    rules = [rule for rule in pam.rules(service) if rule.phase == phase]
    return rules or [rule for rule in pam.rules("other") if rule.phase == phase]
