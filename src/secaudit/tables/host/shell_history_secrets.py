"""shell_history_secrets: passwords and keys that were typed into a command line and are now kept in a file.

osquery's `shell_history` gives whole commands; here only kind and place leave the file.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._history import history_files, typed_lines
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._secrets import find_secrets

MAX_FINDINGS = 500
"""In one file; a history with more is named in the reason."""


class ShellHistorySecret(NamedTuple):
    """One secret in one line of a history file."""

    username: str
    path: str
    line: int
    kind: str
    """aws_access_key, github_token, mysql_password, http_password, url_password, variable_password ..."""
    program: str
    """The program whose history it is."""
    masked: str
    """What was found, without the secret: `AKIA****`, `mysql -p****`."""


@table(targets={"host", "root"}, timeout_s=20.0)
def shell_history_secrets(target: Target) -> Iterator[ShellHistorySecret]:
    """Yield one row per line and kind of secret in the histories of people and of root.

    Values that are variables (`-p"$PASS"`), examples or references to a secret store are left out.

    Raises:
        Partial: a history could not be read.
    """
    reader = HomeReader(target)
    for username, program, path, stat in history_files(reader):
        if not stat.size:
            continue
        text = reader.text(path)
        count = 0
        for number, line in typed_lines(text or ""):
            for finding in find_secrets(line):
                count += 1
                if count <= MAX_FINDINGS:
                    yield ShellHistorySecret(username, path, number, finding.kind, program, finding.masked)
        if count > MAX_FINDINGS:
            reader.broken(f"{path} has more than {MAX_FINDINGS} secrets, the first are shown")
    reader.finish()
