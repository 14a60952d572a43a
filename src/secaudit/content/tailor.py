"""Values of checks' parameters that a profile or the command line sets instead of the check's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from secaudit.content.decode import DecodeProblem, nearest
from secaudit.errors import UsageError
from secaudit.model import Check, Param, ParamValue, Tailoring

Params = dict[str, dict[str, ParamValue]]


def check_params(check: Check, values: Mapping[str, ParamValue]) -> None:
    """Refuse a parameter that the check does not have, and a value of another kind than its own.

    A text where a number belongs would not be an error in SQL: it would compare as larger than every number.

    Raises:
        DecodeProblem: under the parameter's name.
    """
    for name, value in values.items():
        param = check.params.get(name)
        if param is None:
            raise DecodeProblem((name,), f'no parameter "{name}" in {check.id}', nearest(name, check.params))
        if type(value) is not type(param.default):
            fix = (("fix", f"write {_kind(param)}: {param.hint}"),)
            raise DecodeProblem((name,), f'{check.id}.{name}: "{value}" is not {_kind(param)}', fix)


def read_params(checks: Mapping[str, Check], texts: Iterable[str]) -> Params:
    """Parse what was given with --param, `CHECK.NAME=VALUE`; a list is written `a,b,c`.

    Raises:
        UsageError: it has another form, or fits no parameter.
    """
    params: Params = {}
    for text in texts:
        place, equals, raw = text.partition("=")
        check_id, dot, name = place.partition(".")
        if not (equals and dot and name):
            fix = ("fix", "write CHECK.NAME=VALUE, as --param ssh-max-auth-tries.limit=3")
            raise UsageError(f'"{text}" is not a parameter (option --param)', (fix,))
        check = checks.get(check_id)
        if check is None:
            raise UsageError(f'no check "{check_id}" (option --param)', nearest(check_id, checks)[-1:])
        value = _read(raw, check.params.get(name))
        try:
            check_params(check, {name: value})
        except DecodeProblem as problem:
            raise UsageError(f"{problem.message} (option --param)", problem.hints) from problem
        params.setdefault(check_id, {})[name] = value
    return params


def tailorings(checks: Iterable[Check], params: Params) -> tuple[Tailoring, ...]:
    """What differs from the checks' own values, for the run to say."""
    return tuple(
        Tailoring(check.id, name, value, check.params[name].default)
        for check in checks
        for name, value in sorted(params.get(check.id, {}).items())
        if name in check.params and value != check.params[name].default
    )


def _read(raw: str, param: Param | None) -> ParamValue:
    if param is not None and isinstance(param.default, tuple):
        return tuple(part.strip() for part in raw.split(",") if part.strip())
    if param is not None and isinstance(param.default, int) and raw.lstrip("-").isdecimal():
        return int(raw)
    return raw


def _kind(param: Param) -> str:
    if isinstance(param.default, tuple):
        return "a list"
    return "a whole number" if isinstance(param.default, int) else "a text"
