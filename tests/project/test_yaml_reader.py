"""The reader of YAML: lines, merge keys, and files that are made to fill the memory or to crash a reader."""

from __future__ import annotations

import time

import pytest
import yaml

from secaudit.tables.project._jsonc import load_jsonc
from secaudit.tables.project._yaml import Unreadable, get, line_in, load, pairs, text_of, truth, walk

LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + step)}: &{chr(98 + step)} [{','.join('*' + chr(97 + step) for _ in range(9))}]\n" for step in range(9)
)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (LAUGHS.encode(), "aliases counted"),
        (b"[" * 100_000, "nest"),
        (b"- " * 90 + b"x", "nested deeper"),
        (b"a: &x [*x]", "alias"),
        (b"a: \xff\xfe", "no text"),
        (b"a: [1\nb: 2", "line"),
        (b"x: {{ .Values.y }}\nz: {{ a }}{{ b }}", "line"),
        (b"--- x\n" * 3000, "documents"),
    ],
)
def test_what_is_no_yaml_or_too_much_is_refused_at_once(data: bytes, reason: str) -> None:
    start = time.monotonic()
    with pytest.raises(Unreadable, match=reason):
        load(data)
    assert time.monotonic() - start < 5


def test_lines_texts_and_the_word_on() -> None:
    node = load(b"on: [push]\njobs:\n  a:\n    run: |\n      one\n      two\n    yes: 'true'\n    no: off\n")[0]
    assert [name for name, _, _ in pairs(node)] == ["on", "jobs"]
    run = get(node, "jobs", "a", "run")
    assert run is not None
    assert (run.line, line_in(run, run.text.index("two"))) == (4, 6)
    assert truth(get(node, "jobs", "a", "yes")) is True
    assert truth(get(node, "jobs", "a", "no")) is False


def test_the_last_of_equal_names_counts() -> None:
    assert text_of(get(load(b"a: 1\na: 2\n")[0], "a")) == "2"


@pytest.mark.parametrize(
    "text",
    [
        "x: &x {a: 1, b: 2}\ny:\n  <<: *x\n  b: 3\n",
        "x: &x {a: 1}\nz: &z {a: 2, c: 4}\ny:\n  <<: [*x, *z]\n",
        "x: &x {a: 1}\nw: &w\n  <<: *x\n  d: 5\ny:\n  <<: *w\n",
    ],
)
def test_merge_keys_as_the_library_resolves_them(text: str) -> None:
    ours = {name: text_of(value) for name, _, value in pairs(get(load(text.encode())[0], "y"))}
    assert ours == {name: str(value) for name, value in yaml.safe_load(text)["y"].items()}


def test_an_alias_is_the_same_text_wherever_it_stands() -> None:
    node = load(b"a: &a [1, 2]\nb: [*a, *a]\n")[0]
    assert [text.text for text in walk(node)] == ["a", "1", "2", "b", "1", "2", "1", "2"]


def test_json_with_comments_tabs_and_halves_of_characters() -> None:
    data = b'{\n\t// one: "x"\n\t"a": "http://x", /* two\n lines */\n\t"b":"\\ud83d\\ude00\\/", "c": [1,2,],\n}\n'
    node = load_jsonc(data)
    assert text_of(get(node, "a")) == "http://x"
    assert text_of(get(node, "b")) == "??/"
    assert get(node, "c") is not None
    b = get(node, "b")
    assert b is not None
    assert b.line == 5
