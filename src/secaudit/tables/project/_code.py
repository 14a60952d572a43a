"""Weak places in code: engines found by name, asked language by language, and rows of one shape.

An engine is a module `_engine_<name>.py` of this folder; adding one needs no edit elsewhere. It has

    ENGINE = "ruff"                   the name in the column `engine`
    LANGUAGES = ("python",)           which languages it is asked about; () for all of them
    def find(target, language, sources) -> Answer | None

`sources` are the files of that language which are searched; read them with `reader_of(target, listing(target))`.
`None` means that the engine has nothing to say here (no such import, no rule for that language): it makes no row.
An engine that cannot work gives `Answer((), MISSING, "... pip install 'secaudit[code]'")`; what it could not read is
`PARTIAL`. Whatever it raises becomes `failed`.

What "an engine is missing" means is decided for each language by itself: each language with checks has a table
`code_findings_<language>` of a few lines (see code_findings_python.py). It is `absent` where the project has no such
file, so that its checks are not applicable; it is `failed` with the engine's reason where one of the engines of that
language is missing, so that what would pass is unknown; and no other language is touched. Checks ask these tables.
`code_findings` has the rows of all languages and is for queries and for checks over all of them.
"""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Iterable, Iterator, NamedTuple

from secaudit.tableapi import Absent, Failed, Partial, TableProblem, Target
from secaudit.tables.project._listing import Listed, incomplete, listing
from secaudit.tables.project._reading import is_searched
from secaudit.tables.project._roles import language_of, role_of

RAN, MISSING, FAILED, PARTIAL, IMPORTED = "ran", "missing", "failed", "partial", "imported"
PREFIX = "_engine_"
FAMILIES = {
    "typescript": "javascript", "vue": "javascript", "svelte": "javascript", "astro": "javascript", "ejs": "javascript",
    "handlebars": "javascript", "pug": "javascript", "twig": "php", "erb": "ruby", "haml": "ruby", "slim": "ruby",
    "jsp": "java", "jspx": "java", "razor": "csharp",
}  # fmt: skip
"""Languages that are asked about together with another one."""

MARKS = (
    b"noqa", b"nosec", b"nosemgrep", b"nosonar", b"eslint-disable", b"phpcs:ignore", b"phpcs:disable", b"lgtm[",
    b"codeql[", b"noinspection", b"brakeman:ignore", b"rubocop:disable", b"skipcq",
)  # fmt: skip
"""Words in a line that tell some scanner to be quiet, in lower case. We report them, and are not."""

MAX_MESSAGE = 200
_SURE = {"high": 3, "medium": 2, "low": 1}


class Weak(NamedTuple):
    """One weak place, as an engine gives it."""

    rule_id: str
    weakness: str
    cwe: int
    severity: str
    confidence: str
    path: str
    line: int
    column: int
    message: str
    suppressed: int = 0
    engine: str = ""
    """Only where it is not the engine's own name: the tool whose result was imported."""


class Unsearched(NamedTuple):
    """One file that an engine did not search."""

    path: str
    why: str
    """`pressed`, `large`, `closed` or `parser`."""


class Answer(NamedTuple):
    """What an engine says about one language."""

    findings: tuple[Weak, ...]
    status: str = RAN
    reason: str = ""
    unsearched: tuple[Unsearched, ...] = ()


class Ran(NamedTuple):
    """One engine over one language."""

    engine: str
    language: str
    files: int
    answer: Answer


class CodeFinding(NamedTuple):
    """One weak place in the code."""

    engine: str
    """Who found it: `secaudit`, `ruff`, `ast-grep`, or the tool whose result was imported."""
    rule_id: str
    """The engine's own name of the rule."""
    language: str
    weakness: str
    """The same word for all engines and languages: `sql-injection`, `command-injection`, `weak-hash` ..."""
    cwe: int
    """The number in the Common Weakness Enumeration."""
    severity: str
    confidence: str
    """`high`: what is wrong can be read from the code itself, or a value of a request reaches it. `medium`: a value
    that is not fixed reaches it. `low`: only a call that is often used wrongly."""
    path: str
    line: int
    column: int
    role: str
    """What the file is for, as in project_files."""
    tracking: str
    suppressed: int
    """1 when a mark in the line tells a scanner to be quiet. It silences nothing here."""
    message: str


def is_marked(line: bytes) -> int:
    """1 when a line of code tells some scanner to be quiet."""
    low = line.lower()
    return int(any(mark in low for mark in MARKS))


def sources_of(target: Target) -> dict[str, tuple[Listed, ...]]:
    """The files that are searched, by language; files of no language that we know are under the empty word."""
    return target.shared("code sources", _sources)


def engines_over(target: Target, language: str) -> tuple[Ran, ...]:
    """What each engine says about a language, asked once in a run."""
    return target.shared(f"code {language}", lambda once: tuple(_ask_all(once, language)))


def findings_of(target: Target, language: str) -> Iterator[CodeFinding]:
    """Give the rows of one language, then say what was not looked at.

    Raises:
        Absent: the project has no file of that language.
        Failed: an engine is not installed.
        Partial: an engine, or the listing of files, is not complete.
    """
    sources = sources_of(target).get(language, ())
    problem: TableProblem | None = incomplete(listing(target))
    if not sources:
        raise problem or Absent(f"the project has no files of the language {language}")
    runs = engines_over(target, language)
    yield from rows_of(sources, runs)
    problem = problem_of(runs) or problem
    if problem is not None:
        raise problem


def rows_of(sources: Iterable[Listed], runs: Iterable[Ran]) -> list[CodeFinding]:
    """One row for each place and weakness; where engines agree, the surest one speaks."""
    tracking = {source.path: source.tracking for source in sources}
    best: dict[tuple[str, int, str], CodeFinding] = {}
    for run in runs:
        for weak in run.answer.findings:
            if weak.path not in tracking:
                continue
            row = CodeFinding(
                engine=weak.engine or run.engine,
                rule_id=weak.rule_id,
                language=run.language,
                weakness=weak.weakness,
                cwe=weak.cwe,
                severity=weak.severity,
                confidence=weak.confidence,
                path=weak.path,
                line=weak.line,
                column=weak.column,
                role=role_of(weak.path),
                tracking=tracking[weak.path],
                suppressed=weak.suppressed,
                message=weak.message[:MAX_MESSAGE],
            )
            key = (row.path, row.line, row.weakness)
            known = best.get(key)
            if known is None or _SURE.get(row.confidence, 0) > _SURE.get(known.confidence, 0):
                best[key] = row
    return sorted(best.values(), key=lambda row: (row.path, row.line, row.column, row.weakness))


def problem_of(runs: Iterable[Ran]) -> TableProblem | None:
    """What keeps these rows from being all; None when nothing does."""
    found = [run for run in runs if run.answer.status != IMPORTED]  # those never show that a place is sound
    for run in found:
        if run.answer.status == MISSING:
            return Failed(run.answer.reason)
    for run in found:
        if run.answer.status in (FAILED, PARTIAL):
            return Partial(run.answer.reason)
    return None if found else Failed("no engine looks at this language")


def _sources(target: Target) -> dict[str, tuple[Listed, ...]]:
    found: dict[str, list[Listed]] = {}
    for entry in listing(target).entries:
        if is_searched(entry):
            language = language_of(entry.path)
            found.setdefault(FAMILIES.get(language, language), []).append(entry)
    return {language: tuple(entries) for language, entries in sorted(found.items())}


def _ask_all(target: Target, language: str) -> Iterator[Ran]:
    sources = sources_of(target).get(language, ())
    if not sources:
        return
    for engine in _engines():
        if engine.LANGUAGES and language not in engine.LANGUAGES:
            continue
        try:
            answer = engine.find(target, language, sources)
        except TableProblem as problem:
            answer = Answer((), FAILED, f"{engine.ENGINE}: {problem.reason}")
        except Exception as error:  # noqa: BLE001  one engine must not take the others with it
            answer = Answer((), FAILED, f"{engine.ENGINE} failed: {type(error).__name__}: {error}"[:300])
        if answer is not None:
            yield Ran(engine.ENGINE, language, len(sources), answer)


def _engines() -> list[ModuleType]:
    package = importlib.import_module(__package__ or "secaudit.tables.project")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__) if module.name.startswith(PREFIX))
    return [importlib.import_module(f"{package.__name__}.{name}") for name in names]
