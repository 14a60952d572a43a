"""Write a run in the format that a file's name asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from secaudit.errors import UsageError
from secaudit.evidence.document import run_parts
from secaudit.evidence.snapshot import snapshot_parts
from secaudit.history.store import Summary, write_private
from secaudit.model import Run, Snapshot

if TYPE_CHECKING:
    from secaudit.reporting.view import HistoryPoint


def parse_output(text: str) -> tuple[str, Path | None]:
    """Read `FORMAT=FILE` or `FILE`; `-` is stdout (None).

    Raises:
        UsageError: the format cannot be told.
    """
    name, equals, rest = text.partition("=")
    if equals and name in FORMATS:
        return name, None if rest == "-" else Path(rest)
    if text == "-":
        return "json", None
    path = Path(text)
    fmt = SUFFIXES.get(path.suffix.lower())
    if fmt is None:
        known = ", ".join(sorted(SUFFIXES))
        hints = (("known", known), ("fix", f"write for example -o report.html or -o json={text}"))
        raise UsageError(f'no format for "{text}" (option --output)', hints)
    return fmt, path


def render(fmt: str, run: Run, snapshot: Snapshot | None, earlier: Sequence[Summary] = ()) -> Sequence[bytes]:
    """The run in one of `FORMATS`: UTF-8, in parts.

    Raises:
        UsageError: a snapshot is asked for and there is none.
    """
    make = FORMATS[fmt].make
    if make is None:
        if snapshot is None:
            raise UsageError("this run was stored without its snapshot", (("fix", "audit again"),))
        return _encoded(snapshot_parts(snapshot))
    before = tuple(earlier)
    known, earlier_known, made = _last.get(fmt, (None, (), ()))
    if known is not run or earlier_known != before:
        made = _encoded(make(run, before))
        _last[fmt] = (run, before, made)
    return made


_last: dict[str, tuple[Run, tuple[Summary, ...], Sequence[bytes]]] = {}
"""What was made last, by format: an audit that keeps its run and writes `-o report.html` needs it twice, and the
report carries the run document (a tenth of the time of an audit)."""

AT_ONCE = 40
"""So many pieces become one part: a template gives short ones, about 40 bytes each."""


def _encoded(texts: Iterable[str]) -> Sequence[bytes]:
    """In larger parts. What UTF-8 cannot hold (a lone surrogate) becomes an escape, which JSON reads back."""
    parts: list[bytes] = []
    waiting = iter(texts)
    while batch := list(islice(waiting, AT_ONCE)):
        parts.append("".join(batch).encode("utf-8", "backslashreplace"))
    return parts


def write(path: Path, parts: Sequence[bytes]) -> None:
    """Write a report: complete, or not at all; readable by its owner only.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to rename over
            with path.open("wb") as stream:
                stream.writelines(parts)
            return
        write_private(path, parts)
    except OSError as error:
        hints = (("fix", "choose a folder that exists, that you may write to and that has space"),)
        raise UsageError(f"{path}: {error.strerror or error} (option --output)", hints) from error


def _plain(run: Run, earlier: Sequence[Summary]) -> Iterable[str]:
    from secaudit.reporting import plain

    return (plain.render(run),)


def _html(run: Run, earlier: Sequence[Summary]) -> Iterable[str]:
    from secaudit.reporting import html

    lines = (line for part in render("json", run, None) for line in part.decode("utf-8").splitlines(keepends=True))
    return html.parts(run, _points(earlier), lines)


def _markdown(run: Run, earlier: Sequence[Summary]) -> Iterable[str]:
    from secaudit.reporting import markdown

    return (markdown.render(run, _points(earlier)),)


def _sarif(run: Run, earlier: Sequence[Summary]) -> Iterable[str]:
    from secaudit.engine.acceptance import mark_of
    from secaudit.reporting import sarif

    return (sarif.render(run, mark_of),)


def _points(earlier: Sequence[Summary]) -> list[HistoryPoint]:
    from secaudit.reporting.view import HistoryPoint

    ordered = sorted(earlier, key=lambda point: point.started)
    return [HistoryPoint(point.finished, point.low, point.high, point.failed) for point in ordered]


class Format(NamedTuple):
    """One way to write a run."""

    endings: tuple[str, ...]
    """Of files in this format; none of two formats is the same."""
    make: Callable[[Run, Sequence[Summary]], Iterable[str]] | None
    """None for a snapshot, which is made of what was collected and not of the run."""
    is_json: bool = False


FORMATS = {
    "html": Format((".html", ".htm"), _html),
    "md": Format((".md",), _markdown),
    "json": Format((".json",), lambda run, earlier: run_parts(run), is_json=True),
    "sarif": Format((".sarif",), _sarif, is_json=True),
    "plain": Format((".txt", ".tsv"), _plain),
    "snapshot": Format((".jsonl",), None, is_json=True),
}
"""All of them. The command line takes names and endings from here; a new one is its module and a line."""

SUFFIXES = {ending: name for name, each in FORMATS.items() for ending in each.endings}
ON_STDOUT = tuple(name for name in FORMATS if name != "snapshot")
"""What `--format` may name."""
