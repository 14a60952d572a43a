"""betterleaks 2, `-o FILE.json`: findings with rule, match and location, and how complete the scan was."""

from __future__ import annotations

import re

from secaudit.importing.report import Found, Kind, Report
from secaudit.importing.shape import number, records, text, under

NAME = "betterleaks"
_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")


def fits(data: object) -> bool:
    return isinstance(under(data, "findings"), list) and isinstance(under(data, "scan", "betterleaks_version"), str)


def read(data: object) -> Report:
    found = tuple(
        Found(
            kind=Kind.SECRET,
            rule_id=text(item, "rule_id"),
            path=text(item, "location", "path"),
            line=number(item, "location", "start_line"),
            column=number(item, "location", "start_column"),
            severity="high",
            confidence=text(item, "confidence"),
            cwes=(798,),
            secret=_value(text(item, "match", "value")),
            commit=_commit(under(item, "attributes")),
        )
        for item in records(data, "findings")
    )
    scan = under(data, "scan")
    skipped = int(text(scan, "state") not in ("complete", ""))
    return Report(NAME, text(scan, "betterleaks_version"), text(scan, "finished"), found, skipped)


def _value(secret: str) -> bytes:
    hidden = "REDACTED" in secret or secret.endswith("...")
    return b"" if hidden else secret.encode("utf-8", "surrogatepass")


def _commit(attributes: object) -> str:
    texts = (text(attributes, str(key)) for key in attributes) if isinstance(attributes, dict) else ()
    return next((item for item in texts if _COMMIT.match(item)), "")
