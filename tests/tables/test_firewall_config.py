from __future__ import annotations

from pathlib import Path

import pytest

import netnstest
from tabletest import make_root, rows

UFW_UNIT = "[Service]\nExecStart=/usr/lib/ufw/ufw-init start\n[Install]\nWantedBy=multi-user.target\n"
WANTS = "/etc/systemd/system/multi-user.target.wants"


def config(
    tmp_path: Path, files: dict[str, str], enabled: tuple[str, ...] = ()
) -> dict[str, dict[str, str | int | None]]:
    root = make_root(tmp_path, files)
    for name in enabled:
        place = root / WANTS.lstrip("/") / f"{name}.service"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(f"/usr/lib/systemd/system/{name}.service")
    return {str(row["kind"]): row for row in rows("firewall_config", root)}


def test_no_firewall_is_a_row_that_says_so(tmp_path: Path) -> None:
    row = config(tmp_path, {})["none"]
    assert (row["starts_at_boot"], row["input_policy"], row["ipv6_covered"]) == (0, "accept", 0)


@pytest.mark.parametrize(("enabled", "service", "starts"), [("yes", True, 1), ("no", True, 0), ("yes", False, 0)])
def test_ufw_needs_its_setting_and_its_service(tmp_path: Path, enabled: str, service: bool, starts: int) -> None:
    row = config(
        tmp_path,
        {
            "/etc/ufw/ufw.conf": f"# ENABLED=yes\nENABLED={enabled}\n",
            "/etc/default/ufw": 'IPV6=yes\nDEFAULT_INPUT_POLICY="DROP"\n',
            "/usr/lib/systemd/system/ufw.service": UFW_UNIT,
        },
        ("ufw",) if service else (),
    )["ufw"]
    assert (row["starts_at_boot"], row["input_policy"], row["ipv6_covered"]) == (starts, "drop", 1)


@pytest.mark.parametrize(
    ("text", "policy", "ipv6"),
    [
        (
            "table inet f { chain i { type filter hook input priority 0; policy drop; tcp dport {22} accept } }",
            "drop",
            1,
        ),
        ("table ip f {\n chain i {\n type filter hook input priority 0; policy drop;\n }\n}", "drop", 0),
        ("table inet f {\n chain input {\n  type filter hook input priority filter;\n }\n}", "accept", 0),
        ("table inet f { chain i { type filter hook input priority 0; tcp dport 22 accept; drop; } }", None, None),
        ('include "/etc/nftables.d/*.nft"', "accept", 0),  # a pattern that nothing fits is no error
        ('include "/etc/nftables.d/none.nft"', None, None),
        ("include $FILE", None, None),
        ("# table inet f { chain i { type filter hook input priority 0; policy drop; } }", "accept", 0),
        ("define wan = eth0\ntable inet f { chain i { type filter hook input priority 0; policy $x; } }", None, None),
    ],
)
def test_the_policy_of_nftables_conf_only_where_it_is_plain(
    tmp_path: Path, text: str, policy: str | None, ipv6: int | None
) -> None:
    row = config(tmp_path, {"/etc/nftables.conf": f"#!/usr/sbin/nft -f\nflush ruleset\n{text}\n"})["nftables"]
    assert (row["input_policy"], row["ipv6_covered"], row["starts_at_boot"]) == (policy, ipv6, 0)


HEAD = "type filter hook input priority 0; policy drop;"
USUAL = (
    'ct state established,related accept; iif "lo" accept; icmp type echo-request accept; tcp dport { 22, 443 } accept;'
)


@pytest.mark.parametrize(
    ("text", "policy", "gets_in"),
    [
        (f"table inet f {{ chain i {{ {HEAD} {USUAL} }} }}", "drop", False),
        (f"table inet f {{ chain i {{ {HEAD} {USUAL} accept; }} }}", "accept", True),
        (f"table inet f {{ chain i {{ {HEAD} counter accept; }} }}", "accept", True),
        (f"table inet f {{ chain i {{ {HEAD} ip saddr 10.9.9.0/24 accept; }} }}", "drop", False),
        (f"table inet f {{ chain i {{ {HEAD} ip saddr 0.0.0.0/0 accept; }} }}", None, True),
        (f"table inet f {{ chain i {{ {HEAD} ct state new,established,related accept; }} }}", None, True),
        (f"table inet f {{ chain i {{ {HEAD} tcp dport 0-65535 accept; }} }}", None, True),
        (f"table inet f {{ chain o {{ accept; }} chain i {{ {HEAD} jump o; }} }}", "accept", True),
        (f"table inet f {{ chain i {{ {HEAD} }} chain x {{ type filter hook output priority 0; accept; }} }}", "drop", False),
        (f"table inet f {{ chain i {{ {HEAD} }} }}\nflush ruleset\ntable inet g {{ }}", "accept", True),
        (
            "table inet a { chain i { type filter hook input priority -10; policy accept; accept; } }\n"
            f"table inet f {{ chain i {{ {HEAD} {USUAL} }} }}",
            "accept",  # of two chains both must let a packet in; said to be open, which is the safe error
            False,
        ),
    ],
)  # fmt: skip
def test_rules_that_let_everything_in_are_seen(tmp_path: Path, text: str, policy: str | None, gets_in: bool) -> None:
    path = tmp_path / "etc/nftables.conf"
    text = text.replace("} }", "}\n}").replace("} chain", "}\nchain")  # nft wants the ends of lines
    row = config(tmp_path, {"/etc/nftables.conf": f"flush ruleset\n{text}\n"})["nftables"]
    assert row["input_policy"] == policy
    if netnstest.usable():
        _, (answer,) = netnstest.read_in_namespace(f"nft -f {path}", [], goals=[("AF_INET", "10.77.0.1", 4999)])
        assert (answer != "drop") == gets_in  # nobody listens there: a packet that gets in is answered with a refusal


def test_saved_rules_of_iptables_are_judged(tmp_path: Path) -> None:
    rules = "*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp --dport 22 -j ACCEPT\n-A INPUT -j DROP\nCOMMIT\n"
    row = config(
        tmp_path,
        {
            "/etc/iptables/rules.v4": rules,
            "/usr/lib/systemd/system/netfilter-persistent.service": UFW_UNIT,
        },
        ("netfilter-persistent",),
    )["iptables"]
    assert (row["starts_at_boot"], row["input_policy"], row["ipv6_covered"]) == (1, "drop", 0)


@pytest.mark.parametrize(
    ("zone", "policy"),
    [("<zone>", "reject"), ('<zone target="DROP">', "drop"), ('<zone version="1.0" target="ACCEPT">', "accept")],
)
def test_the_default_zone_of_firewalld(tmp_path: Path, zone: str, policy: str) -> None:
    row = config(
        tmp_path,
        {
            "/etc/firewalld/firewalld.conf": "DefaultZone=work\n",
            "/usr/lib/firewalld/zones/work.xml": f'<?xml version="1.0"?>\n{zone}<short>Work</short></zone>',
            "/usr/lib/systemd/system/firewalld.service": UFW_UNIT,
        },
        ("firewalld",),
    )["firewalld"]
    assert (row["starts_at_boot"], row["input_policy"]) == (1, policy)


@pytest.mark.parametrize(
    ("main", "policy"),
    [
        ('include "/etc/nftables.d/*.nft"\n', "drop"),
        ("  include 'nftables.d/10-a.nft';\n", "drop"),
        ('include "/etc/nftables.d/*.nft"\nflush ruleset\n', "accept"),
        ('#include "/etc/nftables.d/*.nft"\n', "accept"),
        ('include "/etc/nftables.conf"\n', None),  # it never ends
    ],
)
def test_included_files_of_nftables_count(tmp_path: Path, main: str, policy: str | None) -> None:
    chain = "table inet f { chain input { type filter hook input priority filter; policy drop; } }\n"
    row = config(tmp_path, {"/etc/nftables.conf": main, "/etc/nftables.d/10-a.nft": chain})["nftables"]
    assert row["input_policy"] == policy
