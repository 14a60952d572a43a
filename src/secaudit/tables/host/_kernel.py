"""The kernels of a system: which one runs, which are installed, what they were built with, the kernel command line."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target

CONFIG_LIMIT_BYTES = 2 * 1024 * 1024
MODULE_FOLDERS = ("/usr/lib/modules", "/lib/modules")
SECRET_WORD = re.compile(r"passw|secret|token|psk|key", re.I)
BUILD_WORDS = frozenset({"rc", "deb", "bpo", "fc", "el", "u", "git"})
"""Words of a kernel version that tell the build and not the flavour."""


class Parameter(NamedTuple):
    """One word of the kernel command line."""

    name: str
    value: str
    """Empty when there is no `=`."""


def running_release(target: Target) -> str:
    """What `uname -r` says, from the file that both live kernels and containers show.

    Raises:
        OSError: /proc/version cannot be read.
    """
    words = target.read_text("/proc/version").split()
    return words[2] if len(words) > 2 else ""


def split_parameters(text: str) -> list[Parameter]:
    """Words of a kernel command line; double quotes hold spaces, `--` ends what is for the kernel."""
    found: list[Parameter] = []
    for word in re.findall(r'(?:[^\s"]|"[^"]*"?)+', text[:65536]):
        if word == "--":
            break
        name, _, value = word.replace('"', "").partition("=")
        found.append(Parameter(name, value))
    return found


def masked(parameter: Parameter) -> str:
    """The word as written, without a value that may be a secret."""
    if not parameter.value:
        return parameter.name
    value = "***" if SECRET_WORD.search(parameter.name) else parameter.value
    return f"{parameter.name}={value}"


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Sort kernel versions: numbers by value, `rc` before the final release."""
    key: list[tuple[int, int, str]] = []
    for number, word in re.findall(r"([0-9]+)|([A-Za-z]+)", version):
        if number:
            key.append((2, int(number[:18]), ""))
        else:
            key.append((0, 0, "") if word == "rc" else (1, 0, word))
    return (*key, (1, 0, ""))  # so that a release without more words is newer than its rc


def flavour(version: str) -> frozenset[str]:
    """The words that tell flavours apart: cloud, rt, generic, lts, the machine type."""
    return frozenset(re.findall(r"[a-z]+", version.lower())) - BUILD_WORDS


def installed_releases(target: Target) -> dict[str, str]:
    """Installed kernels: release -> the path that shows it. Rescue images and left-over folders do not count.

    Raises:
        PermissionError: /boot or the modules folder cannot be listed.
    """
    found: dict[str, str] = {}
    try:
        names = target.listdir("/boot")
    except (FileNotFoundError, NotADirectoryError):
        names = []
    for name in names:
        match = re.match(r"(?:vmlinuz|vmlinux|kernel|linux)-([0-9][\w.+~-]*)$", name)
        if match and not name.endswith((".old", ".bak", ".dpkg-bak", ".img", ".signed")) and "rescue" not in name:
            found[match.group(1)] = f"/boot/{name}"
    for folder in MODULE_FOLDERS:
        try:
            names = target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        for name in names:
            if not name[:1].isdigit() or name in found:
                continue
            for proof in ("vmlinuz", "kernel"):  # a folder that only holds DKMS modules outlives its kernel
                if target.exists(f"{folder}/{name}/{proof}"):
                    found[name] = f"{folder}/{name}"
                    break
    return found


def newest_release(releases: dict[str, str], like: str = "") -> str:
    """The newest installed release of the flavour of `like`; the newest of all when that has none. Empty for none."""
    candidates = [release for release in releases if flavour(release) == flavour(like)] if like else []
    return max(candidates or list(releases), key=version_key, default="")


def build_options(target: Target) -> dict[str, str] | None:
    """The options that the kernel was built with, such as CONFIG_SYN_COOKIES; None when nobody says.

    Of the running kernel; in a mounted file system of the newest installed one. The kernel's own copy in
    /proc/config.gz comes first: it cannot belong to another kernel.
    """
    if target.live:
        try:
            import zlib

            packed = target.read_bytes("/proc/config.gz", limit_bytes=CONFIG_LIMIT_BYTES)
            text = zlib.decompressobj(31).decompress(packed, CONFIG_LIMIT_BYTES)
            return _parse_options(text.decode("ascii", "replace"))
        except (OSError, zlib.error):
            pass
    try:
        release = running_release(target) if target.live else newest_release(installed_releases(target))
    except OSError:
        return None
    if not release or "/" in release:
        return None
    for path in (f"/boot/config-{release}", *(f"{folder}/{release}/config" for folder in MODULE_FOLDERS)):
        try:
            return _parse_options(target.read_text(path, limit_bytes=CONFIG_LIMIT_BYTES))
        except OSError:
            continue
    return None


def _parse_options(text: str) -> dict[str, str] | None:
    options: dict[str, str] = {}
    for line in text.splitlines():
        if line.startswith("CONFIG_") and "=" in line:
            name, value = line.split("=", 1)
            options[name] = value.strip().strip('"')
        elif line.startswith("# CONFIG_") and line.endswith(" is not set"):
            options[line[2:-11]] = "n"
    return options or None
