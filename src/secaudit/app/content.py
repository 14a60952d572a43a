"""Use cases of authors: compile, test and lint checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from secaudit.content import library as library_module
from secaudit.content.decode import DecodeProblem, nearest
from secaudit.content.library import Entry, Library
from secaudit.content.select import Selection, matches
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.examples import ExampleResult, run_examples
from secaudit.engine.lint import LintFinding, lint
from secaudit.engine.registry import all_tables, family_of, known_tables, table_modules, tables_of
from secaudit.errors import NothingSelected, SecauditError, UsageError
from secaudit.model import Check


def load(content: Sequence[Path] = ()) -> Library:
    """Load all content; wrong files raise."""
    return library_module.load(content)


def compile_selection(library: Library, selection: Selection, family: str = "host") -> list[Compiled]:
    """Compile the chosen checks with the profile's parameters; those about another family of targets are left out.

    Raises:
        ContentError: a check asks for what does not exist.
        NothingSelected: none of them is about this family.
    """
    fitting = [entry for entry in selection.checks if is_about(entry, family)]
    if not fitting:
        raise NothingSelected(
            f"none of these checks looks at a {family}", (("list", f"secaudit checks list --target {family}"),)
        )
    declared = {name for entry in fitting for name in _declared(entry.value)}
    compiler = Compiler({**tables_of(family), **known_tables(declared)})
    compiled = []
    for entry in fitting:
        try:
            compiled.append(compiler.compile(entry.value, selection.params.get(entry.id)))
        except DecodeProblem as problem:
            raise library.problem(entry, problem) from problem
    return compiled


def _declared(check: Check) -> set[str]:
    """The tables that a check may read: those of its examples."""
    return {*check.examples.healthy, *check.examples.failing}


def is_about(entry: Entry[Check], family: str) -> bool:
    """Whether a check reads a table of the family, or one that does not exist, which is to be told."""
    if entry.family is not None:  # ours lie in the folder of their family
        return entry.family == family
    modules = table_modules()
    return any(name not in modules or family_of(name) == family for name in _declared(entry.value))


def choose(library: Library, patterns: Sequence[str]) -> list[Entry[Check]]:
    """The checks that fit any of the patterns; all without patterns.

    Raises:
        UsageError: nothing fits a pattern.
    """
    if not patterns:
        return [library.checks[name] for name in sorted(library.checks)]
    chosen: dict[str, Entry[Check]] = {}
    for pattern in patterns:
        found = {name: entry for name, entry in library.checks.items() if matches(library, entry, pattern)}
        if not found:
            raise UsageError(f'no check is called "{pattern}"', nearest(pattern, library.checks)[-1:])
        chosen.update(found)
    return [chosen[name] for name in sorted(chosen)]


def _loaded(library: Library, patterns: Sequence[str]) -> list[Entry[Check]]:
    return [
        entry
        for _, entry in sorted(library.checks.items())
        if any(matches(library, entry, pattern) for pattern in patterns)
    ]


@dataclass(frozen=True, slots=True)
class TestReport:
    """The examples of one check."""

    check: str
    results: tuple[ExampleResult, ...]
    problem: str | None = None

    @property
    def is_right(self) -> bool:
        return self.problem is None and all(result.is_right for result in self.results)


def test_checks(patterns: Sequence[str], content: Sequence[Path] = ()) -> list[TestReport]:
    """Run the examples of checks."""
    library = load(content)
    specs = all_tables()
    compiler = Compiler(specs)
    reports = []
    for entry in choose(library, patterns):
        try:
            results = run_examples(compiler.compile(entry.value), specs)
            reports.append(TestReport(entry.value.id, tuple(results)))
        except DecodeProblem as problem:
            error = library.problem(entry, problem)
            reports.append(TestReport(entry.value.id, (), error.message))
    return reports


@dataclass(frozen=True, slots=True)
class LintReport:
    """What is wrong with content: errors with file, line and hints."""

    checked: int
    errors: tuple[SecauditError, ...]


def lint_content(patterns: Sequence[str], content: Sequence[Path] = ()) -> LintReport:
    """Load everything, compile, and look for checks that could pass wrongly."""
    errors: list[SecauditError] = []
    library = library_module.load(content, problems=errors)
    if not patterns:
        errors.extend(_vanished(library))
    specs = all_tables()
    compiler = Compiler(specs)
    # a check that did not even load cannot be found by its name; its own error says why
    entries = choose(library, patterns) if not errors or not patterns else _loaded(library, patterns)
    for entry in entries:
        try:
            findings: Iterable[LintFinding] = lint(compiler.compile(entry.value), specs)
        except DecodeProblem as problem:
            errors.append(library.problem(entry, problem))
            continue
        for finding in findings:
            errors.append(library.problem(entry, DecodeProblem(finding.keys, f"{finding.rule}: {finding.message}")))
    return LintReport(len(entries), tuple(errors))


LEDGER = "ids.txt"
"""Ids that were published once, one a line: they are never renamed and never used for something else."""


def _vanished(library: Library) -> list[SecauditError]:
    found: list[SecauditError] = []
    for folder in library.folders:
        path = folder / "checks" / LEDGER
        if not path.is_file():
            continue
        for number, name in enumerate(path.read_text(encoding="utf-8").split(), 1):
            if name not in library.checks:
                hints = (("fix", "give it back its old id; ids are never changed"), *nearest(name, library.checks)[-1:])
                found.append(UsageError(f'{path}:{number}: the published check "{name}" is gone', hints))
    return found


def publish_ids(folder: Path, library: Library) -> int:
    """Write the ledger of ids; gives how many are new."""
    path = folder / "checks" / LEDGER
    old = set(path.read_text(encoding="utf-8").split()) if path.is_file() else set()
    path.write_text("".join(f"{name}\n" for name in sorted(old | set(library.checks))), encoding="utf-8")
    return len(set(library.checks) - old)


def publish_new_ids(content: Sequence[Path] = ()) -> int:
    """Note the new ids of the last content folder given, or of our own; gives how many were new."""
    library = load(content)
    return publish_ids(library.folders[-1] if content else library.folders[0], library)
