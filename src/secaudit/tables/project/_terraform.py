"""The Terraform files of a project, read once for the tables that ask; variables with a known value are put in."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.project._config_files import ConfigFile, ConfigFiles, config_files, words
from secaudit.tables.project._hcl import Block, Broken, Value, parse

MAX_BLOCKS = 20_000
MAX_ITEMS = 2_000
"""Of one value, lists inside lists counted. A longer one is not known: a part of it could pass for the whole."""
MAX_DEPTH = 20
"""Steps from a name to what it holds, and lists inside lists."""

_SPOKEN = frozenset(("text", "number", "bool", "null"))


class Known(NamedTuple):
    """Values of variables and locals of one folder."""

    values: dict[str, Value]


class TopBlock(NamedTuple):
    """One block at the top of a file."""

    number: int
    file: ConfigFile
    block: Block
    known: Known

    @property
    def kind(self) -> str:
        """The type of a resource; the name of a provider, variable or module."""
        return self.block.labels[0] if self.block.labels else ""

    @property
    def name(self) -> str:
        return self.block.labels[1] if len(self.block.labels) > 1 else ""


class Terraform(NamedTuple):
    """All of them."""

    found: tuple[TopBlock, ...]
    files: ConfigFiles


def terraform(target: Target) -> Terraform:
    """The blocks of the project."""
    return target.shared("project terraform", _read)


def _is_one(path: str) -> bool:
    low = path.lower()
    return low.endswith((".tf", ".tofu", "terraform.tfvars", ".auto.tfvars")) and "/.terraform/" not in "/" + path


def _read(target: Target) -> Terraform:
    files = config_files(target, _is_one, "Terraform file")
    trees: list[tuple[ConfigFile, Block]] = []
    for file in files.found:
        try:
            trees.append((file, parse(file.text)))
        except Broken as problem:
            files.trouble(file.path, str(problem))
    known: dict[str, Known] = {}
    for step in (_defaults, _given):
        for file, tree in trees:
            step(known.setdefault(posixpath.dirname(file.path), Known({})), file, tree)
    found: list[TopBlock] = []
    for file, tree in trees:
        if file.path.endswith(".tfvars"):
            continue
        for block in tree.blocks:
            found.append(TopBlock(len(found) + 1, file, block, known[posixpath.dirname(file.path)]))
        if len(found) > MAX_BLOCKS:
            files.trouble(file.path, f"more than {MAX_BLOCKS} blocks")
            break
    return Terraform(tuple(found), files)


def _defaults(known: Known, file: ConfigFile, tree: Block) -> None:
    for block in tree.blocks:
        if block.type == "variable" and block.labels and "default" in block.attributes:
            known.values[f"var.{block.labels[0]}"] = block.attributes["default"]
        elif block.type == "locals":
            for name, value in block.attributes.items():
                known.values[f"local.{name}"] = value


def _given(known: Known, file: ConfigFile, tree: Block) -> None:
    """`terraform.tfvars` and `*.auto.tfvars` win over defaults."""
    if file.path.endswith(".tfvars"):
        for name, value in tree.attributes.items():
            known.values[f"var.{name}"] = value


def reference_of(value: Value | None) -> str:
    """The dotted name that a value is: `var.x`, or `"${var.x}"` as it was written once; empty for anything else."""
    if value is None:
        return ""
    if value.kind == "reference":
        return value.text
    text = value.text
    if value.kind == "unknown" and text.startswith("${") and text.endswith("}"):
        inner = text[2:-1].strip()
        if all(char.isalnum() or char in "._-" for char in inner):
            return inner
    return ""


def resolved(value: Value | None, known: Known, depth: int = 0) -> Value | None:
    """A value, or what the variable that it names holds."""
    name = reference_of(value)
    if value is not None and name and depth < MAX_DEPTH:
        parts = name.split(".")
        held = known.values.get(".".join(parts[:2]))
        for name in parts[2:]:
            held = held.get(name) if held is not None and held.kind == "object" else None
        return resolved(held, known, depth + 1) if held is not None else value
    return value


def literal(value: Value | None, known: Known) -> str | None:
    """The text of a literal; of a list its texts with spaces around each; None when it is not known."""
    return _Speaker(known).text(value)


class _Speaker:
    """Puts one value into words. Lists that name each other grow without end, so its items are counted."""

    def __init__(self, known: Known) -> None:
        self._known = known
        self._items = 0

    def text(self, value: Value | None, depth: int = 0) -> str | None:
        value = resolved(value, self._known)
        if value is None:
            return None
        if value.kind in _SPOKEN:
            return value.text
        if value.kind != "list" or depth > MAX_DEPTH:
            return None
        parts = self.texts(value.items, depth)
        return None if parts is None else words(parts)

    def texts(self, items: list[Value], depth: int = 0) -> list[str] | None:
        out = []
        self._items += len(items)
        if self._items > MAX_ITEMS:
            return None
        for item in items:
            text = self.text(item, depth + 1)
            if text is None:
                return None
            out.append(text)
        return out


def texts(value: Value | None, known: Known) -> list[str] | None:
    """The texts of a list or of the one value; None when a part is not known."""
    value = resolved(value, known)
    if value is None:
        return []
    return _Speaker(known).texts(value.items if value.kind == "list" else [value])


def nested(block: Block, path: str = "") -> Iterator[tuple[str, Block]]:
    """Each block inside, with the names that lead there; `dynamic` blocks under their own name."""
    for inner in block.blocks:
        name, body = inner.type, inner
        if inner.type == "dynamic" and inner.labels:
            name = inner.labels[0]
            body = next((entry for entry in inner.blocks if entry.type == "content"), inner)
        place = f"{path}.{name}" if path else name
        yield place, body
        yield from nested(body, place)
