"""XML as a plain tree with lines. Entities of its own are refused, so that none can grow or reach a file."""

from __future__ import annotations

from typing import Iterator
from xml.parsers import expat

from secaudit.tables.project._package_model import Unreadable

MAX_NODES = 500_000
MAX_DEPTH = 100


class Node:
    """One element; names are without their namespace."""

    __slots__ = ("attributes", "children", "line", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Node] = []
        self.text = ""
        self.line = line

    def all(self, tag: str) -> Iterator[Node]:
        """Children of that name."""
        return (each for each in self.children if each.tag == tag)

    def first(self, *path: str) -> Node | None:
        """The first child on a path of names."""
        node: Node | None = self
        for tag in path:
            node = next(node.all(tag), None) if node is not None else None
        return node

    def value(self, *path: str) -> str:
        """The text of the first child on a path; empty when there is none."""
        node = self.first(*path)
        return node.text.strip() if node is not None else ""

    def walk(self) -> Iterator[Node]:
        """Give this element and all below it, in the order of the file."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


def load_xml(data: bytes) -> Node:
    """The top element.

    Raises:
        Unreadable: it is no XML, it declares entities, or it is too large or too deep.
    """
    top = Node("", {}, 0)
    stack = [top]
    count = 0
    parser = expat.ParserCreate()

    def start(tag: str, attributes: dict[str, str]) -> None:
        nonlocal count
        count += 1
        if count > MAX_NODES or len(stack) > MAX_DEPTH:
            raise Unreadable("it has too many elements, or they are nested too deeply")
        node = Node(tag.rpartition(":")[2], attributes, parser.CurrentLineNumber)
        stack[-1].children.append(node)
        stack.append(node)

    def end(_: str) -> None:
        stack.pop()

    def text(value: str) -> None:
        stack[-1].text += value

    def entity(*_: object) -> None:
        raise Unreadable("it declares entities, which no file of this kind needs")

    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.EntityDeclHandler = entity
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError) as problem:
        raise Unreadable(f"it is no XML: {str(problem)[:100]}") from None
    if not top.children:
        raise Unreadable("it is no XML: it is empty")
    return top.children[0]
