"""What an expression of a program may hold: text written in the code, something cleaned, a parameter, or data that a
user sends. Languages differ in the names of their tree nodes only; those names are the dictionaries below.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

CONSTANT, CLEAN, UNKNOWN, PARAMETER, REQUEST = range(5)
QUOTED = 5
ORIGINS = {
    "constant": CONSTANT,
    "clean": CLEAN,
    "unknown": UNKNOWN,
    "parameter": PARAMETER,
    "request": REQUEST,
    "quoted": QUOTED,
}
"""The words of rules. `quoted` is a parameter between single quotes."""

TEXT_LIMIT = 4000

Node = Any
"""A node of ast-grep-py."""


class Value(NamedTuple):
    """What is known of an expression."""

    level: int
    """One of the five above: the worst of its parts."""
    built: bool = False
    """It is put together from text and values: by `+`, by a template, by a function such as sprintf."""
    text: str = ""
    """The literal pieces in it."""
    quoted: bool = False
    """A parameter, or worse, stands right after a single quote: in SQL that is a value and no name of a table."""
    escaped: int = CONSTANT
    """What it was before quotes in it were escaped. That helps only where it stands between quotes."""


NOTHING = Value(CONSTANT)
CLEANED = Value(CLEAN)
UNSEEN = Value(UNKNOWN)


def joined(values: list[Value], built: bool = False) -> Value:
    """Several parts as one, in the order of the text."""
    level, text, escaped, quoted = CONSTANT, "", CONSTANT, False
    for value in values:
        level = max(level, value.level)
        quoted = quoted or value.quoted or (built and value.level >= PARAMETER and text.rstrip("%").endswith("'"))
        if value.escaped:
            if built and text and text.count("'") % 2 == 0 and text.count('"') % 2 == 0:
                level = max(level, value.escaped)  # WHERE id = $id needs no quote to be left
            else:
                escaped = max(escaped, value.escaped)
        built = built or value.built
        if len(text) < TEXT_LIMIT:
            text += value.text
    return Value(level, built, text, quoted, escaped if not built else CONSTANT)


class Grammar(NamedTuple):
    """How one language names what we look at."""

    functions: frozenset[str]
    closures: frozenset[str]
    """Functions that see the variables around them."""
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
    exits: frozenset[str]
    joins: frozenset[str]
    """Operators that put text together."""
    passes: frozenset[str]
    """Operators that give one of their sides."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SCRIPT = Grammar(
    functions=_words(
        "function_declaration function_expression arrow_function method_definition generator_function"
        " generator_function_declaration"
    ),
    closures=_words(
        "function_declaration function_expression arrow_function method_definition generator_function"
        " generator_function_declaration"
    ),
    names=_words("identifier shorthand_property_identifier shorthand_property_identifier_pattern"),
    calls=_words("call_expression new_expression"),
    members=_words("member_expression"),
    subscripts=_words("subscript_expression"),
    templates=_words("template_string"),
    literals=_words("string string_fragment number regex true false null undefined"),
    fixed=_words("this super import meta_property update_expression class class_declaration"),
    ignored=_words(
        "comment type_annotation type_identifier predefined_type generic_type type_arguments property_identifier"
        " statement_identifier object_type union_type literal_type array_type escape_sequence"
    ),
    choices=_words("ternary_expression"),
    binaries=_words("binary_expression"),
    unaries=_words("unary_expression"),
    casts=frozenset(),
    assignments=_words("variable_declarator assignment_expression augmented_assignment_expression"),
    loops=_words("for_in_statement"),
    parameters=_words("formal_parameters"),
    blocks=_words("statement_block program switch_case switch_default class_body"),
    exits=_words("return_statement throw_statement break_statement continue_statement"),
    joins=_words("+"),
    passes=_words("|| && ??"),
)

PHP = Grammar(
    functions=_words("function_definition method_declaration anonymous_function arrow_function"),
    closures=_words("anonymous_function arrow_function"),
    names=_words("variable_name"),
    calls=_words(
        "function_call_expression member_call_expression scoped_call_expression nullsafe_member_call_expression"
        " object_creation_expression"
    ),
    members=_words("member_access_expression nullsafe_member_access_expression scoped_property_access_expression"),
    subscripts=_words("subscript_expression"),
    templates=_words("encapsed_string heredoc heredoc_body shell_command_expression"),
    literals=_words("string string_content nowdoc nowdoc_body nowdoc_string integer float boolean null"),
    fixed=_words("name qualified_name class_constant_access_expression relative_scope update_expression"),
    ignored=_words("comment heredoc_start heredoc_end escape_sequence text_interpolation cast_type"),
    choices=_words("conditional_expression"),
    binaries=_words("binary_expression"),
    unaries=_words("unary_op_expression"),
    casts=_words("cast_expression"),
    assignments=_words("assignment_expression augmented_assignment_expression reference_assignment_expression"),
    loops=_words("foreach_statement"),
    parameters=_words("formal_parameters"),
    blocks=_words(
        "compound_statement program colon_block case_statement default_statement else_clause declaration_list"
    ),
    exits=_words("return_statement throw_expression exit_statement break_statement continue_statement"),
    joins=_words("."),
    passes=_words("?? || && or and ?:"),
)

GRAMMARS = {"javascript": SCRIPT, "typescript": SCRIPT, "tsx": SCRIPT, "php": PHP}

NUMBER_CASTS = frozenset("int integer float double real bool boolean".split())


def callee_of(node: Node) -> str:
    """The last part of what a call names: `query` of `this.db.query(...)`; empty when it is no name."""
    named = node.field("function") or node.field("name") or node.field("constructor")
    if named is None:  # object_creation_expression of PHP has no field for the class
        children = node.named_children()
        named = children[0] if children else None
    if named is None:
        return ""
    prop = named.field("property")
    text = str((prop or named).text())
    return text[:200].replace("\\", ".").rpartition(".")[2] if len(text) < 400 else ""


def receiver_of(node: Node) -> Optional[Node]:
    """What a method is called on; None for a plain function."""
    receiver = node.field("object")
    if receiver is not None:
        return receiver
    function = node.field("function")
    return function.field("object") if function is not None else None
