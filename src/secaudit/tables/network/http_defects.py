"""http_defects: what in the answers of one visit is not as HTTP/1.1 wants it. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_visit, plan_visit, visit


class HttpDefect(NamedTuple):
    """One oddity."""

    exchange: int
    """The number in http_exchanges."""
    url: str
    kind: str
    """bad_status_line, malformed_line, space_in_name, folded_line, bare_lf, bare_cr, nul_byte, control_byte,
    line_too_long, too_many (more than 100), head_too_large, contradictory (sent twice with different values),
    bad_length, length_and_chunked, bad_chunk, extra_interim."""
    header: str
    """The name of the header, or the beginning of the line."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_defects(target: Target) -> Iterator[HttpDefect]:
    """Yield one row per oddity of a status line, a header or the framing of a body; none for a clean site.

    Source: RFC 9112.

    Raises:
        NotCovered: the consent does not reach to the site.
        Partial: requests of the visit are missing.
    """
    seen = visit(target)
    for hop in seen.hops:
        for defect in hop.exchange.reply.defects:
            yield HttpDefect(hop.number, cut(hop.exchange.url), defect.kind, cut(defect.where, 100))
    check_visit(seen)
