"""Terraform's language read far enough to see blocks and literal values; one pass, bounded, nothing evaluated.

What is not written out as a literal stays unknown: calls, references, conditions and texts with `${ }`.
"""

from __future__ import annotations

from typing import NamedTuple

MAX_TOKENS = 400_000
MAX_DEPTH = 60


class Broken(Exception):
    """The file cannot be read. The text is for a person."""


class Token(NamedTuple):
    """`name`, `text`, `template` (a text with `${ }`), `number`, `mark` or `line` (its end)."""

    kind: str
    text: str
    line: int


class Value:
    """A value as written."""

    __slots__ = ("items", "kind", "line", "names", "text")

    def __init__(self, kind: str, line: int, text: str = "") -> None:
        self.kind = kind
        """`text`, `number`, `bool`, `null`, `list`, `object`, `reference` (`var.x`) or `unknown`."""
        self.line = line
        self.text = text
        self.items: list[Value] = []
        self.names: list[str] = []
        """Of an object, the names of its items."""

    def get(self, name: str) -> Value | None:
        """What an object holds under a name; the last of equal ones."""
        found = None
        for key, item in zip(self.names, self.items, strict=True):
            if key == name:
                found = item
        return found


class Block:
    """One block with its settings and the blocks in it."""

    __slots__ = ("attributes", "blocks", "labels", "line", "type")

    def __init__(self, type_: str, labels: tuple[str, ...], line: int) -> None:
        self.type = type_
        self.labels = labels
        self.line = line
        self.attributes: dict[str, Value] = {}
        self.blocks: list[Block] = []


def parse(text: str) -> Block:
    """The whole file as one block without a type.

    Raises:
        Broken: it is no HCL, or too large.
    """
    return _Parser(_tokens(text)).file()


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    position, line, end = 0, 1, len(text)
    while position < end:
        if len(found) > MAX_TOKENS:
            raise Broken(f"more than {MAX_TOKENS} words")
        char = text[position]
        if char == "\n":
            found.append(Token("line", "", line))
            line += 1
            position += 1
        elif char in " \t\r\ufeff":
            position += 1
        elif char == "#" or text.startswith("//", position):
            stop = text.find("\n", position)
            position = end if stop < 0 else stop
        elif text.startswith("/*", position):
            stop = text.find("*/", position + 2)
            if stop < 0:
                raise Broken(f"a comment without end in line {line}")
            line += text.count("\n", position, stop)
            position = stop + 2
        elif char == '"':
            token, position = _quoted(text, position, line)
            found.append(token)
            line += token.text.count("\n") if token.kind == "template" else 0
        elif text.startswith("<<", position) and text[position + 2 : position + 3] not in ("=", " ", ""):
            token, position, lines = _heredoc(text, position, line)
            found.append(token)
            line += lines
        elif char.isalpha() or char == "_":
            stop = position
            while stop < end and (text[stop].isalnum() or text[stop] in "_-"):
                stop += 1
            found.append(Token("name", text[position:stop], line))
            position = stop
        elif char.isdigit():
            stop = position
            while stop < end and (text[stop].isalnum() or text[stop] == "."):
                stop += 1
            found.append(Token("number", text[position:stop], line))
            position = stop
        else:
            found.append(Token("mark", char, line))
            position += 1
    found.append(Token("line", "", line))
    return found


def _quoted(text: str, position: int, line: int) -> tuple[Token, int]:
    """A text in quotes; quotes inside `${ }` belong to it."""
    out: list[str] = []
    depth, inner_quote, is_template = 0, False, False
    position += 1
    while position < len(text):
        char = text[position]
        if not depth and char == '"':
            return Token("template" if is_template else "text", "".join(out), line), position + 1
        if char == "\n" and not depth:
            raise Broken(f"a text without end in line {line}")
        if char == "\\" and position + 1 < len(text):
            following = text[position + 1]
            out.append({"n": "\n", "t": "\t", '"': '"', "\\": "\\"}.get(following, "\\" + following))
            position += 2
            continue
        if depth:
            if char == '"':
                inner_quote = not inner_quote
            elif not inner_quote:
                depth += {"{": 1, "}": -1}.get(char, 0)
        elif text.startswith(("$${", "%%{"), position):
            out.append(text[position + 1 : position + 3])
            position += 3
            continue
        elif text.startswith(("${", "%{"), position):
            depth, is_template = 1, True
            out.append(text[position : position + 2])
            position += 2
            continue
        out.append(char)
        position += 1
    raise Broken(f"a text without end in line {line}")


def _heredoc(text: str, position: int, line: int) -> tuple[Token, int, int]:
    stop = text.find("\n", position)
    if stop < 0:
        raise Broken(f"a text without end in line {line}")
    name = text[position + 2 : stop].strip().lstrip("-").strip()
    lines = text[stop + 1 :].split("\n") if len(text) - stop < 300_000 else text[stop + 1 : stop + 300_000].split("\n")
    body: list[str] = []
    at = stop + 1
    for count, content in enumerate(lines):
        if content.strip() == name:
            joined = "\n".join(body)
            kind = "template" if "${" in joined or "%{" in joined else "text"
            return Token(kind, joined, line), at + len(content), count + 1
        body.append(content)
        at += len(content) + 1
    raise Broken(f"a text without end in line {line}")


_OPEN = {"(": ")", "[": "]", "{": "}"}


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def file(self) -> Block:
        whole = Block("", (), 1)
        self._body(whole, 0)
        if self._at < len(self._tokens):
            raise Broken(f"not understood from line {self._tokens[self._at].line} on")
        return whole

    def _peek(self) -> Token | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _skip_lines(self) -> None:
        while self._at < len(self._tokens) and self._tokens[self._at].kind == "line":
            self._at += 1

    def _body(self, block: Block, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise Broken(f"nested deeper than {MAX_DEPTH} levels")
        while True:
            self._skip_lines()
            token = self._peek()
            if token is None or (token.kind == "mark" and token.text == "}"):
                return
            if token.kind not in ("name", "text"):
                raise Broken(f"not understood from line {token.line} on")
            self._at += 1
            self._entry(block, token, depth)

    def _entry(self, block: Block, first: Token, depth: int) -> None:
        labels: list[str] = []
        while True:
            token = self._peek()
            if token is None:
                raise Broken(f"not understood from line {first.line} on")
            self._at += 1
            if token.kind == "mark" and token.text in "=:":
                if labels:
                    raise Broken(f"not understood from line {token.line} on")
                block.attributes[first.text] = self._value(depth + 1)
                return
            if token.kind == "mark" and token.text == "{":
                inner = Block(first.text, tuple(labels), first.line)
                self._body(inner, depth + 1)
                closing = self._peek()
                if closing is None:
                    raise Broken(f"a block without end in line {first.line}")
                self._at += 1
                block.blocks.append(inner)
                return
            if token.kind not in ("name", "text", "template"):
                raise Broken(f"not understood from line {token.line} on")
            labels.append(token.text)

    def _value(self, depth: int) -> Value:
        """A value up to the end of its line, or to the comma or bracket that ends it."""
        if depth > MAX_DEPTH:
            raise Broken(f"nested deeper than {MAX_DEPTH} levels")
        token = self._peek()
        if token is None:
            raise Broken("the file ends in the middle")
        value = self._first(token, depth)
        if self._ends():
            return value
        self._rest()
        return Value("unknown", token.line)

    def _first(self, token: Token, depth: int) -> Value:
        self._at += 1
        if token.kind == "text":
            return Value("text", token.line, token.text)
        if token.kind == "template":
            return Value("unknown", token.line, token.text)
        if token.kind == "number":
            return Value("number", token.line, token.text)
        if token.kind == "mark" and token.text == "-":
            following = self._peek()
            if following is not None and following.kind == "number":
                self._at += 1
                return Value("number", token.line, "-" + following.text)
        if token.kind == "mark" and token.text == "[":
            return self._list(token.line, depth)
        if token.kind == "mark" and token.text == "{":
            return self._object(token.line, depth)
        if token.kind == "name":
            return self._named(token, depth)
        self._at -= 1
        self._rest()
        return Value("unknown", token.line)

    def _named(self, token: Token, depth: int) -> Value:
        if token.text in ("true", "false"):
            return Value("bool", token.line, token.text)
        if token.text == "null":
            return Value("null", token.line)
        following = self._peek()
        if token.text in ("jsonencode", "toset", "tolist") and following is not None and following.text == "(":
            self._at += 1
            self._skip_lines()
            value = self._value(depth + 1)
            self._skip_lines()
            closing = self._peek()
            if closing is not None and closing.kind == "mark" and closing.text == ")":
                self._at += 1
                return value
            return Value("unknown", token.line)
        parts = [token.text]
        while (
            following is not None
            and following.kind == "mark"
            and following.text == "."
            and self._at + 1 < len(self._tokens)
        ):
            parts.append(self._tokens[self._at + 1].text)
            self._at += 2
            following = self._peek()
        return Value("reference", token.line, ".".join(parts))

    def _list(self, line: int, depth: int) -> Value:
        value = Value("list", line)
        while True:
            self._skip_lines()
            token = self._peek()
            if token is None:
                raise Broken(f"a list without end in line {line}")
            if token.kind == "mark" and token.text == "]":
                self._at += 1
                return value
            if token.kind == "mark" and token.text == ",":
                self._at += 1
                continue
            if token.kind == "name" and token.text == "for":
                self._close("]", line)
                return Value("unknown", line)
            value.items.append(self._value(depth + 1))

    def _object(self, line: int, depth: int) -> Value:
        value = Value("object", line)
        while True:
            self._skip_lines()
            token = self._peek()
            if token is None:
                raise Broken(f"an object without end in line {line}")
            self._at += 1
            if token.kind == "mark" and token.text == "}":
                return value
            if token.kind == "mark" and token.text == ",":
                continue
            if token.kind == "name" and token.text == "for":
                self._close("}", line)
                return Value("unknown", line)
            name = token.text
            if token.kind == "mark" and token.text in _OPEN:
                self._close(_OPEN[token.text], line)
                name = ""
            while True:
                following = self._peek()
                if following is None:
                    raise Broken(f"an object without end in line {line}")
                self._at += 1
                if following.kind == "mark" and following.text in "=:":
                    break
                if following.kind == "line" or (following.kind == "mark" and following.text in "}],"):
                    raise Broken(f"not understood from line {following.line} on")
                name = ""
            self._skip_lines()
            item = self._value(depth + 1)
            value.names.append(name)
            value.items.append(item)

    def _close(self, bracket: str, line: int) -> None:
        """Go behind the bracket that closes what is open."""
        waiting = [bracket]
        while waiting:
            token = self._peek()
            if token is None:
                raise Broken(f"a bracket without end in line {line}")
            self._at += 1
            if token.kind == "mark":
                if token.text in _OPEN:
                    waiting.append(_OPEN[token.text])
                elif token.text == waiting[-1]:
                    waiting.pop()
                elif token.text in ")]}":
                    raise Broken(f"not understood from line {token.line} on")

    def _ends(self) -> bool:
        token = self._peek()
        return token is None or token.kind == "line" or (token.kind == "mark" and token.text in ",]})")

    def _rest(self) -> None:
        """Go to the end of an expression that is not understood; brackets in it may hold line ends."""
        while not self._ends():
            token = self._tokens[self._at]
            self._at += 1
            if token.kind == "mark" and token.text in _OPEN:
                self._close(_OPEN[token.text], token.line)
            elif token.kind == "mark" and token.text in "?:&|+*/<>=!-" and self._peek() is not None:
                self._skip_lines()
