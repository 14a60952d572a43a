"""What a parts list holds, before it has a format."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Part:
    """One package at one version from one source."""

    ecosystem: str
    name: str
    version: str
    source: str
    """`registry`, `url`, `git` or `path`."""
    location: str
    revision: str
    licence: str
    scope: str = ""
    """`required`, `optional`, or `excluded`: needed for development only."""
    direct: bool = False
    requirement: str = ""
    """As the manifest writes it, when no version is fixed."""
    places: list[str] = field(default_factory=list)
    """`path:line`"""
    hashes: set[str] = field(default_factory=set)
    """`sha256:<hex>` and the like."""
    needs: dict[str, set[str]] = field(default_factory=dict)
    """File -> names, or `name@version`, of what it needs."""


@dataclass(frozen=True)
class PartsList:
    """A project and its parts."""

    name: str
    version: str
    licence: str
    made: datetime
    parts: tuple[Part, ...]
    files: tuple[str, ...]
    """Manifests and lock files that were read."""
    problems: tuple[str, ...]
    """What could not be read, with the reason."""
    left_out: int
    """Entries of tests, examples and documentation."""
