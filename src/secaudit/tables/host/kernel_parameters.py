"""kernel_parameters: the words of the kernel command line, of the running kernel and of every configured start."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._dropins import say_unread
from secaudit.tables.host._kernel import SECRET_WORD, split_parameters

RUNNING = "/proc/cmdline"
ENTRY_FOLDERS = ("/boot/loader/entries", "/efi/loader/entries", "/boot/efi/loader/entries")
GRUB_FILES = ("/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")
PLAIN_FILES = ("/etc/kernel/cmdline", "/boot/cmdline.txt", "/boot/firmware/cmdline.txt")
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
    path: str
    line: int


@table(targets={"host", "root"})
def kernel_parameters(target: Target) -> Iterator[KernelParameter]:
    """Yield one row per parameter of /proc/cmdline, of grub.cfg, of boot loader entries and of /etc/kernel/cmdline.

    Parameters in grub.cfg that are shell variables are left out.

    Source: bootparam(7), the Boot Loader Specification (uapi-group.org), kernel-install(8).

    Raises:
        Partial: a file could not be read.
    """
    unread: list[str] = []
    if target.live:
        yield from _words(target.read_text(RUNNING), RUNNING, 1, running=1)
    for path in GRUB_FILES:
        for number, line in enumerate(_read(target, path, unread).splitlines(), 1):
            match = LINUX_LINE.match(line)
            if match is not None:
                yield from _words(match.group(2), path, number)
    for folder in ENTRY_FOLDERS:
        for path in _entries(target, folder, unread):
            for number, line in enumerate(_read(target, path, unread).splitlines(), 1):
                if line.startswith(("options ", "options\t")):
                    yield from _words(line[8:], path, number)
    for path in PLAIN_FILES:
        for number, line in enumerate(_read(target, path, unread).splitlines(), 1):
            if not line.startswith("#"):
                yield from _words(line, path, number)
    say_unread(unread)


def _read(target: Target, path: str, unread: list[str]) -> str:
    try:
        return target.read_text(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError:
        unread.append(path)
        return ""


def _entries(target: Target, folder: str, unread: list[str]) -> list[str]:
    try:
        names = target.listdir(folder)
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError:
        unread.append(folder)
        return []
    return [f"{folder}/{name}" for name in names if name.endswith(".conf")][:MAX_ENTRIES]


def _words(text: str, path: str, line: int, running: int = 0) -> Iterator[KernelParameter]:
    parameters = [parameter for parameter in split_parameters(text) if not parameter.name.startswith("$")]
    names = {parameter.name for parameter in parameters}
    recovery = int(bool(names & {"single", "s", "S", "1", "emergency", "rescue", "recovery"}))
    for name, value in parameters:
        hidden = value and SECRET_WORD.search(name)
        yield KernelParameter(name, "***" if hidden else value, running, recovery, path, line)
