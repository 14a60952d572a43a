"""The functions of one Python file: what they give back, and whether one that promises to check or clean does it.

A name such as `sanitize` is believed where the function stands in another file. One of this file is read.
"""

from __future__ import annotations

import ast
from typing import Union

from secaudit.tables.project._py_origin import CARRYING, CLEAN, CLEAN_FOR

MAX_STATEMENTS = 60
"""A longer function is taken to do something."""

FunctionNode = Union[ast.FunctionDef, ast.AsyncFunctionDef]

_DECIDING = (
    ast.If,
    ast.IfExp,
    ast.Raise,
    ast.Assert,
    ast.Compare,
    ast.BoolOp,
    ast.UnaryOp,
    ast.While,
    ast.For,
    ast.Dict,
)
_NO_CLEANING = frozenset("print log debug info warning error exception".split())
_ESCAPING = ("&lt;", "&amp;", "&#")


class Functions:
    """The functions and methods of one file by their names."""

    def __init__(self, tree: ast.AST) -> None:
        self._by_name: dict[str, list[FunctionNode]] = {}
        self._hollow: dict[str, bool] = {}
        for node in ast.walk(tree):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._by_name.setdefault(node.name, []).append(node)

    def named(self, name: str) -> FunctionNode | None:
        """The only function of that name in the file."""
        found = self._by_name.get(name, [])
        return found[0] if len(found) == 1 else None

    def is_hollow(self, name: str) -> bool:
        """Whether a function stands in this file and neither decides anything nor takes anything out of its value."""
        if name not in self._hollow:
            function = self.named(name)
            self._hollow[name] = function is not None and _does_nothing(function)
        return self._hollow[name]


def _does_nothing(function: FunctionNode) -> bool:
    nodes = [part for statement in function.body for part in ast.walk(statement)]
    if sum(isinstance(part, ast.stmt) for part in nodes) > MAX_STATEMENTS or function.decorator_list:
        return False
    if not any(isinstance(part, ast.Return) and part.value is not None for part in nodes):
        return False
    for part in nodes:
        if isinstance(part, _DECIDING) or type(part).__name__ in ("Try", "TryStar", "Match", "Await", "Yield"):
            return False
        if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.startswith(_ESCAPING):
            return False
        if isinstance(part, ast.Call) and not _only_carries(part):
            return False
    return True


def _only_carries(call: ast.Call) -> bool:
    """Whether a call gives back what it got, or only writes a line for people."""
    name = getattr(call.func, "attr", None) or getattr(call.func, "id", "")
    if name in _NO_CLEANING:
        return True
    is_cleaning = name in CLEAN or any(name in names for names in CLEAN_FOR.values())
    return name in CARRYING and not is_cleaning
