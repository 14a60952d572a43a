"""Our own table of ruff's codes: ruff names neither a weakness nor how sure or how bad it is."""

from __future__ import annotations

import csv
import pkgutil
from functools import lru_cache
from typing import NamedTuple

FILE = "ruff_codes.csv"


class Code(NamedTuple):
    """One code of ruff. A code that is not in the file makes no row."""

    weakness: str
    cwe: int
    severity: str
    confidence: str
    message: str


@lru_cache(maxsize=1)
def codes() -> dict[str, Code]:
    """All codes of the file ruff_codes.csv."""
    data = pkgutil.get_data(__package__ or "", FILE) or b""
    return {
        row["code"]: Code(row["weakness"], int(row["cwe"]), row["severity"], row["confidence"], row["message"])
        for row in csv.DictReader(data.decode("utf-8").splitlines())
    }
