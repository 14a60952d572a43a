"""Rules of the Linux audit system as auditctl(8) takes them: which are loaded at boot, and what each one records."""

from __future__ import annotations

import re
from typing import NamedTuple

from secaudit.tableapi import Absent, Denied, Target
from secaudit.tables.host._auditparse import Parsed, parse_rule
from secaudit.tables.host._dropins import conf_files
from secaudit.tables.host._systemd import Units

FOLDER = "/etc/audit/rules.d"
MAIN = "/etc/audit/audit.rules"
UNITS = ("audit-rules.service", "auditd.service")
"""audit 4 loads the rules in a unit of its own, audit 2 and 3 in the unit of the service."""
MAX_RULES = 20_000
MAX_EXCLUSIONS = 100


class Rule(NamedTuple):
    """One line and what becomes of it."""

    parsed: Parsed
    place: str
    """The watched file or folder with links resolved; '' for others."""
    recursive: bool
    """All that lies below the watched folder is watched too."""
    loaded: bool
    problem: str
    """Why auditctl refuses the line, or why it never gets to it; '' when nothing is wrong."""
    hidden_by: str
    """An exclusion without limits that takes its events away."""
    path: str
    line: int

    @property
    def records(self) -> bool:
        """It is loaded and leaves events."""
        return self.loaded and not self.hidden_by and self.parsed.action in ("always,exit", "")


class Reading(NamedTuple):
    rules: list[Rule]
    unread: list[str]


def read_rules(target: Target) -> Reading:
    """Every rule of the files that are loaded at boot, in their order.

    Raises:
        Absent: the audit system is not installed.
        Denied: the rules can only be read by root.
    """
    if target.find_program("auditctl") is None and not target.exists("/etc/audit"):
        raise Absent("the audit system (auditd) is not installed")
    unread: list[str] = []
    merged, paths = sources(target, unread)
    lines: list[tuple[Parsed, str, int]] = []
    read = 0
    for path in paths:
        try:
            text = target.read_text(path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(path)
            continue
        read += 1
        for number, line in enumerate(text.split("\n"), 1):
            parsed = parse_rule(line)
            if parsed is not None:
                lines.append((parsed, path, number))
    if unread and not read:
        raise Denied("the audit rules can only be read by root")
    if len(lines) > MAX_RULES:
        unread.append(f"rules after the first {MAX_RULES}")
    if sum(parsed.action == "exit,never" for parsed, _, _ in lines) > MAX_EXCLUSIONS:
        unread.append(f"exclusions after the first {MAX_EXCLUSIONS}")
    return Reading(_without_contexts(_load(target, lines[:MAX_RULES], merged)), unread)


def _without_contexts(rules: list[Rule]) -> list[Rule]:
    """Take the records away where `-a never,task` stands without conditions, at whatever place.

    The kernel then keeps no context for new tasks, so that neither calls nor watched files leave records. Source:
    audit_alloc() of kernel/auditsc.c.
    """
    off = next((r for r in rules if r.loaded and r.parsed.action == "never,task" and not r.parsed.filters), None)
    if off is None:
        return rules
    return [rule._replace(hidden_by=off.parsed.text) if rule.records else rule for rule in rules]


def sources(target: Target, unread: list[str]) -> tuple[bool, list[str]]:
    """Whether augenrules(8) joins the files of rules.d, and the files that count.

    Where that folder exists and is empty, augenrules writes an empty audit.rules at the next start.
    """
    how = _loader(target)
    if how == "augenrules" and target.exists(FOLDER):
        paths = conf_files(target, (FOLDER,), unread, suffix=".rules")
        return True, sorted(paths, key=lambda path: version_order(path.rpartition("/")[2]))
    if how not in ("", "augenrules"):
        return False, [how]
    paths = conf_files(target, (FOLDER,), unread, suffix=".rules") if not how else []
    return bool(paths), sorted(paths, key=lambda path: version_order(path.rpartition("/")[2])) or [MAIN]


def _loader(target: Target) -> str:
    """`augenrules`, the file that auditctl loads, or '' when nothing says it."""
    units = Units(target)
    for name in UNITS:
        if units.find(name) is None:
            continue
        for command in _start_commands(units, name):
            if "augenrules" in command:
                return "augenrules"
            match = re.search(r"auditctl\s+-R\s+(/\S+)", command)
            if match is not None:
                return match.group(1)
    return _script_loader(target)


def _start_commands(units: Units, name: str) -> list[str]:
    """What the unit runs when it starts; an empty assignment clears those of its name."""
    commands: list[tuple[str, str]] = []
    for one in units.settings(name):
        if one.section == "Service" and one.key in ("ExecStartPre", "ExecStart", "ExecStartPost"):
            commands = [old for old in commands if old[0] != one.key or one.value]
            commands.append((one.key, one.value))
    return [command for _, command in commands]


def _script_loader(target: Target) -> str:
    """SysV and OpenRC scripts: USE_AUGENRULES decides where the script knows the word."""
    try:
        script = target.read_text("/etc/init.d/auditd")
    except OSError:
        return ""
    if "augenrules" not in script:
        match = re.search(r"auditctl\s+-R\s+(/\S+)", script)
        return match.group(1).strip("\"'") if match else MAIN
    for path in ("/etc/default/auditd", "/etc/sysconfig/auditd", "/etc/conf.d/auditd"):
        try:
            words = re.findall(r"^\s*USE_AUGENRULES=[\"']?(\w+)", target.read_text(path), re.M)
        except OSError:
            continue
        if words:
            return "augenrules" if words[-1].lower() == "yes" else MAIN
    return "augenrules"


def version_order(name: str) -> tuple[tuple[int, int, str], ...]:
    """The order of `ls -v`: numbers count by their value, so 9-x comes before 10-x."""
    return tuple(
        (0, int(number[:18]), "") if number else (1, 0, other)
        for number, other in re.findall(r"([0-9]+)|([^0-9]+)", name.rpartition(".")[0])
    )


def _load(target: Target, lines: list[tuple[Parsed, str, int]], merged: bool) -> list[Rule]:
    """Play what `auditctl -R` does: the first line that it refuses ends it, unless -c or -i stands before.

    In files joined by augenrules a plain -D stands first and -e last, wherever they were written.
    """
    rules: list[Rule] = []
    known: set[tuple[str, ...]] = set()
    exclusions: list[Rule] = []
    goes_on = False
    stopped = ""
    for parsed, path, line in lines:
        place, recursive, missing = _place(target, parsed)
        problem = parsed.problem or missing
        if stopped:
            rules.append(Rule(parsed, place, recursive, False, stopped, "", path, line))
            continue
        if parsed.kind == "control" and not problem:
            goes_on = goes_on or parsed.control in ("-c", "-i")
            if not merged and re.match(r"-D\s*$", parsed.control):
                rules = [rule._replace(loaded=False) for rule in rules]
                known, exclusions = set(), []
            elif not merged and re.match(r"-e\s+2", parsed.control):
                stopped = f"the rules are locked by line {line} of {path}"
        elif not problem and parsed.identity in known:
            problem = "the same rule stands before"
        if problem and not goes_on:
            stopped = f"loading stops at line {line} of {path}"
        rule = Rule(parsed, place, recursive, not problem, problem, "", path, line)
        hider = next((one for one in exclusions if _hides(one, rule)), None)
        rules.append(rule if hider is None else rule._replace(hidden_by=hider.parsed.text))
        if problem or parsed.kind == "control":
            continue
        known.add(parsed.identity)
        if (
            parsed.action == "exit,never"
            and not parsed.limits
            and parsed.who != "some"
            and len(exclusions) < MAX_EXCLUSIONS
        ):
            exclusions.append(rule)
    return rules


def _place(target: Target, parsed: Parsed) -> tuple[str, bool, str]:
    """(place, recursive, problem). The kernel needs the folder that holds a watched file, and `dir=` itself."""
    path = parsed.watched
    if not path.startswith("/"):
        return path, False, ""
    try:
        if parsed.watch_form == "dir":
            return target.realpath(path), True, ""
        if parsed.watch_form == "-w" and target.stat(path).kind == "dir":
            return target.realpath(path), True, ""
    except (FileNotFoundError, NotADirectoryError):
        if parsed.watch_form == "dir":
            return path, True, f"{path} does not exist"
    except OSError:
        return path, parsed.watch_form == "dir", ""
    folder, _, name = path.rpartition("/")
    try:
        return f"{target.realpath(folder or '/').rstrip('/')}/{name}", False, ""
    except (FileNotFoundError, NotADirectoryError):
        return path, False, f"{folder} does not exist"
    except OSError:
        return path, False, ""


def _hides(exclusion: Rule, rule: Rule) -> bool:
    """Whether an exclusion without limits takes events of a later rule away: same calls, same files, same machine."""
    one, other = exclusion.parsed, rule.parsed
    if one.arch and other.arch and one.arch != other.arch:
        return False
    if other.kind == "control":
        return False
    calls = set(one.syscalls)
    if calls and "all" not in calls and other.syscalls and not calls & set(other.syscalls):
        return False
    if exclusion.place:
        if not rule.place:
            return False
        below = exclusion.recursive and f"{rule.place}/".startswith(f"{exclusion.place.rstrip('/')}/")
        return below or exclusion.place == rule.place
    return True
