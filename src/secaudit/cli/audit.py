"""secaudit audit."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from secaudit.app.output import ON_STDOUT, SUFFIXES
from secaudit.cli import options
from secaudit.cli.network_options import NAMES, PathOrUrl, asked_at_terminal, network_options
from secaudit.model import Severity

if TYPE_CHECKING:
    from secaudit.app.reaching import Reach


@click.command()
@click.argument("target", required=False, type=PathOrUrl(path_type=Path))
@click.option(
    "--root",
    type=click.Path(path_type=Path),
    help="Audit a mounted file system, a tar archive of one, or a container image; runs nothing of it.",
)
@click.option("--project", type=click.Path(path_type=Path), help="Audit a folder of source code; runs nothing of it.")
@click.option("--staged", is_flag=True, help="Of a project only what is staged in git for the next commit. Not kept.")
@click.option(
    "--history/--no-history",
    default=True,
    help="Search what older commits of a project hold. Left out, those checks could not be made. Default: on.",
)
@click.option(
    "--history-seconds",
    "history_s",
    type=click.FloatRange(1, 86400),
    help="How long to search the history. Cut, those checks could not be made. Default: 120.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    help="A file with accepted findings: they stay failures, shown as waived, and do not count for --fail-on.",
)
@network_options
@click.option("--replay", type=click.Path(path_type=Path), help="Judge a recorded snapshot.jsonl again.")
@click.option(
    "--profile",
    shell_complete=options.complete_profile,
    help="Which checks. Default: freelancer; project, site, network or mail for such a target.",
)
@click.option(
    "--standard",
    "standards",
    multiple=True,
    shell_complete=options.complete_standard,
    help="Report against this one. May be repeated. Default: those of the profile.",
)
@click.option(
    "--only",
    multiple=True,
    help="Only these: an id with *, topic:ssh, tag:desktop, a severity, iso27001:A.8.5. Repeatable.",
)
@click.option("--skip", multiple=True, help="Not these checks. As --only.")
@click.option(
    "--param",
    "params",
    multiple=True,
    help="Judge by another value: CHECK.NAME=VALUE. The report says so. Repeatable.",
)
@click.option(
    "-o",
    "--output",
    "outputs",
    multiple=True,
    help=f"Write a file; its ending says the format ({' '.join(SUFFIXES)}), or FORMAT=FILE. Repeatable.",
)
@click.option(
    "--format",
    "fmt",
    type=click.Choice(["text", *ON_STDOUT]),
    help="What stdout shows. Default: text, and plain in a pipe.",
)
@click.option(
    "--fail-on",
    type=click.Choice([*(str(item) for item in Severity), "never"]),
    default="high",
    show_default=True,
    help="Exit code 1 from this severity up.",
)
@click.option("--strict", is_flag=True, help="Exit code 3 when any check could not be made.")
@click.option("--top", type=click.IntRange(1, 1000), default=5, show_default=True, help="How many fixes to show.")
@click.option("--all", "everything", is_flag=True, help="Show every finding and what could not be checked.")
@click.option("--no-save", is_flag=True, help="Do not keep this run.")
@click.option(
    "--timeout", "timeout_s", type=click.FloatRange(0.1, 3600), help="Seconds for each table instead of its own limit."
)
@click.option(
    "--jobs", type=click.IntRange(1, 64), help="Tables read at the same time. Default: as many as cores, 1 for --root."
)
@options.content
@options.quiet
@options.color
def audit(
    target: Path | str | None, root: Path | None, project: Path | None, staged: bool, history: bool,
    history_s: float | None, baseline: Path | None, replay: Path | None, dry_run: bool,
    profile: str | None, standards: tuple[str, ...],
    only: tuple[str, ...], skip: tuple[str, ...], params: tuple[str, ...],
    outputs: tuple[str, ...], fmt: str | None, fail_on: str, strict: bool,
    top: int, everything: bool, no_save: bool, timeout_s: float | None, jobs: int | None, content: tuple[Path, ...],
    quiet: bool, color: str, **network: Any,
) -> int:  # fmt: skip
    """Audit this machine, or TARGET (project, file system, archive, URL of a site), and say what to fix first.

    Runs as you are, changes nothing, sends nothing. What needs more rights is "could not check", never a pass.
    Only a site, hosts or a domain that you name are asked over the network, when you say that you may.

    \b
    Examples:
      secaudit audit
      secaudit audit -o report.html -o run.json
      secaudit audit .
      secaudit audit --staged --fail-on high
      secaudit audit --root /mnt/backup --profile server
      secaudit audit --root backup.tar.gz
      docker save shop:2 -o shop.tar && secaudit audit --root shop.tar
      secaudit audit http://localhost:8000 --i-may-scan --active
      secaudit audit --network 192.168.1.0/24 --i-may-scan --dry-run
      secaudit audit --domain shop.example --authorised-by 'Ana, owner' --authorised-until 2026-12-31
      secaudit audit --only 'ssh-*' --only critical --all
      secaudit audit --format json | jq .score
    """
    from secaudit.app.auditing import AuditRequest
    from secaudit.app.opening import is_root_file_system
    from secaudit.cli.audit_run import Shown, audit_and_show
    from secaudit.errors import UsageError

    if isinstance(target, str):
        network["site"], target = network["site"] or target, None
    reached = {name: network[name] for name in ("site", "network", "domain") if network[name] is not None}
    places = [place for place in (target, root, project, replay, *reached.values()) if place is not None]
    if len(places) > 1:
        text = "name one target: TARGET, --root, --project, --site, --network, --domain or --replay"
        raise UsageError(text, (("help", "secaudit audit --help"),))
    if target is not None:
        root, project = (target, None) if is_root_file_system(target) else (None, target)
    if staged:
        project = _of_staged(root or next(iter(reached.values()), None), project, replay, profile)
    if not reached and (dry_run or any(network[name] not in (None, "", (), False, "own") for name in NAMES)):
        fix = ("fix", "name what to look at: --site URL, --network HOSTS or --domain NAME")
        raise UsageError("options of the network are given, and no target of the network", (fix,))
    if dry_run:
        from secaudit.app.planning import plan_listing, planned
        from secaudit.app.reaching import Options
        from secaudit.terminal.listing import show_listing

        show_listing(plan_listing(planned(Options(**network), profile, only, skip)), fmt or "text")
        return 0
    reach = _reach(network) if reached else None
    request = AuditRequest(
        root=root, project=project, staged=staged, history=history, history_s=history_s,
        baseline=baseline, reach=reach, replay=replay, profile=profile, standards=standards,
        only=only, skip=skip, params=params, content=content, timeout_s=timeout_s, jobs=jobs,
    )  # fmt: skip
    shown = Shown(
        outputs=outputs, fmt=fmt or ("text" if sys.stdout.isatty() else "plain"), top=top, everything=everything,
        save=not no_save and not staged, quiet=quiet, color=color,
        fail_on=None if fail_on == "never" else Severity(fail_on), strict=strict,
    )  # fmt: skip
    return audit_and_show(request, shown)


def _reach(network: dict[str, Any]) -> Reach:
    """The target on the network, with the consent that was given or is asked for now."""
    from secaudit.app.reaching import Options, reach

    return reach(Options(**network), asked_at_terminal())


def _of_staged(root: Path | str | None, project: Path | None, replay: Path | None, profile: str | None) -> Path:
    """The project of `--staged`: the folder that is named, else this one."""
    from secaudit.errors import UsageError

    if root is not None or replay is not None:
        raise UsageError("only a project can have something staged (option --staged)", (("fix", "--project DIR"),))
    if profile is not None:
        fix = ("fix", "leave --profile out; choose checks with --only and --skip")
        raise UsageError("what is staged is judged by a profile of its own (option --staged)", (fix,))
    return project or Path()
