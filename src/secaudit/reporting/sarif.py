"""SARIF 2.1.0 (OASIS): what code scanning of a forge and editors read. One result for each failing row that has a file.

What could not be checked, and what failed without a file to point to, is a notification of the run: no result, since
readers of SARIF know places only, and never left out, since a file without results would read as a clean project.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from secaudit.model import Result, Run, Scalar, Severity, Status
from secaudit.reporting.evidence import evidence, found_in
from secaudit.reporting.visible import visible, visible_lines

Row = Mapping[str, Scalar]
SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
MARK = "secauditFinding/v1"
LEVELS = {
    Severity.CRITICAL: "error", Severity.HIGH: "error", Severity.MEDIUM: "warning", Severity.LOW: "note",
    Severity.INFO: "note",
}  # fmt: skip
POINTS = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "3.0"}
"""GitHub's `security-severity`: critical above 9.0, high from 7.0, medium from 4.0."""

NOTES = {
    "could-not-check": "A check could not be made. It counts as neither good nor bad.",
    "no-file": "A check failed, and there is no file to point to.",
    "not-listed": "A check failed in more places than are listed.",
}
_CWE = re.compile(r"CWE-(\d{1,4})\Z")


def render(run: Run, mark_of: Callable[[str, Row], str]) -> str:
    """The document.

    Args:
        run: what to write.
        mark_of: the digest by which a finding is known again, from its check and its row, as baselines have it.
    """
    shown = [result for result in run.results if result.status in (Status.FAIL, Status.UNKNOWN)]
    shown.sort(key=lambda item: (item.status is not Status.FAIL, item.severity.rank, item.check))
    places = {result.check: number for number, result in enumerate(shown)}
    document = {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {
                    "name": run.tool.name,
                    "version": run.tool.version,
                    "rules": [_rule(result) for result in shown],
                    "notifications": [{"id": name, "shortDescription": {"text": text}} for name, text in NOTES.items()],
                }},
                "automationDetails": {"id": f"{run.tool.name}/{run.profile}/"},
                "invocations": [{
                    "executionSuccessful": not run.partial,
                    "startTimeUtc": run.started,
                    "endTimeUtc": run.finished,
                    "toolExecutionNotifications": [note for result in shown for note in _notes(result, places)],
                }],
                "results": [found for result in shown for found in _results(result, places, mark_of)],
            }
        ],
    }  # fmt: skip
    return json.dumps(document, ensure_ascii=True, indent=1) + "\n"


def _rule(result: Result) -> dict[str, Any]:
    weaknesses = [match.group(1) for text in result.references if (match := _CWE.match(text))]
    pages = [text for text in result.references if text.startswith("https://")]
    properties: dict[str, Any] = {"tags": ["security", *(f"external/cwe/cwe-{number:>03}" for number in weaknesses)]}
    if result.severity in POINTS:
        properties["security-severity"] = POINTS[result.severity]
    text, markdown = _help(result)
    return {
        "id": result.check,
        "shortDescription": {"text": result.fail_title},
        "fullDescription": {"text": f"{result.fail_title}. {result.why}"},
        "help": {"text": text, "markdown": markdown},
        **({"helpUri": pages[0]} if pages else {}),
        "defaultConfiguration": {"level": LEVELS[result.severity]},
        "properties": properties,
    }


def _help(result: Result) -> tuple[str, str]:
    """Why it matters and what mends it, as plain text and as Markdown; all of it is the check's own text."""
    sentences = (("Careful", result.careful),)
    commands = (("Fix", result.fix), ("Undo", result.undo), ("Check it yourself", result.verify))
    plain, marked = [result.why], [result.why]
    for title, said in sentences:
        if said:
            plain.append(f"{title}: {said}")
            marked.append(f"**{title}:** {said}")
    for title, text in commands:
        if text and text.strip():
            body = visible_lines(text.strip("\n"))
            plain.append(f"{title}:\n{body}")
            marked.append(f"**{title}**\n\n" + "\n".join(f"    {line}" for line in body.splitlines()))
    return "\n\n".join(plain), "\n\n".join(marked)


def _failed(result: Result) -> list[Row]:
    return [row for row in result.rows if row.get("pass") == 0] if result.status is Status.FAIL else []


def _results(result: Result, places: Mapping[str, int], mark_of: Callable[[str, Row], str]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for row in _failed(result):
        if not row.get("path"):
            continue
        mark = mark_of(result.check, row)
        seen[mark] += 1
        accepted = row.get("accepted") or result.waiver
        yield {
            "ruleId": result.check,
            "ruleIndex": places[result.check],
            "level": LEVELS[result.severity],
            "message": {"text": _message(result, row)},
            "locations": [{"physicalLocation": _location(row)}],
            "partialFingerprints": {MARK: f"{mark}:{seen[mark]}"},  # the same in two lines is two findings
            **({"suppressions": [_suppression(str(accepted))]} if accepted else {}),
        }


def _suppression(words: str) -> dict[str, str]:
    return {"kind": "external", "status": "accepted", "justification": _inert(words)}


def _location(row: Row) -> dict[str, Any]:
    path, line = str(row["path"]), row.get("line")
    address = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    artifact = {"uri": f"file://{address}"} if path.startswith("/") else {"uri": address, "uriBaseId": "%SRCROOT%"}
    region = {"region": {"startLine": line}} if isinstance(line, int) and line > 0 else {}
    return {"artifactLocation": artifact, **region}


def _message(result: Result, row: Row) -> str:
    found = found_in(row)._replace(place="")
    return _inert(f"{result.fail_title}: {found}" if str(found) else result.fail_title)


def _inert(text: str) -> str:
    """On one line, and without `[text](address)`, which a reader of SARIF would show as a link."""
    return visible(text).replace("](", "] (")


def _notes(result: Result, places: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    if result.status is Status.UNKNOWN:
        yield _note("could-not-check", result, f"{result.title}: {result.reason or 'no reason was given'}", places)
        return
    if bare := [row for row in _failed(result) if not row.get("path")]:
        found = ", ".join(str(found_in(row)) for row in bare[:3]) + (f" and {len(bare) - 3} more" if bare[3:] else "")
        yield _note("no-file", result, f"{result.fail_title}: {found}", places)
    elif not _failed(result):
        yield _note("no-file", result, ": ".join((result.fail_title, *filter(None, [result.reason]))), places)
    if not evidence(result, 0).is_exact:
        yield _note("not-listed", result, f"{result.fail_title}: in more places than are listed", places)


def _note(name: str, result: Result, text: str, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "descriptor": {"id": name, "index": list(NOTES).index(name)},
        "level": "warning" if result.status is Status.UNKNOWN else LEVELS[result.severity],
        "message": {"text": _inert(text)},
        "associatedRule": {"id": result.check, "index": places[result.check]},
    }
