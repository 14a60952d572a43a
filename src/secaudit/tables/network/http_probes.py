"""http_probes: known paths that nobody should find on a site. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._probing import plan_probes, probing


class Row(NamedTuple):
    """One path that was asked for."""

    probe: str
    """Its id in checks/network/_probes/."""
    kind: str
    """The group of the probe: version-control, secret-files, debuggers ..."""
    method: str
    path: str
    status: int | None
    """NULL when no answer came."""
    hit: int | None
    """1: it is there, by status and content, and a missing path is answered differently. NULL: cannot be told."""
    evidence: str
    """By what it was known. Nothing of the content itself."""
    note: str
    """Why hit is NULL."""
    control: int | None
    """The status of a path that does not exist."""
    loopback_only: int
    """1: seen from the machine itself, for which programs open this by default; others may be refused."""


@table(targets={"site"}, timeout_s=300.0, plan=plan_probes)
def http_probes(target: Target) -> Iterator[Row]:
    """Paths of the content, one row each; paths of a product that the first page does not show are not asked for.

    Raises:
        NotCovered: active questions were not asked for.
        Failed: nothing answered.
        Partial: the host asked for a rest, the budget was spent, or it began to answer differently.
    """
    net = target.net
    net.require("active", "asking for known paths")
    done = probing(target)
    near = int(net.vantage == "loopback")
    for one in done.results:
        yield Row(
            one.probe.id, one.group, one.probe.method, one.path, one.status, one.hit, one.evidence, one.note,
            done.controls.plain.status, int(near and one.probe.loopback),
        )  # fmt: skip
    if done.problem:
        raise Partial(f"not all paths could be asked for: {done.problem}")
    if done.changed:
        raise Partial(f"the site began to answer differently while it was asked: {done.changed}")
