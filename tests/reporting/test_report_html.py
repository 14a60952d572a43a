"""The HTML report as text: whole, inert, and without anything from outside."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from reporting.sample import EARLIER, HOSTILE, LONG_PATH, blind_run, clean_run, large_run, small_run
from secaudit.evidence.document import dump_run
from secaudit.model import Run, Status
from secaudit.reporting import html
from secaudit.reporting.visible import visible

VOID = {"meta", "input", "link", "br", "hr", "img"}
LOADING = {"src", "srcset", "data", "action", "formaction", "poster", "background", "ping", "manifest", "xlink:href"}


class Page(HTMLParser):
    """What a test asks about a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.raw: dict[str, str] = {}
        self.feed(text)
        self.close()
        assert not self.open, f"not closed: {self.open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("script", "style"):
            name = self.tags[-1][1].get("type") or self.open[-1]
            self.raw[name] = self.raw.get(name, "") + data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", "".join(self.words))

    def all(self, name: str) -> list[str]:
        return [value for _, attributes in self.tags if (value := attributes.get(name)) is not None]


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(html.render(small_run(), EARLIER))


@pytest.mark.parametrize("make", [small_run, clean_run, blind_run, large_run])
def test_ids_are_unique_and_every_link_inside_leads_somewhere(make: Callable[[], Run]) -> None:
    page = Page(html.render(make()))
    ids = page.all("id")
    assert len(ids) == len(set(ids))
    inside = [link[1:] for link in page.all("href") if link.startswith("#")]
    assert inside
    assert set(inside) <= set(ids)
    named = {word for name in ("aria-labelledby", "for") for value in page.all(name) for word in value.split()}
    assert named <= set(ids)


def test_nothing_is_loaded_from_outside(page: Page) -> None:
    for tag, attributes in page.tags:
        assert not LOADING & set(attributes), (tag, attributes)
        assert tag not in ("link", "iframe", "object", "embed", "base", "img", "image", "use")
        if tag == "a":
            assert str(attributes["href"]).startswith(("#", "https://", "http://"))
    assert "@import" not in page.raw["style"]
    assert re.findall(r"url\(([^)]*)\)", page.raw["style"]) == ["#hatch"] * page.raw["style"].count("url(")


def test_policy_allows_only_our_style_and_script(page: Page) -> None:
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv") == "Content-Security-Policy")

    def hashed(text: str) -> str:
        return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"

    assert policy == (
        f"default-src 'none'; style-src {hashed(page.raw['style'])}; script-src {hashed(page.raw['script'])}; "
        "base-uri 'none'; form-action 'none'"
    )
    for _, attributes in page.tags:
        assert not [name for name in attributes if name == "style" or name.startswith("on")]


@pytest.mark.parametrize("make", [small_run, large_run])
def test_every_control_has_a_cell_and_a_row(make: Callable[[], Run]) -> None:
    run = make()
    page = Page(html.render(run))
    cells = [str(a["href"])[1:] for tag, a in page.tags if tag == "a" and "cell" in str(a.get("class")).split()]
    rows = [a["id"] for tag, a in page.tags if tag == "tr" and str(a.get("id")).startswith("control-")]
    wanted = [f"control-{s.id}-{control.id}" for s in run.standards for control in s.controls]
    assert sorted(cells) == sorted(rows) == sorted(wanted)


def test_every_check_is_listed_with_what_a_person_needs(page: Page) -> None:
    run = small_run()
    listed = {a["id"]: a for tag, a in page.tags if tag == "details" and a.get("id")}
    assert {f"check-{result.check}" for result in run.results} <= set(listed)
    for result in run.results:
        word = "waived" if result.waiver else str(result.status)
        assert f"check {word}" in str(listed[f"check-{result.check}"]["class"]) or word == "not_applicable"
        title = result.fail_title if result.status is Status.FAIL else result.title
        for text in (title, result.why, result.verify, result.careful, result.undo, result.waiver, *result.references):
            assert not text or text in page.text


def test_head_and_cards_say_the_score_with_its_limits(page: Page) -> None:
    for text in (
        "26–53",
        "of 100, grade F",
        "73 % could be checked",
        "Together they would raise the score from 26 to 71.",
        "−23 points at the lower end since 14 Nov 2025, 8 fewer failures",
        "so 2 checks could not be made",
        'sudo "$(command -v secaudit)" audit --profile freelancer',
        "0 of 2 objectives evidenced",
        "This is a readiness report, not a certificate.",
        "Not affiliated with or endorsed by ISO.",
        "A program cannot look at a building.",
        "This machine has no screen.",
        "58 more not shown here.",
    ):
        assert text in page.text, text
    assert "First run" not in page.text


def test_clean_and_blind_runs_are_told_apart() -> None:
    clean, blind = Page(html.render(clean_run())).text, Page(html.render(blind_run())).text
    assert "First run" in clean
    assert "Nothing to fix No check failed. " in clean
    assert "administrator rights" not in clean
    assert "no grade: too little could be checked" in blind
    assert "This audit was interrupted." in blind
    assert "No check failed, but 3 could not be made." in blind


def test_hostile_text_is_inert_and_visible() -> None:
    run = small_run()
    hostile = replace(run, target=replace(run.target, name=HOSTILE, system=HOSTILE), profile=HOSTILE)
    text = html.render(hostile)
    page = Page(text)
    assert [a for tag, a in page.tags if tag == "script"] == [{"type": "application/json", "id": "run"}, {}]
    shown, _, island = text.partition('<script type="application/json"')
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert "<" not in island.partition(">")[2].partition("</script>")[0]
    assert re.sub(r"\s+", " ", visible(HOSTILE)) in page.text
    assert LONG_PATH in page.text


def test_data_of_the_run_can_be_read_back(page: Page) -> None:
    assert json.loads(page.raw["application/json"]) == json.loads(dump_run(small_run()))


def test_bytes_that_are_not_utf8_can_be_written_and_read_back() -> None:
    run = small_run()
    odd = replace(run, target=replace(run.target, name="caf\udce9"))
    text = html.render(odd)
    data = json.loads(Page(text.encode("utf-8").decode("utf-8")).raw["application/json"])
    assert data["target"]["name"] == "caf\udce9"


@pytest.mark.parametrize("make", [small_run, clean_run, blind_run])
def test_no_word_promises_more_than_readiness(make: Callable[[], Run]) -> None:
    assert not re.search(
        r"certified|compliant|compliance|audit passed|—", Page(html.render(make())).text, re.IGNORECASE
    )


def test_same_run_gives_the_same_bytes() -> None:
    assert html.render(small_run(), EARLIER) == html.render(small_run(), EARLIER)
