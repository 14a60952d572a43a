"""How a rule about Python code is written: a function with a mark that says at which calls or statements it looks.

Rules live in modules `_py_rules_<topic>.py` of this folder, found by name. A rule yields (its id, the kind of weakness,
how sure it is, what is wrong); `high` only where the code itself shows the fault, or a value of a request reaches it.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import lru_cache
from typing import Callable, Iterator, NamedTuple, TypeVar

from secaudit.tables.project._py_origin import LOCAL, UNKNOWN
from secaudit.tables.project._py_reader import CallRule, Kind, NodeRule

HIGH, MEDIUM, LOW = "high", "medium", "low"
PREFIX = "_py_rules_"
Found = Iterator[tuple[str, Kind, str, str]]
F = TypeVar("F", bound=Callable[..., Found])


class Rules(NamedTuple):
    """All rules, by what they look at."""

    calls: dict[str, list[CallRule]]
    nodes: dict[type, list[NodeRule]]


def on_call(*names: str) -> Callable[[F], F]:
    """Look at calls of functions or methods with one of these last names."""

    def mark(function: F) -> F:
        function.call_names = names  # type: ignore[attr-defined]
        return function

    return mark


def on_node(*types: type) -> Callable[[F], F]:
    """Look at statements or expressions of these types."""

    def mark(function: F) -> F:
        function.node_types = types  # type: ignore[attr-defined]
        return function

    return mark


def sure(level: int) -> str:
    """How sure a rule is when a value of that level reaches it."""
    return HIGH if level >= LOCAL else (MEDIUM if level == UNKNOWN else LOW)


@lru_cache(maxsize=1)
def all_rules() -> Rules:
    """The rules of all topics."""
    calls: dict[str, list[CallRule]] = {}
    nodes: dict[type, list[NodeRule]] = {}
    package = importlib.import_module(__package__ or "secaudit.tables.project")
    for module in sorted(item.name for item in pkgutil.iter_modules(package.__path__) if item.name.startswith(PREFIX)):
        for function in vars(importlib.import_module(f"{package.__name__}.{module}")).values():
            for name in getattr(function, "call_names", ()):
                calls.setdefault(name, []).append(function)
            for kind in getattr(function, "node_types", ()):
                nodes.setdefault(kind, []).append(function)
    return Rules(calls, nodes)
