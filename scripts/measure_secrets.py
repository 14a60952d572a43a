"""How many known secrets the search finds, and how many harmless lines it reports: numbers of docs/accuracy-project.md.

    python scripts/measure_secrets.py examples FOLDER   rule sources of the gitleaks family, with their own true and
                                                        false examples (FOLDER has files such as generic.go)
    python scripts/measure_secrets.py bandit FILE       bandit's examples/hardcoded-passwords.py
    python scripts/measure_secrets.py files FOLDER CSV  a folder of files with logins; lines `path,number of secrets`
    python scripts/measure_secrets.py noise FOLDER      a source tree without real secrets: findings per 100,000 lines

Nothing of these folders belongs to this project. Add --missed to see what was not found or wrongly found, and --ours to
leave the library of makers' formats out.
"""

from __future__ import annotations

import argparse
import collections
import random
import re
import string
import time
from collections.abc import Iterator
from pathlib import Path
from re import _parser as regex_parser  # type: ignore[attr-defined]

from secaudit.tables.project import _vendor
from secaudit.tables.project._hit import LOW
from secaudit.tables.project._secret_scan import place_of, scan
from secaudit.tables.project.project_files import skip_reason

Labels = list[tuple[str, str, bool]]
"""Rule, text, and whether there is a secret in it."""

TEMPLATES = re.compile(r'^\s*"[^"]+":\s+("(?:[^"\\]|\\.)*"|`[^`]*`),', re.MULTILINE)


# ---------------------------------------------------------------- examples in Go sources


def read_examples(folder: Path) -> Labels:
    """The examples that are written out, or made by a pattern, in the arrays tps and fps."""
    helper = folder.parent / "utils" / "generate.go"
    templates = [unquote(text) for text in TEMPLATES.findall(helper.read_text())] if helper.exists() else []
    found: Labels = []
    for path in sorted(folder.glob("*.go")):
        for body in re.findall(r"\n\ttps :?= .*?Validate(?:Parts)?\(", path.read_text(), re.DOTALL):
            true, _, false = body.partition("\n\tfps")
            for text in items_of(true, templates):
                found.append((path.stem, text, True))
            for text in items_of(false, templates):
                found.append((path.stem, text, False))
    return found


TOKEN = re.compile(r'//[^\n]*|`[^`]*`|"(?:[^"\\\n]|\\.)*"|[\w.]+|\S', re.DOTALL)


def items_of(code: str, templates: list[str]) -> Iterator[str]:
    """Each element of the arrays, as far as it can be worked out without Go."""
    tokens = [token for token in TOKEN.findall(code) if not token.startswith("//")]
    position = 0
    while position < len(tokens):
        token = tokens[position]
        if token[0] in '"`' or token.endswith(
            ("NewSecret", "NewSecretWithEntropy", "newPlausibleSecret", "GenerateSampleSecret", "GenerateSampleSecrets")
        ):
            values, position = expression(tokens, position, templates)
            yield from values or []
        else:
            position += 1


def expression(tokens: list[str], at: int, templates: list[str]) -> tuple[list[str] | None, int]:
    """Terms joined by +. None when one of them is not known."""
    total: list[str] | None = [""]
    while at < len(tokens):
        values, at = term(tokens, at, templates)
        total = None if total is None or values is None else [left + right for left in total for right in values]
        if at < len(tokens) and tokens[at] == "+":
            at += 1
            continue
        break
    return total, at


def term(tokens: list[str], at: int, templates: list[str]) -> tuple[list[str] | None, int]:
    """A literal or a call."""
    token = tokens[at]
    if token[0] in '"`':
        return [unquote(token)], at + 1
    if at + 1 >= len(tokens) or tokens[at + 1] != "(":
        return None, at + 1
    arguments: list[list[str] | None] = []
    at += 2
    while at < len(tokens) and tokens[at] != ")":
        values, at = expression(tokens, at, templates)
        arguments.append(values)
        if at < len(tokens) and tokens[at] == ",":
            at += 1
    return call(token.rpartition(".")[2], arguments, templates), at + 1


def call(name: str, arguments: list[list[str] | None], templates: list[str]) -> list[str] | None:
    """What a helper of the rule sources gives."""
    first = arguments[0][0] if arguments and arguments[0] else ""
    if name in ("NewSecret", "NewSecretWithEntropy", "newPlausibleSecret"):
        return [generate(first)] if first else None
    sizes = {
        "Hex": "[a-f0-9]",
        "AlphaNumeric": "[a-z0-9]",
        "Numeric": "[0-9]",
        "AlphaNumericExtendedShort": "[a-z0-9_-]",
        "AlphaNumericExtended": "[a-z0-9=_-]",
        "AlphaNumericExtendedLong": "[a-z0-9/=_+-]",
    }
    if name in sizes and first:
        return [f"{sizes[name]}{{{first}}}"]
    if name == "Hex8_4_4_4_12":
        return ["[a-f0-9]{8}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{4}-[a-f0-9]{12}"]
    second = arguments[1][0] if len(arguments) > 1 and arguments[1] else ""
    if name == "GenerateSampleSecret" and second:
        return [f'{first}_api_token = "{second}"']
    if name == "GenerateSampleSecrets" and second:
        return [text.replace("{i}", first).replace("{I}", first.upper()).replace("{s}", second) for text in templates]
    return None


def unquote(text: str) -> str:
    """A Go string literal."""
    if text[0] == "`":
        return text[1:-1]
    return text[1:-1].encode("latin-1", "backslashreplace").decode("unicode_escape", "replace")


def generate(pattern: str, seed: int = 7) -> str:
    """A text that a regular expression matches."""
    chance = random.Random(seed)
    try:
        return "".join(_some(regex_parser.parse(pattern.replace("(?i)", "").replace("\\z", "\\Z")), chance))
    except (re.error, OverflowError):
        return ""


def _some(parsed: object, chance: random.Random) -> Iterator[str]:
    for operator, value in parsed:  # type: ignore[attr-defined]
        kind = str(operator)
        if kind == "LITERAL":
            yield chr(value)
        elif kind == "ANY":
            yield chance.choice(string.ascii_letters)
        elif kind == "IN":
            yield chance.choice(_choices(value))
        elif kind in ("MAX_REPEAT", "MIN_REPEAT"):
            low, high, inner = value
            for _ in range(chance.randint(low, min(int(high), low + 8))):
                yield from _some(inner, chance)
        elif kind == "SUBPATTERN":
            yield from _some(value[-1], chance)
        elif kind == "BRANCH":
            yield from _some(chance.choice(value[1]), chance)


def _choices(items: object) -> str:
    found = ""
    for operator, value in items:  # type: ignore[attr-defined]
        kind = str(operator)
        if kind == "LITERAL":
            found += chr(value)
        elif kind == "RANGE":
            found += "".join(map(chr, range(value[0], value[1] + 1)))
        elif kind == "CATEGORY":
            found += {"CATEGORY_DIGIT": string.digits, "CATEGORY_WORD": string.ascii_letters + string.digits + "_"}.get(
                str(value), " "
            )
        elif kind == "NEGATE":
            return string.ascii_letters
    return found


# ---------------------------------------------------------------- what was found


def measure(labels: Labels, name: str, missed: bool) -> None:
    """One file an example; a finding of confidence medium or high counts."""
    counts: collections.Counter[str] = collections.Counter()
    for rule, text, is_secret in labels:
        found = [hit for hit in scan(text.encode() + b"\n", name).hits if hit.confidence != LOW]
        key = ("found" if found else "missed") if is_secret else ("wrong" if found else "quiet")
        counts[key] += 1
        if missed and key in ("missed", "wrong"):
            print(key, rule, text[:150].replace("\n", "\\n"), [hit.rule_id for hit in found])
    show(counts)


def show(counts: collections.Counter[str]) -> None:
    """Recall and precision."""
    found, missed, wrong = counts["found"], counts["missed"], counts["wrong"]
    recall = 100 * found / max(1, found + missed)
    precision = 100 * found / max(1, found + wrong)
    print(dict(counts), f"recall {recall:.1f} %, precision {precision:.1f} %")


def read_bandit(path: Path) -> Iterator[tuple[int, bool]]:
    """Line numbers after a comment that names the password; empty ones and None are no secret."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        match = re.match(r"\s*# Possible hardcoded password: (.*)", line)
        if match:
            place = next(
                (at for at in range(number + 1, min(number + 6, len(lines))) if match[1] in lines[at]), number + 2
            )
            yield place + 1, match[1] not in ("''", "None")


def measure_bandit(path: Path, missed: bool) -> None:
    """Any confidence counts, since the values are words."""
    data = path.read_bytes()
    lines = {place_of(data, hit.start)[0] for hit in scan(data, "app.py").hits}
    counts: collections.Counter[str] = collections.Counter()
    for number, is_secret in read_bandit(path):
        key = ("found" if number in lines else "missed") if is_secret else ("wrong" if number in lines else "quiet")
        counts[key] += 1
        if missed and key in ("missed", "wrong"):
            print(key, data.splitlines()[number - 1].decode())
    show(counts)


def measure_files(folder: Path, table: Path, missed: bool) -> None:
    """Files with at least one finding, and secrets found of those that the table counts."""
    rows = [line.split(",") for line in table.read_text().splitlines() if line and not line.startswith("#")]
    files, hit_files, total, found_total, extra = 0, 0, 0, 0, 0
    for path, risky, *_ in rows:
        if not (folder / path).is_file():
            continue
        data = (folder / path).read_bytes()
        found = [hit for hit in scan(data, path).hits if hit.confidence != LOW]
        lines = {place_of(data, hit.start)[0] for hit in found}
        wanted = int(risky)
        if wanted:
            files += 1
            hit_files += bool(lines)
            total += wanted
            found_total += min(wanted, len(lines))
        extra += max(0, len(lines) - wanted)
        if missed and len(lines) != wanted:
            print(path, "wanted", wanted, "found", sorted((line) for line in lines))
    print(f"files {hit_files} of {files}, secrets {found_total} of {total}, more than labelled {extra}")


def measure_noise(folder: Path, missed: bool) -> None:
    """Findings by confidence."""
    counts: collections.Counter[str] = collections.Counter()
    size, lines, started = 0, 0, time.process_time()
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if not path.is_file() or path.is_symlink() or skip_reason(name, "file", path.stat().st_size):
            continue
        data = path.read_bytes()
        size += len(data)
        lines += data.count(b"\n")
        for hit in scan(data, name).hits:
            counts[hit.confidence] += 1
            if missed and hit.confidence != LOW:
                print(hit.confidence, hit.rule_id, f"{name}:{place_of(data, hit.start)[0]}", hit.variable)
    seconds = time.process_time() - started
    per = 100_000 / max(1, lines)
    print(
        f"{size / 1e6:.1f} MB, {lines} lines, {seconds:.2f} s of processor, {size / 1e6 / seconds:.0f} MB/s;"
        f" {dict(counts)}; high per 100,000 lines {counts['high'] * per:.2f}, medium {counts['medium'] * per:.2f}"
    )


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["examples", "bandit", "files", "noise"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("table", type=Path, nargs="?")
    parser.add_argument("--missed", action="store_true")
    parser.add_argument("--ours", action="store_true")
    chosen = parser.parse_args()
    if chosen.ours:
        _vendor._scanner = lambda: None  # type: ignore[assignment]
    scan(b"", "warm.txt")
    if chosen.what == "examples":
        labels = read_examples(chosen.folder)
        generic = [label for label in labels if label[0].startswith(("generic", "curl"))]
        for title, part in (("makers", [label for label in labels if label not in generic]), ("generic", generic)):
            print(title, len(part), "examples")
            measure(part, "app.conf", chosen.missed)
    elif chosen.what == "bandit":
        measure_bandit(chosen.folder, chosen.missed)
    elif chosen.what == "files":
        measure_files(chosen.folder, chosen.table, chosen.missed)
    else:
        measure_noise(chosen.folder, chosen.missed)


if __name__ == "__main__":
    main()
