"""Make text of a file into what a grammar can read: code only, each line where it was.

PHP pages are mixed with HTML, which the grammar does not know; single-file components keep their code in <script>.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

MAX_DEPTH = 400

TREES = {
    "js": ("javascript", "javascript"), "mjs": ("javascript", "javascript"), "cjs": ("javascript", "javascript"),
    "jsx": ("javascript", "javascript"), "ts": ("javascript", "typescript"), "mts": ("javascript", "typescript"),
    "cts": ("javascript", "typescript"), "tsx": ("javascript", "tsx"),
    "php": ("php", "php"), "phtml": ("php", "php"), "inc": ("php", "php"),
    "rb": ("ruby", "ruby"), "rake": ("ruby", "ruby"), "ru": ("ruby", "ruby"), "gemspec": ("ruby", "ruby"),
    "go": ("go", "go"), "java": ("java", "java"), "cs": ("csharp", "csharp"),
}  # fmt: skip
"""By the ending of the name: the folder of rules, and the grammar."""

TAGGED = {"erb": ("ruby", "ruby"), "jsp": ("java", "java"), "jspx": ("java", "java")}
"""Pages with code between <% and %>."""

PAGES = frozenset(
    "php phtml inc vue svelte ejs hbs handlebars mustache twig blade.php astro erb jsp jspx cshtml".split()
)
_SCRIPT = re.compile(r"<script\b([^>]{0,300})>", re.I)
_BLANK = re.compile(r"[^\n]")
_PHP_OPEN = re.compile(r"<\?(?:php\b|=)?", re.I)
_PHP_TOKEN = re.compile(r"\?>|//|#|/\*|'|\"|`|<<<[ \t]*(['\"]?)(\w+)\1[ \t]*\r?\n")
_BRACKETS = re.compile(r"[][(){}]")


class Piece(NamedTuple):
    """Code of one grammar, with everything else of the file made blank."""

    language: str
    tree: str
    text: str


def pieces_of(text: str, ending: str) -> Iterator[Piece]:
    """The code in a file."""
    if ending in ("php", "phtml", "inc"):
        if "<?" in text:
            yield Piece("php", "php", php_only(text))
    elif ending in TREES:
        yield Piece(*TREES[ending], text)
    elif ending in TAGGED and "<%" in text:
        language, tree = TAGGED[ending]
        yield Piece(language, tree, tagged_only(text, language))
    if ending in PAGES:
        yield from _scripts(text)


def is_too_deep(text: str) -> bool:
    """Whether brackets open without closing deeper than any person writes. Strings are not told apart, on purpose."""
    depth = 0
    for match in _BRACKETS.finditer(text):
        depth += 1 if match.group() in "([{" else -1
        if depth > MAX_DEPTH:
            return True
        depth = max(depth, 0)
    return False


def blank(text: str) -> str:
    """As many characters and lines, all of them blank."""
    return _BLANK.sub(" ", text)


def php_only(text: str) -> str:
    """The PHP of a page: HTML is blank, `<?=` is an echo, `?>` ends a statement."""
    parts: list[str] = ["<?php" if text[:5].lower() == "<?php" else ""]
    place = 5 if parts[0] else 0
    inside = bool(parts[0])
    while place < len(text):
        if not inside:
            match = _PHP_OPEN.search(text, place)
            if match is None:
                parts.append(blank(text[place:]))
                break
            before = blank(text[place : match.start()])
            if match.group() == "<?=":
                if before[-1:] == " ":
                    before = before[:-1]
                parts.append(before + "echo")
            else:
                parts.append(before + blank(match.group()))
            place, inside = match.end(), True
            continue
        place, inside = _php_code(text, place, parts)
    found = "".join(parts)
    return found if found[:5] == "<?php" else "<?php " + found


def tagged_only(text: str, language: str) -> str:
    """The code of a page in which it stands between <% and %>; what is written out is an argument."""
    parts: list[str] = []
    place = 0
    while True:
        start = text.find("<%", place)
        end = text.find("%>", start + 2) if start >= 0 else -1
        if end < 0:
            parts.append(blank(text[place:]))
            return "".join(parts)
        parts.append(blank(text[place:start]))
        code = text[start + 2 : end].rstrip("-")
        sign = code[: len(code) - len(code.lstrip("=-"))]
        if code[:1] in ("#", "@", "!", "%"):
            parts.append(blank(code))
        elif "=" in sign and language == "java":
            parts.append(f"out.print('<' + ({code.lstrip('=')}));")
        elif sign == "==":
            parts.append(f"raw({code[2:]});")
        else:
            parts.append(f"{code[len(sign) :]};")
        place = end + 2


def _php_code(text: str, place: int, parts: list[str]) -> tuple[int, bool]:
    """Take over code up to the next thing that hides a `?>`; give where it goes on, and whether that is still PHP."""
    match = _PHP_TOKEN.search(text, place)
    if match is None:
        parts.append(text[place:])
        return len(text), True
    sign = match.group()
    if sign == "?>":
        parts.append(text[place : match.start()] + "; ")
        return match.end(), False
    if sign in ("//", "#") and text[match.start() : match.start() + 2] != "#[":
        end = min(
            (at for at in (text.find("\n", match.end()), text.find("?>", match.end())) if at >= 0), default=len(text)
        )
        parts.append(text[place : match.start()] + blank(text[match.start() : end]))
        return end, True
    if sign == "/*":
        end = text.find("*/", match.end())
        end = len(text) if end < 0 else end + 2
        parts.append(text[place : match.start()] + blank(text[match.start() : end]))
        return end, True
    if sign in ("'", '"', "`"):
        end = _string_end(text, match.end(), sign)
    elif sign.startswith("<<<"):
        closing = re.compile(r"^[ \t]*" + re.escape(match.group(2)) + r"\b", re.M).search(text, match.end())
        end = closing.end() if closing is not None else len(text)
    else:
        end = match.end()
    parts.append(text[place:end])
    return end, True


def _string_end(text: str, place: int, quote: str) -> int:
    while True:
        end = text.find(quote, place)
        if end < 0:
            return len(text)
        back = end
        while back > place and text[back - 1] == "\\":
            back -= 1
        if (end - back) % 2 == 0:
            return end + 1
        place = end + 1


def _scripts(text: str) -> Iterator[Piece]:
    """What stands in <script> of a page or component."""
    found: list[tuple[int, int, str]] = []
    place = 0
    while len(found) < 50:
        match = _SCRIPT.search(text, place)
        if match is None:
            break
        end = text.find("</script", match.end())
        end = len(text) if end < 0 else end
        attributes = match.group(1).lower()
        if "src=" not in attributes and "json" not in attributes and "template" not in attributes:
            typed = "typescript" if re.search(r"lang\s*=\s*[\"']?tsx?", attributes) else "javascript"
            found.append((match.end(), end, typed))
        place = max(end, match.end())
    for start, end, tree in found:
        code = _PHP_BLOCK.sub(lambda block: "0" + blank(block.group()[1:]), text[start:end])
        yield Piece("javascript", tree, "\n" * text.count("\n", 0, start) + code)


_PHP_BLOCK = re.compile(r"<[?%].*?[?%]>", re.S)
