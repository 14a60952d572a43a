"""--dry-run: what an audit of a network target would send, without sending it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import cast

from secaudit.app.content import compile_selection
from secaudit.app.default_profiles import default_profile
from secaudit.app.listing import Listing
from secaudit.app.reaching import Options, name_target
from secaudit.content import library as library_module
from secaudit.content.select import select
from secaudit.engine.registry import family_of_kind, load_table
from secaudit.model import Consent
from secaudit.reporting.words import count_of
from secaudit.tableapi import Net, Planned
from secaudit.targets.network.dry import DryGate
from secaudit.targets.network.limits import BUDGETS, PER_HOST


def planned(options: Options, profile: str | None, only: Sequence[str], skip: Sequence[str]) -> list[Planned]:
    """Everything that the tables of the chosen checks would send at the levels that were asked for.

    Raises:
        TargetError, UsageError, ContentError, NothingSelected: as an audit.
    """
    named = name_target(options)
    library = library_module.load()
    selection = select(library, profile or default_profile(named.kind), only=tuple(only), skip=tuple(skip))
    compiled = compile_selection(library, selection, family_of_kind(named.kind))
    level = "active" if options.active else "passive"
    net = cast("Net", DryGate(named, Consent(level=level, intrusive=tuple(options.intrusive))))
    found: dict[Planned, None] = {}
    for name in sorted(set().union(*(item.tables for item in compiled))):
        spec = load_table(name)
        if spec.plan is not None and named.kind in spec.targets:
            found.update(dict.fromkeys(one for one in spec.plan(net) if _asked_for(one, net, options)))
    return sorted(found, key=lambda one: (one.host, one.kind, one.port, one.level != "passive", one.what))


def _asked_for(one: Planned, net: Net, options: Options) -> bool:
    return bool(options.intrusive) if one.level == "intrusive" else net.may(one.level)


def plan_listing(plan: Sequence[Planned]) -> Listing:
    """The plan as a list, with the sum below it."""
    rows: list[tuple[str | int | None, ...]] = [
        (one.level, one.kind, f"{one.host}:{one.port}" if one.port else one.host, one.most, one.what) for one in plan
    ]
    most = Counter[tuple[str, str, int]]()
    for one in plan:
        most[one.kind, one.host, 0 if one.kind in PER_HOST else one.port] += one.most
    sums = Counter[str]()
    for (kind, _, _), count in most.items():
        sums[kind] += min(count, BUDGETS.get(kind, count))
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(sums.items()))
    footer = f"{count_of(len(plan), 'kind')} of questions; at most: {told}. Nothing was sent." if plan else "Nothing."
    return Listing(("level", "kind", "where", "at most", "what"), rows, footer)
