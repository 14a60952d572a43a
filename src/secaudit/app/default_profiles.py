"""Which profile judges a target when none is named."""

from __future__ import annotations

from secaudit.engine.registry import family_of_kind

DEFAULT_PROFILES = {"host": "freelancer", "project": "project", "site": "site", "network": "network", "domain": "mail"}
"""By kind of target, else by the family of its tables."""

STAGED_PROFILE = "staged"
"""The checks that are right about a part of a project."""


def default_profile(kind: str) -> str:
    """The profile of a kind of target."""
    return DEFAULT_PROFILES.get(kind) or DEFAULT_PROFILES[family_of_kind(kind)]


def kind_of_profile(name: str, extends: str | None = None) -> str:
    """The kind of target that a profile is for: of those above its own, else that of what it extends, else a host."""
    kinds = {profile: kind for kind, profile in (*DEFAULT_PROFILES.items(), ("project", STAGED_PROFILE))}
    return kinds.get(name) or kinds.get(extends or "", "host")
