"""The base score of CVSS 4.0: a table of scores for groups of vectors, and a way down from the worst of each group.

Source: CVSS v4.0 specification, section 8.2 and its tables 24 to 30; the scores of the groups are those that FIRST.org
publishes with it (table "MacroVector scores"). Only the part that base metrics reach is here: threat and environmental
metrics are at their worst value, as the specification says for what is not given.
"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_METRICS = {
    "AV": "NALP", "AC": "LH", "AT": "NP", "PR": "NLH", "UI": "NPA",
    "VC": "HLN", "VI": "HLN", "VA": "HLN", "SC": "HLN", "SI": "HLN", "SA": "HLN",
}  # fmt: skip
"""Each metric's values from the worst on."""

_TABLE = """
0000 10.0 9.3 9.3 8.9
0001 9.6 8.7 9.0 8.0
0010 9.3 8.9 8.8 7.8
0011 9.2 8.1 8.0 7.0
0021 7.9 6.9 6.9 5.5
0100 9.5 9.0 9.2 8.2
0101 9.1 8.3 8.1 7.1
0110 9.2 8.0 8.4 7.1
0111 8.2 7.2 7.0 5.2
0121 7.1 5.2 6.3 2.9
1000 9.4 8.6 8.7 7.4
1001 8.9 7.4 7.5 6.3
1010 8.6 7.4 7.2 5.7
1011 7.6 5.8 5.7 5.2
1021 6.5 5.8 5.3 2.1
1100 9.0 7.5 7.7 6.8
1101 7.7 6.2 6.6 5.9
1110 7.4 5.7 6.1 5.7
1111 5.9 5.7 5.2 2.9
1121 5.8 2.6 2.3 1.3
2000 8.6 7.4 7.0 5.2
2001 7.4 6.1 5.4 4.0
2010 7.2 5.5 5.3 3.4
2011 5.7 4.1 3.6 1.9
2021 4.7 2.1 2.4 0.9
2100 7.3 5.9 5.4 4.5
2101 5.5 4.0 4.3 2.2
2110 6.1 4.8 4.6 1.7
2111 5.1 1.8 1.8 0.7
2121 2.4 1.2 1.0 0.3
"""
"""EQ1, EQ2, EQ3, EQ6; then the scores for EQ4, EQ5 = 1 0, 1 1, 2 0, 2 1."""

_SCORES: dict[str, tuple[Decimal, ...]] = {
    row.split()[0]: tuple(Decimal(score) for score in row.split()[1:]) for row in _TABLE.strip().splitlines()
}

_WORST: dict[str, dict[str, tuple[str, ...]]] = {
    "eq1": {"0": ("NNN",), "1": ("ANN", "NLN", "NNP"), "2": ("PNN", "ALP")},
    "eq2": {"0": ("LN",), "1": ("HN", "LP")},
    "eq36": {"00": ("HHH",), "10": ("LHH", "HLH"), "21": ("LLL",)},
    "eq4": {"1": ("HHH",), "2": ("LLL",)},
}
"""The worst vectors of each group, in the metrics of `_OF`."""

_OF = {"eq1": ("AV", "PR", "UI"), "eq2": ("AC", "AT"), "eq36": ("VC", "VI", "VA"), "eq4": ("SC", "SI", "SA")}
_DEPTH = {
    "eq1": {"0": 1, "1": 4, "2": 5}, "eq2": {"0": 1, "1": 2}, "eq36": {"00": 7, "10": 8, "21": 10},
    "eq4": {"1": 5, "2": 4},
}  # fmt: skip
"""How many steps there are from the worst vector of a group to the next group."""


def score_4(metrics: dict[str, str]) -> float | None:
    """The base score; None when a base metric is missing or has no such value."""
    for name, values in _METRICS.items():
        value = metrics.get(name, "")
        if len(value) != 1 or value not in values:
            return None
    if all(metrics[name] == "N" for name in (*_OF["eq36"], *_OF["eq4"])):
        return 0.0
    group = _group(metrics)
    score = _score(group)
    steps = []
    for name, level in group.items():
        lower = _lower(group, name)
        if lower is not None:
            steps.append((score - lower) * _distance(metrics, name, level) / _DEPTH[name][level])
    steps.append(Decimal(0))  # EQ5 has a lower group as well, and without threat metrics no distance to it
    score -= sum(steps, Decimal(0)) / len(steps)
    bounded = max(Decimal(0), min(Decimal(10), score))
    return float((bounded + Decimal("0.000001")).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _group(metrics: dict[str, str]) -> dict[str, str]:
    first = [metrics["AV"] == "N", metrics["PR"] == "N", metrics["UI"] == "N"]
    if all(first):
        eq1 = "0"
    else:
        eq1 = "1" if any(first) and metrics["AV"] != "P" else "2"
    eq2 = "0" if metrics["AC"] == "L" and metrics["AT"] == "N" else "1"
    if metrics["VC"] == metrics["VI"] == "H":
        eq36 = "00"
    else:
        eq36 = "10" if "H" in (metrics["VC"], metrics["VI"], metrics["VA"]) else "21"
    eq4 = "1" if "H" in (metrics["SC"], metrics["SI"], metrics["SA"]) else "2"
    return {"eq1": eq1, "eq2": eq2, "eq36": eq36, "eq4": eq4}


def _score(group: dict[str, str], eq5: str = "0") -> Decimal:
    row = _SCORES[group["eq1"] + group["eq2"] + group["eq36"]]
    return row[("1", "2").index(group["eq4"]) * 2 + int(eq5)]


def _lower(group: dict[str, str], name: str) -> Decimal | None:
    """The score of the next lower group in one respect; None at the lowest."""
    if name == "eq36":
        ways = {"00": ("01", "10"), "10": ("11",), "21": ()}[group["eq36"]]
        return max((_score({**group, "eq36": way}) for way in ways), default=None)
    lowest = {"eq1": "2", "eq2": "1", "eq4": "2"}[name]
    if group[name] == lowest:
        return None
    return _score({**group, name: str(int(group[name]) + 1)})


def _distance(metrics: dict[str, str], name: str, level: str) -> int:
    """Steps from the first worst vector of the group that is nowhere better than this one."""
    for worst in _WORST[name][level]:
        steps = [
            _METRICS[metric].index(metrics[metric]) - _METRICS[metric].index(value)
            for metric, value in zip(_OF[name], worst, strict=True)
        ]
        if min(steps) >= 0:
            return sum(steps)
    return 0
