"""What a person should know about the findings of other tools that an audit used."""

from __future__ import annotations

from datetime import UTC, datetime

from secaudit.reporting.words import count_of
from secaudit.tableapi import ImportedReport
from secaudit.targets.access import Access
from secaudit.targets.project import ProjectAccess

OLD_DAYS = 30
DAY_S = 86_400


def import_notes(access: Access, started: str) -> list[str]:
    """One line for each import: tool, how many, when, from which file; and what is wrong with it."""
    if not access.imported:
        return []
    now_s = int(datetime.strptime(started, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp())
    head = head_of(access)
    return [_note(report, now_s, head) for report in access.imported]


def head_of(access: Access) -> str:
    """The commit that is checked out; empty where there is none."""
    if not isinstance(access, ProjectAccess):
        return ""
    try:
        code, printed = access.ask(["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], b"", 10.0, 4096)
    except Exception:  # noqa: BLE001  without git there is no commit
        return ""
    return printed.decode("ascii", "replace").strip() if code == 0 else ""


def _note(report: ImportedReport, now_s: int, head: str) -> str:
    day = datetime.fromtimestamp(report.made_s, UTC).strftime("%Y-%m-%d")
    version = f" {report.tool_version}" if report.tool_version else ""
    text = (
        f"imported from {report.tool}{version}: {count_of(len(report.findings), 'finding')} of {day}"
        f" ({report.file}, sha256 {report.sha256[:16]})"
    )
    age = max(0, now_s - report.made_s) // DAY_S
    if age > OLD_DAYS:
        text += f"; it is {age} days old, import it anew"
    elif report.commit_id and head and report.commit_id != head:
        text += f"; it was made for commit {report.commit_id[:12]}, this is {head[:12]}"
    return text
