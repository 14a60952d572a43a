"""Which hosts belong together, by their names only."""

from __future__ import annotations

_SECOND = frozenset("ac co com edu go gob gov gouv in mil ne net or org nom sch ltd plc me".split())
"""Second labels under which countries register names, as in co.uk."""


def site_of(host: str) -> str:
    """The part of a name that one owner has, as far as the name tells: shop.example.co.uk -> example.co.uk.

    There is no list of public endings here, so hosts of one provider (a.github.io, b.github.io) count as one site.
    """
    labels = host.lower().rstrip(".").split(".")
    if ":" in host or labels[-1].isdigit() or len(labels) < 3:
        return host.lower().rstrip(".")
    count = 3 if len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return ".".join(labels[-count:])


def is_third_party(host: str, of: str) -> bool:
    """Whether a host belongs to someone else than the page's, as far as names tell."""
    return bool(host) and site_of(host) != site_of(of)
