"""YAML as plain texts, lists and mappings with lines: no aliases, no types, bounded in depth and number."""

from __future__ import annotations

from typing import Any

from secaudit.tables.project._package_model import Unreadable

MAX_EVENTS = 2_000_000
MAX_DEPTH = 60


class Lined(dict):  # type: ignore[type-arg]
    """A mapping that knows the line of each key."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: dict[str, int] = {}


def load_yaml(data: bytes) -> Any:
    """The first document with something in it; each scalar is text, also numbers, so that 1.10 stays 1.10.

    Raises:
        Unreadable: it is no YAML, it uses aliases, or it is too large or too deep.
    """
    documents = load_all(data, 8)
    return next((each for each in documents if each), None)


def load_all(data: bytes, most: int) -> list[Any]:
    """The first documents of a stream.

    Raises:
        Unreadable: as load_yaml.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _build(yaml, yaml.parse(data, Loader=loader), most)
    except (yaml.YAMLError, UnicodeDecodeError, ValueError, RecursionError) as problem:
        raise Unreadable(f"it is no YAML: {str(problem).splitlines()[0][:100]}") from None


def _build(yaml: Any, events: Any, most: int) -> list[Any]:
    documents: list[Any] = []
    stack: list[Any] = []  # open lists and mappings
    keys: list[str | None] = []  # the waiting key of each of them
    for count, event in enumerate(events):
        if count > MAX_EVENTS:
            raise Unreadable("it has too many values")
        if isinstance(event, yaml.AliasEvent):
            raise Unreadable("it uses aliases (*name), which no lock file needs")
        if isinstance(event, yaml.ScalarEvent):
            value: Any = event.value
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            value = Lined() if isinstance(event, yaml.MappingStartEvent) else []
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            stack.pop()
            keys.pop()
            continue
        else:
            continue
        if not stack:
            documents.append(value)
            if len(documents) > most:
                return documents
        elif isinstance(stack[-1], list):
            stack[-1].append(value)
        elif keys[-1] is None:
            keys[-1] = value if isinstance(value, str) else "?"
            stack[-1].lines.setdefault(keys[-1], event.start_mark.line + 1)
            if isinstance(value, str):
                continue
        else:
            stack[-1][keys[-1]] = value
            keys[-1] = None
        if not isinstance(value, str):
            stack.append(value)
            keys.append(None)
            if len(stack) > MAX_DEPTH:
                raise Unreadable("it is nested too deeply")
    return documents
