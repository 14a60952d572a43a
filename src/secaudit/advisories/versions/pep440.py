"""PyPI: PEP 440, as the library that pip uses reads it."""

from __future__ import annotations

from typing import Any


def parse(text: str) -> Any:
    """A `packaging.version.Version`; None for what PEP 440 does not know.

    A local part (`1.0+cu118`) marks another build of the same version: it is left out, so that `1.0+cu118` is in a
    range that ends with `1.0`.
    """
    from packaging.version import InvalidVersion, Version

    try:
        return Version(text.partition("+")[0])
    except InvalidVersion:
        return None
