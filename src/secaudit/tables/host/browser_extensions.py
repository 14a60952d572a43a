"""browser_extensions: add-ons of browsers. As osquery's chrome_extensions and firefox_addons, in one table."""

from __future__ import annotations

import re
from typing import Any, Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._browsers import Profile, load_json, part, profiles, texts
from secaudit.tables.host._homeread import HomeReader


class BrowserExtension(NamedTuple):
    """One extension in one profile. Parts of the browser itself and themes are left out."""

    username: str
    browser: str
    profile: str
    id: str
    name: str
    version: str
    source: str
    """How it came: store, policy (of an administrator), distribution (a package of the system), unpacked (a folder,
    developer mode) or file."""
    from_store: int
    """1 when it comes, and is updated, from the store of the browser's maker."""
    permissions: str
    """Names and address patterns, sorted, with commas."""
    broad_access: int
    """1 when it may read and change what is shown on every site."""
    enabled: int
    path: str
    """The file that lists it."""


@table(targets={"host", "root"}, timeout_s=20.0)
def browser_extensions(target: Target) -> Iterator[BrowserExtension]:
    """Yield one row per extension of each Chromium-like and Firefox-like profile in home folders.

    Source: extensions.settings in Preferences and Secure Preferences (Chromium: extension_prefs.cc,
    mojom/manifest.mojom for `location`); extensions.json (Firefox: XPIDatabase.sys.mjs).

    Raises:
        Absent: nobody has a browser profile.
        Partial: a profile could not be read.
    """
    reader = HomeReader(target)
    found = profiles(reader)
    for profile in found:
        if profile.family == "chromium":
            yield from _chromium(reader, profile)
        else:
            yield from _firefox(reader, profile)
    reader.finish()
    if not found:
        raise Absent("no browser profile in any home folder")


# ---------------------------------------------------------------- Chromium

_BUILT_IN = (5, 10)
_UNPACKED = (4, 8)
_POLICY = (7, 9)
_EXTERNAL = (2, 3, 6)
_STORES = (
    "https://clients2.google.com/service/update2/crx",
    "https://edge.microsoft.com/extensionwebstorebase/",
    "https://extension-updates.opera.com/",
)


def _chromium(reader: HomeReader, profile: Profile) -> Iterator[BrowserExtension]:
    settings: dict[str, tuple[dict[str, Any], str]] = {}
    for name in ("Secure Preferences", "Preferences"):
        path = f"{profile.folder}/{name}"
        for identifier, entry in part(load_json(reader, path), "extensions", "settings").items():
            if isinstance(entry, dict) and "location" in entry:
                settings.setdefault(identifier, (entry, path))
    for identifier, (entry, path) in settings.items():
        location = entry.get("location")
        if location in _BUILT_IN or entry.get("state") == 2:  # 2: taken away by the user, only remembered
            continue
        place = str(entry.get("path", ""))
        folder = place if place.startswith("/") else f"{profile.folder}/Extensions/{place}"
        manifest = part(entry, "manifest")
        if not manifest and place and ".." not in place:
            manifest = load_json(reader, f"{folder}/manifest.json") or {}
        if "theme" in manifest:
            continue
        update_url = str(manifest.get("update_url", ""))
        from_store = location not in _UNPACKED and (bool(entry.get("from_webstore")) or update_url.startswith(_STORES))
        names, hosts = _chromium_permissions(entry, manifest)
        yield BrowserExtension(
            username=profile.username,
            browser=profile.browser,
            profile=profile.name,
            id=identifier,
            name=_chromium_name(reader, manifest, folder) or identifier,
            version=str(manifest.get("version", "")),
            source=_chromium_source(location, place, from_store),
            from_store=int(from_store),
            permissions=",".join(sorted(set(names) | set(hosts))),
            broad_access=int(any(_is_broad(host) for host in hosts)),
            enabled=int(_is_enabled(entry)),
            path=path,
        )


def _chromium_source(location: object, place: str, from_store: bool) -> str:
    if location in _POLICY:
        return "policy"
    if place.startswith("/usr/") or location in _EXTERNAL:
        return "distribution"
    if location in _UNPACKED:
        return "unpacked"
    return "store" if from_store else "file"


def _chromium_permissions(entry: dict[str, Any], manifest: dict[str, Any]) -> tuple[list[str], list[str]]:
    """What is active now; what the manifest asks for where the browser has not written it down."""
    active = part(entry, "active_permissions")
    if active:
        return texts(active.get("api")), texts(active.get("explicit_host")) + texts(active.get("scriptable_host"))
    asked = texts(manifest.get("permissions")) + texts(manifest.get("host_permissions"))
    scripts = manifest.get("content_scripts")
    matches = [
        match
        for script in (scripts if isinstance(scripts, list) else [])
        for match in texts(part(script).get("matches"))
    ]
    hosts = [text for text in asked if "://" in text or text == "<all_urls>"]
    return [text for text in asked if text not in hosts], hosts + matches


def _is_enabled(entry: dict[str, Any]) -> bool:
    """`disable_reasons` is a list (newer) or a set of bits; `state` 0 is off in versions before 2024."""
    return not entry.get("disable_reasons") and entry.get("state", 1) == 1


_MESSAGE = re.compile(r"__MSG_([A-Za-z0-9_@]{1,100})__")


def _chromium_name(reader: HomeReader, manifest: dict[str, Any], folder: str) -> str:
    name = str(manifest.get("name", ""))
    match = _MESSAGE.fullmatch(name)
    locale = manifest.get("default_locale")
    if match and isinstance(locale, str) and re.fullmatch(r"[A-Za-z_-]{2,20}", locale):
        messages = load_json(reader, f"{folder}/_locales/{locale}/messages.json") or {}
        lower = {key.lower(): value for key, value in messages.items()}
        message = part(lower, match.group(1).lower()).get("message")
        return message if isinstance(message, str) else name
    return name


_BROAD = re.compile(r"<all_urls>|(?:\*|https?|http\*)://(?:\*|\*\.\*)/.{0,5}", re.DOTALL)


def _is_broad(host: str) -> bool:
    """Whether the pattern matches every site."""
    return _BROAD.fullmatch(host) is not None


# ---------------------------------------------------------------- Firefox

_FIREFOX_BUILT_IN = ("app-builtin", "app-builtin-addons", "app-system-defaults", "app-system-addons")
_FIREFOX_SYSTEM = ("app-global", "app-system-share", "app-system-local", "app-system-user")


def _firefox(reader: HomeReader, profile: Profile) -> Iterator[BrowserExtension]:
    path = f"{profile.folder}/extensions.json"
    addons = (load_json(reader, path) or {}).get("addons")
    for addon in addons if isinstance(addons, list) else ():
        if not isinstance(addon, dict) or addon.get("type") != "extension":
            continue
        location = str(addon.get("location", ""))
        if location in _FIREFOX_BUILT_IN or addon.get("isBuiltin"):
            continue
        granted = part(addon, "userPermissions")
        names, hosts = texts(granted.get("permissions")), texts(granted.get("origins"))
        hosts += [name for name in names if "://" in name or name == "<all_urls>"]
        source = _firefox_source(addon, location)
        yield BrowserExtension(
            username=profile.username,
            browser=profile.browser,
            profile=profile.name,
            id=str(addon.get("id", "")),
            name=str(part(addon, "defaultLocale").get("name") or addon.get("id", "")),
            version=str(addon.get("version", "")),
            source=source,
            from_store=int(str(addon.get("sourceURI") or "").startswith("https://addons.mozilla.org/")),
            permissions=",".join(sorted(set(names) | set(hosts))),
            broad_access=int(any(_is_broad(host) for host in hosts)),
            enabled=int(bool(addon.get("active"))),
            path=path,
        )


def _firefox_source(addon: dict[str, Any], location: str) -> str:
    if location == "app-temporary":
        return "unpacked"
    if location in _FIREFOX_SYSTEM or str(addon.get("path") or "").startswith("/usr/"):
        return "distribution"
    if part(addon, "installTelemetryInfo").get("source") == "enterprise-policy":
        return "policy"
    return "store" if str(addon.get("sourceURI") or "").startswith("https://addons.mozilla.org/") else "file"
