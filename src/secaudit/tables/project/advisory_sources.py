"""advisory_sources: what is known about holes in each kind of package that the project uses. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.project._advisories import advisories_of, check_any


class AdvisorySource(NamedTuple):
    """The data for one ecosystem that the project uses."""

    ecosystem: str
    """As OSV names it: PyPI, npm, Packagist, RubyGems, Go, crates.io, Maven, NuGet."""
    packages: int
    """Names of packages that the project has of it."""
    unpinned: int
    """Those of which some file does not say the version, and no other file says it."""
    status: str
    """`ok`; `missing`: nothing was imported; `broken`: what is there cannot be read; `unsupported`."""
    reason: str
    """Of a status that is not `ok`, with the command that helps."""
    source: str
    """Where the data was imported from; empty without data."""
    date: str | None
    """The day that the data speaks for, RFC 3339; NULL without data, or when no advisory in it tells."""
    age_days: int | None
    """Whole days since then; NULL when there is no date, or one in the future."""
    advisories: int
    """How many the data holds; 0 without data."""
    malware: int
    """How many of them name packages that are malicious themselves."""
    skipped: int
    """Records that could not be read when the data was imported."""
    imported: str
    """When, RFC 3339."""
    digest: str
    """SHA-256 over the digests of all records, so that two people can see that they use the same data."""


@table(targets={"project"}, timeout_s=60.0)
def advisory_sources(target: Target) -> Iterator[AdvisorySource]:
    """Yield one row per ecosystem.

    Source: the files that `secaudit advisories` keeps.

    Raises:
        Absent: the project names no packages of others.
        Partial: a file that names packages could not be read.
    """
    answer = advisories_of(target)
    check_any(target, answer, Absent)
    for source in answer.sources:
        facts = source.facts
        yield AdvisorySource(
            ecosystem=source.ecosystem,
            packages=source.packages,
            unpinned=source.unpinned,
            status=source.status,
            reason=source.reason,
            source=facts.source if facts else "",
            date=(facts.as_of or None) if facts else None,
            age_days=source.age_days,
            advisories=facts.count if facts else 0,
            malware=facts.malware if facts else 0,
            skipped=facts.skipped if facts else 0,
            imported=facts.imported if facts else "",
            digest=facts.digest if facts else "",
        )
    if answer.problem:
        raise Partial(answer.problem)
