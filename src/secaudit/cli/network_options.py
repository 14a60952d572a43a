"""The options of `audit` about what is reached over the network."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--site", metavar="URL", help="Audit a web site as a visitor sees it."),
    click.option("--network", metavar="HOSTS", help="Audit hosts: names, addresses, ranges up to /24, with commas."),
    click.option("--domain", metavar="NAME", help="Audit the mail and DNS records of a domain."),
    click.option(
        "--i-may-scan", "may_scan", is_flag=True,
        help="The loopback or private address is yours, or you may scan it. Nothing is sent without.",
    ),
    click.option(
        "--authorised-by", default="", metavar="WHO",
        help="Who allowed the audit of a public address. It stands in the report.",
    ),
    click.option("--authorised-until", default="", metavar="DAY", help="The last day of that, as 2026-12-31."),
    click.option("--authorisation", "reference", default="", metavar="TEXT", help="Where that is written down."),
    click.option(
        "--active", is_flag=True,
        help="More than a visitor does: known paths, odd requests, all ciphers, more than 64 ports.",
    ),
    click.option(
        "--intrusive", multiple=True, metavar="CHECK",
        help="Also the probe of this check, which logs in or the like. Repeatable.",
    ),
    click.option("--dry-run", is_flag=True, help="Print what would be sent, and send nothing."),
    click.option(
        "--ports", metavar="LIST",
        help="Of --network: these ports, as 22,80,8000-8100. Of --site: the port of its http or https, if unusual.",
    ),
    click.option("--engine", type=click.Choice(["own", "nmap"]), default="own", help="Of --network: who scans."),
    click.option(
        "--assets", type=click.Path(path_type=Path), help="Of --network: a list of the hosts that you know, one a line."
    ),
    click.option("--selector", "selectors", multiple=True, help="Of --domain: a DKIM selector in use. Repeatable."),
    click.option("--resolver", metavar="ADDRESS", help="Ask this DNS server instead of the system's."),
)  # fmt: skip

NAMES = frozenset(
    {"site", "network", "domain", "may_scan", "authorised_by", "authorised_until", "reference", "active", "intrusive",
     "ports", "engine", "assets", "selectors", "resolver"}
)  # fmt: skip
"""Their parameters, without `dry_run`."""


class PathOrUrl(click.Path):
    """A path, or the URL of a web site, which stays text."""

    name = "target"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """A Path, or the URL as it was typed."""
        if isinstance(value, str) and value.lower().startswith(("http://", "https://")):
            return value
        return super().convert(value, param, ctx)


def network_options(command: F) -> F:
    """Add them to a command, which takes them as keywords."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def asked_at_terminal() -> Callable[[str], str] | None:
    """How to ask the user; None where nobody sits at a terminal."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None

    def ask(question: str) -> str:
        answer: str = click.prompt(question, default="", show_default=False, err=True)
        return answer

    return ask
