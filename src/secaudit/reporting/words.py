"""The signs and words that people read for each state. A state is never shown by its colour alone."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.model import EvidenceKind, Met, ObjectiveKind, ParamValue, Status, TableStatus


class Mark(NamedTuple):
    """A state as people see it."""

    key: str
    """Class name in the style sheet, value of a filter."""
    sign: str
    word: str


FAIL = Mark("fail", "✕", "Fail")
PASS = Mark("pass", "✓", "Pass")
UNKNOWN = Mark("unknown", "?", "Could not check")
WAIVED = Mark("waived", "◇", "Waived")
NOT_APPLICABLE = Mark("none", "–", "Not applicable")

STATUS = {
    Status.FAIL: FAIL,
    Status.PASS: PASS,
    Status.UNKNOWN: UNKNOWN,
    Status.NOT_APPLICABLE: NOT_APPLICABLE,
}

MARK_ORDER = (FAIL, PASS, UNKNOWN, WAIVED, NOT_APPLICABLE)
"""The order in which counts are listed."""

MET = {
    Met.MET: Mark("pass", "✓", "Met"),
    Met.PARTLY_MET: Mark("part", "◐", "Partly met"),
    Met.NOT_MET: Mark("fail", "✕", "Not met"),
    Met.PARTLY_ASSESSED: Mark("unknown", "◔", "Partly assessed"),
    Met.NOT_ASSESSED: Mark("open", "?", "Not assessed"),
    Met.NOT_APPLICABLE: Mark("none", "–", "Not applicable"),
}
NOT_COVERED = Mark("bare", "·", "Not covered")
"""A control that nothing in secaudit can assess."""

MET_ORDER = (*MET.values(), NOT_COVERED)

TABLE = {
    TableStatus.OK: Mark("pass", "✓", "Read"),
    TableStatus.ABSENT: Mark("none", "–", "Not on this system"),
    TableStatus.PARTIAL: Mark("unknown", "?", "Read in part"),
    TableStatus.DENIED: Mark("unknown", "?", "No permission"),
    TableStatus.UNSUPPORTED: Mark("none", "–", "Not possible here"),
    TableStatus.TIMEOUT: Mark("unknown", "?", "Took too long"),
    TableStatus.FAILED: Mark("unknown", "?", "Could not be read"),
}

KIND = {
    ObjectiveKind.TECHNICAL: "Technology",
    ObjectiveKind.DOCUMENT: "Documents",
    ObjectiveKind.PROCESS: "Ways of working",
    ObjectiveKind.PEOPLE: "People",
    ObjectiveKind.PHYSICAL: "Places and devices",
}

EVIDENCE = {
    EvidenceKind.HOST: "a computer",
    EvidenceKind.PROJECT: "a project folder",
    EvidenceKind.SITE: "a web site",
    EvidenceKind.NETWORK: "a network",
    EvidenceKind.DOMAIN: "a mail domain",
    EvidenceKind.QUESTION: "a person's answer",
}

_SMALL = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_UPPER = {"ssh", "tls", "pam", "usb", "dns", "http", "ntp", "vpn", "ip"}


def number(count: int) -> str:
    """Give a small number as a word: five."""
    return _SMALL[count] if 0 <= count < len(_SMALL) else str(count)


def count_of(count: int, thing: str, things: str | None = None) -> str:
    """Give "1 check" or "3 checks"."""
    return f"{count} {thing if count == 1 else things or thing + 's'}"


def day(time: str) -> str:
    """Give the day of an RFC 3339 time as people write it: 23 Nov 2025."""
    try:
        year, month, date = (int(part) for part in time[:10].split("-"))
        return f"{date} {_MONTHS[month - 1]} {year}"
    except (ValueError, IndexError):
        return time


def moment(time: str) -> str:
    """Give a UTC time as people write it: 23 Nov 2025 17:48 UTC."""
    return f"{day(time)} {time[11:16]} UTC" if time[10:11] == "T" else day(time)


def topic_title(topic: str) -> str:
    """Give a heading for a folder of checks: host/ssh becomes SSH, kernel-settings becomes Kernel settings."""
    words = [word.upper() if word in _UPPER else word for word in topic.rsplit("/", 1)[-1].split("-")]
    title = " ".join(words)
    return title[:1].upper() + title[1:]


def listed(value: ParamValue) -> str:
    """A parameter's value on one line."""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
