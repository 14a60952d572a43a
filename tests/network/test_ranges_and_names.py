"""Which addresses are whose, and what a person may name: nothing that a program could take for an option."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secaudit.errors import TargetError
from secaudit.targets.network.naming import (
    parse_domain,
    parse_host,
    parse_hosts,
    parse_ports,
    parse_resolver,
    parse_url,
)
from secaudit.targets.network.ranges import RefusedAddress, class_of


@pytest.mark.parametrize(
    ("address", "found"),
    [
        ("127.0.0.1", "loopback"), ("127.255.255.254", "loopback"), ("::1", "loopback"), ("::ffff:127.0.0.1", "loopback"),
        ("10.0.0.1", "private"), ("172.16.0.1", "private"), ("172.31.255.255", "private"), ("192.168.1.1", "private"),
        ("100.64.0.1", "private"), ("100.127.255.255", "private"), ("169.254.1.1", "private"), ("fe80::1%eth0", "private"),
        ("fd12::1", "private"), ("::ffff:10.0.0.1", "private"), ("64:ff9b::10.0.0.1", "private"), ("2002:0a00:0001::1", "private"),
        ("172.15.0.1", "public"), ("172.32.0.1", "public"), ("100.63.255.255", "public"), ("100.128.0.0", "public"),
        ("8.8.8.8", "public"), ("2606:4700::1111", "public"), ("64:ff9b::8.8.8.8", "public"), ("192.167.0.1", "public"),
    ],
)  # fmt: skip
def test_an_address_has_its_class(address: str, found: str) -> None:
    assert class_of(address) == found


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "169.254.170.2", "fd00:ec2::254",
        "100.100.100.200", "168.63.129.16", "0.0.0.0", "0.1.2.3", "::", "224.0.0.1", "255.255.255.255", "240.0.0.1",
        "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "ff02::1", "2001:db8::1", "", "localhost", "127.1", "0x7f000001",
    ],
)  # fmt: skip
def test_nothing_is_ever_sent_there(address: str) -> None:
    with pytest.raises(RefusedAddress):
        class_of(address)


INJECTIONS = [
    "-oN", "-oN/tmp/x", "--script=x", "127.0.0.1 --script=/tmp/x.nse", "-iL/etc/passwd", "127.0.0.1;id", "$(id)", "a b", "a\nb", "..",
    "", "-", "a..b", "a" * 64 + ".example", "x." * 130 + "example", "exa mple.org", "host\x00", "host/../x", "[::1", "::1]", "1.2.3.4.5", "127.1",
    "2130706433", "0x7f.1", "256.1.1.1", "user@host", "host:80", "a\u202eb.example/", "*.example",
]  # fmt: skip


@pytest.mark.parametrize("text", INJECTIONS, ids=repr)
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(TargetError):
        parse_host(text)


@given(st.text(max_size=40))
def test_a_host_that_is_taken_is_plain(text: str) -> None:
    try:
        host = parse_host(text)
    except TargetError:
        return
    assert host.isascii()
    assert not host.startswith("-")
    assert not any(sign in host for sign in " /\\'\"`$;&|<>()[]{}\n\r\t\0,=%@")


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("Shop.Example", "shop.example"), ("shop.example.", "shop.example"), ("bücher.example", "xn--bcher-kva.example"),
        ("[::1]", "::1"), ("0:0:0:0:0:0:0:1", "::1"), ("192.168.1.1", "192.168.1.1"), ("localhost", "localhost"),
        ("_dmarc.shop.example", "_dmarc.shop.example"),
    ],
)  # fmt: skip
def test_a_host_has_one_form(text: str, host: str) -> None:
    assert parse_host(text) == host


def test_hosts_are_a_list_with_ranges() -> None:
    assert parse_hosts("192.168.1.0/30, nas.example 10.0.0.5") == (
        "192.168.1.1",
        "192.168.1.2",
        "nas.example",
        "10.0.0.5",
    )
    assert len(parse_hosts("10.0.0.0/24")) == 254
    for wrong in ("10.0.0.0/8", "10.0.0.1/24", "", " , ", "10.0.0.0/24,10.0.1.0/24", "::/64"):
        with pytest.raises(TargetError):
            parse_hosts(wrong)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://Shop.Example", "https://shop.example/"), ("http://shop.example:8080/a?b=c#d", "http://shop.example:8080/a?b=c"),
        ("HTTPS://[::1]:443/x/../y", "https://[::1]/x/../y"), ("http://127.0.0.1:80", "http://127.0.0.1/"),
    ],
)  # fmt: skip
def test_a_url_is_taken_apart(text: str, url: str) -> None:
    assert parse_url(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "ftp://a.example", "file:///etc/passwd", "shop.example", "https://", "https://user:secret@shop.example/", "http://a.example:0/",
        "http://a.example:99999/", "http://a b/", "http://a.example/\r\nX: y", "http://a.example\\@b.example/", "http://-x/", "http://127.1/",
        "http://a.example/ä", "javascript:alert(1)", "http://[::1/",
    ],
    ids=repr,
)  # fmt: skip
def test_what_is_no_site_is_refused(text: str) -> None:
    with pytest.raises(TargetError) as caught:
        parse_url(text)
    assert "secret" not in caught.value.message


def test_ports_domains_and_resolvers() -> None:
    assert parse_ports("80, 22,8000-8002 80") == (22, 80, 8000, 8001, 8002)
    assert parse_domain("Shop.Example.") == "shop.example"
    assert parse_resolver("127.0.0.1:5353") == ("127.0.0.1", 5353)
    assert parse_resolver("[::1]:53") == ("::1", 53)
    assert parse_resolver("::1") == ("::1", 53)
    for text in ("0", "70000", "80-22", "a", "1-", "-1", "22;80"):
        with pytest.raises(TargetError):
            parse_ports(text)
    for text in ("localhost", "127.0.0.1", "::1", "-x.example"):
        with pytest.raises(TargetError):
            parse_domain(text)
    for text in ("dns.example", "127.0.0.1:0", "127.0.0.1:99999", "--x", "1.2.3"):
        with pytest.raises(TargetError):
            parse_resolver(text)
