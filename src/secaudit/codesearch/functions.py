"""The functions of one file: what they give back, who calls them, and whether one that promises to check does check.

A name such as `sanitize` is believed where the function stands in another file. One of this file is read.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.grammar import callee_of
from secaudit.codesearch.grammars import GRAMMARS
from secaudit.codesearch.values import Node
from secaudit.codesearch.words import Words

MAX_CALLERS = 12
MAX_RETURNS = 12
MAX_BODY = 6000
"""Signs; a longer function is taken to do something."""

_NAMED = frozenset("function_declaration function_definition method_declaration method_definition".split())
_DECIDES = re.compile(
    r"\bif\b|\?|\bthrow\b|\bswitch\b|\bmatch\b|===?|!==?|&lt;|&amp;|&#|&quot;|\breturn\s+!|&&|\|\|"
    r"|\[[^\]\n]{2,60}\][+*]?[/#~]"
)
"""A condition, an entity of HTML, or a pattern with a list of signs."""

_CALLED = re.compile(r"(\w+)\s*\(")
_NO_CALL = frozenset("function if for while return foreach array log error info warn debug print echo".split())


class Function(NamedTuple):
    """One function that has a name."""

    name: str
    node: Node
    parameters: tuple[str, ...]
    """By their place; empty where a parameter is taken apart."""


class Functions:
    """The functions of one file."""

    def __init__(self, root: Node, language: str, words: Words) -> None:
        self._root = root
        self._grammar = GRAMMARS[language]
        self._language = language
        self._words = words
        self._by_name: Optional[dict[str, list[Function]]] = None
        self._by_span: dict[Span, Function] = {}
        self._calls: Optional[dict[str, list[Node]]] = None
        self._hollow: dict[str, bool] = {}

    def named(self, name: str) -> Optional[Function]:
        """The only function of this name in the file."""
        if self._by_name is None:
            self._by_name = self._all_functions()
        found = self._by_name.get(name, [])
        return found[0] if len(found) == 1 else None

    def called(self, node: Node) -> Optional[Function]:
        """The function of this file that a call runs: `build(x)`, `this.build(x)`, `self::build($x)`."""
        name = callee_of(node)
        if not name or not self._is_plain(node, name):
            return None
        return self.named(name)

    def _is_plain(self, node: Node, name: str) -> bool:
        head = node.text()[: len(name) + 20].lstrip("\\")
        starts = (name, f"this.{name}", f"$this->{name}", f"self::{name}", f"static::{name}", f"new {name}")
        return bool(head.startswith(starts))

    def given(self, name: str, function: Span) -> list[Node]:
        """What calls in this file hand to a parameter."""
        if self._by_name is None:
            self._by_name = self._all_functions()
        known = self._by_span.get(function)
        if known is None or name not in known.parameters or self.named(known.name) is not known:
            return []
        place = known.parameters.index(name)
        found = []
        for call in self._calls_of(known.name):
            arguments = call.field("arguments") or next(
                (child for child in call.named_children() if child.kind() == "arguments"), None
            )
            children = [child for child in arguments.named_children() if child.kind() != "comment"] if arguments else []
            if place < len(children) and not any(child.kind() == "spread_element" for child in children[: place + 1]):
                found.append(children[place])
        return found

    def returned(self, function: Function) -> list[Node]:
        """The expressions that a function gives back."""
        body = function.node.field("body")
        if body is None:
            return []
        if body.kind() not in self._grammar.blocks:
            return [body]  # x => x + 1
        own = span(function.node)
        found = []
        for node in body.find_all({"rule": {"kind": "return_statement"}}):
            around = next((span(above) for above in node.ancestors() if above.kind() in self._grammar.functions), own)
            children = [child for child in node.named_children() if child.kind() != "comment"]
            if around == own and children:
                found.append(children[0])
        return found if len(found) <= MAX_RETURNS else []

    def is_hollow(self, name: str) -> bool:
        """Whether a function stands in this file and neither decides anything nor takes anything out of its value."""
        if name not in self._hollow:
            function = self.named(name)
            self._hollow[name] = function is not None and self._does_nothing(function)
        return self._hollow[name]

    def _does_nothing(self, function: Function) -> bool:
        body = function.node.field("body")
        text = body.text() if body is not None else ""
        if not text or len(text) > MAX_BODY or _DECIDES.search(text):
            return False
        called = {match.group(1) for match in _CALLED.finditer(text)} - _NO_CALL
        return called <= self._words.passing

    def _calls_of(self, name: str) -> list[Node]:
        if self._calls is None:
            self._calls = {}
            kinds = [{"kind": kind} for kind in sorted(self._grammar.calls)]
            for node in self._root.find_all({"rule": {"any": kinds}}):
                called = callee_of(node)
                listed = self._calls.setdefault(called, [])
                if called and len(listed) < MAX_CALLERS and self._is_plain(node, called):
                    listed.append(node)
        return self._calls.get(name, [])

    def _all_functions(self) -> dict[str, list[Function]]:
        found: dict[str, list[Function]] = {}
        kinds = [{"kind": kind} for kind in sorted(self._grammar.functions)]
        for node in self._root.find_all({"rule": {"any": kinds}}):
            name = self._name_of(node)
            if name:
                made = Function(name, node, self._parameters(node))
                found.setdefault(name, []).append(made)
                self._by_span[span(node)] = made
        return found

    def _name_of(self, node: Node) -> str:
        named = node.field("name")
        if node.kind() in _NAMED:
            name = str(named.text()) if named is not None else ""
            return self._class_of(node) if name in ("__construct", "constructor") else name
        above = node.parent()
        if above is None or self._language == "php":
            return ""
        if above.kind() == "variable_declarator":
            target = above.field("name")
            return str(target.text()) if target is not None and target.kind() == "identifier" else ""
        if above.kind() == "assignment_expression":
            target = above.field("left")
            text = str(target.text()) if target is not None else ""
            return text.rpartition(".")[2] if text.startswith(("this.", "exports.", "module.exports.")) else ""
        return ""

    def _class_of(self, node: Node) -> str:
        """The class that a constructor makes: `new Name(...)` calls it."""
        above = next((one for one in node.ancestors() if one.kind() == "class_declaration"), None)
        named = above.field("name") if above is not None else None
        return str(named.text()) if named is not None else ""

    def _parameters(self, node: Node) -> tuple[str, ...]:
        listed = node.field("parameters")
        if listed is None:
            single = node.field("parameter")
            return (str(single.text()),) if single is not None else ()
        names = []
        for parameter in listed.named_children():
            if parameter.kind() == "comment":
                continue
            name = parameter.field("name") or parameter.field("pattern") or parameter.field("left") or parameter
            names.append(str(name.text()) if name.kind() in self._grammar.names else "")
        return tuple(names)
