"""When the makers of languages end the support of a version, as they announced it until November 2026.

Only versions whose end is announced are here; what is newer than all of them has no end that is known.

Sources: the status of Python versions in its developer's guide, the schedule of the Node.js Release group, the supported
versions page of PHP, the maintenance branches page of Ruby, and the .NET support policy.
"""

from __future__ import annotations

import calendar
import time

from secaudit.tables.project._version_ranges import satisfies

ENDS: dict[str, dict[str, str]] = {
    "python": {
        "2.7": "2020-01-01", "3.5": "2020-09-30", "3.6": "2021-12-23", "3.7": "2023-06-27", "3.8": "2024-10-07",
        "3.9": "2025-10-31", "3.10": "2026-10-31", "3.11": "2027-10-31", "3.12": "2028-10-31", "3.13": "2029-10-31",
        "3.14": "2030-10-31",
    },
    "node": {
        "8": "2019-12-31", "9": "2018-06-30", "10": "2021-04-30", "11": "2019-06-01", "12": "2022-04-30",
        "13": "2020-06-01", "14": "2023-04-30",
        "15": "2021-06-01", "16": "2023-09-11", "17": "2022-06-01", "18": "2025-04-30", "19": "2023-06-01",
        "20": "2026-04-30", "21": "2024-06-01", "22": "2027-04-30", "23": "2025-06-01", "24": "2028-04-30",
        "25": "2026-06-01",
    },
    "php": {
        "5.6": "2018-12-31", "7.0": "2019-01-10", "7.1": "2019-12-01", "7.2": "2020-11-30", "7.3": "2021-12-06",
        "7.4": "2022-11-28", "8.0": "2023-11-26", "8.1": "2025-12-31", "8.2": "2026-12-31", "8.3": "2027-12-31",
        "8.4": "2028-12-31", "8.5": "2029-12-31",
    },
    "ruby": {
        "2.5": "2021-04-05", "2.6": "2022-04-12", "2.7": "2023-03-31", "3.0": "2024-04-23", "3.1": "2025-03-26",
        "3.2": "2026-04-01", "3.3": "2027-03-31", "3.4": "2028-03-31",
    },
    "dotnet": {
        "netcoreapp2.1": "2021-08-21", "netcoreapp3.1": "2022-12-13", "net5.0": "2022-05-10", "net6.0": "2024-11-12",
        "net7.0": "2024-05-14", "net8.0": "2026-11-10", "net9.0": "2026-11-10", "net10.0": "2028-11-14",
    },
}  # fmt: skip
_LANGUAGE = {"python": "PyPI", "node": "npm", "php": "Packagist", "ruby": "RubyGems"}


def newest_allowed(runtime: str, wanted: str) -> tuple[str, str] | None:
    """The newest known version that a requirement allows, and its end; None when it allows newer ones, or is unclear.

    `>=3.8` allows what comes after all that we know, so it says nothing about what is used.
    """
    known = ENDS.get(runtime, {})
    text = wanted.strip()
    if runtime == "dotnet":
        found = [name for name in text.lower().split(";") if name.partition("-")[0] in known]
        if not found or len(found) != len(text.split(";")):
            return None
        newest = max(found, key=lambda name: known[name.partition("-")[0]])
        return newest, known[newest.partition("-")[0]]
    for version, end in known.items():  # one version, in full or only its begin
        if text == version or text.startswith(f"{version}."):
            return version, end
    ecosystem = _LANGUAGE.get(runtime, "")
    if not ecosystem or satisfies(ecosystem, text, "999.0.0") is not False:
        return None
    last = max(known, key=_number)
    later = [f"{last.partition('.')[0]}.{minor}.0" for minor in range(int(last.partition(".")[2] or 0) + 1, 60)]
    if runtime == "node":
        later = [f"{major}.0.0" for major in range(int(last) + 1, 99)]
    if any(satisfies(ecosystem, text, version) is not False for version in later):
        return None
    answers = {version: satisfies(ecosystem, text, _last(version)) for version in known}
    first = {version: satisfies(ecosystem, text, _first(version)) for version in known}
    if None in answers.values():
        return None
    allowed = [version for version in known if answers[version] or first[version]]
    if not allowed:
        return None
    newest = max(allowed, key=_number)
    return newest, known[newest]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _last(version: str) -> str:
    """A late release of a version."""
    return f"{version}.999" if "." in version else f"{version}.999.0"


def _first(version: str) -> str:
    return f"{version}.0" if "." in version else f"{version}.0.0"


def second_of(date: str) -> int:
    """The end of a day, in seconds since 1970."""
    return calendar.timegm(time.strptime(date, "%Y-%m-%d")) + 86399
