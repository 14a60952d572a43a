"""http_software_files: products whose version stands in files and pages that probes found. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.network._active import content
from secaudit.tables.network._probing import plan_probes, probing
from secaudit.tables.network._software import Software, software


@table(targets={"site"}, timeout_s=300.0, plan=plan_probes)
def http_software_files(target: Target) -> Iterator[Software]:
    """Products of the probes that hit and show a version, one row each.

    Raises:
        NotCovered: active questions were not asked for.
        Partial: not all paths could be asked for.
    """
    target.net.require("active", "asking for files that name a version")
    products = {product.name: product for product in content().software().products}
    done = probing(target)
    for one in done.results:
        if one.hit == 1 and one.version and one.probe.product in products:
            yield software(products[one.probe.product], one.version, one.path)
    if done.problem:
        raise Partial(f"not all paths could be asked for: {done.problem}")
