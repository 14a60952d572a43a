"""Which package tools and folders to expect, from the values of os-release(5)."""

from __future__ import annotations

FAMILIES = ("debian", "fedora", "arch", "alpine", "suse")
FAMILY_OF = {
    "ubuntu": "debian",
    "linuxmint": "debian",
    "kali": "debian",
    "raspbian": "debian",
    "devuan": "debian",
    "pop": "debian",
    "elementary": "debian",
    "zorin": "debian",
    "neon": "debian",
    "parrot": "debian",
    "mx": "debian",
    "tuxedo": "debian",
    "rhel": "fedora",
    "centos": "fedora",
    "rocky": "fedora",
    "almalinux": "fedora",
    "ol": "fedora",
    "amzn": "fedora",
    "nobara": "fedora",
    "manjaro": "arch",
    "endeavouros": "arch",
    "artix": "arch",
    "cachyos": "arch",
    "postmarketos": "alpine",
    "sles": "suse",
    "sled": "suse",
    "opensuse": "suse",
}
"""Well-known ids by the package tools they use; others are found by their ID_LIKE."""


def family_of(values: dict[str, str]) -> str:
    """debian, fedora, arch, alpine, suse, or empty."""
    for name in (platform_of(values), *values.get("ID_LIKE", "").lower().split()):
        name = FAMILY_OF.get(name.split("-", 1)[0], name)  # opensuse-leap, opensuse-tumbleweed
        if name in FAMILIES:
            return name
    return ""


def platform_of(values: dict[str, str]) -> str:
    return values.get("ID", "linux").lower()
