"""Rules of our own over syntax trees of ast-grep-py, in a process of its own over copies of the files."""

from __future__ import annotations

import importlib.util
import json
import os
import sys
from typing import Any, Iterator, Sequence

from secaudit.tableapi import Command, ProgramMissing, TableProblem, Target, TimedOut, TooLarge
from secaudit.tables.project._code import MISSING, PARTIAL, RAN, Answer, Unsearched, Weak, is_marked
from secaudit.tables.project._listing import Listed
from secaudit.tables.project._reading import each_read, in_batches
from secaudit.tables.project._roles import ending_of, role_of

ENGINE = "ast-grep"
LANGUAGES = ("javascript", "php", "ruby", "go", "java", "csharp")
ENDINGS = frozenset(
    "js mjs cjs jsx ts mts cts tsx php phtml inc vue svelte astro ejs hbs handlebars mustache pug jade twig rb rake ru"
    " gemspec erb haml slim go java jsp jspx cs cshtml".split()
)
"""What the search knows by the ending of the name."""

LONG_LINE = 3000
"""A file whose mean line is longer was made by a program; nobody repairs it here."""

WITH_SCRIPTS = frozenset(("php", "ruby", "java", "csharp"))
"""Languages whose pages hold scripts for the browser."""

PRESSED = "is pressed into long lines by a program: leave it out of git with .gitignore, or name it .min.js"
WITHOUT = "ast-grep-py is not installed: pip install 'secaudit[code]'"
FILE_LIMIT_BYTES = 1024 * 1024
"""Larger files of code are data, or made by a program."""

BATCH_BYTES = 6 * 1024 * 1024
BATCH_FILES = 1500
TIMEOUT_S = 90.0
OUTPUT_LIMIT_BYTES = 64 * 1024 * 1024
MAX_CRASHES = 12

_START = "import sys; sys.path[:] = {paths!r}; from secaudit.codesearch.worker import main; main({words!r})"


def find(target: Target, language: str, sources: Sequence[Listed]) -> Answer | None:
    """Give the weak places that rules know. What could not be searched makes the answer partial."""
    if importlib.util.find_spec("ast_grep_py") is None:
        return Answer((), MISSING, WITHOUT)
    search = _Search(target, language)
    try:
        for batch in search.batches(sources):
            search.over(batch)
    except (ProgramMissing, _Broken):
        return Answer((), MISSING, WITHOUT)
    except TimedOut:
        search.problems.append("time was up before all files were searched")
    reason = "; ".join(search.problems[:3])
    status = PARTIAL if reason else RAN
    return Answer(tuple(search.found), status, f"{ENGINE}: {reason}" if reason else "", tuple(search.unsearched))


class _Broken(Exception):
    """The library is there and cannot be loaded."""


class _Search:
    """One run over all files of a language."""

    def __init__(self, target: Target, language: str) -> None:
        self._target = target
        self._language = language
        self._crashes = 0
        self.found: list[Weak] = []
        self.problems: list[str] = []
        self.unsearched: list[Unsearched] = []

    def batches(self, sources: Sequence[Listed]) -> Iterator[dict[str, bytes]]:
        """The files in portions."""
        return in_batches(self._wanted(sources), BATCH_BYTES, BATCH_FILES)

    def _wanted(self, sources: Sequence[Listed]) -> Iterator[tuple[Listed, bytes]]:
        read: set[str] = set()
        for source, data in each_read(self._target, sources, self.problems):
            read.add(source.path)
            if is_machine_made(data):
                self._pass_over(source, "pressed", PRESSED)
            elif len(data) > FILE_LIMIT_BYTES:
                self._pass_over(source, "large", f"is larger than {FILE_LIMIT_BYTES // 1024} kB")
            elif data.strip():
                yield source, data
        self.unsearched.extend(Unsearched(source.path, "closed") for source in sources if source.path not in read)

    def _pass_over(self, source: Listed, why: str, words: str) -> None:
        """Note a file that is not searched. It leaves the answer incomplete where it is a part of the program."""
        self.unsearched.append(Unsearched(source.path, why))
        if role_of(source.path) == "code" and source.tracking != "ignored":
            self.problems.append(f"{source.path} {words}")

    def over(self, batch: dict[str, bytes]) -> None:
        """Search one portion. A file on which the worker dies is left out, named, and the others are searched."""
        left = dict(enumerate(batch))
        while left:
            files = {f"{number}.{_ending(path)}": batch[path] for number, path in left.items()}
            lines = _lines(self._run(files))
            last = None
            for row in lines:
                if "missing" in row:
                    raise _Broken
                if "file" in row:
                    last = _number(row["file"])
                elif "done" in row:
                    number = _number(row["done"])
                    path = left.pop(number, None)
                    last = None
                    if path is not None:
                        self._take(path, batch[path], row)
            if not left:
                return
            self._crashes += 1
            if last is None or last not in left or self._crashes > MAX_CRASHES:
                self.problems.append(
                    f"the search of {len(left)} files did not end, among them {next(iter(left.values()))}"
                )
                self.unsearched.extend(Unsearched(path, "parser") for path in left.values())
                return
            self.problems.append(f"{left[last]} could not be searched: the parser gave up")
            self.unsearched.append(Unsearched(left.pop(last), "parser"))

    def _run(self, files: dict[str, bytes]) -> Command:
        paths = [path for path in sys.path if os.path.isabs(path)]
        code = _START.format(paths=paths, words=self._folders())
        words = [os.path.basename(sys.executable), "-I", "-S", "-c", code]
        try:
            return self._target.run_over(words, files, TIMEOUT_S, OUTPUT_LIMIT_BYTES)
        except (ProgramMissing, TimedOut):
            raise
        except (TooLarge, TableProblem, OSError):
            return Command((), 1, "", "")

    def _folders(self) -> list[str]:
        """Which folders of rules are used."""
        return [self._language, *(["javascript"] if self._language in WITH_SCRIPTS else [])]

    def _take(self, path: str, data: bytes, row: dict[str, Any]) -> None:
        if row["problem"]:
            self.problems.append(f"{path} {row['problem']}")
            self.unsearched.append(Unsearched(path, "parser"))
        lines = data.split(b"\n") if row["places"] else []
        for rule_id, weakness, cwe, severity, confidence, line, column, message in row["places"]:
            marked = any(is_marked(text) for text in lines[max(0, line - 2) : line])
            self.found.append(
                Weak(rule_id, weakness, cwe, severity, confidence, path, line, column, message, int(marked))
            )


def is_machine_made(data: bytes) -> bool:
    """True for code that a program pressed together."""
    return len(data) > 20_000 and len(data) > LONG_LINE * (data.count(b"\n") + 1)


def _lines(done: Command) -> list[dict[str, Any]]:
    found = []
    for line in done.stdout.splitlines():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if isinstance(row, dict):
            found.append(row)
    return found


def _number(name: str) -> int:
    return int(str(name).partition(".")[0])


def _ending(path: str) -> str:
    if path.endswith(".blade.php"):
        return "blade.php"
    ending = ending_of(path.rpartition("/")[2])
    return ending if ending in ENDINGS else "js"
