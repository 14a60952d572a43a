"""What content says about one language: its sources, and the functions that matter."""

from __future__ import annotations

import re
from typing import NamedTuple


class Words(NamedTuple):
    """What content says about one language: `_language.yaml`."""

    sources: dict[str, list[dict[str, object]]]
    roots: frozenset[str]
    """Names of whole requests: `req`."""
    parts: frozenset[str]
    """What of a request a user decides, where it is taken out by name: `const { body } = req`."""
    decorators: frozenset[str]
    clean: dict[str, frozenset[str]]
    """Names of functions by weakness; `any` is for all. `=format` is the plain function only, not `util.format`."""
    clean_pattern: re.Pattern[str]
    harmless: dict[str, re.Pattern[str]]
    """Sources that cannot carry the danger of a weakness: a part of the path is always text, never an operator."""
    escaping: frozenset[str]
    """Functions that escape quotes in text that becomes SQL, and add none around it."""
    passing: frozenset[str]
    """Functions whose result holds what went in."""
    building: frozenset[str]
    lookups: frozenset[str]
    """Methods that give what is kept under a key; a user who chooses the key does not decide what comes out."""
    guards: re.Pattern[str]
    """What a condition calls to check a value."""
