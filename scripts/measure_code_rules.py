"""How many harmless lines the rules for code report, and how many weak ones: docs/accuracy-project-*.md.

    python scripts/measure_code_rules.py noise FOLDER      trees of known code: findings per 100,000 lines, by severity
    python scripts/measure_code_rules.py pairs             the examples of the rules and the modules of tests/project

Nothing of these folders belongs to this project.
Add --show to see the findings of severity high (twice: all), --language to choose.
"""

from __future__ import annotations

import argparse
import collections
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from secaudit.codesearch.rules import languages, load_rules
from secaudit.codesearch.search import search_text
from secaudit.codesearch.templates import load_template_rules
from secaudit.tables.project._code import FAMILIES
from secaudit.tables.project._engine_ast_grep import ENDINGS, FILE_LIMIT_BYTES, is_machine_made
from secaudit.tables.project._roles import ending_of, language_of, role_of

SETS = {language: load_rules(language) for language in languages()}
TEMPLATES = load_template_rules()


def files_of(folder: Path, language: str) -> Iterator[tuple[str, str, str]]:
    """Path, ending and text of what an audit would search, without tests, docs and examples."""
    for path in sorted(folder.rglob("*")):
        ending = ending_of(path.name)
        own = language_of(path.name)
        if ending not in ENDINGS or FAMILIES.get(own, own) != language or path.is_symlink() or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        data = path.read_bytes()
        if role_of(name) == "code" and len(data) <= FILE_LIMIT_BYTES and not is_machine_made(data):
            yield name, ending, data.decode("utf-8", "replace")


def noise(folder: Path, language: str, show: int) -> None:
    """Count what is reported in trees that should have next to nothing."""
    counts: collections.Counter[str] = collections.Counter()
    rules: collections.Counter[str] = collections.Counter()
    files = lines = 0
    start = time.process_time()
    for name, ending, text in files_of(folder, language):
        files += 1
        lines += text.count("\n") + 1
        places, problem = search_text(text, ending, SETS, TEMPLATES)
        if problem:
            print(f"{name} {problem}")
        for place in places:
            counts[place.severity] += 1
            rules[f"{place.rule_id} {place.severity}"] += 1
            if show and (place.severity in ("critical", "high") or show > 1):
                line = text.splitlines()[place.line - 1].strip()[:120]
                print(f"{name}:{place.line}: {place.rule_id} {place.severity}: {line}")
    seconds = time.process_time() - start
    high = counts["critical"] + counts["high"]
    print(f"{files} files, {lines} lines, {seconds:.1f} s of processor: {dict(counts)}")
    print(f"high per 100,000 lines: {100_000 * high / max(lines, 1):.2f}")
    print(", ".join(f"{rule} {count}" for rule, count in rules.most_common(12)))


def pairs() -> None:
    """Run the examples that are part of the project."""
    sys.path[:0] = [str(Path(__file__).resolve().parent.parent / "tests" / "project")]
    from codemodules import PAIRS

    examples = [(len(rule.insecure), len(rule.secure)) for found in SETS.values() for rule in found.rules]
    weak, safe = sum(pair[0] for pair in examples), sum(pair[1] for pair in examples)
    print(f"{len(examples)} rules, {weak} insecure and {safe} secure examples: the tests run them")
    for pair in PAIRS:
        found = {place.weakness for place in search_text(pair.weak, pair.ending, SETS)[0]}
        quiet = search_text(pair.repaired, pair.ending, SETS)[0]
        print(
            f"{pair.name}: {len(found & set(pair.weaknesses))} of {len(pair.weaknesses)}; repaired form: {len(quiet)}"
        )


def main() -> None:
    """Parse the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("noise", "pairs"))
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--language", choices=languages(), default="javascript")
    parser.add_argument("--show", action="count", default=0)
    options = parser.parse_args()
    if options.what == "pairs":
        pairs()
    else:
        noise(options.folder or Path(), options.language, options.show)


if __name__ == "__main__":
    main()
