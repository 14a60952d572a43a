"""The base score of a CVSS vector, by the arithmetic of FIRST, and the word for it.

Sources: CVSS v3.0 section 8, CVSS v3.1 section 7 and appendix A, CVSS v4.0 section 8 (FIRST.org). Threat and
environmental metrics are left out: they speak of one place, and an advisory knows none.
"""

from __future__ import annotations

import math

from secaudit.advisories.cvss4 import score_4

LONGEST = 300

_V3: dict[str, dict[str, float]] = {
    "AV": {"N": 0.85, "A": 0.62, "L": 0.55, "P": 0.2},
    "AC": {"L": 0.77, "H": 0.44},
    "PR": {"N": 0.85, "L": 0.62, "H": 0.27},
    "UI": {"N": 0.85, "R": 0.62},
    "S": {"U": 0.0, "C": 1.0},
    "C": {"H": 0.56, "L": 0.22, "N": 0.0},
    "I": {"H": 0.56, "L": 0.22, "N": 0.0},
    "A": {"H": 0.56, "L": 0.22, "N": 0.0},
}
_PR_CHANGED = {"N": 0.85, "L": 0.68, "H": 0.5}
"""Where the scope changes, rights weigh less."""

BANDS = ((9.0, "critical"), (7.0, "high"), (4.0, "medium"), (0.1, "low"))
"""The qualitative scale, the same in 3.0, 3.1 and 4.0."""


def base_score(vector: str) -> float | None:
    """The base score, 0.0 to 10.0; None for a vector that is not one of versions 3.0, 3.1 or 4.0."""
    parts = vector.strip().split("/") if len(vector) <= LONGEST else []
    metrics: dict[str, str] = {}
    for part in parts[1:]:
        name, colon, value = part.partition(":")
        if not colon or name in metrics:
            return None
        metrics[name] = value
    if parts[:1] == ["CVSS:4.0"]:
        return score_4(metrics)
    if parts[:1] in (["CVSS:3.0"], ["CVSS:3.1"]):
        return _score_3(metrics, is_31=parts[0].endswith("1"))
    return None


def word_of(score: float) -> str:
    """`critical`, `high`, `medium`, `low`, or `none` for 0."""
    return next((word for least, word in BANDS if score >= least), "none")


def _score_3(metrics: dict[str, str], *, is_31: bool) -> float | None:
    if any(metrics.get(name) not in values for name, values in _V3.items()):
        return None
    weight = {name: values[metrics[name]] for name, values in _V3.items()}
    changed = metrics["S"] == "C"
    if changed:
        weight["PR"] = _PR_CHANGED[metrics["PR"]]
    lost = 1 - (1 - weight["C"]) * (1 - weight["I"]) * (1 - weight["A"])
    impact = 7.52 * (lost - 0.029) - 3.25 * (lost - 0.02) ** 15 if changed else 6.42 * lost
    if impact <= 0:
        return 0.0
    ease = 8.22 * weight["AV"] * weight["AC"] * weight["PR"] * weight["UI"]
    total = min((impact + ease) * (1.08 if changed else 1.0), 10.0)
    return _up_31(total) if is_31 else math.ceil(round(total * 10, 9)) / 10


def _up_31(value: float) -> float:
    """The smallest number with one decimal that is not less; appendix A does it in whole numbers."""
    whole = round(value * 100_000)
    return whole / 100_000 if whole % 10_000 == 0 else (whole // 10_000 + 1) / 10
