"""kernel_parameters: the words of the kernel command line, of the running kernel and of every configured start."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._folders import names_in
from secaudit.tables.host._kernel import SECRET_WORD, split_parameters

RUNNING = "/proc/cmdline"
ENTRY_FOLDERS = ("/boot/loader/entries", "/efi/loader/entries", "/boot/efi/loader/entries")
GRUB_FILES = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
PLAIN_FILES = ("/etc/kernel/cmdline", "/boot/cmdline.txt", "/boot/firmware/cmdline.txt")
GRUB_ENV = ("/boot/grub/grubenv", "/boot/grub2/grubenv")
EXTLINUX_FILES = ("/boot/extlinux.conf", "/boot/extlinux/extlinux.conf", "/boot/syslinux/syslinux.cfg")
"""Alpine; U-Boot; Arch."""
VARIABLE = re.compile(r"\$\{?(\w+)\}?")
SET_LINE = re.compile(r"^[^\S\n]*set[^\S\n]+(\w+)=([^\n$]*)$", re.MULTILINE)
ENV_LINE = re.compile(r"^(\w+)=([^\n]*)$", re.MULTILINE)
APPEND_LINE = re.compile(r"\s*append\s+(?!-\s*$)(.*)$", re.IGNORECASE)
OPTIONS_LINE = re.compile(r"\s*options\s+\S")
LINUX_LINE = re.compile(r"^\s*linux(?:16|efi)?\s+(\S+)\s+(.*)$")
MAX_ENTRIES = 200


class KernelParameter(NamedTuple):
    """One word of one kernel command line."""

    name: str
    value: str
    """Empty when there is no `=`; *** when it may be a secret."""
    running: int
    """1 for the running kernel, 0 for a configured start."""
    recovery: int
    """1 for a start into single-user or rescue mode."""
    is_last: int
    """1 when no later word of the same command line has this name. Of most names the kernel takes the last word."""
    path: str
    line: int


@table(targets={"host", "root"})
def kernel_parameters(target: Target) -> Iterator[KernelParameter]:
    """Yield one row per parameter of /proc/cmdline, of grub.cfg, of extlinux.conf, of boot loader entries and of
    /etc/kernel/cmdline.

    Variables of GRUB are filled in from grubenv and from plain `set` lines; others are left out.

    Source: bootparam(7), the Boot Loader Specification (uapi-group.org), kernel-install(8), extlinux(1).

    Raises:
        Partial: a file could not be read.
    """
    unread: list[str] = []
    if target.live:
        yield from _words(target.read_text(RUNNING), RUNNING, 1, running=1)
    variables = _variables(target, unread)
    for path in GRUB_FILES:
        for number, line in enumerate(_read(target, path, unread).splitlines(), 1):
            match = LINUX_LINE.match(line)
            if match is not None:
                yield from _words(_filled(match.group(2), variables), path, number)
    for path in EXTLINUX_FILES:
        for number, line in enumerate(_read(target, path, unread).splitlines(), 1):
            match = APPEND_LINE.match(line)
            if match is not None:
                yield from _words(match.group(1), path, number)
    for folder in ENTRY_FOLDERS:
        for path in _entries(target, folder, unread):
            options = [
                (number, line.split(None, 1)[1])
                for number, line in enumerate(_read(target, path, unread).splitlines(), 1)
                if OPTIONS_LINE.match(line)
            ]
            if options:  # several lines add up
                yield from _words(_filled(" ".join(text for _, text in options), variables), path, options[0][0])
    for path in PLAIN_FILES:
        lines = [
            (number, line)
            for number, line in enumerate(_read(target, path, unread).splitlines(), 1)
            if line.strip() and not line.startswith("#")
        ]
        if lines:
            yield from _words(" ".join(line for _, line in lines), path, lines[0][0])
    say_unread(unread)


def _variables(target: Target, unread: list[str]) -> dict[str, str]:
    """Names that `$name` may stand for: lines `set name=value` of grub.cfg, and over them the block grubenv."""
    found: dict[str, str] = {}
    for path, pattern in (*((path, SET_LINE) for path in GRUB_FILES), *((path, ENV_LINE) for path in GRUB_ENV)):
        for match in pattern.finditer(_read(target, path, unread)):
            name, value = match.groups()
            found[name] = value.strip("\"'")
    return found


def _filled(text: str, variables: dict[str, str]) -> str:
    return VARIABLE.sub(lambda match: variables.get(match.group(1), match.group()), text)


def _read(target: Target, path: str, unread: list[str]) -> str:
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        unread.append(path)
        return ""


def _entries(target: Target, folder: str, unread: list[str]) -> list[str]:
    names = names_in(target, folder, unread)
    entries = [f"{folder}/{name}" for name in names if name.endswith(".conf")]
    if len(entries) > MAX_ENTRIES:
        unread.append(f"{folder} (more than {MAX_ENTRIES} entries)")
    return entries[:MAX_ENTRIES]


def _words(text: str, path: str, line: int, running: int = 0) -> Iterator[KernelParameter]:
    parameters = [parameter for parameter in split_parameters(text) if not parameter.name.startswith("$")]
    names = {parameter.name for parameter in parameters}
    recovery = int(bool(names & {"single", "s", "S", "1", "emergency", "rescue", "recovery"}))
    last = {_plain(name): position for position, (name, _) in enumerate(parameters)}
    for position, (name, value) in enumerate(parameters):
        hidden = value and SECRET_WORD.search(name)
        is_last = int(last[_plain(name)] == position)
        yield KernelParameter(name, "***" if hidden else value, running, recovery, is_last, path, line)


def _plain(name: str) -> str:
    """The kernel takes - and _ in names of parameters as the same: parameq() of kernel/params.c."""
    return name.replace("-", "_")
