"""Find checks that could pass wrongly: by their text, and by spoiling their examples one cell at a time.

The rules come from measured traps of three-valued logic: most constructs that look harmless turn "could not be read"
into a pass. The static rules name the construct; the mutations show what really happens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from secaudit.engine.compile import Compiled
from secaudit.engine.examples import judge, run_examples, tables_of, worlds
from secaudit.engine.functions import pattern_problem
from secaudit.model import Check, Proof, Scalar, Status, TableData, TableStatus
from secaudit.tableapi import TableSpec

_APART = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""A text, a name in double quotes, or a comment: whichever begins first holds what looks like the others inside it."""

STATIC = (
    (r'"', "double quotes make a misspelt column a text; write names without quotes"),
    (r"\b(?:coalesce|ifnull|iif)\s*\(", "coalesce, ifnull and iif turn what could not be read into a value"),
    (r"\bIS\s+(?:NOT\s+)?DISTINCT\s+FROM\b", "IS DISTINCT FROM treats what could not be read as different"),
    (r"\bIS\s+NOT\s+(?!NULL\b)", "IS NOT treats what could not be read as different; write <>"),
    (r"\bELSE\b", "ELSE decides about what could not be read; name each case and leave the rest NULL"),
    (r"\bCAST\s*\(", "CAST turns junk into 0; write to_int(x)"),
    (
        r"\b(?:total|sum|min|max|avg)\s*\([^)]*(?:[<>=]|pass\b)",
        "this aggregate skips what could not be read; write all_pass(x) or any_pass(x)",
    ),
    (r"\bNOT\s+IN\s*\(\s*SELECT\b", "NOT IN (SELECT ...) fails on one NULL; use LEFT JOIN and IS NULL on a key column"),
    (r"\bcount\s*\([^)]*\)\s*FILTER\b", "count with FILTER skips what could not be read; write all_pass(x)"),
    (
        r"\brandom|\bcurrent_|\bdatetime\s*\(|\bdate\s*\(|\bstrftime\s*\(",
        "the verdict must depend on the snapshot alone; use :now_s",
    ),
)
"""Pattern over the SQL without texts and comments -> what is wrong with it."""

JUNK = "~junk~"

_MATCHES = re.compile(r"\bmatches\s*\([^,()]*,\s*(?:'(?P<text>(?:[^']|'')*)'|:(?P<param>\w+))\s*\)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LintFinding:
    """One thing to mend in a check."""

    check: str
    rule: str
    """schema, compile, example, static or mutation."""
    message: str
    keys: tuple[str | int, ...] = ()


def lint(compiled: Compiled, specs: Mapping[str, TableSpec]) -> list[LintFinding]:
    """All findings about one compiled check; none when it is sound.

    Raises:
        DecodeProblem: an example does not fit the tables.
    """
    findings = [LintFinding(compiled.check.id, "static", message, keys) for message, keys in _static(compiled)]
    findings.extend(_proof(compiled))
    for result in run_examples(compiled, specs):
        if not result.is_right:
            found = result.outcome.verdict
            reason = f" ({found.reason})" if found.reason else ""
            message = f"the example {result.name} gives {found.status}{reason}, not {result.expected}"
            findings.append(LintFinding(compiled.check.id, "example", message, ("examples", result.name)))
    if not any(finding.rule == "example" for finding in findings):
        findings.extend(_mutate(compiled, specs))
    return findings


def _static(compiled: Compiled) -> Iterator[tuple[str, tuple[str, ...]]]:
    check = compiled.check
    sources: list[tuple[str | None, tuple[str, ...]]] = [(check.sql, ("sql",))]
    if check.applies is not None:
        sources.append((check.applies.sql, ("applies", "sql")))
    for sql, keys in sources:
        if sql is None:
            continue
        bare = without_texts(sql)
        for pattern, message in STATIC:
            if re.search(pattern, bare, re.IGNORECASE):
                yield message, keys
        for text in _patterns(sql, check):
            if problem := pattern_problem(text):  # matches() would give NULL, and a later WHEN would decide
                yield f"a pattern of matches() is never tried: {problem}", keys


def _patterns(sql: str, check: Check) -> Iterator[str]:
    """The patterns that `matches` is given: texts, and the values of parameters."""
    for match in _MATCHES.finditer(sql):
        if match["text"] is not None:
            yield match["text"].replace("''", "'")
        elif (param := check.params.get(match["param"])) is not None:
            values = param.default if isinstance(param.default, tuple) else (param.default,)
            yield from map(str, values)


def without_texts(sql: str) -> str:
    """The SQL with empty texts and without comments, as SQLite reads it. Names in double quotes stay."""

    def replaced(match: re.Match[str]) -> str:
        part = match.group()
        return "''" if part[0] == "'" else part if part[0] == '"' else " "

    return _APART.sub(replaced, sql)


def _proof(compiled: Compiled) -> Iterator[LintFinding]:
    """`proof: some` must rest on rows that are there, never on rows that are missing."""
    check = compiled.check
    if (
        check.proof is Proof.SOME
        and check.sql
        and re.search(r"\bNOT\s+EXISTS\b|\bIS\s+NULL\b|\bEXCEPT\b", without_texts(check.sql), re.I)
    ):
        yield LintFinding(check.id, "static", "proof: some cannot rest on rows that are missing", ("proof",))


def _mutate(compiled: Compiled, specs: Mapping[str, TableSpec]) -> Iterator[LintFinding]:
    """Spoil one column at a time; a verdict may only move towards fail or unknown, and no row may vanish."""
    for name, world in worlds(compiled):
        if name not in ("healthy", "failing"):
            continue
        tables = tables_of(compiled, name, world, specs)
        before = judge(compiled, tables, specs)
        for label, spoiled in _spoiled(tables, specs, compiled, failing=name == "failing"):
            after = judge(compiled, spoiled, specs)
            status = after.verdict.status
            place = ("examples", name)
            if name == "failing" and status in (Status.PASS, Status.NOT_APPLICABLE):
                yield LintFinding(
                    compiled.check.id, "mutation", f"the failing example still becomes {status} when {label}", place
                )
            elif name == "healthy" and (
                status is Status.NOT_APPLICABLE or (status is Status.PASS and after.rows_total < before.rows_total)
            ):
                yield LintFinding(
                    compiled.check.id, "mutation", f"rows vanish from the healthy example when {label}", place
                )


def _spoiled(
    tables: list[TableData], specs: Mapping[str, TableSpec], compiled: Compiled, *, failing: bool
) -> Iterator[tuple[str, list[TableData]]]:
    for position, table in enumerate(tables):
        if table.name not in compiled.tables or not table.rows:
            continue
        for index, column in enumerate(specs[table.name].columns):
            if not column.nullable:
                continue
            where = f"{table.name}.{column.name}"
            cells = [row[index] for row in table.rows]
            changes: list[tuple[str, list[Scalar]]] = [(f"{where} could not be read", [None] * len(cells))]
            if len(cells) > 1:
                changes.append((f"{where} could not be read in one row", [None, *cells[1:]]))
            if failing and column.type == "TEXT" and any(_is_number(cell) for cell in cells):
                changes.append((f"{where} holds junk", [JUNK if _is_number(cell) else cell for cell in cells]))
            for label, changed in changes:
                if changed != cells:
                    yield label, [*tables[:position], _with(table, index, changed), *tables[position + 1 :]]
    for position, table in enumerate(tables):
        if table.name in compiled.main.tables:
            for status in (TableStatus.DENIED, TableStatus.PARTIAL, TableStatus.FAILED, TableStatus.TIMEOUT):
                empty = replace(table, status=status, rows=(), reason="lint")
                yield f"{table.name} is {status}", [*tables[:position], empty, *tables[position + 1 :]]


def _is_number(cell: Scalar) -> bool:
    return isinstance(cell, str) and cell.isdigit()


def _with(table: TableData, index: int, cells: list[Scalar]) -> TableData:
    rows = tuple((*row[:index], cell, *row[index + 1 :]) for row, cell in zip(table.rows, cells, strict=True))
    return replace(table, rows=rows)
