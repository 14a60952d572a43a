"""The rules for code, which are content: `checks/project/_rules/<language>/*.yaml`, read strictly.

A file has `weakness`, `cwe` and `rules`. A rule has `id`, `severity`, `confidence`, `message`, `words` (one of them
must stand in a file, else the rule is not tried), what to look for, and the examples `insecure` and `secure`.

What to look for is one of
    calls: ["mysqli_query(_, ARG)", ".query(ARG)", "new Function(...)"]    short forms for calls by name and position
    patterns: ["$A.innerHTML = $ARG"]                                      patterns of ast-grep
    rule: {...}                                                           any rule object of ast-grep
together with `unless: {...}`, a rule that must not match. `flow` says that the value ARG must come from somewhere:
    flow: {origins: {request: [high, high], parameter: [medium, medium]}, text: [select, insert], built: true}
The pairs are severity and confidence. Without `flow` the place itself is the finding.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Mapping, NamedTuple, Optional

import yaml

from secaudit.codesearch.calls import BadRule, call_rule
from secaudit.codesearch.values import ORIGINS
from secaudit.codesearch.words import Words
from secaudit.content.root import content_root

FOLDER = ("checks", "project", "_rules")
LANGUAGE_FILE = "_language.yaml"
RULE_KEYS = frozenset(
    "id severity confidence message words calls patterns rule unless flow insecure secure languages".split()
)
FLOW_KEYS = frozenset("origins text built cleaned_as names".split())
LEVELS = ("critical", "high", "medium", "low", "info")
SURENESS = ("high", "medium", "low")
TREES = {
    "javascript": ("javascript", "typescript", "tsx"), "php": ("php",), "ruby": ("ruby",), "go": ("go",),
    "java": ("java",), "csharp": ("csharp",),
}  # fmt: skip
"""Which grammars of ast-grep the rules of a folder are for."""


class Rule(NamedTuple):
    """One rule, ready for ast-grep."""

    id: str
    weakness: str
    cwe: int
    severity: str
    confidence: str
    message: str
    words: tuple[str, ...]
    trees: tuple[str, ...]
    configs: tuple[Any, ...]
    """For ast-grep; where the value stands at several places, one for each."""
    origins: Mapping[int, tuple[str, str]]
    """Empty: the place itself is the finding."""
    text: tuple[str, ...]
    """One of these must stand in the literal pieces of the value, in lower case."""
    names: tuple[str, ...]
    """Words in the literal pieces that make `quoted` a plain parameter: tables in which a database describes itself."""
    built: bool
    cleaned_as: str
    """The weakness whose cleaning functions count; its own where nothing else is said."""
    insecure: tuple[str, ...]
    secure: tuple[str, ...]


class RuleSet(NamedTuple):
    """All that content says about one language."""

    language: str
    rules: tuple[Rule, ...]
    words: Words


def rules_folder() -> Path:
    """Where the rules lie: in the wheel, or in the checkout."""
    return content_root().joinpath(*FOLDER)


def languages() -> tuple[str, ...]:
    """Languages that have rules."""
    return tuple(sorted(path.name for path in rules_folder().iterdir() if path.name in TREES))


def load_rules(language: str) -> RuleSet:
    """Read the rules of one language.

    Raises:
        BadRule: naming the file and what is wrong.
    """
    words: Optional[Words] = None
    rules: list[Rule] = []
    for path in sorted((rules_folder() / language).glob("*.yaml")):
        name = path.name
        data = read_rules(path)
        try:
            if name == LANGUAGE_FILE:
                words = _words(data)
            else:
                rules.extend(_rule(item, data, language) for item in data["rules"])
        except (KeyError, TypeError, AttributeError) as error:
            raise BadRule(f"{language}/{name}: {error!r}") from error
        except BadRule as error:
            raise BadRule(f"{language}/{name}: {error}") from error
    ids = [rule.id for rule in rules]
    if words is None or len(set(ids)) != len(ids):
        raise BadRule(f"{language}: {LANGUAGE_FILE} is missing, or an id is used twice")
    return RuleSet(language, tuple(rules), words)


def read_rules(path: Path) -> Any:
    """The data of one file of rules."""
    return yaml.load(path.read_text(encoding="utf-8"), getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506


def _words(data: Any) -> Words:
    return Words(
        sources={level: _with_ascii(list(rules)) for level, rules in data["sources"].items()},
        roots=frozenset(data.get("roots", ())),
        parts=frozenset(data.get("parts", ())),
        decorators=frozenset(data.get("decorators", ())),
        clean={weakness: frozenset(" ".join(names).split()) for weakness, names in data["clean"].items()},
        clean_pattern=re.compile(data["clean_pattern"]),
        harmless={weakness: re.compile(pattern) for weakness, pattern in data.get("harmless", {}).items()},
        escaping=frozenset(" ".join(data.get("escaping", ())).split()),
        passing=frozenset(" ".join(data["passing"]).split()),
        lookups=frozenset(" ".join(data.get("lookups", ())).split()),
        building=frozenset(" ".join(data["building"]).split()),
        guards=re.compile("|".join(f"(?i:{part[4:]})" if part.startswith("(?i)") else part for part in data["guards"])),
    )


def _rule(item: dict[str, Any], file: dict[str, Any], language: str) -> Rule:
    if unknown := set(item) - RULE_KEYS:
        raise BadRule(f"{item.get('id')}: unknown keys {sorted(unknown)}")
    if item["severity"] not in LEVELS or item["confidence"] not in SURENESS or not item["words"]:
        raise BadRule(f"{item['id']}: severity, confidence or words")
    groups: dict[str, list[dict[str, Any]]] = {}  # by the place of ARG: a node is matched by one of them only
    for text in item.get("calls", ()):
        groups.setdefault(text.partition("(")[2], []).append(call_rule(text, language))
    others = [{"pattern": pattern} for pattern in item.get("patterns", ())]
    if "rule" in item:
        others.append(item["rule"])
    if others:
        groups[""] = others
    if not groups:
        raise BadRule(f"{item['id']}: nothing to look for")
    rules: list[dict[str, Any]] = [{"any": parts} for parts in groups.values()]
    if "unless" in item:
        rules = [{"all": [rule, {"not": item["unless"]}]} for rule in rules]
    flow = item.get("flow") or {}
    if unknown := set(flow) - FLOW_KEYS:
        raise BadRule(f"{item['id']}: unknown keys {sorted(unknown)} in flow")
    return Rule(
        id=item["id"],
        weakness=file["weakness"],
        cwe=int(file["cwe"]),
        severity=item["severity"],
        confidence=item["confidence"],
        message=item["message"],
        words=tuple(str(word) for word in item["words"]),
        trees=tuple(item.get("languages", TREES[language])),
        configs=tuple({"rule": _with_ascii(rule)} for rule in rules),
        origins={ORIGINS[name]: (str(pair[0]), str(pair[1])) for name, pair in flow.get("origins", {}).items()},
        text=tuple(str(word).lower() for word in flow.get("text", ())),
        names=tuple(str(word).lower() for word in flow.get("names", ())),
        built=bool(flow.get("built", False)),
        cleaned_as=str(flow.get("cleaned_as", file["weakness"])),
        insecure=tuple(item.get("insecure", ())),
        secure=tuple(item.get("secure", ())),
    )


_CLASSES = {"w": "A-Za-z0-9_", "d": "0-9", "s": " \\t\\r\\n"}


def ascii_only(pattern: str) -> str:
    """The pattern with `\\w`, `\\d`, `\\s` and `\\b` for ASCII alone.

    ast-grep compiles the patterns of a rule anew for each file, and the tables of Unicode make that ten times slower.
    """
    parts: list[str] = []
    inside = False
    place = 0
    while place < len(pattern):
        char, following = pattern[place], pattern[place + 1 : place + 2]
        if char == "\\":
            if following in _CLASSES:
                parts.append(_CLASSES[following] if inside else f"[{_CLASSES[following]}]")
            elif following == "b" and not inside:
                parts.append(r"(?-u:\b)")
            else:
                parts.append(char + following)
            place += 2
            continue
        if char == "[" and not inside:
            inside = True
        elif char == "]" and inside and pattern[place - 1] not in "[^":
            inside = False
        parts.append(char)
        place += 1
    return "".join(parts)


def _with_ascii(rule: Any) -> Any:
    if isinstance(rule, dict):
        return {key: ascii_only(value) if key == "regex" else _with_ascii(value) for key, value in rule.items()}
    return [_with_ascii(item) for item in rule] if isinstance(rule, list) else rule
