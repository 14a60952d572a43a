"""Conditions that make sure what a value is before it is used."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.bindings import Bindings, is_exit
from secaudit.codesearch.functions import Functions
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


_CONTAINS = re.compile(
    r"\.(includes|indexOf|search|match|endsWith)$|(?i:^(stri?pos|stri?str|str_contains|str_ends_with))$"
)
"""A value that must hold or end with a text can still begin as it likes."""

_PLACES = frozenset("open-redirect ssrf path-traversal file-inclusion command-injection".split())
"""Weaknesses where the beginning of a value matters."""


_SAME = r"(?:(?:strtolower|strtoupper|mb_strtolower|trim|String)\(\s*)"
_RECEIVER = re.compile(r"[\w$.\[\]'\">?()-]{1,120}\Z")


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

    def __init__(self, root: Node, language: str, words: Words, bindings: Bindings, functions: Functions) -> None:
        self._root = root
        self._grammar = GRAMMARS[language]
        self._words = words
        self._bindings = bindings
        self._functions = functions
        self._checks: Optional[list[Check]] = None
        self._taken: Optional[list[tuple[str, str]]] = None

    def is_checked(self, name: str, place: Span, weakness: str) -> bool:
        """Whether a condition before it makes sure what the value is: a list of allowed ones, a pattern, a type."""
        if len(name) > 120:
            return False
        if self._checks is None:
            self._checks = self._all_checks()
        names = [name, *(alias for alias, text in self._parts() if name in text and alias != name)]
        return any(self._makes_sure(check, known, place, weakness) for known in names for check in self._checks)

    def _makes_sure(self, check: Check, name: str, place: Span, weakness: str) -> bool:
        condition = check.condition
        if check.whole[0] > place[0] or name not in condition:
            return False
        within = check.inside[0] <= place[0] < check.inside[1]
        if not self.is_guard(name, condition, weakness, within):
            return False
        if within:
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

    def is_guard(self, name: str, condition: str, weakness: str, within: bool = True) -> bool:
        """Whether a condition asks something of the value that makes it harmless; `within`: where the answer is yes."""
        escaped = re.escape(name)
        if re.search(r"(?<![\w$.>])" + escaped + r"(?![\w])", condition) is None:
            return False
        part = escaped + _HOST
        compared = re.search(
            rf"(typeof\s+)?(?:{_SAME}{part}\s*\)|{part}(?:\.to\w+Case\(\))?)\s*[!=]==?\s*(['\"]\w|\d)", condition
        )
        if compared is not None and compared.group(1) is None:
            return True
        for match in self._words.guards.finditer(condition):
            word = match.group(0)
            if not _concerns(name, condition, match):
                continue
            called = re.search(r"(\w+)\s*\($", word)
            if called is not None and self._functions.is_hollow(called.group(1)):
                continue
            if weakness in _PLACES and self._is_found_anywhere(name, condition, match, within):
                continue
            asks = any(sign in word for sign in ("test", "match", "=~", "!~"))
            written = asks and re.search(r"['\"/][^'\"]*/", condition)
            rest = condition.replace(name, "")
            if not written or any(begin in condition and end in rest for begin, end in self._grammar.anchors):
                return True
        return False

    def _is_found_anywhere(self, name: str, condition: str, match: re.Match[str], within: bool) -> bool:
        """`url.includes('ours.example')`: a text that the value must hold, anywhere, which proves nothing."""
        word = match.group(0).rstrip("( ")
        if word.endswith(("endsWith", "str_ends_with")):
            return True
        if _CONTAINS.search(word) is None:
            return False
        inner = _inner(condition, match.end())
        if word.startswith("."):
            receiver = _RECEIVER.search(condition[: match.start()].rstrip("?!"))
            if receiver is None or name not in receiver.group(0):
                return False  # ALLOWED.includes(url)
        if re.search(r"(?:^|,)\s*['\"](\.\.|/|://|//|\.\./|\\\\)", inner):
            return False  # a text that must not be there
        if re.search(r"(?:^|,)\s*['\"]", inner):
            return True
        is_no = (
            condition.lstrip("( ").startswith("!")
            or re.search(r"(===?\s*(false|-1)|<\s*0)", condition[match.start() :]) is not None
        )
        return is_no != within

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


def _inner(condition: str, start: int) -> str:
    """What stands between the brackets that were opened just before."""
    depth = 1
    for at in range(start, len(condition)):
        depth += {"(": 1, ")": -1}.get(condition[at], 0)
        if depth == 0:
            return condition[start:at]
    return condition[start:]


def _concerns(name: str, condition: str, match: re.Match[str]) -> bool:
    """Whether the value is what a call is made on or is given; of `isset(LIST[$x])` and `x in LIST` it is."""
    word = match.group(0)
    if not word.rstrip().endswith("("):
        return True
    if name in _inner(condition, match.end()):
        return True
    before = condition[: match.start()] if word.startswith(".") else ""
    return name in before[-len(name) - 60 :]
