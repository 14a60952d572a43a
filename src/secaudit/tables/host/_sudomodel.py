"""What sudoers(5) says, as values: settings, aliases, grants, and what was not understood."""

from __future__ import annotations

from typing import NamedTuple

MAX_DEPTH = 128
"""MAX_SUDOERS_DEPTH of toke.l."""
MAX_ITEMS = 50_000
"""Members of all aliases that are expanded: aliases of aliases could double with each level."""


class Wrong(Exception):
    """A statement is not what sudoers(5) allows."""


class Item(NamedTuple):
    """One user, host, runas user or command."""

    text: str
    is_negated: bool


class Default(NamedTuple):
    """One setting of a Defaults line."""

    scope_kind: str
    """global, user, host, runas or command."""
    scope: str
    name: str
    operator: str
    """`=`, `+=` or `-=`."""
    value: str
    """`on` and `off` for flags; a setting that was negated is off."""
    path: str
    line: int


class Grant(NamedTuple):
    """One command of one privilege."""

    users: tuple[Item, ...]
    hosts: tuple[Item, ...]
    runas_users: tuple[Item, ...] | None
    """None: the default, which is root."""
    runas_groups: tuple[Item, ...]
    options: tuple[str, ...]
    tags: tuple[str, ...]
    command: Item
    path: str
    line: int


class Sudoers:
    """What all files say together. `problems` names lines and files that were not understood or not read."""

    def __init__(self) -> None:
        self.defaults: list[Default] = []
        self.grants: list[Grant] = []
        self.aliases: dict[tuple[str, str], list[Item]] = {}
        self.problems: list[str] = []
        self._told: set[str] = set()
        self._items_left = MAX_ITEMS

    def expand(self, kind: str, items: tuple[Item, ...]) -> list[Item]:
        """Replace aliases by their members; a negated alias negates each. A loop ends where it began."""
        found: list[Item] = []
        self._expand(kind, items, False, frozenset(), found)
        return found

    def _expand(
        self, kind: str, items: tuple[Item, ...] | list[Item], negate: bool, inside: frozenset[str], found: list[Item]
    ) -> None:
        for item in items:
            members = self.aliases.get((kind, item.text))
            negated = item.is_negated != negate
            if members is None or item.text == "ALL" or item.text in inside:
                found.append(Item(item.text, negated))
            elif self._items_left <= 0 or len(inside) > MAX_DEPTH:
                found.append(Item(item.text, negated))
                self.problem("the aliases expand to too many members")
            else:
                self._items_left -= len(members)
                self._expand(kind, members, negated, inside | {item.text}, found)

    def problem(self, text: str) -> None:
        if text not in self._told:
            self._told.add(text)
            self.problems.append(text)
