"""Turn plain data into the model's dataclasses, strictly: unknown keys, wrong types and unknown words are refused.

The dataclasses are the only description of the formats; `schema.py` makes the JSON Schemas from the same types.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from difflib import get_close_matches
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar, cast

Keys = tuple[str | int, ...]
T = TypeVar("T")
Decoder = Callable[[object, Keys], Any]


class DecodeProblem(Exception):
    """What is wrong, under which path of keys, and pairs of hints."""

    def __init__(self, keys: Keys, message: str, hints: tuple[tuple[str, str], ...] = ()) -> None:
        super().__init__(message)
        self.keys = keys
        self.message = message
        self.hints = hints


def decode(kind: type[T], data: object) -> T:
    """Give an instance of a dataclass of the model.

    Raises:
        DecodeProblem: naming the place and the nearest right word.
    """
    return cast(T, decoder_of(cast(Any, kind))(data, ()))


def nearest(word: str, known: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """Hints for an unknown word: what was probably meant, and the known ones when they are few."""
    names = sorted(known)
    hints: list[tuple[str, str]] = []
    if len(names) <= 24:
        hints.append(("known", ", ".join(names)))
    if close := get_close_matches(word, names, 1, 0.6):
        hints.append(("fix", f'did you mean "{close[0]}"?'))
    return tuple(hints)


@cache
def decoder_of(kind: Any) -> Decoder:
    """The function that decodes one type; built once for each type."""
    if kind is str:
        return _text
    if kind is int:
        return _integer
    if kind is bool:
        return _boolean
    if kind is object:
        return lambda data, keys: data
    if kind is type(None):
        return _nothing
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _word_of(kind)
    if isinstance(kind, type) and is_dataclass(kind):
        return _record_of(kind)
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return _list_of(decoder_of(arguments[0]))
    if origin is Mapping:
        return _mapping_of(decoder_of(arguments[1]))
    if origin in (types.UnionType, typing.Union):
        return _union_of(arguments)
    raise TypeError(f"no decoder for {kind}")


def describe(data: object) -> str:
    """The kind of a value in words."""
    names: dict[type, str] = {
        str: "text", int: "a number", bool: "true or false", list: "a list", dict: "a mapping", type(None): "nothing",
    }  # fmt: skip
    return names.get(type(data), type(data).__name__)


def _text(data: object, keys: Keys) -> str:
    if isinstance(data, str):
        return data
    if isinstance(data, bool | int):
        shown = str(data).lower()
        raise DecodeProblem(keys, f"text is needed here, {shown} is {describe(data)}", (("fix", f'write "{shown}"'),))
    raise DecodeProblem(keys, f"text is needed here, not {describe(data)}")


def _integer(data: object, keys: Keys) -> int:
    if isinstance(data, bool):
        return int(data)
    if isinstance(data, int):
        return data
    if isinstance(data, str) and data[:2] == "0o":
        try:
            return int(data, 8)
        except ValueError:
            pass
    hints: tuple[tuple[str, str], ...] = ()
    if isinstance(data, str) and data[:1] == "0" and data.isdigit():
        hints = (("fix", f'an octal number is written "0o{data.lstrip("0") or "0"}"'),)
    raise DecodeProblem(keys, f"a whole number is needed here, not {describe(data)}", hints)


def _boolean(data: object, keys: Keys) -> bool:
    if isinstance(data, bool):
        return data
    hints = (("fix", "write true or false"),) if isinstance(data, str) else ()
    raise DecodeProblem(keys, f"true or false is needed here, not {describe(data)}", hints)


def _nothing(data: object, keys: Keys) -> None:
    if data is not None:
        raise DecodeProblem(keys, f"nothing is allowed here, not {describe(data)}")


def _word_of(kind: type[StrEnum]) -> Decoder:
    words = {member.value: member for member in kind}

    def read(data: object, keys: Keys) -> StrEnum:
        if isinstance(data, str) and data in words:
            return words[data]
        shown = f'"{data}"' if isinstance(data, str) else describe(data)
        name = str(keys[-1]) if keys else kind.__name__.lower()
        raise DecodeProblem(keys, f"no {name} {shown}", nearest(str(data), words))

    return read


def _list_of(item: Decoder) -> Decoder:
    def read(data: object, keys: Keys) -> tuple[Any, ...]:
        if not isinstance(data, list):
            raise DecodeProblem(keys, f"a list is needed here, not {describe(data)}", (("fix", "write [one, two]"),))
        return tuple(item(value, (*keys, position)) for position, value in enumerate(data))

    return read


def _mapping_of(item: Decoder) -> Decoder:
    def read(data: object, keys: Keys) -> dict[str, Any]:
        if not isinstance(data, dict):
            raise DecodeProblem(keys, f"a mapping is needed here, not {describe(data)}", (("fix", "write key: value"),))
        return {key: item(value, (*keys, key)) for key, value in data.items()}

    return read


def _union_of(arguments: tuple[Any, ...]) -> Decoder:
    """Try the members that fit the kind of the value; text before numbers, so that text stays text."""
    by_kind: dict[type, Decoder] = {}
    for argument in arguments:
        shape = typing.get_origin(argument) or argument
        if argument is type(None):
            by_kind[type(None)] = _nothing
        elif shape is tuple:
            by_kind[list] = decoder_of(argument)
        elif shape is Mapping or is_dataclass(argument):
            by_kind[dict] = decoder_of(argument)
        elif argument is int:
            by_kind[int] = by_kind[bool] = _integer
        else:
            by_kind[str] = decoder_of(argument)
    if int not in by_kind and str in by_kind:
        by_kind[int] = by_kind[bool] = by_kind[str]  # for its message: "write \"640\""

    def read(data: object, keys: Keys) -> Any:
        reader = by_kind.get(type(data))
        if reader is None:
            raise DecodeProblem(keys, f"{describe(data)} is not allowed here")
        return reader(data, keys)

    return read


def _record_of(kind: type) -> Decoder:
    annotations = typing.get_type_hints(kind)
    readers = {item.name: decoder_of(annotations[item.name]) for item in fields(kind)}
    required = [item.name for item in fields(kind) if item.default is MISSING and item.default_factory is MISSING]

    def read(data: object, keys: Keys) -> Any:
        if not isinstance(data, dict):
            raise DecodeProblem(keys, f"a mapping is needed here, not {describe(data)}")
        values = {}
        for key, value in data.items():
            reader = readers.get(key)
            if reader is None:
                hints = nearest(key, readers)
                if value is None:  # {hint: one, two} reads as the keys `hint` and `two`
                    hints = (*hints, ("fix", "a text with a comma inside { } needs quotes"))
                raise DecodeProblem((*keys, key), f'no key "{key}" here', hints)
            values[key] = reader(value, (*keys, key))
        for name in required:
            if name not in values:
                where = f' in "{keys[-1]}"' if keys else ""
                raise DecodeProblem(keys, f'the key "{name}" is missing{where}', (("fix", f"add {name}: ..."),))
        return kind(**values)

    return read
