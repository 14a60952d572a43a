"""password_policy: the rules in force for new passwords and wrong log-ins. osquery has this name for macOS only."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host import _pwquality
from secaudit.tables.host._logindefs import Definition, first_for_pam, last, number_of, read_login_defs
from secaudit.tables.host._pam import (
    FAILS,
    IGNORES,
    SUCCEEDS,
    Pam,
    Rule,
    installed_modules,
    is_installed,
    walk,
)
from secaudit.tables.host._pwquality import Setting
from secaudit.tables.host._shellumask import Umask, shell_umask

PASSWORD_SERVICES = ("passwd", "common-password", "system-auth", "password-auth", "other")
LOGIN_SERVICES = ("login", "sshd", "gdm-password", "lightdm", "sddm", "greetd", "lxdm", "xdm", "cockpit")
FALLBACK_SERVICES = ("common-auth", "system-auth", "other")
QUALITY_MODULES = ("pam_pwquality", "pam_cracklib", "pam_passwdqc")
HASHES = ("md5", "bigcrypt", "sha256", "sha512", "blowfish", "gost_yescrypt", "yescrypt")
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

OTHER_DOORS = ("su", "sudo", "polkit-1")
"""Services that ask for a password again, after the log-in."""
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
KERNEL_UMASK = "022"
"""What systemd and shadow give a log-in when nothing sets another one (systemd.exec(5), UMask=)."""

FAILLOCK_DEFAULTS = {"deny": "3", "fail_interval": "900", "unlock_time": "600", "even_deny_root": "0"}
"""faillock.conf(5) of Linux-PAM 1.5 and 1.7."""


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
    found = list(_new_passwords(target, service, _phase(pam, service, "password"), modules, definitions))
    logins = [name for name in LOGIN_SERVICES if pam.has(name)]
    logins = logins or [name for name in FALLBACK_SERVICES if pam.has(name)][:1]
    for service in logins:
        found.extend(_logins(target, service, _phase(pam, service, "auth"), modules))
        umask = _umask(target, service, _phase(pam, service, "session"), modules)
        found += [umask, _in_shell(target, umask)]
    for service in [*logins, *(name for name in OTHER_DOORS if pam.has(name))]:
        found.append(_wrong_refused(service, _phase(pam, service, "auth")))
    if pam.has("su"):
        found.append(_group_required(target, "su", _phase(pam, "su", "auth"), modules))
    if not pam.problems:
        yield from found
    else:  # a line that nobody could read may change what any stack amounts to
        yield from (row._replace(value=None, number=None, module="", path=None, line=None) for row in found)
        raise Partial("not everything could be read: " + ", ".join(pam.problems[:5]))


def _phase(pam: Pam, service: str, phase: str) -> list[Rule]:
    """The lines of one phase; a service without any gets those of `other`, as in libpam."""
    rules = [rule for rule in pam.rules(service) if rule.phase == phase]
    return rules or [rule for rule in pam.rules("other") if rule.phase == phase]


def _row(service: str, name: str, setting: Setting) -> PolicyRule:
    return PolicyRule(service, name, setting.value, setting.number, setting.module, setting.path, setting.line)


def _nothing(value: str = "0") -> Setting:
    return Setting(value, "", None, None)


# ---------------------------------------------------------------- new passwords


def _new_passwords(
    target: Target, service: str, rules: list[Rule], modules: set[str] | None, definitions: list[Definition]
) -> Iterator[PolicyRule]:
    unix = next((rule for rule in rules if rule.name == "pam_unix"), None)
    found: list[tuple[Rule, dict[str, Setting]]] = []
    for rule in rules:
        if rule.name in QUALITY_MODULES and is_installed(target, rule, modules) != 0 and _stops_unix(rules, rule):
            settings = _quality_settings(target, rule)
            if settings.get("enforcing", _nothing("1")).number != 0:
                found.append((rule, settings))
    names = ",".join(rule.name for rule, _ in found)
    where = found[0][0] if found else None
    yield PolicyRule(
        service, "quality_module", names, None, names, where.path if where else None, where.line if where else None
    )
    yield _row(service, "min_length", _highest([_unix_length(unix), *(_pwquality.shortest(s) for _, s in found)]))
    yield _row(service, "min_classes", _highest([_nothing(), *(_pwquality.classes(s) for _, s in found)]))
    for name, key in (
        ("dictionary_check", "dictcheck"),
        ("user_check", "usercheck"),
        ("min_difference", "difok"),
        ("retry", "retry"),
        ("enforce_for_root", "enforce_for_root"),
    ):
        yield _row(service, name, _highest([_nothing(), *(s[key] for _, s in found if key in s)]))
    yield _row(service, "remember", _remembered(target, rules, unix, modules))
    yield _row(service, "hash_method", _hash_method(target, unix))
    for name, key in (
        ("max_age_days", "PASS_MAX_DAYS"),
        ("min_age_days", "PASS_MIN_DAYS"),
        ("warn_age_days", "PASS_WARN_AGE"),
    ):
        one = last(definitions, key)
        if one is None:
            yield PolicyRule(service, name, "-1", -1, "login.defs", None, None)
        else:
            yield PolicyRule(service, name, one.value, number_of(one.value), "login.defs", one.path, one.line)


def _stops_unix(rules: list[Rule], judge: Rule) -> bool:
    """Whether a refusal by this module keeps pam_unix from storing the password."""

    def outcome(rule: Rule) -> str:
        if rule is judge:
            return FAILS
        return FAILS if rule.name in ASKING_MODULES and rule.name != "pam_unix" else SUCCEEDS

    visited = walk(rules, outcome).visited
    place = rules.index(judge)
    if place not in visited or any(rules[at].name == "pam_unix" for at in visited if at < place):
        return False  # what comes after pam_unix speaks when the password is stored already
    return all(
        "use_authtok" in rule.args
        for position, rule in enumerate(rules)
        if rule.name == "pam_unix" and position in visited
    )


def _quality_settings(target: Target, rule: Rule) -> dict[str, Setting]:
    if rule.name == "pam_pwquality":
        return _pwquality.pwquality(target, rule)
    return _pwquality.cracklib(rule) if rule.name == "pam_cracklib" else _pwquality.passwdqc(target, rule)


def _highest(settings: list[Setting]) -> Setting:
    return max(settings, key=lambda setting: setting.number or 0)


def _unix_length(unix: Rule | None) -> Setting:
    """pam_unix has a minimum of its own, 6 unless it is told otherwise; Debian also knows the older name `min`."""
    if unix is None:
        return _nothing()
    text = unix.value("minlen") or unix.value("min")
    if text is None:
        return Setting("6", "pam_unix", None, None)
    digits = text[: len(text) - len(text.lstrip("0123456789"))]  # atoi(3)
    return Setting(digits[:9] or "0", "pam_unix", unix.path, unix.line)


def _remembered(target: Target, rules: list[Rule], unix: Rule | None, modules: set[str] | None) -> Setting:
    """How many old passwords are refused."""
    found = [_nothing()]
    for rule in rules:
        if rule.name == "pam_pwhistory" and is_installed(target, rule, modules) != 0 and _stops_unix(rules, rule):
            conf = "/etc/security/pwhistory.conf"
            found.append(_pwquality.module_settings(target, rule.name, conf, {"remember": "10"}, [rule])["remember"])
    if unix is not None and unix.value("remember"):
        found.append(Setting(unix.value("remember") or "0", "pam_unix", unix.path, unix.line))
    return _highest(found)


def _hash_method(target: Target, unix: Rule | None) -> Setting:
    """The method of pam_unix: its last argument that names one, else the first ENCRYPT_METHOD, else DES."""
    if unix is None:
        return _nothing("")
    named = [argument for argument in unix.args if argument.startswith(HASHES)]
    if named:
        method = next(name for name in HASHES if named[-1].startswith(name))
        return Setting(method, "pam_unix", unix.path, unix.line)
    one = first_for_pam(target, "ENCRYPT_METHOD")
    method = next((name for name in HASHES if one and one.value.lower().startswith(name)), "des")
    return Setting(method, "pam_unix", one.path if one else None, one.line if one else None)


# ---------------------------------------------------------------- wrong log-ins


def _logins(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> Iterator[PolicyRule]:
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
    yield _row(service, "lockout_attempts", settings.get("deny", _nothing()))
    seconds = settings.get("unlock_time", _nothing())
    yield _row(service, "lockout_seconds", seconds._replace(value="0") if seconds.value == "never" else seconds)
    yield _row(service, "lockout_interval_seconds", settings.get("fail_interval", _nothing()))
    root = settings.get("root_unlock_time")
    if root is not None:  # it implies even_deny_root
        root = root._replace(value="1")
    yield _row(service, "lockout_root", root or settings.get("even_deny_root", _nothing()))


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


def _wrong_refused(service: str, rules: list[Rule]) -> PolicyRule:
    """Whether someone who knows no password is kept out. Modules that are not known are taken to say no."""
    opened = walk(rules, lambda rule: SUCCEEDS if rule.name in NEUTRAL_MODULES else FAILS).succeeds
    permit = next((rule for rule in rules if rule.name == "pam_permit"), None) if opened else None
    number = int(not opened)
    path, line = (permit.path, permit.line) if permit else (None, None)
    return PolicyRule(service, "wrong_refused", str(number), number, "", path, line)


def _group_required(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> PolicyRule:
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


def _in_shell(target: Target, umask: PolicyRule) -> PolicyRule:
    """The umask that a login shell ends up with."""
    if umask.number is None:
        return umask._replace(name="shell_umask")
    try:
        found = shell_umask(target, Umask(umask.number, umask.path, umask.line))
    except OSError:
        return umask._replace(name="shell_umask", value=None, number=None)
    module = umask.module if found.path == umask.path else "shell"
    return PolicyRule(umask.service, "shell_umask", f"{found.number:03o}", found.number, module, found.path, found.line)


def _umask(target: Target, service: str, rules: list[Rule], modules: set[str] | None) -> PolicyRule:
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
