"""Find tables by name: the module's name is the table's name, so there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache

from secaudit.tableapi import TableSpec

TABLES = "secaudit.tables"


@cache
def table_modules() -> dict[str, str]:
    """Name of each built-in table -> its module, without importing any of them."""
    found: dict[str, str] = {}
    for family in pkgutil.iter_modules(importlib.import_module(TABLES).__path__):
        package = f"{TABLES}.{family.name}"
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if not module.name.startswith("_"):
                found[module.name] = f"{package}.{module.name}"
    return dict(sorted(found.items()))


def family_of(name: str) -> str:
    """The folder of a table: `host` for machines (kinds host and root), `project` for source code.

    Raises:
        KeyError: no table has this name.
    """
    return table_modules()[name].removeprefix(TABLES + ".").partition(".")[0]


@cache
def family_of_kind(kind: str) -> str:
    """The family of tables that look at a kind of target, as its package says; the kind itself when none does."""
    for family in sorted(set(map(family_of, table_modules()))):
        if kind in importlib.import_module(f"{TABLES}.{family}").KINDS:
            return family
    return kind


@cache
def load_table(name: str) -> TableSpec:
    """Give the table's spec; its module is imported now.

    Raises:
        KeyError: no table has this name.
    """
    module = importlib.import_module(table_modules()[name])
    spec: TableSpec = getattr(module, name).spec
    return spec


@cache
def tables_of(family: str) -> dict[str, TableSpec]:
    """The tables of one family, by name: an audit needs no others."""
    return {name: load_table(name) for name in table_modules() if family_of(name) == family}


def known_tables(names: Iterable[str]) -> dict[str, TableSpec]:
    """Those of the named tables that there are."""
    return {name: load_table(name) for name in sorted(set(names)) if name in table_modules()}


@cache
def all_tables() -> dict[str, TableSpec]:
    """Every table, by name."""
    return {name: load_table(name) for name in table_modules()}
