"""Load the packet filter rules of the running kernel. Shared by `firewall` and `firewall_exposure`."""

from __future__ import annotations

import ipaddress
import json
from typing import Any, Callable, NamedTuple

from secaudit.tableapi import Denied, Failed, Target
from secaudit.tables.host import _iptables, _nft
from secaudit.tables.host._addresses import ipv4_routes, outer_interfaces, own_addresses
from secaudit.tables.host._packetfilter import Judgement, Probe, Ruleset, judge

TABLES = ("filter", "nat", "mangle", "raw", "security")
"""Names that belong to iptables in the families ip and ip6."""

TABLE_FLAGS = {"dormant", "owner", "persist"}
"""libnftables-json(5)."""

MAX_ADDRESSES = 16
_WORST = ("drop", "reject", "limited", None, "accept")


class Machine(NamedTuple):
    """The rules, and where packets from outside come from and go to."""

    rules: Ruleset
    outer: frozenset[str]
    addresses: dict[int, list[str]]
    route: Callable[[str], str | None]

    def judge(self, version: int, protocol: str, port: int, address: str = "") -> Judgement:
        """What happens to a new packet from outside, by the way in that lets most through.

        Args:
            version: 4 or 6.
            protocol: tcp or udp.
            port: destination.
            address: destination; '' for any address of this machine.
        """
        worst = Judgement("drop", "")
        first = True
        for interface in sorted(self.outer) or [""]:
            for goal in [address] if address else self.addresses[version] or [""]:
                probe = Probe(version, protocol, port, goal, interface, self.outer)
                found = judge(self.rules, probe, self.route)
                if first or _WORST.index(found.verdict) > _WORST.index(worst.verdict):
                    worst = found
                first = False
        return worst


def load(target: Target) -> Machine | None:
    """Give the rules of the running kernel, or None when no program is here that could have set any.

    Raises:
        Denied: only root may list them.
        Failed: a program answered in a form that we do not know.
    """
    tools = [
        name
        for name in ("nft", "iptables-save", "iptables-nft-save", "iptables-legacy-save")
        if target.find_program(name)
    ]
    if not tools:
        return None
    if not target.is_root:
        raise Denied("the rules of the packet filter are shown only to root")
    rules = Ruleset([], {})
    iptables_too = True
    if "nft" in tools:
        document = _list_nft(target)
        rules = _nft.compile_ruleset(document)
        iptables_too = _has_iptables(document)
    if iptables_too or "nft" not in tools:
        rules = _merge(target, rules, "nft")
    if _legacy_names(target):
        rules = _merge(target, rules, "legacy")
    addresses: dict[int, list[str]] = {}
    for version in (4, 6):
        own = own_addresses(target, version)
        addresses[version] = own if len(own) <= MAX_ADDRESSES else [*own[:MAX_ADDRESSES], ""]
    return Machine(rules, outer_interfaces(target), addresses, _router(target))


def _list_nft(target: Target) -> dict[str, Any]:
    done = target.run(["nft", "-j", "list", "ruleset"])
    if done.exit_code != 0:
        if "permitted" in done.stderr:
            raise Denied("the rules of the packet filter are shown only with the right CAP_NET_ADMIN", needs=None)
        raise Failed(f"nft could not list the rules: {done.stderr.strip()[:200]}")
    try:
        document = json.loads(done.stdout)
    except ValueError:
        raise Failed("nft did not answer in valid JSON (1.0.6 does so for a table with flags)") from None
    if not isinstance(document, dict) or not isinstance(document.get("nftables"), list):
        raise Failed("nft answered in a form that we do not know")
    for entry in document["nftables"]:
        flags = (
            entry["table"].get("flags", ()) if isinstance(entry, dict) and isinstance(entry.get("table"), dict) else ()
        )
        if not set([flags] if isinstance(flags, str) else flags) <= TABLE_FLAGS:
            # 1.0.6 prints whatever lies in memory there, so a table that is switched off cannot be told from others
            raise Failed("nft answered with table flags that do not exist; a newer version is needed")
    return document


def _has_iptables(document: dict[str, Any]) -> bool:
    """True when tables are there that iptables may have made."""
    return any(
        isinstance(entry, dict)
        and isinstance(entry.get("table"), dict)
        and entry["table"].get("family") in ("ip", "ip6")
        and entry["table"].get("name") in TABLES
        for entry in document["nftables"]
    )


def _legacy_names(target: Target) -> bool:
    """True when the kernel holds tables of the old kind, which nft does not show."""
    for path in ("/proc/net/ip_tables_names", "/proc/net/ip6_tables_names"):
        try:
            if target.read_text(path).strip():
                return True
        except FileNotFoundError:
            continue
    return False


def _merge(target: Target, rules: Ruleset, kind: str) -> Ruleset:
    """Add what iptables-save prints. Chains that it knows replace those of nft: it can read its extensions."""
    bases, chains = list(rules.bases), dict(rules.chains)
    for version, stem in ((4, "iptables"), (6, "ip6tables")):
        family = "ip" if version == 4 else "ip6"
        text = _save(target, stem, kind)
        if text is None:
            continue
        manager = "iptables" if kind == "nft" else "iptables-legacy"
        found = _iptables.parse(text, version, manager)
        if kind == "nft":
            prefix = "iptables6 " if version == 6 else "iptables "
            known = {f"{family} {key[len(prefix) :]}" for key in found.chains}
            bases = [base for base in bases if base.key not in known]
        bases.extend(found.bases)
        chains.update(found.chains)
    return Ruleset(bases, chains)


def _save(target: Target, stem: str, kind: str) -> str | None:
    """The rules of one kind, or None when its program is not installed; the plain name may be either kind."""
    for name in (f"{stem}-{kind}-save", f"{stem}-save"):
        if not target.find_program(name):
            continue
        done = target.run([name])
        if done.exit_code != 0:
            if "ermission" in done.stderr or "permitted" in done.stderr:
                raise Denied("the rules of the packet filter are shown only with the right CAP_NET_ADMIN", needs=None)
            raise Failed(f"{name} could not list the rules: {done.stderr.strip()[:200]}")
        if name.count("-") == 2 or not done.stdout.strip():
            return done.stdout
        is_nft = "(nf_tables)" in done.stdout.split("\n", 1)[0]
        return done.stdout if is_nft == (kind == "nft") else None
    if kind == "legacy":
        raise Failed("rules of the old iptables are loaded, and the program that lists them is not installed")
    return None


def _router(target: Target) -> Callable[[str], str | None]:
    routes = ipv4_routes(target)

    def route(address: str) -> str | None:
        try:
            place = ipaddress.ip_address(address)
        except ValueError:
            return None
        if not isinstance(place, ipaddress.IPv4Address):
            return None
        return next((one.interface for one in routes if place in one.network), None)

    return route
