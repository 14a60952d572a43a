"""Where the value of an expression comes from, followed through the variables of one function and those around it.

Small on purpose: assignments in the order of the text, the last one that must have happened wins, checks that leave
the function count. Nothing is followed into other functions.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from secaudit.codesearch.values import (
    CLEAN,
    CLEANED,
    CONSTANT,
    GRAMMARS,
    NOTHING,
    NUMBER_CASTS,
    PARAMETER,
    REQUEST,
    TEXT_LIMIT,
    UNKNOWN,
    UNSEEN,
    Node,
    Value,
    callee_of,
    joined,
    receiver_of,
)  # fmt: skip

HANDED_OVER = frozenset("query body params cookies headers file files".split())
"""Parts that handlers take out of their request in their list of parameters: `({ body }, res) => ...`."""

LEAVING = frozenset("return_statement throw_statement throw_expression exit_statement".split())

SELVES = ("this", "$this", "super", "self", "static")

LIBRARIES = frozenset("path util url querystring qs crypto posix".split())

TARGETS = frozenset(
    "identifier object_pattern array_pattern list_literal array_creation_expression pair by_ref pair_pattern"
    " required_parameter optional_parameter assignment_pattern rest_pattern object_assignment_pattern"
    " array_element_initializer".split()
)
"""Nodes in which names of variables stand that get a value."""

MAX_DEPTH = 60
MAX_STEPS = 60_000
MAX_HOPS = 12

_CONSTANT_MAP = re.compile(r"\(\s*(\(\w*\)|\w+)\s*=>\s*['\"][^'\"]*['\"]\s*\)")
_TAKEN_APART = re.compile(r"\b(parse_url|new URL|realpath|pathinfo|extname|resolve|normalize)\s*\(")

Span = tuple[int, int]


class TooMuch(Exception):
    """The file is so tangled that following its values was given up."""


class Words(NamedTuple):
    """What content says about one language: `_language.yaml`."""

    sources: dict[str, list[dict[str, object]]]
    roots: frozenset[str]
    """Names of whole requests: `req`."""
    parts: frozenset[str]
    """What of a request a user decides, where it is taken out by name: `const { body } = req`."""
    decorators: frozenset[str]
    clean: dict[str, frozenset[str]]
    """Names of functions by weakness; `any` is for all. `=format` is the plain function only, not `util.format`."""
    clean_pattern: re.Pattern[str]
    harmless: dict[str, re.Pattern[str]]
    """Sources that cannot carry the danger of a weakness: a part of the path is always text, never an operator."""
    escaping: frozenset[str]
    """Functions that escape quotes in text that becomes SQL, and add none around it."""
    passing: frozenset[str]
    """Functions whose result holds what went in."""
    building: frozenset[str]
    guards: re.Pattern[str]
    """What a condition calls to check a value."""


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


class Check(NamedTuple):
    """One `if`."""

    whole: Span
    inside: Span
    leaves: bool
    """What follows the condition ends the function or the loop."""
    condition: str
    function: Span


def span(node: Node) -> Span:
    found = node.range()
    return found.start.index, found.end.index


class Flow:
    """The values of one file."""

    def __init__(self, root: Node, language: str, words: Words) -> None:
        self._root = root
        self._language = language
        self._grammar = GRAMMARS[language]
        self._words = words
        self._whole = span(root)
        self._sources: dict[Span, int] = {}
        self._steps = 0
        self._definitions: Optional[dict[str, list[Definition]]] = None
        self._checks: Optional[list[Check]] = None
        self._taken: Optional[list[tuple[str, str]]] = None
        self._weakness = ""
        self._memo: dict[tuple[str, Span], Value] = {}
        for level, rules in ((PARAMETER, words.sources.get("parameter")), (REQUEST, words.sources.get("request"))):
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
            return Value(CONSTANT, False, _literal(node.text()))
        if place in self._sources and kind != "argument":
            text = node.text()
            harmless = self._words.harmless.get(self._weakness)
            if (harmless is not None and harmless.search(text[:200])) or self._is_checked(text, place):
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
        if kind in ("pair", "array_element_initializer", "by_ref"):
            children = node.named_children()
            return self._value(children[-1], depth, hops) if children else NOTHING
        if kind in ("assignment_expression", "augmented_assignment_expression"):
            right = node.field("right")
            return self._value(right, depth, hops) if right is not None else UNSEEN
        children = [child for child in node.named_children() if child.kind() not in grammar.ignored]
        return joined([self._value(child, depth, hops) for child in children])

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
                sure = number < 2 and len(side.text()) <= 120 and self._is_guard(side.text(), tested)
                found.append(CLEANED if sure else self._value(side, depth, hops))
        return joined(found)

    def _is_library(self, receiver: Node) -> bool:
        """Whether a receiver is no value: `this`, or a name such as Buffer or path that the file gives no value."""
        if receiver.kind() in ("this", "super"):
            return True
        text = receiver.text()
        return (
            receiver.kind() == "identifier" and (text[:1].isupper() or text in LIBRARIES) and text not in self._known()
        )

    def _safe_casts(self) -> frozenset[str]:
        return NUMBER_CASTS | {"string"} if self._weakness == "nosql-injection" else NUMBER_CASTS

    def _call(self, node: Node, place: Span, depth: int, hops: int) -> Value:
        name = callee_of(node)
        if self._weakness == "sql-injection" and name in self._words.escaping:
            arguments = node.field("arguments")
            inner = [self._value(child, depth, hops) for child in arguments.named_children()] if arguments else []
            return Value(CLEAN, escaped=joined(inner).level)
        if self._is_clean(name) or (receiver_of(node) is None and self._is_clean("=" + name)):
            return CLEANED
        parts: list[Value] = []
        receiver = receiver_of(node)
        if receiver is not None and not self._is_library(receiver):
            parts.append(self._value(receiver, depth, hops))
        arguments = node.field("arguments")
        if arguments is None:
            arguments = next((child for child in node.named_children() if child.kind() == "arguments"), None)
        if arguments is not None:
            parts.extend(self._value(child, depth, hops) for child in arguments.named_children())
        if name == "map" and arguments is not None and _CONSTANT_MAP.match(arguments.text()[:60]):
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
        if found.level >= PARAMETER and self._is_checked(node.text(), place):
            return CLEANED
        return Value(max(found.level, UNKNOWN) if found.level != CLEAN else CLEAN, False, "")

    def _entry(self, owner: Node, key: Node, place: Span) -> Optional[Node]:
        """The value of one key, where a variable is given one object written there: `p.id` of `p = {id: 1}`."""
        if owner.kind() not in self._grammar.names:
            return None
        earlier = [found for found in self._known().get(owner.text(), ()) if found.end <= place[0]]
        if len(earlier) != 1 or not earlier[0].kills or earlier[0].right is None:
            return None
        right = earlier[0].right
        if right.kind() not in ("object", "array_creation_expression"):
            return None
        wanted = key.text().strip("'\"")
        for child in right.named_children():
            parts = child.named_children()
            if len(parts) == 2 and parts[0].text().strip("'\"") == wanted:
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
        if found.level >= UNKNOWN and self._is_checked(name, place):
            return CLEANED
        return found

    def _looked_up(self, name: str, place: Span, hops: int) -> Value:
        known = self._known().get(name)
        if not known:
            return UNSEEN
        around = sorted(
            {found.function for found in known if found.function[0] <= place[0] < found.function[1]},
            key=lambda function: function[1] - function[0],
        )
        for function in around:
            inside = [found for found in known if found.function == function and _reaches(found, place)]
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

    def _known(self) -> dict[str, list[Definition]]:
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
            function, block = self._around(node)
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
        for listed in found.values():
            listed.sort(key=lambda item: (item.start, item.right is not None))
        return found

    def _around(self, node: Node) -> tuple[Span, Span]:
        """The function and the block that a node lies in."""
        grammar = self._grammar
        block: Optional[Span] = None
        for above in node.ancestors():
            kind = above.kind()
            if block is None and kind in grammar.blocks:
                block = span(above)
            if kind in grammar.functions:
                return span(above), block or span(above)
        return self._whole, block or self._whole

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
            return self._whole if last.kind() in LEAVING or _is_exit(last.text()) else None
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

    # ------------------------------------------------------------ checks before use

    def _is_checked(self, name: str, place: Span) -> bool:
        """Whether a condition before it makes sure what the value is: a list of allowed ones, a pattern, a type."""
        if len(name) > 120:
            return False
        if self._checks is None:
            self._checks = self._all_checks()
        names = [name, *(alias for alias, text in self._parts() if name in text and alias != name)]
        return any(self._makes_sure(check, known, place) for known in names for check in self._checks)

    def _makes_sure(self, check: Check, name: str, place: Span) -> bool:
        condition = check.condition
        if check.whole[0] > place[0] or name not in condition or not self._is_guard(name, condition):
            return False
        if check.inside[0] <= place[0] < check.inside[1]:
            return not (_is_negated(condition) if check.leaves else condition.lstrip("( ").startswith("!"))
        if place[0] < check.whole[1] or not check.function[0] <= place[0] < check.function[1]:
            return False
        return check.leaves or (_is_negated(condition) and self._is_replaced(name, check.inside))

    def _is_replaced(self, name: str, inside: Span) -> bool:
        """Whether a block gives the variable another value: `if (!ok(x)) { x = 'a'; }`."""
        return any(found.kills and inside[0] <= found.start < inside[1] for found in self._known().get(name, ()))

    def _parts(self) -> list[tuple[str, str]]:
        """Variables that hold a part of another value, by which that value may be checked: the host of an address."""
        if self._taken is None:
            self._taken = [
                (name, found.right.text()[:300])
                for name, listed in self._known().items()
                for found in listed
                if found.right is not None and _TAKEN_APART.search(found.right.text()[:300])
            ]
        return self._taken

    def _is_guard(self, name: str, condition: str) -> bool:
        escaped = re.escape(name)
        if re.search(r"(?<![\w$.>])" + escaped + r"(?![\w])", condition) is None:
            return False
        compared = re.search(r"(typeof\s+)?" + escaped + r"\s*[!=]==?\s*(['\"]\w|\d)", condition)
        if compared is not None and compared.group(1) is None:
            return True
        for match in self._words.guards.finditer(condition):
            word = match.group(0)
            written = ("test" in word or "match" in word) and re.search(r"['\"/][^'\"]*/", condition)
            if not written or ("^" in condition and "$" in condition.replace(name, "")):
                return True
        return False

    def _all_checks(self) -> list[Check]:
        found = []
        for node in self._root.find_all({"rule": {"kind": "if_statement"}}):
            condition = node.field("condition")
            body = node.field("consequence") or node.field("body")
            if condition is None or body is None:
                continue
            text = condition.text()
            if len(text) <= 2000:
                found.append(Check(span(node), span(body), self._leaves(body), text, self._around(node)[0]))
        return found

    def _leaves(self, body: Node) -> bool:
        """Whether the last statement of the body ends the function, or the body answers and returns."""
        statements = body.named_children() if body.kind() in self._grammar.blocks else [body]
        statements = [item for item in statements if item.kind() != "comment"]
        if not statements:
            return False
        last = statements[-1]
        if last.kind() in self._grammar.exits:
            return True
        return _is_exit(last.text())


def _reaches(found: Definition, place: Span) -> bool:
    """Whether a value given in one block can still be there at a place."""
    if found.ends is None or found.block[0] <= place[0] < found.block[1]:
        return True
    return not found.ends[0] <= place[0] < found.ends[1]


def _is_exit(text: str) -> bool:
    low = text.lstrip()[:40].lower()
    return low.startswith(("die", "exit", "process.exit", "abort(", "wp_die", "throw"))


def _is_negated(condition: str) -> bool:
    return condition.lstrip("( ").startswith("!") or "!=" in condition or "=== false" in condition


def _literal(text: str) -> str:
    if text[:1] in "'\"" and text[-1:] == text[:1] and len(text) > 1:
        text = text[1:-1]
    return text[:TEXT_LIMIT]
