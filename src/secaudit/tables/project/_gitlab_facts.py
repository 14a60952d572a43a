"""What a job of GitLab CI does that matters, each fact with its line."""

from __future__ import annotations

from typing import Iterator

from secaudit.tables.project._command_facts import command_facts
from secaudit.tables.project._commands import SHELLS, commands_of
from secaudit.tables.project._compose_facts import value_kind
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._gitlab import UNTRUSTED
from secaudit.tables.project._names import word_of
from secaudit.tables.project._yaml import Node, get, line_in, pairs, text_of, truth

Fact = tuple[str, int, str]
SCRIPTS = ("before_script", "script", "after_script")


def scripts_of(node: Node) -> list[Node]:
    """The texts of all scripts of a job."""
    found: list[Node] = []
    for name in SCRIPTS:
        _texts(get(node, name), found, 0)
    return found


def _texts(node: Node | None, found: list[Node], depth: int) -> None:
    if node is None or depth > 10 or node.tag.endswith("!reference"):
        return
    if node.kind == "text":
        found.append(node)
    for entry in node.items if node.kind == "list" else []:
        _texts(entry, found, depth + 1)


def facts_of(node: Node) -> Iterator[Fact]:
    """Yield `debug-trace`, `docker-without-tls`, `literal-secret`, `injection`, and those of `command_facts`."""
    for script in scripts_of(node):
        for fact, line, detail in command_facts(script.text):
            yield fact, script.line + int(script.block) + line, detail
        for command in commands_of(script.text):
            words = command.arguments_from_program
            runs_text = command.program == "eval" or (command.program in SHELLS and "-c" in words)
            name = next((name for name in UNTRUSTED if runs_text and any(_names(word, name) for word in words)), "")
            if name:
                yield "injection", script.line + int(script.block) + command.line, name
    yield from variables_facts(get(node, "variables"))


def _names(word: str, name: str) -> bool:
    place = word.find(name)
    return place > 0 and word[place - 1] in "${" and not word[place + len(name) : place + len(name) + 1].isalnum()


def variables_facts(variables: Node | None) -> Iterator[Fact]:
    """What a block `variables` says."""
    for name, key, value in pairs(variables):
        text = text_of(value) if value.kind == "text" else text_of(get(value, "value"))
        upper = name.upper()
        if upper in ("CI_DEBUG_TRACE", "CI_DEBUG_SERVICES") and truth(value) is True:
            yield "debug-trace", key.line, name
        elif (upper == "DOCKER_TLS_CERTDIR" and not text) or (upper == "DOCKER_HOST" and text.endswith(":2375")):
            yield "docker-without-tls", key.line, name
        elif (upper in ("GIT_SSL_NO_VERIFY",) and truth(value) is True) or (
            upper == "NODE_TLS_REJECT_UNAUTHORIZED" and text == "0"
        ):
            yield "no-verify", key.line, name
        elif word_of(name) and text and "$" not in text and value_kind(text) == "literal" and not is_dummy(text):
            yield "literal-secret", line_in(value, 0) if value.kind == "text" else key.line, name[:60]
