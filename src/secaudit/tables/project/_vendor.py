"""Tokens of known makers: our own list first, then Kingfisher's rules where that library is installed.

Only the scanner of the library is used. Its validator, which would send what was found to the maker, is never made.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Iterator

from secaudit.tables.project._formats import find_formats, looks_made_up
from secaudit.tables.project._hit import HIGH, LOW, MEDIUM, Hit

OURS = "secaudit"
THEIRS = "kingfisher"
_SURE = {"high": HIGH, "medium": MEDIUM, "low": LOW}
TIMEOUT_S = 2.0
"""For one file of at most 5 MB, which takes it 0.05 s."""

_ADDRESSES = ("connection-string", "-uri", "jdbc", "-url")
"""Parts of the names of their rules for logins inside addresses."""

_OWN = ("private-key", "generic-", "curl-auth")
"""Parts of the names of their rules for which we have a layer of our own."""


def engines() -> str:
    """Which engines run, for a person."""
    return f"{OURS}, {THEIRS}" if _scanner() is not None else OURS


def find_vendor(data: bytes, path: str) -> Iterator[Hit]:
    """Give each token of a known maker; where both engines see one, ours."""
    taken: list[tuple[int, int]] = []
    for hit in find_formats(data):
        taken.append((hit.start, hit.end))
        yield hit
    scanner = _scanner()
    if scanner is None:
        return
    for hit in _theirs(scanner, data):
        if not any(hit.start < end and start < hit.end for start, end in taken):
            taken.append((hit.start, hit.end))
            yield hit


@lru_cache(maxsize=1)
def _scanner() -> Any:
    """Kingfisher's scanner with its own rules; None where the library is not installed or does not work."""
    try:
        from kingfisher_sdk.rules import Rules
        from kingfisher_sdk.scanner import DetectionPolicy, Scanner
    except ImportError:
        return None
    try:
        policy = DetectionPolicy(inline_ignores=False)  # nothing inside a project may silence a finding
        return Scanner(Rules(), base64=False, policy=policy)
    except Exception:  # noqa: BLE001  a young library: whatever it raises, our own list still works
        return None


def _theirs(scanner: Any, data: bytes) -> Iterator[Hit]:
    try:
        found = scanner.scan(data, timeout=TIMEOUT_S)
    except Exception:  # noqa: BLE001  as above; also a file made to cost time: our own list has looked at it
        return
    for item in found:
        if not item.visible:
            continue
        value = item.secret.encode("utf-8", "replace")
        around = item.location
        begin = int(around.get("start_offset", around.get("start", 0)))
        start = data.find(value, max(0, begin - 64))
        rule = str(item.rule_id).rpartition("/")[2]
        if not value or start < 0 or looks_made_up(value) or any(word in rule for word in _OWN):
            continue
        kind = "url" if any(word in rule for word in _ADDRESSES) else "vendor"
        sure = _SURE.get(item.confidence, MEDIUM)
        yield Hit((rule.partition(".")[2] or rule)[:60], kind, start, value, sure, "****", engine=THEIRS)
