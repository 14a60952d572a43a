"""Use cases that show content: checks, standards, profiles, tables; and `checks new`."""

from __future__ import annotations

import inspect
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from secaudit.app.content import choose, load
from secaudit.app.listing import Listing, Page
from secaudit.content import rules, source
from secaudit.content.citations import speaks_for
from secaudit.content.decode import DecodeProblem, nearest
from secaudit.content.library import Entry, Library
from secaudit.content.root import user_content
from secaudit.content.schema import field_docs
from secaudit.content.select import select
from secaudit.engine.compile import Compiler
from secaudit.engine.registry import all_tables, load_table, table_modules
from secaudit.errors import UsageError
from secaudit.model import Check, Control, EvidenceKind, Role, Scalar, Standard
from secaudit.tableapi import Column, TableSpec

# ---------------------------------------------------------------- checks


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
    spec = _table(table)
    library = load()
    if check_id in library.checks:
        raise UsageError(f'the check "{check_id}" exists', (("file", str(library.checks[check_id].path)),))
    folder = (into or user_content()) / "checks" / "host" / (topic or check_id.split("-")[0])
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


# ---------------------------------------------------------------- tables


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
    spec = _table(name)
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


def _table(name: str) -> TableSpec:
    if name not in table_modules():
        raise UsageError(
            f'no table is called "{name}"', (*nearest(name, table_modules())[-1:], ("list", "secaudit tables"))
        )
    return load_table(name)


# ---------------------------------------------------------------- standards and profiles


def list_standards(content: Sequence[Path] = ()) -> Listing:
    """All standards and our own objectives."""
    library = load(content)
    rows = [
        (name, entry.value.version, len(entry.value.controls), entry.value.title)
        for name, entry in sorted(library.standards.items())
    ]
    rows.append(
        ("readiness", library.version, len(library.objectives), "Our own objectives, which all standards point to")
    )
    return Listing(("standard", "version", "controls", "title"), list(rows))


def show_standard(name: str, content: Sequence[Path] = ()) -> Listing:
    """The controls of a standard and their objectives; or all objectives for `readiness`."""
    library = load(content)
    if name == "readiness":
        checks = _checks_by_objective(library)
        rows = [
            (item.id, str(item.kind), " ".join(item.evidence), len(checks.get(item.id, [])), item.title)
            for item in library.objectives.values()
        ]
        return Listing(("objective", "kind", "shown by", "checks", "title"), list(rows), f"{len(rows)} objectives")
    standard = _standard(library, name)
    if standard.cited_as is not None:
        return _show_cited(library, standard)
    listed = [
        (control.id, control.title, ", ".join(control.objectives + control.checks) or f"({control.not_assessable})")
        for control in standard.controls
    ]
    return Listing(("control", "title", "objectives"), list(listed), standard.notice)


def _show_cited(library: Library, standard: Standard) -> Listing:
    """The controls of a standard that checks name themselves, with these checks."""
    naming = _checks_by_control(library, standard)
    rows = [
        (
            control.id,
            control.level,
            control.title,
            ", ".join(naming.get(control.id, ())) or f"({control.not_assessable or 'no check'})",
        )
        for control in standard.controls
    ]
    return Listing(("control", "level", "title", "checks"), list(rows), standard.notice)


KINDS = ("checks", "checks and people", "checks, in part", "people", "other targets", "nothing")
"""Who can answer for a control, those that checks answer for first."""

LONGEST_LIST = 200
"""Controls from which `coverage` counts by chapter, so that a screen shows it; all of them on demand."""


def coverage(name: str, content: Sequence[Path] = (), *, whole: bool = True) -> Listing:
    """For each control: who can answer. "checks" means that checks alone can show all of it.

    Args:
        name: of the standard.
        content: folders of the user's own content.
        whole: every control; otherwise a long standard is counted by chapter.
    """
    library = load(content)
    standard = _standard(library, name)
    checks = _checks_by_objective(library, without=Role.INDICATES)
    naming = _checks_by_control(library, standard)
    found = [
        (
            control,
            _coverage_of(library, control, checks)
            if standard.cited_as is None
            else _cited_coverage_of(library, control, naming.get(control.id, ())),
        )
        for control in standard.controls
    ]
    kinds = Counter(kind for _, (kind, _) in found)
    footer = [f"{kinds[kind]:>4}  {kind}" for kind in KINDS]
    footer.append(f"{len(found):>4}  controls in all")
    footer += [_count_line(f"level {level}", kinds) for level, kinds in sorted(_by_level(found).items())]
    if not whole and len(found) > LONGEST_LIST:
        footer += [f"Every control: secaudit standards coverage {name} --all", standard.notice]
        return _coverage_by_chapter(standard, found, "\n".join(footer))
    footer.append(standard.notice)
    if standard.cited_as is None:
        rows = [(item.id, kind, len(item.objectives), count, item.title) for item, (kind, count) in found]
        return Listing(("control", "covered by", "objectives", "checks", "title"), list(rows), "\n".join(footer))
    finer = [(item.id, item.level, kind, count, item.title) for item, (kind, count) in found]
    return Listing(("control", "level", "covered by", "checks", "title"), list(finer), "\n".join(footer))


Found = list[tuple[Control, tuple[str, int]]]
"""Controls with who can answer, and by how many checks."""


def _by_level(found: Found) -> dict[int, Counter[str]]:
    levels: dict[int, Counter[str]] = {}
    for control, (kind, _) in found:
        if control.level is not None:
            levels.setdefault(control.level, Counter())[kind] += 1
    return levels


def _count_line(label: str, kinds: Counter[str]) -> str:
    counted = ", ".join(f"{kinds[kind]} {kind}" for kind in KINDS if kinds[kind])
    return f"{label}: {counted}, of {kinds.total()}"


def _coverage_by_chapter(standard: Standard, found: Found, footer: str) -> Listing:
    """One row a chapter: how many of its controls each can answer for."""
    chapter = {group.id: group.within or group.id for group in standard.groups}
    kinds = [kind for kind in KINDS if any(kind == other for _, (other, _) in found)]
    rows: list[tuple[Scalar, ...]] = []
    for group in standard.groups:
        counts = Counter(kind for control, (kind, _) in found if chapter[control.group] == group.id)
        if group.within is None:
            rows.append((group.id, counts.total(), *(counts[kind] for kind in kinds), group.title))
    return Listing(("chapter", "controls", *kinds, "title"), list(rows), footer)


def _coverage_of(library: Library, control: Control, checks: dict[str, list[str]]) -> tuple[str, int]:
    """Who can answer for a control, and by how many checks of ours.

    Checks that only support an objective leave it open: somebody or something else must show the rest.
    """
    count = len(control.checks) + sum(len(checks.get(name, [])) for name in control.objectives)
    open_ones = [
        library.objectives[name]
        for name in control.objectives
        if not any(library.checks[check].value.role is Role.DETERMINES for check in checks.get(name, ()))
    ]
    if not control.objectives and not control.checks:
        return "nothing", 0
    if not open_ones:
        return "checks", count
    if any(EvidenceKind.QUESTION in item.evidence for item in open_ones):
        return ("checks and people" if count else "people"), count
    return ("checks, in part" if count else "other targets"), count


def _cited_coverage_of(library: Library, control: Control, naming: Sequence[str]) -> tuple[str, int]:
    """As `_coverage_of`, for a standard whose controls checks name themselves: no check shows all of one."""
    count = len(naming) + len(control.checks)
    if control.checks:
        return "checks", count
    if not naming and control.not_assessable is not None:
        return "nothing", 0
    if any(EvidenceKind.QUESTION in library.objectives[name].evidence for name in control.objectives):
        return ("checks and people" if naming else "people"), count
    return ("checks, in part" if naming else "other targets"), count


def _checks_by_control(library: Library, standard: Standard) -> dict[str, list[str]]:
    """The checks that name each control of a standard in their references."""
    found: dict[str, list[str]] = {}
    for name, entry in sorted(library.checks.items()):
        if entry.value.role is not Role.INDICATES:
            for control in standard.cited_in(entry.value.references):
                found.setdefault(control, []).append(name)
    return found


def _checks_by_objective(library: Library, without: Role | None = None) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, entry in sorted(library.checks.items()):
        if entry.value.role is not without:
            found.setdefault(entry.value.objective, []).append(name)
    return found


def _standard(library: Library, name: str) -> Standard:
    if name not in library.standards:
        raise UsageError(f'no standard is called "{name}"', nearest(name, [*library.standards, "readiness"]))
    return library.standards[name].value


def list_profiles(content: Sequence[Path] = ()) -> Listing:
    """All profiles."""
    library = load(content)
    rows = []
    for name, entry in sorted(library.profiles.items()):
        chosen = select(library, name)
        rows.append((name, len(chosen.checks), ", ".join(item.id for item in chosen.standards), entry.value.title))
    return Listing(("profile", "checks", "standards", "title"), list(rows))


def show_profile(name: str, content: Sequence[Path] = ()) -> Page:
    """What a profile selects."""
    library = load(content)
    selection = select(library, name)
    profile = selection.profile
    page = Page(profile.id, profile.title)
    page.add("About", profile.description)
    page.add("Extends", profile.extends)
    page.add("Standards", ", ".join(item.id for item in selection.standards))
    page.add("Checks", f"{len(selection.checks)}: " + ", ".join(entry.value.id for entry in selection.checks))
    page.add("Left out", "\n".join(f"{item.pattern}: {item.reason}" for item in selection.excluded))
    page.add(
        "Values",
        "\n".join(
            f"{check}.{key} = {value}" for check, values in selection.params.items() for key, value in values.items()
        ),
    )
    return page


# ---------------------------------------------------------------- shared with explain


def objectives_of_control(library: Library, name: str) -> list[tuple[Standard, Control]]:
    """Controls called `A.8.5`, `iso27001:A.8.5` or `iso27001-2022:A.8.5`."""
    head, colon, rest = name.lower().rpartition(":")
    found = []
    for entry in library.standards.values():
        standard = entry.value
        for control in standard.controls:
            short = standard.id == head or standard.id.startswith(head + "-")
            if control.id.lower() == name.lower() or (colon and short and control.id.lower() == rest):
                found.append((standard, control))
    return found


def controls_of(library: Library, check: Check) -> list[str]:
    """The controls that a check helps to show: `ISO 27001 A.8.5`."""
    return [
        f"{entry.value.short or entry.value.id} {control.id}"
        for _, entry in sorted(library.standards.items())
        for control in entry.value.controls
        if speaks_for(check, entry.value, control)
    ]
