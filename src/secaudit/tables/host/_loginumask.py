"""The umask of a log-in, as PAM sets it and as a login shell ends up with it."""

from __future__ import annotations

from typing import Optional

from secaudit.tableapi import Target
from secaudit.tables.host._logindefs import first_for_pam
from secaudit.tables.host._pam import Rule, is_installed
from secaudit.tables.host._policyrule import PolicyRule
from secaudit.tables.host._shellumask import Umask, shell_umask

KERNEL_UMASK = "022"
"""What systemd and shadow give a log-in when nothing sets another one (systemd.exec(5), UMask=)."""

Origin = tuple[str, Optional[str], Optional[int]]
"""A value, its file and its line."""


def _default_login(target: Target) -> Origin | None:
    """UMASK of /etc/default/login, the last place where pam_umask looks."""
    path = "/etc/default/login"
    try:
        text = target.read_text(path)
    except FileNotFoundError:
        return None
    for number, line in enumerate(text.split("\n"), 1):
        name, _, value = line.strip().partition("=")
        if name.rstrip() == "UMASK":
            return value.strip(), path, number
    return None


def in_shell(target: Target, umask: PolicyRule) -> PolicyRule:
    """The umask that a login shell ends up with."""
    if umask.number is None:
        return umask._replace(name="shell_umask")
    try:
        found = shell_umask(target, Umask(umask.number, umask.path, umask.line))
    except OSError:
        return umask._replace(name="shell_umask", value=None, number=None)
    module = umask.module if found.path == umask.path else "shell"
    return PolicyRule(umask.service, "shell_umask", f"{found.number:03o}", found.number, module, found.path, found.line)


def login_umask(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> PolicyRule:
    """The umask that pam_umask sets at log-in; without that module UMASK of login.defs has no effect on PAM log-ins.

    Source: pam_umask(8). With `usergroups` the group, which is the user's own, gets the rights of the user.
    """
    rule = next((r for r in rules if r.name == "pam_umask" and is_installed(target, r, modules) != 0), None)
    if rule is None:
        return PolicyRule(service, "umask", KERNEL_UMASK, int(KERNEL_UMASK, 8), "", None, None)
    setting: Origin = (KERNEL_UMASK, None, None)
    argument, definition = rule.value("umask"), first_for_pam(target, "UMASK")
    if argument is not None:
        setting = (argument, rule.path, rule.line)
    elif definition is not None:
        setting = (definition.value, definition.path, definition.line)
    else:
        setting = _default_login(target) or setting
    value, path, line = setting
    if not value or not set(value) <= set("01234567") or len(value) > 6:
        return PolicyRule(service, "umask", value, None, "pam_umask", path, line)
    number = int(value, 8) & 0o777
    if "usergroups" in rule.args:  # USERGROUPS_ENAB of login.defs means nothing to pam_umask
        number = number & ~0o070 | (number & 0o700) >> 3
    return PolicyRule(service, "umask", f"{number:03o}", number, "pam_umask", path, line)
