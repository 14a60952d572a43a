"""JSON Schemas of content and of the run document, made from the model's types, for editors and for other programs."""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any

from secaudit.content.probes import ProbeGroup, SignatureFile, SoftwareFile
from secaudit.model import Check, ObjectiveSet, Profile, Run, Standard

TITLE_LIMIT = 75
_ID = {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9.]+)*$"}

KINDS: dict[str, type] = {
    "check": Check,
    "objectives": ObjectiveSet,
    "standard": Standard,
    "profile": Profile,
    "run": Run,
    "probes": ProbeGroup,
    "signatures": SignatureFile,
    "software": SoftwareFile,
}
"""File stem -> type, for src/secaudit/schemas/STEM.schema.json."""

_EXTRA: dict[tuple[str, str], dict[str, Any]] = {
    ("Check", "id"): _ID,
    ("Check", "title"): {"type": "string", "maxLength": TITLE_LIMIT},
    ("Check", "fail_title"): {"type": "string", "maxLength": TITLE_LIMIT},
    ("Objective", "id"): _ID,
    ("Objective", "title"): {"type": "string", "maxLength": TITLE_LIMIT},
    ("Check", "touches"): {"type": "array", "items": {"type": "string", "pattern": "^(/|~/)"}},
    ("Check", "fix"): {
        "type": "object",
        "propertyNames": {"enum": ["any", "debian", "fedora", "arch", "alpine", "suse"]},
        "additionalProperties": {"type": "string"},
    },
}
_RENAMED = {("Counts", "passed"): "pass", ("Counts", "failed"): "fail"}


def schema_of(stem: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one kind of document."""
    kind = KINDS[stem]
    definitions: dict[str, Any] = {}
    body = _record(kind, definitions, closed=stem != "run")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"secaudit:{stem}/1",
        "title": f"secaudit {stem}",
        **body,
        "$defs": dict(sorted(definitions.items())),
    }


def _record(kind: type, definitions: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    hints = typing.get_type_hints(kind)
    described = field_docs(kind)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for item in fields(kind):
        name = _RENAMED.get((kind.__name__, item.name), item.name)
        shape = _EXTRA.get((kind.__name__, item.name)) or _type(hints[item.name], definitions, closed=closed)
        properties[name] = {**shape, "description": described[item.name]} if item.name in described else dict(shape)
        if not closed or (item.default is MISSING and item.default_factory is MISSING):
            required.append(name)
    result: dict[str, Any] = {"type": "object", "properties": properties, "required": sorted(required)}
    if closed:  # a run may gain keys within /1, content may not
        result["additionalProperties"] = False
    if kind.__doc__ and not kind.__doc__.startswith(kind.__name__ + "("):
        result["description"] = inspect.cleandoc(kind.__doc__)
    return result


def _type(kind: Any, definitions: dict[str, Any], *, closed: bool) -> dict[str, Any]:
    simple: dict[Any, dict[str, Any]] = {
        str: {"type": "string"}, int: {"type": "integer"}, bool: {"type": "boolean"}, object: {},
        type(None): {"type": "null"},
    }  # fmt: skip
    if kind in simple:
        return simple[kind]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return {"enum": [member.value for member in kind]}
    if isinstance(kind, type) and is_dataclass(kind):
        if kind.__name__ not in definitions:
            definitions[kind.__name__] = {}
            definitions[kind.__name__] = _record(kind, definitions, closed=closed)
        return {"$ref": f"#/$defs/{kind.__name__}"}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is tuple:
        return {"type": "array", "items": _type(arguments[0], definitions, closed=closed)}
    if origin is Mapping:
        return {"type": "object", "additionalProperties": _type(arguments[1], definitions, closed=closed)}
    if origin in (types.UnionType, typing.Union):
        return {"anyOf": [_type(argument, definitions, closed=closed) for argument in arguments]}
    raise TypeError(f"no schema for {kind}")


def field_docs(kind: type) -> dict[str, str]:
    """The texts written under the fields of a dataclass or NamedTuple."""
    import ast
    import textwrap

    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    except (OSError, SyntaxError):
        return {}
    body = typing.cast(ast.ClassDef, tree.body[0]).body
    found: dict[str, str] = {}
    for current, following in zip(body, body[1:], strict=False):
        if (
            isinstance(current, ast.AnnAssign)
            and isinstance(current.target, ast.Name)
            and isinstance(following, ast.Expr)
            and isinstance(following.value, ast.Constant)
            and isinstance(following.value.value, str)
        ):
            found[current.target.id] = inspect.cleandoc(following.value.value)
    return found
