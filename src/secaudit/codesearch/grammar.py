"""How a language names the nodes of its trees, and how to ask a node by those names."""

from __future__ import annotations

from typing import NamedTuple, Optional

from secaudit.codesearch.values import Node

NUMBER_CASTS = frozenset("int integer float double real bool boolean long short byte".split())


def words(text: str) -> frozenset[str]:
    """Words as a set."""
    return frozenset(text.split())


class Grammar(NamedTuple):
    """How one language names what we look at. What a language does not have is left out."""

    functions: frozenset[str]
    names: frozenset[str]
    """Nodes that are the name of a variable."""
    calls: frozenset[str]
    members: frozenset[str]
    subscripts: frozenset[str]
    templates: frozenset[str]
    literals: frozenset[str]
    fixed: frozenset[str]
    """Nodes whose value no user decides: comparisons of types, constants of classes."""
    ignored: frozenset[str]
    choices: frozenset[str]
    binaries: frozenset[str]
    unaries: frozenset[str]
    casts: frozenset[str]
    assignments: frozenset[str]
    loops: frozenset[str]
    parameters: frozenset[str]
    blocks: frozenset[str]
    """Nodes whose children are statements."""
    exits: frozenset[str]
    joins: frozenset[str]
    """Operators that put text together."""
    passes: frozenset[str]
    """Operators that give one of their sides."""
    comments: frozenset[str]
    switches: frozenset[str] = frozenset()
    """Expressions that choose by a value, which is their field `value` or `condition`."""
    cases: frozenset[str] = frozenset()
    """Blocks of a switch."""
    number_types: frozenset[str] = frozenset()
    """Types of parameters in which no text fits, in lower case."""
    ifs: frozenset[str] = frozenset(("if_statement",))
    inverted: frozenset[str] = frozenset()
    """Those of them that ask for the opposite: `unless`."""
    anchors: tuple[tuple[str, str], ...] = (("^", "$"),)
    """What begins and ends a pattern that covers a whole text."""
    pairs: frozenset[str] = frozenset()
    """Nodes of a key and a value."""
    objects: frozenset[str] = frozenset()
    """Written collections whose keys can be told apart."""
    lists: frozenset[str] = frozenset()
    """Several names, or several values, on one side of an assignment."""
    appends: frozenset[str] = frozenset()
    """Methods that add to what they are called on."""
    fills: frozenset[str] = frozenset()
    """Functions that put data into what the address of is handed to them: `json.Unmarshal(data, &in)`."""
    append_sign: str = ""
    """An operator that does so."""
    heredocs: tuple[str, str] = ("", "")
    """A text that stands below the line in which it is named: the node that names it, and the text."""
    lone_parameter: tuple[str, str] = ("", "")
    """A function with one parameter without brackets, and the field with it."""
    classes: frozenset[str] = frozenset()
    """Nodes that name a class or module when they begin with a capital letter."""
    free_names_are_libraries: bool = False
    """A name that the file gives no value is a package."""
    has_getters: bool = False
    """A call without arguments may be a member: `user.name`, `user.getName()`."""
    values_are_last: bool = False
    """A declaration has no name for its value: it is what stands last in it."""
    loops_by_place: bool = False
    """A loop has no names for its parts: first the collection, then the variable."""


def callee_of(node: Node) -> str:
    """The last part of what a call names: `query` of `this.db.query(...)`; empty when it is no name."""
    named = None
    for field in ("function", "method", "name", "constructor", "type"):
        named = named or node.field(field)
    if named is None:  # object_creation_expression of PHP has no field for the class
        children = node.named_children()
        named = children[0] if children else None
    if named is None:
        return ""
    prop = named.field("property") or named.field("field") or named.field("name")
    text = str((prop or named).text())
    return text[:200].replace("\\", ".").rpartition(".")[2] if len(text) < 400 else ""


def receiver_of(node: Node) -> Optional[Node]:
    """What a method is called on; None for a plain function."""
    for asked in (node, node.field("function")):
        for field in ("object", "receiver", "operand", "expression"):
            receiver = asked.field(field) if asked is not None else None
            if receiver is not None:
                return receiver
    return None


def arguments_of(node: Node) -> list[Node]:
    """The arguments of a call."""
    found = node.field("arguments")
    if found is None:
        found = next((child for child in node.named_children() if child.kind() == "arguments"), None)
    return found.named_children() if found is not None else []


def statements_of(node: Node, grammar: Grammar) -> list[Node]:
    """The statements of a block, or the one statement without a block."""
    found = [node]
    while len(found) == 1 and found[0].kind() in grammar.blocks | grammar.cases | {"block"}:
        found = [child for child in found[0].named_children() if child.kind() not in grammar.comments]
    return found


def first_field(node: Node, *fields: str) -> Optional[Node]:
    """The first of several fields that a node has."""
    for field in fields:
        found = node.field(field)
        if found is not None:
            return found
    return None
