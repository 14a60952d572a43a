"""browser_extensions and browser_settings: profiles as Chromium and Firefox write them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows, rows_of

HOME = "/home/ayesha"
FIXTURES = Path("/work/shared/fixtures/desktop/all")
CHROMIUM = f"{HOME}/.config/chromium/Default"
FIREFOX = f"{HOME}/.mozilla/firefox/ab12cd34.default-release"


def chromium_root(tmp_path: Path, *entries: dict[str, object], manifest: dict[str, object] | None = None) -> Path:
    settings = {"abcdefghijklmnopabcdefghijklmno" + "abcdefghijklmnop"[n]: entry for n, entry in enumerate(entries)}
    return make_root(
        tmp_path,
        {
            f"{CHROMIUM}/Preferences": json.dumps({"extensions": {"settings": settings}}),
            f"{CHROMIUM}/Extensions/x/1.0_0/manifest.json": json.dumps(manifest or {"name": "X", "version": "1.0"}),
        },
    )


def firefox_root(tmp_path: Path, *addons: dict[str, object], prefs: str = "", **files: str) -> Path:
    return make_root(
        tmp_path,
        {
            f"{FIREFOX}/prefs.js": prefs,
            f"{FIREFOX}/extensions.json": json.dumps({"schemaVersion": 36, "addons": list(addons)}),
            **{f"{FIREFOX}/{name.replace('_', '.')}": text for name, text in files.items()},
        },
    )


STORE = {"location": 1, "from_webstore": True, "path": "x/1.0_0", "disable_reasons": []}
ALL_SITES = {"active_permissions": {"api": ["tabs"], "explicit_host": ["<all_urls>"], "scriptable_host": []}}


@pytest.mark.parametrize(
    ("entry", "source", "from_store", "broad", "enabled"),
    [
        ({**STORE, **ALL_SITES}, "store", 1, 1, 1),
        (
            {**STORE, "active_permissions": {"api": ["storage"], "scriptable_host": ["https://*.example.com/*"]}},
            "store",
            1,
            0,
            1,
        ),
        ({**STORE, "active_permissions": {"scriptable_host": ["*://*/*"]}}, "store", 1, 1, 1),
        ({**STORE, "disable_reasons": [1]}, "store", 1, 0, 0),
        ({**STORE, "disable_reasons": 8192}, "store", 1, 0, 0),
        ({**STORE, "state": 0}, "store", 1, 0, 0),
        ({**STORE, "location": 4, "path": "/home/ayesha/dev"}, "unpacked", 0, 0, 1),
        ({**STORE, "location": 8, "path": "/usr/share/chromium/extensions/ublock"}, "distribution", 0, 0, 1),
        ({**STORE, "location": 7}, "policy", 1, 0, 1),
        ({**STORE, "from_webstore": False}, "file", 0, 0, 1),
    ],
)
def test_chromium_entries(  # type: ignore[no-untyped-def]
    tmp_path: Path, entry: dict[str, object], source: str, from_store: int, broad: int, enabled: int
):
    (row,) = rows("browser_extensions", chromium_root(tmp_path, entry))
    assert (row["source"], row["from_store"], row["broad_access"], row["enabled"]) == (
        source,
        from_store,
        broad,
        enabled,
    )


@pytest.mark.parametrize(
    "entry", [{**STORE, "location": 5}, {**STORE, "location": 10}, {**STORE, "state": 2}, {"path": "x"}]
)
def test_parts_of_the_browser_and_what_was_taken_away_are_left_out(tmp_path: Path, entry: dict[str, object]) -> None:
    assert rows("browser_extensions", chromium_root(tmp_path, entry)) == []


def test_permissions_come_from_the_manifest_when_the_browser_noted_none(tmp_path: Path) -> None:
    manifest = {"name": "X", "version": "2", "host_permissions": ["https://*/*"], "permissions": ["cookies"]}
    (row,) = rows("browser_extensions", chromium_root(tmp_path, STORE, manifest=manifest))
    assert (row["name"], row["permissions"], row["broad_access"]) == ("X", "cookies,https://*/*", 1)


@pytest.mark.parametrize(
    ("extra", "source", "from_store", "broad"),
    [
        ({"sourceURI": "https://addons.mozilla.org/firefox/downloads/file/1/x.xpi"}, "store", 1, 0),
        ({"sourceURI": None}, "file", 0, 0),
        ({"sourceURI": "file:///home/ayesha/x.xpi", "location": "app-profile"}, "file", 0, 0),
        ({"location": "app-system-share", "path": "/usr/share/mozilla/extensions/x"}, "distribution", 0, 0),
        ({"userPermissions": {"permissions": ["tabs"], "origins": ["<all_urls>"]}}, "file", 0, 1),
        ({"userPermissions": {"permissions": [], "origins": ["*://*.example.com/*"]}}, "file", 0, 0),
        ({"installTelemetryInfo": {"source": "enterprise-policy"}}, "policy", 0, 0),
    ],
)
def test_firefox_addons(  # type: ignore[no-untyped-def]
    tmp_path: Path, extra: dict[str, object], source: str, from_store: int, broad: int
):
    addon = {"id": "x@y", "type": "extension", "version": "1", "active": True, "location": "app-profile", **extra}
    theme = {"id": "t@y", "type": "theme", "active": True}
    builtin = {"id": "b@mozilla.org", "type": "extension", "location": "app-builtin", "active": True}
    (row,) = rows("browser_extensions", firefox_root(tmp_path, addon, theme, builtin))
    assert (row["id"], row["source"], row["from_store"], row["broad_access"]) == ("x@y", source, from_store, broad)


def test_snap_and_flatpak_profiles_are_found(tmp_path: Path) -> None:
    addon = json.dumps({"addons": [{"id": "x@y", "type": "extension", "active": True}]})
    bases = ("snap/firefox/common/.mozilla/firefox/p", ".var/app/org.mozilla.firefox/.mozilla/firefox/p")
    files = {
        f"{HOME}/{base}/{name}": text for base in bases for name, text in (("prefs.js", ""), ("extensions.json", addon))
    }
    assert len(rows("browser_extensions", make_root(tmp_path, files))) == 2


def test_no_profile_is_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {f"{HOME}/.config/x": ""})
    assert read_table("browser_extensions", root).status == "absent"
    assert read_table("browser_settings", root).status == "absent"


@pytest.mark.parametrize("text", ["", "[1]", "{" * 100_000, '{"extensions": {"settings": [1]}}', '{"extensions": 5}'])
def test_odd_json_is_named_or_empty_and_never_a_crash(tmp_path: Path, text: str) -> None:
    data = read_table("browser_extensions", make_root(tmp_path, {f"{CHROMIUM}/Preferences": text}))
    assert data.status in ("ok", "partial")
    assert data.rows == ()


def setting(root: Path) -> dict[object, tuple[object, object]]:
    return {row["setting"]: (row["value"], row["source"]) for row in rows("browser_settings", root)}


def test_chromium_policy_wins_over_user_and_default(tmp_path: Path) -> None:
    files = {
        f"{CHROMIUM}/Preferences": json.dumps({"safebrowsing": {"enabled": False}, "credentials_enable_service": False})
    }
    assert setting(make_root(tmp_path / "a", files)) == {
        "safe_browsing": ("off", "user"),
        "save_passwords": ("0", "user"),
        "https_only": ("0", "default"),
    }
    files["/etc/chromium/policies/managed/p.json"] = json.dumps({"SafeBrowsingProtectionLevel": 2})
    assert setting(make_root(tmp_path / "b", files))["safe_browsing"] == ("enhanced", "policy")


def test_firefox_user_js_wins_over_prefs_js(tmp_path: Path) -> None:
    prefs = (
        'user_pref("browser.safebrowsing.malware.enabled", false);\nuser_pref("dom.security.https_only_mode", true);\n'
    )
    root = firefox_root(tmp_path / "a", prefs=prefs)
    assert setting(root)["safe_browsing"] == ("off", "user")
    assert setting(root)["https_only"] == ("1", "user")
    root = firefox_root(
        tmp_path / "b", prefs=prefs, user_js='user_pref("browser.safebrowsing.malware.enabled", true);\n'
    )
    assert setting(root)["safe_browsing"] == ("standard", "default") or setting(root)["safe_browsing"][0] == "standard"


def test_firefox_saved_logins_are_counted_and_not_shown(tmp_path: Path) -> None:
    logins = json.dumps({"logins": [{"hostname": "https://x", "encryptedPassword": "CANARY"}]})
    data = read_table("browser_settings", firefox_root(tmp_path, logins_json=logins))
    assert ("saved_passwords", "1") in {(row["setting"], row["value"]) for row in rows_of(data)}
    assert "CANARY" not in repr(data)


@pytest.mark.skipif(not FIXTURES.exists(), reason="the recorded outputs are not here")
@pytest.mark.parametrize("name", ["firefox-prefs.js.txt", "firefox-prefs2.js.txt", "firefox-prefs3.js.txt"])
def test_recorded_preferences_are_read(tmp_path: Path, name: str) -> None:
    root = firefox_root(tmp_path, prefs=(FIXTURES / name).read_text())
    assert setting(root)["add_on_signatures"] == ("1", "default")


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_a_profile_that_chromium_wrote(tmp_path: Path) -> None:
    extension = tmp_path / "ext"
    (extension / "_locales/en").mkdir(parents=True)
    (extension / "_locales/en/messages.json").write_text('{"n": {"message": "Reads all"}}')
    (extension / "manifest.json").write_text(
        json.dumps(
            {
                "manifest_version": 3,
                "name": "__MSG_n__",
                "default_locale": "en",
                "version": "1.2",
                "permissions": ["storage"],
                "host_permissions": ["<all_urls>"],
            }
        )
    )
    profile = tmp_path / "root" / HOME.lstrip("/") / ".config/chromium"
    make_root(tmp_path / "root", {f"{HOME}/x": ""})
    options = [
        "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", f"--load-extension={extension}",
        "--disable-features=DisableLoadExtensionCommandLineSwitch", "--timeout=4000", "--dump-dom", "about:blank",
    ]  # fmt: skip
    subprocess.run(["chromium", *options], capture_output=True, timeout=60, check=False)
    seen = tmp_path / "root" / str(extension).lstrip("/")  # the path in the profile is absolute
    shutil.copytree(extension, seen)
    (row,) = rows("browser_extensions", tmp_path / "root")
    assert (row["name"], row["version"], row["source"], row["broad_access"], row["enabled"]) == (
        "Reads all",
        "1.2",
        "unpacked",
        1,
        1,
    )
    assert setting(tmp_path / "root")["safe_browsing"] == ("standard", "default")
