"""Base scores are those that FIRST publishes."""

from __future__ import annotations

import itertools

import pytest

from secaudit.advisories.cvss import base_score, word_of

# FIRST.org, "CVSS v3.1: Examples"; the first part of each vector is that of the example
V31 = """
AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N 6.1 CVE-2013-1937
AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N 6.4 CVE-2013-0375
AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N 3.1 CVE-2014-3566
AV:N/AC:L/PR:L/UI:N/S:C/C:H/I:H/A:H 9.9 CVE-2012-1516
AV:L/AC:L/PR:H/UI:N/S:U/C:L/I:L/A:L 4.2 CVE-2009-0783
AV:N/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H 8.8 CVE-2012-0384
AV:L/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H 7.8 CVE-2015-1098
AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N 7.5 CVE-2014-0160
AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 9.8 CVE-2014-6271
AV:N/AC:H/PR:N/UI:N/S:C/C:N/I:H/A:N 6.8 CVE-2008-1447
AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 6.8 CVE-2014-2005
AV:N/AC:L/PR:N/UI:N/S:C/C:L/I:N/A:N 5.8 CVE-2010-0467
AV:N/AC:L/PR:L/UI:R/S:C/C:L/I:L/A:N 5.4 CVE-2014-9253
AV:A/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H 8.8 CVE-2011-1265
AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N 4.6 CVE-2014-2019
AV:N/AC:H/PR:N/UI:N/S:U/C:H/I:H/A:N 7.4 CVE-2014-0224
AV:N/AC:L/PR:N/UI:R/S:C/C:H/I:H/A:H 9.6 CVE-2012-5376
AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:N 6.8 CVE-2016-0128
AV:N/AC:H/PR:N/UI:R/S:U/C:H/I:H/A:H 7.5 CVE-2016-2118
""".strip().splitlines()
# FIRST.org, "CVSS v4.0: Examples", base scores
V40 = """
AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N 7.3 CVE-2022-41741
AV:N/AC:L/AT:P/PR:N/UI:P/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N 7.7 CVE-2020-3549
AV:N/AC:L/AT:P/PR:N/UI:N/VC:H/VI:L/VA:L/SC:N/SI:N/SA:N 8.3 CVE-2023-3089
AV:L/AC:L/AT:N/PR:N/UI:A/VC:L/VI:N/VA:N/SC:N/SI:N/SA:N 4.6 CVE-2021-44714
AV:N/AC:L/AT:N/PR:N/UI:A/VC:N/VI:N/VA:N/SC:L/SI:L/SA:N 5.1 CVE-2022-21830
AV:N/AC:L/AT:N/PR:N/UI:N/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N 6.9 CVE-2022-22186
AV:L/AC:L/AT:N/PR:H/UI:N/VC:N/VI:N/VA:N/SC:H/SI:N/SA:N 5.9 CVE-2023-21989
AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N 8.7 CVE-2014-0160
AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H 10.0 CVE-2021-44228
AV:L/AC:L/AT:N/PR:H/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H 9.3 CVE-2016-5729
""".strip().splitlines()


@pytest.mark.parametrize("line", V31)
def test_published_examples_of_3_1(line: str) -> None:
    vector, score, _ = line.split()
    assert base_score(f"CVSS:3.1/{vector}") == float(score)


@pytest.mark.parametrize("line", V40)
def test_published_examples_of_4_0(line: str) -> None:
    vector, score, _ = line.split()
    assert base_score(f"CVSS:4.0/{vector}") == float(score)


def test_3_0_and_3_1_round_as_each_says() -> None:
    """Appendix A of 3.1 was written because of this vector's kind: 8.6 against 8.7 on some machines."""
    vector = "AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:N/A:N"
    assert base_score(f"CVSS:3.0/{vector}") == base_score(f"CVSS:3.1/{vector}") == 8.6


def test_threat_metrics_do_not_change_the_base_score() -> None:
    base = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
    assert base_score(base) == base_score(base + "/E:U/CR:L") == 9.3
    assert base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H/E:U/RL:O") == 9.8


def test_no_loss_is_no_score() -> None:
    assert base_score("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:N/I:N/A:N") == 0.0
    assert base_score("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N") == 0.0


def test_a_worse_metric_never_lowers_the_score_of_4_0() -> None:
    order = {"AV": "PLAN", "AC": "HL", "PR": "HLN", "UI": "APN", "VC": "NLH", "SC": "NLH"}
    fixed = {"AT": "N", "VI": "L", "VA": "N", "SI": "N", "SA": "N"}
    names = ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]

    def score(chosen: dict[str, str]) -> float:
        found = base_score("CVSS:4.0/" + "/".join(f"{name}:{({**fixed, **chosen})[name]}" for name in names))
        assert found is not None
        return found

    for values in itertools.product(*order.values()):
        chosen = dict(zip(order, values, strict=True))
        for name, value in chosen.items():
            place = order[name].index(value)
            if place:
                better = {**chosen, name: order[name][place - 1]}
                assert score(better) <= score(chosen)


@pytest.mark.parametrize(
    "vector",
    [
        "", "CVSS:3.1", "CVSS:2.0/AV:N/AC:L/Au:N/C:P/I:P/A:P", "AV:N/AC:L/Au:N/C:P/I:P/A:P", "CVSS:3.1/AV:N", "9.8",
        "CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H",
        "CVSS:4.0/AV:NA/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "CVSS:4.0/AV:N/AC:L", "CVSS:3.1/" + "x" * 400,
    ],
)  # fmt: skip
def test_what_is_no_vector_has_no_score(vector: str) -> None:
    assert base_score(vector) is None


def test_the_words_of_the_scale() -> None:
    assert [word_of(score) for score in (0.0, 0.1, 3.9, 4.0, 6.9, 7.0, 8.9, 9.0, 10.0)] == [
        "none", "low", "low", "medium", "medium", "high", "high", "critical", "critical",
    ]  # fmt: skip
