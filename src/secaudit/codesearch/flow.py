"""Where the value of an expression comes from, followed through the variables of one function and those around it.

Small on purpose: assignments in the order of the text, the last one that must have happened wins, checks that leave
the function count. Functions of the same file are followed: what calls hand to them, and what they give back.
"""

from __future__ import annotations

import re
from typing import Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.bindings import SELVES, Bindings
from secaudit.codesearch.functions import Function, Functions
from secaudit.codesearch.grammar import NUMBER_CASTS, arguments_of, callee_of, receiver_of
from secaudit.codesearch.grammars import GRAMMARS
from secaudit.codesearch.guards import Guards
from secaudit.codesearch.values import (
    CLEAN,
    CLEANED,
    CONSTANT,
    NOTHING,
    ORIGINS,
    PARAMETER,
    REQUEST,
    UNKNOWN,
    UNSEEN,
    Node,
    Value,
    joined,
    literal_text,
)
from secaudit.codesearch.variables import MAX_HOPS, Variables
from secaudit.codesearch.words import Words

MAX_DEPTH = 60
MAX_STEPS = 60_000

LOOKING_UP = frozenset("get getAll getItem".split())
"""Methods whose result is what the owner holds, whatever key it is asked for."""

MAX_INSIDE = 4
"""Functions of the same file that are followed into one another."""

_ONLY_THESE = re.compile(
    r"""^\(\s*['"]?[/#~](\[\^(?:[^\]\\\n]|\\.)*\])[+*]?[/#~][a-z]*['"]?\s*,\s*(['"])[\w -]{0,3}\2"""
)
"""Replacing all signs but some: the arguments of `.replace(/[^a-z0-9]/g, '')`."""

_CONSTANT_MAP = re.compile(r"\(\s*(\(\w*\)|\w+)\s*=>\s*['\"][^'\"]*['\"]\s*\)")


class TooMuch(Exception):
    """The file is so tangled that following its values was given up."""


class Flow:
    """The values of one file."""

    def __init__(self, root: Node, language: str, words: Words) -> None:
        self._root = root
        self._grammar = GRAMMARS[language]
        self._words = words
        self._sources: dict[Span, int] = {}
        self._steps = 0
        self._bindings = Bindings(root, language, words)
        self._functions = Functions(root, language, words)
        self._guards = Guards(root, language, words, self._bindings, self._functions)
        self._weakness = ""
        self._memo: dict[tuple[str, Span, bool], Value] = {}
        self._heredocs: Optional[dict[Span, Node]] = None
        self._variables = Variables(root, language, self._bindings, self._functions, self._value)
        self._inside: list[Span] = []
        """The functions whose results are being looked at."""
        self._used: Span = (0, 0)
        """Where the value is used that is asked for."""
        self._late = 0
        """How often a check after the value was made has counted; what was found so holds for this use only."""
        for name in ("unknown", "parameter", "request"):
            level, rules = ORIGINS[name], words.sources.get(name)
            if rules:
                for node in root.find_all({"rule": {"any": rules}}):
                    self._sources[span(node)] = level

    def value(self, node: Node, weakness: str) -> Value:
        """What the expression may hold, where the dangers of this weakness are what cleaning must prevent.

        Raises:
            TooMuch: it takes too many steps.
        """
        self._weakness = weakness
        self._used = span(node)
        return self._value(node, 0, 0)

    # ------------------------------------------------------------ expressions

    def _value(self, node: Node, depth: int, hops: int) -> Value:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuch
        if depth > MAX_DEPTH:
            return UNSEEN
        place = span(node)
        key = (self._weakness, place, bool(self._inside))
        if key in self._memo:
            return self._memo[key]
        late = self._late
        found = self._judge(node, place, depth + 1, hops)
        if self._late == late:
            self._memo[key] = found
        return found

    def _judge(self, node: Node, place: Span, depth: int, hops: int) -> Value:
        kind, grammar = node.kind(), self._grammar
        if kind in grammar.literals:
            return Value(CONSTANT, False, literal_text(node.text()))
        if place in self._sources and kind != "argument":
            text = node.text()
            harmless = self._words.harmless.get(self._weakness)
            if (harmless is not None and harmless.search(text[:200])) or self._guards.is_checked(
                text, place, self._weakness
            ):
                return CLEANED
            return Value(self._sources[place])
        if kind in grammar.functions:
            return NOTHING
        if kind in grammar.names:
            return self._variable(node.text(), place, hops)
        if kind == "name" and self._weakness == "hardcoded-password":
            text = self._variables.constant(node.text())
            return UNSEEN if text is None else Value(CONSTANT, False, text)
        if kind in grammar.fixed:
            return CLEANED if kind not in ("this", "super") else UNSEEN
        if kind in grammar.calls:
            return self._call(node, place, depth, hops)
        if kind in grammar.members or kind in grammar.subscripts:
            return self._member(node, place, depth, hops)
        if kind in grammar.binaries:
            return self._binary(node, depth, hops)
        if kind in grammar.choices:
            return self._choice(node, depth, hops)
        if kind in grammar.unaries:
            return CLEANED
        if kind in grammar.casts:
            word = node.field("type")
            if word is not None and word.text().strip("() ").lower() in self._safe_casts():
                return CLEANED
        if kind in grammar.templates:
            parts = [
                self._value(child, depth, hops)
                for child in node.named_children()
                if child.kind() not in grammar.ignored
            ]
            return joined(parts, any(part.level > CONSTANT for part in parts))
        if kind in grammar.pairs:
            children = node.named_children()
            return self._value(children[-1], depth, hops) if children else NOTHING
        if kind in ("assignment_expression", "augmented_assignment_expression"):
            right = node.field("right")
            return self._value(right, depth, hops) if right is not None else UNSEEN
        if kind == grammar.heredocs[0]:
            body = self._below(place)
            return self._value(body, depth, hops) if body is not None else UNSEEN
        children = [child for child in node.named_children() if child.kind() not in grammar.ignored]
        if kind in grammar.switches:
            asked = span(node.field("value") or node.field("condition") or node)
            children = [child for child in children if span(child) != asked]
        return joined([self._value(child, depth, hops) for child in children])

    def _below(self, place: Span) -> Optional[Node]:
        """The text that is named at a place and stands under it; texts come in the order of their names."""
        if self._heredocs is None:
            beginning, body = (list(self._root.find_all({"rule": {"kind": kind}})) for kind in self._grammar.heredocs)
            self._heredocs = {span(one): two for one, two in zip(beginning, body, strict=False)}
        return self._heredocs.get(place)

    def _choice(self, node: Node, depth: int, hops: int) -> Value:
        """One of two values; the first is harmless where the condition makes sure of it: `OK.has(x) ? x : 'a'`."""
        condition = node.field("condition")
        sides = [node.field(name) for name in ("consequence", "body", "alternative")]
        if sides[0] is None and sides[1] is None:
            sides.append(condition)  # `a ?: b`
        tested = condition.text()[:2000] if condition is not None else ""
        found: list[Value] = []
        for number, side in enumerate(sides):
            if side is not None:
                sure = (
                    number < 2
                    and len(side.text()) <= 120
                    and self._guards.is_guard(side.text(), tested, self._weakness)
                )
                found.append(CLEANED if sure else self._value(side, depth, hops))
        return joined(found)

    def _safe_casts(self) -> frozenset[str]:
        return NUMBER_CASTS | {"string"} if self._weakness == "nosql-injection" else NUMBER_CASTS

    def _call(self, node: Node, place: Span, depth: int, hops: int) -> Value:
        name = callee_of(node)
        arguments = arguments_of(node)
        if self._weakness == "sql-injection" and name in self._words.escaping:
            inner = [self._value(child, depth, hops) for child in arguments]
            return Value(CLEAN, escaped=joined(inner).level)
        own = self._functions.called(node)
        believed = self._is_clean(name) or (receiver_of(node) is None and self._is_clean("=" + name))
        if believed and (own is None or not self._functions.is_hollow(name)):
            return CLEANED
        parts: list[Value] = []
        receiver = receiver_of(node)
        is_source = receiver is not None and span(receiver) in self._sources
        if receiver is not None and (is_source or not self._bindings.is_library(receiver)):
            parts.append(self._value(receiver, depth, hops))
        if parts and arguments and name in self._words.lookups:  # names.get(key, other): the key does not come out
            return joined([*parts, *(self._value(child, depth, hops) for child in arguments[1:])])
        if not self._is_lookup(name, receiver):
            ignored = self._grammar.ignored
            parts.extend(self._value(child, depth, hops) for child in arguments if child.kind() not in ignored)
        written = f"({', '.join(child.text()[:200] for child in arguments[:2])})"
        if name == "map" and arguments and _CONSTANT_MAP.match(written[:60]):
            return CLEANED  # ids.map(() => '?')
        if name in ("replace", "preg_replace") and arguments and self._keeps_only(written[:200]):
            return CLEANED  # name.replace(/[^a-z0-9]/g, '')
        if name == "URL" and len(parts) > 1:
            return parts[0]  # the second one is only what the first is relative to
        found = joined(parts)
        if name == "array_map" and self._is_clean(parts[0].text[:40] if parts else ""):
            return CLEANED  # array_map('intval', $_POST['ids'])
        if name in self._words.building:
            return Value(found.level, found.level > CONSTANT, found.text)
        if name in self._words.passing:
            return found
        if own is not None:
            result = self._result(own, found, hops)
            if result is not None:
                return result
        if self._grammar.has_getters and parts and not arguments and receiver is not None:
            return Value(max(found.level, UNKNOWN) if found.level != CLEAN else CLEAN)  # user.name, user.getName()
        level = PARAMETER if found.level == REQUEST else UNKNOWN  # may be something else altogether
        return Value(level, False, "")

    def _keeps_only(self, arguments: str) -> bool:
        """Whether only signs are left that do no harm: no dots and slashes together in what becomes a path."""
        match = _ONLY_THESE.match(arguments)
        if match is None:
            return False
        kept = match.group(1)
        return self._weakness not in ("path-traversal", "file-inclusion") or not ("." in kept and "/" in kept)

    def _result(self, own: Function, given: Value, hops: int) -> Optional[Value]:
        """What a function of this file gives back for what it is given; None when that cannot be seen."""
        place = span(own.node)
        if place in self._inside or len(self._inside) >= MAX_INSIDE or hops > MAX_HOPS:
            return None
        returned = self._functions.returned(own)
        if not returned:
            return None
        self._inside.append(place)
        try:
            found = joined([self._value(node, 0, hops + 1) for node in returned])
        finally:
            self._inside.pop()
        if found.level == PARAMETER and own.parameters:
            return found._replace(level=given.level if given.level > UNKNOWN else UNKNOWN)
        return found

    def _member(self, node: Node, place: Span, depth: int, hops: int) -> Value:
        children = node.named_children()
        if not children:
            return UNSEEN
        prop = node.field("property")
        if prop is not None and prop.text() in ("length", "size"):
            return CLEANED
        owner = node.field("object") or children[0]
        if owner.text() in SELVES:
            return self._variable(node.text(), place, hops) if len(node.text()) < 80 else UNSEEN
        entry = self._entry(owner, prop if prop is not None else children[-1], place)
        found = self._value(entry if entry is not None else owner, depth, hops)
        if entry is not None:
            return found
        if found.level >= PARAMETER and self._guards.is_checked(node.text(), place, self._weakness):
            return CLEANED
        return Value(max(found.level, UNKNOWN) if found.level != CLEAN else CLEAN, False, "")

    def _entry(self, owner: Node, key: Node, place: Span) -> Optional[Node]:
        """The value of one key, where a variable is given one object written there: `p.id` of `p = {id: 1}`."""
        if owner.kind() not in self._grammar.names:
            return None
        earlier = [found for found in self._bindings.known().get(owner.text(), ()) if found.end <= place[0]]
        if len(earlier) != 1 or not earlier[0].kills or earlier[0].right is None:
            return None
        right = earlier[0].right
        if right.kind() not in self._grammar.objects:
            return None
        wanted = key.text().strip("'\":")
        for child in right.named_children():
            parts = child.named_children()
            if len(parts) == 2 and parts[0].text().strip("'\":") == wanted:
                return parts[1]
        return None

    def _binary(self, node: Node, depth: int, hops: int) -> Value:
        operator = node.field("operator")
        sign = operator.text() if operator is not None else ""
        left, right = node.field("left"), node.field("right")
        if left is None or right is None:
            return UNSEEN
        if sign in self._grammar.passes:
            if sign in ("&&", "and"):
                return self._value(right, depth, hops)
            if self._weakness == "hardcoded-password" and right.kind() in self._grammar.literals:
                return self._value(right, depth, hops)  # what is used where the variable is not set
            return joined([self._value(left, depth, hops), self._value(right, depth, hops)])
        if sign not in self._grammar.joins:
            return CLEANED  # a number, or true and false
        parts = [self._value(left, depth, hops), self._value(right, depth, hops)]
        return joined(parts, any(part.level > CONSTANT for part in parts))

    def _is_clean(self, name: str) -> bool:
        words = self._words
        return (
            name in words.clean.get("any", ())
            or name in words.clean.get(self._weakness, ())
            or words.clean_pattern.search(name) is not None
        )

    # ------------------------------------------------------------ variables

    def _variable(self, name: str, place: Span, hops: int) -> Value:
        if hops > MAX_HOPS:
            return UNSEEN
        found = self._variables.looked_up(name, place, hops, bool(self._inside))
        if found.level >= UNKNOWN and self._guards.is_checked(name, place, self._weakness):
            return CLEANED
        if found.level >= PARAMETER and self._is_checked_later(name, place):
            self._late += 1
            return CLEANED
        return found

    def _is_lookup(self, name: str, receiver: Optional[Node]) -> bool:
        """Whether the owner is asked for what it holds, in languages whose words do not name such methods."""
        if self._words.lookups or name not in LOOKING_UP or receiver is None:
            return False
        return receiver.text() not in ("_", "lodash")

    def _is_checked_later(self, name: str, place: Span) -> bool:
        """Whether a value that went into another one is checked before that one is used, and stays what it was."""
        if self._inside or self._used[0] <= place[0] or len(self._bindings.known().get(name, ())) != 1:
            return False
        return self._guards.is_checked(name, self._used, self._weakness)
