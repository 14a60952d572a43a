"""Lines of a log that a visitor can make up."""

from __future__ import annotations

import ast

from secaudit.tables.project._py_origin import REQUEST
from secaudit.tables.project._py_reader import Kind, Place
from secaudit.tables.project._py_rules import HIGH, Found, on_call
from secaudit.tables.project._py_values import Hole

FORGED = Kind("log-injection", 117, "low")


@on_call("debug", "info", "warning", "warn", "error", "critical", "exception")
def forged_line(place: Place, call: ast.Call) -> Found:
    """A value of a request in the text of a line: with a line break in it, it is two lines."""
    owner = place.dotted(call.func).rpartition(".")[0].lower()
    if not call.args or ("log" not in owner.rpartition(".")[2] and place.made_by(_owner(call)) != "logging.getLogger"):
        return
    if any(_shows_breaks(part) for part in ast.walk(call.args[0])):
        return
    shape = place.shape(call.args[0])
    is_built = any(isinstance(part, str) for part in shape)
    if is_built and any(isinstance(part, Hole) and part.origin.html >= REQUEST for part in shape):
        yield "log-line", FORGED, HIGH, "a value out of a request is put into the text of a line of the log"


def _shows_breaks(node: ast.AST) -> bool:
    """`%r` and `{name!r}` write a line break as two signs."""
    if isinstance(node, ast.FormattedValue):
        return node.conversion == ord("r")
    return (
        isinstance(node, ast.Constant) and isinstance(node.value, str) and ("%r" in node.value or "!r}" in node.value)
    )


def _owner(call: ast.Call) -> ast.expr | None:
    return call.func.value if isinstance(call.func, ast.Attribute) else None
