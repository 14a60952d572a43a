"""Untrusted text in comments and strings of a script stays text."""

from __future__ import annotations

import subprocess

from hypothesis import given
from hypothesis import strategies as st

from secaudit.fixing.inert import comment, one_line, quoted

ANY_TEXT = st.text(st.characters(codec=None), max_size=60) | st.sampled_from(
    ["\n# x", "a\rb", "'", '"', "\\", "$(id)", "`id`", "\u2028id", "\x85id", "\ufeff", "\U000e0041", "\ufffe", "\udc80"]
)


@given(ANY_TEXT)
def test_a_comment_is_nothing_but_comment(text: str) -> None:
    lines = comment("found", text)
    assert all(line.startswith("#") and line.isprintable() for line in lines)
    assert one_line(text).isprintable()


def test_a_string_is_one_word_that_the_shell_takes_literally() -> None:
    texts = ["a b", "'", "''\"$(id)`id`\\", "a\nb; id", "\x1b[2J", "-n", "", "\udce9", "{{ x }}", "é漢"]
    script = "".join(f"printf '%s\\n' {quoted(text)}\n" for text in texts)
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == [one_line(text, 10_000) for text in texts]


def test_long_text_is_cut() -> None:
    assert len(one_line("x" * 10_000)) < 250
