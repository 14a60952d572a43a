"""Read the commands of a shell text without running it: words, redirections, loops over fixed words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import islice, product
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node, Parser

UNKNOWN = "\x00"
"""Stands in a word for what is only known when the command runs."""

MOST_WORDS = 500
"""What one word may become by loops and braces; more is cut to one unknown word."""

_WRAPPERS = {"sudo": "ugpCDRTrth", "doas": "uC", "env": "uCS", "command": "", "nice": "n", "exec": "", "time": ""}
"""Programs that run another one: their short options that take a value."""

_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=")


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command."""

    words: tuple[str, ...]
    """The program and its arguments, without sudo; patterns of file names stay patterns, `~` stays `~`."""
    as_root: bool
    """Whether it is called through sudo or doas."""
    text: str
    """As it is written."""
    writes: tuple[str, ...] = ()
    """Where its output is redirected to."""
    fed: bool = False
    """Whether its arguments come from another command, as those of xargs."""

    @property
    def program(self) -> str:
        return self.words[0].rpartition("/")[2] if self.words else ""

    @property
    def arguments(self) -> tuple[str, ...]:
        return self.words[1:]


@cache
def _parser() -> Parser:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    return Parser(Language(tree_sitter_bash.language()))


def commands(text: str) -> list[Command]:
    """All simple commands of a text, those inside loops, conditions, substitutions and `sh -c '...'` too.

    Raises:
        ValueError: this is no shell text.
    """
    tree = _parser().parse(text.encode("utf-8", "backslashreplace"))
    if tree.root_node.has_error:
        raise ValueError("not a text that a shell can read")
    return list(_Reader().all_of(tree.root_node))


@dataclass(slots=True)
class _Reader:
    variables: dict[str, list[str]] = field(default_factory=lambda: {"HOME": ["~"]})

    def all_of(self, node: Node, writes: tuple[str, ...] = ()) -> Iterator[Command]:
        if node.type == "redirected_statement":
            body = node.child_by_field_name("body")
            targets = tuple(target for child in node.named_children for target in self._targets(child))
            for child in node.named_children:
                if child == body:
                    yield from self.all_of(child, (*writes, *targets))
                else:
                    yield from self._inside(child)
            if body is None and targets:
                yield Command((), False, _text(node), targets)
        elif node.type == "command":
            yield from self._command(node, writes)
        elif node.type == "for_statement":
            name = node.child_by_field_name("variable")
            values = [item for child in node.children_by_field_name("value") for item in self.word(child)]
            if name is not None:
                self.variables[_text(name)] = values
            yield from self._inside(node, writes)
        elif node.type == "variable_assignment":
            yield from self._assign(node)
        else:
            yield from self._inside(node, writes)

    def _inside(self, node: Node, writes: tuple[str, ...] = ()) -> Iterator[Command]:
        for child in node.named_children:
            yield from self.all_of(child, writes)

    def _targets(self, node: Node) -> list[str]:
        """The files that a redirection writes."""
        writing = any(child.type in (">", ">>", ">|", "&>", "&>>") for child in node.children)
        if node.type != "file_redirect" or not writing:
            return []
        target = node.child_by_field_name("destination")
        return self.word(target) if target is not None else [UNKNOWN]

    def _assign(self, node: Node) -> Iterator[Command]:
        name, value = node.child_by_field_name("name"), node.child_by_field_name("value")
        if name is not None:
            values = self.word(value) if value is not None else [""]
            self.variables.setdefault(_text(name), []).extend(values)  # whether it is carried out may depend
        yield from self._inside(node)

    def _command(self, node: Node, writes: tuple[str, ...]) -> Iterator[Command]:
        words: list[str] = []
        for child in node.named_children:
            if child.type == "command_name":
                words.extend(self.word(child.named_children[0]))
            elif child.type in ("file_redirect", "herestring_redirect", "heredoc_redirect"):
                writes = (*writes, *self._targets(child))
            elif child.type != "variable_assignment":
                words.extend(self.word(child))
            yield from self._inside(child)  # commands inside $( ) are commands too
        yield from self.unwrapped(words, _text(node), writes)

    def unwrapped(
        self, words: list[str], text: str, writes: tuple[str, ...] = (), *, as_root: bool = False, fed: bool = False
    ) -> Iterator[Command]:
        """The command itself, without the programs that only call it."""
        while words and (words[0] in _WRAPPERS or _ASSIGNMENT.match(words[0])):
            as_root = as_root or words[0] in ("sudo", "doas")
            words = _behind(words)
        if words and words[0] == "xargs":
            yield from self.unwrapped(_behind(words, "IdEnLPs"), text, writes, as_root=as_root, fed=True)
            return
        if len(words) > 2 and words[0] in ("sh", "bash", "dash") and re.fullmatch(r"-[a-z]*c", words[1]):
            for inner in commands(words[2]):
                yield Command(inner.words, as_root or inner.as_root, inner.text, (*inner.writes, *writes), inner.fed)
            return
        if words or writes:
            yield Command(tuple(words), as_root, text, writes, fed)

    def word(self, node: Node) -> list[str]:
        """What a word may become."""
        parts = self._parts(node)
        found = ["".join(pieces) for pieces in islice(product(*parts), MOST_WORDS + 1)]
        return found if len(found) <= MOST_WORDS else [UNKNOWN]

    def _parts(self, node: Node) -> list[list[str]]:
        if node.type in ("word", "number", "test_operator", "regex", "variable_name", "special_variable_name"):
            return [[re.sub(r"\\(.)", r"\1", _text(node), flags=re.DOTALL)]]
        if node.type == "raw_string":
            return [[_text(node)[1:-1]]]
        if node.type == "string_content":
            return [[re.sub(r'\\([$`"\\\n])', r"\1", _text(node))]]
        if node.type == "simple_expansion":
            return [self._variable(_text(node)[1:])]
        if node.type == "expansion":
            return [self._variable(_text(node)[2:-1])]
        if node.type in ("string", "concatenation", "command_name"):
            return self._joined(node)
        return [[UNKNOWN]]

    def _joined(self, node: Node) -> list[list[str]]:
        """Parts of a quoted or joined word, with what stands between them."""
        source = node.text or b""
        parts: list[list[str]] = []
        place = node.start_byte + (1 if node.type == "string" else 0)
        for child in node.named_children:
            parts.append([source[place - node.start_byte : child.start_byte - node.start_byte].decode()])
            parts.extend(self._parts(child))
            place = child.end_byte
        end = len(source) - (1 if node.type == "string" else 0)
        parts.append([source[place - node.start_byte : end].decode()])
        return parts

    def _variable(self, name: str) -> list[str]:
        return self.variables.get(name) or [UNKNOWN]


def _behind(words: list[str], valued: str | None = None) -> list[str]:
    """What comes after a wrapping program, its options and its assignments."""
    valued = _WRAPPERS.get(words[0], "") if valued is None else valued
    place = 1
    while place < len(words) and (words[place].startswith("-") or _ASSIGNMENT.match(words[place])):
        word = words[place]
        place += 1
        if word == "--":
            break
        if len(word) == 2 and word[0] == "-" and word[1] in valued:
            place += 1
    return words[place:]


def _text(node: Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def options_and_operands(words: Sequence[str], valued: str = "") -> tuple[list[str], list[str]]:
    """Part the arguments of a program; `valued` holds the short options that take a value."""
    options: list[str] = []
    operands: list[str] = []
    waiting = iter(words)
    for word in waiting:
        if word == "--":
            operands.extend(waiting)
        elif word.startswith("-") and len(word) > 1:
            options.append(word)
            if not word.startswith("--") and word[-1] in valued:
                options.append(next(waiting, ""))
        else:
            operands.append(word)
    return options, operands
