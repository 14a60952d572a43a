"""The stages of a Dockerfile: where each begins, and what of it ends up in the last one."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tables.project._dockerfile import Image, Instruction, assignments, image_of, substitute

OWN_ACCOUNT = frozenset(
    "postgres mysql mariadb redis valkey mongo rabbitmq memcached couchdb cassandra influxdb elasticsearch kibana"
    " logstash neo4j haproxy zookeeper solr sonarqube jenkins/jenkins grafana/grafana prom/prometheus keycloak".split()
)
"""Images that start as an account of their own, or whose start program changes to one."""
_NONROOT = ("nonroot", "unprivileged", "rootless", "non-root")
_UNKNOWN_ACCOUNT = ("cgr.dev/", "chainguard/", "bitnami/", "docker.io/bitnami/", "quay.io/keycloak/")
_DROPPERS = ("gosu", "su-exec", "setpriv", "s6-setuidgid", "runuser", "chroot --userspec", "tini-su", "supervisord")


class Stage(NamedTuple):
    """One FROM and what follows it."""

    number: int
    name: str
    line: int
    written: str
    """The image as written."""
    image: Image | None
    """None when it is another stage, `scratch`, or a name with a variable that has no value."""
    parent: int
    """The stage it goes on from; -1 for none."""
    is_scratch: bool
    instructions: tuple[Instruction, ...]
    values: dict[str, str | None]
    """What ARG and ENV say at its end."""


def stages_of(instructions: tuple[Instruction, ...]) -> list[Stage]:
    """The stages in order."""
    before: dict[str, str | None] = {}
    found: list[Stage] = []
    current: list[Instruction] = []
    head: tuple[Instruction, str, str] | None = None

    def close() -> None:
        if head is not None:
            found.append(_stage(len(found), head, tuple(current), before, found))

    for entry in instructions:
        if entry.word == "FROM" and not entry.on_build:
            close()
            current = []
            words = entry.text.replace("\\\n", " ").split()
            name = words[2] if len(words) > 2 and words[1].lower() == "as" else ""
            head = (entry, words[0] if words else "", name.lower())
        elif head is None:
            if entry.word == "ARG":
                for name, value in assignments(entry.text):
                    before[name] = substitute(value, before) if "=" in entry.text and value else None
        else:
            current.append(entry)
    close()
    return found


def _stage(
    number: int, head: tuple[Instruction, str, str], own: tuple[Instruction, ...], before: dict[str, str | None],
    earlier: list[Stage],
) -> Stage:  # fmt: skip
    entry, written, name = head
    resolved = substitute(written.strip("\"'"), before)
    parent = -1
    if resolved is not None:
        for stage in earlier:
            if resolved.lower() == stage.name or (stage.name and resolved.lower() == stage.name):
                parent = stage.number
    is_scratch = resolved == "scratch"
    image = None if resolved is None or parent >= 0 or is_scratch else image_of(resolved)
    values: dict[str, str | None] = {}
    if parent >= 0:
        values.update(earlier[parent].values)
    for step in own:
        if step.on_build:
            continue
        if step.word == "ENV":
            for key, value in assignments(step.text):
                values[key] = substitute(value, values)
        elif step.word == "ARG":
            for key, value in assignments(step.text):
                if key in values:
                    continue
                default = substitute(value, values) if value else before.get(key)
                values[key] = default
    return Stage(number, name, entry.line, written, image, parent, is_scratch, own, values)


def chain_of(stages: list[Stage], number: int) -> list[Stage]:
    """A stage and those it goes on from, the first one first."""
    chain = []
    while number >= 0:
        chain.append(stages[number])
        number = stages[number].parent
    return list(reversed(chain))


class Account(NamedTuple):
    """As whom a stage runs its program."""

    name: str | None
    """As written in the last USER; empty when there is none; None when a variable decides."""
    line: int
    is_root: int | None


def account_of(stages: list[Stage], number: int) -> Account:
    """The account of a stage, with what it inherits."""
    chain = chain_of(stages, number)
    name: str | None = ""
    line = chain[-1].line
    for stage in chain:
        for step in stage.instructions:
            if step.word == "USER" and not step.on_build:
                name, line = substitute(step.text.strip().strip("\"'"), stage.values), step.line
    if name is None:
        return Account(None, line, None)
    if name:
        return Account(name, line, int(_is_root_name(name)))
    return Account("", line, _default_account(chain))


def _is_root_name(name: str) -> bool:
    first = name.partition(":")[0].strip()
    return first.lower() in ("root", "0") or (first.isdigit() and int(first) == 0)


def _default_account(chain: list[Stage]) -> int | None:
    """Whether the base image's own account is root: 1, 0, or None when it cannot be told from here."""
    first = chain[0]
    if any(_changes_account(step) for stage in chain for step in stage.instructions):
        return None
    if first.image is None:
        return 1 if first.is_scratch else None
    name = first.image.name.lower().removeprefix("docker.io/").removeprefix("library/")
    words = f"{name}:{first.image.tag.lower()}"
    if any(mark in words for mark in _NONROOT):
        return 0
    if words.startswith(_UNKNOWN_ACCOUNT):
        return None
    if name in OWN_ACCOUNT:
        own_start = any(step.word == "ENTRYPOINT" for stage in chain for step in stage.instructions)
        return None if own_start else 0
    return 1


def _changes_account(step: Instruction) -> bool:
    """Whether a program that changes the account is put in or used: then the start may change it."""
    return step.word in ("RUN", "ENTRYPOINT", "CMD", "COPY") and any(word in step.text for word in _DROPPERS)
