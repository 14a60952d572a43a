"""paths: whether the paths that checks ask for exist. In osquery a missing file and a hidden one look alike."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, Wants, table
from secaudit.tables.host._files import Expansion


class Path(NamedTuple):
    """One answer to a pattern."""

    pattern: str
    """The pattern as the check wrote it under `files`."""
    path: str
    """The path found; where nothing was found, the pattern with its home folder; where denied, what is closed."""
    state: str
    """`present`, `absent` or `denied`."""
    home_of: str
    """Whose home folder the pattern was looked for in; '' when it does not begin with ~."""


@table(targets={"host", "root"})
def paths(target: Target, wants: Wants) -> Iterator[Path]:
    """Yield at least one row for every pattern, and for every home folder where the pattern begins with `~`.

    A link that leads nowhere is absent: it cannot be opened.

    Source: stat(2), glob(7).

    Raises:
        Partial: something is closed to us (a row with the state `denied`), or a pattern matched thousands of files.
    """
    expansion = Expansion(target, wants.files)
    for place in expansion.places():
        yield Path(place.pattern, place.path, place.state, place.home_of)
    expansion.finish()
