"""Versions in the order of their ecosystem.

`parse` gives something that compares with others of the same ecosystem, or None for text that has no place in the
order. Nobody guesses: what cannot be parsed cannot be judged.
"""

from __future__ import annotations

from typing import Any, Callable

from secaudit.advisories.versions import composer, gems, maven, nuget, pep440, semver

LONGEST = 200
"""Characters of a version; the longest real ones (Go's pseudo versions) have about 60."""

_ORDERS: dict[str, Callable[[str], Any]] = {
    "PyPI": pep440.parse,
    "npm": semver.parse,
    "crates.io": semver.parse,
    "Go": semver.parse_go,
    "Packagist": composer.parse,
    "RubyGems": gems.parse,
    "Maven": maven.parse,
    "NuGet": nuget.parse,
}


def parse(ecosystem: str, text: str) -> Any:
    """The version's place in the order of its ecosystem; None when it has none."""
    order = _ORDERS.get(ecosystem)
    text = text.strip()
    if order is None or not text or len(text) > LONGEST or not text.isascii():
        return None
    return order(text)
