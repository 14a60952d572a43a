"""Write a run in the format that a file's name asks for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from secaudit.errors import UsageError
from secaudit.evidence.document import dump_run
from secaudit.evidence.snapshot import dump_snapshot
from secaudit.history.store import Summary, write_private
from secaudit.model import Run, Snapshot

if TYPE_CHECKING:
    from secaudit.reporting.view import HistoryPoint

FORMATS = ("html", "md", "json", "plain", "snapshot")
SUFFIXES = {
    ".html": "html", ".htm": "html", ".md": "md", ".json": "json", ".txt": "plain", ".tsv": "plain",
    ".jsonl": "snapshot",
}  # fmt: skip


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
        hints = (("known", known), ("fix", f"write for example -o report.html or -o {FORMATS[2]}={text}"))
        raise UsageError(f'no format for "{text}" (option --output)', hints)
    return fmt, path


def render(fmt: str, run: Run, snapshot: Snapshot | None, earlier: Sequence[Summary] = ()) -> str:
    """The run as text in one of `FORMATS`.

    Raises:
        UsageError: a snapshot is asked for and there is none.
    """
    makers: dict[str, Callable[[], str]] = {
        "json": lambda: _json(run),
        "plain": lambda: _plain(run),
        "html": lambda: _html(run, earlier),
        "md": lambda: _markdown(run, earlier),
    }
    if fmt == "snapshot":
        if snapshot is None:
            raise UsageError("this run was stored without its snapshot", (("fix", "audit again"),))
        return dump_snapshot(snapshot)
    return makers[fmt]()


def write(path: Path, text: str) -> None:
    """Write a report: complete, or not at all; readable by its owner only.

    Raises:
        UsageError: the folder cannot be written.
    """
    try:
        if path.exists() and not path.is_file():  # /dev/stdout, a pipe: nothing to rename over
            path.write_text(text, encoding="utf-8")
            return
        write_private(path, text)
    except OSError as error:
        hints = (("fix", "choose a folder that exists, that you may write to and that has space"),)
        raise UsageError(f"{path}: {error.strerror or error} (option --output)", hints) from error


def _plain(run: Run) -> str:
    from secaudit.reporting import plain

    return plain.render(run)


_last: dict[str, tuple[Run, tuple[Summary, ...], str]] = {}
"""What was made last, by format: an audit that keeps its run and writes `-o report.html` needs it twice, and the
report carries the run document (a tenth of the time of an audit)."""


def _once(fmt: str, run: Run, earlier: Sequence[Summary], make: Callable[[], str]) -> str:
    known, before, text = _last.get(fmt, (None, (), ""))
    if known is not run or before != tuple(earlier):
        text = make()
        _last[fmt] = (run, tuple(earlier), text)
    return text


def _json(run: Run) -> str:
    return _once("json", run, (), lambda: dump_run(run))


def _html(run: Run, earlier: Sequence[Summary]) -> str:
    from secaudit.reporting import html

    return _once("html", run, earlier, lambda: html.render(run, _points(earlier), _json(run)))


def _markdown(run: Run, earlier: Sequence[Summary]) -> str:
    from secaudit.reporting import markdown

    return markdown.render(run, _points(earlier))


def _points(earlier: Sequence[Summary]) -> list[HistoryPoint]:
    from secaudit.reporting.view import HistoryPoint

    ordered = sorted(earlier, key=lambda point: point.started)
    return [HistoryPoint(point.finished, point.low, point.high, point.failed) for point in ordered]
