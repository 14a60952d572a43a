"""Versions are compared as dpkg compares them."""

from __future__ import annotations

import shutil
import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secaudit.tables.host._debversion import compare, version_key

PART = st.text(alphabet="0129azAZ.+~", max_size=8)
VERSION = st.builds(
    lambda epoch, upstream, revision: epoch + "0" + upstream + revision,
    st.sampled_from(["", "", "0:", "1:", "12:"]),
    PART,
    st.one_of(st.just(""), PART.filter(bool).map(lambda text: "-" + text)),
)


def test_known_order() -> None:
    ordered = ["1~~", "1~~a", "1~", "1", "1-0+b1", "1a", "1+deb12u1", "1.0", "1.1~rc1-1", "1.1-1", "2:0~", "2:0"]
    shuffled = ordered[::-1]
    assert sorted(shuffled, key=version_key) == ordered


def test_absent_revision_and_epoch_count_as_zero() -> None:
    assert compare("1.2", "1.2-0") == 0
    assert compare("0:1.2", "1.2") == 0
    assert compare("1.0", "1.00") == 0


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="dpkg is not installed")
@settings(max_examples=150, deadline=None)
@given(VERSION, VERSION)
def test_compare_agrees_with_dpkg(left: str, right: str) -> None:
    wanted = compare(left, right)
    operator = {-1: "lt", 0: "eq", 1: "gt"}[wanted]
    assert subprocess.run(["dpkg", "--compare-versions", left, operator, right], check=False).returncode == 0


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_has_an_order(left: str, right: str) -> None:
    assert compare(left, right) == -compare(right, left)


def test_hostile_length_costs_linear_time() -> None:
    started = time.monotonic()
    compare("9" * 200_000, "9" * 199_999 + "8")
    compare("1." * 100_000, "1." * 100_000 + "1")
    assert time.monotonic() - started < 5
