"""Compile the output of `nft -j list ruleset`, libnftables-json(5), for `_packetfilter.py`."""

from __future__ import annotations

from typing import Any, Callable

from secaudit.tables.host import _conditions as conditions
from secaudit.tables.host._packetfilter import (
    MOST,
    NO,
    SOME,
    UNKNOWN,
    YES,
    Action,
    Base,
    Condition,
    Rule,
    Ruleset,
    both,
    either,
)

VERSIONS = {"ip": (4,), "ip6": (6,), "inet": (4, 6), "netdev": (4, 6)}
PASSING = {
    "counter", "log", "mangle", "notrack", "ct helper", "ct timeout", "ct expectation", "last", "dup", "flow",
    "secmark", "map",
}  # fmt: skip
"""Statements after which the rule goes on for every packet."""

VERDICTS = ("accept", "drop", "reject", "return", "continue", "jump", "goto")
NOT_TCP_UDP = ("icmp", "icmpv6", "igmp", "sctp", "dccp", "esp", "ah", "comp", "udplite", "arp", "vlan", "gre", "mh")


class _Compiler:
    """Holds the named sets and maps that rules refer to."""

    def __init__(self, objects: list[dict[str, Any]]) -> None:
        self.elements: dict[tuple[str, str, str], list[Any]] = {}
        for entry in objects:
            for kind in ("set", "map"):
                found = entry.get(kind)
                if isinstance(found, dict):
                    key = (found.get("family", ""), found.get("table", ""), found.get("name", ""))
                    self.elements[key] = [_value(one) for one in found.get("elem", ())]
        self.family = self.table = ""

    # ------------------------------------------------------------ values

    def values(self, right: Any) -> list[Any] | None:
        """The alternatives of a right-hand side; None when a named set is not known."""
        if isinstance(right, dict) and "set" in right:
            inner = right["set"]
            return [_value(one) for one in (inner if isinstance(inner, list) else [inner])]
        if isinstance(right, str) and right.startswith("@"):
            return self.elements.get((self.family, self.table, right[1:]))
        if isinstance(right, list):
            return [_value(one) for one in right]
        return [_value(right)]

    # ------------------------------------------------------------ conditions

    def match(self, body: dict[str, Any]) -> Condition:
        left, right, operator = body.get("left"), body.get("right"), body.get("op", "==")
        if operator not in ("==", "!=", "in"):
            return self._compared(left, right, operator)
        if isinstance(left, dict) and "&" in left:
            return self._masked(left["&"], right, operator)
        if _field(left) == ("tcp", "flags"):
            found = self.values(right)
            wanted = {str(one) for one in found or ()}
            answer = YES if ("syn" in wanted if operator == "in" else wanted == {"syn"}) else NO
            return _implied(left, conditions.negate(conditions.constant(answer), operator == "!="))
        alternatives = self.values(right)
        if alternatives is None:
            return _implied(left, conditions.constant(UNKNOWN))
        return _implied(left, conditions.negate(self.alternatives(left, alternatives), operator == "!="))

    def alternatives(self, left: Any, found: list[Any]) -> Condition:
        """The left side has one of the values."""
        if isinstance(left, dict) and "concat" in left:
            parts = left["concat"]
            rows = [self._concatenated(parts, one) for one in found]
            return lambda probe: either(row(probe) for row in rows)
        return _one_of(left, found)

    def _concatenated(self, parts: list[Any], element: Any) -> Condition:
        values = element.get("concat") if isinstance(element, dict) else None
        if not isinstance(values, list) or len(values) != len(parts):
            return conditions.constant(UNKNOWN)
        pairs = zip(parts, values)  # noqa: B905  Python 3.9
        pieces = [_implied(part, _one_of(part, [_value(value)])) for part, value in pairs]
        return lambda probe: both(piece(probe) for piece in pieces)

    def _compared(self, left: Any, right: Any, operator: str) -> Condition:
        """`<`, `>`, `<=`, `>=` on ports; anything else cannot be told."""
        field = _field(left)
        if field is None or field[1] != "dport" or not isinstance(right, int):
            return _implied(left, conditions.constant(UNKNOWN))
        bounds = {"<": (0, right - 1), "<=": (0, right), ">": (right + 1, 65535), ">=": (right, 65535)}
        return _implied(left, conditions.ports([bounds.get(operator, (1, 0))]))

    def _masked(self, sides: list[Any], right: Any, operator: str) -> Condition:
        """`tcp flags & (fin|syn|rst|ack) == syn`, `ip frag-off & 0x1fff != 0`."""
        field = _field(sides[0]) if sides else None
        if field == ("tcp", "flags") and len(sides) == 2:
            mask, wanted = _flag_names(sides[1]), _flag_names(right)
            if mask is not None and wanted is not None:
                return _implied(sides[0], conditions.negate(conditions.flags(mask, wanted), operator == "!="))
        if field is not None and field[1] == "frag-off" and operator == "!=" and right == 0:
            return conditions.constant(NO)  # a first packet is no later fragment
        return _implied(sides[0] if sides else None, conditions.constant(UNKNOWN))

    # ------------------------------------------------------------ rules

    def rules(self, entry: dict[str, Any]) -> list[Rule]:
        """Compile one rule; a verdict map gives one for each of its entries."""
        self.family, self.table = str(entry.get("family", "")), str(entry.get("table", ""))
        place = f"{self.family} {self.table} {entry.get('chain', '')} handle {entry.get('handle', '?')}"
        comment = entry.get("comment")
        text = f"{place} ({comment})" if comment else place
        found: list[Condition] = []
        for statement in entry.get("expr", ()):
            if not isinstance(statement, dict) or not statement:
                found.append(conditions.constant(UNKNOWN))
                continue
            name, body = next(iter(statement.items()))
            if name == "vmap":
                return self._verdict_map(body, found, text)
            action = self._action(name, body)
            if action is not None:
                if name == "reject":
                    found.extend(_reject_implies(body))
                return [Rule(tuple(found), action, text)]
            condition = self._statement(name, body)
            if condition is not None:
                found.append(condition)
        return []  # a rule without a verdict only counts or marks

    def _verdict_map(self, body: dict[str, Any], found: list[Condition], text: str) -> list[Rule]:
        key = body.get("key")
        data = body.get("data")
        pairs = self.values(data)
        if pairs is None:
            return [Rule((*found, conditions.constant(UNKNOWN)), Action("unknown"), text)]
        rules: list[Rule] = []
        default: Rule | None = None
        for pair in pairs:
            if not isinstance(pair, list) or len(pair) != 2 or not isinstance(pair[1], dict):
                rules.append(Rule((*found, conditions.constant(UNKNOWN)), Action("unknown"), text))
                continue
            name, goal = next(iter(pair[1].items()))
            action = self._action(name, goal) or Action("unknown")
            element = _value(pair[0])
            if element == "*":
                default = Rule(tuple(found), action, text)
                continue
            rules.append(Rule((*found, _implied(key, self.alternatives(key, [element]))), action, text))
        return [*rules, default] if default else rules

    def _action(self, name: str, body: Any) -> Action | None:
        if name in ("jump", "goto"):
            goal = body.get("target", "") if isinstance(body, dict) else ""
            return Action(name, f"{self.family} {self.table} {goal}")
        if name in VERDICTS:
            return Action(name)
        if name == "dnat":
            return _dnat(body)
        if name == "redirect":
            return Action("redirect")
        return Action("unknown") if name in ("queue", "tproxy", "synproxy", "fwd", "masquerade", "snat") else None

    def _statement(self, name: str, body: Any) -> Condition | None:
        if name == "match":
            return self.match(body)
        if name in PASSING:
            return None
        if name in ("limit", "ct count"):  # a first packet is below every limit
            return conditions.constant(SOME if isinstance(body, dict) and body.get("inv") else MOST)
        if name in ("set", "meter") and isinstance(body, dict):
            inner = body.get("stmt", ())
            listed = inner if isinstance(inner, list) else [inner]
            parts = [self._statement(*next(iter(one.items()))) for one in listed if isinstance(one, dict) and one]
            wanted = [part for part in parts if part is not None]
            return (lambda probe: both(part(probe) for part in wanted)) if wanted else None
        return conditions.constant(UNKNOWN)


def _value(one: Any) -> Any:
    """An element of a set may carry a timeout, counter or comment."""
    if isinstance(one, dict) and isinstance(one.get("elem"), dict):
        return one["elem"].get("val")
    if isinstance(one, list) and len(one) == 2 and isinstance(one[0], dict) and "elem" in one[0]:
        return [_value(one[0]), one[1]]
    return one


def _field(left: Any) -> tuple[str, str] | None:
    payload = left.get("payload") if isinstance(left, dict) else None
    if isinstance(payload, dict) and "field" in payload:
        return str(payload.get("protocol")), str(payload["field"])
    return None


def _flag_names(side: Any) -> list[str] | None:
    if isinstance(side, str):
        return [side]
    if isinstance(side, int):
        return [] if side == 0 else None
    if isinstance(side, list):
        return [str(one) for one in side]
    if isinstance(side, dict) and isinstance(side.get("|"), list):
        parts = [_flag_names(one) for one in side["|"]]
        return None if any(part is None for part in parts) else [name for part in parts for name in part or ()]
    return None


def _implied(left: Any, condition: Condition) -> Condition:
    """Looking into a TCP header means that the packet is TCP, into an IPv4 header that it is IPv4."""
    field = _field(left)
    if field is None:
        return condition
    name = field[0]
    needed: Condition | None = None
    if name in ("ip", "ip6"):
        needed = conditions.version(4 if name == "ip" else 6)
    elif name in ("tcp", "udp"):
        needed = conditions.protocol(name)
    elif name in NOT_TCP_UDP:
        needed = conditions.constant(NO)
    if needed is None:
        return condition
    must = needed
    return lambda probe: both((must(probe), condition(probe)))


def _reject_implies(body: Any) -> list[Condition]:
    """The answer tells the family: `meta nfproto ipv6` before `reject with icmpv6` is not listed (nft 1.0.6)."""
    kind = body.get("type") if isinstance(body, dict) else None
    if kind in ("icmp", "icmpv6"):
        return [conditions.version(4 if kind == "icmp" else 6)]
    return [conditions.protocol("tcp")] if kind == "tcp reset" else []


def _ranges(found: list[Any]) -> list[tuple[int, int]] | None:
    ranges: list[tuple[int, int]] = []
    for one in found:
        if isinstance(one, bool) or not isinstance(one, (int, dict)):
            return None
        if isinstance(one, int):
            ranges.append((one, one))
            continue
        bounds = one.get("range")
        if not isinstance(bounds, list) or len(bounds) != 2 or not all(isinstance(bound, int) for bound in bounds):
            return None
        ranges.append((bounds[0], bounds[1]))
    return ranges


def _networks(found: list[Any]) -> list[str] | None:
    texts: list[str] = []
    for one in found:
        if isinstance(one, str):
            texts.append(one)
        elif isinstance(one, dict) and isinstance(one.get("prefix"), dict):
            texts.append(f"{one['prefix'].get('addr')}/{one['prefix'].get('len')}")
        elif isinstance(one, dict) and isinstance(one.get("range"), list) and len(one["range"]) == 2:
            texts.append("-".join(map(str, one["range"])))
        else:
            return None
    return texts


def _one_of(left: Any, found: list[Any]) -> Condition:
    """The left side is one of the values."""
    if not isinstance(left, dict):
        return conditions.constant(UNKNOWN)
    field = _field(left)
    if field is not None:
        return _payload(field, found)
    for name, read in (("meta", _meta), ("ct", _ct), ("fib", _fib)):
        if isinstance(left.get(name), dict):
            return read(left[name], found)
    return conditions.constant(UNKNOWN)


def _payload(field: tuple[str, str], found: list[Any]) -> Condition:
    protocol, name = field
    if name in ("dport", "sport"):
        ranges = _ranges(found)
        if ranges is None:
            return conditions.constant(UNKNOWN)
        return conditions.ports(ranges) if name == "dport" else conditions.source_ports(ranges)
    if name in ("saddr", "daddr") and protocol in ("ip", "ip6"):
        texts = _networks(found)
        if texts is None:
            return conditions.constant(UNKNOWN)
        return conditions.source(texts) if name == "saddr" else conditions.destination(texts)
    if name in ("protocol", "nexthdr"):
        return _any_protocol(found)
    if protocol == "ether" and name == "saddr":
        return conditions.constant(SOME)
    return conditions.constant(UNKNOWN)


def _any_protocol(found: list[Any]) -> Condition:
    names = [conditions.protocol(str(one)) for one in found]
    return lambda probe: either(name(probe) for name in names)


def _meta(meta: dict[str, Any], found: list[Any]) -> Condition:
    key = meta.get("key")
    words = [str(one) for one in found]
    if key in ("iifname", "iif", "oifname", "oif"):
        read: Callable[[str, str], Condition] = (
            conditions.incoming if key in ("iifname", "iif") else conditions.outgoing
        )
        parts = [read(word, "*") for word in words]
        return lambda probe: either(part(probe) for part in parts)
    if key == "l4proto":
        return _any_protocol(found)
    if key == "nfproto":
        return lambda probe: YES if f"ipv{probe.version}" in words else NO
    if key == "protocol":
        return lambda probe: YES if ("ip" if probe.version == 4 else "ip6") in words else NO
    if key == "pkttype":
        return conditions.constant(YES if {"host", "unicast"} & set(words) else NO)
    return conditions.constant(UNKNOWN)


def _ct(ct: dict[str, Any], found: list[Any]) -> Condition:
    key = ct.get("key")
    words = {str(one) for one in found}
    if key == "state":
        return conditions.state(words)
    if key == "direction":
        return conditions.constant(YES if "original" in words else NO)
    if key == "status" and words <= {"dnat", "snat", "expected", "seen-reply", "assured", "confirmed", "dying"}:
        return lambda probe: YES if probe.dnat and "dnat" in words else NO
    return conditions.constant(UNKNOWN)


def _fib(fib: dict[str, Any], found: list[Any]) -> Condition:
    flags = fib.get("flags", [])
    flags = {flags} if isinstance(flags, str) else set(flags)
    if fib.get("result") == "type" and "daddr" in flags:
        kinds = [conditions.address_type(str(one)) for one in found]
        return lambda probe: either(kind(probe) for kind in kinds)
    if fib.get("result") == "type" and "saddr" in flags:
        return conditions.constant(SOME if "unicast" not in found else MOST)
    if fib.get("result") in ("oif", "check", "present", "oifname") and "saddr" in flags and len(found) == 1:
        # the reverse path: missing only for senders with a forged address
        return conditions.constant(SOME if found[0] in (0, False, "missing", "") else MOST)
    return conditions.constant(UNKNOWN)


def _dnat(body: Any) -> Action:
    if not isinstance(body, dict):
        return Action("unknown")
    address, port = body.get("addr"), body.get("port")
    if not isinstance(address, str) or not (port is None or isinstance(port, int)):
        return Action("unknown")
    return Action("dnat", address, port)


def compile_ruleset(document: dict[str, Any]) -> Ruleset:
    """Compile the JSON document. What cannot be read becomes a condition or action that cannot be told."""
    objects = [entry for entry in document.get("nftables", ()) if isinstance(entry, dict)]
    compiler = _Compiler(objects)
    bases: list[Base] = []
    chains: dict[str, list[Rule]] = {}
    dormant = {
        (entry["table"].get("family"), entry["table"].get("name"))
        for entry in objects
        if isinstance(entry.get("table"), dict) and "dormant" in str(entry["table"].get("flags", ""))
    }
    for entry in objects:
        chain = entry.get("chain")
        if isinstance(chain, dict) and chain.get("family") in VERSIONS:
            key = f"{chain['family']} {chain.get('table')} {chain.get('name')}"
            chains.setdefault(key, [])
            if "hook" in chain and (chain["family"], chain.get("table")) not in dormant:
                device = chain.get("dev", ())
                bases.append(
                    Base(
                        key,
                        str(chain["hook"]),
                        int(chain.get("prio", 0)),
                        str(chain.get("type", "filter")),
                        str(chain.get("policy", "accept")),
                        VERSIONS[chain["family"]],
                        tuple([device] if isinstance(device, str) else device),
                        "nftables",
                    )
                )
        rule = entry.get("rule")
        if isinstance(rule, dict) and rule.get("family") in VERSIONS:
            key = f"{rule['family']} {rule.get('table')} {rule.get('chain')}"
            chains.setdefault(key, []).extend(compiler.rules(rule))
    return Ruleset(bases, chains)
