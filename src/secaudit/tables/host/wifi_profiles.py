"""wifi_profiles: the wireless networks that this machine joins by itself. Not in osquery for Linux."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Partial, Target, table
from secaudit.tables.host import _unitfile

FOLDERS = ("/etc/NetworkManager/system-connections", "/run/NetworkManager/system-connections")
IWD = "/var/lib/iwd"
IWD_ENDINGS = {".open": "open", ".psk": "wpa-psk", ".8021x": "enterprise"}
FALSE_WORDS = ("false", "no", "0", "off")


class WifiProfile(NamedTuple):
    """One saved network."""

    name: str
    security: str
    """open, wep, owe (encrypted without a password), wpa-psk, wpa3, enterprise, or another word of the manager."""
    autoconnect: int
    """1 when the machine joins it without being asked."""
    path: str


@table(targets={"host", "root"})
def wifi_profiles(target: Target) -> Iterator[WifiProfile]:
    """Yield one row per saved wireless network of NetworkManager and iwd. Passwords are not read into rows.

    Source: nm-settings-keyfile(5), iwd.network(5).

    Raises:
        Absent: no manager has a folder for saved networks.
        Denied: only root may read the saved networks.
        Partial: some of them.
    """
    seen, denied = 0, []
    for folder in FOLDERS:
        try:
            names = target.listdir(folder)
        except FileNotFoundError:
            continue
        except PermissionError:
            seen += 1
            denied.append(folder)
            continue
        seen += 1
        for name in names:
            path = f"{folder}/{name}"
            try:
                row = _keyfile(target.read_text(path), path)
            except OSError:
                denied.append(path)
                continue
            if row is not None:
                yield row
    try:
        names = target.listdir(IWD)
        seen += 1
    except FileNotFoundError:
        names = []
    except PermissionError:
        seen += 1
        denied.append(IWD)
        names = []
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if dot + ending in IWD_ENDINGS and stem:
            yield from _iwd(target, f"{IWD}/{name}", stem, IWD_ENDINGS[dot + ending], denied)
    if not seen:
        raise Absent("no NetworkManager or iwd keeps wireless networks here")
    if denied:
        reason = f"{len(denied)} saved networks or folders could not be read"
        raise (Partial(reason, needs="root") if any("." in one for one in denied) else Denied(reason))


def _keyfile(text: str, path: str) -> WifiProfile | None:
    settings = {(one.section, one.key): one.value for one in _unitfile.parse(text, path)}
    kind = settings.get(("connection", "type"), "")
    if kind not in ("wifi", "802-11-wireless"):
        return None
    management = ""
    for section in ("wifi-security", "802-11-wireless-security"):
        management = settings.get((section, "key-mgmt"), management)
    secured = any(section in ("wifi-security", "802-11-wireless-security") for section, _ in settings)
    security = {"": "open", "none": "wep" if secured else "open", "sae": "wpa3", "wpa-eap": "enterprise"}.get(
        management, management
    )
    auto = settings.get(("connection", "autoconnect"), "true").lower() not in FALSE_WORDS
    return WifiProfile(settings.get(("connection", "id"), ""), security, int(auto), path)


def _iwd(target: Target, path: str, name: str, security: str, denied: list[str]) -> Iterator[WifiProfile]:
    try:
        settings = {(one.section, one.key): one.value for one in _unitfile.parse(target.read_text(path), path)}
    except OSError:
        denied.append(path)
        return
    auto = settings.get(("Settings", "AutoConnect"), "true").lower() not in FALSE_WORDS
    yield WifiProfile(name, security, int(auto), path)
