"""YAML files of a project as a tree with line numbers, within bounds: a file may be made to fill the memory.

Read from the events of the parser, so that nothing is built that was not counted: nodes, depth, and what aliases unfold
to. Nothing is turned into objects: `on`, `yes` and `012` stay the text that they are, and whoever asks decides.
"""

from __future__ import annotations

from typing import Any, Iterator

MAX_NODES = 300_000
"""Nodes of one file, each alias counted with all that it stands for."""
MAX_DEPTH = 64
MAX_DOCUMENTS = 2_000

_TRUE = frozenset(("true", "yes", "on", "y"))
_FALSE = frozenset(("false", "no", "off", "n"))
_NULL = frozenset(("", "~", "null", "Null", "NULL"))


class Unreadable(Exception):
    """The file is no YAML, or too much of it. The text is for a person."""


class Node:
    """A mapping (`map`), a list (`list`) or a text (`text`)."""

    __slots__ = ("block", "items", "kind", "line", "origin", "plain", "size", "tag", "text")

    def __init__(
        self, kind: str, line: int, text: str = "", plain: bool = False, tag: str = "", origin: str = ""
    ) -> None:
        self.kind = kind
        self.line = line
        """From 1."""
        self.text = text
        self.plain = plain
        """True for a text without quotes, which may mean a number, a boolean or nothing."""
        self.tag = tag
        self.origin = origin
        """The path of the file, where several are put together."""
        self.block = False
        """True for a text behind `|` or `>`: its first line is the one below."""
        self.items: list[Any] = []
        """Of a list its nodes, of a mapping pairs of nodes, merge keys resolved."""
        self.size = 1

    @property
    def is_null(self) -> bool:
        """True for `key:` with nothing behind it."""
        return self.kind == "text" and self.plain and self.text in _NULL


def load(data: bytes, origin: str = "") -> list[Node]:
    """The documents of a file; none for a file of comments.

    Raises:
        Unreadable: no YAML, or beyond the bounds.
    """
    import yaml

    loader: Any = getattr(yaml, "CLoader", yaml.Loader)
    builder = _Builder(origin)
    try:
        for event in yaml.parse(data, Loader=loader):
            builder.take(type(event).__name__, event)
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None)
        where = f" in line {mark.line + 1}" if mark is not None else ""
        what = str(getattr(problem, "problem", None) or "no text that YAML allows")
        raise Unreadable(f"{what}{where}") from None
    except (RecursionError, ValueError, UnicodeError):
        raise Unreadable("no text that YAML allows") from None
    return builder.documents


class _Builder:
    """Puts events together."""

    def __init__(self, origin: str) -> None:
        self._origin = origin
        self.documents: list[Node] = []
        self._open: list[Node] = []
        self._keys: list[Node | None] = []
        self._anchors: dict[str, Node] = {}
        self._anchored: list[str | None] = []
        self._total = 0

    def take(self, name: str, event: Any) -> None:
        if name == "ScalarEvent":
            plain = not event.style
            tag = event.tag if isinstance(event.tag, str) else ""
            node = Node("text", event.start_mark.line + 1, event.value, plain, tag, self._origin)
            node.block = event.style in ("|", ">")
            if event.anchor:
                self._anchors[event.anchor] = node
            self._put(node)
        elif name in ("MappingStartEvent", "SequenceStartEvent"):
            if len(self._open) >= MAX_DEPTH:
                raise Unreadable(f"nested deeper than {MAX_DEPTH} levels")
            tag = event.tag if isinstance(event.tag, str) else ""
            kind = "map" if name == "MappingStartEvent" else "list"
            self._open.append(Node(kind, event.start_mark.line + 1, tag=tag, origin=self._origin))
            self._keys.append(None)
            self._anchored.append(event.anchor)
        elif name in ("MappingEndEvent", "SequenceEndEvent"):
            node = self._open.pop()
            self._keys.pop()
            anchor = self._anchored.pop()
            if node.kind == "map":
                _merge(node)
            if anchor:
                self._anchors[anchor] = node
            self._put(node, grown=0)
        elif name == "AliasEvent":
            known = self._anchors.get(event.anchor)
            if known is None:
                raise Unreadable(f"an alias that stands for nothing in line {event.start_mark.line + 1}")
            self._put(known, grown=known.size)
        elif name == "DocumentEndEvent":
            self._anchors = {}
            if len(self.documents) > MAX_DOCUMENTS:
                raise Unreadable(f"more than {MAX_DOCUMENTS} documents")

    def _put(self, node: Node, grown: int = 1) -> None:
        self._total += grown if grown else 1
        if self._total > MAX_NODES:
            raise Unreadable(f"more than {MAX_NODES} values, aliases counted")
        if not self._open:
            self.documents.append(node)
            return
        parent = self._open[-1]
        parent.size += node.size
        if parent.kind == "list":
            parent.items.append(node)
            return
        key = self._keys[-1]
        if key is None:
            self._keys[-1] = node
        else:
            parent.items.append((key, node))
            self._keys[-1] = None


def _merge(node: Node) -> None:
    """Put in what `<<` names; own keys win, and the first of several mappings."""
    if not any(key.kind == "text" and key.text == "<<" and key.plain for key, _ in node.items):
        return
    own = [(key, value) for key, value in node.items if not (key.kind == "text" and key.text == "<<" and key.plain)]
    known = {key.text for key, _ in own if key.kind == "text"}
    for key, value in node.items:
        if not (key.kind == "text" and key.text == "<<" and key.plain):
            continue
        for source in value.items if value.kind == "list" else [value]:
            if not isinstance(source, Node) or source.kind != "map":
                continue
            for merged_key, merged in source.items:
                if merged_key.text not in known:
                    known.add(merged_key.text)
                    own.append((merged_key, merged))
    node.items = own


# ---------------------------------------------------------------- asking


def pairs(node: Node | None) -> list[tuple[str, Node, Node]]:
    """Name, key and value of each entry of a mapping, the last of equal names; none for anything else."""
    if node is None or node.kind != "map":
        return []
    found: dict[str, tuple[str, Node, Node]] = {}
    for key, value in node.items:
        if key.kind == "text":
            found[key.text] = (key.text, key, value)
    return list(found.values())


def get(node: Node | None, *names: str) -> Node | None:
    """What stands at the end of a path of names; None when there is nothing."""
    for name in names:
        if node is None or node.kind != "map":
            return None
        value = None
        for key, candidate in node.items:
            if key.kind == "text" and key.text == name:
                value = candidate
        node = value
    return node


def listed(node: Node | None) -> list[Node]:
    """The entries of a list; none for anything else."""
    return list(node.items) if node is not None and node.kind == "list" else []


def text_of(node: Node | None) -> str:
    """The text; empty for nothing, a list or a mapping."""
    return "" if node is None or node.kind != "text" or node.is_null else node.text


def texts_of(node: Node | None) -> list[str]:
    """The texts of a list, or the one text."""
    if node is None:
        return []
    if node.kind == "list":
        return [entry.text for entry in node.items if entry.kind == "text"]
    return [node.text] if node.kind == "text" and not node.is_null else []


def truth(node: Node | None) -> bool | None:
    """True or false as programs read it, in quotes as well; None for anything else."""
    if node is None or node.kind != "text":
        return None
    low = node.text.strip().lower()
    return True if low in _TRUE else False if low in _FALSE else None


def line_of(node: Node | None, otherwise: int) -> int:
    """The line where something stands."""
    return otherwise if node is None else node.line


def line_in(node: Node, offset: int) -> int:
    """The line of a place inside a text."""
    return node.line + int(node.block) + node.text.count("\n", 0, offset)


def walk(node: Node) -> Iterator[Node]:
    """All texts below a node, aliases unfolded; their number is bounded by MAX_NODES."""
    stack = [node]
    while stack:
        here = stack.pop()
        if here.kind == "text":
            yield here
        elif here.kind == "list":
            stack.extend(reversed(here.items))
        else:
            for key, value in reversed(here.items):
                stack.extend((value, key))
