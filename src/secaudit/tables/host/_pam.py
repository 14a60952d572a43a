"""Read PAM configuration once for all tables: stacks with their includes, and what a stack does when a module fails.

Source: pam.d(5), libpam/pam_handlers.c and pam_dispatch.c of Linux-PAM 1.5 and 1.7; `@include` is Debian's addition.
"""

from __future__ import annotations

from typing import Callable, Iterator, NamedTuple

from secaudit.tableapi import Target

FOLDERS = ("/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d", "/usr/etc/pam.d")
"""/etc first; the others are where libpam of Debian, Fedora and openSUSE looks next."""
CONF = "/etc/pam.conf"
PHASES = ("auth", "account", "password", "session")
MAX_LEVEL = 16
"""PAM_SUBSTACK_MAX_LEVEL: deeper includes fail."""
MAX_RULES = 2_000
"""Of one service. Includes that include twice double with each level."""
SECURITY_FOLDERS = ("/lib/security", "/lib64/security", "/usr/lib/security", "/usr/lib64/security")
SECURITY_GLOBS = ("/lib/*/security", "/usr/lib/*/security")
_LEFTOVERS = ("~", ".bak", ".orig", ".old", ".save", ".swp", ".rpmnew", ".rpmsave", ".rpmorig", ".pacnew", ".pacsave")


class Rule(NamedTuple):
    """One line of a stack, after includes were followed."""

    service: str
    phase: str
    control: str
    """Lower case; a bracketed one keeps its brackets."""
    module_path: str
    """As written; empty when an include failed, which makes the stack fail there."""
    args: tuple[str, ...]
    path: str
    line: int
    substack: tuple[int, ...]
    """Which substacks the line is in, outermost first."""

    @property
    def module(self) -> str:
        """File name without folder, `pam_unix.so`."""
        return self.module_path.rsplit("/", 1)[-1]

    @property
    def name(self) -> str:
        """`pam_unix`."""
        return self.module[:-3] if self.module.endswith(".so") else self.module

    def value(self, option: str) -> str | None:
        """The value of the last argument `option=value`, or None."""
        found = None
        for argument in self.args:
            if argument.startswith(option + "="):
                found = argument[len(option) + 1 :]
        return found


class Pam:
    """The PAM configuration of a target. Problems met while reading are kept in `problems`."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._files: dict[str, tuple[str, list[tuple[int, str]]] | None] = {}
        self._substacks = 0
        self.problems: list[str] = []
        self.folders = [folder for folder in FOLDERS if target.exists(folder)]
        self.uses_conf = not self.folders and target.exists(CONF)

    @property
    def is_used(self) -> bool:
        return bool(self.folders) or self.uses_conf

    def services(self) -> list[str]:
        """Names of all services, sorted; copies that editors and package managers leave behind are left out.

        Raises:
            PermissionError: a folder cannot be listed.
        """
        if self.uses_conf:
            return sorted({line.split(None, 1)[0].lower() for _, line in self._conf_lines()})
        names = {name for folder in self.folders for name in self._target.listdir(folder)}
        return sorted(name for name in names if not _is_leftover(name))

    def has(self, service: str) -> bool:
        """Whether the service has a file of its own."""
        return service in self.services() if self.uses_conf else self._open(service) is not None

    def rules(self, service: str) -> list[Rule]:
        """All lines of the service in order, includes followed."""
        found: list[Rule] = []
        if self.uses_conf:
            lines = [(number, text) for number, text in self._conf_lines() if _first(text) == service]
            self._expand(service, (CONF, [(number, _rest(text)) for number, text in lines]), None, 0, (), found)
        else:
            opened = self._open(service)
            if opened is not None:
                self._expand(service, opened, None, 0, (), found)
        return found

    def _conf_lines(self) -> list[tuple[int, str]]:
        return list(_logical_lines(self._target.read_text(CONF)))

    def _open(self, name: str) -> tuple[str, list[tuple[int, str]]] | None:
        """Find and read a service file as libpam does: the first folder that lets it be opened."""
        if name not in self._files:
            self._files[name] = None
            paths = [name] if name.startswith("/") else [f"{folder}/{name}" for folder in self.folders]
            for path in paths:
                try:
                    self._files[name] = path, list(_logical_lines(self._target.read_text(path)))
                    break
                except (FileNotFoundError, NotADirectoryError):
                    continue
                except OSError as error:
                    self.problems.append(f"{path} ({error.strerror or error})")
                    break
        return self._files[name]

    def _expand(
        self,
        service: str,
        opened: tuple[str, list[tuple[int, str]]],
        only: str | None,
        level: int,
        substack: tuple[int, ...],
        found: list[Rule],
    ) -> None:
        path, lines = opened
        for number, text in lines:
            if len(found) >= MAX_RULES:
                self._note(f"the service {service} has more than {MAX_RULES} lines")
                return
            words = _words(text)
            if words[0] == "@include":
                self._follow(service, words[1:2], only, level, substack, found, Rule(
                    service, only or "auth", "@include", "", tuple(words[1:2]), path, number, substack
                ))  # fmt: skip
                continue
            phase = words[0].lstrip("-").lower()
            if phase not in PHASES:
                phase = only or "auth"  # libpam makes such a line fail in the most sensitive phase
                words = [phase, "required", "", text]
            if only is not None and phase != only:
                continue
            control = words[1].lower() if len(words) > 1 else "required"
            if control in ("include", "substack"):
                inner = substack
                if control == "substack":
                    self._substacks += 1
                    inner = (*substack, self._substacks)
                broken = Rule(service, phase, control, "", tuple(words[2:3]), path, number, substack)
                self._follow(service, words[2:3], phase, level, inner, found, broken)
                continue
            module = words[2] if len(words) > 2 else ""
            found.append(Rule(service, phase, control, module, tuple(words[3:]), path, number, substack))

    def _follow(
        self,
        service: str,
        names: list[str],
        only: str | None,
        level: int,
        substack: tuple[int, ...],
        found: list[Rule],
        broken: Rule,
    ) -> None:
        """Add the lines of an included file; one that cannot be included becomes a line without module."""
        opened = self._open(names[0]) if names and level + 1 < MAX_LEVEL else None
        if opened is None:
            found.append(broken)
        else:
            self._expand(service, opened, only, level + 1, substack, found)

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


def installed_modules(target: Target) -> set[str] | None:
    """File names of the PAM modules that are installed; None when no folder of modules was found."""
    folders = [*SECURITY_FOLDERS, *(path for pattern in SECURITY_GLOBS for path in target.glob(pattern))]
    names: set[str] = set()
    for folder in folders:
        try:
            names.update(target.listdir(folder))
        except (FileNotFoundError, NotADirectoryError):
            continue
    return names or None


def is_installed(target: Target, rule: Rule, modules: set[str] | None) -> int | None:
    """Whether the module's file is there; a line without module has none."""
    if not rule.module:
        return 0
    if rule.module_path.startswith("/") and "$ISA" not in rule.module_path:
        return int(target.exists(rule.module_path))
    return None if modules is None else int(rule.module in modules)


# ---------------------------------------------------------------- what a stack does

FAILS = "fail"
SUCCEEDS = "success"
IGNORES = "ignore"


class Walk(NamedTuple):
    """One way through a stack."""

    visited: frozenset[int]
    """Positions of the lines that were run."""
    succeeds: bool


def walk(rules: list[Rule], outcome: Callable[[Rule], str]) -> Walk:
    """Run the lines of one phase, with the outcome of each module given: FAILS, SUCCEEDS or IGNORES.

    Source: pam_dispatch.c; an unknown word in brackets counts as `bad`, as there.
    """
    visited: set[int] = set()
    impression = 0  # 0 nothing yet, 1 good, -1 bad
    position = 0
    while position < len(rules):
        rule = rules[position]
        visited.add(position)
        action = _action(rule, outcome(rule))
        if action.isdigit() and action != "0":
            skip = int(action)
            position += 1
            while skip and position < len(rules):
                position += 1
                skip -= 1
            continue
        if action in ("ok", "done") and impression == 0:
            impression = 1
        elif action in ("bad", "die"):
            impression = -1
        elif action == "reset":
            impression = 0
        if action == "die" or (action == "done" and impression == 1):
            if not rule.substack:
                break
            inside = rule.substack
            while position < len(rules) and rules[position].substack[: len(inside)] == inside:
                position += 1  # the substack ends here, the stack around it goes on
            continue
        position += 1
    return Walk(frozenset(visited), impression == 1)


_SIMPLE = {
    "required": {"success": "ok", "ignore": "ignore", "default": "bad"},
    "requisite": {"success": "ok", "ignore": "ignore", "default": "die"},
    "optional": {"success": "ok", "ignore": "ignore", "default": "ignore"},
    "sufficient": {"success": "done", "ignore": "ignore", "default": "ignore"},
}
_FAILURES = ("auth_err", "authtok_err", "perm_denied", "user_unknown", "maxtries", "cred_insufficient")
"""Return values that mean no, the most usual first."""


def _action(rule: Rule, outcome: str) -> str:
    if not rule.module:
        return "bad"
    actions = _SIMPLE.get(rule.control)
    if actions is None:
        actions = _bracketed(rule.control)
    if outcome == FAILS:
        wanted = "authtok_err" if rule.phase == "password" else _FAILURES[0]
        return actions.get(wanted, actions.get("default", "bad"))
    return actions.get(outcome, actions.get("default", "bad"))


def _bracketed(control: str) -> dict[str, str]:
    pairs = control.strip("[]").replace("=", " = ").split()
    return {pairs[i]: pairs[i + 2] for i in range(len(pairs) - 2) if pairs[i + 1] == "=" and pairs[i] != "="}


# ---------------------------------------------------------------- lines and words


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines without comments, those that end in a backslash joined with the next; the number is that of the first."""
    pending = ""
    begun = 0
    for number, raw in enumerate(text.split("\n"), 1):
        body, hash_sign, _ = raw.partition("#")
        body = body.strip(" \t\r")
        if not pending:
            begun = number
        if body.endswith("\\") and not hash_sign:
            pending += body[:-1] + " "
            continue
        whole = (pending + body).strip()
        if whole:
            yield begun, whole
        pending = ""
    if pending.strip():
        yield begun, pending.strip()


def _words(text: str) -> list[str]:
    """Split at blanks; `[...]` is one word: the control keeps its brackets, arguments lose them."""
    words: list[str] = []
    position = 0
    while position < len(text):
        if text[position] in " \t":
            position += 1
            continue
        if text[position] == "[":
            end = position + 1
            while end < len(text) and not (text[end] == "]" and text[end - 1] != "\\"):
                end += 1
            inner = text[position + 1 : end]
            words.append(f"[{inner}]" if len(words) == 1 else inner.replace("\\]", "]"))
            position = end + 1
            continue
        end = position
        while end < len(text) and text[end] not in " \t":
            end += 1
        words.append(text[position:end])
        position = end
    return words


def _is_leftover(name: str) -> bool:
    return name.startswith(".") or name.endswith(_LEFTOVERS) or ".dpkg-" in name or ".ucf-" in name


def _first(text: str) -> str:
    return text.split(None, 1)[0].lower()


def _rest(text: str) -> str:
    parts = text.split(None, 1)
    return parts[1] if len(parts) > 1 else "auth required"
