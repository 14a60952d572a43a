"""A gate that sends nothing: tables tell it their plans."""

from __future__ import annotations

from typing import Any, NoReturn

from secaudit.model import Consent
from secaudit.targets.network.consent import allows
from secaudit.targets.network.gate import Named


class DryGate:
    """`tableapi.Net` for `--dry-run`. What would send is a mistake of the plan that asked for it."""

    vantage = "public"

    def __init__(self, named: Named, consent: Consent) -> None:
        self.kind, self.url, self.hosts, self.domain = named.kind, named.url, named.hosts, named.domain
        self.ports, self.selectors, self.assets, self.engine = named.ports, named.selectors, named.assets, named.engine
        self._consent = consent

    def may(self, level: str, probe: str = "") -> bool:
        """As the gate would say."""
        return allows(self._consent, level, probe)

    def require(self, level: str, why: str, probe: str = "") -> None:
        """A plan tells what would be sent at every level."""

    def _sends_nothing(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AssertionError("a plan tells what would be sent, and sends nothing")

    addresses = connect = scan = dns = each = back_off = run = sent = _sends_nothing
