"""The run document: one JSON text of a run, and back. Same run, same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, cast

from secaudit.content.decode import DecodeProblem, decode
from secaudit.errors import StateError
from secaudit.model import Run

_RENAMED = {"passed": "pass", "failed": "fail"}
"""`pass` is a word of Python, so `Counts` cannot have a field of that name."""


def plain(value: object) -> Any:
    """Dataclasses, enums and tuples as what JSON knows."""
    if is_dataclass(value) and not isinstance(value, type):
        return {_RENAMED.get(item.name, item.name): plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    return str(value) if isinstance(value, str) else value


def dump_run(run: Run) -> str:
    """The run as JSON, UTF-8 kept as it is, ends with a newline; `schema` is the first key."""
    data = plain(run)
    return json.dumps({"schema": data.pop("schema"), **data}, ensure_ascii=False, indent=1) + "\n"


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
