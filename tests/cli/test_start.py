"""The start is fast because nothing heavy is imported, and every command has help with an example."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from secaudit.cli.main import COMMANDS, main

HEAVY = {"rich", "yaml", "jinja2", "cryptography", "sqlite3", "nmap", "platformdirs", "secaudit.model", "asyncio"}


@pytest.mark.parametrize(
    ("arguments", "environment"),
    [
        (["--version"], {}),
        (["--help"], {}),
        ([], {"_SECAUDIT_COMPLETE": "bash_complete", "COMP_WORDS": "secaudit a", "COMP_CWORD": "1"}),
    ],
)
def test_start_imports_nothing_heavy(arguments: list[str], environment: dict[str, str]) -> None:
    code = (
        "import sys, json, atexit, os\n"
        "def tell(): print('\\n' + json.dumps(sorted(sys.modules)), file=sys.stderr, flush=True)\n"
        "end = os._exit\n"
        "def told(code): tell(); end(code)\n"
        "os._exit = told\n"
        "atexit.register(tell)\n"
        f"sys.argv = ['secaudit', *{arguments!r}]\n"
        "from secaudit.cli.main import run\nrun()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin", **environment},
        check=False,
    )
    modules = set(json.loads(done.stderr.splitlines()[-1]))
    assert HEAVY & modules == set()


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(main, info_name="secaudit")
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        yield name, command
        if isinstance(command, click.Group):
            for inner in command.list_commands(context):
                found = command.get_command(context, inner)
                assert found is not None
                yield f"{name} {inner}", found


@pytest.mark.parametrize(
    ("name", "command"), list(every_command()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_command_has_help_and_an_example(name: str, command: click.Command) -> None:
    assert command.help, name
    assert "Example" in command.help, name
    assert "secaudit " in command.help, name
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, (name, parameter.name)


def test_option_names_mean_the_same_everywhere() -> None:
    meanings: dict[str, set[str]] = {}
    for _, command in every_command():
        for parameter in command.params:
            if isinstance(parameter, click.Option) and parameter.name in ("content", "color", "quiet"):
                meanings.setdefault(parameter.name, set()).add(parameter.help or "")
    assert all(len(texts) == 1 for texts in meanings.values()), meanings
