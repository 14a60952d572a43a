"""What settings of editors and AI agents in a project allow or start, each fact with its line."""

from __future__ import annotations

import posixpath
from typing import Iterator

from secaudit.tables.project._command_facts import command_facts, host_of
from secaudit.tables.project._compose_facts import split_mount, value_kind
from secaudit.tables.project._docker_facts import is_dummy
from secaudit.tables.project._dockerfile import image_of
from secaudit.tables.project._names import word_of
from secaudit.tables.project._yaml import Node, get, line_of, listed, pairs, text_of, texts_of, truth

Fact = tuple[str, int, str, str]
"""The word, the line, the name of the setting, and a short detail."""

_LOCAL = ("localhost", "127.0.0.1", "[::1]", "host.docker.internal", "0.0.0.0")  # noqa: S104  names to compare with


def server_facts(node: Node | None) -> Iterator[Fact]:
    """Of servers for agents (MCP): `server`, `unpinned-server`, `plain-http-server`, `remote-server`,
    `literal-secret`, `auto-approve`.
    """
    holder = (
        get(node, "mcpServers")
        or get(node, "servers")
        or get(node, "mcp", "servers")
        or get(node, "mcp")
        or get(node, "context_servers")
    )
    for name, key, server in pairs(holder):
        if server.kind != "map":
            continue
        name = name[:60]
        url = text_of(get(server, "url")) or text_of(get(server, "serverUrl")) or text_of(get(server, "httpUrl"))
        command = get(server, "command")
        words = texts_of(command)
        if command is not None and command.kind == "map":
            words = [text_of(get(command, "path")), *texts_of(get(command, "args"))]
        words += texts_of(get(server, "args"))
        if not words and not url:
            continue
        yield "server", key.line, name, host_of(url) if url else posixpath.basename(words[0])[:60]
        if url.startswith("http://") and not url[7:].startswith(_LOCAL):
            yield "plain-http-server", line_of(get(server, "url"), key.line), name, host_of(url)
        elif url and not url.split("://")[-1].startswith(_LOCAL):
            yield "remote-server", line_of(get(server, "url"), key.line), name, host_of(url)
        loose = unpinned(words)
        if loose:
            yield "unpinned-server", line_of(get(server, "args"), key.line), name, loose
        for fact, _, detail in command_facts(" ".join(words)):
            if fact in ("pipe-to-shell", "pipe-to-shell-http"):
                yield "unpinned-server", key.line, name, detail
        for place in ("env", "headers", "environment"):
            for variable, _, value in pairs(get(server, place)):
                text = text_of(value)
                named = word_of(variable) or variable.lower() == "authorization"
                if (
                    named
                    and text
                    and "$" not in text
                    and "{" not in text
                    and value_kind(text) == "literal"
                    and not is_dummy(text)
                ):
                    yield "literal-secret", value.line, f"{name} {variable[:60]}", place
        for place in ("alwaysAllow", "autoApprove", "always_allow"):
            if "*" in texts_of(get(server, place)):
                yield "auto-approve", line_of(get(server, place), key.line), name, place
        if truth(get(server, "trust")) is True:
            yield "auto-approve", line_of(get(server, "trust"), key.line), name, "trust"


_RUNNERS = ("npx", "bunx", "uvx", "pnpx", "pipx")


def unpinned(words: list[str]) -> str:
    """The package or image without a version that a command fetches and runs; empty when there is none."""
    if not words:
        return ""
    program = posixpath.basename(words[0]).lower().removesuffix(".cmd").removesuffix(".exe")
    rest = words[1:]
    if program == "cmd" and rest[:1] == ["/c"]:
        return unpinned(rest[1:])
    if (
        (program == "pnpm" and rest[:1] == ["dlx"])
        or (program == "npm" and rest[:1] == ["exec"])
        or (program == "uv" and rest[:2] == ["tool", "run"])
    ):
        program, rest = "npx" if program != "uv" else "uvx", rest[2 if program == "uv" else 1 :]
    if program in ("docker", "podman"):
        return _unpinned_image(rest)
    if program not in _RUNNERS:
        return ""
    source = ""
    position = 0
    while position < len(rest):
        word = rest[position]
        if word in ("--from", "-p", "--package", "--spec"):
            source = rest[position + 1] if position + 1 < len(rest) else ""
            position += 2
            if program == "npx" or source:
                break
            continue
        if word.startswith("--package="):
            source = word.partition("=")[2]
            break
        if word in ("--python", "--with", "--index-url", "--registry"):
            position += 2
            continue
        if word.startswith("-") or word == "run":
            position += 1
            continue
        source = word
        break
    if not source or source.startswith((".", "/")):
        return ""
    if "git+" in source or "github:" in source:
        ref = source.rpartition("@" if "git+" in source else "#")[2]
        return "" if len(ref) >= 40 else source[:80]
    name, mark, version = source[1:].rpartition("==" if "==" in source else "@")
    is_pinned = bool(mark) and bool(name) and version[:1].isdigit()
    return "" if is_pinned else source[:80]


def _unpinned_image(rest: list[str]) -> str:
    if "run" not in rest:
        return ""
    takes = (
        "-e", "--env", "-v", "--volume", "--mount", "--name", "-p", "--publish", "--network", "--env-file", "-w",
        "--workdir", "-u", "--user", "--entrypoint", "-l", "--add-host", "--platform", "-m", "--memory",
    )  # fmt: skip
    position = rest.index("run") + 1
    while position < len(rest):
        word = rest[position]
        if word in takes:
            position += 2
        elif word.startswith("-"):
            position += 1
        else:
            return word[:80] if image_of(word).pinned in ("none", "latest") else ""
    return ""


_FREE_PROGRAMS = frozenset(
    "sh bash zsh python python3 node perl ruby php sudo curl wget eval ssh docker npx env xargs rm".split()
)


def claude_facts(node: Node | None) -> Iterator[Fact]:
    """Of `.claude/settings.json`: `free-shell`, `auto-approve`, `hook`, `redirected-api`."""
    rights = get(node, "permissions")
    if text_of(get(rights, "defaultMode")) == "bypassPermissions":
        yield "auto-approve", line_of(get(rights, "defaultMode"), 1), "permissions.defaultMode", "bypassPermissions"
    for entry in listed(get(rights, "allow")):
        plain = entry.text.replace(" ", "")
        if plain in ("Bash", "Bash(*)", "Bash(:*)", "Bash(**)", "*", "Bash(*:*)") or (
            plain.startswith("Bash(")
            and plain.endswith((":*)", "*)"))
            and plain[5:].partition(":")[0].rstrip("*)") in _FREE_PROGRAMS
        ):
            yield "free-shell", entry.line, "permissions.allow", entry.text[:60]
    if truth(get(node, "enableAllProjectMcpServers")) is True:
        yield "auto-approve", line_of(get(node, "enableAllProjectMcpServers"), 1), "enableAllProjectMcpServers", "true"
    if truth(get(node, "skipDangerousModePermissionPrompt")) is True:
        yield (
            "auto-approve",
            line_of(get(node, "skipDangerousModePermissionPrompt"), 1),
            "skipDangerousModePermissionPrompt",
            "true",
        )
    for name, key, value in pairs(get(node, "env")):
        if name.endswith("_BASE_URL") and text_of(value) and not text_of(value).split("://")[-1].startswith(_LOCAL):
            yield "redirected-api", key.line, name[:60], host_of(text_of(value))
        if word_of(name) and text_of(value) and "$" not in text_of(value) and value_kind(text_of(value)) == "literal":
            yield "literal-secret", key.line, name[:60], "env"
    if text_of(get(node, "apiKeyHelper")):
        yield "hook", line_of(get(node, "apiKeyHelper"), 1), "apiKeyHelper", ""
    for event, key, groups in pairs(get(node, "hooks")):
        for group in listed(groups):
            for hook in listed(get(group, "hooks")):
                yield "hook", hook.line or key.line, f"hooks.{event}"[:60], ""


_SETTINGS = {
    "chat.tools.autoApprove": ("auto-approve", "true"), "chat.tools.global.autoApprove": ("auto-approve", "true"),
    "security.workspace.trust.enabled": ("trust-off", "false"), "task.allowAutomaticTasks": ("trust-off", "on"),
    "claudeCode.allowDangerouslySkipPermissions": ("auto-approve", "true"),
    "cline.autoApprove": ("auto-approve", "true"), "autoAccept": ("auto-approve", "true"),
    "approvalMode": ("auto-approve", "yolo"), "yes-always": ("auto-approve", "true"),
    "tools.autoAccept": ("auto-approve", "true"), "general.defaultApprovalMode": ("auto-approve", "yolo"),
    "permission": ("auto-approve", "allow"), "permission.bash": ("free-shell", "allow"),
    "permission.*": ("auto-approve", "allow"),
    "agent.always_allow_tool_actions": ("auto-approve", "true"), "disableAllHooks": ("", ""),
    "sandbox_mode": ("free-shell", "danger-full-access"), "approval_policy": ("auto-approve", "never"),
}  # fmt: skip
"""Setting -> the fact, and the value that makes it true."""


def setting_facts(node: Node | None) -> Iterator[Fact]:
    """Of settings files of editors and agents."""
    for name, key, value in pairs(node):
        yield from _setting(name, key, value)
        for inner, inner_key, inner_value in pairs(value):
            yield from _setting(f"{name}.{inner}", inner_key, inner_value)
    for name, key, value in pairs(get(node, "chat.tools.terminal.autoApprove")):
        if name in ("/.*/", "/^.*$/", "/.*/s", "*") and truth(value) is True:
            yield "free-shell", key.line, "chat.tools.terminal.autoApprove", name
    for entry in listed(get(node, "permissions", "allow")):
        if entry.text.replace(" ", "") in ("Shell(*)", "Shell", "Shell(**)", "ShellTool(*)"):
            yield "free-shell", entry.line, "permissions.allow", entry.text[:60]


def _setting(name: str, key: Node, value: Node) -> Iterator[Fact]:
    fact, wanted = _SETTINGS.get(name, ("", ""))
    if fact and value.kind == "text" and value.text.lower() == wanted:
        yield fact, key.line, name, wanted


def toml_facts(text: str) -> Iterator[Fact]:
    """Of a settings file in TOML, line by line: `sandbox_mode = "danger-full-access"`."""
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = line.partition("=")
        fact, wanted = _SETTINGS.get(name.strip(), ("", ""))
        if equals and fact and value.partition("#")[0].strip().strip("\"'").lower() == wanted:
            yield fact, number, name.strip(), wanted


def task_facts(node: Node | None) -> Iterator[Fact]:
    """Of `.vscode/tasks.json`: `task-on-open`."""
    for task in listed(get(node, "tasks")):
        if text_of(get(task, "runOptions", "runOn")) == "folderOpen":
            yield (
                "task-on-open",
                line_of(get(task, "runOptions", "runOn"), task.line),
                text_of(get(task, "label"))[:60],
                "",
            )


def devcontainer_facts(node: Node | None) -> Iterator[Fact]:
    """Of devcontainer.json: `privileged`, `docker-socket`, `host-folder`, `host-network`, `runs-on-host`,
    `unpinned-image`.
    """
    if truth(get(node, "privileged")) is True:
        yield "privileged", line_of(get(node, "privileged"), 1), "privileged", "true"
    for name in texts_of(get(node, "capAdd")):
        if name.upper() in ("ALL", "SYS_ADMIN"):
            yield "privileged", line_of(get(node, "capAdd"), 1), "capAdd", name[:40]
    if texts_of(get(node, "initializeCommand")) or pairs(get(node, "initializeCommand")):
        yield "runs-on-host", line_of(get(node, "initializeCommand"), 1), "initializeCommand", ""
    image = get(node, "image")
    if text_of(image) and image_of(text_of(image)).pinned in ("none", "latest"):
        yield "unpinned-image", line_of(image, 1), "image", text_of(image)[:100]
    arguments = listed(get(node, "runArgs"))
    for number, entry in enumerate(arguments):
        following = arguments[number + 1].text if number + 1 < len(arguments) else ""
        word = entry.text
        whole = (
            f"{word}={following}" if word in ("--cap-add", "--network", "--net", "--pid", "-v", "--volume") else word
        )
        if word == "--privileged" or whole.upper() in ("--CAP-ADD=ALL", "--CAP-ADD=SYS_ADMIN"):
            yield "privileged", entry.line, "runArgs", whole[:60]
        elif whole in ("--network=host", "--net=host", "--pid=host"):
            yield "host-network", entry.line, "runArgs", whole
        elif whole.startswith(("-v=", "--volume=")):
            yield from _mount(entry, "runArgs", split_mount(whole.partition("=")[2])[0])
    for entry in listed(get(node, "mounts")):
        source = text_of(get(entry, "source"))
        for part in entry.text.split(",") if entry.kind == "text" else []:
            if part.startswith(("source=", "src=")):
                source = part.partition("=")[2]
        yield from _mount(entry, "mounts", source)


def _mount(entry: Node, name: str, source: str) -> Iterator[Fact]:
    if source.endswith("docker.sock"):
        yield "docker-socket", entry.line, name, "docker.sock"
    elif source in ("/", "${localEnv:HOME}") or any(
        f"/{place}" in source for place in (".ssh", ".aws", ".gnupg", ".kube", ".docker")
    ):
        yield "host-folder", entry.line, name, source[:80]


_HIDDEN = frozenset(
    (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0x00AD, 0x180E, *range(0xE0000, 0xE0080))
)


def hidden_facts(text: str) -> Iterator[Fact]:
    """Characters that nobody sees in a file of instructions, one fact for each line."""
    for number, line in enumerate(text.split("\n"), 1):
        found = sorted({f"U+{ord(char):04X}" for char in line if ord(char) in _HIDDEN})
        if found:
            yield "hidden-text", number, "instructions", " ".join(found[:4])
