"""Printed commands as text, of all families of systems: what a shell or a terminal would stumble over."""

from __future__ import annotations

import re
import subprocess

import pytest

from secaudit.app.content import load

ASKS = (
    r"\bapt(-get)? (?!.* -y\b)(.* )?(install|upgrade|dist-upgrade|full-upgrade|purge|remove|autoremove)\b",
    r"\b(dnf|yum) (?!.* -y\b)(.* )?(install|upgrade|update|remove|system-upgrade download)\b",
    r"\bzypper (?!.*(--non-interactive|-n\b))(.* )?(install|in|update|up|remove|rm|patch)\b",
    r"\bpacman (?!.*--noconfirm)-[SRU]",
)
"""Package managers that want a yes first: apt-get(8), dnf(8), zypper(8), pacman(8). Where one asks, the terminal may take
the next pasted line for the answer."""


def asks(command: str) -> bool:
    return any(re.search(pattern, command) for pattern in ASKS)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("sudo apt-get install ufw", True),
        ("sudo apt-get install -y ufw", False),
        ("sudo apt-get update", False),
        ("sudo dnf install firewalld", True),
        ("sudo dnf makecache --refresh", False),
        ("sudo pacman -S --needed ufw", True),
        ("sudo pacman -Syu --noconfirm", False),
        ("sudo zypper --non-interactive install chrony", False),
    ],
)
def test_what_asks(command: str, expected: bool) -> None:
    assert asks(command) is expected


def test_a_package_manager_that_asks_stands_last() -> None:
    wrong = []
    for name, entry in load().checks.items():
        for family, text in entry.value.fix.items():
            commands = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
            wrong.extend(f"{name} ({family}): {line}" for line in commands[:-1] if asks(line))
    assert not wrong


def test_a_shell_understands_each_printed_command() -> None:
    wrong = []
    for name, entry in load().checks.items():
        check = entry.value
        for place, text in {**check.fix, "undo": check.undo or "", "verify": check.verify}.items():
            done = subprocess.run(["bash", "-n"], input=text, capture_output=True, text=True, check=False)
            if done.returncode or done.stderr:
                wrong.append(f"{name} ({place}): {done.stderr}")
    assert not wrong
