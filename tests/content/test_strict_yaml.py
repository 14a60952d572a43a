"""YAML of content: no surprises, and every problem knows its line."""

from __future__ import annotations

import pytest

from secaudit.content import source
from secaudit.content.strict_yaml import YamlProblem, line_of, parse
from secaudit.errors import ContentError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"), ("yes", "yes"), ("on", "on"), ("off", "off"), ("0640", "0640"), ("0o640", "0o640"),
        ("1.10", "1.10"), ("12:30", "12:30"), ("2026-11-23", "2026-11-23"), ("1e3", "1e3"), ("0x10", "0x10"),
        ("1_000", "1_000"), (".inf", ".inf"), ("True", "True"), ("NULL", "NULL"),
        ("true", True), ("false", False), ("null", None), ("~", None), ("12", 12), ("-3", -3), ("0", 0),
        ('"12"', "12"), ("'true'", "true"), ('"null"', "null"),
    ],
)  # fmt: skip
def test_only_plain_words_and_integers_are_not_text(text: str, value: object) -> None:
    assert parse(f"key: {text}") == {"key": value}


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 'the key "a" is here twice'),
        ("a: &x [1]\nb: *x\n", 1, "anchors and aliases"),
        ("a: 1\nb: !!python/object:os.system x\n", 2, "the tag"),
        ("a: 1\nb: [1, 2\nc: 3\n", 3, "not valid YAML"),
        ("", 1, "empty"),
        ("a: 1\n? [x]\n: 2\n", 2, "a key must be a word"),
        ("a: " + "[" * 500 + "]" * 500, 1, "nested too deeply"),
        ("- " * 5000 + "x", 1, "nested too deeply"),
        ("a: 1\n---\nb: 2\n", 2, "not valid YAML"),
    ],
)
def test_what_is_refused_names_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(YamlProblem) as caught:
        parse(text)
    assert words in caught.value.message
    assert caught.value.line == line


def test_nesting_by_indentation_does_not_crash() -> None:
    text = "".join(" " * depth + "a:\n" for depth in range(900))
    with pytest.raises(YamlProblem, match="deep"):
        parse(text)


def test_an_alias_bomb_is_refused_at_once() -> None:
    text = "a: &a [x, x]\n" + "".join(
        f"{chr(98 + i)}: &{chr(98 + i)} [*{chr(97 + i)}, *{chr(97 + i)}]\n" for i in range(20)
    )
    with pytest.raises(YamlProblem, match="anchors"):
        parse(text)


def test_line_of_finds_values_and_nearest_parents() -> None:
    text = "a:\n  b:\n    - x\n    - y: 1\nc: 2\n"
    assert line_of(text, ("a", "b", 1, "y")) == 4
    assert line_of(text, ("c",)) == 5
    assert line_of(text, ("a", "missing")) == 1


def test_unreadable_files_are_content_errors(tmp_path) -> None:
    import os

    bad = tmp_path / "bad.yaml"
    bad.write_bytes(b"a: \xff\xfe")
    with pytest.raises(ContentError, match="not UTF-8"):
        source.read(bad)
    huge = tmp_path / "huge.yaml"
    with huge.open("wb") as stream:
        stream.truncate(2 << 30)
    with pytest.raises(ContentError, match="too large"):
        source.read(huge)
    fifo = tmp_path / "fifo.yaml"
    os.mkfifo(fifo)
    with pytest.raises(ContentError, match="not a file"):
        source.read(fifo)
    with pytest.raises(ContentError, match="not a file"):
        source.read(tmp_path / "missing.yaml")
