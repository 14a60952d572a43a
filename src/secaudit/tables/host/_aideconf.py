"""aide.conf(5): the databases, the groups of attributes, and the rules that choose files."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Target

CONFIGS = ("/etc/aide/aide.conf", "/etc/aide.conf", "/usr/local/etc/aide.conf")
"""Debian; Fedora, Arch, SUSE and Alpine; built by hand."""
MAX_FILES = 1_000
MAX_RULES = 20_000
STRONG = frozenset("sha256 sha512 sha512_256 sha3_256 sha3_512 stribog256 stribog512 whirlpool gost H".split())
"""Checksums that nobody can forge; H stands for all that were built in."""
DANGEROUS = re.compile(r"\)[+*{]")
"""Repeated groups: the evaluation of some of them never ends."""
CLASSES = {
    "alpha": "A-Za-z",
    "digit": "0-9",
    "alnum": "A-Za-z0-9",
    "xdigit": "A-Fa-f0-9",
    "lower": "a-z",
    "upper": "A-Z",
    "space": r"\s",
    "word": r"\w",
}
"""Names in brackets that PCRE knows and Python does not."""
ODD = re.compile(r"--|&&|\|\||~~|\[\[")
"""What a later Python may read in another way inside brackets."""
PLAIN = re.compile(r"(?:\\.|[^\\(^$*\[.?+|])*")
"""What AIDE 0.18 takes for plain text at the start of an expression: strrxtok() of its src/seltree.c."""
RULE = re.compile(r"([!=-]?)(/(?:\\.|\S)*)(?:\s+(.*))?$")


class Rule(NamedTuple):
    """One line that chooses files."""

    sign: str
    """'' for a rule that takes all that begins so, `=` for one that takes just this, `!` and `-` leave out."""
    expression: str
    kinds: str
    """Letters of the kinds of files; '' for all."""
    attributes: frozenset[str]
    is_sure: bool
    """False inside a condition, or with a name that we cannot fill in."""
    text: str
    path: str
    line: int

    @property
    def folder(self) -> str | None:
        """The folder in AIDE's tree that it belongs to: up to the last slash before the first sign with a meaning;
        None when names that we cannot fill in stand there.
        """
        plain = PLAIN.match(self.expression)
        text = plain.group() if plain is not None else ""
        if "@@{" in text:
            return None
        return re.sub(r"\\(.)", r"\1", text.rpartition("/")[0]) or "/"

    def matches(self, path: str, kind: str) -> bool | None:
        """Whether it is about this path; None when that cannot be told."""
        if self.kinds and kind not in self.kinds:
            return False
        if not path.startswith(_literal_start(self.expression)):
            return False
        expression = _for_python(self.expression)
        if len(expression) > 4_000 or DANGEROUS.search(expression) or ODD.search(expression):
            return None
        try:
            matcher = re.compile(expression)
        except (re.error, RecursionError, OverflowError):
            return None
        return (matcher.fullmatch if self.sign == "=" else matcher.match)(path) is not None


def _literal_start(expression: str) -> str:
    """The plain text that everything it matches begins with; '' when there are alternatives at the top."""
    depth = 0
    for sign in re.sub(r"\\.", "", expression):
        depth += (sign == "(") - (sign == ")")
        if sign == "|" and depth <= 0:
            return ""
    plain = re.match(r"[A-Za-z0-9_/-]*", expression)
    start = plain.group() if plain else ""
    return start[:-1] if expression[len(start) : len(start) + 1] in ("?", "*", "{") else start


def _for_python(expression: str) -> str:
    """[[:digit:]] becomes [0-9], and a bracket inside brackets stands for itself."""
    named = re.sub(r"\[:(\w+):\]", lambda match: CLASSES.get(match.group(1), match.group(0)), expression)
    return re.sub(r"(?<!\\)\[(\^?\]?(?:\\.|[^\]\\])*)\]", _bracket, named)


def _bracket(match: re.Match[str]) -> str:
    return "[" + match.group(1).replace("[", "\\[") + "]"


class AideConfig:
    """All that the files say.

    Attributes:
        databases: where the known state is read from.
        scripts: texts of programs whose output AIDE reads as more configuration. They are not run here.
    """

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.groups: dict[str, frozenset[str]] = {}
        self.macros: dict[str, str] = {}
        self.databases: list[str] = []
        self.scripts: list[tuple[str, str]] = []
        self.unread: list[str] = []
        self.files = 0


def find_config(target: Target) -> str | None:
    """The configuration that AIDE uses when nobody names another one."""
    return next((path for path in CONFIGS if target.exists(path)), None)


def read_aide(target: Target, path: str) -> AideConfig:
    config = AideConfig()
    _read(target, path, config, 0)
    return config


def _read(target: Target, path: str, config: AideConfig, depth: int) -> None:
    config.files += 1
    if config.files > MAX_FILES or depth > 10:
        config.unread.append(path)
        return
    try:
        text = target.read_text(path)
    except OSError:
        config.unread.append(path)
        return
    conditions: list[bool | None] = []
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("@@"):
            words = line.split()
            if words[0].startswith(("@@if", "@@else", "@@endif")):
                _condition(words, config, conditions)
                continue
            if False not in conditions:
                _macro(target, words, config, depth)
            continue
        if False in conditions:
            continue
        line = _fill(line, config.macros)
        rule = RULE.match(line)
        if rule is not None:
            if len(config.rules) >= MAX_RULES:
                config.unread.append(f"rules after the first {MAX_RULES}")
                return
            sure = None not in conditions and "@@{" not in line
            config.rules.append(_rule(rule, config.groups, sure, raw.strip(), path, number))
        elif "=" in line:
            _setting(line, config)


def _fill(line: str, macros: dict[str, str]) -> str:
    return re.sub(r"@@\{(\w+)\}", lambda match: macros.get(match.group(1), match.group(0)), line)


def _condition(words: list[str], config: AideConfig, conditions: list[bool | None]) -> None:
    """Names that are defined can be told; conditions about the machine cannot, their lines are not sure."""
    if words[0] == "@@endif":
        if conditions:
            conditions.pop()
    elif words[0] == "@@else":
        if conditions and conditions[-1] is not None:
            conditions[-1] = not conditions[-1]
    elif words[0] in ("@@ifdef", "@@ifndef") and len(words) > 1 and not config.scripts:
        conditions.append((words[1] in config.macros) == (words[0] == "@@ifdef"))
    else:
        conditions.append(None)


def _macro(target: Target, words: list[str], config: AideConfig, depth: int) -> None:
    if words[0] == "@@define" and len(words) > 1:
        config.macros[words[1]] = _fill(" ".join(words[2:]), config.macros)
    elif words[0] == "@@undef" and len(words) > 1:
        config.macros.pop(words[1], None)
    elif words[0] in ("@@include", "@@x_include") and len(words) > 1:
        for path in _included(target, [_fill(word, config.macros) for word in words[1:]], config):
            if words[0] == "@@x_include" and _is_program(target, path):
                try:
                    config.scripts.append((path, target.read_text(path)))
                except OSError:
                    config.unread.append(path)
            else:
                _read(target, path, config, depth + 1)


def _included(target: Target, words: list[str], config: AideConfig) -> list[str]:
    """One file, or those names of a folder that fit an expression."""
    if len(words) == 1:
        return [words[0]]
    try:
        if DANGEROUS.search(words[1]):
            raise OSError(words[1])
        matcher = re.compile(words[1])
        return [f"{words[0].rstrip('/')}/{name}" for name in target.listdir(words[0]) if matcher.match(name)]
    except (OSError, re.error):
        config.unread.append(words[0])
        return []


def _is_program(target: Target, path: str) -> bool:
    try:
        entry = target.stat(path)
    except OSError:
        return False
    return entry.kind == "file" and bool(entry.mode & 0o111)


def _setting(line: str, config: AideConfig) -> None:
    name, _, value = (part.strip() for part in line.partition("="))
    if name in ("database", "database_in"):
        config.databases.append(value)
    elif re.fullmatch(r"\w+", name) and re.fullmatch(r"[\w+\->\s]+", value):
        config.groups[name] = _attributes(value, config.groups)


def _attributes(expression: str, groups: dict[str, frozenset[str]]) -> frozenset[str]:
    """What `InodeData+m-i` amounts to; names that are no group of the file stay as they are."""
    found: frozenset[str] = frozenset()
    for sign, name in re.findall(r"(^|[+-])\s*([\w>]+)", expression):
        part = groups.get(name, frozenset({name}))
        found = found - part if sign == "-" else found | part
    return found


def _rule(match: re.Match[str], groups: dict[str, frozenset[str]], sure: bool, text: str, path: str, line: int) -> Rule:
    sign, expression, rest = match.groups()
    words = (rest or "").split()
    kinds = ""
    if words and (len(words) > 1 or sign in ("!", "-")):
        kinds = "".join(letter for letter in words[0].partition("=")[0] if letter.isalpha())
        words = words[1:]
    return Rule(sign, expression, kinds, _attributes("".join(words), groups), sure, text, path, line)
