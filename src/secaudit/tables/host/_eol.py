"""When the makers of Linux systems stop giving out security fixes. Data only; `os_lifecycle` reads it.

Sources, looked up on 2026-11-23:
- Debian, Ubuntu: the package distro-info-data 0.58+deb12u6 (columns eol, eol-lts; Ubuntu: eol).
- Fedora: https://fedorapeople.org/groups/schedule/ and endoflife.date/fedora (2025-12). 43 and 44: planned ends.
- Alpine: https://alpinelinux.org/releases/ by endoflife.date/alpine-linux (2026-01).
- Red Hat, Rocky, Alma, CentOS Stream: https://access.redhat.com/support/policy/updates/errata,
  https://wiki.rockylinux.org/rocky/version/, https://wiki.almalinux.org/release-notes/ by endoflife.date (2025).
- openSUSE: https://en.opensuse.org/Lifetime by endoflife.date/opensuse (2025-12).
- Linux Mint: https://linuxmint.com/download_all.php (same end as the Ubuntu LTS below it, in April of that year).
"""

from __future__ import annotations

from typing import NamedTuple

DATA_DATE = "2026-11-23"


class Cycle(NamedTuple):
    """The life of one release."""

    full: str
    """Last day of full support, YYYY-MM-DD."""
    end: str
    """Last day of security fixes that everyone gets free of charge (Debian: LTS)."""


ROLLING = frozenset(
    {"arch", "manjaro", "endeavouros", "artix", "cachyos", "garuda", "opensuse-tumbleweed", "void", "kali"}
)
"""Systems without releases: whoever updates has the newest."""

_DEBIAN = {
    "8": Cycle("2018-06-17", "2020-06-30"),
    "9": Cycle("2020-07-18", "2022-06-30"),
    "10": Cycle("2022-09-10", "2024-06-30"),
    "11": Cycle("2024-08-14", "2026-08-31"),
    "12": Cycle("2026-07-11", "2028-06-30"),
    "13": Cycle("2028-08-09", "2030-06-30"),
}
_UBUNTU = {
    "16.04": "2021-04-30",
    "18.04": "2023-05-31",
    "20.04": "2025-05-29",
    "22.04": "2027-06-01",
    "22.10": "2023-07-20",
    "23.04": "2024-01-25",
    "23.10": "2024-07-11",
    "24.04": "2029-05-31",
    "24.10": "2025-07-10",
    "25.04": "2026-01-15",
    "25.10": "2026-07-09",
    "26.04": "2031-05-29",
}
ESM = {
    "16.04": "2026-04-23",
    "18.04": "2028-04-26",
    "20.04": "2030-04-23",
    "22.04": "2032-04-21",
    "24.04": "2034-04-25",
}
"""Ubuntu Pro: the end of extended security maintenance, for machines that are attached to it."""
_MINT = {"19": "2023-04-30", "20": "2025-04-30", "21": "2027-04-30", "22": "2029-04-30"}
_FEDORA = {
    "36": "2023-05-16",
    "37": "2023-12-05",
    "38": "2024-05-21",
    "39": "2024-11-26",
    "40": "2025-05-13",
    "41": "2025-12-15",
    "42": "2026-05-13",
    "43": "2026-12-09",
    "44": "2027-05-19",
}
_RHEL = {
    "7": Cycle("2019-08-06", "2024-06-30"),
    "8": Cycle("2024-05-31", "2029-05-31"),
    "9": Cycle("2027-05-31", "2032-05-31"),
    "10": Cycle("2030-05-31", "2035-05-31"),
}
_ALMA = {
    "8": Cycle("2024-05-01", "2029-03-01"),
    "9": Cycle("2027-05-31", "2032-05-31"),
    "10": Cycle("2030-05-31", "2035-05-31"),
}
_CENTOS = {
    "7": Cycle("2020-08-06", "2024-06-30"),
    "8": Cycle("2021-12-31", "2021-12-31"),
    "9": Cycle("2027-05-31", "2027-05-31"),
    "10": Cycle("2030-01-01", "2030-01-01"),
}
_ALPINE = {
    "3.14": "2023-05-01",
    "3.15": "2023-11-01",
    "3.16": "2024-05-23",
    "3.17": "2024-11-22",
    "3.18": "2025-05-09",
    "3.19": "2025-11-01",
    "3.20": "2026-04-01",
    "3.21": "2026-11-01",
    "3.22": "2027-05-01",
    "3.23": "2027-11-01",
}
_LEAP = {"15.4": "2023-12-07", "15.5": "2024-12-31", "15.6": "2026-04-30", "16.0": "2027-10-31"}


def _same(ends: dict[str, str]) -> dict[str, Cycle]:
    return {version: Cycle(end, end) for version, end in ends.items()}


CYCLES: dict[str, dict[str, Cycle]] = {
    "debian": _DEBIAN,
    "raspbian": _DEBIAN,
    "ubuntu": _same(_UBUNTU),
    "linuxmint": _same(_MINT),
    "fedora": _same(_FEDORA),
    "rhel": _RHEL,
    "rocky": _RHEL,
    "almalinux": _ALMA,
    "centos": _CENTOS,
    "alpine": _same(_ALPINE),
    "opensuse-leap": _same(_LEAP),
}
"""ID of os-release(5) -> the part of VERSION_ID that names a release -> its life."""

DEBIAN_CODENAMES = {
    "jessie": "8",
    "stretch": "9",
    "buster": "10",
    "bullseye": "11",
    "bookworm": "12",
    "trixie": "13",
}
DEBIAN_MOVING = ("sid", "forky", "duke")
"""Unstable and what was testing on DATA_DATE: no end is set yet."""
