"""The steps as an Ansible playbook: for each the same copies as the script keeps, then the same commands."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from secaudit import __version__
from secaudit.fixing.inert import one_line, quoted
from secaudit.fixing.script import about, part, touched_lines
from secaudit.fixing.steps import Step, Steps
from secaudit.model import Run
from secaudit.reporting.words import moment

_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\Z")
ROOTS = "/var/backups/secaudit"
OWN = "~/.local/state/secaudit/backups"


def playbook(run: Run, chosen: Steps, program: str, make_undo: str) -> str:
    """YAML text."""
    is_host = run.target.kind == "host" and _HOST.match(run.target.name)
    lines = [
        f"# Fixes for {one_line(run.target.name)}, from the audit of {one_line(moment(run.finished))}.",
        f"# Made by secaudit {__version__} from the run {one_line(run.id)}. Nothing was changed yet: read it first.",
        "#",
        "#   ansible-playbook -i 'HOST,' --step fix.yml     asks before each task",
        "#   ansible-playbook -i 'HOST,' --tags CHECK fix.yml",
        "#",
        f"# Undo, on the machine itself: {one_line(make_undo)} > fix-undo.sh && sh fix-undo.sh",
    ]
    if chosen.by_hand:
        lines.extend(("#", "# Not in this playbook, since a person must do it:"))
        lines.extend(f"#   {program} explain {item.check.id}   {item.reason}" for item in chosen.by_hand)
    lines.extend(
        (
            "---",
            "- name: Fixes found by secaudit",
            "  hosts: all",
            "  gather_facts: true",
            "  vars:",
            f"    wanted_host: {_text(run.target.name if is_host else '')}",
            "    any_host: false  # for another machine: -e any_host=true",
            "  tasks:",
            "    - name: Is this the machine of the audit?",
            "      ansible.builtin.assert:",
            "        that: any_host | bool or ansible_facts['nodename'] == wanted_host",
            "      tags: [always]",
        )
    )
    for own in (False, True):
        if any(_is_own(step) is own for step in chosen.steps):
            lines.extend(_helper(run, own=own))
    for number, step in enumerate(chosen.steps, 1):
        lines.extend(_step(run, number, len(chosen.steps), step))
    return "\n".join(lines) + "\n"


def _is_own(step: Step) -> bool:
    """Whether it changes the settings of the account that carries it out."""
    return any(place.is_own for place in step.touched)


def _folder(run: Run, *, own: bool) -> str:
    return f"{OWN if own else ROOTS}/{run.id}"


def _helper(run: Run, *, own: bool) -> Iterator[str]:
    folder = _folder(run, own=own)
    whose = "own " if own else ""
    become = f"      become: {'false' if own else 'true'}"
    yield ""
    yield f"    - name: Make the folder of {whose}copies"
    yield f"      ansible.builtin.file: {{path: {_text(folder)}, state: directory, mode: '0700'}}"
    yield become
    yield "      tags: [always]"
    yield f"    - name: Put the script that keeps {whose}copies there"
    yield "      ansible.builtin.copy:"
    yield f"        dest: {_text(folder + '/keep.sh')}"
    yield "        mode: '0600'"
    helper = f'run={quoted(run.id)}\n\n{part("keep.sh")}\n"$@"\n'
    yield f"        content: {_block(helper, 10)}"
    yield become
    yield "      tags: [always]"


def _step(run: Run, number: int, count: int, step: Step) -> Iterator[str]:
    own = _is_own(step)
    become = f"      become: {'false' if own else 'true'}"
    script = f"{_folder(run, own=own)}/keep.sh"
    yield ""
    yield f"    # ---- step {number} of {count}: {step.id} ({step.check.severity})"
    yield from (f"    {line}" for line in about(step))
    yield f"    - name: {_text(f'{step.id}: keep copies')}"
    yield "      ansible.builtin.shell:"
    yield f"        cmd: sh {script} save {step.id}"
    if step.touched:
        yield f"        stdin: {_block(_lines(touched_lines(step.touched)), 10)}"
    yield become
    yield f"      tags: [{step.id}]"
    yield f"    - name: {_text(step.check.title)}"
    yield "      ansible.builtin.shell:"
    yield f"        cmd: {_block(_lines(['umask 022', 'set -e', step.text, ':']), 10)}"
    yield become
    yield f"      tags: [{step.id}]"
    yield f"    - name: {_text(f'{step.id}: note what it left')}"
    yield f"      ansible.builtin.shell: sh {script} left {step.id}"
    yield become
    yield f"      tags: [{step.id}]"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _text(text: str) -> str:
    """A text in double quotes, which Ansible takes literally."""
    return _unsafe(text) + json.dumps(text, ensure_ascii=False)


def _block(text: str, indent: int) -> str:
    """A text of several lines as a block that keeps each character."""
    pad = " " * indent
    head = "|" if text.endswith("\n") else "|-"
    lines = [f"{pad}{line}" if line else "" for line in text.rstrip("\n").split("\n")]
    if any(line.startswith(pad + " ") for line in lines[:1]):
        head = head[0] + str(2) + head[1:]
    return f"{_unsafe(text)}{head}\n" + "\n".join(lines)


def _unsafe(text: str) -> str:
    """Ansible fills in {{ }} everywhere, unless a text says that it wants none of it."""
    return "!unsafe " if re.search(r"\{[{%#]", text) else ""
