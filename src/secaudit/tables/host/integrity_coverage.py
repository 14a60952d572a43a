"""integrity_coverage: whether AIDE would notice a change of files that intruders like to change. Not in osquery."""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._aideconf import STRONG, AideConfig, Rule, find_config, read_aide
from secaudit.tables.host._dropins import say_unread

PLACES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("settings", ("/etc/passwd", "/etc/shadow", "/etc/sudoers", "/etc/crontab", "/etc/ssh/sshd_config", "/etc/hosts")),
    ("program", ("/bin/ls", "/usr/bin/passwd", "/bin/su", "/usr/bin/sudo", "/bin/ps", "/usr/sbin/sshd", "/bin/login")),
    ("start", ("/sbin/init", "/usr/lib/systemd/systemd", "/boot/grub/grub.cfg", "/boot/grub2/grub.cfg")),
    (
        "audit tool",
        tuple(f"/sbin/{name}" for name in "auditctl auditd ausearch aureport autrace augenrules".split()),
    ),
    ("own", ("/usr/bin/aide", "/usr/sbin/aide", "/etc/aide/aide.conf", "/etc/aide.conf")),
)
"""Files that stand for their kind."""
NEVER = (1 << 30, 0)


class IntegrityCoverage(NamedTuple):
    """One file that is there."""

    path: str
    """With links resolved, as AIDE sees it."""
    kind: str
    """settings, program, start, audit tool, or own: AIDE itself."""
    covered: int | None
    """1 when a rule takes it and none leaves it out; NULL when that cannot be told."""
    contents: int | None
    """1 when the rule that AIDE uses for it compares a strong checksum; 0 also when no rule takes it. NULL when a rule
    without one may be used in its place."""
    rule: str
    """The rule that AIDE uses for it, or the one that leaves it out."""
    rule_path: str | None
    line: int | None


@table(targets={"host", "root"})
def integrity_coverage(target: Target) -> Iterator[IntegrityCoverage]:
    """Yield one row per well-known file that exists.

    Programs whose output AIDE reads as configuration are not run. Where the text of one could leave out the folder of
    a file, the answer is NULL.

    Source: aide.conf(5) of AIDE 0.16 to 0.18.

    Raises:
        Absent: AIDE is not installed or has no configuration.
        Partial: a file of the configuration could not be read.
    """
    config_path = find_config(target) if target.find_program("aide") is not None else None
    if config_path is None:
        raise Absent("AIDE is not installed or has no configuration")
    config = read_aide(target, config_path)
    seen: set[str] = set()
    for kind, places in PLACES:
        for place in places:
            try:
                path = target.realpath(place)
                if path in seen or target.stat(path).kind != "file":
                    continue
            except OSError:
                continue
            seen.add(path)
            yield _row(config, path, kind)
    say_unread(config.unread)


def _row(config: AideConfig, path: str, kind: str) -> IntegrityCoverage:
    left_out: list[Rule] = []
    in_doubt = any(_may_exclude(text, path) for _, text in config.scripts)
    takers: list[Rule] = []
    maybe: list[Rule] = []
    for rule in config.rules:
        if rule.sign in ("!", "-"):
            answers = [rule.matches(path, "f"), *(rule.matches(folder, "d") for folder in _above(path))]
            if True in answers and rule.is_sure:
                left_out.append(rule)
            elif None in answers or True in answers or (not rule.is_sure and _unfilled(rule, path)):
                in_doubt = True
        elif _rank(rule, path) is not None:
            answer = rule.matches(path, "f") if rule.is_sure else _unfilled(rule, path)
            if answer and rule.is_sure:
                takers.append(rule)
            elif answer is not False:
                maybe.append(rule)
    used = min(takers, key=lambda rule: _rank(rule, path) or NEVER, default=None)
    shown = left_out[0] if left_out else used
    covered: int | None = 0 if left_out or used is None else None if in_doubt else 1
    contents: int | None = 0
    if used is not None and covered != 0:
        contents = int(bool(used.attributes & STRONG))
        if contents and not all(rule.attributes & STRONG for rule in maybe):
            contents = None
    return IntegrityCoverage(
        path=path,
        kind=kind,
        covered=covered,
        contents=contents,
        rule="" if shown is None else shown.text,
        rule_path=None if shown is None else shown.path,
        line=None if shown is None else shown.line,
    )


def _rank(rule: Rule, path: str) -> tuple[int, int] | None:
    """How early AIDE asks this rule about a file; None when it never does.

    A rule belongs to the folder that its plain text ends in. The rules of the file's own folder are asked first, those
    with `=` before the others, then those of the folders above, without their `=`. The first that fits is used.
    """
    folder, own = rule.folder, posixpath.dirname(path)
    if folder is None:
        return 0, 0
    if folder == own:
        return 0, int(rule.sign != "=")
    if rule.sign == "=" or not own.startswith(folder.rstrip("/") + "/"):
        return None
    return len(own) - len(folder), 1


def _above(path: str) -> list[str]:
    found: list[str] = []
    while path not in ("/", ""):
        path = posixpath.dirname(path)
        found.append(path)
    return found


def _unfilled(rule: Rule, path: str) -> bool:
    """A rule with a name that we cannot fill in may be about any path that fits around it."""
    loose = rule._replace(expression=re.sub(r"@@\{\w+\}", ".*", rule.expression))
    return loose.matches(path, "f") is not False or any(loose.matches(one, "d") is not False for one in _above(path))


def _may_exclude(script: str, path: str) -> bool:
    """Whether a program's text writes a rule that leaves something out near this path."""
    top = path.split("/")[1]
    return re.search(rf"[!-]/[({{\[\\]*{re.escape(top)}\b|[!-]/[.\s$*]", script) is not None
