"""The whole audit with its HTML report, against lynis and OpenSCAP with Debian's own content."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measure import find, in_turn, show

BUDGET = "30 x faster than lynis, not slower than oscap, peak memory below both"
CONTENT = Path("/usr/share/xml/scap/ssg/content")


def run() -> None:
    """Measure and print; a peer that is not installed is named."""
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(os.path.dirname(sys.executable), "secaudit")
        ours = [program, "audit", "--no-save", "-q", "--fail-on", "never", "-o", f"{folder}/report.html"]
        fast: dict[str, Sequence[str]] = {"secaudit audit, HTML": ours}
        oscap, content = find("oscap"), _content()
        if oscap and content:
            profile = "xccdf_org.ssgproject.content_profile_standard"
            fast["oscap xccdf eval, HTML"] = [
                oscap, "xccdf", "eval", "--profile", profile, "--report", f"{folder}/oscap.html", str(content),
            ]  # fmt: skip
        else:
            print("\noscap or its content is missing: apt install openscap-scanner ssg-debian")
        found = in_turn(fast, 5)
        show("Audit of this machine", found, "secaudit audit, HTML", BUDGET)
        lynis = find("lynis")
        if lynis is None:
            print("\nlynis is missing: apt install lynis")
            return
        slow = in_turn({**fast, "lynis audit system": [lynis, "audit", "system", "--quick", "--no-log"]}, 1)
        show("The same with lynis, one round", slow, "secaudit audit, HTML", BUDGET)


def _content() -> Path | None:
    """The newest Debian data stream that is installed."""
    found = sorted(CONTENT.glob("ssg-debian*-ds.xml"))
    return found[-1] if found else None
