"""What a step of GitHub Actions does that matters, each fact with its line."""

from __future__ import annotations

from typing import Iterator

from secaudit.tables.project._command_facts import command_facts
from secaudit.tables.project._commands import commands_of
from secaudit.tables.project._expressions import CHOSEN_BY_WRITERS, names_strangers_commits, untrusted_in, uses_of
from secaudit.tables.project._workflows import PRIVILEGED, Step, Uses, keeps_strangers_out, uses_parts
from secaudit.tables.project._yaml import Node, get, line_in, pairs, text_of, truth

Fact = tuple[str, int, str]
"""The word, the line, and a short detail."""

_SCRIPT_INPUTS = frozenset(("script", "inlinescript", "run", "command", "cmd", "shell-command", "azcliversion-script"))
_LONG_LIVED = {
    "pypa/gh-action-pypi-publish": ("password",),
    "aws-actions/configure-aws-credentials": ("aws-secret-access-key",),
    "google-github-actions/auth": ("credentials_json",),
    "azure/login": ("creds",),
    "rubygems/release-gem": ("api-key",),
}
_KEY_VARIABLES = (
    "NODE_AUTH_TOKEN", "NPM_TOKEN", "TWINE_PASSWORD", "CARGO_REGISTRY_TOKEN", "AWS_SECRET_ACCESS_KEY",
    "GEM_HOST_API_KEY",
)  # fmt: skip
_CACHES = ("actions/cache", "swatinem/rust-cache", "gradle/actions/setup-gradle", "mozilla-actions/sccache-action")
_CACHE_INPUTS = ("cache", "enable-cache", "cache-from")


def facts_of(step: Step) -> Iterator[Fact]:
    """Yield what a step does.

    Facts: `injection`, `input-injection`, `checkout`, `checkout-keeps-token`, `untrusted-checkout`, `env-file`,
    `all-secrets`,
    `unsecure-commands`, `long-lived-key`, `cache`, and those of `command_facts`.
    """
    uses = uses_parts(text_of(get(step.node, "uses")))
    run = get(step.node, "run")
    if run is not None and run.kind == "text":
        yield from _script(step, run)
        yield from _commands(step, run)
    for name, _, value in pairs(get(step.node, "with")):
        if name.lower() in _SCRIPT_INPUTS and value.kind == "text":
            yield from _script(step, value)
    if uses.text:
        yield from _action(step, uses)
    yield from _environment(step)


def _script(step: Step, node: Node) -> Iterator[Fact]:
    seen = set()
    for use in untrusted_in(node.text, step.environment):
        if use.name not in seen:
            seen.add(use.name)
            yield "injection", line_in(node, use.offset), use.name
    for use in uses_of(node.text):
        if use.compared or use.name in seen:
            continue
        is_input = use.name.startswith(("inputs.", "github.event.inputs."))
        if use.name in CHOSEN_BY_WRITERS or (is_input and _is_free_text(step, use.name.rpartition(".")[2])):
            seen.add(use.name)
            yield "input-injection", line_in(node, use.offset), use.name
        elif use.name == "secrets":
            seen.add(use.name)
            yield "all-secrets", line_in(node, use.offset), "secrets"


def _is_free_text(step: Step, name: str) -> bool:
    """Inputs that may only be a number, true or false, or one of a list, carry no commands."""
    workflow = step.job.workflow
    if workflow.kind == "action":
        return True
    for event in ("workflow_dispatch", "workflow_call"):
        for key, _, value in pairs(get(workflow.node, "on", event, "inputs")):
            if key.lower() == name and text_of(get(value, "type")) in ("boolean", "number", "choice", "environment"):
                return False
    return True


def _commands(step: Step, run: Node) -> Iterator[Fact]:
    for fact, line, detail in command_facts(run.text):
        yield fact, run.line + int(run.block) + line, detail
    privileged = not PRIVILEGED.isdisjoint(step.job.workflow.triggers)
    tainted = {name for name, bad in step.environment.items() if bad}
    guarded = _is_guarded(step)
    for command in commands_of(run.text):
        words = command.words
        text = " ".join(words)
        line = run.line + int(run.block) + command.line
        low = text.lower()
        if ("github_env" in low or "github_path" in low) and any(
            f"${name}" in low or f"${{{name}}}" in low for name in tainted
        ):
            yield "env-file", line, "GITHUB_ENV"
        if not privileged or guarded:
            continue
        if command.program == "gh" and words[1:3] == ("pr", "checkout"):
            yield "untrusted-checkout", line, "gh pr checkout"
        elif command.program == "git" and words[1:2] in (("fetch",), ("checkout",), ("pull",), ("clone",), ("merge",)):
            named = names_strangers_commits(text) or "pull/" in low
            if named:
                yield "untrusted-checkout", line, f"git {words[1]}"


def _action(step: Step, uses: Uses) -> Iterator[Fact]:
    name = uses.text.partition("@")[0].lower()
    given = get(step.node, "with")
    if name == "actions/checkout":
        kept = truth(get(given, "persist-credentials"))
        yield ("checkout" if kept is False else "checkout-keeps-token"), step.node.line, uses.ref
        for key in ("ref", "repository"):
            node = get(given, key)
            privileged = not PRIVILEGED.isdisjoint(step.job.workflow.triggers)
            if node is None or not privileged or _is_guarded(step):
                continue
            if names_strangers_commits(text_of(node)):
                yield "untrusted-checkout", node.line, f"{key} of a pull request"
                break
    for key in _LONG_LIVED.get(name, ()):
        node = get(given, key)
        if text_of(node):
            yield "long-lived-key", node.line if node is not None else step.node.line, key
    if name in _CACHES or name.startswith("actions/cache/"):
        yield "cache", step.node.line, name
    for key in _CACHE_INPUTS:
        node = get(given, key)
        if (
            text_of(node)
            and truth(node) is not False
            and (name.startswith(("actions/setup-", "astral-sh/setup-uv", "docker/build-push")))
        ):
            yield "cache", node.line if node is not None else step.node.line, f"{name} {key}"


def _environment(step: Step) -> Iterator[Fact]:
    holders = [get(step.node, "env"), get(step.job.node, "env"), get(step.job.workflow.node, "env")]
    for number, holder in enumerate(holders):
        if number and step.number:
            break
        for name, key, value in pairs(holder):
            if name == "ACTIONS_ALLOW_UNSECURE_COMMANDS" and truth(value) is True:
                yield "unsecure-commands", key.line, name
            if value.kind == "text" and any(use.name == "secrets" and not use.compared for use in uses_of(value.text)):
                yield "all-secrets", key.line, name[:60]
            if name in _KEY_VARIABLES and "secrets." in value.text and "github_token" not in value.text.lower():
                yield "long-lived-key", key.line, name


def _is_guarded(step: Step) -> bool:
    return keeps_strangers_out(text_of(get(step.node, "if"))) or keeps_strangers_out(text_of(get(step.job.node, "if")))
