"""Rules for content that its types cannot say: lengths of titles, form of ids, complete examples."""

from __future__ import annotations

import re

from secaudit.content.decode import DecodeProblem
from secaudit.content.schema import TITLE_LIMIT
from secaudit.model import Check, Standard

ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)+\Z")
PLACE = re.compile(r"(/|~/)[\w./*?@+:-]+\Z")
FAMILIES = ("any", "debian", "fedora", "arch", "alpine", "suse")
TITLE_LIMIT_FOREIGN = 120
"""Longer titles of a titles-only standard would be its text."""


def check_rules(check: Check, stem: str) -> None:
    """Refuse a check that breaks a rule.

    Raises:
        DecodeProblem: naming the key.
    """
    if not ID.match(check.id):
        raise DecodeProblem(
            ("id",), f'the id "{check.id}" is not area-thing in lower case', (("fix", "for example ssh-root-login"),)
        )
    if check.id != stem:
        raise DecodeProblem(
            ("id",),
            f'the id "{check.id}" is not the file name "{stem}"',
            (("fix", f"rename the file to {check.id}.yaml"),),
        )
    for name in ("title", "fail_title"):
        text: str = getattr(check, name)
        if len(text) > TITLE_LIMIT:
            raise DecodeProblem(
                (name,), f"{name} has {len(text)} characters, the limit is {TITLE_LIMIT}", (("fix", "say it shorter"),)
            )
        if not text or "\n" in text or text.endswith("."):
            raise DecodeProblem((name,), f"{name} must be one line without a final dot")
    if check.title == check.fail_title:
        raise DecodeProblem(("fail_title",), "fail_title must say the opposite of title")
    for name in ("why", "verify"):
        if not getattr(check, name).strip():
            raise DecodeProblem((name,), f"{name} is empty")
    if not check.fix:
        raise DecodeProblem(("fix",), "fix is missing", (("fix", "add fix: {any: the commands}"),))
    for family, commands in check.fix.items():
        if family not in FAMILIES:
            raise DecodeProblem(("fix", family), f'no family "{family}"', (("known", ", ".join(FAMILIES)),))
        if not commands.strip():
            raise DecodeProblem(("fix", family), "the fix is empty")
    for path in check.touches:
        if not PLACE.match(path):
            hint = ("fix", "write a path such as /etc/app or ~/.config/app; * and ? as in the shell")
            raise DecodeProblem(("touches",), f'touches: "{path}" is no place', (hint,))
    for name in ("healthy", "failing"):
        if not getattr(check.examples, name):
            raise DecodeProblem(("examples", name), f"the example {name} has no rows", (("fix", "show one row"),))


def standard_rules(standard: Standard) -> None:
    """Refuse a control set that breaks a rule.

    Raises:
        DecodeProblem: naming the key.
    """
    groups = {group.id for group in standard.groups}
    for number, group in enumerate(standard.groups):
        if group.within is not None and group.within not in {above.id for above in standard.groups[:number]}:
            raise DecodeProblem(
                ("groups", number, "within"),
                f'no group "{group.within}" above this one',
                (("fix", "name the chapter first, then its sections"),),
            )
    seen: set[str] = set()
    for number, control in enumerate(standard.controls):
        place = ("controls", number)
        if control.id in seen:
            raise DecodeProblem((*place, "id"), f'the control "{control.id}" is here twice')
        seen.add(control.id)
        if control.group not in groups:
            raise DecodeProblem(
                (*place, "group"), f'no group "{control.group}"', (("known", ", ".join(sorted(groups))),)
            )
        if standard.text == "titles-only" and len(control.title) > TITLE_LIMIT_FOREIGN:
            raise DecodeProblem((*place, "title"), f"a title has at most {TITLE_LIMIT_FOREIGN} characters here")
        if not control.guidance.strip() and (standard.cited_as is None or standard.text == "titles-only"):
            hint = ("fix", "say what to do, in our own words")
            raise DecodeProblem(place, f"{control.id} has no guidance", (hint,))
        shown = bool(control.objectives or control.checks)
        if shown == (control.not_assessable is not None):
            raise DecodeProblem(place, f"{control.id} needs either objectives or not_assessable with the reason")
