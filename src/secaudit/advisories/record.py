"""One advisory of a public list in OSV's form, read with distrust.

Source: OSV schema 1.7. What is not of the right type is treated as not there; lists and texts are bounded.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any

from secaudit.advisories.cvss import base_score, word_of
from secaudit.advisories.ecosystems import ecosystem_of, name_key

MAX_ALIASES = 50
MAX_AFFECTED = 5_000
MAX_VERSIONS = 50_000
MAX_EVENTS = 5_000
LONGEST_ID = 100
LONGEST_NAME = 300
LONGEST_VERSION = 200
LONGEST_SUMMARY = 160
HOLE, MALWARE, NOTICE = "hole", "malware", "notice"
"""A hole; a package that is made to do harm; a word about a package, for example that nobody looks after it."""

MALICIOUS_CODE = 506
"""CWE-506, embedded malicious code."""

EVENTS = ("introduced", "fixed", "last_affected", "limit")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]*", re.A)
_CWE = re.compile(r"CWE-(\d{1,5})", re.A)
_TIME = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?)?", re.A)
_KNOWN_UP_TO = re.compile(r"<=?\s*\S{1,200}")
_WORDS = {"critical": "critical", "high": "high", "moderate": "medium", "medium": "medium", "low": "low"}
_BY_TYPE = {"CVSS_V4": 2, "CVSS_V3": 1}
"""Which vector counts where there are several."""


class NotAnAdvisory(ValueError):
    """The text is not a record in OSV's form, or holds more than any real one."""


@dataclass(frozen=True, slots=True)
class Range:
    """Events in the order of the record: (one of EVENTS, version). An empty version is one that could not be read."""

    events: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Affected:
    """What an advisory says about one package."""

    ecosystem: str
    name: str
    """As written."""
    key: str
    """As compared."""
    ranges: tuple[Range, ...]
    versions: tuple[str, ...]
    has_commits: bool
    """It has ranges of commits, which we cannot judge."""
    known_up_to: str
    """GitHub's `<= 1.2.3` for holes without a fix; empty without."""


@dataclass(frozen=True, slots=True)
class Advisory:
    """A record."""

    id: str
    modified: str
    """RFC 3339, seconds, UTC; empty when it says none."""
    is_withdrawn: bool
    aliases: tuple[str, ...]
    summary: str
    severity: str
    """critical, high, medium, low, none, or empty when nobody rated it."""
    score: str
    """Of a CVSS vector, `9.8`; empty without."""
    cwes: tuple[int, ...]
    kind: str
    """HOLE, MALWARE or NOTICE."""
    affected: tuple[Affected, ...]


def read_record(data: Any) -> Advisory:
    """An advisory out of decoded JSON or YAML.

    Raises:
        NotAnAdvisory: it has no id, names no package, or is larger than any real one.
    """
    if not isinstance(data, dict):
        raise NotAnAdvisory("not an object")
    own_id = _text(data.get("id"), LONGEST_ID)
    if _ID.fullmatch(own_id) is None:
        raise NotAnAdvisory("no id")
    listed = _list(data.get("affected"), MAX_AFFECTED)
    if not listed:
        raise NotAnAdvisory("no affected package")
    affected = tuple(found for item in listed if (found := _affected(item)) is not None)
    aliases = [_text(item, LONGEST_ID) for item in _list(data.get("aliases"), MAX_ALIASES) if isinstance(item, str)]
    severity, score = _severity(data, listed)
    cwes = _cwes(data, listed)
    return Advisory(
        id=own_id,
        modified=_time(data.get("modified")),
        is_withdrawn=bool(_time(data.get("withdrawn"))),
        aliases=tuple(dict.fromkeys(alias for alias in aliases if _ID.fullmatch(alias))),
        summary=_summary(data),
        severity=severity,
        score=score,
        cwes=cwes,
        kind=_kind(own_id, aliases, cwes, listed),
        affected=affected,
    )


def _affected(item: Any) -> Affected | None:
    """None for a package of a kind that we do not judge."""
    package = item.get("package") if isinstance(item, dict) else None
    if not isinstance(package, dict):
        return None
    ecosystem = ecosystem_of(_text(package.get("ecosystem"), LONGEST_NAME))
    name = _text(package.get("name"), LONGEST_NAME)
    if ecosystem is None or not name:
        return None
    ranges, has_commits = [], False
    for raw in _list(item.get("ranges"), MAX_EVENTS):
        if not isinstance(raw, dict):
            continue
        if raw.get("type") == "GIT":
            has_commits = True
        elif raw.get("type") in ("SEMVER", "ECOSYSTEM"):
            ranges.append(Range(_events(raw.get("events"))))
    versions = (_text(version, LONGEST_VERSION) for version in _list(item.get("versions"), MAX_VERSIONS))
    specific = item.get("database_specific")
    known = _text(specific.get("last_known_affected_version_range"), 210) if isinstance(specific, dict) else ""
    return Affected(
        ecosystem=ecosystem,
        name=name,
        key=name_key(ecosystem, name),
        ranges=tuple(ranges),
        versions=tuple(dict.fromkeys(version for version in versions if version)),
        has_commits=has_commits,
        known_up_to=known if _KNOWN_UP_TO.fullmatch(known) else "",
    )


def _events(raw: Any) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for event in _list(raw, MAX_EVENTS):
        if isinstance(event, dict):
            for kind in EVENTS:
                if (version := event.get(kind)) is not None:
                    found.append((kind, _text(version, LONGEST_VERSION)))
    return tuple(found)


def _severity(data: dict[str, Any], affected: list[Any]) -> tuple[str, str]:
    """The word and the score: of the newest kind of vector, else the word of the database."""
    vectors = _vectors(data)
    for item in affected:
        if not vectors and isinstance(item, dict):
            vectors = _vectors(item)
    for _, vector in sorted(vectors, reverse=True):
        score = base_score(vector)
        if score is not None:
            return word_of(score), f"{score:.1f}"
    for place in (data, *affected):
        for key in ("database_specific", "ecosystem_specific"):
            specific = place.get(key) if isinstance(place, dict) else None
            word = specific.get("severity") if isinstance(specific, dict) else None
            if isinstance(word, str) and word.lower() in _WORDS:
                return _WORDS[word.lower()], ""
    return "", ""


def _vectors(place: dict[str, Any]) -> list[tuple[int, str]]:
    return [
        (_BY_TYPE[item["type"]], item["score"])
        for item in _list(place.get("severity"), 20)
        if isinstance(item, dict) and item.get("type") in _BY_TYPE and isinstance(item.get("score"), str)
    ]


def _cwes(data: dict[str, Any], affected: list[Any]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for place in (data, *affected[:20]):
        specific = place.get("database_specific") if isinstance(place, dict) else None
        if isinstance(specific, dict):
            for item in (*_list(specific.get("cwe_ids"), 50), *_list(specific.get("cwes"), 50)):
                text = item.get("cweId") if isinstance(item, dict) else item
                if isinstance(text, str) and (match := _CWE.fullmatch(text)):
                    found[int(match[1])] = None
    return tuple(found)


def _kind(own_id: str, aliases: list[str], cwes: tuple[int, ...], affected: list[Any]) -> str:
    """MAL- ids are those of the OpenSSF's list; RustSec says which of its advisories tell of no hole."""
    if MALICIOUS_CODE in cwes or any(name.startswith("MAL-") for name in (own_id, *aliases)):
        return MALWARE
    words = []
    for item in affected:
        specific = item.get("database_specific") if isinstance(item, dict) else None
        words.append(specific.get("informational") if isinstance(specific, dict) else None)
    return NOTICE if words and all(word in ("unmaintained", "notice") for word in words) else HOLE


def _summary(data: dict[str, Any]) -> str:
    """One line of plain characters, cut."""
    text = data.get("summary")
    if not isinstance(text, str) or not text.strip():
        text = data.get("details")
    if not isinstance(text, str):
        return ""
    return inert(text[: LONGEST_SUMMARY * 20], LONGEST_SUMMARY)


def inert(text: str, longest: int) -> str:
    """The text on one line, without signs that act on a terminal or turn the direction of writing, cut."""
    if not text.isprintable():
        text = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    plain = " ".join(text.split())
    return plain if len(plain) <= longest else plain[: longest - 3].rstrip() + "..."


def _time(value: Any) -> str:
    """RFC 3339 in UTC without parts of seconds, so that times compare as text; empty for anything else."""
    if not isinstance(value, str) or _TIME.fullmatch(value) is None:
        return ""
    from datetime import UTC, datetime

    try:
        moment = datetime.fromisoformat(value)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return ""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(value: Any, longest: int) -> str:
    """A text of one line, or a whole number as text; empty for anything else."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9:
        return str(value)
    if not isinstance(value, str) or len(value) > longest or not value.isprintable():
        return ""
    return value.strip()


def _list(value: Any, most: int) -> list[Any]:
    """The list; empty for anything else.

    Raises:
        NotAnAdvisory: it is longer: a cut list of versions would leave some out.
    """
    if not isinstance(value, list):
        return []
    if len(value) > most:
        raise NotAnAdvisory(f"a list of {len(value)} values")
    return value
