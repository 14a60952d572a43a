from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secaudit.reporting.visible import visible, visible_lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("/etc/ssh/sshd_config", "/etc/ssh/sshd_config"),
        ("C:\\Users", "C:\\Users"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("ad\u200bmin", "ad\\u200bmin"),
        ("caf\udce9", "caf\\udce9"),
        ("\U000e0041", "\\U000e0041"),
        ("\x9b31m", "\\x9b31m"),
        ("آئی ایس او 👍 naïve", "آئی ایس او 👍 naïve"),
        ("a\u00a0b", "a\u00a0b"),
    ],
)
def test_what_acts_or_hides_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_lines_and_tabs_of_commands_stay() -> None:
    assert visible_lines("a\n\tb\r\n\x1b\u202e") == "a\n\tb\\r\n\\x1b\\u202e"


def test_no_character_of_unicode_acts_or_hides() -> None:
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Zl", "Zp") or unicodedata.bidirectional(character) in _TURNING:
            assert visible(character) != character, hex(code)


_TURNING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(st.text())
def test_result_is_one_line_that_utf8_can_hold_and_stays_the_same(text: str) -> None:
    shown = visible(text)
    shown.encode()
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown
