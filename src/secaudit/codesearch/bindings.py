"""Where the variables of one file get their values: assignments, loops and parameters, each with where it reaches."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple, Optional

from secaudit.codesearch.additions import Span, added_to, span
from secaudit.codesearch.grammar import first_field, statements_of
from secaudit.codesearch.grammars import GRAMMARS
from secaudit.codesearch.values import CLEAN, CONSTANT, PARAMETER, REQUEST, Node
from secaudit.codesearch.words import Words

HANDED_OVER = frozenset("query body params cookies headers file files".split())
"""Parts that handlers take out of their request in their list of parameters: `({ body }, res) => ...`."""

SEVERAL = frozenset(("parameter_declaration",))
"""Parameters of which one declaration may have several: in Go, `a, b string`."""

LEAVING = frozenset("return_statement throw_statement throw_expression exit_statement return".split())

SELVES = ("this", "$this", "super", "self", "static")
_ANNOTATION = re.compile(r"[@\[](\w+)")

TARGETS = frozenset(
    "identifier object_pattern array_pattern list_literal array_creation_expression pair by_ref pair_pattern"
    " required_parameter optional_parameter assignment_pattern rest_pattern object_assignment_pattern"
    " array_element_initializer expression_list left_assignment_list destructured_left_assignment keyword_parameter"
    " splat_parameter hash_splat_parameter block_parameter destructured_parameter parameter_declaration"
    " variadic_parameter_declaration formal_parameter spread_parameter variable_declarator".split()
)
"""Nodes in which names of variables stand that get a value."""

LIBRARIES = frozenset("path util url querystring qs crypto posix".split())


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


class Bindings:
    """The variables of one file."""

    def __init__(self, root: Node, language: str, words: Words) -> None:
        self._root = root
        self._grammar = GRAMMARS[language]
        self._words = words
        self._definitions: Optional[dict[str, list[Definition]]] = None
        self._around: dict[Span, tuple[Span, Span]] = {}
        self._ended: dict[Span, Optional[Span]] = {}
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
            if kind in grammar.parameters:
                self._add_parameters(found, node)
            elif kind in grammar.loops:
                targets, right = self._loop(node)
                if right is not None:
                    self._add(found, node, targets, right, span(right)[1], False)
            else:
                left, right = first_field(node, "left", "name"), first_field(node, "right", "value")
                if right is None and grammar.values_are_last and len(node.named_children()) > 1:
                    right = node.named_children()[-1]
                sign = node.field("operator")
                kills = not kind.startswith("augmented") and (sign is None or sign.text() in ("=", ":="))
                for target, value in self._sides(left, right):
                    self._add(found, node, [target], value, span(node)[1], kills)
        for node, target, value in added_to(self._root, grammar):
            self._add(found, node, [target], value, span(node)[1], False)
        for node, parameter in self._lone_parameters():
            place = span(node)
            made = Definition(place[0], place[0], None, PARAMETER, place, place, True)
            found.setdefault(parameter.text(), []).append(made)
        for listed in found.values():
            listed.sort(key=lambda item: (item.start, item.right is not None))
        return found

    def _add(
        self, found: dict[str, list[Definition]], node: Node, targets: list[Node], right: Node, end: int, kills: bool
    ) -> None:
        """Note that a statement gives these targets a value."""
        grammar = self._grammar
        function, block = self.around(node)
        for target in targets:
            level = self._taken_out(target, right)
            part = target.kind() in grammar.subscripts or target.kind() in grammar.members
            whole = not part or self._target_names(target) == [target.text()]
            for name in self._target_names(target):
                ends = self._ends(node, block)
                made = Definition(span(node)[0], end, right, level, function, block, kills and whole, ends)
                found.setdefault(name, []).append(made)

    def _add_parameters(self, found: dict[str, list[Definition]], node: Node) -> None:
        above = node.parent()
        named = above.field("parameters") if above is not None else None
        if named is not None and span(named) != span(node):  # what it is a method of, or what it gives back
            return
        start = span(node)[0]
        function = self.around(node)[0]
        for name, level in self._parameters(node):
            found.setdefault(name, []).append(Definition(start, start, None, level, function, function, True))

    def _sides(self, left: Optional[Node], right: Optional[Node]) -> Iterator[tuple[Node, Node]]:
        """Names and what they are given, one by one where both sides are lists: `a, b = 1, 2`."""
        if left is None or right is None:
            return
        lists = self._grammar.lists
        if left.kind() in lists and right.kind() in lists:
            names, values = left.named_children(), right.named_children()
            if len(names) == len(values):
                yield from zip(names, values, strict=True)
                return
        yield left, right

    def _lone_parameters(self) -> Iterator[tuple[Node, Node]]:
        """Functions with one parameter that stands without brackets: `x => ...`."""
        kind, field = self._grammar.lone_parameter
        if kind:
            rule = {"kind": kind, "has": {"field": field, "kind": "identifier"}}
            for node in self._root.find_all({"rule": rule}):
                yield node, node.field(field)

    def is_library(self, receiver: Node) -> bool:
        """Whether a receiver is no value: `this`, or a name such as Buffer or path that the file gives no value."""
        if receiver.kind() in ("this", "super"):
            return True
        text, kind = receiver.text(), receiver.kind()
        if text in self.known():
            return False
        if kind in self._grammar.classes:
            return text[:1].isupper() or text in LIBRARIES
        return kind in self._grammar.names and self._grammar.free_names_are_libraries

    def around(self, node: Node) -> tuple[Span, Span]:
        """The function and the block that a node lies in."""
        place = span(node)
        if place not in self._around:
            self._around[place] = self._looked_around(node)
        return self._around[place]

    def _looked_around(self, node: Node) -> tuple[Span, Span]:
        grammar = self._grammar
        block: Optional[Span] = None
        for above in node.ancestors():
            kind = above.kind()
            if block is None and (kind in grammar.blocks or kind in grammar.cases):
                block = span(above)
            if kind in grammar.functions:
                return span(above), block or span(above)
        return self.whole, block or self.whole

    def _ends(self, node: Node, block: Span) -> Optional[Span]:
        """What the end of the block around a definition keeps its value from."""
        if block not in self._ended:
            self._ended[block] = self._looked_at_end(node, block)
        return self._ended[block]

    def _looked_at_end(self, node: Node, block: Span) -> Optional[Span]:
        grammar = self._grammar
        for above in node.ancestors():
            is_case = above.kind() in grammar.cases
            if span(above) != block or not (is_case or above.kind() in grammar.blocks):
                continue
            statements = statements_of(above, grammar)
            if not statements or above.parent() is None:
                return None
            if is_case:
                switch = above.parent()
                return span(switch) if switch is not None else None
            last = statements[-1]
            return self.whole if last.kind() in LEAVING or is_exit(last.text()) else None
        return None

    def _parameters(self, node: Node) -> list[tuple[str, int]]:
        found: list[tuple[str, int]] = []
        for parameter in node.named_children():
            level = PARAMETER
            if self._words.decorators & set(_ANNOTATION.findall(parameter.text()[:200])):
                level = REQUEST
            kind = parameter.field("type")
            if kind is not None and kind.text().strip(": ?").lower() in self._grammar.number_types:
                level = CLEAN
            named = parameter.field("name")
            names = self._target_names(parameter if named is None or parameter.kind() in SEVERAL else named)
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
            owner = first_field(target, "object", "operand", "expression") or (target.named_children() or [None])[0]
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
        if self._grammar.loops_by_place:
            children = node.named_children()
            return (children[1:2], children[0]) if len(children) > 2 else ([], None)
        left, right = first_field(node, "left", "name", "pattern"), first_field(node, "right", "value")
        return ([left] if left is not None else []), right

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


_EXITS = (
    "die", "exit", "process.exit", "abort(", "wp_die", "throw", "raise", "halt", "abort ", "panic(", "os.exit",
    "log.fatal", "system.exit", "t.fatal", "fail ", "not_found",
)  # fmt: skip


def is_exit(text: str) -> bool:
    low = text.lstrip()[:40].lower()
    return low.startswith(_EXITS) or text.rstrip().endswith(" and return")
