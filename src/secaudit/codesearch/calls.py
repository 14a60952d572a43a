"""Short forms of rules: calls by name and place, as rule objects of ast-grep."""

from __future__ import annotations

import re
from typing import Any, Callable, Mapping

CALL = re.compile(r"^(new )?(\.|->|\w+::)?([\w.$|!?:]+)\(([^)]*)\)$")

Shape = tuple[list[str], list[dict[str, Any]], dict[str, Any]]
"""Kinds of nodes, what they must have, and where the arguments are."""

_ARGUMENTS = {"field": "arguments"}


class BadRule(ValueError):
    """A rule is not written as it must be."""


def call_rule(text: str, language: str) -> dict[str, Any]:
    """The ast-grep rule for `name(_, ARG)`, `.method(ARG)`, `->method(ARG)`, `Class::method(ARG)`, `new Name(ARG)`.

    `a|b` stands for one of several names, `_` for an argument that does not matter. A name may have its class or
    package before a dot: `exec.Command(ARG)`, `File.open|read(ARG)`.
    """
    match = CALL.match(text)
    if match is None:
        raise BadRule(f'"{text}" is no short form of a call')
    new, sign, name, arguments = match.groups()
    kinds, parts, place = SHAPES.get(language, _script)(new, sign, name)
    words = [word.strip() for word in arguments.split(",")] if arguments.strip() else []
    for position, word in enumerate(words, 1):
        if word == "ARG":
            parts.append({"has": {**place, "has": {"nthChild": position, "pattern": "$ARG"}}})
    return {"all": [{"any": [{"kind": kind} for kind in kinds]}, *parts]}


def _names(name: str) -> str:
    return "|".join(re.escape(part) for part in name.split("|"))


def _dotted(name: str) -> tuple[str, str]:
    """`File.open|read` as the class and the names of its methods."""
    owner, dot, methods = name.rpartition(".")
    return (owner, methods) if dot else ("", name)


def _script(new: str | None, sign: str | None, name: str) -> Shape:
    kinds, field = (["new_expression"], "constructor") if new else (["call_expression"], "function")
    if sign == ".":
        place: dict[str, Any] = {
            "kind": "member_expression",
            "has": {"field": "property", "regex": f"^({_names(name)})$"},
        }
    else:
        place = {"regex": f"^({_names(name)})$"}
    return kinds, [{"has": {"field": field, **place}}], _ARGUMENTS


def _php(new: str | None, sign: str | None, name: str) -> Shape:
    """Names of functions, methods and classes do not mind the case."""
    names = _names(name)
    named = {"has": {"field": "name", "regex": f"(?i)^({names})$"}}
    if new:
        classes = {"any": [{"kind": "name"}, {"kind": "qualified_name"}], "regex": rf"(?i)(^|\\)({names})$"}
        return ["object_creation_expression"], [{"has": classes}], {"kind": "arguments"}
    if sign == "->":
        return ["member_call_expression", "nullsafe_member_call_expression"], [named], _ARGUMENTS
    if sign:
        scope = {"has": {"field": "scope", "regex": rf"(^|\\){sign[:-2]}$"}}
        return ["scoped_call_expression"], [scope, named], _ARGUMENTS
    function = {"has": {"field": "function", "regex": rf"(?i)^\\?({names})$"}}
    return ["function_call_expression"], [function], _ARGUMENTS


def _go(new: str | None, sign: str | None, name: str) -> Shape:
    owner, methods = _dotted(name)
    selector: dict[str, Any] = {"kind": "selector_expression"}
    parts = [{"has": {"field": "field", "regex": f"^({_names(methods)})$"}}]
    if owner:
        parts.append({"has": {"field": "operand", "regex": f"^({_names(owner)})$"}})
    function = {**selector, "all": parts} if sign or owner else {"regex": f"^({_names(name)})$"}
    return ["call_expression"], [{"has": {"field": "function", **function}}], _ARGUMENTS


def _csharp(new: str | None, sign: str | None, name: str) -> Shape:
    if new:
        kind = {"has": {"field": "type", "regex": rf"^([A-Za-z.]+\.)?({_names(name)})$"}}
        return ["object_creation_expression"], [kind], _ARGUMENTS
    owner, methods = _dotted(name)
    parts: list[dict[str, Any]] = [{"has": {"field": "name", "regex": f"^({_names(methods)})(<.*)?$"}}]
    if owner:
        parts.append({"has": {"field": "expression", "regex": rf"^([A-Za-z.]+\.)?({_names(owner)})$"}})
    member = {"kind": "member_access_expression", "all": parts}
    function = member if sign or owner else {"regex": f"^({_names(name)})$"}
    return ["invocation_expression"], [{"has": {"field": "function", **function}}], _ARGUMENTS


def _java(new: str | None, sign: str | None, name: str) -> Shape:
    if new:
        kind = {"has": {"field": "type", "regex": rf"^([a-z.]+\.)?({_names(name)})(<.*)?$"}}
        return ["object_creation_expression"], [kind], _ARGUMENTS
    owner, methods = _dotted(name)
    parts: list[dict[str, Any]] = [{"has": {"field": "name", "regex": f"^({_names(methods)})$"}}]
    if owner:
        parts.append({"has": {"field": "object", "regex": rf"^([a-z.]+\.)?({_names(owner)})$"}})
    elif sign:
        parts.append({"has": {"field": "object", "regex": "."}})
    return ["method_invocation"], parts, _ARGUMENTS


def _ruby(new: str | None, sign: str | None, name: str) -> Shape:
    name = f"{sign}{name}" if sign and sign != "." else name  # the first part of Net::HTTP.get
    owner, methods = (name, "new") if new else _dotted(name)
    parts: list[dict[str, Any]] = [{"has": {"field": "method", "regex": f"^({_names(methods)})$"}}]
    if owner:
        parts.append({"has": {"field": "receiver", "regex": f"^(::)?({_names(owner)})$"}})
    elif sign:
        parts.append({"has": {"field": "receiver", "regex": "."}})
    else:
        parts.append({"not": {"has": {"field": "receiver", "regex": "."}}})
    return ["call"], parts, _ARGUMENTS


SHAPES: Mapping[str, Callable[[str | None, str | None, str], Shape]] = {
    "php": _php, "go": _go, "java": _java, "ruby": _ruby, "csharp": _csharp,
}  # fmt: skip
