"""Where the variables of one file get their values: assignments, loops and parameters, each with where it reaches."""

from __future__ import annotations

from typing import NamedTuple, Optional

from secaudit.codesearch.values import CLEAN, CONSTANT, GRAMMARS, NUMBER_CASTS, PARAMETER, REQUEST, Node
from secaudit.codesearch.words import Words

HANDED_OVER = frozenset("query body params cookies headers file files".split())
"""Parts that handlers take out of their request in their list of parameters: `({ body }, res) => ...`."""

LEAVING = frozenset("return_statement throw_statement throw_expression exit_statement".split())

SELVES = ("this", "$this", "super", "self", "static")

TARGETS = frozenset(
    "identifier object_pattern array_pattern list_literal array_creation_expression pair by_ref pair_pattern"
    " required_parameter optional_parameter assignment_pattern rest_pattern object_assignment_pattern"
    " array_element_initializer".split()
)
"""Nodes in which names of variables stand that get a value."""

Span = tuple[int, int]


class Definition(NamedTuple):
    """One place where a variable gets a value."""

    start: int
    end: int
    right: Optional[Node]
    """None for a parameter."""
    level: int
    """The least that the value is."""
    function: Span
    block: Span
    kills: bool
    """It replaces what was there, rather than adding to it."""
    ends: Optional[Span] = None
    """Where it cannot reach outside of its block: what follows a block that returns, other cases of a switch."""


def span(node: Node) -> Span:
    found = node.range()
    return found.start.index, found.end.index


class Bindings:
    """The variables of one file."""

    def __init__(self, root: Node, language: str, words: Words) -> None:
        self._root = root
        self._language = language
        self._grammar = GRAMMARS[language]
        self._words = words
        self._definitions: Optional[dict[str, list[Definition]]] = None
        self.whole = span(root)

    def known(self) -> dict[str, list[Definition]]:
        """All places by the name that gets a value there, in the order of the text."""
        if self._definitions is None:
            self._definitions = self._all_definitions()
        return self._definitions

    def _all_definitions(self) -> dict[str, list[Definition]]:
        grammar = self._grammar
        kinds = grammar.assignments | grammar.loops | grammar.parameters
        found: dict[str, list[Definition]] = {}
        for node in self._root.find_all({"rule": {"any": [{"kind": kind} for kind in sorted(kinds)]}}):
            kind = node.kind()
            start, end = span(node)
            function, block = self.around(node)
            if kind in grammar.parameters:
                for name, level in self._parameters(node):
                    found.setdefault(name, []).append(Definition(start, start, None, level, function, function, True))
                continue
            if kind in grammar.loops:
                targets, right = self._loop(node)
                end = span(right)[1] if right is not None else start
                kills = False
            else:
                left = node.field("left") or node.field("name")
                right = node.field("right") or node.field("value")
                targets = [left] if left is not None else []
                kills = not kind.startswith("augmented")
            if right is None:
                continue
            for target in targets:
                level = self._taken_out(target, right)
                part = target.kind() in grammar.subscripts or target.kind() in grammar.members
                whole = not part or self._target_names(target) == [target.text()]
                for name in self._target_names(target):
                    made = Definition(
                        start, end, right, level, function, block, kills and whole, self._ends(node, block)
                    )
                    found.setdefault(name, []).append(made)
        if self._language != "php":  # `x => ...` has its parameter without brackets
            for node in self._root.find_all(
                {"rule": {"kind": "arrow_function", "has": {"field": "parameter", "kind": "identifier"}}}
            ):
                name = node.field("parameter").text()
                place = span(node)
                found.setdefault(name, []).append(Definition(place[0], place[0], None, PARAMETER, place, place, True))
            self._add_pushed(found)
        for listed in found.values():
            listed.sort(key=lambda item: (item.start, item.right is not None))
        return found

    def _add_pushed(self, found: dict[str, list[Definition]]) -> None:
        """`list.push(x)` adds to what the list holds."""
        rule = {"kind": "call_expression", "has": {"field": "function", "regex": r"^\w+\.(push|unshift)$"}}
        for node in self._root.find_all({"rule": rule}):
            owner, arguments = node.field("function").field("object"), node.field("arguments")
            if owner is not None and arguments is not None:
                start, end = span(node)
                function, block = self.around(node)
                made = Definition(start, end, arguments, CONSTANT, function, block, False, self._ends(node, block))
                found.setdefault(owner.text(), []).append(made)

    def around(self, node: Node) -> tuple[Span, Span]:
        """The function and the block that a node lies in."""
        grammar = self._grammar
        block: Optional[Span] = None
        for above in node.ancestors():
            kind = above.kind()
            if block is None and kind in grammar.blocks:
                block = span(above)
            if kind in grammar.functions:
                return span(above), block or span(above)
        return self.whole, block or self.whole

    def _ends(self, node: Node, block: Span) -> Optional[Span]:
        """What the end of the block around a definition keeps its value from."""
        for above in node.ancestors():
            if span(above) != block or above.kind() not in self._grammar.blocks:
                continue
            statements = [item for item in above.named_children() if item.kind() != "comment"]
            if not statements or above.kind() == "program":
                return None
            last = statements[-1]
            if above.kind() in ("case_statement", "default_statement", "switch_case", "switch_default"):
                switch = above.parent()
                return span(switch) if switch is not None else None
            return self.whole if last.kind() in LEAVING or is_exit(last.text()) else None
        return None

    def _parameters(self, node: Node) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for parameter in node.named_children():
            level = PARAMETER
            text = parameter.text()
            if text[:60].partition("(")[0].strip() in self._words.decorators:
                level = REQUEST
            if self._language == "php":
                kind = parameter.field("type")
                if kind is not None and kind.text().lower().lstrip("?") in NUMBER_CASTS:
                    level = CLEAN
                name = parameter.field("name")
                names = [name.text()] if name is not None else []
            else:
                kind = parameter.field("type")
                if kind is not None and kind.text().strip(": ") in ("number", "boolean"):
                    level = CLEAN
                names = self._target_names(parameter)
                if parameter.kind() == "object_pattern" or (
                    parameter.named_children() and parameter.named_children()[0].kind() == "object_pattern"
                ):
                    for name_ in names:
                        is_part = name_ in self._words.parts and name_ in HANDED_OVER
                        found.append((name_, REQUEST if is_part and len(node.named_children()) > 1 else level))
                    continue
            found.extend((name_, level) for name_ in names)
        return found

    def _target_names(self, target: Node) -> list[str]:
        grammar = self._grammar
        kind = target.kind()
        if kind in grammar.names:
            return [target.text()]
        if kind in grammar.members or kind in grammar.subscripts:
            owner = target.field("object") or (target.named_children() or [None])[0]
            if owner is not None and owner.text() in SELVES:
                return [target.text()]
            return self._target_names(owner) if owner is not None else []
        if kind in TARGETS:
            found: list[str] = []
            children = target.named_children()
            if kind in ("assignment_pattern", "object_assignment_pattern"):
                children = children[:1]
            for child in children:
                if child.kind() != "decorator":
                    found.extend(self._target_names(child))
            return found
        return []

    def _loop(self, node: Node) -> tuple[list[Node], Optional[Node]]:
        if self._language != "php":
            left, right = node.field("left"), node.field("right")
            return ([left] if left is not None else []), right
        children = node.named_children()
        return (children[1:2], children[0]) if len(children) > 2 else ([], None)

    def _taken_out(self, target: Node, right: Node) -> int:
        """REQUEST for `const { body } = req`."""
        if target.kind() == "object_pattern" and right.text() in self._words.roots:
            names = {child.text().partition(":")[0].strip() for child in target.named_children()}
            if names & self._words.parts:
                return REQUEST
        return CONSTANT


def reaches(found: Definition, place: Span) -> bool:
    """Whether a value given in one block can still be there at a place."""
    if found.ends is None or found.block[0] <= place[0] < found.block[1]:
        return True
    return not found.ends[0] <= place[0] < found.ends[1]


def is_exit(text: str) -> bool:
    low = text.lstrip()[:40].lower()
    return low.startswith(("die", "exit", "process.exit", "abort(", "wp_die", "throw"))
