"""What an expression of a program is made of: its origin, and for texts the fixed parts and the holes between them."""

from __future__ import annotations

import ast
import re
from typing import Callable, Iterator, NamedTuple, Union

from secaudit.tables.project._py_functions import FunctionNode, Functions
from secaudit.tables.project._py_origin import (
    ASKED,
    CARRYING,
    FIXED,
    OPEN,
    REQUEST,
    SAFE,
    TYPED,
    UNKNOWN,
    Origin,
    cleaned_by,
    joined,
)
from secaudit.tables.project._py_sources import OWN, TYPED_IN, is_form_part, is_own_address, is_request_part

MAX_DEPTH = 40
"""Of nested expressions that are followed."""

MAX_PARTS = 60
"""Of one text."""

MAX_TEXT = 4000
MAX_STEPS = 1_000_000
"""Of one file; a file can be made so that following it takes for ever."""


class Hole(NamedTuple):
    """A part of a text that is not fixed."""

    origin: Origin
    name: str


Part = Union[str, Hole]


class Value(NamedTuple):
    """What is known about a name."""

    origin: Origin
    shape: tuple[Part, ...] | None = None
    """For texts."""
    parents: frozenset[str] = frozenset()
    """The names that it was made of."""
    made_by: str = ""
    """The dotted name of the call that made it."""
    node: ast.expr | None = None
    """The expression that it was given."""


_PERCENT = re.compile(r"%(\(\w{1,60}\))?[#0\- +]{0,5}[\d*]{0,5}(?:\.\d{1,5})?([diouxXeEfFgGcrsa%])")
_BRACES = re.compile(r"\{(\w{0,60})[^{}]{0,60}\}")
_CARRYING_ARGUMENTS = frozenset("join joinpath format replace concat urljoin".split())
_TEXT_METHODS = frozenset("strip lstrip rstrip lower upper title dedent encode replace cleandoc".split())


class Values:
    """Expressions of one module, looked at with the names that are known at a place."""

    def __init__(
        self,
        imports: dict[str, str],
        module: dict[str, Value],
        functions: Functions,
        result: Callable[[FunctionNode], Origin | None] = lambda _: None,
    ) -> None:
        """Prepare to look at expressions.

        Args:
            imports: full names of what is imported.
            module: what is known about names of the module.
            functions: those of the file.
            result: what a function of the file gives back when each of its parameters comes out of a request.
        """
        self.functions = functions
        self._result = result
        self.imports = imports
        self.modules = frozenset(imports.values()) | _MODULES
        self.module = module
        self.steps = 0

    # ------------------------------------------------------------ names

    def dotted(self, node: ast.expr | None) -> str:
        """`subprocess.run` for `sp.run` after `import subprocess as sp`; empty when it is no plain name."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute) and len(parts) < 12:
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        parts.append(self.imports.get(node.id, node.id))
        return ".".join(reversed(parts))

    def lookup(self, name: str, names: dict[str, Value]) -> Value | None:
        """What is known about a name here, or in the module."""
        return names.get(name) or self.module.get(name)

    def literal(self, node: ast.expr | None, names: dict[str, Value], depth: int = 0) -> object:
        """The value of a constant, also through a name; None when it is not fixed."""
        if isinstance(node, ast.Constant):
            return node.value
        if isinstance(node, ast.Name) and depth < 5:
            known = self.lookup(node.id, names)
            return None if known is None or known.node is node else self.literal(known.node, names, depth + 1)
        return None

    # ------------------------------------------------------------ origins

    def origin(self, node: ast.AST | None, names: dict[str, Value], depth: int = 0) -> Origin:
        """Where the value of an expression comes from."""
        if node is None or isinstance(node, (ast.Constant, ast.Lambda, ast.Compare)):
            return SAFE
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            return OPEN
        deeper = depth + 1
        if isinstance(node, ast.Name):
            return self._of_name(node, names)
        if isinstance(node, ast.Attribute):
            return self._of_attribute(node, names, deeper)
        if isinstance(node, ast.Subscript):
            return self.origin(node.value, names, deeper)
        if isinstance(node, ast.Call):
            return self._of_call(node, names, deeper)
        if isinstance(node, (ast.JoinedStr, ast.BinOp)):
            return self._of_text(node, names, deeper)
        if isinstance(node, ast.BoolOp):
            return joined(*(self.origin(value, names, deeper) for value in node.values))
        if isinstance(node, ast.UnaryOp):
            return SAFE if isinstance(node.op, ast.Not) else self.origin(node.operand, names, deeper)
        if isinstance(node, ast.IfExp):
            return self._of_choice(node, names, deeper)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            return joined(*(self.origin(item, names, deeper) for item in node.elts[:MAX_PARTS]))
        if isinstance(node, ast.Dict):
            return joined(*(self.origin(item, names, deeper) for item in node.values[:MAX_PARTS]))
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
            return self.origin(node.elt, self.bound(node.generators, names), deeper)
        if isinstance(node, (ast.Await, ast.Starred, ast.NamedExpr, ast.FormattedValue, ast.keyword)):
            return self.origin(node.value, names, deeper)
        return OPEN

    def bound(self, generators: list[ast.comprehension], names: dict[str, Value]) -> dict[str, Value]:
        """The names inside a comprehension."""
        self.steps += len(names) // 4
        inner = dict(names)
        for generator in generators:
            origin = self.origin(generator.iter, inner)
            for name in names_in(generator.target):
                inner[name] = Value(origin)
        return inner

    def _of_name(self, node: ast.Name, names: dict[str, Value]) -> Origin:
        known = self.lookup(node.id, names)
        if known is not None:
            return known.origin
        full = self.imports.get(node.id, node.id)
        if full in TYPED_IN:
            return TYPED
        return SAFE if is_constant_name(node.id) or full in OWN else OPEN

    def _of_attribute(self, node: ast.Attribute, names: dict[str, Value], depth: int) -> Origin:
        full = self.dotted(node)
        if full and (is_request_part(full) or is_form_part(full)):
            return ASKED
        if full and is_own_address(full):
            is_path = node.attr in ("path", "path_info")  # browsers send it with signs of HTML written as %3C
            return ASKED._replace(url=UNKNOWN, path=UNKNOWN, html=UNKNOWN if is_path else ASKED.html)
        if full in TYPED_IN:
            return TYPED
        if is_constant_name(node.attr) or node.attr in _OWN_NAMES or full in OWN:
            return SAFE
        known = self.lookup(full, names) if full else None
        if known is not None:
            return known.origin
        inner = self.origin(node.value, names, depth)
        if node.attr == "name" and isinstance(node.value, ast.Call):
            return inner._replace(path=FIXED)  # Path(x).name has no folder
        return inner if inner.worst > OPEN.worst else OPEN

    def _of_call(self, node: ast.Call, names: dict[str, Value], depth: int) -> Origin:
        function = node.func
        full = self.dotted(function)
        last = last_name(function)
        if full and is_request_part(full):
            return ASKED
        if full in OWN:
            return SAFE
        if full in TYPED_IN or (last == "input" and isinstance(function, ast.Name)):
            return TYPED
        inputs = [self.origin(item, names, depth) for item in node.args[:MAX_PARTS]]
        inputs += [self.origin(item.value, names, depth) for item in node.keywords[:MAX_PARTS]]
        given = joined(*inputs)
        base = SAFE
        is_module = isinstance(function, ast.Name) or self._is_module(function, full)
        if isinstance(function, ast.Attribute) and not is_module:
            base = self.origin(function.value, names, depth)
        own = self.functions.named(last) if self._is_own(function) else None
        cleaned = cleaned_by(last, joined(given, base))
        if cleaned is not None and not (own is not None and self.functions.is_hollow(last)):
            return cleaned
        if own is not None:
            result = self._result(own)
            if result is not None:
                return _passed_on(result, joined(given, OPEN if inputs else SAFE))
        if last in ("format", "join") and isinstance(function, ast.Attribute) and not is_module:
            return self._of_text(node, names, depth)
        if full.startswith("re."):
            return given if self._lets_through(node, names) else OPEN
        if last in ("group", "groups", "groupdict") and base.worst > OPEN.worst:
            return base
        if last == "replace" and len(node.args) == 2 and _takes_slashes(node.args):
            return base._replace(path=FIXED)
        if last in CARRYING:
            if not inputs and base == SAFE:
                return OPEN if is_module else SAFE
            return joined(base, given) if is_module or last in _CARRYING_ARGUMENTS else base
        return OPEN

    def _lets_through(self, node: ast.Call, names: dict[str, Value]) -> bool:
        """Whether what a pattern finds, or what is left after replacing it, can still be nearly anything."""
        pattern = str(self.literal(node.args[0], names) or "") if node.args else ""
        if last_name(node.func) in ("sub", "subn"):
            return bool(pattern) and "[^" not in pattern and "\\W" not in pattern
        return ".*" in pattern or ".+" in pattern or "[^" in pattern

    def _is_own(self, function: ast.expr) -> bool:
        """`build(x)`, `self.build(x)`, `cls.build(x)`."""
        if isinstance(function, ast.Name):
            return function.id not in self.imports
        return (
            isinstance(function, ast.Attribute)
            and isinstance(function.value, ast.Name)
            and function.value.id in ("self", "cls")
        )

    def _is_module(self, function: ast.expr, full: str) -> bool:
        """Whether what stands before the last dot is a module or an imported class, not a value."""
        if full.rpartition(".")[0] in self.modules:
            return True
        while isinstance(function, ast.Attribute):
            function = function.value
        return isinstance(function, ast.Name) and function.id in self.imports

    def _of_choice(self, node: ast.IfExp, names: dict[str, Value], depth: int) -> Origin:
        inner = dict(names)
        for name in checked_names(self, node.test, wanted=True):
            clean(inner, name)
        return joined(self.origin(node.body, inner, depth), self.origin(node.orelse, names, depth))

    def _of_text(self, node: ast.expr, names: dict[str, Value], depth: int) -> Origin:
        return joined(*(part.origin for part in self.shape(node, names, depth) if isinstance(part, Hole)))

    # ------------------------------------------------------------ texts

    def shape(self, node: ast.expr, names: dict[str, Value], depth: int = 0) -> tuple[Part, ...]:
        """The fixed texts and the holes of an expression."""
        return _merged(self._shape(node, names, depth))

    def _shape(self, node: ast.expr, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        if isinstance(node, ast.Constant):
            return (_text(node.value),)
        self.steps += 1
        if depth > MAX_DEPTH or self.steps > MAX_STEPS:
            return (Hole(OPEN, ""),)
        deeper = depth + 1
        if isinstance(node, ast.JoinedStr):
            return tuple(part for value in node.values[:MAX_PARTS] for part in self._shape(value, names, deeper))
        if isinstance(node, ast.FormattedValue):
            return self._formatted(node, names, deeper)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return self._shape(node.left, names, deeper) + self._shape(node.right, names, deeper)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
            return self._percent(node, names, deeper)
        if isinstance(node, ast.Call):
            return self._called(node, names, deeper)
        if isinstance(node, ast.Name):
            known = self.lookup(node.id, names)
            if known is not None and known.shape is not None:
                return known.shape
        if isinstance(node, ast.IfExp):
            body, other = self.shape(node.body, names, deeper), self.shape(node.orelse, names, deeper)
            if all(isinstance(part, str) for part in body + other):
                return body
        origin = (
            self.origin(node, names, deeper) if not isinstance(node, ast.BinOp) else self._both(node, names, deeper)
        )
        return (Hole(origin, name_of(node)),)

    def _both(self, node: ast.BinOp, names: dict[str, Value], depth: int) -> Origin:
        return joined(self.origin(node.left, names, depth), self.origin(node.right, names, depth))

    def _formatted(self, node: ast.FormattedValue, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        form = (
            node.format_spec.values[-1]
            if isinstance(node.format_spec, ast.JoinedStr) and node.format_spec.values
            else None
        )
        if isinstance(form, ast.Constant) and str(form.value)[-1:] in tuple("dxXobeEfFgGn%"):
            return (Hole(SAFE, name_of(node.value)),)
        return self._shape(node.value, names, depth)

    def _percent(self, node: ast.BinOp, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        left = self.shape(node.left, names, depth)
        if not left or not any(isinstance(part, str) for part in left):
            return (Hole(self._both(node, names, depth), name_of(node.right)),)
        given = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        named: dict[str, ast.expr] = {}
        if isinstance(node.right, ast.Dict):
            named = {
                str(key.value): value
                for key, value in zip(node.right.keys, node.right.values)  # noqa: B905  Python 3.9
                if isinstance(key, ast.Constant)
            }
        made: list[Part] = []
        used = 0
        for part in left:
            if not isinstance(part, str):
                made.append(part)
                continue
            at = 0
            for match in _PERCENT.finditer(part):
                made.append(part[at : match.start()])
                at = match.end()
                if match[2] == "%":
                    made.append("%")
                    continue
                value = named.get(match[1][1:-1]) if match[1] else (given[used] if used < len(given) else node.right)
                used += not match[1]
                if match[2] in "diouxXeEfFgG":
                    made.append(Hole(SAFE, ""))
                else:
                    made.extend(self._shape(value if value is not None else node.right, names, depth))
            made.append(part[at:])
        return tuple(made[:MAX_PARTS])

    def _called(self, node: ast.Call, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        function = node.func
        last = last_name(function)
        if isinstance(function, ast.Attribute):
            if last == "format" and not self._is_composed(function.value):
                return self._braces(node, function.value, names, depth)
            if last == "format":
                return (Hole(SAFE, ""),)
            if last == "join" and node.args and isinstance(function.value, ast.Constant):
                return self._joined(str(function.value.value), node.args[0], names, depth)
            if last in _TEXT_METHODS and not self._is_module(function, self.dotted(function)):
                inner = self._shape(function.value, names, depth)
                if last == "replace":
                    inner = (
                        *inner,
                        *(
                            part
                            for item in node.args
                            for part in self._shape(item, names, depth)
                            if isinstance(part, Hole)
                        ),
                    )
                return inner
        if last in ("str", "dedent", "cleandoc", "text", "SQL", "Markup", "mark_safe", "unicode") and node.args:
            return self._shape(node.args[0], names, depth)
        return (Hole(self._of_plain_call(node, names, depth), last),)

    def _of_plain_call(self, node: ast.Call, names: dict[str, Value], depth: int) -> Origin:
        if last_name(node.func) in ("format", "join") and isinstance(node.func, ast.Attribute):
            inputs = [self.origin(item, names, depth) for item in [*node.args[:MAX_PARTS], node.func.value]]
            return joined(*inputs)
        return self._of_call(node, names, depth)

    def _is_composed(self, node: ast.expr) -> bool:
        """`sql.SQL("... {}").format(...)` of psycopg quotes what goes in."""
        return isinstance(node, ast.Call) and last_name(node.func) in ("SQL", "Markup")

    def _braces(self, node: ast.Call, base: ast.expr, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        named = {item.arg: item.value for item in node.keywords if item.arg}
        made: list[Part] = []
        used = 0
        for part in self.shape(base, names, depth):
            if not isinstance(part, str):
                made.append(part)
                continue
            at = 0
            for match in _BRACES.finditer(part):
                made.append(part[at : match.start()])
                at = match.end()
                key = match[1]
                if not key:
                    value = node.args[used] if used < len(node.args) else None
                    used += 1
                elif key.isdigit():
                    value = node.args[int(key)] if int(key) < len(node.args) else None
                else:
                    value = named.get(key)
                if value is None:
                    loose = [self.origin(item, names, depth) for item in node.args] + [
                        self.origin(item.value, names, depth) for item in node.keywords
                    ]
                    made.append(Hole(joined(*loose) if loose else OPEN, key))
                else:
                    made.extend(self._shape(value, names, depth))
            made.append(part[at:])
        return tuple(made[:MAX_PARTS])

    def _joined(self, between: str, items: ast.expr, names: dict[str, Value], depth: int) -> tuple[Part, ...]:
        """`", ".join(...)` of marks such as %s is fixed text."""
        if isinstance(items, (ast.List, ast.Tuple)):
            made: list[Part] = []
            for number, item in enumerate(items.elts[:MAX_PARTS]):
                made.extend(([between] if number else []) + list(self._shape(item, names, depth)))
            return tuple(made)
        if isinstance(items, ast.BinOp) and isinstance(items.op, ast.Mult):
            for side in (items.left, items.right):
                if isinstance(side, (ast.List, ast.Tuple, ast.Constant)) and not (
                    isinstance(side, ast.Constant) and isinstance(side.value, int)
                ):
                    return (Hole(self.origin(side, names, depth), ""),)
        if isinstance(items, (ast.GeneratorExp, ast.ListComp)):
            inner = self.bound(items.generators, names)
            return self._shape(items.elt, inner, depth)
        return (Hole(self.origin(items, names, depth), name_of(items)),)


def _takes_slashes(arguments: list[ast.expr]) -> bool:
    """`name.replace("/", "")`: what is left names a file of one folder."""
    old, new = (item.value if isinstance(item, ast.Constant) else None for item in arguments)
    return old == "/" and isinstance(new, str) and "/" not in new and "." not in new


def _passed_on(result: Origin, given: Origin) -> Origin:
    """What a function gives back for what it is given, use by use."""
    return Origin(
        *(
            handed if made >= REQUEST else min(made, UNKNOWN)
            for made, handed in zip(result, given)  # noqa: B905  Python 3.9
        )
    )


_MODULES = frozenset("os.path base64 json urllib.parse shlex html pathlib".split())
_OWN_NAMES = frozenset("__name__ __tablename__ __class__ __qualname__ __module__ db_table pk id".split())


def last_name(node: ast.expr) -> str:
    """`run` of `subprocess.run`."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def name_of(node: ast.expr) -> str:
    """A short name for a person: the last part of a name or of what is called."""
    while isinstance(node, (ast.Subscript, ast.Await, ast.Starred)):
        node = node.value
    if isinstance(node, ast.Call):
        return last_name(node.func)
    return last_name(node)


def is_constant_name(name: str) -> bool:
    """`TABLE_NAME`: by custom it never changes."""
    return len(name) > 1 and name.isupper()


def names_in(node: ast.AST) -> Iterator[str]:
    """All plain names in a target or an expression."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            yield inner.id


def clean(names: dict[str, Value], name: str, depth: int = 0) -> None:
    """A check has shown that a name holds nothing bad; so do the names that it was made of."""
    known = names.get(name)
    names[name] = Value(SAFE, None, known.parents if known else frozenset())
    if known is not None and depth < 4:
        for parent in known.parents:
            if parent in names and parent != name:
                clean(names, parent, depth + 1)


_CHECKING = tuple(
    "safe valid allow permit check verify trusted match isdigit isalnum isdecimal isnumeric isidentifier isalpha"
    " is_relative_to whitelist fullmatch startswith isinstance".split()
)
"""Parts of names of functions that tell whether a value is good."""

_WEAK_STARTS = ("http", "http://", "https://", "/", "")
"""Beginnings that any address or path can have."""


def checked_names(values: Values, test: ast.expr, *, wanted: bool) -> set[str]:
    """Names that are known to be good where `test` is true (`wanted`) or false."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return checked_names(values, test.operand, wanted=not wanted)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And) == wanted:
        return {name for value in test.values for name in checked_names(values, value, wanted=wanted)}
    if isinstance(test, ast.BoolOp):
        return set()
    if isinstance(test, ast.NamedExpr):
        return checked_names(values, test.value, wanted=wanted)
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        operator, left, right = test.ops[0], test.left, test.comparators[0]
        if isinstance(operator, ast.In if wanted else ast.NotIn) and not isinstance(left, ast.Constant):
            return set(names_in(left))
        if isinstance(operator, ast.In if not wanted else ast.NotIn) and isinstance(left, ast.Constant):
            return set(names_in(right)) if left.value in ("..", "/", "../", "..\\", "\\", ";") else set()
        if isinstance(operator, ast.Eq if wanted else ast.NotEq) and isinstance(right, ast.Constant) and right.value:
            return set(names_in(left))
        if isinstance(operator, ast.IsNot if wanted else ast.Is) and isinstance(left, ast.Call):
            return checked_names(values, left, wanted=True)
        if isinstance(operator, ast.Eq if wanted else ast.NotEq) and isinstance(left, ast.Call):
            return set(names_in(left)) if last_name(left.func) in ("commonpath", "commonprefix") else set()
        return set()
    if wanted and isinstance(test, ast.Call):
        name = last_name(test.func).lower()
        first = test.args[0] if test.args else None
        if name == "startswith" and isinstance(first, ast.Constant) and first.value in _WEAK_STARTS:
            return set()
        if values.functions.is_hollow(last_name(test.func)):
            return set()
        if any(word in name for word in _CHECKING) and "isinstance" not in name:
            found = {inner for item in test.args for inner in names_in(item)}
            return found | (set(names_in(test.func.value)) if isinstance(test.func, ast.Attribute) else set())
    return set()


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value[:MAX_TEXT].decode("latin-1")
    return str(value)[:MAX_TEXT] if isinstance(value, (str, int, float)) else ""


def _merged(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    made: list[Part] = []
    for part in parts[:MAX_PARTS]:
        if isinstance(part, str) and made and isinstance(made[-1], str):
            made[-1] = (made[-1] + part)[:MAX_TEXT]
        elif part != "":
            made.append(part)
    return tuple(made)
