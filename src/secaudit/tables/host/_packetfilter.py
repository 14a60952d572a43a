"""Decide what a set of packet filter rules does with a new packet from outside. It never guesses.

The rules of nftables and iptables are compiled into the same small form (see `_nft.py` and `_iptables.py`): a rule is
a list of conditions and an action. A condition answers for a *kind* of packet, "new, from outside, to port 22", so it
knows five answers: no packet of this kind matches, all do, a few do (those of one sender, say), most do, or it cannot
be told. Where packets of a kind part ways, each way is followed with a mark, and the marks decide how sure we are.

Source: nft(8), iptables(8); the order of hooks: https://wiki.nftables.org/wiki-nftables/index.php/Netfilter_hooks
"""

from __future__ import annotations

from typing import Callable, Iterable, NamedTuple

NO, SOME, MOST, YES, UNKNOWN = range(5)
"""Answers of a condition."""

GENERAL, FEW, DOUBT = range(3)
"""Marks of a way: that of any sender, of particular senders only, or one that may not be gone at all."""

MAX_DEPTH = 64
"""Of jumps. The kernel allows 16 (nftables) or refuses loops when rules are loaded (iptables)."""


class Probe(NamedTuple):
    """A kind of packet: the first of a connection, or a first datagram, from outside."""

    version: int
    """4 or 6."""
    protocol: str
    """tcp or udp."""
    port: int
    address: str
    """The destination; '' when the addresses of this machine are not known."""
    iif: str
    """The interface on which it arrives; '' when none is known."""
    outer: frozenset[str]
    """All interfaces on which packets from outside arrive; each has probes of its own."""
    oif: str | None = None
    """Where it is forwarded to; None when it is not, or not known."""
    dnat: bool = False
    """Its destination was rewritten."""


Condition = Callable[[Probe], int]


class Action(NamedTuple):
    """What a rule does with the packets that match."""

    kind: str
    """accept, drop, reject, return, jump, goto, dnat, redirect, continue, unknown."""
    goal: str = ""
    """A chain, or an address to rewrite to."""
    port: int | None = None


class Rule(NamedTuple):
    """One rule, in the order of its chain."""

    conditions: tuple[Condition, ...]
    action: Action
    text: str


class Base(NamedTuple):
    """A chain that the kernel calls."""

    key: str
    """Of its rules in `Ruleset.chains`."""
    hook: str
    """ingress, prerouting, input, forward."""
    priority: int
    kind: str
    """filter, nat, mangle, raw, ..."""
    policy: str
    versions: tuple[int, ...]
    devices: tuple[str, ...]
    """Of an ingress chain."""
    manager: str
    """nftables, iptables or iptables-legacy."""


class Ruleset(NamedTuple):
    """All rules of the kernel."""

    bases: list[Base]
    chains: dict[str, list[Rule]]


class Judgement(NamedTuple):
    """What happens to a kind of packet."""

    verdict: str | None
    """accept, drop, reject, limited (only particular senders get through), or None: it cannot be told."""
    rule: str
    """What decided."""


# ---------------------------------------------------------------- answers


def both(answers: Iterable[int]) -> int:
    """All conditions together."""
    seen = set(answers)
    for answer in (NO, UNKNOWN, SOME, MOST):
        if answer in seen:
            return answer
    return YES


def either(answers: Iterable[int]) -> int:
    """At least one of them."""
    seen = set(answers)
    for answer in (YES, UNKNOWN, MOST, SOME):
        if answer in seen:
            return answer
    return NO


def inverse(answer: int) -> int:
    """Not this."""
    return {NO: YES, YES: NO, SOME: MOST, MOST: SOME}.get(answer, UNKNOWN)


# ---------------------------------------------------------------- walking the chains


class Walk:
    """Follows one kind of packet through all chains of its way."""

    def __init__(self, rules: Ruleset, probe: Probe) -> None:
        self._rules = rules
        self._probe = probe
        self._known: dict[tuple[str, int], dict[tuple[int, str], str]] = {}
        self._open: set[tuple[str, int]] = set()

    def chain(self, key: str, mark: int) -> dict[tuple[int, str], str]:
        """Give (mark, outcome) -> deciding rule. Outcomes: accept, drop, reject, unknown, fall, `dnat ADDRESS PORT`.

        Each chain is walked once for each mark, so the cost is linear in the number of rules whatever the jumps.
        """
        place = (key, mark)
        if place in self._known:
            return self._known[place]
        if key not in self._rules.chains:
            return {(mark, "unknown"): f"{key} is no chain that we know"}
        if place in self._open or len(self._open) > MAX_DEPTH:
            return {(DOUBT, "unknown"): f"chain {key} calls itself or is too deep"}
        self._open.add(place)
        found: dict[tuple[int, str], str] = {}
        live = {mark}
        for rule in self._rules.chains[key]:
            if not live:
                break
            answer = both(condition(self._probe) for condition in rule.conditions)
            if answer == NO:
                continue
            staying: set[int] = set()
            for one in sorted(live):
                taken = one if answer in (YES, MOST) else max(one, FEW) if answer == SOME else DOUBT
                if answer == MOST:
                    staying.add(max(one, FEW))
                elif answer != YES:
                    staying.add(one)
                staying |= self._take(rule, taken, found)
            live = staying
        for one in live:
            found.setdefault((one, "fall"), "")
        self._open.discard(place)
        self._known[place] = found
        return found

    def _take(self, rule: Rule, mark: int, found: dict[tuple[int, str], str]) -> set[int]:
        """Do what the rule says; give the marks that go on to the next rule."""
        kind, goal, port = rule.action
        if kind == "continue":
            return {mark}
        if kind == "return":
            found.setdefault((mark, "fall"), rule.text)
            return set()
        if kind in ("jump", "goto"):
            going_on: set[int] = set()
            for (reached, outcome), text in self.chain(goal, mark).items():
                if outcome != "fall":
                    found.setdefault((reached, outcome), text)
                elif kind == "jump":
                    going_on.add(reached)
                else:
                    found.setdefault((reached, "fall"), text)
            return going_on
        outcome = f"dnat {goal} {port if port is not None else self._probe.port}" if kind == "dnat" else kind
        found.setdefault((mark, outcome), rule.text)
        return set()

    def base(self, base: Base, mark: int) -> dict[tuple[int, str], str]:
        """As `chain`, with the policy of the base chain in place of falling out of it."""
        found: dict[tuple[int, str], str] = {}
        for (reached, outcome), text in self.chain(base.key, mark).items():
            if outcome == "fall":
                found.setdefault((reached, base.policy), f"{base.key} policy {base.policy}")
            else:
                found[(reached, outcome)] = text
        return found


def judge(rules: Ruleset, probe: Probe, route: Callable[[str], str | None]) -> Judgement:
    """Say whether packets of this kind reach the program that listens, or the container behind a rewritten address.

    Args:
        rules: of the kernel.
        probe: the kind of packet.
        route: gives the interface that leads to an address, or None when that is not known.
    """
    final: dict[tuple[int, str], str] = {}
    accepted = ""
    live = {GENERAL}

    def pass_through(bases: list[Base], walk: Walk) -> None:
        nonlocal live, accepted
        for base in bases:
            going_on: set[int] = set()
            for mark in sorted(live):
                for (reached, outcome), text in walk.base(base, mark).items():
                    if outcome == "accept":
                        going_on.add(reached)
                        if reached == GENERAL:
                            accepted = text
                    else:
                        final.setdefault((reached, outcome), text)
            live = going_on

    walk = Walk(rules, probe)
    pass_through(_bases(rules, probe, ("ingress",), nat=False), walk)
    pass_through(_bases(rules, probe, ("prerouting",), nat=False), walk)
    rewritten, doubt = _destination(rules, probe, walk)
    if doubt:
        return Judgement(None, doubt)
    if rewritten is None:
        pass_through(_bases(rules, probe, ("input",), nat=False), walk)
    else:
        address, port = rewritten
        probe = probe._replace(address=address, port=port, dnat=True, oif=route(address))
        pass_through(_bases(rules, probe, ("forward",), nat=False), Walk(rules, probe))
    for mark in live:
        final.setdefault((mark, "accept"), accepted or "no rule applies")
    return _conclude(final)


def _bases(rules: Ruleset, probe: Probe, hooks: tuple[str, ...], nat: bool) -> list[Base]:
    return sorted(
        (
            base
            for base in rules.bases
            if base.hook in hooks
            and probe.version in base.versions
            and (base.kind == "nat") == nat
            and (not base.devices or probe.iif in base.devices)
        ),
        key=lambda base: base.priority,
    )


def _destination(rules: Ruleset, probe: Probe, walk: Walk) -> tuple[tuple[str, int] | None, str]:
    """Where NAT sends the packet: (address, port), or None when it stays; and a reason when that cannot be told."""
    for base in _bases(rules, probe, ("prerouting",), nat=True):
        found = walk.base(base, GENERAL)
        for (mark, outcome), text in found.items():
            if mark == DOUBT and outcome.startswith(("dnat", "redirect", "unknown")):
                return None, text
        for (mark, outcome), text in found.items():
            if mark == GENERAL and outcome in ("redirect", "unknown"):
                return None, text
            if mark == GENERAL and outcome.startswith("dnat "):
                address, port = outcome.split(" ")[1:]
                return ((address, int(port)), "") if address else (None, text)
    return None, ""


def _conclude(final: dict[tuple[int, str], str]) -> Judgement:
    general = next(((outcome, text) for (mark, outcome), text in final.items() if mark == GENERAL), None)
    if general is None or general[0] not in ("accept", "drop", "reject"):
        return Judgement(None, general[1] if general else "")
    reached = general[0] == "accept"
    for (mark, outcome), text in final.items():
        if mark == DOUBT and (outcome == "unknown" or (outcome == "accept") != reached):
            return Judgement(None, text)  # a rule that we cannot read would change the answer
    if not reached:
        for (mark, outcome), text in final.items():
            if mark == FEW and outcome == "accept":
                return Judgement("limited", text)
            if mark == FEW and outcome == "unknown":
                return Judgement(None, text)
    return Judgement(*general)
