"""Which kinds of programs a machine runs, 64 bit and 32 bit: the audit system records their calls apart."""

from __future__ import annotations

from secaudit.tableapi import Target
from secaudit.tables.host._kernel import build_options

MACHINES = {62: ("x86", "b64"), 183: ("arm", "b64"), 3: ("x86", "b32"), 40: ("arm", "b32")}
"""e_machine of elf(5): the kind and the width of the machine's own programs."""
COMPAT = {"x86": "CONFIG_IA32_EMULATION", "arm": "CONFIG_COMPAT"}
"""The option of a 64 bit kernel that lets it run 32 bit programs."""
PROGRAMS = ("/usr/sbin/auditctl", "/sbin/auditctl", "/usr/bin/env", "/bin/sh", "/bin/busybox")


def machine(target: Target) -> tuple[str, str]:
    """The family and width of the machine by the header of a program; 64 bit when nothing says."""
    for path in PROGRAMS:
        try:
            head = next(iter(target.read_parts(path, 64 * 1024 * 1024, 64)), b"")
        except OSError:
            continue
        if head[:4] == b"\x7fELF" and len(head) >= 20:
            order = "big" if head[5] == 2 else "little"
            number = int.from_bytes(head[18:20], "big" if order == "big" else "little")
            return MACHINES.get(number, ("other", "b32" if head[4] == 1 else "b64"))
    return "x86", "b64"


def widths(target: Target, family: str, own: str) -> list[str]:
    """b64 and b32 as far as the kernel runs them; both where nobody says how it was built."""
    if own == "b32":
        return ["b32"]
    name = COMPAT.get(family)
    options = build_options(target) if name else None
    return ["b64", "b32"] if name and (options is None or options.get(name, "n") == "y") else ["b64"]
