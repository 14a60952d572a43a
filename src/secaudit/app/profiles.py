"""Use cases that show profiles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import load
from secaudit.app.listing import Listing, Page
from secaudit.content.select import select


def list_profiles(content: Sequence[Path] = ()) -> Listing:
    """All profiles."""
    library = load(content)
    rows = []
    for name, entry in sorted(library.profiles.items()):
        chosen = select(library, name)
        rows.append((name, len(chosen.checks), ", ".join(item.id for item in chosen.standards), entry.value.title))
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
    page.add("Checks", f"{len(selection.checks)}: " + ", ".join(entry.value.id for entry in selection.checks))
    page.add("Left out", "\n".join(f"{item.pattern}: {item.reason}" for item in selection.excluded))
    page.add(
        "Values",
        "\n".join(
            f"{check}.{key} = {value}" for check, values in selection.params.items() for key, value in values.items()
        ),
    )
    return page
