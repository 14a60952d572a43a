"""The trials of fixes as data: what breaks each check, and which fixes cannot be tried and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

HERE = Path(__file__).resolve().parent
NOT_RUN = "not-run.yaml"
KEYS = {
    "setup",
    "break",
    "put",
    "in",
    "only",
    "by_hand",
    "edit",
    "as",
    "answers",
    "undo",
    "undo_answers",
    "good",
    "slow",
    "session",
    "also_fails",
}


@dataclass(frozen=True, slots=True)
class Case:
    """How one fix is tried. Shell text runs as root, the fix and its undo as the person ayesha."""

    check: str
    topic: str
    break_it: str
    """Makes the check fail."""
    setup: str = ""
    """What must be there before: packages, files, accounts; that of the whole file first."""
    by_hand: str = ""
    """What the comments of the fix tell the person to do with an editor, done before its commands."""
    put: dict[str, str] = field(default_factory=dict)
    """What the person writes in place of a name that the fix says to replace."""
    folder: str = ""
    """`in`: where the person stands; their home folder when empty."""
    only: str = ""
    """A pattern: of the lines that the fix gives to choose from, the person takes those that fit."""
    edit: str = ""
    """A sed script: what the person does in the editor that the fix opens (visudo, sudoedit, vipw, crontab -e)."""
    answers: str = ""
    """What the person types when a command of the fix asks, such as a new password."""
    undo_answers: str = ""
    """The same for the undo."""
    run_as: str = "ayesha"
    undo: str = ""
    """`none` and the reason why the printed undo cannot be tried here; empty: it is tried."""
    good: str = "pass"
    """What the check says after the fix; `not_applicable` where the fix removes what it is about."""
    slow: str = ""
    """Why it is left out of the quick run."""
    session: bool = False
    """The person sits at a desktop, so there is a session bus."""
    also_fails: dict[str, str] = field(default_factory=dict)
    """Checks that this fix makes fail, and why that is as it should be."""


def load(folder: Path = HERE) -> dict[str, Case]:
    """All trials, by check."""
    cases: dict[str, Case] = {}
    for path in sorted(folder.glob("*.yaml")):
        if path.name == NOT_RUN:
            continue
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
        shared = content.pop("setup", "")
        for check, entry in content.items():
            assert set(entry) <= KEYS, (
                f"{path.name}: {check}: unknown {sorted(set(entry) - KEYS)}; known: {sorted(KEYS)}"
            )
            assert check not in cases, f"{path.name}: {check} is tried in {cases[check].topic}.yaml already"
            assert entry.get("break", "").strip(), f"{path.name}: {check}: break: is missing"
            cases[check] = Case(
                check=check,
                topic=path.stem,
                break_it=entry["break"],
                setup=f"{shared}\n{entry.get('setup', '')}",
                by_hand=entry.get("by_hand", ""),
                folder=entry.get("in", ""),
                only=entry.get("only", ""),
                put=entry.get("put", {}),
                edit=entry.get("edit", ""),
                answers=entry.get("answers", ""),
                undo_answers=entry.get("undo_answers", ""),
                run_as=entry.get("as", "ayesha"),
                undo=entry.get("undo", ""),
                good=entry.get("good", "pass"),
                slow=entry.get("slow", ""),
                session=entry.get("session") == "yes",
                also_fails=entry.get("also_fails", {}),
            )
    return cases


def reasons_not_run(folder: Path = HERE) -> dict[str, list[str]]:
    """Why fixes are not tried -> their checks."""
    groups: dict[str, list[str]] = yaml.load((folder / NOT_RUN).read_text(encoding="utf-8"), Loader=yaml.BaseLoader)
    return groups


def load_not_run(folder: Path = HERE) -> dict[str, str]:
    """Checks whose fix is not tried -> the reason."""
    reasons: dict[str, str] = {}
    for reason, checks in reasons_not_run(folder).items():
        for check in checks:
            assert check not in reasons, f"{NOT_RUN}: {check} stands there twice"
            reasons[check] = reason
    return reasons
