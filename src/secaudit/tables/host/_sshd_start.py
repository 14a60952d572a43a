"""How the system starts sshd: options of the command line win over sshd_config."""

from __future__ import annotations

from typing import NamedTuple

from secaudit.tableapi import NotRegular, Target
from secaudit.tables.host._ssh_words import BadLine, split_words

_UNIT_FOLDERS = (
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
)
"""systemd.unit(5); the first folder that has the unit wins."""
_UNITS = ("ssh.service", "sshd.service")
_WITH_VALUE = frozenset("fobpghkcuCEsV")
"""Options of sshd(8) that take a value."""
_USUAL_PLACES = ("/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/")
"""A server installed elsewhere has another built-in configuration path."""
_OPENRC = "/etc/conf.d/sshd"
LIMIT_BYTES = 1 << 18


class Option(NamedTuple):
    """One setting of the command line, as a line of sshd_config."""

    text: str
    path: str
    line: int


class Start(NamedTuple):
    """What the command line of sshd says."""

    config_path: str
    options: list[Option]
    problems: list[str]
    """What could not be read or understood, as plain sentences."""


class _Text(NamedTuple):
    text: str
    path: str
    line: int


def read_start(target: Target) -> Start:
    """Find the options that the service passes to sshd.

    Source: systemd.unit(5), systemd.service(5), sshd(8); OpenRC's /etc/conf.d/sshd where no systemd unit exists.
    """
    problems: list[str] = []
    for unit in _UNITS:
        files = _unit_files(target, unit, problems)
        if files:
            return _parse(_systemd_words(target, files, problems), problems)
    return _parse(_openrc_words(target, problems), problems)


def _unit_files(target: Target, unit: str, problems: list[str]) -> list[str]:
    """The unit file and its drop-ins, in the order in which systemd reads them."""
    main = ""
    drop_ins: dict[str, str] = {}
    for folder in _UNIT_FOLDERS:
        try:
            if not main and target.exists(f"{folder}/{unit}"):
                main = f"{folder}/{unit}"
            for path in target.glob(f"{folder}/{unit}.d/*.conf"):
                drop_ins.setdefault(path.rsplit("/", 1)[-1], path)
        except OSError:
            problems.append(f"{folder}/{unit}.d could not be read")
    return [main, *(drop_ins[name] for name in sorted(drop_ins))] if main else []


def _read(target: Target, path: str, problems: list[str]) -> str:
    try:
        return target.read_text(path, LIMIT_BYTES)
    except (FileNotFoundError, NotRegular):  # a masked unit is a link to /dev/null
        return ""
    except OSError:
        problems.append(f"{path} could not be read")
        return ""


def _systemd_words(target: Target, files: list[str], problems: list[str]) -> list[_Text]:
    command: _Text | None = None
    environment: dict[str, _Text] = {}
    environment_files: list[str] = []
    for path in files:
        text = _read(target, path, problems)
        section, waiting, start = "", "", 0
        for number, line in enumerate(text.split("\n"), 1):
            line = line.strip()
            if not waiting:
                start = number
            if line.startswith(("#", ";")):
                continue
            if line.endswith("\\"):
                waiting += line[:-1] + " "
                continue
            line, waiting = waiting + line, ""
            if line.startswith("["):
                section = line
            key, equals, value = line.partition("=")
            key, value = key.strip(), value.strip()
            if section != "[Service]" or not equals:
                continue
            if key == "ExecStart":
                command = _Text(value, path, start) if value else None
            elif key == "EnvironmentFile":
                environment_files = [*environment_files, value.lstrip("-")] if value else []
            elif key == "Environment":
                if not value:
                    environment = {}
                for word in _split(value, path, problems):
                    name, _, content = word.partition("=")
                    environment[name] = _Text(content, path, start)
    for pattern in environment_files:
        try:
            found = target.glob(pattern) if pattern.startswith("/") else []
        except OSError:
            problems.append(f"{pattern} could not be read")
            continue
        for path in found:
            environment.update(_assignments(_read(target, path, problems), path, problems))
    if command is None:
        return []
    words: list[_Text] = []
    for item in _split(command.text, command.path, problems):
        name = item[2:-1] if item.startswith("${") and item.endswith("}") else item[1:]
        if not item.startswith("$"):
            words.append(_Text(item, command.path, command.line))
        elif name in environment:
            entry = environment[name]
            parts = [entry.text] if item.startswith("${") else _split(entry.text, entry.path, problems)
            words.extend(_Text(part, entry.path, entry.line) for part in parts if part)
    if words and not words[0].text.lstrip("@-:+!").startswith(_USUAL_PLACES):
        problems.append(f"the service starts {words[0].text[:80]}, which may read another configuration")
    return words[1:]


def _openrc_words(target: Target, problems: list[str]) -> list[_Text]:
    settings = _assignments(_read(target, _OPENRC, problems), _OPENRC, problems)
    words: list[_Text] = []
    config = settings.get("SSHD_CONFIG") or settings.get("cfgfile")
    if config is not None:
        words += [_Text("-f", config.path, config.line), config]
    for name in ("command_args", "SSHD_OPTS"):
        if name in settings:
            value = settings[name]
            words += [_Text(part, value.path, value.line) for part in _split(value.text, value.path, problems)]
    return words


def _assignments(text: str, path: str, problems: list[str]) -> dict[str, _Text]:
    """NAME=value lines of systemd.exec(5) EnvironmentFile, also of a shell when nothing is computed."""
    found: dict[str, _Text] = {}
    for number, line in enumerate(text.split("\n"), 1):
        name, equals, value = line.strip().partition("=")
        if equals and not name.startswith(("#", ";")):
            parts = _split(value, path, problems) if value[:1] in ("'", '"') else [value]
            found[name.removeprefix("export ").strip()] = _Text(" ".join(parts), path, number)
    return found


def _split(text: str, path: str, problems: list[str]) -> list[str]:
    try:
        return split_words(text)
    except BadLine as problem:
        problems.append(f"{path}: {problem}")
        return []


def _parse(words: list[_Text], problems: list[str]) -> Start:
    """Read the options as sshd(8) does with getopt(3)."""
    config_path = "/etc/ssh/sshd_config"
    options: list[Option] = []
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if not word.text.startswith("-") or word.text == "-":
            continue
        for position, letter in enumerate(word.text[1:], 2):
            if letter not in _WITH_VALUE:
                if letter == "4":
                    options.append(Option("AddressFamily inet", word.path, word.line))
                elif letter == "6":
                    options.append(Option("AddressFamily inet6", word.path, word.line))
                continue
            value = word.text[position:]
            if not value and at < len(words):
                value = words[at].text
                at += 1
            line = {
                "o": value,
                "p": f"Port {value}",
                "g": f"LoginGraceTime {value}",
                "h": f"HostKey {value}",
                "c": f"HostCertificate {value}",
            }.get(letter)
            if letter == "f":
                config_path = value
            elif line is not None and value:
                options.append(Option(line, word.path, word.line))
            break
    if not config_path.startswith("/"):
        problems.append(f"sshd is started with the relative configuration path {config_path[:60]}")
        config_path = f"/{config_path}"
    return Start(config_path, options, problems)
