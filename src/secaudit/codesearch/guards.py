"""Conditions that make sure what a value is before it is used."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.bindings import Bindings, is_exit
from secaudit.codesearch.grammar import first_field, statements_of
from secaudit.codesearch.grammars import GRAMMARS
from secaudit.codesearch.values import Node
from secaudit.codesearch.words import Words

_TAKEN_APART = re.compile(
    r"\b(parse_url|new URL|realpath|pathinfo|extname|resolve|normalize|url\.Parse|URI\.parse|URI|URI\.create"
    r"|expand_path|filepath\.(Clean|Abs|Rel|Join|Ext)|getCanonicalPath|getCanonicalFile)\s*\("
)


_HOST = r"(?:\??\.(?:Host|Hostname\(\)|host|hostname))?"
"""The part of an address that decides who is called."""


class Check(NamedTuple):
    """One `if`."""

    whole: Span
    inside: Span
    leaves: bool
    """What follows the condition ends the function or the loop."""
    condition: str
    function: Span


class Guards:
    """The conditions of one file."""

    def __init__(self, root: Node, language: str, words: Words, bindings: Bindings) -> None:
        self._root = root
        self._grammar = GRAMMARS[language]
        self._words = words
        self._bindings = bindings
        self._checks: Optional[list[Check]] = None
        self._taken: Optional[list[tuple[str, str]]] = None

    def is_checked(self, name: str, place: Span) -> bool:
        """Whether a condition before it makes sure what the value is: a list of allowed ones, a pattern, a type."""
        if len(name) > 120:
            return False
        if self._checks is None:
            self._checks = self._all_checks()
        names = [name, *(alias for alias, text in self._parts() if name in text and alias != name)]
        return any(self._makes_sure(check, known, place) for known in names for check in self._checks)

    def _makes_sure(self, check: Check, name: str, place: Span) -> bool:
        condition = check.condition
        if check.whole[0] > place[0] or name not in condition or not self.is_guard(name, condition):
            return False
        if check.inside[0] <= place[0] < check.inside[1]:
            return not (_is_negated(condition) if check.leaves else condition.lstrip("( ").startswith("!"))
        if place[0] < check.whole[1] or not check.function[0] <= place[0] < check.function[1]:
            return False
        return check.leaves or (_is_negated(condition) and self._is_replaced(name, check.inside))

    def _is_replaced(self, name: str, inside: Span) -> bool:
        """Whether a block gives the variable another value: `if (!ok(x)) { x = 'a'; }`."""
        return any(
            found.kills and inside[0] <= found.start < inside[1] for found in self._bindings.known().get(name, ())
        )

    def _parts(self) -> list[tuple[str, str]]:
        """Variables that hold a part of another value, by which that value may be checked: the host of an address."""
        if self._taken is None:
            self._taken = [
                (name, found.right.text()[:300])
                for name, listed in self._bindings.known().items()
                for found in listed
                if found.right is not None and _TAKEN_APART.search(found.right.text()[:300])
            ]
        return self._taken

    def is_guard(self, name: str, condition: str) -> bool:
        escaped = re.escape(name)
        if re.search(r"(?<![\w$.>])" + escaped + r"(?![\w])", condition) is None:
            return False
        compared = re.search(r"(typeof\s+)?" + escaped + _HOST + r"\s*[!=]==?\s*(['\"]\w|\d)", condition)
        if compared is not None and compared.group(1) is None:
            return True
        for match in self._words.guards.finditer(condition):
            word = match.group(0)
            asks = any(sign in word for sign in ("test", "match", "=~", "!~"))
            written = asks and re.search(r"['\"/][^'\"]*/", condition)
            rest = condition.replace(name, "")
            if not written or any(begin in condition and end in rest for begin, end in self._grammar.anchors):
                return True
        return False

    def _all_checks(self) -> list[Check]:
        found = []
        grammar = self._grammar
        for node in self._root.find_all({"rule": {"any": [{"kind": kind} for kind in sorted(grammar.ifs)]}}):
            condition, body = node.field("condition"), first_field(node, "consequence", "body")
            if condition is None or body is None:
                continue
            text = condition.text()
            before = node.field("initializer")
            if before is not None:  # if _, ok := allowed[name]; !ok
                text = f"{text}; {before.text()}"
            if node.kind() in grammar.inverted:
                text = f"!({text})"
            if len(text) <= 2000:
                found.append(Check(span(node), span(body), self._leaves(body), text, self._bindings.around(node)[0]))
        return found

    def _leaves(self, body: Node) -> bool:
        """Whether the last statement of the body ends the function, or the body answers and returns."""
        statements = statements_of(body, self._grammar)
        if not statements:
            return False
        last = statements[-1]
        if last.kind() in self._grammar.exits:
            return True
        return is_exit(last.text())


def _is_negated(condition: str) -> bool:
    if condition.lstrip("( ").startswith("!") or "!=" in condition or "=== false" in condition:
        return True
    return re.search(r"\|\|\s*!", condition) is not None
