"""browser_settings: the settings of browsers that matter for safety, as they really apply. Not in osquery."""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._browsers import Profile, load_json, part, profiles
from secaudit.tables.host._homeread import HomeReader


class BrowserSetting(NamedTuple):
    """One setting of one profile."""

    username: str
    browser: str
    profile: str
    setting: str
    """safe_browsing (off, standard, enhanced), save_passwords, https_only, updates, add_on_signatures (0 or 1),
    saved_passwords (a number)."""
    value: str | None
    """NULL when it could not be read."""
    source: str
    """policy (of an administrator), user, or default (built in)."""
    path: str | None
    """The file that decided; NULL for a default."""


@table(targets={"host", "root"}, timeout_s=20.0)
def browser_settings(target: Target) -> Iterator[BrowserSetting]:
    """Yield one row per known setting of each browser profile: policy before user before default.

    Source: Chromium's policy list and chrome/common/pref_names; Mozilla's policy-templates, all.js and firefox.js.

    Raises:
        Absent: nobody has a browser profile.
        Partial: a profile or policy could not be read.
    """
    reader = HomeReader(target)
    found = profiles(reader)
    policies: dict[str, dict[str, tuple[Any, str]]] = {}
    for profile in found:
        if profile.browser not in policies:
            policies[profile.browser] = _policies(reader, profile)
        method = _chromium if profile.family == "chromium" else _firefox
        for setting, value, source, path in method(reader, profile, policies[profile.browser]):
            yield BrowserSetting(profile.username, profile.browser, profile.name, setting, value, source, path)
    reader.finish()
    if not found:
        raise Absent("no browser profile in any home folder")


_Answer = tuple[str, "str | None", str, "str | None"]

_POLICY_FOLDERS = {
    "chromium": ("/etc/chromium/policies/managed", "/etc/chromium-browser/policies/managed"),
    "chrome": ("/etc/opt/chrome/policies/managed",),
    "brave": ("/etc/brave/policies/managed",),
    "edge": ("/etc/opt/edge/policies/managed",),
    "vivaldi": ("/etc/vivaldi/policies/managed",),
    "opera": ("/etc/opt/opera/policies/managed",),
}
_FIREFOX_POLICIES = (
    "/usr/share/firefox/distribution/policies.json",
    "/usr/lib/firefox/distribution/policies.json",
    "/usr/lib64/firefox/distribution/policies.json",
    "/usr/lib/firefox-esr/distribution/policies.json",
    "/usr/share/firefox-esr/distribution/policies.json",
    "/etc/firefox/policies/policies.json",  # replaces the others, see Policies.sys.mjs
)


def _policies(reader: HomeReader, profile: Profile) -> dict[str, tuple[Any, str]]:
    """Name of the policy -> value and file."""
    found: dict[str, tuple[Any, str]] = {}
    if profile.family == "chromium":
        for folder in _POLICY_FOLDERS.get(profile.browser, ()):
            for path in reader.matching(folder, "*.json"):
                for name, value in (load_json(reader, path) or {}).items():
                    found[name] = (value, path)
    elif profile.browser == "firefox":
        for path in _FIREFOX_POLICIES:
            document = load_json(reader, path)
            if document is not None:
                found = {name: (value, path) for name, value in part(document, "policies").items()}
    return found


# ---------------------------------------------------------------- Chromium


def _chromium(reader: HomeReader, profile: Profile, policies: dict[str, tuple[Any, str]]) -> Iterator[_Answer]:
    path = f"{profile.folder}/Preferences"
    prefs = load_json(reader, path)
    safe = part(prefs, "safebrowsing")

    def answer(setting: str, policy: str, wanted: Callable[[Any], str], user: Any, default: str) -> _Answer:
        if policy in policies:
            return setting, wanted(policies[policy][0]), "policy", policies[policy][1]
        if prefs is None:
            return setting, None, "user", path
        return (setting, wanted(user), "user", path) if user is not None else (setting, default, "default", None)

    level = None
    if "enabled" in safe or "enhanced" in safe:
        level = 0 if safe.get("enabled") is False else 2 if safe.get("enhanced") is True else 1
    yield answer("safe_browsing", "SafeBrowsingProtectionLevel", _level, level, "standard")
    yield answer(
        "save_passwords", "PasswordManagerEnabled", _flag, (prefs or {}).get("credentials_enable_service"), "1"
    )
    yield answer("https_only", "HttpsOnlyMode", _https, (prefs or {}).get("https_only_mode_enabled"), "0")


def _level(value: Any) -> str:
    return {0: "off", 1: "standard", 2: "enhanced"}.get(value, "off") if isinstance(value, int) else "off"


def _flag(value: Any) -> str:
    return "1" if value is True or value == 1 else "0"


def _https(value: Any) -> str:
    return "1" if value is True or value in ("force_enabled", "force_balanced_enabled") else "0"


# ---------------------------------------------------------------- Firefox

_PREF = re.compile(
    r"^\s{0,20}(?:user_pref|pref|lockPref)\(\"([^\"]{1,200})\",\s{0,20}(true|false|-?[0-9]{1,10}|\"(?:[^\"\\]|\\.){0,2000}\")\s{0,20}\);",
    re.MULTILINE,
)


def _firefox(reader: HomeReader, profile: Profile, policies: dict[str, tuple[Any, str]]) -> Iterator[_Answer]:
    prefs: dict[str, tuple[str, str]] = {}
    readable = True
    for name in ("prefs.js", "user.js"):  # user.js is copied over prefs.js at each start
        path = f"{profile.folder}/{name}"
        text = reader.text(path)
        if text is None:
            readable = readable and not reader.failed(path)
            continue
        for match in _PREF.finditer(text):
            prefs[match.group(1)] = (match.group(2).strip('"'), path)

    def answer(setting: str, key: str, default: str, wanted: Callable[[str], str] = _word) -> _Answer:
        if not readable:
            return setting, None, "user", f"{profile.folder}/prefs.js"
        if key in prefs:
            return setting, wanted(prefs[key][0]), "user", prefs[key][1]
        return setting, default, "default", None

    parts = [answer("safe_browsing", f"browser.safebrowsing.{kind}.enabled", "1") for kind in ("malware", "phishing")]
    worst = next((item for item in parts if item[1] != "1"), parts[0])
    yield worst[0], None if worst[1] is None else "standard" if worst[1] == "1" else "off", worst[2], worst[3]
    for policy in ("PasswordManagerEnabled", "OfferToSaveLogins"):
        if policy in policies and policies[policy][0] is False:
            yield "save_passwords", "0", "policy", policies[policy][1]
            break
    else:
        yield answer("save_passwords", "signon.rememberSignons", "1")
    if "HttpsOnlyMode" in policies:
        yield "https_only", _https(policies["HttpsOnlyMode"][0]), "policy", policies["HttpsOnlyMode"][1]
    else:
        yield answer("https_only", "dom.security.https_only_mode", "0")
    yield answer("add_on_signatures", "xpinstall.signatures.required", "1")
    yield _saved_passwords(reader, profile)


def _word(value: str) -> str:
    return {"true": "1", "false": "0"}.get(value, value)


def _saved_passwords(reader: HomeReader, profile: Profile) -> _Answer:
    """How many logins are stored; whether a primary password protects them cannot be seen from the file."""
    path = f"{profile.folder}/logins.json"
    document = load_json(reader, path)
    if document is None:
        missing = not reader.failed(path)
        return "saved_passwords", "0" if missing else None, "user", None if missing else path
    logins = document.get("logins")
    return "saved_passwords", str(len(logins)) if isinstance(logins, list) else "0", "user", path
