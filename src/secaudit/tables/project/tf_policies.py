"""tf_policies: the statements of access policies in Terraform files. Not in osquery."""

from __future__ import annotations

import json
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import shown_words
from secaudit.tables.project._hcl import Block, Value
from secaudit.tables.project._terraform import MAX_ITEMS, Known, TopBlock, nested, resolved, terraform, texts

MOST_SHOWN = 40
_POLICY_NAMES = frozenset(
    (
        "policy",
        "assume_role_policy",
        "inline_policy",
        "access_policy",
        "access_policies",
        "policy_document",
        "redrive_policy",
    )
)


class TfStatement(NamedTuple):
    """One statement of a policy."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """The resource: `aws_iam_policy`, `aws_s3_bucket_policy`, `aws_iam_policy_document` ..."""
    name: str
    allows: int
    """1 for Allow, which is the default of a policy document."""
    actions: str
    """As ` s3:GetObject s3:* `; ` * ` for all."""
    resources: str
    all_actions: int | None
    """1 when every action is meant; NULL when the actions are not written out."""
    all_resources: int | None
    everyone: int | None
    """1 when anyone may do it, without an account; NULL when that is not written out."""
    limited: int
    """1 when a condition limits it."""


@table(targets={"project"}, timeout_s=60.0)
def tf_policies(target: Target) -> Iterator[TfStatement]:
    """Yield one row per statement of AWS policies: documents, jsonencode, and JSON in the file.

    Source: the IAM JSON policy reference of AWS.

    Raises:
        Absent: there is no policy.
        Partial: a file could not be read or understood.
    """
    found = terraform(target)
    rows = 0
    for top in found.found:
        for row in _rows(top):
            rows += 1
            yield row
    found.files.finish(rows=rows > 0)


def _rows(top: TopBlock) -> Iterator[TfStatement]:
    if top.block.type == "data" and top.kind == "aws_iam_policy_document":
        for place, inner in nested(top.block):
            if place == "statement":
                yield _document(top, inner)
        return
    if top.block.type != "resource":
        return
    blocks = [("", top.block), *nested(top.block)]
    for _, block in blocks:
        for name, value in block.attributes.items():
            if name in _POLICY_NAMES:
                yield from _policy(top, resolved(value, top.known), name)


def _row(
    top: TopBlock, line: int, allows: bool, actions: list[str] | None, resources: list[str] | None, everyone: int |
    None, limited: bool
) -> TfStatement:  # fmt: skip
    return TfStatement(
        path=top.file.path,
        line=line,
        tracking=top.file.tracking,
        role=top.file.role,
        kind=top.kind[:100],
        name=top.name[:100],
        allows=int(allows),
        actions=_words(actions),
        resources=_words(resources),
        all_actions=None if actions is None else int(any(text in ("*", "*:*") for text in actions)),
        all_resources=None if resources is None else int("*" in resources),
        everyone=everyone,
        limited=int(limited),
    )


def _words(found: list[str] | None) -> str:
    """All actions of a service first: a check asks for them, and nothing may push them out."""
    return shown_words(
        (_shortened(text) for text in found or ()), MOST_SHOWN, lambda word: word == "*" or word.endswith(":*")
    )


def _shortened(text: str) -> str:
    """The end stays: there stands the star of `service:*`."""
    return text if len(text) <= 100 else f"{text[:60]}...{text[-30:]}"


def _document(top: TopBlock, block: Block) -> TfStatement:
    effect = texts(block.attributes.get("effect"), top.known)
    everyone: int | None = 0
    limited = False
    for place, inner in nested(block):
        if place == "principals":
            names = _strings(inner.attributes.get("identifiers"), top.known)
            kinds = texts(inner.attributes.get("type"), top.known)
            if (kinds or ["AWS"])[0] not in ("AWS", "*"):
                continue
            if names is None:
                everyone = everyone or None
            elif "*" in names:
                everyone = 1
        limited = limited or place == "condition"
    actions = texts(block.attributes.get("actions"), top.known)
    resources = _strings(block.attributes.get("resources"), top.known)
    return _row(top, block.line, effect != ["Deny"], actions, resources, everyone, limited)


def _strings(value: Value | None, known: Known) -> list[str] | None:
    """As `texts`; but what is a reference is one resource or account, never all of them."""
    value = resolved(value, known)
    if value is None:
        return []
    items = value.items if value.kind == "list" else [value]
    if len(items) > MAX_ITEMS:
        return None
    out = []
    for item in items:
        item = resolved(item, known) or item
        out.append(item.text if item.kind == "text" else "(reference)")
    return out


def _policy(top: TopBlock, value: Value | None, name: str) -> Iterator[TfStatement]:
    if value is None:
        return
    if value.kind == "object":
        statements = value.get("Statement")
        for item in statements.items if statements is not None and statements.kind == "list" else [statements]:
            if item is not None and item.kind == "object":
                yield _object(top, item, name)
        return
    text = value.text if value.kind in ("text", "unknown") else ""
    if not text.lstrip().startswith("{"):
        return
    try:
        policy = json.loads(_filled(text))
    except (ValueError, RecursionError):
        return
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    for item in statements if isinstance(statements, list) else [statements]:
        if isinstance(item, dict):
            yield _json(top, item, value.line, name)


def _filled(text: str) -> str:
    """`${...}` as a plain word, so that the rest can be read as JSON."""
    out: list[str] = []
    position = 0
    while position < len(text):
        if text.startswith("${", position):
            depth, stop = 1, position + 2
            while stop < len(text) and depth:
                depth += {"{": 1, "}": -1}.get(text[stop], 0)
                stop += 1
            out.append("(reference)")
            position = stop
        else:
            out.append(text[position])
            position += 1
    return "".join(out)


def _json(top: TopBlock, item: dict[str, object], line: int, name: str) -> TfStatement:
    def listed(key: str) -> list[str]:
        value = item.get(key)
        values = value if isinstance(value, list) else [value]
        return [entry for entry in values if isinstance(entry, str)]

    principal = item.get("Principal")
    names: list[object] = [principal]
    if isinstance(principal, dict):
        names = [entry for value in [principal.get("AWS")] for entry in (value if isinstance(value, list) else [value])]
    resources = listed("Resource") if name != "assume_role_policy" else []
    return _row(
        top,
        line,
        item.get("Effect") != "Deny",
        listed("Action"),
        resources,
        int("*" in names),
        bool(item.get("Condition")),
    )


def _object(top: TopBlock, item: Value, name: str) -> TfStatement:
    principal = resolved(item.get("Principal"), top.known)
    everyone: int | None = 0
    if principal is not None:
        found = _strings(principal.get("AWS") if principal.kind == "object" else principal, top.known)
        everyone = None if found is None else int("*" in found)
    effect = texts(item.get("Effect"), top.known)
    actions = texts(item.get("Action"), top.known)
    resources = _strings(item.get("Resource"), top.known) if name != "assume_role_policy" else []
    return _row(top, item.line, effect != ["Deny"], actions, resources, everyone, item.get("Condition") is not None)
