"""Snapshots as JSON Lines: a header, then for each table its own header and one line a row. Same rows, same bytes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace

from secaudit.content.decode import DecodeProblem, decode
from secaudit.errors import TargetError
from secaudit.evidence.document import compact_json, plain
from secaudit.model import Snapshot, TableData

SCHEMA = "secaudit.snapshot/1"
LIMIT_BYTES = 512 * 1024 * 1024


def dump_snapshot(snapshot: Snapshot) -> str:
    """The snapshot as text."""
    return "".join(snapshot_parts(snapshot))


def snapshot_parts(snapshot: Snapshot) -> Iterator[str]:
    """The snapshot as text, a line at a time."""
    return (line + "\n" for line in _lines(snapshot))


def snapshot_sha256(snapshot: Snapshot) -> str:
    """The hash of the text, without keeping the text."""
    digest = hashlib.sha256()
    for line in _lines(snapshot):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def _lines(snapshot: Snapshot) -> Iterator[str]:
    head = plain(replace(snapshot, tables=()))  # rows hold nothing but what JSON knows: they need no conversion
    head.pop("tables")
    yield _json({"schema": SCHEMA, **head, "tables": len(snapshot.tables)})
    for table in snapshot.tables:
        rows = [_json(list(row)) for row in table.rows]
        about = {
            "table": table.name,
            "columns": list(table.columns),
            "status": str(table.status),
            "reason": table.reason,
            "needs": table.needs,
            "gaps": list(table.gaps),
            "homes": list(table.homes),
            "beyond": list(table.beyond),
            "sources": plain(table.sources),
            "rows": len(rows),
            "sha256": _hash(rows),
        }
        yield _json(about)
        yield from rows


def _hash(rows: list[str]) -> str:
    return hashlib.sha256("".join(row + "\n" for row in rows).encode()).hexdigest()


def _json(value: object) -> str:
    return compact_json(value, (",", ":"))


def load_snapshot(text: str, name: str) -> Snapshot:
    """Read a snapshot back.

    Args:
        text: the JSON Lines.
        name: what to call it in messages, a path.

    Raises:
        TargetError: it is not a snapshot, or it was cut or changed.
    """
    lines = iter(text.split("\n"))
    try:
        head = json.loads(next(lines))
        if not isinstance(head, dict) or head.pop("schema", None) != SCHEMA:
            raise _damaged(name, "it does not begin with a snapshot header")
        count = head.pop("tables")
        tables = [_table(lines, name) for _ in range(count)]
        return replace(decode(Snapshot, {**head, "tables": []}), tables=tuple(tables))
    except (StopIteration, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _damaged(name, "it is cut short or is not a snapshot") from error
    except DecodeProblem as problem:
        raise _damaged(name, f"{'.'.join(map(str, problem.keys))}: {problem.message}") from problem


def _table(lines: Iterator[str], name: str) -> TableData:
    about = json.loads(next(lines))
    texts = [next(lines) for _ in range(about.pop("rows"))]
    if _hash(texts) != about.pop("sha256"):
        raise _damaged(name, f"the rows of {about.get('table')} are not those that were recorded")
    rows = [json.loads(text) for text in texts]
    about["name"] = about.pop("table")
    width = len(about["columns"])
    if any(not isinstance(row, list) or len(row) != width for row in rows):
        raise _damaged(name, f"a row of {about['name']} has the wrong number of cells")
    return decode(TableData, {**about, "rows": rows})


def _damaged(name: str, why: str) -> TargetError:
    return TargetError(f"{name}: {why}", (("fix", "use a file written by: secaudit audit -o snapshot.jsonl"),))
