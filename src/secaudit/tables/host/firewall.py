"""firewall: what the running packet filter does with new packets from outside. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _addresses
from secaudit.tables.host._packetfilter import Ruleset
from secaudit.tables.host._ruleset import Machine, load

PORTS = (9, 611, 4999, 17771, 38383, 61999)
"""Ports that no common service uses, over the whole range: what happens there is the rule for everything unnamed."""

HOOKS = ("ingress", "prerouting", "input")


class Firewall(NamedTuple):
    """The packet filter for one family of addresses."""

    family: str
    """ipv4 or ipv6."""
    kind: str
    """Who made the rules: ufw, firewalld, nftables, iptables, iptables-legacy, several with `+`; none: no rules."""
    active: int
    """1 when at least one rule or policy can refuse incoming packets."""
    input_policy: str | None
    """New packets to a port that no rule names: accept, drop, reject, limited (only particular senders or interfaces
    get through); NULL when the rules hold something that we cannot judge."""
    rules: int
    """Number of rules that incoming packets may meet."""
    in_use: int
    """1 when this machine has an address of this family besides loopback and, for ipv6, link-local ones."""
    reachable: int
    """1 when this machine has any address of this family besides loopback."""
    rule: str
    """What decided `input_policy`."""


@table(targets={"host"})
def firewall(target: Target) -> Iterator[Firewall]:
    """Yield one row for IPv4 and one for IPv6. A firewall in front of this machine (router, cloud) is not seen.

    Rules of nftables, of iptables over nftables and of the old iptables are judged together, in the order of the
    kernel's hooks; XDP and eBPF programs are not.

    Source: `nft -j list ruleset`, iptables-save(8), /proc/net.

    Raises:
        Denied: only root may list the rules.
        Failed: they are in a form that we do not know.
    """
    machine = load(target)
    for version in (4, 6):
        own = _addresses.own_addresses(target, version)
        wide = [address for address in own if not address.startswith("fe80:")]
        if machine is None:
            yield Firewall(
                f"ipv{version}",
                "none",
                0,
                "accept",
                0,
                int(bool(wide)),
                int(bool(own)),
                "no packet filter is installed",
            )
            continue
        policy, rule = _policy(machine, version)
        count, refuses = _count(machine.rules, version)
        yield Firewall(
            family=f"ipv{version}",
            kind=_kind(machine.rules, version),
            active=int(refuses),
            input_policy=policy,
            rules=count,
            in_use=int(bool(wide)),
            reachable=int(bool(own)),
            rule=rule,
        )


def _policy(machine: Machine, version: int) -> tuple[str | None, str]:
    """The answer for ports that no rule names: the most open one of several, because ranges may be open."""
    order = ("drop", "reject", "limited", None, "accept")
    found = [machine.judge(version, protocol, port) for protocol in ("tcp", "udp") for port in PORTS]
    worst = max(found, key=lambda judgement: order.index(judgement.verdict))
    return worst.verdict, worst.rule


def _reached(rules: Ruleset, version: int) -> set[str]:
    """Chains that incoming packets may meet."""
    waiting = [
        base.key for base in rules.bases if base.hook in HOOKS and base.kind != "nat" and version in base.versions
    ]
    found: set[str] = set()
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting.extend(
                rule.action.goal for rule in rules.chains.get(key, ()) if rule.action.kind in ("jump", "goto")
            )
    return found


def _count(rules: Ruleset, version: int) -> tuple[int, bool]:
    keys = _reached(rules, version)
    count = sum(len(rules.chains.get(key, ())) for key in keys)
    by_rule = any(
        rule.action.kind in ("drop", "reject", "unknown") for key in keys for rule in rules.chains.get(key, ())
    )
    by_policy = any(base.key in keys and base.policy != "accept" for base in rules.bases)
    return count, by_rule or by_policy


def _kind(rules: Ruleset, version: int) -> str:
    keys = _reached(rules, version)
    found: set[str] = set()
    for base in rules.bases:
        if base.key not in keys or not (rules.chains.get(base.key) or base.policy != "accept"):
            continue
        words = base.key.split(" ")
        if "firewalld" in words:
            found.add("firewalld")
        elif base.manager == "nftables":
            found.add("nftables")
        else:
            prefix = " ".join(words[:-1])
            ours = {key.rpartition(" ")[2] for key in keys if key.startswith(prefix + " ")}
            ufw = any(name.startswith(("ufw-", "ufw6-")) for name in ours)
            zones = "INPUT_ZONES" in ours
            found.add("ufw" if ufw else "firewalld" if zones else base.manager)
    return "+".join(sorted(found)) or "none"
