"""tf_openings: the inbound rules of clouds in Terraform files: which ports are open to whom. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.project._config_files import shown_words
from secaudit.tables.project._hcl import Block, Value
from secaudit.tables.project._terraform import TopBlock, literal, nested, reference_of, resolved, terraform, texts

MOST_SHOWN = 20
_EVERYONE = frozenset(
    "0.0.0.0/0 ::/0 0::/0 0.0.0.0/1 128.0.0.0/1 * internet any".split()  # words of security groups
)
ADMIN_PORTS = frozenset((22, 23, 135, 445, 2375, 2376, 3389, 5800, 5900, 5985, 5986, 6443, 10250))
DATA_PORTS = frozenset(
    (
        1433,
        1521,
        2379,
        3306,
        5432,
        5439,
        5601,
        5984,
        6379,
        7000,
        7001,
        8086,
        9042,
        9200,
        9300,
        11211,
        15672,
        26379,
        27017,
        27018,
    )
)
WEB_PORTS = frozenset((80, 443))


class TfOpening(NamedTuple):
    """One inbound rule."""

    path: str
    line: int
    tracking: str
    role: str
    """What the file is for, as in project_files."""
    kind: str
    """The resource: `aws_security_group`, `google_compute_firewall` ..."""
    name: str
    everyone: int | None
    """1 when the whole Internet is let in; NULL when it is not written out."""
    ports: str
    """As ` 22 8000-8010 `, or ` all `."""
    admin: int | None
    """1 when a port for administrators is among them: SSH, RDP, Docker, Kubernetes ... NULL when the ports are not
    written out."""
    data: int | None
    """1 when a port of a database is among them."""
    web_only: int | None
    """1 when these are 80 and 443 only."""


@table(targets={"project"}, timeout_s=60.0)
def tf_openings(target: Target) -> Iterator[TfOpening]:
    """Yield one row per inbound rule of security groups and firewalls of AWS, Google, Azure, DigitalOcean, Hetzner.

    Source: the documentation of the providers.

    Raises:
        Absent: there is no such rule.
        Partial: a file could not be read or understood.
    """
    found = terraform(target)
    rows = 0
    for top in found.found:
        if top.block.type != "resource":
            continue
        for row in _rows(top):
            rows += 1
            yield row
    found.files.finish(rows=rows > 0)


def _rows(top: TopBlock) -> Iterator[TfOpening]:
    kind, block = top.kind, top.block
    inner = list(nested(block))
    if kind in ("aws_security_group", "aws_default_security_group"):
        for place, rule in inner:
            if place == "ingress":
                yield _aws(top, rule)
        written = resolved(block.attributes.get("ingress"), top.known)
        for item in written.items if written is not None and written.kind == "list" else []:
            if item.kind == "object":
                yield _aws(top, _as_block(item))
    elif kind == "aws_security_group_rule":
        direction = literal(block.attributes.get("type"), top.known)
        if direction != "egress":
            yield _aws(top, block)
    elif kind == "aws_vpc_security_group_ingress_rule":
        yield _aws(top, block)
    elif kind == "google_compute_firewall":
        yield from _google(top, inner)
    elif kind in ("azurerm_network_security_rule", "azurerm_network_security_group"):
        rules = [block] if kind.endswith("_rule") else [rule for place, rule in inner if place == "security_rule"]
        for rule in rules:
            row = _azure(top, rule)
            if row is not None:
                yield row
    elif kind == "digitalocean_firewall":
        for place, rule in inner:
            if place == "inbound_rule":
                ports = texts(rule.attributes.get("port_range"), top.known)
                yield _row(top, rule, _open(top, rule, "source_addresses"), _ranges(ports))
    elif kind == "hcloud_firewall":
        for place, rule in inner:
            if place == "rule" and literal(rule.attributes.get("direction"), top.known) == "in":
                yield _row(
                    top, rule, _open(top, rule, "source_ips"), _ranges(texts(rule.attributes.get("port"), top.known))
                )


def _as_block(value: Value) -> Block:
    block = Block("", (), value.line)
    block.attributes = dict(zip(value.names, value.items, strict=True))
    return block


def _open(top: TopBlock, rule: Block, *names: str) -> int | None:
    unknown = False
    for name in names:
        if name in rule.attributes:
            value = resolved(rule.attributes[name], top.known)
            for item in value.items if value is not None and value.kind == "list" else [value]:
                text = literal(item, top.known)
                if text is None:
                    unknown = unknown or not _is_of_resource(item)
                elif text.strip().lower() in _EVERYONE or any(word in _EVERYONE for word in text.lower().split()):
                    return 1
    return None if unknown else 0


def _is_of_resource(value: Value | None) -> bool:
    """Whether a value is taken from something that is built here, such as `aws_vpc.main.cidr_block`: not everyone."""
    name = reference_of(value)
    return bool(name) and name.partition(".")[0] not in ("var", "local", "each", "data", "module", "count")


def _aws(top: TopBlock, rule: Block) -> TfOpening:
    is_open = _open(top, rule, "cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6")
    protocol = literal(rule.attributes.get("protocol") or rule.attributes.get("ip_protocol"), top.known)
    first = literal(rule.attributes.get("from_port"), top.known)
    last = literal(rule.attributes.get("to_port"), top.known)
    if protocol in ("-1", "all"):
        return _row(top, rule, is_open, [(0, 65535)])
    if protocol in ("icmp", "icmpv6", "1", "58"):
        return _row(top, rule, is_open, [])
    if first is None or last is None or not first.lstrip("-").isdigit() or not last.lstrip("-").isdigit():
        return _row(top, rule, is_open, None)
    return _row(top, rule, is_open, [(max(0, int(first[:9])), int(last[:9]))])


def _google(top: TopBlock, inner: list[tuple[str, Block]]) -> Iterator[TfOpening]:
    block = top.block
    if literal(block.attributes.get("direction"), top.known) == "EGRESS":
        return
    is_open = _open(top, block, "source_ranges")
    limited = "source_tags" in block.attributes or "source_service_accounts" in block.attributes
    if "source_ranges" not in block.attributes and not limited:
        is_open = 1
    for place, rule in inner:
        if place != "allow":
            continue
        protocol = literal(rule.attributes.get("protocol"), top.known)
        if protocol in ("icmp", "esp", "ah"):
            yield _row(top, rule, is_open, [])
        elif "ports" in rule.attributes:
            yield _row(top, rule, is_open, _ranges(texts(rule.attributes["ports"], top.known)))
        else:
            yield _row(top, rule, is_open, None if protocol is None else [(0, 65535)])


def _azure(top: TopBlock, rule: Block) -> TfOpening | None:
    direction = literal(rule.attributes.get("direction"), top.known)
    access = literal(rule.attributes.get("access"), top.known)
    if (direction or "").lower() == "outbound" or (access or "").lower() == "deny":
        return None
    is_open = _open(top, rule, "source_address_prefix", "source_address_prefixes")
    ports = [*(texts(rule.attributes.get("destination_port_range"), top.known) or [])]
    more = texts(rule.attributes.get("destination_port_ranges"), top.known)
    return _row(top, rule, is_open, None if more is None else _ranges([*ports, *more]))


def _ranges(found: list[str] | None) -> list[tuple[int, int]] | None:
    if found is None:
        return None
    out = []
    for text in found:
        if text.strip() in ("*", "all", "any"):
            out.append((0, 65535))
            continue
        first, dash, last = text.strip().partition("-")
        if not first.isdigit() or (dash and not last.isdigit()) or len(text) > 12:
            return None
        out.append((int(first), int(last) if dash else int(first)))
    return out


def _row(top: TopBlock, rule: Block, is_open: int | None, ranges: list[tuple[int, int]] | None) -> TfOpening:
    ports = ""
    if ranges is not None:
        shown = [
            "all"
            if (low, high) == (0, 65535) or (low, high) == (0, 0)
            else str(low)
            if low == high
            else f"{low}-{high}"
            for low, high in ranges
        ]
        ports = shown_words(shown, MOST_SHOWN)
        ranges = [(0, 65535) if pair == (0, 0) else pair for pair in ranges]
    return TfOpening(
        path=top.file.path,
        line=rule.line,
        tracking=top.file.tracking,
        role=top.file.role,
        kind=top.kind[:100],
        name=top.name[:100],
        everyone=is_open,
        ports=ports,
        admin=None if ranges is None else int(_meets(ranges, ADMIN_PORTS)),
        data=None if ranges is None else int(_meets(ranges, DATA_PORTS)),
        web_only=None if ranges is None else int(all(low == high and low in WEB_PORTS for low, high in ranges)),
    )


def _meets(ranges: list[tuple[int, int]], ports: frozenset[int]) -> bool:
    return any(low <= port <= high for low, high in ranges for port in ports)
