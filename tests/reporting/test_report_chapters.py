"""A standard of 345 controls in a report: folded by chapter, small, and its controls linked with the checks."""

from __future__ import annotations

import re
from dataclasses import replace

from reporting.sample import small_run
from secaudit.assessment.rollup import standard_result
from secaudit.content import library
from secaudit.model import Run, Status
from secaudit.reporting import html, markdown

ASVS = library.load().standards["owasp-asvs-5.0"].value


def run_with_asvs() -> Run:
    """The sample, where its first failing check names 1.2.4 of ASVS."""
    run = small_run()
    failing = next(item for item in run.results if item.status is Status.FAIL)
    results = tuple(
        replace(item, references=("ASVS 5.0.0 1.2.4",)) if item is failing else item for item in run.results
    )
    objectives = {item.id: item for item in run.objectives}
    known = {name for item in ASVS.controls for name in item.objectives}
    filler = {name: replace(run.objectives[0], id=name) for name in known}
    return replace(run, results=results, standards=(standard_result(ASVS, {**filler, **objectives}, results),))


def test_each_chapter_is_folded_and_says_how_it_stands() -> None:
    run = run_with_asvs()
    page = html.render(run)
    begin = page.index('<section id="standard-owasp-asvs-5.0">')
    part = page[begin : page.index("</section>", begin)]
    heads = re.findall(r"<details class=\"fold\">\s*<summary><h3>(.*?)</h3>", part)
    assert heads == [f"{group.id} {group.title}" for group in ASVS.groups if group.within is None]
    assert "<details open" not in part
    assert part.count('<tr id="control-owasp-asvs-5.0-') == 345
    assert len(part) < 200_000
    assert 'class="map"' not in part


def test_a_control_and_the_check_that_names_it_lead_to_each_other() -> None:
    run = run_with_asvs()
    check = next(item for item in run.results if item.references == ("ASVS 5.0.0 1.2.4",))
    page = html.render(run)
    row = page[page.index('<tr id="control-owasp-asvs-5.0-1.2.4"') :].split("</tr>")[0]
    assert f'href="#check-{check.check}"' in row
    block = page[page.index(f'id="check-{check.check}"') :].split("</details>")[0]
    assert '<a href="#control-owasp-asvs-5.0-1.2.4">ASVS 1.2.4</a>' in block
    assert len(re.findall(r'href="#control-owasp-asvs-5\.0-', page)) == 1  # and no other check leads there


def test_the_short_report_lists_only_what_was_assessed() -> None:
    run = run_with_asvs()
    text = markdown.render(run)
    rows = re.findall(r"^\| \d+\.\d+\.\d+ .*$", text, re.MULTILINE)
    assert len(rows) == 1
    assert rows[0].startswith("| 1.2.4 Database queries")
    assert re.search(r"1 check fails: [a-z-]+ \|$", rows[0])


def test_many_checks_beside_one_control_are_counted_and_failures_come_first() -> None:
    run = run_with_asvs()
    failing = next(item for item in run.results if item.status is Status.FAIL)
    names = [f"made-up-{number:02}" for number in range(20)]
    many = tuple(
        replace(failing, check=name, status=Status.FAIL if name == "made-up-19" else Status.PASS,
                references=("ASVS 5.0.0 1.2.4",))
        for name in names
    )  # fmt: skip
    known = {name for item in ASVS.controls for name in item.objectives}
    filler = {name: replace(run.objectives[0], id=name) for name in known}
    run = replace(run, results=many, plan=(), standards=(standard_result(ASVS, filler, many),))
    row = html.render(run)
    row = row[row.index('<tr id="control-owasp-asvs-5.0-1.2.4"') :].split("</tr>")[0]
    assert row.count("<li>") == 8
    assert row.index("#check-made-up-19") < row.index("#check-made-up-00")
    assert "And 12 pass." in row
    assert "1 check fails: made-up-19" in row
