"""The run document: one JSON text of a run, and back. Same run, same bytes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any, cast

from secaudit.content.decode import DecodeProblem, decode
from secaudit.errors import StateError
from secaudit.model import Run

_RENAMED = {"passed": "pass", "failed": "fail"}
"""`pass` is a word of Python, so `Counts` cannot have a field of that name."""


_ACTING = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""What JSON need not escape and a terminal or an editor may obey: C1 controls, hidden and direction-changing signs."""


@cache
def _names(kind: type) -> tuple[tuple[str, str], ...]:
    """Field -> key of one dataclass."""
    return tuple((item.name, _RENAMED.get(item.name, item.name)) for item in fields(kind))


def plain(value: object) -> Any:
    """Dataclasses, enums and tuples as what JSON knows."""
    if value is None or type(value) in (str, int, bool):
        return value
    if isinstance(value, str):  # a word of a closed set
        return str(value)
    if is_dataclass(value):
        return {key: plain(getattr(value, name)) for name, key in _names(cast(Any, type(value)))}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return value


def dump_run(run: Run) -> str:
    """The run as JSON, see `run_parts`."""
    return "".join(run_parts(run))


def run_parts(run: Run) -> Iterator[str]:
    """The run as JSON: UTF-8, one line for each key and for each item of a list, `schema` first.

    Lines make a difference between two runs readable; compact items keep the C encoder in use, which is several times
    faster than indenting. A part at a time, because all of it at once is what an audit would need most memory for.
    """
    keys = {key: getattr(run, name) for name, key in _names(Run)}
    start = "{\n "
    for key in ("schema", *(key for key in keys if key != "schema")):
        value = keys[key]
        yield f"{start}{compact_json(key)}: "
        if isinstance(value, tuple) and value:
            comma = "[\n  "
            for item in value:
                yield comma + compact_json(plain(item))
                comma = ",\n  "
            yield "\n ]"
        else:
            yield compact_json(plain(value))
        start = ",\n "
    yield "\n}\n"


def compact_json(value: object, separators: tuple[str, str] | None = None) -> str:
    """JSON on one line that does nothing when it is shown; the value stays the same."""
    text = json.dumps(value, ensure_ascii=False, separators=separators)
    return text if text.isascii() else _ACTING.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def load_run(text: str, name: str) -> Run:
    """Read a run document back.

    Args:
        text: the JSON.
        name: what to call it in messages, a path.

    Raises:
        StateError: it is not a run document of version 1.
    """
    hints = (("fix", "use a file written by: secaudit audit -o run.json"),)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise StateError(f"{name}: not JSON: {error}", hints) from error
    if not isinstance(data, dict) or data.get("schema") != "secaudit.run/1":
        raise StateError(f'{name}: not a run document ("schema" is not "secaudit.run/1")', hints)
    counts = data.get("counts")
    if isinstance(counts, dict):
        back = {new: old for old, new in _RENAMED.items()}
        data["counts"] = {back.get(key, key): value for key, value in counts.items()}
    try:
        return decode(Run, _known(data))
    except DecodeProblem as problem:
        where = ".".join(map(str, problem.keys))
        raise StateError(f"{name}: {where}: {problem.message}", hints) from problem


def _known(data: dict[str, Any]) -> dict[str, Any]:
    """Leave out keys that a newer version of /1 may have added at the top."""
    names = {item.name for item in fields(cast(Any, Run))}
    return {key: value for key, value in data.items() if key in names}
