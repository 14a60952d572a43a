"""What a file of another tool says, in memory. It may hold values of secrets, which `intake` never keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a finding is about."""

    SECRET = "secret"  # noqa: S105
    CODE = "code"
    DEPENDENCY = "dependency"


@dataclass(frozen=True, slots=True)
class Found:
    """One finding."""

    kind: Kind
    rule_id: str
    path: str = ""
    """As the tool wrote it: relative, absolute, or a file: address."""
    line: int = 0
    column: int = 0
    severity: str = "medium"
    confidence: str = "medium"
    cwes: tuple[int, ...] = ()
    message: str = ""
    suppressed: bool = False
    secret: bytes = field(default=b"", repr=False)
    """The value. Never kept."""
    commit: str = ""
    ecosystem: str = ""
    """Of a dependency, as OSV calls it."""
    package: str = ""
    version: str = ""
    """As far as the tool says it."""
    affected: str = ""
    """The range of versions, where it does not name one."""
    aliases: tuple[str, ...] = ()
    fixed: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """All that a file says."""

    tool: str
    version: str
    made: str
    """When the tool says that it ran, as it wrote it; empty when it does not."""
    found: tuple[Found, ...]
    skipped: int = 0
    """Entries that are no findings, or that the tool itself could not look at."""


def severity_of(word: str, default: str = "medium") -> str:
    """Our word for another tool's."""
    return _SEVERITIES.get(word.strip().lower(), default)


_SEVERITIES = {
    "critical": "critical", "high": "high", "error": "high", "important": "high", "medium": "medium",
    "moderate": "medium", "warning": "medium", "warn": "medium", "low": "low", "minor": "low", "note": "low",
    "info": "info", "inventory": "info", "informational": "info", "none": "info", "negligible": "info",
    "experiment": "info",
}  # fmt: skip
