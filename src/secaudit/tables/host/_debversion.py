"""Compare Debian package versions. Source: Debian Policy 5.6.12; tested against `dpkg --compare-versions`."""

from __future__ import annotations

import re
from functools import lru_cache

Key = tuple[int, tuple[object, ...], tuple[object, ...]]

_PAIR = re.compile(r"([^0-9]*)([0-9]*)")
_END = (0,)


def compare(left: str, right: str) -> int:
    """Give -1, 0 or 1 as `left` is older than, the same as, or newer than `right`."""
    if left == right:
        return 0
    a, b = version_key(left), version_key(right)
    return (a > b) - (a < b)


@lru_cache(maxsize=4096)
def version_key(version: str) -> Key:
    """A key that sorts as dpkg sorts versions."""
    epoch, colon, rest = version.strip().partition(":")
    if not colon or not (epoch.isascii() and epoch.isdigit() and len(epoch) < 19):
        epoch, rest = "0", version.strip()
    upstream, hyphen, revision = rest.rpartition("-")
    if not hyphen:
        upstream, revision = rest, ""
    return int(epoch), _part_key(upstream), _part_key(revision)


def _part_key(text: str) -> tuple[object, ...]:
    """Alternate non-digits and numbers; the end sorts after `~` and before everything else.

    Numbers are (length, digits): as integers, a hostile version of 100,000 digits would cost quadratic time.
    """
    key: list[object] = []
    for letters, digits in _PAIR.findall(text):
        if letters or digits or not key:
            number = digits.lstrip("0")
            key.append(tuple(_order(sign) for sign in letters) + _END)
            key.append((len(number), number))
    key.append(_END)
    return tuple(key)


def _order(sign: str) -> int:
    if sign == "~":
        return -1
    return ord(sign) if sign.isascii() and sign.isalpha() else ord(sign) + 256
