"""boot_loader: which boot loader starts this machine, and who may change what it starts."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Partial, Target, table

GRUB_FILES = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
GRUB_ON_ESP = "/boot/efi/EFI/*/grub.cfg"
"""Fedora before 34 kept the real file here; elsewhere it is three lines that point to /boot."""
SYSTEMD_BOOT_FILES = ("/boot/loader/loader.conf", "/efi/loader/loader.conf", "/boot/efi/loader/loader.conf")
OTHER_FILES = (
    ("extlinux", "/boot/extlinux.conf"),
    ("extlinux", "/boot/extlinux/extlinux.conf"),
    ("syslinux", "/boot/syslinux/syslinux.cfg"),
    ("refind", "/boot/efi/EFI/refind/refind.conf"),
    ("limine", "/boot/limine.conf"),
    ("lilo", "/etc/lilo.conf"),
    ("raspberry-pi", "/boot/firmware/config.txt"),
)
SUPERUSERS = re.compile(
    r"^[^\S\n]*set[^\S\n]+superusers[^\S\n]{0,20}=[^\S\n]{0,20}[\"']?[^\S\n]{0,20}([^\"'\s;]+)", re.M
)
PASSWORD = re.compile(r"^[^\S\n]*password(_pbkdf2)?[^\S\n]+(\S+)[^\S\n]+(\S+)", re.M)


class BootLoader(NamedTuple):
    """One configuration file of a boot loader."""

    kind: str
    """grub, systemd-boot, extlinux, syslinux, refind, limine, lilo or raspberry-pi."""
    path: str
    mode: int
    """Lower 12 bits of the file's mode."""
    mode_octal: str
    uid: int
    gid: int
    password_set: int | None
    """1 when a change at the boot prompt asks for a password; NULL when the file cannot be read or the loader is one
    that this table cannot judge."""
    edit_protected: int | None
    """1 when nobody can change the kernel's parameters at the boot prompt without a password: a password in grub, or
    `editor no` in systemd-boot; NULL when not known."""


@table(targets={"host", "root"})
def boot_loader(target: Target) -> Iterator[BootLoader]:
    """Yield one row per boot loader configuration.

    Source: the GNU GRUB manual (Security), grub2-setpassword(8), loader.conf(5).

    Raises:
        Absent: no known boot loader has a configuration here, as in containers and some virtual machines.
        Denied: none was found, but a folder below /boot cannot be entered, or what lies there cannot be read.
        Partial: one was found, and there may be another one.
    """
    denied: list[str] = []
    found = 0
    for kind, path in _candidates(target, denied):
        try:
            entry = target.stat(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            denied.append(path)
            continue
        if entry.kind == "dir":
            continue
        if entry.kind != "file":
            denied.append(path)
            continue
        found += 1
        password, protected = _judge(target, kind, path)
        yield BootLoader(kind, path, entry.mode, f"{entry.mode:04o}", entry.uid, entry.gid, password, protected)
    if denied:
        reason = f"could not be read: {', '.join(sorted(set(denied))[:3])}"
        raise Partial(reason, "root") if found else Denied(reason)
    if not found:
        raise Absent("no configuration of a boot loader is here")


def _candidates(target: Target, denied: list[str]) -> Iterator[tuple[str, str]]:
    grub = 0
    for path in GRUB_FILES:
        try:
            grub += target.exists(path)
        except OSError:
            denied.append(path)
        yield "grub", path
    if not grub:
        try:
            for path in target.glob(GRUB_ON_ESP):
                yield "grub", path
        except OSError:
            denied.append(GRUB_ON_ESP)
    for path in SYSTEMD_BOOT_FILES:
        yield "systemd-boot", path
    yield from OTHER_FILES


def _judge(target: Target, kind: str, path: str) -> tuple[int | None, int | None]:
    """(password_set, edit_protected)."""
    try:
        if kind == "grub":
            password = _grub_password(target, path)
            return password, password
        if kind == "systemd-boot":
            return 0, int(not _editor_allowed(target.read_text(path)))
    except OSError:
        pass
    return None, None


def _grub_password(target: Target, path: str) -> int:
    """A superuser and a password for that name; Fedora keeps the hash beside grub.cfg in user.cfg."""
    text = target.read_text(path)
    try:
        user = target.read_text(path.rsplit("/", 1)[0] + "/user.cfg")
    except (FileNotFoundError, NotADirectoryError):
        user = ""
    has_user_hash = re.search(r"^[^\S\n]*GRUB2_PASSWORD=[\"']?grub\.pbkdf2\.", user, re.M) is not None
    names = {name for group in SUPERUSERS.findall(text) for name in re.split(r"[,;&| ]", group) if name}
    for _, name, secret in PASSWORD.findall(text):
        if name in names and ("$" not in secret[:1] or ("GRUB2_PASSWORD" in secret and has_user_hash)):
            return 1
    return 0


def _editor_allowed(text: str) -> bool:
    allowed = True
    for line in text.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "editor":
            allowed = words[1].lower() in ("1", "yes", "y", "true", "t", "on")
    return allowed
