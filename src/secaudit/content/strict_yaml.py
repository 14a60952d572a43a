"""YAML without surprises: text stays text, keys come once, nothing is shared, every value knows its line.

Read with libyaml's composer and a resolver that knows no types, so `no`, `0640`, `1.10` and dates stay text. Plain
`true`, `false`, `null` and decimal integers are the only values that are not text. Anchors, aliases and tags are
refused: content needs none, and they are how a small file becomes a huge one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

import yaml

from secaudit.content.source import Key, Plain, YamlProblem

MAX_DEPTH = 40

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})\Z")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_TAGS = {"tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}
_INDENTED = re.compile(r"^[ ?:-]{400}", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")


class _NoTypes:
    """A resolver that knows no types. PyYAML's own asks its tables for each value, a third of the whole time."""

    def descend_resolver(self, current_node: object, current_index: object) -> None: ...

    def ascend_resolver(self) -> None: ...

    def check_resolver_prefix(self, depth: int, path: object, current_node: object, current_index: object) -> bool:
        return False

    def resolve(self, kind: type[yaml.Node], value: object, implicit: object) -> str:
        if kind is yaml.ScalarNode:
            return "tag:yaml.org,2002:str"
        return "tag:yaml.org,2002:seq" if kind is yaml.SequenceNode else "tag:yaml.org,2002:map"


if hasattr(yaml, "CBaseLoader"):
    from yaml._yaml import CParser

    class _Loader(_NoTypes, CParser):
        """libyaml's parser and composer."""

        def __init__(self, stream: str) -> None:
            CParser.__init__(self, stream)

else:

    class _Loader(yaml.BaseLoader):  # type: ignore[no-redef]
        """The same in Python, ten times slower; `doctor` says so."""


def parse(text: str) -> Plain:
    """Give the document as plain data.

    Raises:
        YamlProblem: it is not YAML, or uses what we refuse.
    """
    return _build(_compose(text), set(), 0)


def line_of(text: str, keys: Sequence[Key]) -> int:
    """The line of the value under a path of keys; of the nearest parent that exists when the value does not."""
    try:
        node = _compose(text)
    except YamlProblem as problem:
        return problem.line
    line = _line(node)
    for key in keys:
        found = None
        if isinstance(node, yaml.MappingNode):
            for key_node, value_node in node.value:
                if key_node.value == str(key):
                    found, line = value_node, _line(key_node)
        elif isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
            found = node.value[key]
            line = _line(found)
        if found is None:
            break
        node = found
    return line


def _compose(text: str) -> yaml.Node:
    _refuse_depth(text)
    try:
        node = yaml.compose(text, Loader=cast("type[yaml.BaseLoader]", _Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem(f"not valid YAML: {error.problem or error.context}", mark.line + 1 if mark else 1) from error
    except yaml.YAMLError as error:  # a character that YAML does not allow
        raise YamlProblem(f"not valid YAML: {str(error).splitlines()[0]}", 1) from error
    if node is None:
        raise YamlProblem("the file is empty", 1)
    return node


def _refuse_depth(text: str) -> None:
    """The composer recurses in C, where too much depth is a crash and not an error; so look before."""
    depth = 0
    for sign in _BRACKET.finditer(text):
        depth += 1 if sign.group() in "[{" else -1
        if depth > 200:
            raise YamlProblem("nested too deeply", text.count("\n", 0, sign.start()) + 1)
        depth = max(depth, 0)
    if match := _INDENTED.search(text):
        raise YamlProblem("nested too deeply", text.count("\n", 0, match.start()) + 1)


def _build(node: yaml.Node, seen: set[int], depth: int) -> Plain:
    if node.tag not in _TAGS and node.tag != "!":
        raise YamlProblem(f'the tag "{node.tag}" is not allowed here', _line(node))
    if isinstance(node, yaml.ScalarNode):
        value: str = node.value
        if node.style:  # quoted, or a block of text; plain is '' from libyaml and None from pure Python
            return value
        if value in _WORDS:
            return _WORDS[value]
        return int(value) if _INTEGER.match(value) else value
    if depth > MAX_DEPTH:
        raise YamlProblem("nested too deeply", _line(node))
    if id(node) in seen:
        raise YamlProblem("anchors and aliases (&name, *name) are not allowed here", _line(node))
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, seen, depth + 1) for item in node.value]
    mapping: dict[str, Plain] = {}
    for key_node, value_node in node.value:
        if not isinstance(key_node, yaml.ScalarNode):
            raise YamlProblem("a key must be a word", _line(key_node))
        key: str = key_node.value
        if key in mapping:
            raise YamlProblem(f'the key "{key}" is here twice', _line(key_node))
        mapping[key] = _build(value_node, seen, depth + 1)
    return mapping


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
