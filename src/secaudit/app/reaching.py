"""What the user named on the network, and who allowed it: checked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

from secaudit.errors import TargetError, UsageError
from secaudit.history.fingerprints import load_key
from secaudit.history.store import runs_folder
from secaudit.model import Consent
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.consent import check_consent
from secaudit.targets.network.gate import Named
from secaudit.targets.network.naming import (
    parse_domain,
    parse_host,
    parse_hosts,
    parse_ports,
    parse_resolver,
    parse_url,
)

ASSETS_LIMIT_BYTES = 1 << 20
_SELECTOR = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", re.ASCII)

Ask = Callable[[str], str]
"""Puts a question at the terminal and gives what was typed."""


@dataclass(frozen=True, slots=True)
class Reach:
    """A network target with the consent to look at it."""

    named: Named
    consent: Consent

    @property
    def kind(self) -> str:
        return self.named.kind

    def open(self) -> NetworkAccess:
        """The target behind its gate. Nothing is sent yet."""
        access = NetworkAccess(self.named, self.consent)
        access.fingerprint_key = load_key() or access.fingerprint_key
        access.kept_folder = str(runs_folder().parent)
        return access


@dataclass(frozen=True, slots=True)
class Options:
    """The words of the command line."""

    site: str | None = None
    network: str | None = None
    domain: str | None = None
    ports: str | None = None
    selectors: Sequence[str] = ()
    resolver: str | None = None
    engine: str = "own"
    assets: Path | None = None
    may_scan: bool = False
    authorised_by: str = ""
    authorised_until: str = ""
    reference: str = ""
    active: bool = False
    intrusive: Sequence[str] = ()


def name_target(options: Options) -> Named:
    """What is to be looked at.

    Raises:
        TargetError: a name is none.
        UsageError: two targets, or an option that does not fit the target.
    """
    given = [name for name in ("site", "network", "domain") if getattr(options, name) is not None]
    if len(given) != 1:
        raise UsageError("name one target: --site, --network or --domain", (("help", "secaudit audit --help"),))
    _refuse_unfitting(options, given[0])
    resolver = parse_resolver(options.resolver) if options.resolver else None
    ports = parse_ports(options.ports) if options.ports else ()
    if options.site is not None:
        name = parse_url(options.site)
        return Named("site", url=name.url, hosts=(name.host,), ports=ports, resolver=resolver)
    if options.network is not None:
        assets = _read_assets(options.assets) if options.assets else None
        return Named(
            "network", hosts=parse_hosts(options.network), ports=ports, assets=assets, engine=options.engine,
            resolver=resolver,
        )  # fmt: skip
    for selector in options.selectors:
        if not _SELECTOR.fullmatch(selector):
            raise UsageError(
                f"{selector!r}: this is no DKIM selector (option --selector)", (("fix", "--selector mail"),)
            )
    domain = parse_domain(options.domain or "")
    return Named("domain", domain=domain, selectors=tuple(options.selectors), resolver=resolver)


def _refuse_unfitting(options: Options, kind: str) -> None:
    for option, value, fits in (
        ("--ports", options.ports, "network or --site"),
        ("--assets", options.assets, "network"),
        ("--engine nmap", options.engine != "own", "network"),
        ("--selector", options.selectors, "domain"),
    ):
        if value and kind not in fits.split(" or --"):
            raise UsageError(f"{option} is about --{fits} only", (("help", "secaudit audit --help"),))


def _read_assets(path: Path) -> tuple[str, ...]:
    """One host a line; what stands after # is a comment."""
    try:
        with path.open("rb") as stream:
            data = stream.read(ASSETS_LIMIT_BYTES + 1)
    except OSError as error:
        raise TargetError(f"{path}: {error.strerror} (option --assets)", (("fix", "name a list of hosts"),)) from error
    if len(data) > ASSETS_LIMIT_BYTES:
        raise TargetError(f"{path}: too large for a list of hosts (option --assets)", (("fix", "one host a line"),))
    found: dict[str, None] = {}
    for line in data.decode("utf-8", "replace").splitlines():
        if words := line.partition("#")[0].split():
            for host in parse_hosts(words[0], "--assets") if "/" in words[0] else (parse_host(words[0], "--assets"),):
                found.setdefault(host)
    return tuple(found)


def reach(options: Options, ask: Ask | None = None, today: date | None = None) -> Reach:
    """The target and the consent to look at it.

    Args:
        options: of the command line.
        ask: how to ask the user, who then types the target's name; None where nobody can be asked.
        today: the day, UTC.

    Raises:
        ConsentMissing: nobody allowed it; nothing was sent.
        TargetError, UsageError: as `name_target`.
    """
    named = name_target(options)
    day = (today or datetime.now(UTC).date()).isoformat()
    consent = Consent(
        local=options.may_scan, by=_one_line(options.authorised_by), until=_date(options.authorised_until),
        reference=_one_line(options.reference), level="active" if options.active else "passive",
        intrusive=tuple(sorted(set(options.intrusive))),
    )  # fmt: skip
    if ask is not None and not (consent.local or consent.by):
        consent = replace(consent, confirmed=_confirmed(named, ask))
    check_consent(consent, day)
    return Reach(named, consent)


def _confirmed(named: Named, ask: Ask) -> str:
    name = named.domain or (named.hosts[0] if len(named.hosts) == 1 else f"{len(named.hosts)} hosts")
    typed = ask(f'May you look at {name}? It is yours, or its owner allowed it: then type "{name}"').strip()
    return typed if typed.lower() == name.lower() else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]


def _date(text: str) -> str:
    if not text:
        return ""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError as error:
        fix = ("fix", "--authorised-until 2026-12-31")
        raise UsageError(f"{text!r}: this is no day (option --authorised-until)", (fix,)) from error
