"""Which profile judges a target when none is named."""

from __future__ import annotations

from secaudit.engine.registry import family_of_kind

DEFAULT_PROFILES = {"host": "freelancer", "project": "project", "site": "site", "network": "network", "domain": "mail"}
"""By kind of target, else by the family of its tables."""


def default_profile(kind: str) -> str:
    """The profile of a kind of target."""
    return DEFAULT_PROFILES.get(kind) or DEFAULT_PROFILES[family_of_kind(kind)]
