"""Run the program as a person does: a real process, with its own folder for runs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path


def secaudit(
    *arguments: str, state: Path, timeout_s: float = 120, env: dict[str, str] | None = None, **options: object
) -> subprocess.CompletedProcess[str]:
    """The finished process, with stdout and stderr as text."""
    environment = {
        **{key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "FORCE_COLOR", "CI", "TERM")},
        "SECAUDIT_STATE": str(state),
        "XDG_CONFIG_HOME": str(state / "config"),
        "SECAUDIT_CACHE": "",
        **(env or {}),
    }
    return subprocess.run(
        [sys.executable, "-m", "secaudit", *arguments],
        capture_output=True, text=True, timeout=timeout_s, env=environment, check=False, **options,  # type: ignore[call-overload]
    )  # fmt: skip
