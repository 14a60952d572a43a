"""Use cases that show checks, and `checks new`."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import choose, load
from secaudit.app.listing import Listing
from secaudit.app.tables import table_spec
from secaudit.content import rules, source
from secaudit.content.decode import DecodeProblem, nearest
from secaudit.content.library import Entry, Library
from secaudit.content.root import user_content
from secaudit.engine.compile import Compiler
from secaudit.engine.registry import all_tables, family_of
from secaudit.errors import UsageError
from secaudit.model import Check
from secaudit.tableapi import Column, TableSpec


def list_checks(patterns: Sequence[str], content: Sequence[Path] = (), kind: str | None = None) -> Listing:
    """The checks that fit.

    Args:
        patterns: which; all without patterns.
        content: folders of the user's own content.
        kind: only those that can be made on this kind of target: all tables that they ask offer it.

    Raises:
        UsageError: nothing fits a pattern, or no table offers this kind of target.
    """
    library = load(content)
    entries = choose(library, patterns)
    if kind is not None:
        entries = _on_target(library, entries, kind)
    rows = [(entry.value.id, entry.topic, str(entry.value.severity), entry.value.title) for entry in entries]
    return Listing(("check", "topic", "severity", "title"), list(rows), f"{len(rows)} checks")


def _on_target(library: Library, entries: Sequence[Entry[Check]], kind: str) -> list[Entry[Check]]:
    specs = all_tables()
    kinds = set().union(*(spec.targets for spec in specs.values()))
    if kind not in kinds:
        raise UsageError(f'no table looks at a target of kind "{kind}"', (("known", ", ".join(sorted(kinds))),))
    compiler = Compiler(specs)
    found = []
    for entry in entries:
        try:
            tables = compiler.compile(entry.value).tables
        except DecodeProblem as problem:
            raise library.problem(entry, problem) from problem
        if all(kind in specs[name].targets for name in tables):
            found.append(entry)
    return found


def check_source(check_id: str, content: Sequence[Path] = (), *, sql: bool = False) -> str:
    """The file of a check, or the SQL that it becomes with its values written in."""
    library = load(content)
    entry = library.checks.get(check_id)
    if entry is None:
        raise UsageError(f'no check is called "{check_id}"', nearest(check_id, library.checks)[-1:])
    if not sql:
        return source.read(entry.path)
    try:
        query = Compiler(all_tables()).compile(entry.value).main
    except DecodeProblem as problem:
        raise library.problem(entry, problem) from problem
    text = query.sql.strip()
    for name in sorted(query.values, key=len, reverse=True):
        value = query.values[name]
        if name == "now_s":
            continue
        shown = str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"
        text = re.sub(rf":{name}\b", lambda _, shown=shown: shown, text)  # type: ignore[misc]
    return text


def new_check(check_id: str, table: str, topic: str | None, into: Path | None) -> Path:
    """Write the file of a new check, correct as it stands, from the columns of a table.

    Raises:
        UsageError: the id or the table is wrong, or the file exists.
    """
    if not rules.ID.match(check_id):
        raise UsageError(f'"{check_id}" is not an id', (("fix", "write area-thing in lower case, as ssh-root-login"),))
    spec = table_spec(table)
    library = load()
    if check_id in library.checks:
        raise UsageError(f'the check "{check_id}" exists', (("file", str(library.checks[check_id].path)),))
    folder = (into or user_content()) / "checks" / family_of(table) / (topic or check_id.split("-")[0])
    path = folder / f"{check_id}.yaml"
    if path.exists():
        raise UsageError(f"{path} exists", (("fix", "choose another id"),))
    schema = Path(inspect.getfile(Compiler)).parents[1] / "schemas" / "check.schema.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path.write_text(_skeleton(check_id, spec, schema, next(iter(library.objectives))), encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}", (("fix", "choose a folder with --into"),)) from error
    return path


def _skeleton(check_id: str, spec: TableSpec, schema: Path, objective: str) -> str:
    judged = next((column for column in spec.columns if column.nullable), spec.columns[-1])
    good, bad = ("1", "0") if judged.type == "INTEGER" else ('"good"', '"bad"')
    row = [f"{column.name}: {_sample(column)}" for column in spec.columns if column.name != judged.name]
    columns = "\n".join(
        f"#   {column.name:<20} {column.type}{', may be NULL' if column.nullable else ''}" for column in spec.columns
    )
    return f"""# yaml-language-server: $schema={schema}
# The columns of {spec.name}; see also: secaudit tables show {spec.name}
{columns}
id: {check_id}
title: Say the state that is wanted
fail_title: Say what is wrong when it fails
severity: medium
objective: {objective}
select: {spec.name}
where: {{}}
expect: {{{judged.name}: {good}}}
why: Say in one or two sentences what can happen otherwise.
verify: echo 'a command of the system that shows the same'
fix:
  any: |
    # the commands that mend it
examples:
  healthy: {{{spec.name}: [{{{", ".join([*row, f"{judged.name}: {good}"])}}}]}}
  failing: {{{spec.name}: [{{{", ".join([*row, f"{judged.name}: {bad}"])}}}]}}
"""


def _sample(column: Column) -> str:
    if column.type == "INTEGER":
        return "1"
    return "/etc/example" if column.name == "path" else f'"{column.name}"'
