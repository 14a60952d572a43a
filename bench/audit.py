"""The whole audit with its HTML report against lynis and OpenSCAP with Debian's own content, on the same systems.

Time and memory are of whole processes. A verdict is a check that was decided: pass or fail. For lynis it is a test
that was carried out, since it has no other count.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from xml.etree import ElementTree

from bench.measure import Figures, find, in_turn
from bench.places import CONTENT, Place, places

BUDGET = "30 x faster than lynis, not slower than oscap, peak memory below both; on Debian 11 at least 4 x its verdicts"
PROFILES = ("standard", *(f"anssi_np_nt28_{level}" for level in ("minimal", "average", "restrictive", "high")))
OURS = "secaudit audit, HTML"
ROUNDS = 3


def run() -> None:
    """Measure and print; a peer that is not installed is named."""
    print(f"\nAudit  ({BUDGET})")
    with tempfile.TemporaryDirectory() as folder:
        for place in places():
            _measure(place, folder)


def _measure(place: Place, folder: str) -> None:
    fast: dict[str, Sequence[str]] = {OURS: _ours(place, folder)}
    counts: dict[str, Callable[[], int]] = {OURS: lambda: _our_verdicts(Path(folder, "run.json"))}
    content = _content(place)
    if content is None or not find("oscap"):
        print("  oscap or its content is missing: apt install openscap-scanner ssg-debian")
    else:
        for profile in PROFILES:
            name = f"oscap {profile}"
            fast[name] = place.inside([*place.oscap, *_oscap(profile, content)])
            counts[name] = lambda profile=profile: _oscap_verdicts(place.path(f"/tmp/oscap-{profile}.xml"))  # type: ignore[misc]
    slow: dict[str, Sequence[str]] = {}
    if find("lynis"):
        slow["lynis audit system"] = place.inside(["lynis", "audit", "system", "--quick", "--no-log"])
        counts["lynis audit system"] = lambda: _lynis_tests(place.path("/var/log/lynis-report.dat"))
    else:
        print("  lynis is missing: apt install lynis")
    figures = {**in_turn(fast, ROUNDS), **(in_turn(slow, 1) if slow else {})}
    _show(place.name, figures, {name: count() for name, count in counts.items()})


def _ours(place: Place, folder: str) -> list[str]:
    program = os.path.join(os.path.dirname(sys.executable), "secaudit")
    where = [] if place.root is None else ["--root", str(place.root)]
    return [program, "audit", *where, "--no-save", "-q", "--fail-on", "never", "-o", f"{folder}/report.html",
            "-o", f"{folder}/run.json"]  # fmt: skip


def _oscap(profile: str, content: str) -> list[str]:
    return ["xccdf", "eval", "--profile", f"xccdf_org.ssgproject.content_profile_{profile}",
            "--results", f"/tmp/oscap-{profile}.xml", "--report", "/tmp/oscap.html", content]  # fmt: skip


def _content(place: Place) -> str | None:
    """The newest Debian data stream, as the place sees it."""
    folder = str(CONTENT) if place.root is None else "/opt/content"
    found = sorted(place.path(folder).glob("ssg-debian*-ds.xml"))
    return f"{folder}/{found[-1].name}" if found else None


def _our_verdicts(path: Path) -> int:
    run = json.loads(path.read_text(encoding="utf-8"))
    return sum(result["status"] in ("pass", "fail") for result in run["results"])


def _oscap_verdicts(path: Path) -> int:
    words = [node.text for node in ElementTree.parse(path).iter("{http://checklists.nist.gov/xccdf/1.2}result")]
    path.unlink()
    return sum(word in ("pass", "fail") for word in words)


def _lynis_tests(path: Path) -> int:
    found = re.search(r"^lynis_tests_done=(\d+)", path.read_text(encoding="utf-8", errors="replace"), re.MULTILINE)
    return int(found.group(1)) if found else 0


def _show(title: str, figures: dict[str, Figures], verdicts: dict[str, int]) -> None:
    print(f"\n  {title}")
    print(f"    {'command':<34} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'verdicts':>9}   x time of ours")
    for name, item in figures.items():
        ratio = item.wall_s / figures[OURS].wall_s
        shown = f"{item.wall_s:8.2f} {item.cpu_s:8.2f} {item.peak_mb:8.1f} {verdicts[name]:>9}   {ratio:.2f}"
        print(f"    {name:<34} {shown}")
