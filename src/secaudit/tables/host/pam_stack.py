"""pam_stack: the modules that each service asks, in order, with includes followed. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._pam import Pam, installed_modules, is_installed


class PamRule(NamedTuple):
    """One module in one stack."""

    service: str
    phase: str
    """auth, account, password or session."""
    position: int
    """From 1, within service and phase."""
    control: str
    """required, requisite, sufficient, optional or a bracketed list; include, substack or @include when that failed."""
    module: str
    """File name, `pam_unix.so`; empty when a file could not be included, which makes the stack fail there."""
    module_path: str
    """As written."""
    args: str
    """Arguments with single spaces between them."""
    is_installed: int | None
    """1 when the module's file is there; NULL when the folder of modules was not found."""
    path: str
    """The file that holds the line, which may be an included one."""
    line: int


@table(targets={"host", "root"})
def pam_stack(target: Target) -> Iterator[PamRule]:
    """Yield one row per module of every service in /etc/pam.d and the vendor's folders, or in /etc/pam.conf.

    Copies left behind by editors and package managers are not services.

    Source: pam.d(5).

    Raises:
        Absent: PAM is not configured here.
        Partial: a file could not be read, or a stack is endless.
    """
    pam = Pam(target)
    if not pam.is_used:
        raise Absent("PAM is not configured here")
    modules = installed_modules(target)
    for service in pam.services():
        positions: dict[str, int] = {}
        for rule in pam.rules(service):
            positions[rule.phase] = positions.get(rule.phase, 0) + 1
            yield PamRule(
                service=service,
                phase=rule.phase,
                position=positions[rule.phase],
                control=rule.control,
                module=rule.module,
                module_path=rule.module_path,
                args=" ".join(rule.args),
                is_installed=is_installed(target, rule, modules),
                path=rule.path,
                line=rule.line,
            )
    if pam.problems:
        raise Partial("not everything could be read: " + ", ".join(pam.problems[:5]))
