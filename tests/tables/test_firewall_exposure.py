"""firewall_exposure: judged against the kernel itself: real rules, real packets between two namespaces."""

from __future__ import annotations

import shutil
from typing import Any

import pytest

from netnstest import Goal, Listener, read_in_namespace, usable

pytestmark = pytest.mark.skipif(not usable(), reason="no network namespaces, nft or iptables here")

PORTS = (22, 80, 3000, 5432)
LISTENERS: list[Listener] = [("tcp", "AF_INET", "0.0.0.0", port) for port in PORTS] + [
    ("tcp", "AF_INET6", "::", port) for port in PORTS
]
GOALS: list[Goal] = [("AF_INET", "10.77.0.1", port) for port in PORTS] + [
    ("AF_INET6", "fd77::1", port) for port in PORTS
]


def judged(setup: str) -> dict[tuple[str, int], tuple[Any, str]]:
    """(family, port) -> (our verdict, what a real connection met)."""
    tables, met = read_in_namespace(setup, ["firewall_exposure"], LISTENERS, GOALS)
    status, reason, rows = tables["firewall_exposure"]
    assert status == "ok", reason
    real = {
        ("ipv4" if goal[0] == "AF_INET" else "ipv6", goal[2]): answer for goal, answer in zip(GOALS, met, strict=True)
    }
    assert {(row["family"], row["port"]) for row in rows} == set(real)
    return {(row["family"], row["port"]): (row["verdict"], real[row["family"], row["port"]]) for row in rows}


def nft(rules: str) -> str:
    lines = rules.replace("} }", "}\n}")  # nft 1.0.6 wants an end of line between them
    return f"nft -f - <<'END'\n{lines}\nEND"


def test_without_rules_everything_gets_in() -> None:
    assert set(judged("true").values()) == {("accept", "accept")}


def test_default_drop_lets_in_what_a_rule_names() -> None:
    found = judged(
        nft("""
        table inet filter {
          set web { type inet_service; elements = { 80, 443 } }
          chain input {
            type filter hook input priority filter; policy drop;
            ct state vmap { established : accept, related : accept, invalid : drop }
            iifname "lo" accept
            meta l4proto { icmp, ipv6-icmp } accept
            tcp dport @web accept
            ip saddr 192.0.2.0/24 tcp dport 5432 accept
            meta nfproto ipv6 tcp dport 22 reject
            tcp dport 22 accept
          }
        }""")
    )
    assert found["ipv4", 80] == found["ipv6", 80] == ("accept", "accept")
    assert found["ipv4", 22] == ("accept", "accept")
    assert found["ipv6", 22][0] == "reject"
    assert found["ipv6", 22][1] != "accept"
    assert found["ipv4", 5432] == ("limited", "drop")
    assert found["ipv6", 5432] == found["ipv4", 3000] == ("drop", "drop")


def test_all_base_chains_must_accept() -> None:
    found = judged(
        nft("""
        table inet first { chain input { type filter hook input priority -5; tcp dport { 22, 80 } accept; } }
        table ip second { chain pre { type filter hook prerouting priority 0; tcp dport 80 drop; } }
        table ip6 third { chain input {
          type filter hook input priority 5; policy drop; tcp dport 22 accept; meta l4proto ipv6-icmp accept;
        } }""")
    )
    assert found["ipv4", 22] == found["ipv6", 22] == found["ipv4", 3000] == ("accept", "accept")
    assert found["ipv4", 80] == found["ipv6", 80] == ("drop", "drop")


def test_jumps_return_and_goto_does_not() -> None:
    found = judged(
        nft("""
        table inet t {
          chain jumped { tcp dport 22 return; tcp dport 80 drop; }
          chain gone { tcp dport 3000 return; }
          chain input {
            type filter hook input priority 0; policy drop;
            jump jumped
            tcp dport vmap { 22 : accept, 3000 : goto gone }
            tcp dport { 80, 3000 } accept
          }
        }""")
    )
    assert found["ipv4", 22] == ("accept", "accept")
    assert found["ipv4", 80] == ("drop", "drop")
    assert found["ipv4", 3000] == ("drop", "drop"), "goto comes back to the policy, not to the next rule"


def test_what_cannot_be_judged_is_null_and_only_where_it_matters() -> None:
    found = judged(
        nft("""
        table inet t { chain input {
          type filter hook input priority 0; policy drop;
          tcp dport 22 accept
          meta mark 7 tcp dport 80 accept
          meta mark 7 tcp dport 3000 drop
        } }""")
    )
    assert found["ipv4", 22][0] == "accept"
    assert found["ipv4", 80][0] is None
    assert found["ipv4", 3000][0] == "drop"


def test_an_address_of_this_machine_is_told_from_others() -> None:
    found = judged(
        nft("""
        table inet t { chain input {
          type filter hook input priority 0; policy drop;
          ip daddr 10.77.0.1 tcp dport 22 accept
          ip daddr 10.77.0.9 tcp dport 80 accept
          ip daddr != 10.77.0.1 tcp dport 3000 accept
        } }""")
    )
    assert found["ipv4", 22] == ("accept", "accept")
    assert found["ipv4", 80] == found["ipv4", 3000] == ("drop", "drop")


def test_iptables_of_both_kinds_and_ipv6_by_themselves() -> None:
    found = judged("""
iptables-restore <<'END'
*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:services - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p tcp -m comment --comment "not -j DROP" -j services
-A INPUT -j REJECT --reject-with icmp-port-unreachable
-A services -p tcp -m multiport --dports 22,80:90 -j ACCEPT
-A services -s 192.0.2.7/32 -p tcp -m tcp --dport 3000 -j ACCEPT
COMMIT
END
""")
    assert found["ipv4", 22] == found["ipv4", 80] == ("accept", "accept")
    assert found["ipv4", 5432] == ("reject", "reject")
    assert found["ipv4", 3000] == ("limited", "reject")
    assert {found["ipv6", port] for port in PORTS} == {("accept", "accept")}, "nobody wrote rules for IPv6"


def test_a_published_container_port_is_judged_by_the_forward_chain() -> None:
    rules = """
ip link add docker0 type bridge && ip addr add 172.17.0.1/16 dev docker0 && ip link set docker0 up
iptables-restore <<'END'
*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:DOCKER - [0:0]
-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 3000 -j DNAT --to-destination 172.17.0.2:80
COMMIT
*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:DOCKER - [0:0]
:DOCKER-USER - [0:0]
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -j DOCKER-USER
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -d 172.17.0.2/32 ! -i docker0 -o docker0 -p tcp -m tcp --dport 80 -j ACCEPT
COMMIT
END
"""
    found = judged(rules)
    assert found["ipv4", 3000][0] == "accept", "the container's port goes round the policy of INPUT"
    assert found["ipv4", 80] == ("drop", "drop")
    assert judged(rules + "iptables -I DOCKER-USER -i va -j DROP\n")["ipv4", 3000][0] == "drop"


def test_loopback_listeners_are_left_out() -> None:
    tables, _ = read_in_namespace("true", ["firewall_exposure"], [("tcp", "AF_INET", "127.0.0.1", 6379)])
    assert tables["firewall_exposure"][2] == []


@pytest.mark.skipif(shutil.which("ufw") is None, reason="ufw is not installed")
def test_ufw_as_its_own_commands_set_it_up() -> None:
    setup = """
cp -a /etc/ufw /mnt/ufw && mount --bind /mnt/ufw /etc/ufw
( ufw allow 22/tcp; ufw limit 80/tcp; ufw allow from 192.0.2.0/24 to any port 5432 proto tcp; ufw --force enable ) >&2
"""
    found = judged(setup)
    assert found["ipv4", 22] == found["ipv6", 22] == ("accept", "accept")
    assert found["ipv4", 80] == found["ipv6", 80] == ("accept", "accept")
    assert found["ipv4", 5432] == ("limited", "drop")
    assert found["ipv4", 3000] == found["ipv6", 3000] == found["ipv6", 5432] == ("drop", "drop")
