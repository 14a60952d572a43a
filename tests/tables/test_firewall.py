from __future__ import annotations

import json
from typing import Any

import pytest

from netnstest import read_in_namespace, usable
from secaudit.tables.host import _iptables, _nft
from secaudit.tables.host._packetfilter import Probe, judge

needs_namespaces = pytest.mark.skipif(not usable(), reason="no network namespaces, nft or iptables here")


def nft(chain: str, table: str = "inet t", flags: str = "") -> str:
    return f"nft -f - <<'END'\ntable {table} {{\n{flags}\nchain c {{\n{chain}\n}}\n}}\nEND\n"


def firewall(setup: str) -> dict[str, dict[str, Any]]:
    status, reason, rows = read_in_namespace(setup, ["firewall"])[0]["firewall"]
    assert status == "ok", reason
    return {row["family"]: row for row in rows}


@needs_namespaces
def test_no_rules_is_a_row_that_says_so() -> None:
    rows = firewall("true")
    assert {(row["kind"], row["active"], row["input_policy"], row["rules"]) for row in rows.values()} == {
        ("none", 0, "accept", 0)
    }
    assert rows["ipv6"]["in_use"] == 1


@needs_namespaces
def test_rules_for_one_family_leave_the_other_open() -> None:
    rows = firewall(nft("type filter hook input priority 0; policy drop;", "ip t"))
    assert (rows["ipv4"]["kind"], rows["ipv4"]["input_policy"], rows["ipv4"]["active"]) == ("nftables", "drop", 1)
    assert (rows["ipv6"]["kind"], rows["ipv6"]["input_policy"], rows["ipv6"]["active"]) == ("none", "accept", 0)


@needs_namespaces
def test_blocking_single_senders_is_no_default_deny() -> None:
    rows = firewall(nft("type filter hook input priority -1; ip saddr { 192.0.2.9 } tcp dport 22 reject;", "inet f2b"))
    assert (rows["ipv4"]["input_policy"], rows["ipv4"]["active"]) == ("accept", 1)


@needs_namespaces
def test_a_last_rule_that_refuses_all_is_a_default_deny() -> None:
    rows = firewall(nft("type filter hook input priority 0; ct state established accept; tcp dport 22 accept; reject;"))
    assert rows["ipv4"]["input_policy"] == rows["ipv6"]["input_policy"] == "reject"


@needs_namespaces
def test_an_open_range_of_ports_is_seen() -> None:
    rows = firewall(nft("type filter hook input priority 0; policy drop; tcp dport 1024-65535 accept;"))
    assert rows["ipv4"]["input_policy"] == "accept"


@needs_namespaces
def test_a_dormant_table_is_never_taken_for_a_firewall() -> None:
    setup = nft("type filter hook input priority 0; policy drop;", flags="flags dormant;")
    status, _, rows = read_in_namespace(setup, ["firewall"])[0]["firewall"]
    # nft 1.0.6 prints the flags of a table wrongly, then nothing can be told
    assert status == "failed" or {row["input_policy"] for row in rows} == {"accept"}


def probe(port: int = 22, version: int = 4, protocol: str = "tcp") -> Probe:
    return Probe(version, protocol, port, "192.0.2.1" if version == 4 else "2001:db8::1", "eth0", frozenset({"eth0"}))


def verdict_of_save(text: str, port: int = 22, version: int = 4) -> str | None:
    return judge(_iptables.parse(text, version), probe(port, version), lambda address: None).verdict


HEAD = "*filter\n:INPUT DROP [0:0]\n"


@pytest.mark.parametrize(
    ("rule", "verdict"),
    [
        ("-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "accept"),
        ("[12:720] -A INPUT -p tcp -m tcp --dport 22 -j ACCEPT", "accept"),
        ("-A INPUT -p tcp -m tcp --dport 22 -m limit --limit 3/min -j ACCEPT", "accept"),
        ("-A INPUT -i eth1 -j ACCEPT", "limited"),
        ("-A INPUT ! -i lo -j ACCEPT", "accept"),
        ("-A INPUT -i lo -j ACCEPT", "drop"),
        ("-A INPUT -m recent --rcheck --seconds 30 --name knock --rsource -j ACCEPT", "limited"),
        ("-A INPUT -m set --match-set friends src -j ACCEPT", "limited"),
        ("-A INPUT -m bpf --bytecode 4,48 -j ACCEPT", None),
        ("-A INPUT -p tcp -j NFQUEUE --queue-num 1", None),
        ("-A INPUT -j NEWTARGET", None),
        ("-A INPUT -s 0.0.0.0/1 -j ACCEPT", None),
        ("-A INPUT -p tcp -m tcp ! --syn -m state --state NEW -j ACCEPT", "drop"),
        ('-A INPUT -m comment --comment "-p tcp -j ACCEPT" -j LOG', "drop"),
        ("-A INPUT -p 6 -j ACCEPT", "accept"),
    ],
)
def test_single_rules_of_iptables(rule: str, verdict: str | None) -> None:
    assert verdict_of_save(f"{HEAD}{rule}\nCOMMIT\n") == verdict


def test_chains_that_call_each_other_are_not_followed_for_ever() -> None:
    text = HEAD + ":A - [0:0]\n:B - [0:0]\n-A INPUT -j A\n-A A -j B\n-A B -j A\nCOMMIT\n"
    assert verdict_of_save(text) is None


def test_the_cost_is_linear_where_every_chain_is_called_twice() -> None:
    text = HEAD + "".join(f":C{n} - [0:0]\n" for n in range(40)) + "-A INPUT -j C0\n"
    text += "".join(f"-A C{n} -s 192.0.2.{n} -j C{n + 1}\n-A C{n} -j C{n + 1}\n" for n in range(39))
    assert verdict_of_save(text + "-A C39 -p tcp --dport 22 -j ACCEPT\nCOMMIT\n") == "accept"


@pytest.mark.parametrize(
    "document",
    [
        {"nftables": [None, 7, {"rule": None}, {"chain": []}, {"rule": {"family": "ip", "expr": [{}, 3, "x"]}}]},
        {"nftables": []},
        {},
    ],
)
def test_documents_of_a_wrong_shape_do_no_harm(document: dict[str, Any]) -> None:
    assert judge(_nft.compile_ruleset(document), probe(), lambda address: None).verdict == "accept"


def test_a_statement_that_is_not_known_makes_the_answer_null() -> None:
    chain = {
        "family": "inet",
        "table": "t",
        "name": "c",
        "type": "filter",
        "hook": "input",
        "prio": 0,
        "policy": "drop",
    }
    rule = {
        "family": "inet",
        "table": "t",
        "chain": "c",
        "handle": 4,
        "expr": [{"newthing": {"a": 1}}, {"accept": None}],
    }
    document = json.loads(json.dumps({"nftables": [{"chain": chain}, {"rule": rule}]}))
    assert judge(_nft.compile_ruleset(document), probe(), lambda address: None).verdict is None
