"""http_software: products that a site names to every visitor, and until when they are supported. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.network._active import front, plan_front
from secaudit.tables.network._software import Software, shown_by, software


@table(targets={"site"}, timeout_s=60.0, plan=plan_front)
def http_software(target: Target) -> Iterator[Software]:
    """Products in headers and in the generator of the first page, one row for each version.

    Raises:
        Partial: the first page was not answered.
    """
    for product, version, place in shown_by(front(target)):
        yield software(product, version, place)
