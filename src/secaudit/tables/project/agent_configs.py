"""agent_configs: what settings of editors and AI agents in a project allow or start. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project import _agent_facts as facts
from secaudit.tables.project._config_files import ConfigFile, config_files
from secaudit.tables.project._jsonc import load_jsonc
from secaudit.tables.project._yaml import Unreadable, load

_INSTRUCTIONS = frozenset(
    ("agents.md", "claude.md", "gemini.md", ".cursorrules", ".windsurfrules", ".clinerules", "copilot-instructions.md")
)
_SERVERS = frozenset((".mcp.json", "mcp.json", "mcp_config.json", "claude_desktop_config.json"))
_SETTINGS = (
    "/.vscode/settings.json",
    "/.gemini/settings.json",
    "/.zed/settings.json",
    "/.cursor/cli.json",
    "/opencode.json",
    "/opencode.jsonc",
)


class AgentConfig(NamedTuple):
    """One setting that matters, or the file itself when it has none."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """`servers`, `claude`, `settings`, `tasks`, `devcontainer` or `instructions`."""
    name: str
    """The setting, or the server."""
    fact: str
    """One word, or empty: `free-shell`, `auto-approve`, `trust-off`, `hook`, `redirected-api`, `server`,
    `remote-server`,
    `plain-http-server`, `unpinned-server`, `literal-secret`, `task-on-open`, `privileged`, `docker-socket`,
    `host-folder`,
    `host-network`, `runs-on-host`, `unpinned-image`, `hidden-text`."""
    detail: str
    """A name, a host or a version. Never a value that may be secret."""


@table(targets={"project"}, timeout_s=30.0)
def agent_configs(target: Target) -> Iterator[AgentConfig]:
    """Yield one row per setting that matters.

    Source: the documentation of VS Code, Development Containers, Claude Code, Codex, Gemini, Cursor, opencode,
    aider, MCP.

    Raises:
        Absent: there is no such file.
        Partial: a file could not be read or understood.
    """
    files = config_files(target, lambda path: bool(kind_of(path)), "setting of an editor or an AI agent")
    for file in files.found:
        kind = kind_of(file.path)
        base = AgentConfig(file.path, 1, file.tracking, _role(file), kind, "", "", "")
        found: list[facts.Fact] = []
        try:
            found = list(dict.fromkeys(_facts(kind, file)))
        except Unreadable as problem:
            files.trouble(file.path, str(problem))
        if not found:
            yield base
        for fact, line, name, detail in found:
            yield base._replace(line=line, name=name, fact=fact, detail=detail[:120])
    files.finish()


def kind_of(path: str) -> str:
    """What a file holds; empty for any other."""
    low = "/" + path.lower()
    name = posixpath.basename(low)
    if name in _SERVERS or low.endswith(("/.continue/config.json", "/.roo/mcp.json")):
        return "servers"
    if "/.claude/" in low and name in ("settings.json", "settings.local.json"):
        return "claude"
    if low.endswith("/.vscode/tasks.json"):
        return "tasks"
    if low.endswith(_SETTINGS) or name in (".aider.conf.yml",) or low.endswith("/.codex/config.toml"):
        return "settings"
    if name in ("devcontainer.json", ".devcontainer.json"):
        return "devcontainer"
    if name in _INSTRUCTIONS or "/.cursor/rules/" in low or ("/.github/instructions/" in low and name.endswith(".md")):
        return "instructions"
    return ""


def _role(file: ConfigFile) -> str:
    """Instructions are pages by their ending, but agents read them."""
    return "code" if file.role == "docs" and "/" not in file.path else file.role


def _facts(kind: str, file: ConfigFile) -> Iterator[facts.Fact]:
    if kind == "instructions":
        yield from facts.hidden_facts(file.text)
        return
    if file.path.endswith(".toml"):
        yield from facts.toml_facts(file.text)
        return
    if file.path.endswith((".yml", ".yaml")):
        documents = load(file.data, file.path)
        node = documents[0] if documents else None
    else:
        node = load_jsonc(file.data, file.path)
    if kind == "claude":
        yield from facts.claude_facts(node)
    elif kind == "tasks":
        yield from facts.task_facts(node)
    elif kind == "devcontainer":
        yield from facts.devcontainer_facts(node)
    elif kind == "settings":
        yield from facts.setting_facts(node)
    yield from facts.server_facts(node)
