"""What a way to log in does with wrong passwords: lockout, and whether anybody gets in without one."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target
from secaudit.tables.host import _pwquality
from secaudit.tables.host._pam import FAILS, IGNORES, SUCCEEDS, Rule, is_installed, walk
from secaudit.tables.host._policyrule import ASKING_MODULES, PolicyRule, nothing, row
from secaudit.tables.host._pwquality import Setting

NEUTRAL_MODULES = (
    "pam_cap",
    "pam_echo",
    "pam_ecryptfs",
    "pam_env",
    "pam_faildelay",
    "pam_faillock",
    "pam_gnome_keyring",
    "pam_group",
    "pam_keyinit",
    "pam_kwallet5",
    "pam_localuser",
    "pam_mail",
    "pam_nologin",
    "pam_permit",
    "pam_securetty",
    "pam_selinux",
    "pam_shells",
    "pam_usertype",
    "pam_warn",
)
"""Modules that say yes without asking for anything."""

FAILLOCK_DEFAULTS = {"deny": "3", "fail_interval": "900", "unlock_time": "600", "even_deny_root": "0"}
"""faillock.conf(5) of Linux-PAM 1.5 and 1.7."""


def of_login(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> Iterator[PolicyRule]:
    empty = next((r for r in rules if r.name == "pam_unix" and {"nullok", "nullok_secure"} & set(r.args)), None)
    yield PolicyRule(
        service,
        "empty_allowed",
        str(int(empty is not None)),
        int(empty is not None),
        "pam_unix" if empty else "",
        empty.path if empty else None,
        empty.line if empty else None,
    )
    settings = _lockout(target, rules, modules)
    yield row(service, "lockout_attempts", settings.get("deny", nothing()))
    seconds = settings.get("unlock_time", nothing())
    yield row(service, "lockout_seconds", seconds._replace(value="0") if seconds.value == "never" else seconds)
    yield row(service, "lockout_interval_seconds", settings.get("fail_interval", nothing()))
    root = settings.get("root_unlock_time")
    if root is not None:  # it implies even_deny_root
        root = root._replace(value="1")
    yield row(service, "lockout_root", root or settings.get("even_deny_root", nothing()))


def _lockout(target: Target, rules: list[Rule], modules: set[str] | None) -> dict[str, Setting]:
    """The settings of the module that locks accounts; nothing when there is none or its place makes it useless."""
    present = [rule for rule in rules if is_installed(target, rule, modules) != 0]
    locks = [rule for rule in present if rule.name == "pam_faillock"]
    if locks and _locks(rules, "pam_faillock"):
        conf = "/etc/security/faillock.conf"
        # the lines that refuse, preauth or authsucc, count the tries with settings of their own
        judges = [rule for rule in locks if "authfail" not in rule.args and _refuses(rules, rule)] or locks
        found = [_pwquality.module_settings(target, "pam_faillock", conf, FAILLOCK_DEFAULTS, [rule]) for rule in judges]
        return min(found, key=lambda settings: settings["deny"].number or 1_000_000)
    for name in ("pam_tally2", "pam_tally"):
        locks = [rule for rule in present if rule.name == name]
        if locks and _locks(rules, name):
            defaults = {"deny": "0", "unlock_time": "0", "even_deny_root": "0"}
            return _pwquality.module_settings(target, name, "/dev/null/none", defaults, locks)
    return {}


def _locks(rules: list[Rule], name: str) -> bool:
    """Whether wrong passwords are counted, and a locked account is refused although the password is right."""

    def wrong(rule: Rule) -> str:
        if rule.name == "pam_faillock":
            return FAILS if "authfail" in rule.args else SUCCEEDS
        return _usual(rule)

    def locked(rule: Rule) -> str:
        if rule.name == name:
            return FAILS
        return SUCCEEDS if rule.name == "pam_unix" else _usual(rule)

    counted = walk(rules, wrong).visited
    counts = any(
        position in counted and rule.name == name and (name != "pam_faillock" or "authfail" in rule.args)
        for position, rule in enumerate(rules)
    )
    return counts and not walk(rules, locked).succeeds


def _refuses(rules: list[Rule], judge: Rule) -> bool:
    """Whether a locked account is refused by this line although the password is right."""

    def outcome(rule: Rule) -> str:
        if rule is judge:
            return FAILS
        return SUCCEEDS if rule.name in ("pam_unix", judge.name) else _usual(rule)

    return not walk(rules, outcome).succeeds


def _usual(rule: Rule) -> str:
    """What a module says to an ordinary user with a wrong password: those that could let someone in alone say no."""
    if rule.name == "pam_permit":
        return SUCCEEDS
    alone = rule.control == "sufficient" or "success=done" in rule.control
    return FAILS if rule.name in ASKING_MODULES or alone else SUCCEEDS


def wrong_refused(service: str, rules: list[Rule]) -> PolicyRule:
    """Whether someone who knows no password is kept out. Modules that are not known are taken to say no."""
    opened = walk(rules, lambda rule: SUCCEEDS if rule.name in NEUTRAL_MODULES else FAILS).succeeds
    permit = next((rule for rule in rules if rule.name == "pam_permit"), None) if opened else None
    number = int(not opened)
    path, line = (permit.path, permit.line) if permit else (None, None)
    return PolicyRule(service, "wrong_refused", str(number), number, "", path, line)


def group_required(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> PolicyRule:
    """Whether pam_wheel keeps out people who know the password and are not in its group."""

    def outcome(rule: Rule) -> str:
        if rule.name == "pam_wheel" and is_installed(target, rule, modules) != 0:
            return IGNORES if "deny" in rule.args else FAILS
        return FAILS if rule.name in ("pam_rootok", "pam_deny") else SUCCEEDS

    wheels = [rule for rule in rules if rule.name == "pam_wheel"]
    number = int(bool(wheels) and not walk(rules, outcome).succeeds)
    where = wheels[0] if number else None
    return PolicyRule(
        service, "group_required", str(number), number, "pam_wheel" if number else "",
        where.path if where else None, where.line if where else None,
    )  # fmt: skip
