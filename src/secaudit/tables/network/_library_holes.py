"""Known holes of script libraries that run in pages, for those who keep no advisories of npm.

A short list: the holes of each branch with the highest fixed version, from the public records of CVE and GitHub, as of
November 2026. `secaudit advisories update --ecosystem npm` brings the whole and current list, which then counts alone.
"""

from __future__ import annotations

import re
from typing import NamedTuple

AS_OF = "2026-11-01"


class Branch(NamedTuple):
    """Versions of one library with one hole."""

    name: str
    """At npm."""
    since: str
    fixed_in: str
    """Empty: there is no version without it, since the branch has ended."""
    until: str
    """The first version of the next branch, when nothing was fixed; else empty."""
    hole: str


HOLES = (
    Branch("jquery", "0", "3.5.0", "", "CVE-2020-11023"),
    Branch("jquery-ui", "0", "1.13.2", "", "CVE-2022-31160"),
    Branch("jquery-validation", "0", "1.20.0", "", "CVE-2025-3573"),
    Branch("bootstrap", "0", "3.4.1", "", "CVE-2019-8331"),
    Branch("bootstrap", "4.0.0", "4.3.1", "", "CVE-2019-8331"),
    Branch("angular", "0", "", "2.0.0", "CVE-2024-8373"),
    Branch("vue", "2.0.0", "", "3.0.0", "CVE-2024-9506"),
    Branch("lodash", "0", "4.17.21", "", "CVE-2021-23337"),
    Branch("underscore", "1.3.2", "1.12.1", "", "CVE-2021-23358"),
    Branch("moment", "2.18.0", "2.29.4", "", "CVE-2022-31129"),
    Branch("handlebars", "0", "4.7.7", "", "CVE-2021-23369"),
    Branch("mustache", "0", "2.2.1", "", "CVE-2015-8862"),
    Branch("dompurify", "0", "2.5.4", "", "CVE-2024-45801"),
    Branch("dompurify", "3.0.0", "3.2.4", "", "CVE-2025-26791"),
    Branch("axios", "0", "0.30.0", "", "CVE-2025-27152"),
    Branch("axios", "1.0.0", "1.8.2", "", "CVE-2025-27152"),
    Branch("knockout", "0", "3.5.0", "", "CVE-2019-14862"),
    Branch("chart.js", "0", "2.9.4", "", "CVE-2020-7746"),
    Branch("highcharts", "0", "9.0.0", "", "CVE-2021-29489"),
    Branch("tinymce", "0", "5.11.0", "", "CVE-2024-38356"),
    Branch("tinymce", "6.0.0", "6.8.4", "", "CVE-2024-38356"),
    Branch("tinymce", "7.0.0", "7.2.0", "", "CVE-2024-38356"),
    Branch("ckeditor4", "0", "4.24.0", "", "CVE-2024-24815"),
    Branch("select2", "0", "4.0.6", "", "CVE-2016-10744"),
    Branch("swagger-ui", "0", "4.1.3", "", "CVE-2018-25031"),
    Branch("datatables.net", "0", "1.11.3", "", "CVE-2021-23445"),
    Branch("pdfjs-dist", "0", "4.2.67", "", "CVE-2024-4367"),
    Branch("marked", "0", "4.0.10", "", "CVE-2022-21681"),
    Branch("highlight.js", "0", "9.18.2", "", "CVE-2020-26237"),
    Branch("highlight.js", "10.0.0", "10.1.2", "", "CVE-2020-26237"),
    Branch("video.js", "0", "7.14.3", "", "CVE-2021-23414"),
    Branch("plupload", "0", "2.3.9", "", "CVE-2021-23562"),
    Branch("blueimp-file-upload", "0", "9.22.1", "", "CVE-2018-9206"),
)
COVERED = frozenset(branch.name for branch in HOLES)


def place_of(version: str) -> tuple[int, ...]:
    """Where a version stands, by its numbers; a version before a release counts as that release."""
    return tuple(int(part) for part in re.findall(r"\d+", re.split(r"[-+]", version)[0])[:4])


def hole_of(name: str, version: str) -> Branch | None:
    """The hole that a version has; None when the list knows none."""
    place = place_of(version)
    for branch in HOLES:
        if branch.name == name and place_of(branch.since) <= place < place_of(branch.fixed_in or branch.until):
            later = [one for one in HOLES if one.name == name and place_of(branch.since) < place_of(one.since) <= place]
            if not later:
                return branch
    return None
