"""The Debian roots that scripts/make-roots.sh made, for tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("SECAUDIT_ROOTS", Path(__file__).resolve().parent.parent / ".cache" / "roots"))
SUITES = ("bullseye", "bookworm", "trixie")
ROOTS = {suite: FOLDER / suite for suite in SUITES}
_missing = [suite for suite in SUITES if not (ROOTS[suite] / "etc" / "os-release").is_file()]

needs_roots = pytest.mark.skipif(
    bool(_missing) and not os.environ.get("CI"),
    reason=f"no Debian root {', '.join(_missing)} in {FOLDER}; they need root and debootstrap: make test",
)
