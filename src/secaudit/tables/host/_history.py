"""Where shells and clients keep what was typed, and how each of them writes a line."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Stat
from secaudit.tables.host._homeread import HomeReader

HISTORIES = (
    # Names are the defaults of each program; a HISTFILE of one's own cannot be known without running the shell.
    ("bash", ".bash_history"),
    ("sh", ".sh_history"),
    ("ash", ".ash_history"),
    ("zsh", ".zsh_history"),
    ("zsh", ".zhistory"),
    ("zsh", ".histfile"),
    ("fish", ".local/share/fish/*_history"),
    ("powershell", ".local/share/powershell/PSReadLine/ConsoleHost_history.txt"),
    ("nushell", ".config/nushell/history.txt"),
    ("mysql", ".mysql_history"),
    ("mysql", ".mariadb_history"),
    ("mysql", ".mycli-history"),
    ("psql", ".psql_history*"),
    ("psql", ".config/pgcli/history"),
    ("sqlite", ".sqlite_history"),
    ("redis", ".rediscli_history"),
    ("mongo", ".dbshell"),
    ("mongo", ".mongodb/mongosh/mongosh_repl_history"),
    ("python", ".python_history"),
    ("node", ".node_repl_history"),
    ("ruby", ".irb_history"),
    ("php", ".php_history"),
)


def history_files(reader: HomeReader) -> Iterator[tuple[str, str, str, Stat]]:
    """Give user, program, path and stat of each history file that exists."""
    for home in reader.homes():
        for program, pattern in HISTORIES:
            for path in reader.expand(home.directory, pattern):
                stat = reader.stat(path)
                if stat is not None and stat.kind == "file":
                    yield home.username, program, path, stat


def typed_lines(text: str) -> Iterator[tuple[int, str]]:
    """Give line number and text of each line, as it was typed as far as one line tells.

    bash: `#1700000000` lines are times. zsh: `: 1700000000:0;command`. fish: `- cmd: command` with \\n for a new line.
    libedit (mysql, sqlite): a first line `_HiStOrY_V2_`, then blanks as \\040.
    """
    lines = text.split("\n")
    libedit = lines[0].startswith("_HiStOrY_V2_")
    for number, line in enumerate(lines, 1):
        if libedit:
            yield number, line.replace("\\040", " ").replace("\\012", " ").replace("\\134", "\\")
        elif line.startswith("- cmd: "):
            yield number, line[7:].replace("\\n", " ")
        elif line.startswith(": ") and ";" in line[:40]:
            yield number, line.partition(";")[2]
        elif line and not (line[0] == "#" and line[1:].strip().isdigit()):
            yield number, line
