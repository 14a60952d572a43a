"""Reads one Python file statement by statement, with what is known about names, and asks the rules about each call.

Nothing is run or imported. A function is looked at by itself: its parameters are unknown, unless it answers a request.
"""

from __future__ import annotations

import ast
from collections import deque
from typing import Any, Callable, Iterable, Iterator, NamedTuple

from secaudit.tables.project._py_functions import FunctionNode, Functions
from secaudit.tables.project._py_origin import ASKED, OPEN, REQUEST, SAFE, Origin, joined
from secaudit.tables.project._py_sources import answers_request, parameters_of, parts_of_handler
from secaudit.tables.project._py_values import (
    MAX_STEPS,
    Hole,
    Part,
    Value,
    Values,
    checked_names,
    clean,
    last_name,
    names_in,
)

MAX_FLAWS = 300
"""Of one file."""

MAX_AGAIN = 500
"""Functions of one file that are read once more, when need be."""

MAX_FOLLOWED = 40
"""Statements of a function whose result is looked at where it is called."""

MAX_HANDED = 5000
"""Functions of other files that are handed values of requests."""

_ENDS = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_STOPPING = frozenset(("abort", "exit", "_exit", "fail", "error", "die"))
_PUTTING = frozenset(("append", "extend", "insert", "add", "appendleft", "update"))
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


_Waiting = tuple[ast.AST, dict[str, Value], list[Any]]
"""A function, the names around it, and the functions that it stands in."""


class Kind(NamedTuple):
    """A weakness: its word, number and how bad it is."""

    weakness: str
    cwe: int
    severity: str


class Flaw(NamedTuple):
    """A weak place in the file."""

    rule_id: str
    kind: Kind
    confidence: str
    message: str
    line: int
    column: int


class Place:
    """What a rule may ask about the statement or call that it looks at."""

    def __init__(self, reader: Reader, node: ast.AST, names: dict[str, Value]) -> None:
        self._reader = reader
        self.node = node
        self.names = names
        self.function = reader.functions[-1] if reader.functions else None
        self.in_condition = reader.conditions > 0
        self.given_to = reader.given_to
        """The names that the statement gives its value to."""

    @property
    def function_name(self) -> str:
        return self.function.name if self.function is not None else ""

    @property
    def answers_request(self) -> bool:
        """Whether the code is part of a function that answers a web request."""
        return any(answers_request(function) for function in self._reader.functions)

    def dotted(self, node: ast.expr | None) -> str:
        return self._reader.values.dotted(node)

    def origin(self, node: ast.expr | None) -> Origin:
        return self._reader.values.origin(node, self.names)

    def shape(self, node: ast.expr) -> tuple[Part, ...]:
        return self._reader.values.shape(node, self.names)

    def literal(self, node: ast.expr | None) -> object:
        return self._reader.values.literal(node, self.names)

    def made_by(self, node: ast.expr | None) -> str:
        """The dotted name of the call that made a value, as far as this function shows it."""
        if isinstance(node, ast.Call):
            return self.dotted(node.func)
        known = self._reader.values.lookup(self.dotted(node), self.names)
        return known.made_by if known is not None else ""

    def given(self, node: ast.expr | None) -> ast.expr | None:
        """The expression itself, or the one that its name was given."""
        if isinstance(node, ast.Name):
            known = self._reader.values.lookup(node.id, self.names)
            if known is not None and known.node is not None:
                return known.node
        return node

    def has_import(self, *tops: str) -> bool:
        """Whether the file imports from one of these packages."""
        return any(full.partition(".")[0] in tops for full in self._reader.values.imports.values())


def argument(call: ast.Call, position: int, *names: str) -> ast.expr | None:
    """An argument by its place or one of its names; None when it is not there."""
    for item in call.keywords:
        if item.arg in names:
            return item.value
    if 0 <= position < len(call.args) and not any(isinstance(item, ast.Starred) for item in call.args[: position + 1]):
        return call.args[position]
    return None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """An argument by its name only."""
    return argument(call, -1, name)


CallRule = Callable[[Place, ast.Call], Iterable["tuple[str, Kind, str, str]"]]
NodeRule = Callable[[Place, ast.AST], Iterable["tuple[str, Kind, str, str]"]]


class Reader:
    """One file."""

    def __init__(
        self,
        tree: ast.Module,
        calls: dict[str, list[CallRule]],
        nodes: dict[type, list[NodeRule]],
        module: str = "",
        handed: dict[str, dict[object, Origin]] | None = None,
    ) -> None:
        """Prepare to read one file.

        Args:
            tree: its syntax tree.
            calls: rules by the last name of what is called.
            nodes: rules by the kind of statement or expression.
            module: the last part of the module's name.
            handed: what of requests other files hand to functions, by `module.function`; this file adds its own.
        """
        self._module = module
        self._handed = {} if handed is None else handed
        self._calls = calls
        self._nodes = nodes
        self.functions: list[ast.FunctionDef | ast.AsyncFunctionDef] = []
        self.conditions = 0
        self.given_to: tuple[str, ...] = ()
        self.flaws: list[Flaw] = []
        self._passed: dict[str, dict[object, Origin]] = {}
        self._first: deque[_Waiting] = deque()
        self._later: deque[_Waiting] = deque()
        self._tree = tree
        self._seen: list[tuple[ast.AST, dict[str, Value], list[Any], dict[object, Origin]]] = []
        self._results: dict[FunctionNode, Origin | None] = {}
        self._returned: list[Origin] | None = None
        """What the function gives back whose result is being looked at; None while rules are asked."""
        self.values = Values(_imports(tree), {}, Functions(tree), self._result_of)

    @property
    def is_complete(self) -> bool:
        """False when the file was too long-winded to be followed to its end."""
        return self.values.steps <= MAX_STEPS and len(self.flaws) < MAX_FLAWS

    def read(self) -> list[Flaw]:
        """All flaws of the file, functions after the module's own statements."""
        self._block(self._tree.body, self.values.module)
        while (self._first or self._later) and len(self.flaws) < MAX_FLAWS and self.values.steps <= MAX_STEPS:
            # those that answer requests first: what they pass on is then known for the functions that they call
            function, names, outer = (self._first or self._later).popleft()
            self._seen.append((function, dict(names), outer, self._passed_to(function)))
            self._function(function, names, outer)
        self._read_again()
        return self.flaws

    def _read_again(self) -> None:
        """Functions that were read before it was known that values of requests are passed to them."""
        for function, names, outer, before in self._seen[:MAX_AGAIN]:
            now = self._passed_to(function)
            if any(
                origin.worst == REQUEST and before.get(place, OPEN).worst < REQUEST for place, origin in now.items()
            ):
                first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0)
                self.flaws = [flaw for flaw in self.flaws if not first <= flaw.line <= last]
                self._function(function, names, outer)

    def _result_of(self, function: FunctionNode) -> Origin | None:
        """What a function gives back when all its parameters come out of a request; None when that cannot be seen."""
        if function in self._results:
            return self._results[function]
        self._results[function] = None  # also while it is being looked at: functions may call one another
        if len(function.body) > MAX_FOLLOWED or self.values.steps > MAX_STEPS // 2:
            return None
        names = {name: Value(ASKED if origin != SAFE else SAFE) for name, origin in parameters_of(function)}
        for name in ("self", "cls"):
            names.pop(name, None)
        outer, self._returned = self._returned, []
        conditions, self.conditions = self.conditions, 0
        given_to = self.given_to
        self._block(function.body, names)
        found, self._returned = self._returned, outer
        self.conditions, self.given_to = conditions, given_to
        self._results[function] = joined(*found) if found else None
        return self._results[function]

    # ------------------------------------------------------------ statements

    def _block(self, body: list[ast.stmt], names: dict[str, Value]) -> None:
        for statement in body:
            if self.values.steps > MAX_STEPS or len(self.flaws) >= MAX_FLAWS:
                return
            self._statement(statement, names)

    def _statement(self, node: ast.stmt, names: dict[str, Value]) -> None:
        if self._returned is not None and isinstance(node, (*Function, ast.ClassDef)):
            names[node.name] = Value(OPEN)
        elif isinstance(node, Function):
            self._ask_node(node, names)
            for decorator in node.decorator_list:
                self._expression(decorator, names)
            waiting = self._first if answers_request(node) else self._later
            waiting.append((node, dict(names) if self.functions else {}, list(self.functions)))
            self.values.steps += len(names) if self.functions else 1
            names[node.name] = Value(OPEN)
        elif isinstance(node, ast.ClassDef):
            self._ask_node(node, names)
            self._block(node.body, dict(names))
        elif isinstance(node, ast.If):
            self._if(node, names)
        elif isinstance(node, (ast.For, ast.AsyncFor)):
            self._ask_node(node, names)
            self._expression(node.iter, names)
            self._bind(node.target, self.values.origin(node.iter, names), names)
            self._branch(node.body, names)
            self._branch(node.orelse, names)
        elif isinstance(node, ast.While):
            self._expression(node.test, names)
            self._branch(node.body, names)
            self._branch(node.orelse, names)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self._expression(item.context_expr, names)
                if item.optional_vars is not None:
                    self._assign(item.optional_vars, item.context_expr, names)
            self._block(node.body, names)
        elif type(node).__name__ in ("Try", "TryStar"):
            self._try(node, names)
        elif type(node).__name__ == "Match":
            self._match(node, names)
        else:
            self._simple(node, names)

    def _try(self, node: Any, names: dict[str, Value]) -> None:
        """`try`, also with `except*`, which Python 3.9 does not know."""
        self._block(node.body, names)
        for handler in node.handlers:
            self._ask_node(handler, names)
            self._branch(handler.body, names)
        self._block(node.orelse, names)
        self._block(node.finalbody, names)

    def _match(self, node: Any, names: dict[str, Value]) -> None:
        self._expression(node.subject, names)
        for case in node.cases:
            self._branch(case.body, names)

    def _simple(self, node: ast.stmt, names: dict[str, Value]) -> None:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        self.given_to = tuple(name for target in targets if target is not None for name in _target_names(target))
        self._ask_node(node, names)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self._expression(child, names)
        self.given_to = ()
        if self._returned is not None and isinstance(node, ast.Return) and node.value is not None:
            self._returned.append(self.values.origin(node.value, names))
        if isinstance(node, ast.Assign):
            for target in node.targets:
                self._assign(target, node.value, names)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value, names)
        elif isinstance(node, ast.AugAssign):
            self._augment(node, names)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._put_in(node.value, names)

    def _if(self, node: ast.If, names: dict[str, Value]) -> None:
        self._expression(node.test, names)
        known = checked_names(self.values, node.test, wanted=True)
        refused = checked_names(self.values, node.test, wanted=False)
        self.conditions += 1
        self.values.steps += 3 * len(names)
        inner = dict(names)
        for name in known:
            clean(inner, name)
        self._block(node.body, inner)
        other = dict(names)
        for name in refused:
            clean(other, name)
        self._block(node.orelse, other)
        self.conditions -= 1
        body_ends, else_ends = _ends(node.body), bool(node.orelse) and _ends(node.orelse)
        if body_ends:
            names.update(other)
        elif else_ends:
            names.update(inner)
        else:
            self._merge(names, inner, other)
            for name in refused:  # `if not is_good(x): x = "default"`
                if name in inner and inner[name].origin == SAFE:
                    clean(names, name)

    def _branch(self, body: list[ast.stmt], names: dict[str, Value]) -> None:
        """A part that may be passed over."""
        if body:
            self.conditions += 1
            self.values.steps += 2 * len(names)
            inner = dict(names)
            self._block(body, inner)
            self.conditions -= 1
            if not _ends(body) or isinstance(body[-1], (ast.Continue, ast.Break)):
                self._merge(names, inner, names)

    def _merge(self, names: dict[str, Value], one: dict[str, Value], two: dict[str, Value]) -> None:
        for name in {*one, *two}:
            left, right = one.get(name), two.get(name)
            if left is right or left is None or right is None:
                found = left or right
                if found is not None:
                    names[name] = found
                continue
            worse = left if sum(left.origin) >= sum(right.origin) else right
            longer = max((left, right), key=lambda value: len(value.shape or ()))
            origin, shape = joined(left.origin, right.origin), longer.shape
            if shape is not None and origin.worst > max(
                (part.origin.worst for part in shape if isinstance(part, Hole)), default=0
            ):
                shape = (*shape, Hole(origin, name))  # what the other way put into it
            names[name] = worse._replace(origin=origin, shape=shape)

    # ------------------------------------------------------------ names

    def _assign(self, target: ast.expr, value: ast.expr, names: dict[str, Value]) -> None:
        if (
            isinstance(target, (ast.Tuple, ast.List))
            and isinstance(value, (ast.Tuple, ast.List))
            and len(target.elts) == len(value.elts)
        ):
            for one, other in zip(target.elts, value.elts):  # noqa: B905  Python 3.9
                self._assign(one, other, names)
            return
        if isinstance(target, (ast.Tuple, ast.List, ast.Starred)):
            self._bind(target, self.values.origin(value, names), names)
            return
        key = self.values.dotted(target)
        if not key:
            if isinstance(target, ast.Subscript):  # what is put into a list or dictionary is in it
                base = self.values.dotted(target.value)
                if base and base in names:
                    names[base] = names[base]._replace(
                        origin=joined(names[base].origin, self.values.origin(value, names))
                    )
            return
        parents = frozenset(name for name in names_in(value) if name in names and name != key)
        shape = self.values.shape(value, names)
        origin = self.values.origin(value, names)
        made_by = self.values.dotted(value.func) if isinstance(value, ast.Call) else ""
        if isinstance(value, ast.Await) and isinstance(value.value, ast.Call):
            made_by = self.values.dotted(value.value.func)
        is_text = any(isinstance(part, str) for part in shape) or not any(isinstance(part, Hole) for part in shape)
        names[key] = Value(origin, shape if is_text else None, parents, made_by, value)

    def _augment(self, node: ast.AugAssign, names: dict[str, Value]) -> None:
        key = self.values.dotted(node.target)
        if not key:
            return
        known = self.values.lookup(key, names) or Value(OPEN)
        added = self.values.shape(node.value, names)
        shape = (known.shape or (Hole(known.origin, key),)) + added if isinstance(node.op, ast.Add) else None
        origin = joined(known.origin, self.values.origin(node.value, names))
        names[key] = Value(origin, shape[:60] if shape else None, known.parents | frozenset(names_in(node.value)))

    def _put_in(self, call: ast.Call, names: dict[str, Value]) -> None:
        """What is appended to a list is in it."""
        if isinstance(call.func, ast.Attribute) and call.func.attr in _PUTTING and call.args:
            base = self.values.dotted(call.func.value)
            known = names.get(base)
            if known is not None:
                added = self.values.origin(call.args[-1], names)
                names[base] = known._replace(origin=joined(known.origin, added))

    def _bind(self, target: ast.AST, origin: Origin, names: dict[str, Value]) -> None:
        for name in names_in(target):
            names[name] = Value(origin)

    # ------------------------------------------------------------ expressions

    def _expression(self, node: ast.expr, names: dict[str, Value]) -> None:
        """Ask the rules about each call and other expression in it."""
        if isinstance(node, (ast.Name, ast.Constant)) or self._returned is not None:
            return
        inner = names
        parts = walk(node)
        for part in parts:
            if isinstance(part, (ast.ListComp, ast.SetComp, ast.GeneratorExp, ast.DictComp)):
                inner = self.values.bound(part.generators, inner)
            elif isinstance(part, ast.Lambda):
                inner = dict(inner)
                for argument in part.args.args:
                    inner[argument.arg] = Value(OPEN)
            elif isinstance(part, ast.NamedExpr):
                self._assign(part.target, part.value, names)
        for part in parts:
            if isinstance(part, ast.Call):
                self._note_passed(part, inner)
                for rule in self._calls.get(self._called_name(part.func), ()):
                    self._take(rule(Place(self, part, inner), part), part)
            if type(part) in self._nodes:
                self._ask_node(part, inner)

    def _called_name(self, function: ast.expr) -> str:
        """The last name of what is called; for `from x import setup as prepare` it is setup."""
        name = last_name(function)
        if isinstance(function, ast.Name) and name not in self._calls:
            return self.values.imports.get(name, name).rpartition(".")[2]
        return name

    def _note_passed(self, call: ast.Call, names: dict[str, Value]) -> None:
        """Remember what of a request is passed to a function, which may be one of this file."""
        name = last_name(call.func)
        given: list[tuple[object, ast.expr]] = [*enumerate(call.args[:20])]
        given += [(item.arg, item.value) for item in call.keywords[:20] if item.arg]
        for place, value in given:
            if isinstance(value, ast.Constant):
                continue
            origin = self.values.origin(value, names)
            if origin.worst > OPEN.worst and name:
                known = self._passed.setdefault(name, {})
                known[place] = joined(known.get(place, OPEN), origin)
                full = self.values.dotted(call.func)
                if "." in full and origin.worst == REQUEST and len(self._handed) < MAX_HANDED:
                    there = self._handed.setdefault(".".join(full.split(".")[-2:]), {})
                    there[place] = joined(there.get(place, OPEN), origin)

    def _ask_node(self, node: ast.AST, names: dict[str, Value]) -> None:
        if self._returned is not None:
            return
        for rule in self._nodes.get(type(node), ()):
            self._take(rule(Place(self, node, names), node), node)

    def _take(self, found: Iterable[tuple[str, Kind, str, str]], node: ast.AST) -> None:
        for rule_id, kind, confidence, message in found:
            if len(self.flaws) < MAX_FLAWS:
                line, column = getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1
                self.flaws.append(Flaw(rule_id, kind, confidence, message, line, column))

    def _passed_to(self, node: ast.AST) -> dict[object, Origin]:
        """What calls pass to a function, by place and name."""
        assert isinstance(node, Function)
        passed = dict(self._passed.get(node.name, {}))
        if not any(item.arg in ("self", "cls") for item in node.args.args[:1]):
            passed.update(self._handed.get(f"{self._module}.{node.name}", {}))
        return passed

    def _function(
        self, node: ast.AST, names: dict[str, Value], outer: list[ast.FunctionDef | ast.AsyncFunctionDef]
    ) -> None:
        assert isinstance(node, Function)
        self.functions = [*outer, node]
        self.conditions = 0
        passed = self._passed_to(node)
        plain = [item.arg for item in (*node.args.posonlyargs, *node.args.args) if item.arg not in ("self", "cls")]
        for name, origin in parameters_of(node):
            if passed and origin == OPEN:
                place = plain.index(name) if name in plain else -1
                origin = joined(origin, passed.get(place, OPEN), passed.get(name, OPEN))
            names[name] = Value(origin)
        for name in parts_of_handler(node):
            names[name] = Value(ASKED)
        self._block(node.body, names)
        self.functions = []


def _ends(body: list[ast.stmt]) -> bool:
    """Whether control never goes on after these statements."""
    if not body:
        return False
    last = body[-1]
    if isinstance(last, _ENDS):
        return True
    if isinstance(last, ast.Expr) and isinstance(last.value, ast.Call):
        return last_name(last.value.func) in _STOPPING
    return isinstance(last, ast.If) and _ends(last.body) and _ends(last.orelse)


def _target_names(target: ast.AST) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _imports(tree: ast.Module) -> dict[str, str]:
    """The full name of each imported one, of the whole file."""
    found: dict[str, str] = {}
    for node in _statements(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.partition(".")[0]] = (
                    alias.name if alias.asname else alias.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            for alias in node.names:
                found[alias.asname or alias.name] = (
                    f"{'.' * bool(node.level)}{module}.{alias.name}" if module else alias.name
                )
    return found


def _statements(tree: ast.AST) -> list[ast.AST]:
    """All statements, in blocks of any depth."""
    found: list[ast.AST] = [tree]
    for node in found:
        for field in ("body", "orelse", "finalbody", "handlers", "cases"):
            inner = getattr(node, field, None)
            if isinstance(inner, list):
                found.extend(inner)
    return found


def walk(node: ast.AST) -> list[ast.AST]:
    """As ast.walk, which is slower; without the marks for reading and writing."""
    found = [node]
    for part in found:
        for field in part._fields:
            value = getattr(part, field, None)
            if isinstance(value, list):
                found.extend(item for item in value if isinstance(item, ast.AST))
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                found.append(value)
    return found
