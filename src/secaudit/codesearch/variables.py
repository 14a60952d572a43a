"""What a variable, a parameter, a property or a constant of one file was given."""

from __future__ import annotations

import re
from typing import Callable, Optional

from secaudit.codesearch.additions import Span, span
from secaudit.codesearch.bindings import Bindings, Definition, reaches
from secaudit.codesearch.functions import Functions
from secaudit.codesearch.values import CONSTANT, PARAMETER, REQUEST, UNSEEN, Node, Value, joined

MAX_HOPS = 12
"""From one variable to the next."""

MAX_GIVEN = 6
"""Places where a property is given a value; one with more is no value that was only handed on."""

_CONSTANT = re.compile(
    r"""(?:\bdefine\s{0,4}\(\s{0,4}['"](\w{1,60})['"]\s{0,4},|\bconst\s{1,4}(\w{1,60})\s{0,4}=)\s{0,4}(['"])([^'"\r\n]{1,200})\3"""
)


class Variables:
    """The variables of one file, with the values of expressions asked of `value`."""

    def __init__(
        self,
        root: Node,
        language: str,
        bindings: Bindings,
        functions: Functions,
        value: Callable[[Node, int, int], Value],
    ) -> None:
        self._root = root
        self._language = language
        self._bindings = bindings
        self._functions = functions
        self._value = value
        self._constant_texts: Optional[dict[str, str]] = None
        self._class_spans: Optional[list[Span]] = None

    def constant(self, name: str) -> Optional[str]:
        """The text of a constant that stands in the file."""
        return self._constants().get(name)

    def _constants(self) -> dict[str, str]:
        """`define('KEY', '...')` and `const KEY = '...'` of PHP."""
        if self._constant_texts is None:
            found = _CONSTANT.finditer(self._root.text())
            self._constant_texts = {match.group(1) or match.group(2): match.group(4) for match in found}
        return self._constant_texts

    def looked_up(self, name: str, place: Span, hops: int, alone: bool) -> Value:
        """What was given to a variable; `alone`: callers of the function around are not asked."""
        known = self._bindings.known().get(name)
        if not known:
            return UNSEEN
        around = sorted(
            {found.function for found in known if found.function[0] <= place[0] < found.function[1]},
            key=lambda function: function[1] - function[0],
        )
        for function in around:
            inside = [found for found in known if found.function == function and reaches(found, place)]
            earlier = [found for found in inside if found.end <= place[0] or found.right is None] or (
                inside if function != around[0] else []
            )
            if not earlier:
                continue
            values: list[Value] = []
            is_sure = False
            for found in reversed(earlier):
                if found.right is None:
                    values.append(self._handed(name, found, hops, alone))
                else:
                    value = self._value(found.right, 0, hops + 1)
                    values.append(value._replace(level=max(value.level, found.level)))
                if found.kills and found.block[0] <= place[0] < found.block[1]:
                    is_sure = True
                    break
            if not is_sure and self._language != "php":
                values.extend(self._from_outside(known, around[around.index(function) + 1 :], place, hops))
            built = any(not found.kills and found.right is not None for found in earlier)
            return joined(list(reversed(values)), built and any(value.level > CONSTANT for value in values))
        return self._property(name, known, place, hops) if name.startswith(("this.", "$this->")) else UNSEEN

    def _from_outside(self, known: list[Definition], functions: list[Span], place: Span, hops: int) -> list[Value]:
        """What a variable has from the function around, where an assignment in this one may not have happened."""
        for function in functions:
            earlier = [one for one in known if one.function == function and reaches(one, place) and one.end <= place[0]]
            if earlier:
                last = earlier[-1]
                return [Value(last.level) if last.right is None else self._value(last.right, 0, hops + 1)]
        return []

    def _property(self, name: str, known: list[Definition], place: Span, hops: int) -> Value:
        """What other methods give a property: the worst of it, when that comes out of a request."""
        if len(known) > MAX_GIVEN or hops > MAX_HOPS // 2:
            return UNSEEN
        inside = next((one for one in self._classes() if one[0] <= place[0] < one[1]), None)
        for found in known:
            if found.right is None or inside is None or not inside[0] <= found.start < inside[1]:
                continue
            value = self._value(found.right, 0, hops + 1)
            if value.level == REQUEST:
                return value
        return UNSEEN

    def _classes(self) -> list[Span]:
        if self._class_spans is None:
            self._class_spans = [span(node) for node in self._root.find_all({"rule": {"kind": "class_declaration"}})]
        return self._class_spans

    def _handed(self, name: str, parameter: Definition, hops: int, alone: bool) -> Value:
        """A parameter: worse than one where a call in this file hands it a value of the request."""
        plain = Value(parameter.level)
        if parameter.level != PARAMETER or alone or hops > MAX_HOPS:
            return plain
        for argument in self._functions.given(name, parameter.function):
            value = self._value(argument, 0, hops + 1)
            if value.level == REQUEST:
                return value
        return plain
