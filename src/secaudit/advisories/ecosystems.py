"""The kinds of packages that we can judge, by the names that OSV gives them, and how each writes names.

Source: OSV schema 1.7, section "Defined ecosystems".
"""

from __future__ import annotations

import re

ECOSYSTEMS = ("PyPI", "npm", "Packagist", "RubyGems", "Go", "crates.io", "Maven", "NuGet")
"""Those whose order of versions we know."""

_BY_LOWER = {name.lower(): name for name in ECOSYSTEMS}
_PYPI_RUNS = re.compile(r"[-_.]+")


def ecosystem_of(text: str) -> str | None:
    """Our name of an ecosystem; a suffix after a colon names a repository and is left out. None: not one of ours."""
    return _BY_LOWER.get(text.partition(":")[0].strip().lower())


def name_key(ecosystem: str, name: str) -> str:
    """A name in the form in which two spellings of one package are equal."""
    if ecosystem == "PyPI":
        return _PYPI_RUNS.sub("-", name).lower()  # PEP 503
    if ecosystem == "crates.io":
        return name.replace("_", "-").lower()  # the registry takes both for one
    if ecosystem in ("Packagist", "NuGet"):
        return name.lower()
    return name
