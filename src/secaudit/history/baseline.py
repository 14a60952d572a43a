"""The file with accepted findings: JSON, strict, bounded. Anybody may have written it, so its texts are only shown."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict
from pathlib import Path

from secaudit.content.decode import DecodeProblem, decode
from secaudit.errors import StateError, UsageError
from secaudit.model import Baseline
from secaudit.userfile import FileProblem, read_file

SCHEMA = "secaudit.baseline/1"
LIMIT_BYTES = 32 * 1024 * 1024
LONGEST_REASON = 500
_DAY = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])\Z")
_DAY_HINTS = (("fix", "write YYYY-MM-DD"),)
_HINTS = (("fix", "use a file written by: secaudit baseline create"),)


def dump_baseline(baseline: Baseline) -> str:
    """One line for each accepted finding, in a steady order, so that a change of the file is easy to review."""
    head = {"schema": baseline.schema, "made": baseline.made, "target": baseline.target, "key": baseline.key}
    rows = sorted(baseline.accepted, key=lambda item: (item.check, item.path, item.mark, item.value or ""))
    lines = [json.dumps(asdict(item), ensure_ascii=True) for item in rows]
    body = "[\n  " + ",\n  ".join(lines) + "\n ]" if lines else "[]"
    return (
        "{\n"
        + "".join(f' "{key}": {json.dumps(value)},\n' for key, value in head.items())
        + f' "accepted": {body}\n}}\n'
    )


def load_baseline(path: Path) -> tuple[Baseline, str]:
    """Read it; gives the SHA-256 of the file as well.

    Raises:
        StateError: it cannot be read, or is no baseline.
    """
    try:
        data = read_file(path, LIMIT_BYTES)
    except FileProblem as problem:
        raise StateError(f"{path}: {problem} (option --baseline)", _HINTS) from problem
    try:
        found = decode(Baseline, json.loads(data.decode("utf-8")))
    except DecodeProblem as problem:
        where = ".".join(map(str, problem.keys))
        raise StateError(f"{path}: {where}: {problem.message} (option --baseline)", _HINTS) from problem
    except (ValueError, RecursionError) as error:
        raise StateError(f"{path}: not JSON: {error} (option --baseline)", _HINTS) from error
    if found.schema != SCHEMA:
        raise StateError(f'{path}: no baseline ("schema" is not "{SCHEMA}") (option --baseline)', _HINTS)
    for entry in found.accepted:
        for day in (entry.date, entry.until):
            if day is not None and not _DAY.match(day):
                raise StateError(f'{path}: "{day}" is no day (option --baseline)', _DAY_HINTS)
        if not entry.reason.strip() or len(entry.reason) > LONGEST_REASON:
            what = f"{entry.check} in {entry.path} needs a reason of at most {LONGEST_REASON} characters"
            raise StateError(f"{path}: {what} (option --baseline)", (("fix", "say why this is accepted"),))
    return found, hashlib.sha256(data).hexdigest()


def check_day(day: str | None, option: str) -> None:
    """Refuse what is no day.

    Raises:
        UsageError: it is not YYYY-MM-DD.
    """
    if day is not None and not _DAY.match(day):
        raise UsageError(f'"{day}" is no day (option {option})', _DAY_HINTS)
