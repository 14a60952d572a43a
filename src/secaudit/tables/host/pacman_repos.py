"""pacman_repos: where pacman takes packages from, and which signatures it demands. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table

CONFIG = "/etc/pacman.conf"
MAX_INCLUDES = 200


class PacmanRepo(NamedTuple):
    """One repository."""

    name: str
    package_signature: str
    """Required, Optional (checked only where there is one) or Never."""
    package_trust: str
    """TrustedOnly, or TrustAll: any key of the keyring will do."""
    database_signature: str
    database_trust: str
    is_own: int
    """1 for the repositories of Arch itself."""
    server: str
    """The first server; empty when none is set."""
    scheme: str
    path: str
    line: int
    """The line of the setting that decides about the signature, else of the repository's head."""


class _Level:
    """SigLevel: words are applied in order; a repository begins with what [options] says."""

    def __init__(self, words: dict[str, str], path: str, line: int) -> None:
        self.words = dict(words)
        self.path, self.line = path, line

    def apply(self, text: str, path: str, line: int) -> None:
        for word in text.split():
            for side in ("Package", "Database"):
                short = word[len(side) :] if word.startswith(side) else word
                if word.startswith("Database" if side == "Package" else "Package"):
                    continue
                if short in ("Never", "Optional", "Required"):
                    self.words[side] = short
                elif short in ("TrustedOnly", "TrustAll"):
                    self.words[side + "Trust"] = short
        self.path, self.line = path, line


DEFAULT = {"Package": "Optional", "Database": "Optional", "PackageTrust": "TrustedOnly", "DatabaseTrust": "TrustedOnly"}
"""What pacman does when nothing is set; the file that Arch ships says `Required DatabaseOptional`."""
OWN = ("core", "extra", "multilib", "community", "core-testing", "extra-testing", "multilib-testing", "testing")


@table(targets={"host", "root"})
def pacman_repos(target: Target) -> Iterator[PacmanRepo]:
    """Yield one row per repository, with the signatures it demands after the settings of [options].

    Source: pacman.conf(5), "Package and database signature checking"; compared with `pacman-conf`.

    Raises:
        Absent: pacman is not installed, or has no repositories (a mere tool on another system).
        Partial: an included file could not be read.
    """
    faults: list[str] = []
    if not target.exists(CONFIG):
        raise Absent("pacman is not installed")
    options = _Level(DEFAULT, CONFIG, 0)
    repositories: dict[str, tuple[int, list[tuple[str, str, str, int]]]] = {}
    section = ""
    for path, number, key, value in _lines(target, CONFIG, faults):
        if key == "[":
            section = value
            if section != "options":
                repositories.setdefault(section, (number, []))
        elif section == "options" and key == "SigLevel":
            options.apply(value, path, number)
        elif section in repositories:
            repositories[section][1].append((key, value, path, number))
    if not repositories and not faults:
        raise Absent("pacman has no repositories here")
    for name, (head, settings) in repositories.items():
        yield _row(name, head, settings, options)
    if faults:
        raise Partial("not all of pacman's configuration is known: " + "; ".join(faults[:5]))


def _row(name: str, head: int, settings: list[tuple[str, str, str, int]], options: _Level) -> PacmanRepo:
    level = _Level(options.words, options.path, options.line or head)
    server = ""
    for key, value, path, number in settings:
        if key == "SigLevel":
            level.apply(value, path, number)
        elif key == "Server" and not server:
            server = value
    return PacmanRepo(
        name=name,
        package_signature=level.words["Package"],
        package_trust=level.words["PackageTrust"],
        database_signature=level.words["Database"],
        database_trust=level.words["DatabaseTrust"],
        is_own=int(name in OWN),
        server=server,
        scheme=server.partition("://")[0].lower() if "://" in server else "",
        path=level.path,
        line=level.line,
    )


def _lines(target: Target, top: str, faults: list[str]) -> Iterator[tuple[str, int, str, str]]:
    """Give (path, line, key, value), with `[` as the key of a section; Include is followed where it stands."""
    read = 0
    waiting: list[Iterator[tuple[int, str]]] = []
    paths: list[str] = []

    def enter(path: str) -> None:
        try:
            text = target.read_text(path)
        except OSError as error:
            faults.append(f"{path}: {error.strerror or error}")
            return
        waiting.append(iter(list(enumerate(text.splitlines(), 1))))
        paths.append(path)

    enter(top)
    while waiting:
        step = next(waiting[-1], None)
        if step is None:
            waiting.pop()
            paths.pop()
            continue
        number, raw = step
        line = raw.partition("#")[0].strip()
        key, _, value = (part.strip() for part in line.partition("="))
        if line.startswith("[") and line.endswith("]"):
            yield paths[-1], number, "[", line[1:-1]
        elif key == "Include":
            included = target.glob(value)
            if read + len(included) > MAX_INCLUDES or len(waiting) > 10:
                faults.append("too many included files")
                return
            read += len(included)
            if not included and "*" not in value:
                faults.append(f"{value} does not exist")
            for path in reversed(included):
                enter(path)
        elif key:
            yield paths[-1], number, key, value
