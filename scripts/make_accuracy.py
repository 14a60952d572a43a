"""Write docs/accuracy.md from tests/accuracy/cases/: `make_accuracy.py`, or `--check` to compare only."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
PAGE = HERE / "docs" / "accuracy.md"
sys.path[:0] = [str(HERE / "tests"), str(HERE / "tests" / "accuracy")]

from worlds import Case, load_cases  # noqa: E402

HEAD = """# Settings that are easy to get wrong

Each line is a test. It changes a Debian system by hand, asks the real program what it does now, and compares
secaudit's status. The changes and questions are in `tests/accuracy/cases/`; this page is made from them by
`scripts/make_accuracy.py`.

{count} cases about {settings} settings.
"""
LIMIT = 90


def cell(text: str) -> str:
    """Text for a cell of a Markdown table."""
    short = text if len(text) <= LIMIT else text[: LIMIT - 1] + "…"
    return short.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("_", "\\_").replace("<", "\\<")


def line_of(case: Case) -> str:
    answer = " / ".join(case.answer.strip().split("\n"))
    verdicts = ", ".join(f"{check}: {status}" for check, status in case.verdicts.items())
    suite = "" if case.suite == "bookworm" else f" ({case.suite})"
    return f"| {cell(case.setting)}{suite} | {cell(case.trap)} | {cell(answer)} | {verdicts} |"


def page() -> str:
    cases = load_cases()
    parts = [HEAD.format(count=len(cases), settings=len({case.setting for case in cases}))]
    for topic in dict.fromkeys(case.topic for case in cases):
        parts.append(f"\n## {topic}\n\n| setting | trap | the program says | secaudit says |\n|---|---|---|---|\n")
        parts.extend(line_of(case) + "\n" for case in cases if case.topic == topic)
    return "".join(parts)


def main() -> int:
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
        return 0
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        print("docs/accuracy.md is old: run scripts/make_accuracy.py", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
