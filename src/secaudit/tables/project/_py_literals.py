"""What a setting in Python code is worth, read from the syntax tree: literals, and what comes out of the environment.

A setting that is read from the environment has the value of its default, marked as `environment`. Comparisons of
environment values with words such as "production" are answered as a server in production would.
"""

from __future__ import annotations

import ast
from typing import Any, NamedTuple

LITERAL, ENVIRONMENT, COMPUTED, DEFAULT = "literal", "environment", "computed", "default"
MAX_DEPTH = 30
MAX_ITEMS = 1_000
"""Of one list or dictionary. A longer one is not known: a part of it could pass for the whole."""

Plain = Any
"""A text, number, yes or no, None, or a list or dictionary of these."""

PRODUCTION = ("prod", "live", "deploy", "heroku", "staging", "stage", "server")
DEVELOPMENT = ("dev", "local", "debug", "example", "sample")
TESTING = ("test", "ci", "pytest")
_WORKSHOP = ("dev", "local", "debug", "test", "ci")


class _Missing:
    """What the environment must give: there is no value without."""


MISSING = _Missing()


class Known(NamedTuple):
    """A value and how it is known; `computed` has no value."""

    value: Plain
    how: str


UNKNOWN = Known(None, COMPUTED)
_ENV_READERS = frozenset("os.environ.get os.getenv environ.get getenv os.environ.setdefault".split())
_ENV_MAKERS = frozenset(
    "config env_config decouple.config env.str env.bool env.int env.list env.get_value env.url env.db env.json"
    " env.cache env.bytes env.dict env.float env.path env.get env".split()
)
_TEXT_METHODS = frozenset("lower upper strip title casefold split".split())
_CASTS = frozenset(
    "int bool str float list tuple set frozenset strtobool str2bool to_bool parse_bool json.loads Csv timedelta".split()
)


class Evaluator:
    """Expressions of one module, with the names that were given values so far."""

    def __init__(self, names: dict[str, Known], env_defaults: dict[str, Plain] | None = None) -> None:
        self.names = names
        self.env_defaults = {} if env_defaults is None else env_defaults

    def value(self, node: ast.expr | None, depth: int = 0) -> Known:
        """What an expression is worth."""
        if node is None or depth > MAX_DEPTH:
            return UNKNOWN
        deeper = depth + 1
        if isinstance(node, ast.Constant):
            return Known(
                node.value if isinstance(node.value, (str, bytes, int, float, bool, type(None))) else None, LITERAL
            )
        if isinstance(node, ast.Name):
            return self.names.get(node.id, UNKNOWN)
        if isinstance(node, ast.Attribute):
            return self.names.get(_dotted(node), UNKNOWN)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return self._list(node.elts, deeper)
        if isinstance(node, ast.Dict):
            return self._dict(node, deeper)
        if isinstance(node, ast.Subscript):
            return self._subscript(node, deeper)
        if isinstance(node, ast.Call):
            return self._call(node, deeper)
        if isinstance(node, ast.Compare):
            return self._compare(node, deeper)
        if isinstance(node, ast.UnaryOp):
            inner = self.value(node.operand, deeper)
            if inner.value is MISSING:
                return inner
            if isinstance(node.op, ast.Not) and inner.how != COMPUTED:
                return Known(not inner.value, inner.how)
            if isinstance(node.op, ast.USub) and isinstance(inner.value, (int, float)):
                return Known(-inner.value, inner.how)
            return UNKNOWN
        if isinstance(node, ast.BoolOp):
            return self._bool(node, deeper)
        if isinstance(node, ast.IfExp):
            test = self.value(node.test, deeper)
            if test.how == COMPUTED:
                return UNKNOWN
            chosen = self.value(node.body if test.value else node.orelse, deeper)
            return chosen if test.how == LITERAL or chosen.how == COMPUTED else Known(chosen.value, ENVIRONMENT)
        if isinstance(node, ast.BinOp):
            return self._sum(node, deeper)
        if isinstance(node, ast.JoinedStr):
            parts = [
                self.value(item.value if isinstance(item, ast.FormattedValue) else item, deeper) for item in node.values
            ]
            how = _worst(parts)
            return UNKNOWN if how == COMPUTED else Known("".join(str(part.value) for part in parts), how)
        return UNKNOWN

    def _list(self, items: list[ast.expr], depth: int) -> Known:
        """Items that are not known are left out: a list with them is still longer than without."""
        if len(items) > MAX_ITEMS:
            return UNKNOWN
        found: list[Plain] = []
        parts = []
        for item in items:
            inner = self.value(item.value if isinstance(item, ast.Starred) else item, depth)
            parts.append(inner)
            if inner.how == COMPUTED:
                continue
            found.extend(
                inner.value if isinstance(item, ast.Starred) and isinstance(inner.value, list) else [inner.value]
            )
        how = ENVIRONMENT if any(part.how == ENVIRONMENT for part in parts) else LITERAL
        return Known(found, COMPUTED if parts and all(part.how == COMPUTED for part in parts) else how)

    def _dict(self, node: ast.Dict, depth: int) -> Known:
        if len(node.keys) > MAX_ITEMS:
            return UNKNOWN
        found: dict[str, Plain] = {}
        for key, item in zip(node.keys, node.values):  # noqa: B905  Python 3.9
            name = self.value(key, depth) if key is not None else UNKNOWN
            if name.how != COMPUTED:
                found[str(name.value)] = self.value(item, depth).value
        return Known(found, LITERAL)

    def _subscript(self, node: ast.Subscript, depth: int) -> Known:
        if _dotted(node.value) in ("os.environ", "environ", "env"):
            return Known(MISSING, ENVIRONMENT)
        base, key = self.value(node.value, depth), self.value(node.slice, depth)
        if base.how != COMPUTED and isinstance(base.value, dict) and str(key.value) in base.value:
            return Known(base.value[str(key.value)], base.how)
        return UNKNOWN

    def _call(self, node: ast.Call, depth: int) -> Known:
        name = _dotted(node.func)
        words = {item.arg: item.value for item in node.keywords if item.arg}
        if name in _ENV_READERS:
            default = node.args[1] if len(node.args) > 1 else words.get("default")
            return Known(self.value(default, depth).value if default is not None else None, ENVIRONMENT)
        if name in _ENV_MAKERS and node.args and isinstance(node.args[0], ast.Constant):
            return self._env(node, name, words, depth)
        if isinstance(node.func, ast.Attribute) and node.func.attr in _TEXT_METHODS:
            base = self.value(node.func.value, depth)
            if (base.value is None or base.value is MISSING) and base.how == ENVIRONMENT:
                return base
            if isinstance(base.value, str):
                arguments = [self.value(item, depth).value for item in node.args[:1]]
                usable = [item for item in arguments if isinstance(item, str) and item]
                return Known(getattr(base.value, node.func.attr)(*usable), base.how)
            return UNKNOWN
        if name.rpartition(".")[2] in _CASTS and node.args:
            return _cast(name.rpartition(".")[2], self.value(node.args[0], depth))
        return UNKNOWN

    def _env(self, node: ast.Call, name: str, words: dict[str, ast.expr], depth: int) -> Known:
        """django-environ and python-decouple."""
        default = words.get("default", node.args[1] if len(node.args) > 1 and name != "env" else None)
        if default is None and name == "env" and len(node.args) > 1 and not isinstance(node.args[1], ast.Name):
            default = node.args[1]
        first = node.args[0]
        key = str(first.value) if isinstance(first, ast.Constant) else ""
        if default is None:
            return Known(self.env_defaults.get(key, MISSING), ENVIRONMENT)
        found = Known(self.value(default, depth).value, ENVIRONMENT)
        if name.endswith(".bool") or _dotted(words.get("cast")) == "bool":
            return _cast("bool", found)
        return found

    def _compare(self, node: ast.Compare, depth: int) -> Known:
        if len(node.ops) != 1:
            return UNKNOWN
        left, right = self.value(node.left, depth), self.value(node.comparators[0], depth)
        if COMPUTED in (left.how, right.how):
            return UNKNOWN
        operator = node.ops[0]
        is_equal = isinstance(operator, (ast.Eq, ast.In))
        if not is_equal and not isinstance(operator, (ast.NotEq, ast.NotIn)):
            return UNKNOWN
        how = _worst([left, right])
        guessed = _as_in_production(left, right) if how == ENVIRONMENT else None
        if guessed is None and (left.value is MISSING or right.value is MISSING):
            return Known(MISSING, ENVIRONMENT)
        if guessed is None:
            if isinstance(operator, (ast.In, ast.NotIn)):
                guessed = isinstance(right.value, (list, dict, str)) and str(left.value) in (
                    right.value if isinstance(right.value, str) else [str(item) for item in right.value]
                )
            else:
                guessed = left.value == right.value
        return Known(guessed == is_equal, how)

    def _bool(self, node: ast.BoolOp, depth: int) -> Known:
        parts = [self.value(item, depth) for item in node.values]
        is_or = isinstance(node.op, ast.Or)
        for part in parts[:-1]:
            if part.how == COMPUTED:
                return UNKNOWN
            if bool(part.value) == is_or:
                return part
        how = _worst(parts)
        return UNKNOWN if how == COMPUTED else Known(parts[-1].value, how)

    def _sum(self, node: ast.BinOp, depth: int) -> Known:
        left, right = self.value(node.left, depth), self.value(node.right, depth)
        if isinstance(node.op, ast.Add):
            if isinstance(left.value, list) or isinstance(right.value, list):
                one = left.value if isinstance(left.value, list) else []
                two = right.value if isinstance(right.value, list) else []
                if len(one) + len(two) > MAX_ITEMS:
                    return UNKNOWN
                return Known(one + two, LITERAL if left.how == right.how == LITERAL else ENVIRONMENT)
            if isinstance(left.value, str) and isinstance(right.value, str):
                return Known((left.value + right.value)[:4000], _worst([left, right]))
        if isinstance(left.value, (int, float)) and isinstance(right.value, (int, float)):
            if isinstance(node.op, ast.Mult) and abs(left.value) < 2**40 and abs(right.value) < 2**40:
                return Known(left.value * right.value, _worst([left, right]))
            if isinstance(node.op, ast.Add):
                return Known(left.value + right.value, _worst([left, right]))
        return UNKNOWN


def _as_in_production(left: Known, right: Known) -> bool | None:
    """The answer to `ENVIRONMENT == "production"` on a server; None when the words tell nothing."""
    fixed = right.value if left.how == ENVIRONMENT else left.value
    words = [str(item).lower() for item in fixed] if isinstance(fixed, list) else [str(fixed).lower()]
    if any(word.startswith(PRODUCTION) for word in words):
        return True
    if words and all(word.startswith(_WORKSHOP) for word in words):
        return False
    return None


def _cast(name: str, known: Known) -> Known:
    if known.how == COMPUTED:
        return UNKNOWN
    value = known.value
    if value is MISSING:
        return known
    if name in ("bool", "strtobool", "str2bool", "to_bool", "parse_bool"):
        if isinstance(value, str):
            is_true = (
                bool(value)
                if name == "bool" and known.how == LITERAL
                else value.lower() in ("1", "true", "yes", "on", "y", "t")
            )
            return Known(is_true, known.how)
        return Known(bool(value), known.how)
    if name in ("int", "float"):
        try:
            return Known(int(float(str(value))), known.how) if value is not None else known
        except (ValueError, OverflowError):
            return UNKNOWN
    return known


def _worst(parts: list[Known]) -> str:
    hows = {part.how for part in parts}
    return COMPUTED if COMPUTED in hows else ENVIRONMENT if ENVIRONMENT in hows else LITERAL


def _dotted(node: ast.expr | None) -> str:
    parts: list[str] = []
    while isinstance(node, ast.Attribute) and len(parts) < 8:
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    parts.append(node.id)
    return ".".join(reversed(parts))


def dotted(node: ast.expr | None) -> str:
    """`app.config.update` as text; empty when it is no plain name."""
    return _dotted(node)


def environment_of(name: str) -> str:
    """`production`, `development`, `test`, or empty, by the name of a file or class."""
    low = name.lower()
    words = [word for word in _split(low) if word]
    if any(word.startswith(PRODUCTION) for word in words):
        return "production"
    if any(word.startswith(TESTING) and word not in ("cities", "citizen") for word in words):
        return "test"
    if any(word.startswith(DEVELOPMENT) for word in words):
        return "development"
    return ""


def _split(text: str) -> list[str]:
    for sign in "/._-":
        text = text.replace(sign, " ")
    return text.split(" ")
