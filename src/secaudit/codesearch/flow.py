"""Where the value of an expression comes from, followed through the variables of one function and those around it.

Small on purpose: assignments in the order of the text, the last one that must have happened wins, checks that leave
the function count. Nothing is followed into other functions.
"""

from __future__ import annotations

import re
from typing import Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.bindings import SELVES, Bindings, reaches
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
from secaudit.codesearch.words import Words

MAX_DEPTH = 60
MAX_STEPS = 60_000
MAX_HOPS = 12

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
        self._guards = Guards(root, language, words, self._bindings)
        self._weakness = ""
        self._memo: dict[tuple[str, Span], Value] = {}
        self._heredocs: Optional[dict[Span, Node]] = None
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
        return self._value(node, 0, 0)

    # ------------------------------------------------------------ expressions

    def _value(self, node: Node, depth: int, hops: int) -> Value:
        self._steps += 1
        if self._steps > MAX_STEPS:
            raise TooMuch
        if depth > MAX_DEPTH:
            return UNSEEN
        place = span(node)
        key = (self._weakness, place)
        if key in self._memo:
            return self._memo[key]
        found = self._judge(node, place, depth + 1, hops)
        self._memo[key] = found
        return found

    def _judge(self, node: Node, place: Span, depth: int, hops: int) -> Value:
        kind, grammar = node.kind(), self._grammar
        if kind in grammar.literals:
            return Value(CONSTANT, False, literal_text(node.text()))
        if place in self._sources and kind != "argument":
            text = node.text()
            harmless = self._words.harmless.get(self._weakness)
            if (harmless is not None and harmless.search(text[:200])) or self._guards.is_checked(text, place):
                return CLEANED
            return Value(self._sources[place])
        if kind in grammar.functions:
            return NOTHING
        if kind in grammar.names:
            return self._variable(node.text(), place, hops)
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
                sure = number < 2 and len(side.text()) <= 120 and self._guards.is_guard(side.text(), tested)
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
        if self._is_clean(name) or (receiver_of(node) is None and self._is_clean("=" + name)):
            return CLEANED
        parts: list[Value] = []
        receiver = receiver_of(node)
        is_source = receiver is not None and span(receiver) in self._sources
        if receiver is not None and (is_source or not self._bindings.is_library(receiver)):
            parts.append(self._value(receiver, depth, hops))
        if parts and arguments and name in self._words.lookups:  # names.get(key, other): the key does not come out
            return joined([*parts, *(self._value(child, depth, hops) for child in arguments[1:])])
        ignored = self._grammar.ignored
        parts.extend(self._value(child, depth, hops) for child in arguments if child.kind() not in ignored)
        if name == "map" and arguments and _CONSTANT_MAP.match(f"({arguments[0].text()})"[:60]):
            return CLEANED  # ids.map(() => '?')
        if name == "URL" and len(parts) > 1:
            return parts[0]  # the second one is only what the first is relative to
        found = joined(parts)
        if name == "array_map" and self._is_clean(parts[0].text[:40] if parts else ""):
            return CLEANED  # array_map('intval', $_POST['ids'])
        if name in self._words.building:
            return Value(found.level, found.level > CONSTANT, found.text)
        if name in self._words.passing:
            return found
        if self._grammar.has_getters and parts and not arguments and receiver is not None:
            return Value(max(found.level, UNKNOWN) if found.level != CLEAN else CLEAN)  # user.name, user.getName()
        level = PARAMETER if found.level == REQUEST else UNKNOWN  # may be something else altogether
        return Value(level, False, "")

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
        if found.level >= PARAMETER and self._guards.is_checked(node.text(), place):
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
        found = self._looked_up(name, place, hops)
        if found.level >= UNKNOWN and self._guards.is_checked(name, place):
            return CLEANED
        return found

    def _looked_up(self, name: str, place: Span, hops: int) -> Value:
        known = self._bindings.known().get(name)
        if not known:
            return UNSEEN
        around = sorted(
            {found.function for found in known if found.function[0] <= place[0] < found.function[1]},
            key=lambda function: function[1] - function[0],
        )
        for function in around:
            inside = [found for found in known if found.function == function and reaches(found, place)]
            earlier = [found for found in inside if found.end <= place[0] or found.right is None] or (
                inside if function != around[0] else []
            )
            if not earlier:
                continue
            values: list[Value] = []
            for found in reversed(earlier):
                if found.right is None:
                    values.append(Value(found.level))
                else:
                    value = self._value(found.right, 0, hops + 1)
                    values.append(value._replace(level=max(value.level, found.level)))
                if found.kills and found.block[0] <= place[0] < found.block[1]:
                    break
            built = any(not found.kills and found.right is not None for found in earlier)
            return joined(list(reversed(values)), built and any(value.level > CONSTANT for value in values))
        return UNSEEN
