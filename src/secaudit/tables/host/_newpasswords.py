"""The rules for new passwords: what the stack of PAM asks of one, and how it is stored."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target
from secaudit.tables.host import _pwquality
from secaudit.tables.host._logindefs import Definition, first_for_pam, last, number_of
from secaudit.tables.host._pam import FAILS, SUCCEEDS, Rule, is_installed, walk
from secaudit.tables.host._policyrule import ASKING_MODULES, PolicyRule, nothing, row
from secaudit.tables.host._pwquality import Setting

QUALITY_MODULES = ("pam_pwquality", "pam_cracklib", "pam_passwdqc")
HASHES = ("md5", "bigcrypt", "sha256", "sha512", "blowfish", "gost_yescrypt", "yescrypt")


def new_passwords(
    target: Target, service: str, rules: list[Rule], modules: set[str] | None, definitions: list[Definition]
) -> Iterator[PolicyRule]:
    unix = next((rule for rule in rules if rule.name == "pam_unix"), None)
    found: list[tuple[Rule, dict[str, Setting]]] = []
    for rule in rules:
        if rule.name in QUALITY_MODULES and is_installed(target, rule, modules) != 0 and _stops_unix(rules, rule):
            settings = _quality_settings(target, rule)
            if settings.get("enforcing", nothing("1")).number != 0:
                found.append((rule, settings))
    names = ",".join(rule.name for rule, _ in found)
    where = found[0][0] if found else None
    yield PolicyRule(
        service, "quality_module", names, None, names, where.path if where else None, where.line if where else None
    )
    yield row(service, "min_length", _highest([_unix_length(unix), *(_pwquality.shortest(s) for _, s in found)]))
    yield row(service, "min_classes", _highest([nothing(), *(_pwquality.classes(s) for _, s in found)]))
    for name, key in (
        ("dictionary_check", "dictcheck"),
        ("user_check", "usercheck"),
        ("min_difference", "difok"),
        ("retry", "retry"),
        ("enforce_for_root", "enforce_for_root"),
    ):
        yield row(service, name, _highest([nothing(), *(s[key] for _, s in found if key in s)]))
    yield row(service, "remember", _remembered(target, rules, unix, modules))
    yield row(service, "hash_method", _hash_method(target, unix))
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
        return nothing()
    text = unix.value("minlen") or unix.value("min")
    if text is None:
        return Setting("6", "pam_unix", None, None)
    digits = text[: len(text) - len(text.lstrip("0123456789"))]  # atoi(3)
    return Setting(digits[:9] or "0", "pam_unix", unix.path, unix.line)


def _remembered(target: Target, rules: list[Rule], unix: Rule | None, modules: set[str] | None) -> Setting:
    """How many old passwords are refused."""
    found = [nothing()]
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
        return nothing("")
    named = [argument for argument in unix.args if argument.startswith(HASHES)]
    if named:
        method = next(name for name in HASHES if named[-1].startswith(name))
        return Setting(method, "pam_unix", unix.path, unix.line)
    one = first_for_pam(target, "ENCRYPT_METHOD")
    method = next((name for name in HASHES if one and one.value.lower().startswith(name)), "des")
    return Setting(method, "pam_unix", one.path if one else None, one.line if one else None)
