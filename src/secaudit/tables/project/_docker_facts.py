"""What one instruction of a Dockerfile does that matters: short words, and never a value that may be secret."""

from __future__ import annotations

import posixpath
from typing import Iterator

from secaudit.tables.project._command_facts import command_facts, host_of, variable_fact
from secaudit.tables.project._commands import commands_of
from secaudit.tables.project._dockerfile import Instruction, assignments
from secaudit.tables.project._names import word_of

Fact = tuple[str, int, str]
"""The word, how many lines below the first line of the instruction, and a short detail."""

_SECRET_FILES = frozenset(
    ".env .netrc .pgpass .npmrc .pypirc .git-credentials .dockercfg id_rsa id_dsa id_ecdsa id_ed25519 credentials.json"
    " service-account.json serviceaccount.json auth.json master.key .htpasswd".split()
)
_SECRET_ENDINGS = (".pem", ".key", ".p12", ".pfx", ".jks", ".keystore", ".ppk", ".tfvars", ".kdbx")
_PUBLIC_PARTS = (
    "public",
    "pub",
    "cert",
    "ca",
    "chain",
    "bundle",
    "apt",
    "gpg",
    "repo",
    "keyring",
    "archive",
    "release",
    "signing",
)
_DEBUG = {
    "FLASK_DEBUG": ("1", "true", "on"), "DJANGO_DEBUG": ("1", "true", "on"), "APP_DEBUG": ("1", "true", "on"),
    "DEBUG": ("1", "true", "yes", "on"), "FLASK_ENV": ("development", "dev"), "NODE_ENV": ("development", "dev"),
    "RAILS_ENV": ("development",), "RACK_ENV": ("development",), "APP_ENV": ("dev", "development", "local"),
    "ASPNETCORE_ENVIRONMENT": ("development",), "WP_DEBUG": ("1", "true"), "WERKZEUG_DEBUG_PIN": ("off",),
}  # fmt: skip


def facts_of(step: Instruction) -> Iterator[Fact]:
    """Yield what an instruction does.

    Facts: those of `command_facts`, and `remote-add`, `remote-add-http`, `git-add-moving`, `secret-env`, `secret-arg`,
    `secret-arg-default`, `secret-copy`, `whole-folder`, `debug-setting`, `development-server`, `ssh-server`,
    `insecure-build`,
    `host-network`, `no-verify`.
    """
    if step.word == "RUN":
        yield from _run(step)
    elif step.word in ("ADD", "COPY"):
        yield from _copy(step)
    elif step.word in ("ENV", "ARG"):
        yield from _variables(step)
    elif step.word in ("CMD", "ENTRYPOINT"):
        yield from _start(step)
    elif step.word == "EXPOSE" and any(port.partition("/")[0] == "22" for port in step.text.split()):
        yield "ssh-server", 0, "port 22"


def _run(step: Instruction) -> Iterator[Fact]:
    for flag in step.flags:
        if flag.lower() == "--security=insecure":
            yield "insecure-build", 0, flag
        elif flag.lower() == "--network=host":
            yield "host-network", 0, flag
    if step.parts is not None:
        if len(step.parts) > 2 and posixpath.basename(step.parts[0]) in ("sh", "bash", "ash"):
            yield from command_facts(step.parts[-1])
        else:
            yield from command_facts(" ".join(step.parts))
        return
    yield from command_facts(step.text)
    below = 1
    for body in step.heredocs:
        for fact, line, detail in command_facts(body):
            yield fact, below + line, detail
        below += body.count("\n") + 2


def _copy(step: Instruction) -> Iterator[Fact]:
    words = list(step.parts) if step.parts is not None else step.text.replace("\\\n", " ").split()
    sources = words[:-1]
    has_sum = any(flag.startswith("--checksum=") for flag in step.flags)
    from_stage = any(flag.startswith("--from=") for flag in step.flags)
    for source in sources:
        if step.word == "ADD" and source.startswith(("http://", "https://")):
            if source.partition("#")[0].endswith(".git"):
                if not _is_commit(source.partition("#")[2].partition(":")[0]):
                    yield "git-add-moving", 0, host_of(source) or "an address"
            elif not has_sum:
                plain = source.startswith("http://")
                yield "remote-add-http" if plain else "remote-add", 0, host_of(source) or "an address"
        elif step.word == "ADD" and source.startswith(("git@", "git://")):
            yield "git-add-moving", 0, "git"
        elif is_secret_file(source):
            yield "secret-copy", 0, posixpath.basename(source)[:60]
        elif not from_stage and source in (".", "./", "/", "*", "./*"):
            yield "whole-folder", 0, source


def is_secret_file(path: str) -> bool:
    """Whether a name is that of a file with keys or passwords."""
    name = posixpath.basename(path.rstrip("/")).lower()
    if name in _SECRET_FILES:
        return True
    if name.startswith(".env.") and not any(
        word in name for word in ("example", "sample", "dist", "template", "ci", "test")
    ):
        return True
    if name.endswith(_SECRET_ENDINGS) and "*" not in name:
        stem = name.rpartition(".")[0]
        return not any(part in path.lower() for part in _PUBLIC_PARTS) or "private" in stem or "priv" in stem
    return False


def _is_commit(text: str) -> bool:
    return len(text) >= 40 and all(char in "0123456789abcdef" for char in text[:40].lower())


def _variables(step: Instruction) -> Iterator[Fact]:
    for name, value in assignments(step.text):
        if variable_fact(name, value):
            yield "no-verify", 0, name[:60]
        wanted = _DEBUG.get(name.upper())
        if step.word == "ENV" and wanted and value.strip().lower() in wanted:
            yield "debug-setting", 0, f"{name}={value.strip()}"
        if not word_of(name) or name.upper().endswith(("_FILE", "_PATH")):
            continue
        if step.word == "ARG":
            literal = bool(value.strip()) and "$" not in value
            yield "secret-arg-default" if literal and not is_dummy(value) else "secret-arg", 0, name[:60]
        elif value.strip() and not is_dummy(value):
            inner = value.strip("\"'")
            yield "secret-env" if not inner.startswith("$") else "secret-env-from-arg", 0, name[:60]


_NO_SECRETS = frozenset("none null false true 0 1 required optional enabled disabled auto inherit".split())


def is_dummy(value: str) -> bool:
    """Whether a value is no secret: nothing, a switch, a path, one character again and again, or it says so itself."""
    text = value.strip().strip("\"'")
    low = text.lower()
    if not low or low in _NO_SECRETS or len(set(low)) == 1:
        return True
    if "/" in text and text == low and all(char.isalnum() or char in "._/:-" for char in text):
        return True
    return any(word in low for word in _SAYS_SO)


_SAYS_SO = ("dummy", "placeholder", "not-used", "notused", "unused", "build-only", "buildtime", "build-time")


def _start(step: Instruction) -> Iterator[Fact]:
    text = " ".join(step.parts) if step.parts is not None else step.text
    yield from start_facts(text)


def start_facts(text: str) -> Iterator[Fact]:
    """`development-server` for a start command that is made for the desk of a developer, `ssh-server` for sshd."""
    for command in commands_of(text):
        words = command.arguments_from_program
        program = command.program
        if program in ("sh", "bash", "ash") and "-c" in words:
            yield from start_facts(" ".join(words[words.index("-c") + 1 :]))
            continue
        shown = _development(program, list(words))
        if shown:
            yield "development-server", command.line, shown
        if program == "sshd":
            yield "ssh-server", command.line, "sshd"
        for fact, line, detail in command_facts(" ".join(words)) if command.line == 0 else ():
            if fact == "no-verify":
                yield fact, line, detail


def _development(program: str, words: list[str]) -> str:
    rest = words[1:]
    if program.startswith("python"):
        if any(word.endswith("manage.py") for word in rest[:3]) and "runserver" in rest:
            return "manage.py runserver"
        if rest[:2] == ["-m", "flask"]:
            program, rest = "flask", rest[2:]
        elif rest[:2] == ["-m", "uvicorn"]:
            program, rest = "uvicorn", rest[2:]
        elif rest[:2] == ["-m", "http.server"]:
            return "python -m http.server"
    if program.endswith("manage.py") and "runserver" in rest:
        return "manage.py runserver"
    if program == "flask" and "run" in rest:
        return "flask run"
    if program in ("uvicorn", "gunicorn", "hypercorn") and "--reload" in rest:
        return f"{program} --reload"
    if program == "php" and "-S" in rest:
        return "php -S"
    if program == "php" and rest[:2] == ["artisan", "serve"]:
        return "php artisan serve"
    if (
        program in ("nodemon", "ts-node-dev", "webpack-dev-server", "vite")
        and "build" not in rest
        and "preview" not in rest
    ):
        return program
    if program in ("npm", "yarn", "pnpm", "bun"):
        script = next((word for word in rest if word != "run" and not word.startswith("-")), "")
        if script in ("dev", "develop", "start:dev", "serve:dev", "watch", "start-dev"):
            return f"{program} run {script}"
    if program in ("next", "nuxt", "nuxi", "astro") and rest[:1] == ["dev"]:
        return f"{program} dev"
    if program == "node" and any(word.startswith("--inspect") for word in rest):
        return "node --inspect"
    return ""
