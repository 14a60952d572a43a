"""Whether a version satisfies a requirement, in the small language that npm, Cargo, Composer, Poetry and Ruby share.

What is not sure (versions before a release, ranges with a dash, branches) is None, never a guess.
"""

from __future__ import annotations

import re

_PART = re.compile(r"(\^|~>|~=|~|>=|<=|!=|===?|=|>|<)?\s*v?(\d+(?:\.(?:\d+|[xX*]))*(?:\.[xX*])?|[*xX])$")
_NUMBERS = re.compile(r"v?(\d+(?:\.\d+)*)$")
_BARE = {"npm": "=", "crates.io": "^", "Packagist": "=", "RubyGems": "=", "PyPI": "=", "NuGet": ">="}
_MAX = 300


def satisfies(ecosystem: str, requirement: str, version: str) -> bool | None:
    """True or False when that is sure."""
    if (
        ecosystem == "PyPI"
        and not requirement.lstrip().startswith(("^", "~ "))
        and not re.match(r"\s*~\d", requirement)
    ):
        return _by_pep440(requirement, version)
    wanted = requirement.strip()
    numbers = _NUMBERS.match(version.partition("+")[0])
    if wanted in ("*", "", "x", version):
        return True
    if numbers is None or len(wanted) > _MAX or " - " in wanted:
        return None
    number = tuple(int(part) for part in numbers.group(1).split("."))
    answers = [_all(ecosystem, part, number) for part in re.split(r"\s*\|\|?\s*", wanted)]
    if any(answers):
        return True
    return None if None in answers else False


def _by_pep440(requirement: str, version: str) -> bool | None:
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion

    wanted = requirement.partition(";")[0].strip()
    if wanted in ("", "*"):
        return True
    if wanted[:1].isdigit():
        wanted = f"=={wanted}"
    try:
        return SpecifierSet(wanted).contains(version, prereleases=True)
    except (InvalidSpecifier, InvalidVersion):
        return None


def _all(ecosystem: str, text: str, number: tuple[int, ...]) -> bool | None:
    """Whether all parts of one alternative hold."""
    parts = re.split(r"\s*,\s*|\s+(?=[\^~<>=!*xXv\d])(?<![\^~<>=!]\s)", re.sub(r"([<>=~^])\s+", r"\1", text.strip()))
    answers = [_one(ecosystem, part, number) for part in parts if part]
    if not answers or None in answers:
        return False if False in answers else None
    return all(answers)


def _one(ecosystem: str, part: str, number: tuple[int, ...]) -> bool | None:
    match = _PART.match(part)
    if match is None:
        return None
    sign, text = match.group(1) or _BARE.get(ecosystem, "="), match.group(2)
    fixed = [int(word) for word in text.split(".") if word.isdigit()]
    open_end = len(fixed) < text.count(".") + 1 or (ecosystem == "npm" and sign == "=" and len(fixed) < 3)
    if not fixed:
        return True
    size = max(len(number), len(fixed), 3)
    low = (*fixed, *[0] * (size - len(fixed)))
    here = (*number, *[0] * (size - len(number)))
    if sign in ("=", "==", "===", "!="):
        same = here[: len(fixed)] == low[: len(fixed)] if open_end else here == low
        return same != (sign == "!=")
    if sign in (">=", "<=", ">", "<"):
        if open_end and sign in (">", "<="):
            return None
        return {">=": here >= low, "<=": here <= low, ">": here > low, "<": here < low}[sign]
    return low <= here < _end(ecosystem, sign, fixed, size)


def _end(ecosystem: str, sign: str, fixed: list[int], size: int) -> tuple[int, ...]:
    """The first version above a caret or tilde range."""
    if sign == "^":
        at = next((place for place, each in enumerate(fixed) if each), len(fixed) - 1)
    elif sign in ("~>", "~=") or ecosystem == "Packagist":
        at = max(len(fixed) - 2, 0)
    else:
        at = min(1, len(fixed) - 1)
    return (*fixed[:at], fixed[at] + 1, *[0] * (size - at - 1))
