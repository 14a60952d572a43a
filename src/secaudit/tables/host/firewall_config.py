"""firewall_config: the firewall that is set up on disk, and whether it is loaded at boot. Not in osquery."""

from __future__ import annotations

import bisect
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host import _initscripts, _iptables
from secaudit.tables.host._packetfilter import Probe, Ruleset, judge
from secaudit.tables.host._systemd import Units

OTHERS = ("shorewall", "shorewall6", "ferm", "csf", "foomuuri", "fwbuilder", "firehol", "arno-iptables-firewall")
"""Services that load rules from files of their own, which are not judged here."""

SAVED_RULES = (
    ("/etc/iptables/rules.v4", "/etc/iptables/rules.v6", ("netfilter-persistent", "iptables-persistent")),
    ("/etc/sysconfig/iptables", "/etc/sysconfig/ip6tables", ("iptables", "ip6tables")),
    ("/etc/iptables/iptables.rules", "/etc/iptables/ip6tables.rules", ("iptables", "ip6tables")),
    ("/etc/iptables/rules-save", "/etc/iptables/rules6-save", ("iptables", "ip6tables")),
)
"""Where Debian, Fedora, Arch and Alpine keep rules, and the services that load them."""

NFT_FILES = ("/etc/nftables.conf", "/etc/sysconfig/nftables.conf", "/etc/nftables.nft")
PROBE_PORTS = (9, 611, 4999, 17771, 38383, 61999)
ENABLED = ("enabled", "generated")

MAX_INCLUDED = 200
_NFT_INCLUDE = re.compile(r"^[^\S\n]*include[^\S\n]+[\"']([^\"'\n$]+)[\"'][^\S\n]*;?[^\S\n]*$", re.MULTILINE)
_NFT_HOOK = re.compile(r"hook\s+input\b")
_NFT_BLOCK = re.compile(r"[^{}]+")
_NFT_POLICY = re.compile(r"policy\s+(accept|drop)\b")
_NFT_TABLE = re.compile(
    r"^[^\S\n]*(?:add\s+|create\s+)?table\s+(?:(inet|ip|ip6|arp|bridge|netdev)\s+)?\S+\s*\{", re.MULTILINE
)


class FirewallConfig(NamedTuple):
    """One firewall program that is installed."""

    kind: str
    """ufw, firewalld, nftables, iptables, or the name of another one; `none` when there is none."""
    starts_at_boot: int | None
    """1 when its rules are loaded at every boot."""
    input_policy: str | None
    """What its files say about new packets to a port that no rule names: accept, drop, reject, limited (to particular
    senders); NULL when that cannot be read or judged from the files."""
    ipv6_covered: int | None
    """1 when it filters IPv6 as well."""
    path: str
    """The file that says so."""


@table(targets={"host", "root"})
def firewall_config(target: Target) -> Iterator[FirewallConfig]:
    """Yield one row per installed firewall, or one row `none`.

    Source: ufw(8) with /etc/ufw/ufw.conf and /etc/default/ufw; firewalld.conf(5), firewalld.zone(5); nft(8) with
    /etc/nftables.conf; iptables-restore(8) files.
    """
    boot = _Boot(target)
    found = False
    for rows in (_ufw(target, boot), _firewalld(target, boot), _nftables(target, boot), _saved(target, boot)):
        for row in rows:
            found = True
            yield row
    for name in OTHERS:
        path = boot.path(name)
        if path:
            found = True
            yield FirewallConfig(name, int(boot.starts(name)), None, None, path)
    if not found:
        yield FirewallConfig("none", 0, "accept", 0, "")


class _Boot:
    """Which services are enabled, looked up only when a firewall is found."""

    def __init__(self, target: Target) -> None:
        self._units = Units(target)
        self._scripts = _initscripts.read(target, systemd=bool(self._units.search_path))

    def starts(self, *names: str) -> bool:
        return any(self._starts(f"{name}.service") for name in names)

    def _starts(self, name: str) -> bool:
        unit = self._units.find(name)
        if unit is not None:
            return self._units.state(unit.real_name) in ENABLED
        script = self._scripts.get(name)
        return script is not None and bool(script.runlevels)

    def path(self, name: str) -> str:
        """The file of the service, '' when it is not installed."""
        unit = self._units.find(f"{name}.service")
        if unit is not None:
            return "" if unit.masked else unit.path
        script = self._scripts.get(f"{name}.service")
        return script.path if script else ""


def _assignments(target: Target, path: str) -> dict[str, str] | None:
    """Shell-like KEY=value lines, the last one wins; None when the file cannot be read."""
    try:
        lines = target.read_text(path).splitlines()
    except FileNotFoundError:
        return {}
    except OSError:
        return None
    found: dict[str, str] = {}
    for line in lines:
        key, sign, value = line.strip().partition("=")
        if sign and not key.startswith("#"):
            found[key.strip().lower()] = value.strip().strip("\"'").lower()
    return found


def _ufw(target: Target, boot: _Boot) -> Iterator[FirewallConfig]:
    path = "/etc/ufw/ufw.conf"
    if not target.exists(path) and not target.find_program("ufw"):
        return
    conf = _assignments(target, path)
    defaults = _assignments(target, "/etc/default/ufw")
    starts: int | None = None
    if conf is not None:
        starts = int(conf.get("enabled", "no") == "yes" and boot.starts("ufw"))
    policy: str | None = None
    ipv6: int | None = None
    if defaults is not None:
        policy = {"accept": "accept", "drop": "drop", "reject": "reject"}.get(defaults.get("default_input_policy", ""))
        ipv6 = int(defaults.get("ipv6", "no") == "yes")
    yield FirewallConfig("ufw", starts, policy, ipv6, path)


def _firewalld(target: Target, boot: _Boot) -> Iterator[FirewallConfig]:
    if not boot.path("firewalld") and not target.find_program("firewalld"):
        return
    path = "/etc/firewalld/firewalld.conf"
    conf = _assignments(target, path)
    policy: str | None = None
    if conf is not None:
        policy = _zone_policy(target, conf.get("defaultzone", "public") or "public")
    yield FirewallConfig("firewalld", int(boot.starts("firewalld")), policy, 1, path)


def _zone_policy(target: Target, zone: str) -> str | None:
    """The target of the default zone; a zone without one rejects, firewalld.zone(5)."""
    if "/" in zone:
        return None
    for folder in ("/etc/firewalld/zones", "/usr/lib/firewalld/zones"):
        try:
            text = target.read_text(f"{folder}/{zone}.xml")
        except FileNotFoundError:
            continue
        except OSError:
            return None
        match = re.search(r"<zone\b[^>]*\btarget\s*=\s*[\"']([^\"']*)[\"']", text)
        word = match.group(1) if match else "default"
        return {"default": "reject", "%%REJECT%%": "reject", "DROP": "drop", "ACCEPT": "accept"}.get(word)
    return None


def _nftables(target: Target, boot: _Boot) -> Iterator[FirewallConfig]:
    for path in NFT_FILES:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            yield FirewallConfig("nftables", int(boot.starts("nftables")), None, None, path)
            return
        policy, ipv6 = _nft_policy(_with_includes(target, text, 0, [MAX_INCLUDED]))
        yield FirewallConfig("nftables", int(boot.starts("nftables")), policy, ipv6, path)
        return


def _with_includes(target: Target, text: str, depth: int, left: list[int]) -> str:
    """The text with the files that it includes in the place of those lines; what cannot be followed stays as it is.

    Files of a pattern come in the order of their names, and none at all is no error: nft(8), INCLUDE.
    """

    def put(match: re.Match[str]) -> str:
        name = match.group(1)
        pattern = name if name.startswith("/") else f"/etc/{name}"
        try:
            paths = target.glob(pattern) if re.search(r"[*?[]", pattern) else [pattern]
            left[0] -= len(paths)
            if depth > 8 or left[0] < 0:
                return match.group()
            return "\n".join(_with_includes(target, target.read_text(path), depth + 1, left) for path in paths)
        except OSError:
            return match.group()

    return _NFT_INCLUDE.sub(put, re.sub(r"#[^\n]*", "", text))


def _nft_policy(text: str) -> tuple[str | None, int | None]:
    """The policy of the input chains, where the file says it plainly; (None, None) where it does not.

    A chain with the policy accept may still end in `drop`, so that policy is only called accept when no rule of the
    file refuses anything.
    """
    text = re.sub(r"#[^\n]*", "", text)
    text = re.split(r"^[^\S\n]*flush\s+ruleset\b", text, flags=re.MULTILINE)[-1]  # it takes away all before it
    if re.search(r"^[^\S\n]*include\b", text, re.MULTILINE) or "$" in text:
        return None, None
    chains: list[tuple[str, str]] = []
    tables = list(_NFT_TABLE.finditer(text))
    starts = [found.start() for found in tables]
    for place, policy in _input_hooks(text):
        at = bisect.bisect(starts, place) - 1
        if at < 0 or policy is None:
            return None, None
        chains.append((tables[at].group(1) or "ip", policy))
    open_to = _accepts(text)
    refuses = re.search(r"\b(drop|reject)\b", re.sub(r"policy\s+drop", "", text)) is not None
    policies: list[str | None] = []
    for families in (("inet", "ip"), ("inet", "ip6")):
        found_policies = [policy for family, policy in chains if family in families]
        if "drop" in found_policies:
            policies.append({"all": "accept", "some": "drop"}.get(open_to or ""))
        else:
            policies.append(None if refuses and found_policies else "accept")
    return policies[0], None if policies[1] is None else int(policies[1] == "drop")


_NFT_CHAIN = re.compile(r"\bchain\s+\S+\s*\{([^{}]*(?:\{[^{}]*\}[^{}]*)*)\}")
_NFT_ACCEPT = re.compile(r"[^\n;]*\baccept\b")
_NFT_PASSING = re.compile(
    r"\b(?:counter(?:\s+packets\s+\d+\s+bytes\s+\d+)?|log(?:\s+(?:prefix|level|flags)\s+(?:\"[^\"]*\"|\w+))*)"
)
_NFT_NARROW = re.compile(
    r"\b[ds]port\s+(?!0-65535|!=)|\biif(?:name)?\s+\"?lo\b|\bicmp(?:v6)?\b|\bigmp\b|\bprotocol\s+(?:vrrp|esp|ah|gre)\b"
    r"|\b(?:saddr|daddr)\s+(?!0\.0\.0\.0/0|::/0|!=)|\bct\s+state\s+\{?\s*(?:established|related)[\s,]*(?:established|related)?[\s}]"
    r"|\bct\s+status\s+dnat\b"
)
"""Conditions that only few new packets from outside meet."""


def _accepts(text: str) -> str | None:
    """What the rules let in that packets from outside may meet: `all`, `some`, or None when that is not plain."""
    worst: str | None = "some"
    for block in _NFT_CHAIN.findall(text):
        if re.search(r"\bhook\s+(?!input\b)\w+", block):
            continue
        for rule in _NFT_ACCEPT.findall(re.sub(r"\bpolicy\s+\w+", "", block)):
            condition = _NFT_PASSING.sub("", rule).strip()
            if condition == "accept":
                return "all"
            if not _NFT_NARROW.search(rule):
                worst = None
    return worst


def _input_hooks(text: str) -> Iterator[tuple[int, str | None]]:
    """Where each chain hooks into input, with its policy; None where a block has two of them.

    Each part of the text is looked at once: the file may be large, and may be made to be slow.
    """
    for block in _NFT_BLOCK.finditer(text):
        hooks = [found.start() for found in _NFT_HOOK.finditer(block.group())]
        if hooks:
            policy = _NFT_POLICY.search(block.group(), hooks[0])
            said = policy.group(1) if policy else "accept"
            yield block.start() + hooks[0], said if len(hooks) == 1 else None


def _saved(target: Target, boot: _Boot) -> Iterator[FirewallConfig]:
    for path, path6, services in SAVED_RULES:
        if not target.exists(path) and not target.exists(path6):
            continue
        policy, refuses6 = _saved_policy(target, path, 4), _saved_policy(target, path6, 6)
        covered = None if refuses6 is None else int(refuses6 != "accept")
        yield FirewallConfig("iptables", int(boot.starts(*services)), policy, covered, path)


def _saved_policy(target: Target, path: str, version: int) -> str | None:
    """What the rules of a file do with a packet to a port that no rule names."""
    try:
        rules: Ruleset = _iptables.parse(target.read_text(path), version)
    except FileNotFoundError:
        return "accept"
    except OSError:
        return None
    order = ("drop", "reject", "limited", None, "accept")
    found = [
        judge(rules, Probe(version, protocol, port, "", "", frozenset()), lambda address: None).verdict
        for protocol in ("tcp", "udp")
        for port in PROBE_PORTS
    ]
    return max(found, key=order.index)
