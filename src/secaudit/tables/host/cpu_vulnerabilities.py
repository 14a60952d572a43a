"""cpu_vulnerabilities: flaws of the processor and whether the kernel works around them. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, Unsupported, table

FOLDER = "/sys/devices/system/cpu/vulnerabilities"


class CpuVulnerability(NamedTuple):
    """One known flaw."""

    name: str
    """As the kernel names it: meltdown, spectre_v2, mds, retbleed..."""
    state: str | None
    """not_affected, mitigated, partly (one variant of it is still open) or vulnerable; NULL when the kernel does not
    know, as in many virtual machines."""
    description: str
    """The kernel's own words."""


@table(targets={"host"})
def cpu_vulnerabilities(target: Target) -> Iterator[CpuVulnerability]:
    """Yield one row per flaw that the running kernel knows.

    Source: Documentation/ABI/testing/sysfs-devices-system-cpu and admin-guide/hw-vuln of Linux.

    Raises:
        Absent: the kernel does not tell (older than 4.15, or a processor without such flaws).
        Unsupported: a mounted file system has no processor.
    """
    if not target.live:
        raise Unsupported("a mounted file system has no processor")
    try:
        names = target.listdir(FOLDER)
    except FileNotFoundError:
        raise Absent("the kernel does not tell about flaws of this processor") from None
    for name in names:
        text = target.read_text(f"{FOLDER}/{name}", limit_bytes=4096).strip()
        yield CpuVulnerability(name, _state(text), text)


def _state(text: str) -> str | None:
    """A text may begin with where it holds, "KVM: Mitigation: ...", and go on about variants, "BHI: Vulnerable"."""
    words = text.lower()
    if re.search(r"(^|: ?|; ?)(processor )?vulnerable", words):
        return "partly" if "mitigation:" in words else "vulnerable"
    if "mitigation:" in words:
        return "mitigated"
    return "not_affected" if "not affected" in words else None
