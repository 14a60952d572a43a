"""Use cases that show tables."""

from __future__ import annotations

import inspect

from secaudit.app.listing import Listing, Page
from secaudit.content.decode import nearest
from secaudit.content.schema import field_docs
from secaudit.engine.registry import load_table, table_modules
from secaudit.errors import UsageError
from secaudit.tableapi import TableSpec


def list_tables() -> Listing:
    """All tables with the first line of their description."""
    rows = []
    for name in table_modules():
        spec = load_table(name)
        rows.append((name, len(spec.columns), " ".join(sorted(spec.targets)), _summary(spec)))
    return Listing(("table", "columns", "targets", "what it tells"), list(rows), f"{len(rows)} tables")


def _summary(spec: TableSpec) -> str:
    import importlib

    text = inspect.getdoc(importlib.import_module(spec.module)) or ""
    first = text.split("\n\n")[0].replace("\n", " ")
    return first.removeprefix(f"{spec.name}:").strip()


def show_table(name: str) -> Page:
    """The columns of a table, what each holds, and where it comes from."""
    spec = table_spec(name)
    docs = field_docs(spec.row_type)
    page = Page(spec.name, _summary(spec))
    page.add("Targets", ", ".join(sorted(spec.targets)))
    lines = [
        f"{column.name:<22} {column.type.lower():<8} {'may be NULL' if column.nullable else '':<12}"
        f" {' '.join(docs.get(column.name, '').split())}".rstrip()
        for column in spec.columns
    ]
    page.add("Columns", "\n".join(lines), verbatim=True)
    page.add("How", inspect.getdoc(spec.collect), verbatim=True)
    page.add("Try", f'secaudit query "SELECT * FROM {spec.name} LIMIT 10"', verbatim=True)
    return page


def table_spec(name: str) -> TableSpec:
    if name not in table_modules():
        raise UsageError(
            f'no table is called "{name}"', (*nearest(name, table_modules())[-1:], ("list", "secaudit tables"))
        )
    return load_table(name)
