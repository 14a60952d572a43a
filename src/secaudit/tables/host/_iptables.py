"""Compile the output of iptables-save(8), or a file in that format, for `_packetfilter.py`."""

from __future__ import annotations

import shlex
from typing import Callable

from secaudit.tables.host import _conditions as conditions
from secaudit.tables.host._packetfilter import MOST, NO, SOME, UNKNOWN, YES, Action, Base, Condition, Rule, Ruleset

HOOKS = {"PREROUTING": "prerouting", "INPUT": "input", "FORWARD": "forward"}
PRIORITIES = {"raw": -300, "mangle": -150, "nat": -100, "filter": 0, "security": 50}

PASSING = {
    "LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CT", "NOTRACK", "TCPMSS", "CLASSIFY", "SET", "AUDIT", "TRACE", "TOS",
    "DSCP", "HL", "TTL", "SECMARK", "CONNSECMARK", "CHECKSUM", "HMARK", "RATEEST", "IDLETIMER", "LED", "TEE",
    "TCPOPTSTRIP",
}  # fmt: skip
"""Targets after which the next rule is looked at, iptables-extensions(8)."""

VALUELESS = {
    "--syn", "--set", "--update", "--rcheck", "--remove", "--rsource", "--rdest", "--rttl", "--reap",
    "--socket-exists", "-f", "--fragment", "--validmark", "--loose", "--invert", "--physdev-is-in", "--physdev-is-out",
    "--physdev-is-bridged", "--strict", "--hashlimit-rate-match", "--connlimit-saddr", "--connlimit-daddr",
    "--transparent", "--nowildcard", "--restore-skmark", "--limit-iface-in", "--limit-iface-out", "--kerneltz",
    "--contiguous", "--accept-local", "--return-nomatch", "--rt-0-res", "--rt-0-not-strict", "--fragres", "--fragmore",
    "--fraglast", "--fragfirst",
}  # fmt: skip
"""Options of matches that have no value."""

HARMLESS = {
    "-m", "--match", "--comment", "--limit-burst", "--name", "--mask", "--rsource", "--rdest", "--seconds",
    "--hitcount", "--hashlimit-burst", "--hashlimit-mode", "--hashlimit-name", "--hashlimit-srcmask", "--reap",
    "--rttl", "--hashlimit-dstmask", "--hashlimit-htable-expire", "--hashlimit-htable-size", "--hashlimit-htable-max",
    "--hashlimit-htable-gcinterval", "--hashlimit-rate-match", "--hashlimit-rate-interval", "--connlimit-mask",
    "--connlimit-saddr", "--connlimit-daddr", "--set", "--limit-iface-in", "--return-nomatch", "--strict", "--proto",
    "--dir",
}  # fmt: skip
"""Every packet passes these: bookkeeping, comments, settings of another option."""

BELOW = {"--limit", "--hashlimit-upto", "--hashlimit", "--connlimit-upto"}
"""Packets match as long as a limit is not reached: so does a first one."""

EXCEEDED = {"--hashlimit-above", "--connlimit-above", "--update", "--rcheck", "--remove"}
"""Only packets beyond a limit, or of senders already seen (which a knock on a port can bring about), match these."""


def parse(text: str, version: int, manager: str = "iptables", only: str = "") -> Ruleset:
    """Compile all tables, or the table named by `only`.

    Args:
        text: what iptables-save printed.
        version: 4 or 6; the text does not say.
        manager: iptables or iptables-legacy, for the evidence.
        only: a table, for files of single tables.
    """
    bases: list[Base] = []
    chains: dict[str, list[Rule]] = {}
    table = ""
    prefix = f"{manager}{'6' if version == 6 else ''}"
    for line in text.splitlines():
        line = line.strip()
        if line.startswith("*"):
            table = line[1:].strip()
        elif line.startswith(":"):
            words = line[1:].split()
            key = f"{prefix} {table} {words[0]}" if words else ""
            if not words or (only and table != only):
                continue
            chains.setdefault(key, [])
            if words[0] in HOOKS and len(words) > 1 and words[1] in ("ACCEPT", "DROP"):
                kind = "nat" if table == "nat" else "filter"
                hook, policy = HOOKS[words[0]], words[1].lower()
                bases.append(Base(key, hook, PRIORITIES.get(table, 0), kind, policy, (version,), (), manager))
        elif line.startswith(("-A ", "-I ", "[")) and not (only and table != only):
            _add(chains, line, f"{prefix} {table}")
    return Ruleset(bases, chains)


def _add(chains: dict[str, list[Rule]], line: str, prefix: str) -> None:
    if line.startswith("["):  # counters, `iptables-save -c`
        line = line.partition("]")[2].strip()
    try:
        words = shlex.split(line)
    except ValueError:
        words = line.split()
    if len(words) < 2 or words[0] not in ("-A", "-I"):
        return
    rule = _rule(words[2:], prefix, line)
    where = chains.setdefault(f"{prefix} {words[1]}", [])
    if words[0] == "-I":
        where.insert(0, rule)
    else:
        where.append(rule)


def _rule(words: list[str], prefix: str, text: str) -> Rule:
    found: list[Condition] = []
    action = Action("continue")
    inverted = False
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word == "!":
            inverted = True
            continue
        if word in ("-j", "-g", "--jump", "--goto"):
            name = words[position] if position < len(words) else ""
            rest = words[position + 1 :]
            if "-m" in rest:  # files written by hand may put matches after the target
                start = rest.index("-m")
                found.extend(_rule(rest[start:], prefix, text).conditions)
                rest = rest[:start]
            action = _action(name, rest, prefix, goto=word in ("-g", "--goto"))
            break
        count = 0 if word in VALUELESS else 2 if word in ("--tcp-flags", "--match-set") else 1
        if count and position < len(words) and words[position] == "!":  # the old place of the sign
            inverted = True
            position += 1
        if word not in READERS and position < len(words) and words[position].startswith("-"):
            count = 0  # an option of a match that we do not know, without a value
        values = words[position : position + count]
        position += count
        condition = _condition(word, values)
        if condition is not None:
            found.append(conditions.negate(condition, inverted))
        inverted = False
    return Rule(tuple(found), action, text)


def _action(name: str, rest: list[str], prefix: str, goto: bool) -> Action:
    if name in ("ACCEPT", "DROP", "REJECT", "RETURN"):
        return Action(name.lower())
    if name == "DNAT":
        return _dnat(rest)
    if name == "REDIRECT":
        return Action("redirect")
    if name in PASSING or name == "":
        return Action("continue")
    if name.isupper() and name in ("MASQUERADE", "SNAT", "NETMAP", "QUEUE", "NFQUEUE", "TPROXY", "SYNPROXY", "TARPIT",
                                   "MIRROR", "CLUSTERIP", "DNPT", "SNPT", "IMQ", "STEAL"):  # fmt: skip
        return Action("unknown")
    return Action("goto" if goto else "jump", f"{prefix} {name}")


def _dnat(rest: list[str]) -> Action:
    goal = rest[rest.index("--to-destination") + 1] if "--to-destination" in rest[:-1] else ""
    if goal.startswith("["):
        address, _, port = goal[1:].partition("]")
        port = port.lstrip(":")
    elif goal.count(":") > 1:
        address, port = goal, ""
    else:
        address, _, port = goal.partition(":")
    if not address or "-" in address or (port and not port.isdigit()):
        return Action("unknown")
    return Action("dnat", address, int(port) if port else None)


def _ranges(text: str) -> list[tuple[int, int]] | None:
    found: list[tuple[int, int]] = []
    for part in text.split(","):
        low, sign, high = part.partition(":")
        try:
            found.append((int(low or 0), int(high or 65535) if sign else int(low)))
        except ValueError:
            return None
    return found


def _port(text: str) -> Condition:
    ranges = _ranges(text)
    return conditions.constant(UNKNOWN) if ranges is None else conditions.ports(ranges)


def _source_port(text: str) -> Condition:
    ranges = _ranges(text)
    return conditions.constant(UNKNOWN) if ranges is None else conditions.source_ports(ranges)


def _packet_type(text: str) -> Condition:
    return conditions.constant(YES if text in ("host", "unicast") else NO)


def _status(text: str) -> Condition:
    words = {word.lower() for word in text.split(",")}
    if words <= {"dnat", "expected", "snat", "seen_reply", "assured", "none"}:
        return lambda probe: YES if probe.dnat and "dnat" in words else NO
    return conditions.constant(UNKNOWN)


def _direction(text: str) -> Condition:
    return conditions.constant(YES if text.upper() == "ORIGINAL" else NO)


READERS: dict[str, Callable[[str], Condition]] = {
    "-p": conditions.protocol,
    "--protocol": conditions.protocol,
    "-s": lambda text: conditions.source(text.split(",")),
    "--source": lambda text: conditions.source(text.split(",")),
    "-d": lambda text: conditions.destination(text.split(",")),
    "--destination": lambda text: conditions.destination(text.split(",")),
    "--src-range": lambda text: conditions.source([text]),
    "--dst-range": lambda text: conditions.destination([text]),
    "-i": lambda text: conditions.incoming(text, "+"),
    "--in-interface": lambda text: conditions.incoming(text, "+"),
    "-o": lambda text: conditions.outgoing(text, "+"),
    "--out-interface": lambda text: conditions.outgoing(text, "+"),
    "--dport": _port,
    "--destination-port": _port,
    "--dports": _port,
    "--destination-ports": _port,
    "--sport": _source_port,
    "--source-port": _source_port,
    "--sports": _source_port,
    "--source-ports": _source_port,
    "--ctstate": lambda text: conditions.state(text.split(",")),
    "--state": lambda text: conditions.state(text.split(",")),
    "--ctstatus": _status,
    "--ctdir": _direction,
    "--dst-type": conditions.address_type,
    "--pkt-type": _packet_type,
    "--mac-source": lambda text: conditions.constant(SOME),
    "--src-type": lambda text: conditions.constant(SOME if text.upper() != "UNICAST" else YES),
    "--physdev-in": lambda text: conditions.constant(SOME),
    "--pol": lambda text: conditions.constant(YES if text == "none" else SOME),
    "--source-country": lambda text: conditions.constant(SOME),
    "--rt-type": lambda text: conditions.constant(NO),
    "--icmp-type": lambda text: conditions.protocol("icmp"),
    "--icmpv6-type": lambda text: conditions.protocol("icmpv6"),
}


def _condition(word: str, values: list[str]) -> Condition | None:
    """The condition of one option, or None for an option that every first packet passes."""
    if word in HARMLESS:
        return None
    if word in EXCEEDED:
        return conditions.constant(SOME)
    if word in BELOW:
        return conditions.constant(MOST)
    if word in ("-f", "--fragment"):
        return conditions.constant(NO)  # a first packet is no later fragment
    if word == "--syn":
        return conditions.flags(("syn", "rst", "ack", "fin"), ("syn",))
    if word == "--tcp-flags" and len(values) == 2:
        mask = ("fin", "syn", "rst", "psh", "ack", "urg") if values[0] == "ALL" else values[0].split(",")
        wanted = ("fin", "syn", "rst", "psh", "ack", "urg") if values[1] == "ALL" else values[1].split(",")
        return conditions.flags(mask, wanted)
    if word == "--match-set" and len(values) == 2:
        return conditions.constant(SOME if values[1] == "src" else UNKNOWN)
    if word in READERS and values:
        return READERS[word](values[0])
    return conditions.constant(UNKNOWN)
