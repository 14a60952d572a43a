"""How many known holes of deliberately vulnerable applications an audit names: docs/accuracy-project.md.

    python scripts/measure_apps.py LABELS FOLDER        the folders below FOLDER are one project each

LABELS has one hole a line: `project/path|words of the line|weakness`, written before the audit is run. A hole counts as
found when a failed check of its kind names the line, or one at most three away. A project whose name ends in "-fixed"
holds repaired code: there nothing may be named. Nothing of these folders belongs to this project.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

NEAR = 3
TOPICS = ("code-", "repository", "python-web", "web-config", "secrets", "containers", "infrastructure")
KINDS = {
    "bind-all": "bind any-address all-interfaces listen",
    "code-eval": "eval code-from",
    "command-injection": "command shell",
    "cookie": "cookie session",
    "cors": "cors origin",
    "csrf": "csrf forger",
    "debug-on": "debug errors-hidden display",
    "deserialization": "deserial unserial pickle yaml objects",
    "header-injection": "header",
    "listing": "listing static folder",
    "jwt": "jwt token",
    "ldap-injection": "ldap",
    "log-injection": "log",
    "mass-assignment": "mass assign fields",
    "nosql-injection": "nosql mongo queries-from",
    "open-redirect": "redirect",
    "path-traversal": "path file include upload traversal template archive",
    "plain-http": "tls http",
    "prototype-pollution": "prototype pollut",
    "regex-dos": "regex redos pattern",
    "secret": "secret password key token login credential env-file env cookie",
    "sql-injection": "sql",
    "ssrf": "ssrf address fetch requests-to server-side",
    "template-injection": "template",
    "tls-verify-off": "tls certificate",
    "upload": "upload file path",
    "weak-cipher": "cipher crypt mode",
    "weak-hash": "hash password md5",
    "weak-random": "random",
    "xpath-injection": "xpath",
    "xss": "xss escape html output markup page dom autoescape raw",
    "xxe": "xml xxe entit",
}


class Named(NamedTuple):
    """A line that a failed check names."""

    check: str
    severity: str
    path: str
    line: int
    text: str


def audit(folder: Path) -> list[Named]:
    """The lines that failed checks about code, settings and secrets name in one project."""
    command = [
        sys.executable,
        "-m",
        "secaudit",
        "audit",
        "--project",
        str(folder),
        "--all",
        "--no-save",
        "--format",
        "json",
    ]
    run = subprocess.run(command, capture_output=True, check=False)
    named = []
    for result in json.loads(run.stdout)["results"]:
        if result["status"] == "fail" and result["topic"].startswith(TOPICS):
            for row in result["rows"]:
                if row.get("pass") == 0:
                    path = row.get("path") or str(row.get("resource")).split(":")[0]
                    named.append(
                        Named(result["check"], result["severity"], path, row.get("line") or 0, str(row.get("actual")))
                    )
    return named


def is_kind(named: Named, weakness: str) -> bool:
    text = f"{named.check} {named.text.split(':')[0]}".lower()
    return any(word in text for word in KINDS[weakness].split())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labels", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="", help="projects whose name starts so")
    arguments = parser.parse_args()

    holes: dict[str, list[tuple[str, str, str]]] = collections.defaultdict(list)
    for text in arguments.labels.read_text(encoding="utf-8").splitlines():
        if text and not text.startswith("#"):
            path, words, weakness = text.split("|")
            project, _, path = path.partition("/")
            holes[project].append((path, words, weakness))

    totals: collections.Counter[str] = collections.Counter()
    by_kind: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    for folder in sorted(arguments.folder.iterdir()):
        project = folder.name
        if (
            not folder.is_dir()
            or not project.startswith(arguments.only)
            or not (holes[project] or project.endswith("-fixed"))
        ):
            continue
        left = audit(folder)
        found = other = 0
        used: set[Named] = set()
        for path, words, weakness in holes[project]:
            lines = (folder / path).read_text(encoding="utf-8", errors="replace").splitlines()
            places = [number for number, line in enumerate(lines, 1) if words in line]
            if not places:
                print(f"{project}: no such line: {path}: {words}")
                continue
            near = {
                one
                for one in left
                if one.path == path and any(abs(one.line - place) <= NEAR or not one.line for place in places)
            }
            right = {one for one in near if is_kind(one, weakness)}
            used |= near
            by_kind[weakness]["all"] += 1
            if right:
                found += 1
                by_kind[weakness]["found"] += 1
            elif near:
                other += 1
                print(f"{project}: {path}:{places[0]}: {weakness}: only named as {sorted({one.check for one in near})}")
            else:
                print(f"{project}: {path}:{places[0]}: {weakness}: missed: {words}")
        extra = [one for one in left if one not in used and one.line]
        for one in sorted(extra):
            print(f"{project}: beside the labels: {one.severity} {one.path}:{one.line}: {one.check}: {one.text[:90]}")
        high = sum(one.severity in ("critical", "high") for one in extra)
        print(
            f"== {project}: {len(holes[project])} holes, {found} found, {other} under another name,"
            f" {len(extra)} others ({high} high)"
        )
        totals.update(holes=len(holes[project]), found=found, other=other, extra=len(extra), extra_high=high)
    for kind, count in sorted(by_kind.items()):
        print(f"{kind:22} {count['found']:3} of {count['all']}")
    print(dict(totals))
    return 0


if __name__ == "__main__":
    sys.exit(main())
