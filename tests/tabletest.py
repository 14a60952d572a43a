"""What tests of tables need: small root file systems made on the spot, and rows as dictionaries."""

from __future__ import annotations

import time
from pathlib import Path

from secaudit.engine.collect import collect_one
from secaudit.engine.registry import load_table
from secaudit.model import TableData
from secaudit.tableapi import Wants
from secaudit.targets.host import HostAccess
from secaudit.targets.recorder import Cache
from secaudit.targets.root import RootAccess

NOW_S = 1_795_450_000
"""23 November 2026, the clock of all table tests."""

PASSWD = "root:x:0:0:root:/root:/bin/bash\nayesha:x:1000:1000:Ayesha,,,:/home/ayesha:/bin/bash\n"


def make_root(folder: Path, files: dict[str, str | bytes], modes: dict[str, int] | None = None) -> Path:
    """Write files (absolute paths of the root -> content) below `folder`; /etc/passwd is added when missing."""
    for path, content in {"/etc/passwd": PASSWD, **files}.items():
        place = folder / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content if isinstance(content, bytes) else content.encode())
    for path, mode in (modes or {}).items():
        (folder / path.lstrip("/")).chmod(mode)
    return folder


def read_table(name: str, root: Path | None = None, files: tuple[str, ...] = (), now_s: int = NOW_S) -> TableData:
    """Collect one table from a root, or from this machine when `root` is None."""
    access = HostAccess() if root is None else RootAccess(str(root))
    spec = load_table(name)
    return collect_one(access, spec, Wants(files), now_s, Cache(), time.monotonic() + spec.timeout_s)


def rows_of(data: TableData) -> list[dict[str, str | int | None]]:
    """Rows as dictionaries."""
    return [dict(zip(data.columns, row, strict=True)) for row in data.rows]


def rows(name: str, root: Path | None = None, files: tuple[str, ...] = ()) -> list[dict[str, str | int | None]]:
    """Collect one table that must be read completely, and give its rows."""
    data = read_table(name, root, files)
    assert data.status == "ok", (data.status, data.reason)
    return rows_of(data)


def open_to_others(folder: Path) -> None:
    """Let other users reach a temporary folder: it and the folders of pytest above it, nothing else."""
    folder.chmod(0o755)
    for parent in folder.parents:
        if not parent.name.startswith("pytest-"):
            return
        parent.chmod(0o755)
