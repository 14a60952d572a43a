"""The Markdown report, compared whole. SECAUDIT_ACCEPT=1 accepts a change; then read the diff."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from accepted import assert_accepted
from reporting.sample import EARLIER, blind_run, clean_run, small_run
from secaudit.reporting import markdown

GOLDEN = Path(__file__).parent / "golden"
RUNS = {"small": (small_run, EARLIER), "clean": (clean_run, ()), "blind": (blind_run, ())}


@pytest.mark.parametrize("name", RUNS)
def test_report_is_the_accepted_one(name: str) -> None:
    make, earlier = RUNS[name]
    assert_accepted(GOLDEN / f"{name}.md", markdown.render(make(), earlier))


def _shown(source: str) -> str:
    """The text that a reader of this inline Markdown sees."""
    tokens = MarkdownIt("commonmark").parseInline(source)[0].children or []
    assert {token.type for token in tokens} <= {"text", "code_inline", "text_special"}, tokens
    return "".join(token.content for token in tokens)


TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1).filter(lambda text: text == text.strip())


@given(TEXT)
def test_escaped_text_and_code_read_as_they_were(text: str) -> None:
    assert _shown("x" + markdown.escape(text) + "x") == f"x{text}x"
    assert _shown("x " + markdown.code(text) + " x") == f"x {text} x"


@given(TEXT)
def test_text_inside_a_table_stays_in_its_cell(text: str) -> None:
    source = f"| a | b |\n|---|---|\n| {markdown.tabled(text)} | {markdown.cell(text)} |\n"
    tokens = MarkdownIt("commonmark").enable("table").parse(source)
    cells = [tokens[index + 1] for index, token in enumerate(tokens) if token.type == "td_open"]
    assert ["".join(child.content for child in cell.children or []) for cell in cells] == [text, text]


@given(st.text())
def test_block_of_commands_never_ends_early(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(str(markdown.block(text)))
    assert [token.type for token in tokens] == ["fence"]


def test_nothing_becomes_a_mention_or_a_link() -> None:
    text = re.sub(r"(`+).+?\1", "", markdown.render(small_run()))
    assert not re.search(r"@\w|://|<\w", text)
