"""tf_attributes: the settings of Terraform blocks, with the value where it is written out. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._compose_facts import value_kind
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._hcl import Block, Value
from secaudit.tables.project._names import word_of
from secaudit.tables.project._terraform import TopBlock, literal, nested, resolved, terraform

_ABOUT = ("_arn", "_id", "_name", "_file", "_path", "_url", "_version", "_length", "_enabled", "_type", "_ref")


class TfAttribute(NamedTuple):
    """One setting. Values under names of secrets are left out."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    block: int
    """As in tf_blocks."""
    type: str
    kind: str
    name: str
    """Of the block."""
    nest: str
    """As in tf_blocks."""
    attribute: str
    """Of an object `tags.Name`."""
    value: str
    """Text, number, true or false; a list as ` a b `; empty when it is not known, or may hold a secret."""
    known: int
    """1 when the value is written out, or the default of a variable gives it."""
    literal_secret: int
    """1 when the name is that of a password or key and a value is written out here."""


@table(targets={"project"}, timeout_s=60.0)
def tf_attributes(target: Target) -> Iterator[TfAttribute]:
    """Yield one row per setting of each block, blocks inside others as well.

    Source: the configuration language of Terraform.

    Raises:
        Absent: there is no Terraform file.
        Partial: a file could not be read or understood.
    """
    found = terraform(target)
    for top in found.found:
        yield from _of_block(top, "", top.block)
        for nest, inner in nested(top.block):
            yield from _of_block(top, nest, inner)
    found.files.finish(rows=bool(found.found))


def _of_block(top: TopBlock, nest: str, block: Block) -> Iterator[TfAttribute]:
    for name, value in block.attributes.items():
        yield from _of_value(top, nest, name, value)


def _of_value(top: TopBlock, nest: str, name: str, value: Value) -> Iterator[TfAttribute]:
    if value.kind == "object":
        for inner_name, inner in zip(value.names, value.items, strict=False):
            yield from _of_value(top, nest, f"{name}.{inner_name}", inner)
        return
    last = name.rpartition(".")[2]
    is_variable = top.block.type == "variable"
    spoken = word_of(top.kind if is_variable and name == "default" else last)
    written = value.text if value.kind == "text" else ""
    is_secret = bool(spoken) and not last.lower().endswith(_ABOUT) and not (written and is_dummy(written))
    text = literal(value, top.known)
    is_literal = is_secret and bool(written) and value_kind(written) != "empty"
    if top.block.type in ("output", "module") and is_literal:
        is_literal = top.block.type == "module"
    yield TfAttribute(
        path=top.file.path,
        line=value.line,
        tracking=top.file.tracking,
        role=top.file.role,
        block=top.number,
        type=top.block.type[:60],
        kind=top.kind[:100],
        name=top.name[:100],
        nest=nest[:200],
        attribute=name[:200],
        value="" if text is None or is_secret or not _may_be_shown(text) else text,
        known=int(text is not None and (resolved(value, top.known) or value).kind != "null"),
        literal_secret=int(is_literal),
    )


def _may_be_shown(text: str) -> bool:
    """Names, numbers and addresses. Not what may hold a password under a harmless name: scripts, keys, logins."""
    if len(text) > 400 or "\n" in text:
        return False
    for word in text.split():
        _, mark, rest = word.partition("://")
        if mark and "@" in rest.partition("/")[0]:
            return False
        if len(word) > 100 or (len(word) >= 20 and word.isalnum() and not word.isalpha()):
            return False
    return len(text.split()) < 12 or text.startswith(" ")
