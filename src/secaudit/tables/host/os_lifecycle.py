"""os_lifecycle: until when the maker of this system gives out security fixes. Not in osquery."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Iterator, NamedTuple

from secaudit.tableapi import Failed, Target, table
from secaudit.tables.host._eol import CYCLES, DATA_DATE, DEBIAN_CODENAMES, DEBIAN_MOVING, ESM, ROLLING
from secaudit.tables.host._os_release import PATHS, read_os_release

PRO_STATUS = "/var/lib/ubuntu-advantage/status.json"
_EPOCH = date(1970, 1, 1)


class OsLifecycle(NamedTuple):
    """The life of the installed release. Always one row."""

    name: str
    """ID of os-release, such as `debian`."""
    version: str
    """The release, such as `12` or `24.04`; empty on rolling systems."""
    codename: str
    pretty_name: str
    state: str
    """`full`, `lts` (security fixes only), `ended`, `rolling`, `testing` (not released yet) or `unknown`."""
    supported: int | None
    """1 when security fixes are still given out; NULL when the dates of this release are not known here."""
    full_support_end: str | None
    """YYYY-MM-DD; NULL where there is no such day or it is not known."""
    support_end: str | None
    """YYYY-MM-DD: the last day with security fixes free of charge; NULL where there is none or it is not known."""
    eol_s: int | None
    """The end of that day, seconds since 1970 UTC."""
    days_left: int | None
    """Whole days until then, negative when it is past; NULL where there is no such day or it is not known."""
    rolling: int
    """1 for systems without releases."""
    source: str
    """Where the dates come from: `secaudit DATE` or `os-release`; empty when they are not known."""
    dates_age_days: int | None
    """How long ago the dates of `secaudit` were looked up; NULL when they come from elsewhere or are not known."""
    path: str
    """The os-release file."""


@table(targets={"host", "root"})
def os_lifecycle(target: Target) -> Iterator[OsLifecycle]:
    """Yield one row: the installed release and how long it is supported.

    Source: os-release(5) (SUPPORT_END where we know no date); the dates of `_eol.py`.

    Raises:
        Failed: there is no os-release file.
    """
    values = read_os_release(target)
    if not values:
        raise Failed("neither /etc/os-release nor /usr/lib/os-release says which system this is")
    name = values.get("ID", "linux").lower()
    version, codename = _release(target, name, values)
    today = _EPOCH + timedelta(seconds=target.now_s)
    cycle = CYCLES.get(name, {}).get(version)
    full, end, source = (cycle.full, cycle.end, f"secaudit {DATA_DATE}") if cycle else (None, None, "")
    if name == "ubuntu" and end is not None and version in ESM and end < str(today) and _has_esm(target):
        end, source = ESM[version], source + ", Ubuntu Pro"
    stated = _day(values.get("SUPPORT_END", ""))
    if end is None and stated is not None:
        full, end, source = str(stated), str(stated), "os-release"
    state, supported = _state(name, version, codename, full, end, today)
    end_day = _day(end or "")
    yield OsLifecycle(
        name=name,
        version=version,
        codename=codename,
        pretty_name=values.get("PRETTY_NAME", name),
        state=state,
        supported=supported,
        full_support_end=full,
        support_end=end,
        eol_s=None if end_day is None else ((end_day - _EPOCH).days + 1) * 86400 - 1,
        days_left=None if end_day is None else (end_day - today).days,
        rolling=int(state == "rolling"),
        source=source,
        dates_age_days=(today - date.fromisoformat(DATA_DATE)).days if source.startswith("secaudit") else None,
        path=next(path for path in PATHS if target.exists(path)),
    )


def _release(target: Target, name: str, values: dict[str, str]) -> tuple[str, str]:
    """The part of the version that decides about support, and the codename."""
    version = values.get("VERSION_ID", "")
    codename = values.get("VERSION_CODENAME", "").lower()
    if name in ("rhel", "rocky", "almalinux", "centos", "linuxmint", "debian", "raspbian"):
        version = version.partition(".")[0]
    elif name == "alpine":
        version = ".".join(version.split(".")[:2])
    if name == "debian" and not version:
        version = DEBIAN_CODENAMES.get(codename, "")
        if not version and "/sid" in _read_word(target, "/etc/debian_version"):
            codename = codename or "sid"
    return version, codename


def _state(
    name: str, version: str, codename: str, full: str | None, end: str | None, today: date
) -> tuple[str, int | None]:
    if end is not None and full is not None:
        if str(today) > end:
            return "ended", 0
        return ("full" if str(today) <= full else "lts"), 1
    if name in ROLLING or (name == "alpine" and ("_alpha" in version or version == "edge")):
        return "rolling", 1
    if name == "debian" and not version and codename in DEBIAN_MOVING:
        return ("rolling" if codename == "sid" else "testing"), 1
    return "unknown", None


def _has_esm(target: Target) -> bool:
    """Whether this Ubuntu is attached to Ubuntu Pro with its extended security maintenance on."""
    import json

    try:
        status = json.loads(target.read_text(PRO_STATUS))
        services = status["services"]
        return bool(status["attached"]) and any(
            service["name"] == "esm-infra" and service["status"] == "enabled" for service in services
        )
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _read_word(target: Target, path: str) -> str:
    try:
        return target.read_text(path).strip()
    except OSError:
        return ""
