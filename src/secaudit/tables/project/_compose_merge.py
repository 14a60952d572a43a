"""Compose files put together as `docker compose` does: override files, `extends`, and variables in values."""

from __future__ import annotations

import posixpath
from typing import Callable

from secaudit.tables.project._yaml import Node, get, pairs, text_of

MAX_EXTENDS = 8
_REPLACED = frozenset(("command", "entrypoint", "healthcheck.test"))
_NAMED_LISTS = frozenset(("environment", "labels", "build.args", "extra_hosts", "sysctls", "annotations"))
"""May be a list of `NAME=value` or a mapping."""
_NOT_EXTENDED = frozenset(("depends_on", "links", "volumes_from", "extends"))


def merged(base: Node, over: Node, path: str = "") -> Node:
    """Two settings of one name; what cannot be joined is replaced by the later."""
    if over.tag.endswith(("!override", "!reset")) or path in _REPLACED:
        return over
    if path in _NAMED_LISTS:
        base, over = as_mapping(base), as_mapping(over)
    if base.kind == "map" and over.kind == "map":
        out = Node("map", over.line, origin=over.origin)
        mine = {name: (key, value) for name, key, value in pairs(base)}
        for name, key, value in pairs(over):
            if value.tag.endswith("!reset"):
                mine.pop(name, None)
            elif name in mine:
                mine[name] = (key, merged(mine[name][1], value, f"{path}.{name}" if path else name))
            else:
                mine[name] = (key, value)
        out.items = list(mine.values())
        return out
    if base.kind == "list" and over.kind == "list":
        out = Node("list", over.line, origin=over.origin)
        identity: Callable[[Node], str] = _target if path == "volumes" else _whole
        kept: dict[str, Node] = {}
        for node in (*base.items, *over.items):
            kept[identity(node)] = node
        out.items = list(kept.values())
        return out
    return over


def _whole(node: Node) -> str:
    if node.kind == "text":
        return node.text
    if node.kind == "map":
        return (
            "{"
            + ",".join(f"{name}={text_of(value)}" for name, _, value in sorted(pairs(node), key=lambda e: e[0]))
            + "}"
        )
    return f"{node.origin}:{node.line}"


def _target(node: Node) -> str:
    """The place inside the container: a later mount of the same place replaces an earlier one."""
    if node.kind == "map":
        return text_of(get(node, "target"))
    parts = node.text.split(":")
    return parts[1] if len(parts) > 1 else parts[0]


def as_mapping(node: Node) -> Node:
    """`[A=b, C]` as `{A: b, C: }`."""
    if node.kind != "list":
        return node
    out = Node("map", node.line, origin=node.origin)
    for entry in node.items:
        if entry.kind == "text":
            name, equals, value = entry.text.partition("=")
            key = Node("text", entry.line, name, True, origin=entry.origin)
            out.items.append((key, Node("text", entry.line, value, not equals, "" if equals else "bare", entry.origin)))
    return out


def services_of(document: Node) -> Node | None:
    """The services of a file; in the oldest form they stand at the top."""
    services = get(document, "services")
    if services is not None:
        return services if services.kind == "map" else None
    if get(document, "version") is None and any(
        get(value, "image") or get(value, "build") for _, _, value in pairs(document)
    ):
        return document
    return None


Loader = Callable[[str], "Node | None"]


def extended(service: Node, name: str, origin: str, load: Loader, depth: int = 0) -> tuple[Node, str]:
    """A service with what it extends put in, and a problem or an empty text."""
    extends = get(service, "extends")
    if extends is None:
        return service, ""
    if depth >= MAX_EXTENDS:
        return service, f"{name} extends others in a circle"
    wanted = text_of(extends) if extends.kind == "text" else text_of(get(extends, "service"))
    file = text_of(get(extends, "file")) if extends.kind == "map" else ""
    path = posixpath.normpath(posixpath.join(posixpath.dirname(origin), file)) if file else origin
    if path.startswith(("../", "/")) or "$" in path:
        return service, f"{name} extends a file outside of the project"
    document = load(path)
    parent = get(services_of(document), wanted) if document is not None else None
    if parent is None:
        return service, f"what {name} extends is not there"
    parent, problem = extended(parent, wanted, path, load, depth + 1)
    out = Node("map", service.line, origin=service.origin)
    out.items = [(key, value) for key, value in parent.items if key.text not in _NOT_EXTENDED]
    return merged(out, service), problem


# ---------------------------------------------------------------- variables


def interpolate(text: str, values: dict[str, str]) -> str | None:
    """Put variables in; None when the value of one is not known here.

    `${A:-b}`, `${A-b}`, `${A:+b}`, `${A:?b}`, and `$$` for a dollar.
    """
    if "$" not in text:
        return text
    out: list[str] = []
    position = 0
    while position < len(text):
        if text[position] != "$":
            out.append(text[position])
            position += 1
            continue
        if text.startswith("$$", position):
            out.append("$")
            position += 2
            continue
        name, modifier, extra, position = _variable(text, position + 1)
        if not name:
            return None
        known = values.get(name)
        if modifier in (":-", "-") and not known and (known is None or modifier == ":-"):
            known = interpolate(extra, values)
        elif modifier in (":+", "+"):
            known = interpolate(extra, values) if known else ""
        if known is None:
            return None
        out.append(known)
    return "".join(out)


def default_of(text: str) -> str | None:
    """`b` of `${A:-b}`, when the text is this alone; None for anything else."""
    if text.startswith("${") and text.endswith("}"):
        name, modifier, extra, end = _variable(text, 1)
        if name and end == len(text) and modifier in (":-", "-"):
            return extra
    return None


def _variable(text: str, position: int) -> tuple[str, str, str, int]:
    if not text.startswith("{", position):
        stop = position
        while stop < len(text) and (text[stop].isalnum() or text[stop] == "_"):
            stop += 1
        return text[position:stop], "", "", stop
    depth, stop = 1, position + 1
    while stop < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[stop], 0)
        stop += 1
    if depth or stop - position > 4096:
        return "", "", "", len(text)
    inner = text[position + 1 : stop - 1]
    end = 0
    while end < len(inner) and (inner[end].isalnum() or inner[end] == "_"):
        end += 1
    rest = inner[end:]
    for modifier in (":-", ":+", ":?", "-", "+", "?"):
        if rest.startswith(modifier):
            return inner[:end], modifier, rest[len(modifier) :], stop
    return inner[:end], "", "", stop
