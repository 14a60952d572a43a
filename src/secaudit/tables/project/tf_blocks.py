"""tf_blocks: the blocks of Terraform files: resources, providers, modules, and what is in them. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._terraform import nested, terraform


class TfBlock(NamedTuple):
    """One block."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    block: int
    """The number of the block at the top that this one is or belongs to."""
    type: str
    """Of the block at the top: `resource`, `data`, `provider`, `module`, `variable`, `terraform`, `output` ..."""
    kind: str
    """`aws_s3_bucket`; of a provider, module or variable its name."""
    name: str
    nest: str
    """Of a block inside another the names that lead to it, `rule.apply_server_side_encryption_by_default`; else
    empty."""
    label: str
    """The label of a block inside, such as `s3` of `backend`."""


@table(targets={"project"}, timeout_s=60.0)
def tf_blocks(target: Target) -> Iterator[TfBlock]:
    """Yield one row per block.

    Source: the configuration language of Terraform.

    Raises:
        Absent: there is no Terraform file.
        Partial: a file could not be read or understood.
    """
    found = terraform(target)
    for top in found.found:
        row = TfBlock(
            path=top.file.path,
            line=top.block.line,
            tracking=top.file.tracking,
            role=top.file.role,
            block=top.number,
            type=top.block.type[:60],
            kind=top.kind[:100],
            name=top.name[:100],
            nest="",
            label="",
        )
        yield row
        for nest, inner in nested(top.block):
            yield row._replace(line=inner.line, nest=nest[:200], label=inner.labels[0][:60] if inner.labels else "")
    found.files.finish(rows=bool(found.found))
