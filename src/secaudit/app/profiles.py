"""Use cases that show profiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import is_about, load
from secaudit.app.default_profiles import kind_of_profile
from secaudit.app.listing import Listing, Page
from secaudit.content.library import Entry
from secaudit.content.select import Selection, select
from secaudit.engine.registry import family_of_kind
from secaudit.model import Check


def list_profiles(content: Sequence[Path] = ()) -> Listing:
    """All profiles."""
    library = load(content)
    rows = []
    for name, entry in sorted(library.profiles.items()):
        chosen = select(library, name)
        rows.append((name, len(_of_kind(chosen)), ", ".join(item.id for item in chosen.standards), entry.value.title))
    return Listing(("profile", "checks", "standards", "title"), list(rows))


def show_profile(name: str, content: Sequence[Path] = ()) -> Page:
    """What a profile selects."""
    library = load(content)
    selection = select(library, name)
    profile = selection.profile
    page = Page(profile.id, profile.title)
    page.add("About", profile.description)
    page.add("Extends", profile.extends)
    page.add("Standards", ", ".join(item.id for item in selection.standards))
    checks = _of_kind(selection)
    page.add("Checks", f"{len(checks)}: " + ", ".join(entry.id for entry in checks))
    page.add("Left out", "\n".join(f"{item.pattern}: {item.reason}" for item in selection.excluded))
    page.add(
        "Values",
        "\n".join(
            f"{check}.{key} = {value}" for check, values in selection.params.items() for key, value in values.items()
        ),
    )
    return page


def _of_kind(selection: Selection) -> list[Entry[Check]]:
    """Those of the chosen checks that look at the kind of target that the profile is for."""
    profile = selection.profile
    family = family_of_kind(kind_of_profile(profile.id, profile.extends))
    return [entry for entry in selection.checks if is_about(entry, family)]
