"""The fix script and the undo script, as POSIX shell that a person can read before running it."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from secaudit import __version__
from secaudit.fixing.inert import comment, one_line, quoted
from secaudit.fixing.shellread import UNKNOWN, commands
from secaudit.fixing.steps import Step, Steps
from secaudit.fixing.touches import Kind, Touched
from secaudit.model import Run
from secaudit.reporting.evidence import evidence
from secaudit.reporting.words import moment

RULE = 100
"""Columns of the line above each step."""

_RELOADS = ("daemon-reload", "reload", "restart", "try-restart", "reload-or-restart", "try-reload-or-restart")


@dataclass(frozen=True, slots=True)
class Names:
    """What the scripts call each other and the program."""

    fix: str
    undo: str
    again: str
    """The command that audits again."""
    program: str = "secaudit"
    make_undo: str = ""
    """The command that prints the undo script, when it is not written beside."""


@cache
def part(name: str) -> str:
    """One of the files beside this module."""
    return (Path(__file__).parent / "shell" / name).read_text(encoding="utf-8")


def fix_script(run: Run, chosen: Steps, names: Names) -> str:
    """The script that carries out the steps."""
    head = [
        "#!/bin/sh",
        *_what(run, "Fixes"),
        "# Nothing was changed yet: read each step before you run this.",
        "#",
        *_usage(names.fix),
        "#",
        "# Before each step a copy of what it touches goes to /var/backups/secaudit (without root, of your own files:",
        "# ~/.local/state/secaudit/backups). Run it as yourself; it calls sudo where root is needed.",
        f"# Undo: sh {quoted(names.undo)}" + (f"   (made by: {one_line(names.make_undo)})" if names.make_undo else ""),
        *_listed(chosen, names.program),
    ]
    body = [line for number, step in enumerate(chosen.steps, 1) for line in _fix_step(number, step, len(chosen.steps))]
    tail = [*_settings(run, chosen, names), *_by_hand(chosen, names.program), ""]
    return _joined(head, body, tail, "fix.sh")


def undo_script(run: Run, chosen: Steps, names: Names) -> str:
    """The script that takes the steps back, the last one first."""
    head = [
        "#!/bin/sh",
        *_what(run, "Undo of the fixes"),
        f"# It takes back what {one_line(names.fix)} did, the last step first; steps that were not done are left out.",
        "#",
        *_usage(names.undo),
        f"#   sh {quoted(names.undo)} --force    put back files, too, that were changed since the fix",
        "#",
        "# What is replaced is kept as well, beside the copies. Packages that were installed stay.",
    ]
    body = [line for number, step in enumerate(chosen.steps, 1) for line in _undo_step(number, step, len(chosen.steps))]
    tail = [*_settings(run, chosen, names), *_left_over(chosen), ""]
    return _joined(head, body, tail, "undo.sh")


def _joined(head: Sequence[str], body: Sequence[str], tail: Sequence[str], main: str) -> str:
    lint = "# shellcheck disable=SC2317,SC2034,SC1091,SC2016,SC2088  # steps are called by their numbers"
    own = "\n".join([*head, "#", lint, "", *body, _rule("settings"), "", *tail])
    return own + "\n" + part("keep.sh") + "\n" + part("common.sh") + part(main)


def _what(run: Run, title: str) -> list[str]:
    system = f" ({one_line(run.target.system)})" if run.target.system else ""
    return [
        f"# {title} for {one_line(run.target.name)}{system}, from the audit of {one_line(moment(run.finished))}.",
        f"# Made by secaudit {__version__} from the run {one_line(run.id)}.",
    ]


def _usage(name: str) -> list[str]:
    call = f"sh {quoted(name)}"
    uses = (
        ("", "all steps in order; it asks before each"),
        (" 2 3", "only these steps"),
        (" --from 3", "this step and all after it"),
        (" --list", "what the steps are"),
        (" --yes", "without asking"),
    )
    wide = max(len(call + words) for words, _ in uses)
    return [f"#   {call + words:<{wide}}   {what}" for words, what in uses]


def _listed(chosen: Steps, program: str) -> list[str]:
    if not chosen.by_hand:
        return []
    lines = ["#", "# Not in this script, since a person must do it:"]
    wide = max(len(item.check.id) for item in chosen.by_hand)
    for item in chosen.by_hand:
        lines.append(f"#   {program} explain {item.check.id:<{wide}}   {item.reason}")
    return lines


def _rule(title: str) -> str:
    return f"# ---- {title} ".ljust(RULE, "-")


def about(step: Step) -> list[str]:
    """Comment lines: what is wrong, why it matters, what was seen, what to beware of."""
    lines = [f"# {one_line(step.check.fail_title)}", *comment("why", step.check.why)]
    found = evidence(step.result, 3)
    for line in found.lines:
        lines.append(f"# found:   {one_line(str(line))}")
    if found.rest:
        lines.append(f"# found:   {one_line(found.rest)}")
    if step.check.careful:
        lines.extend(comment("careful", step.check.careful))
    return lines


def touched_lines(places: Sequence[Touched]) -> list[str]:
    """What `save` reads, without whose it is."""
    return [f"{place.kind} {place.what}" for place in places]


def _fix_step(number: int, step: Step, count: int) -> list[str]:
    places = step.touched
    lines = [
        _rule(f"step {number} of {count}: {step.id} ({step.check.severity})"),
        *about(step),
        f"step_{number}() {{",
        step.text,
        ":",
        f"}} # step {number}",
    ]
    return [*lines, *_touches(number, places), ""]


def _touches(number: int, places: Sequence[Touched]) -> list[str]:
    if not places:
        return [f"touches_{number}() {{", "    : # no file of its own", "}"]
    whose = ["own" if place.is_own else "root" for place in places]
    lines = [f"{who} {line}" for who, line in zip(whose, touched_lines(places), strict=True)]
    return [f"touches_{number}() {{", "    cat <<'END'", *lines, "END", "}"]


def _undo_step(number: int, step: Step, count: int) -> list[str]:
    after = reloads(step)
    return [
        _rule(f"step {number} of {count}: {step.id}"),
        f"# {one_line(step.check.title)}",
        f"undo_{number}() {{",
        *([step.undo, ":"] if step.undo else [": # the copies of before are all that is needed"]),
        f"}} # undo {number}",
        *_touches(number, step.touched),
        f"after_{number}() {{",
        *([f"    {' && '.join(after)}"] if after else ["    :"]),
        "}",
        "",
    ]


def reloads(step: Step) -> list[str]:
    """The commands of the fix that make programs read their settings again, for when the old ones are back."""
    found: list[str] = []
    if any(place.what.startswith("/etc/systemd/") and place.kind is not Kind.FIND for place in step.touched):
        found.append("sudo systemctl daemon-reload")
    for command in commands(step.text):
        words = command.arguments
        again = (command.program == "systemctl" and words[:1] and words[0] in _RELOADS) or (
            (command.program, *words[:1]) in (("exportfs", "-ra"), ("ufw", "reload"))
        )
        if again and not any(UNKNOWN in word for word in words):
            found.append(shlex.join(["sudo", command.program, *words]))
    return list(dict.fromkeys(found))


def _settings(run: Run, chosen: Steps, names: Names) -> list[str]:
    host = run.target.name if run.target.kind == "host" else ""
    lines = [
        f"run={quoted(run.id)}",
        f"host={quoted(host)}",
        f"count={len(chosen.steps)}",
        f"again={quoted(names.again)}",
        f"undo={quoted(names.undo)}",
        "",
        "about() {",
        "    case $1 in",
    ]
    for number, step in enumerate(chosen.steps, 1):
        careful = " ".join((step.check.careful or "").split())
        lines.append(f"    {number}) id={step.id} severity={step.check.severity} title={quoted(step.check.title)}")
        lines.append(f"        careful={quoted(careful)} ;;")
    return [*lines, "    esac", "}", ""]


def _by_hand(chosen: Steps, program: str) -> list[str]:
    lines = ["by_hand() {"]
    if chosen.by_hand:
        lines.append('    echo "not done, since a person must do it:"')
        for item in chosen.by_hand:
            lines.append(f"    printf '%s\\n' {quoted(f'  {program} explain {item.check.id}   {item.reason}')}")
    return [*lines, "    :", "}"]


def _left_over(chosen: Steps) -> list[str]:
    left = [step for step in chosen.steps if step.undo_by_hand]
    lines = ["by_hand() {"]
    if left:
        lines.append('    echo "to go back completely, when the step was done:"')
        for step in left:
            for number, text in enumerate((step.undo_by_hand or "").splitlines()):
                label = f"{step.id}: " if number == 0 else "  "
                lines.append(f"    printf '%s\\n' {quoted(f'  {label}{text}')}")
    return [*lines, "    :", "}"]
