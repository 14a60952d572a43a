"""Find tables by name: the module's name is the table's name, so there is no list to edit."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from secaudit.tableapi import TableSpec

PACKAGES = ("secaudit.tables.host",)


@cache
def table_modules() -> dict[str, str]:
    """Name of each built-in table -> its module, without importing any of them."""
    found: dict[str, str] = {}
    for package in PACKAGES:
        for module in pkgutil.iter_modules(importlib.import_module(package).__path__):
            if not module.name.startswith("_"):
                found[module.name] = f"{package}.{module.name}"
    return dict(sorted(found.items()))


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
def all_tables() -> dict[str, TableSpec]:
    """Every table, by name."""
    return {name: load_table(name) for name in table_modules()}
