"""What gives a variable more than an assignment does: `text << part`, `text.append(part)`, `Decode(&in)`."""

from __future__ import annotations

import re
from typing import Iterator, Optional

from secaudit.codesearch.grammar import Grammar, arguments_of, callee_of, receiver_of
from secaudit.codesearch.values import Node

Span = tuple[int, int]


def span(node: Node) -> Span:
    found = node.range()
    return found.start.index, found.end.index


def added_to(root: Node, grammar: Grammar) -> Iterator[tuple[Node, Node, Node]]:
    """What adds to a variable without an assignment: `text << part`, `text.append(part)`."""
    if grammar.append_sign:
        sign = {"field": "operator", "regex": f"^{re.escape(grammar.append_sign)}$"}
        for node in root.find_all({"rule": {"any": [{"kind": kind, "has": sign} for kind in grammar.binaries]}}):
            left, right = node.field("left"), node.field("right")
            if left is not None and right is not None and left.kind() in grammar.names:
                yield node, left, right
    if grammar.appends:
        yield from _appended(root, grammar)


def _appended(root: Node, grammar: Grammar) -> Iterator[tuple[Node, Node, Node]]:
    bases: dict[Span, tuple[Node, Optional[Node]]] = {}  # of calls one after the other: sb.append(a).append(b)
    for node in root.find_all({"rule": {"any": [{"kind": kind} for kind in sorted(grammar.calls)]}}):
        name = callee_of(node)
        if name in grammar.fills:
            yield from ((node, target.field("operand"), node) for target in arguments_of(node) if is_address(target))
        if name not in grammar.appends:
            continue
        if span(node) not in bases:
            _note_base(grammar, node, bases)
        whole, base = bases[span(node)]
        arguments = arguments_of(node)
        if base is not None and arguments:
            yield whole, base, arguments[-1]


def _note_base(grammar: Grammar, node: Node, bases: dict[Span, tuple[Node, Optional[Node]]]) -> None:
    """Note for each of several calls all of them together, and the variable at their beginning."""
    chain = [span(node)]
    receiver = receiver_of(node)
    while receiver is not None and receiver.kind() in grammar.calls and callee_of(receiver) in grammar.appends:
        chain.append(span(receiver))
        receiver = receiver_of(receiver)
    found = receiver if receiver is not None and receiver.kind() in grammar.names else None
    bases.update(dict.fromkeys(chain, (node, found)))


def is_address(node: Node) -> bool:
    """Whether it is the address of a variable: `&in`."""
    operand = node.field("operand")
    if node.kind() != "unary_expression" or operand is None:
        return False
    return bool(operand.kind() == "identifier" and node.text()[:1] == "&")
