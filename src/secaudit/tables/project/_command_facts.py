"""What shell commands of a build or a CI job do that matters: one short word each, never their text."""

from __future__ import annotations

from typing import Iterator

from secaudit.tables.project._commands import SHELLS, Simple, commands_of

_FETCHERS = frozenset(("curl", "wget", "fetch", "http", "https", "aria2c"))
_SUMS = ("sha256sum", "sha512sum", "sha1sum", "shasum", "gpg", "gpgv", "cosign", "minisign", "openssl", "sha384sum")
_OFF = frozenset(("0", "false", "no", "off"))
_PIP = frozenset(("pip", "pip3", "uv", "pipenv", "poetry"))


def command_facts(text: str) -> Iterator[tuple[str, int, str]]:
    """Yield fact, line (from 0 within the text) and a short detail that holds no value.

    Facts: `pipe-to-shell`, `pipe-to-shell-http`, `no-verify`, `http-download`, `world-writable`, `setuid`,
    `sudo-without-password`, `account-password`, `unpinned-tool`, `insecure-login`.
    """
    commands = commands_of(text)
    checked = any(command.program in _SUMS for command in commands)
    fetched: Simple | None = None
    for command in commands:
        program, words = command.program, command.arguments_from_program
        if program in _FETCHERS:
            fetched = command
            yield from _fetching(command, checked)
        elif command.piped and program in SHELLS and fetched is not None and _reads_input(words):
            yield from _pipe(fetched, program)
        elif program in SHELLS and not command.piped:
            fetched = None
        if not command.piped and program not in _FETCHERS and not _is_filter(program):
            fetched = fetched if program in SHELLS else None
        if not checked:
            yield from _plain_sources(command)
        yield from _verification(command)
        yield from _rights(command)
    yield from _substituted(commands)


def _reads_input(words: tuple[str, ...]) -> bool:
    """`sh`, `sh -`, `bash -s -- x`: the program comes from the pipe; `python3 -c ...` and `python3 x.py` bring their
    own.
    """
    for word in words[1:]:
        if word in ("-", "-s", "/dev/stdin") or word.startswith("-s"):
            return True
        if word == "-c" or word == "-m" or (word == "-e" and words[0] not in ("bash", "sh", "dash", "ash")):
            return False
        if word == "--":
            return False
        if word.startswith("-") or word[:1] in "<>" or word[:2] in ("1>", "2>"):
            continue
        return False
    return True


def _is_filter(program: str) -> bool:
    return program in ("sed", "tee", "cat", "gunzip", "tar", "gzip", "grep", "awk", "tr", "head", "tail", "xz")


def _urls(command: Simple) -> list[str]:
    return [word for word in command.words if "://" in word]


def host_of(url: str) -> str:
    """The host of an address, without a login; empty when a variable stands there."""
    rest = url.partition("://")[2].partition("/")[0].rpartition("@")[2]
    return "" if "$" in rest or not rest.isprintable() else rest[:80]


def _pipe(fetched: Simple, program: str) -> Iterator[tuple[str, int, str]]:
    plain = any(url.startswith("http://") for url in _urls(fetched))
    hosts = [host_of(url) for url in _urls(fetched)]
    source = next((host for host in hosts if host), "an address")
    yield "pipe-to-shell-http" if plain else "pipe-to-shell", fetched.line, f"{source} into {program}"


def _substituted(commands: list[Simple]) -> Iterator[tuple[str, int, str]]:
    """`bash -c "$(curl ...)"`, `eval "$(curl ...)"`: the fetching command stands inside quotes of the other."""
    for position, command in enumerate(commands):
        words = command.arguments_from_program
        program = command.program
        if program in SHELLS or program in ("eval", "source", "."):
            inner = " ".join(words[1:])
            for opening in ("$(curl", "$(wget", "`curl", "`wget", "$( curl"):
                if opening in inner:
                    yield from _pipe(Simple(tuple(inner.replace(")", " ").split()), False, command.line), program)
                    break
        if program in (*SHELLS, "source", ".") and words[1:2] == ("<(",) and position + 1 < len(commands):
            follower = commands[position + 1]
            if follower.program in _FETCHERS:
                yield from _pipe(follower, program)


def _fetching(command: Simple, checked: bool) -> Iterator[tuple[str, int, str]]:
    words = command.arguments_from_program
    program = command.program
    for word in words[1:]:
        short = word.startswith("-") and not word.startswith("--")
        if (
            program == "curl" and (word == "--insecure" or (short and "k" in word[1:] and word[1:].isalpha()))
        ) or word in ("--no-check-certificate",):
            yield "no-verify", command.line, f"{program} {word if word.startswith('--') else '-k'}"
            break
    if not checked:
        for url in _urls(command):
            host = host_of(url)
            if url.startswith("http://") and host and not _is_local(host):
                yield "http-download", command.line, f"{program} http://{host}"
                break


_INDEX = ("--index-url", "-i", "--extra-index-url", "--registry", "--find-links")


def _plain_sources(command: Simple) -> Iterator[tuple[str, int, str]]:
    """`git clone http://`, `pip install --index-url http://`: code over a way that anyone can change."""
    words, program = command.arguments_from_program, command.program
    for number, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in _INDEX and program in (*_PIP, "npm", "yarn", "pnpm"):
            url = value if equals else words[number + 1] if number + 1 < len(words) else ""
        elif program == "git" and "clone" in words[1:4]:
            url = word
        else:
            continue
        host = host_of(url)
        if url.startswith("http://") and host and not _is_local(host):
            yield "http-download", command.line, f"{program} http://{host}"


def _is_local(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    if name.startswith(("[", "127.")) or name in ("localhost", "0.0.0.0", "host.docker.internal"):  # noqa: S104  names
        return True
    return "." not in name or name.endswith((".local", ".internal", ".svc"))


_FLAGS = {
    "apt-get": ("--allow-unauthenticated", "--force-yes", "--no-gpg-check", "--allow-insecure-repositories"),
    "apt": ("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories"),
    "apk": ("--allow-untrusted",),
    "yum": ("--nogpgcheck",),
    "dnf": ("--nogpgcheck",),
    "microdnf": ("--nogpgcheck",),
    "zypper": ("--no-gpg-checks",),
    "rpm": ("--nosignature", "--nodigest"),
    "npm": ("--strict-ssl=false", "--no-strict-ssl"),
}
_SWITCHED_OFF = (
    "NODE_TLS_REJECT_UNAUTHORIZED", "PYTHONHTTPSVERIFY", "STRICT_SSL", "GIT_SSL_VERIFY", "NPM_CONFIG_STRICT_SSL",
    "YARN_ENABLE_STRICT_SSL",
)  # fmt: skip
_SWITCHED_ON = ("GIT_SSL_NO_VERIFY", "GOINSECURE", "CURL_INSECURE", "PIP_TRUSTED_HOST", "UV_INSECURE_HOST")


def variable_fact(name: str, value: str) -> str:
    """`no-verify` for a variable that switches the check of certificates off."""
    upper = name.upper()
    if upper in _SWITCHED_OFF and value.strip().lower() in _OFF:
        return "no-verify"
    if upper in _SWITCHED_ON and value.strip() and value.strip().lower() not in _OFF:
        return "no-verify"
    return ""


def _verification(command: Simple) -> Iterator[tuple[str, int, str]]:
    words, program = command.arguments_from_program, command.program
    for flag in _FLAGS.get(program, ()):
        if flag in words:
            yield "no-verify", command.line, f"{program} {flag}"
    if program in _PIP and any(word == "--trusted-host" or word.startswith("--trusted-host=") for word in words):
        yield "no-verify", command.line, f"{program} --trusted-host"
    joined = " ".join(words[:8]).lower()
    if program in ("npm", "yarn", "pnpm") and "strict-ssl" in joined and "false" in joined:
        yield "no-verify", command.line, f"{program} strict-ssl false"
    if program == "git" and "http.sslverify" in joined and ("false" in joined or "=0" in joined):
        yield "no-verify", command.line, "git http.sslVerify false"
    if any("[trusted=yes]" in word for word in command.words):
        yield "no-verify", command.line, "apt source with [trusted=yes]"
    if program in ("ssh", "scp", "rsync", "sftp") and any("stricthostkeychecking=no" in word.lower() for word in words):
        yield "no-verify", command.line, f"{program} StrictHostKeyChecking=no"
    for word in command.words:
        name, equals, value = word.partition("=")
        if equals and variable_fact(name, value):
            yield "no-verify", command.line, name
    if program in ("docker", "podman") and "login" in words[1:3]:
        given = any(word in ("-p", "--password") or word.startswith(("--password=", "-p=")) for word in words)
        if given:
            yield "insecure-login", command.line, f"{program} login -p"


def _rights(command: Simple) -> Iterator[tuple[str, int, str]]:
    words, program = command.arguments_from_program, command.program
    if program == "chmod":
        mode = next((word for word in words[1:] if not word.startswith("-") or word[1:2] in "rwxst"), "")
        if _is_world_writable(mode):
            yield "world-writable", command.line, f"chmod {mode[:12]}"
        if _is_setuid(mode):
            yield "setuid", command.line, f"chmod {mode[:12]}"
    text = " ".join(command.words)
    if "NOPASSWD" in text and program in ("echo", "printf", "tee", "sed"):
        yield "sudo-without-password", command.line, "NOPASSWD in sudoers"
    if program == "chpasswd" or (program == "passwd" and command.piped and "-d" not in words):
        yield "account-password", command.line, f"{program} with a password from the text"


def _is_world_writable(mode: str) -> bool:
    digits = mode.lstrip("0")
    if mode.isdigit():
        sticky = len(digits) == 4 and digits[0] in "1357"
        return len(digits) >= 3 and digits[-1] in "2367" and not sticky
    for clause in mode.split(","):
        who, operator, rights = clause.partition("+" if "+" in clause else "=")
        if operator and "w" in rights and ("o" in who or "a" in who) and "t" not in rights:
            return True
    return False


def _is_setuid(mode: str) -> bool:
    if mode.isdigit():
        digits = mode.lstrip("0")
        return len(digits) == 4 and digits[0] in "2467"
    return any("+" in clause and "s" in clause.partition("+")[2] for clause in mode.split(","))
