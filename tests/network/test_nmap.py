"""nmap: nothing of a target reaches its command line; its XML is read piece by piece; its ports are those of our scan."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import realservers
from hypothesis import given
from hypothesis import strategies as st

from networktest import OWN, gate_of, hosts, network_rows, read_network, unplanned
from secaudit.errors import TargetError
from secaudit.model import Consent
from secaudit.protocols.services import nmap_xml
from secaudit.tableapi import Failed
from secaudit.tables.network import _nmap
from secaudit.targets.network.access import NetworkAccess
from secaudit.targets.network.gate import Named
from secaudit.targets.network.naming import parse_hosts

NASTY = ("127.0.0.1 --script=x", "-oN /tmp/x", "--script=x", "127.0.0.1 -oX/tmp/x", "-iL/etc/passwd", "127.0.0.1;id",
         "127.0.0.1\n-oN", "$(id)", "127.0.0.1/8", "127.0.0.1-255", "*", "localhost -sU", "‐oN")  # fmt: skip


@pytest.mark.parametrize("name", NASTY)
def test_a_name_that_is_an_option_reaches_nobody(name: str) -> None:
    try:
        found = parse_hosts(name)
    except TargetError:
        return
    for one in found:  # "127.0.0.1 x" are two plain names; nmap is given the address of each, never the name
        assert not one.startswith("-")
        assert re.fullmatch(r"[a-z0-9.-]+", one)


@pytest.mark.parametrize("name", NASTY)
def test_the_command_line_takes_addresses_only(name: str) -> None:
    with pytest.raises(ValueError):
        _nmap.arguments("ports", name, [22])


def test_an_injected_option_writes_no_file(tmp_path: Path) -> None:
    place = tmp_path / "written"
    for name in (f"127.0.0.1 -oN {place}", f"-oN {place}", f"127.0.0.1 --script={place}"):
        access = NetworkAccess(Named("network", hosts=(name,), ports=(9,), engine="nmap"), OWN)
        assert read_network("scan_ports", access).status != "ok"
        assert not any(one.kind == "service" for one in gate_of(access).sent())
    assert not place.exists()


@given(st.lists(st.integers(1, 65535), min_size=1, max_size=300))
def test_ports_are_written_as_short_ranges_and_mean_the_same(ports: list[int]) -> None:
    argv = _nmap.arguments("ports", "127.0.0.1", ports)
    text = argv[argv.index("-p") + 1]
    found: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    assert found == set(ports)
    assert argv[-1] == "127.0.0.1"
    assert {"-n", "-Pn", "-sT"} <= set(argv)


def document(hosts_of_it: str, end: str = '<runstats><finished exit="success"/></runstats></nmaprun>') -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE nmaprun><nmaprun scanner="nmap" args="nmap" version="7.93">{hosts_of_it}{end}'.encode()


HOST = """<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/><ports>
<extraports state="closed" count="2"/>
<port protocol="tcp" portid="443"><state state="open"/>
<service name="http" product="nginx" version="1.22.1" tunnel="ssl" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe><cpe>cpe:/o:linux</cpe></service>
<script id="http-title" output="It works"/></port></ports></host>"""


def test_what_the_library_loses_is_kept() -> None:
    (host,) = nmap_xml.read(document(HOST)).hosts
    (port,) = host.ports
    assert (port.tunnel, port.method, len(port.cpes), port.scripts) == (
        "ssl",
        "probed",
        2,
        (("http-title", "It works"),),
    )
    result = _nmap.result_of(document(HOST), "192.0.2.1", (80, 81, 443))
    assert result.states == {443: "open", 80: "closed", 81: "closed"}
    assert result.services[443].certain
    assert result.complete


@pytest.mark.parametrize("cut", range(60, len(document(HOST + HOST.replace("192.0.2.1", "192.0.2.2"))), 97))
def test_a_document_that_was_cut_off_keeps_what_was_finished(cut: int) -> None:
    whole = document(HOST + HOST.replace("192.0.2.1", "192.0.2.2"))
    try:
        found = nmap_xml.read(whole[:cut])
    except nmap_xml.Refused:
        assert b"<nmaprun " not in whole[:cut] or b">" not in whole[whole.index(b"<nmaprun ") : cut]
        return
    assert not found.complete
    assert found.problem
    assert len(found.hosts) == whole[:cut].count(b"</host>")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no xml at all",
        b"<other/>",
        b'<!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun>&a;</nmaprun>',
        '<!DOCTYPE nmaprun [<!ENTITY a "b">]><nmaprun>&a;</nmaprun>'.encode("utf-16"),
        b"<nmaprun>" + b"<host/>" * (nmap_xml.HOSTS_LIMIT + 1) + b"</nmaprun>",
    ],
)  # fmt: skip
def test_other_documents_are_refused(data: bytes) -> None:
    with pytest.raises(nmap_xml.Refused):
        nmap_xml.read(data)


def test_a_document_about_another_host_says_nothing() -> None:
    with pytest.raises(Failed):
        _nmap.result_of(document(HOST), "192.0.2.9", (80,))


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for text in (data, document(HOST)[:300] + data, document(HOST)[:-200] + data):
        try:
            nmap_xml.read(text)
        except nmap_xml.Refused:
            pass


@pytest.fixture
def listeners() -> Iterator[list[int]]:
    opened = [socket.create_server(("127.0.0.1", 0)) for _ in range(5)]
    yield [one.getsockname()[1] for one in opened]
    for one in opened:
        one.close()


def test_our_scan_and_nmap_find_the_same_ports(listeners: list[int]) -> None:
    realservers.program("nmap")
    around = sorted({port + step for port in listeners for step in range(-5, 6) if port + step < 65536})
    passive = Consent(local=True)
    own = hosts("127.0.0.1", ports=around, consent=passive)
    theirs = hosts("127.0.0.1", ports=around, consent=passive, engine="nmap")
    found = {(row["port"], row["state"]) for row in network_rows("scan_ports", own) if row["state"] == "open"}
    assert found == {
        (row["port"], row["state"]) for row in network_rows("scan_ports", theirs) if row["state"] == "open"
    }
    assert {port for port, _ in found} >= set(listeners)
    assert unplanned(own, "scan_ports") == unplanned(theirs, "scan_ports") == []
    counts = ["ports_tried", "ports_open", "ports_closed", "ports_filtered"]
    (ours,), (other,) = network_rows("network_hosts", own), network_rows("network_hosts", theirs)
    assert [ours[name] for name in counts] == [other[name] for name in counts]


def test_the_library_reads_the_same_from_the_same_document(tmp_path: Path) -> None:
    """python-nmap as a second reader of what the real program printed."""
    import subprocess

    import nmap

    with realservers.redis(tmp_path) as port:
        argv = [realservers.program("nmap"), *_nmap.arguments("services", "127.0.0.1", [port, 9])[1:]]
        printed = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    theirs = nmap.PortScanner().analyse_nmap_xml_scan(printed)["scan"]["127.0.0.1"]["tcp"]
    (host,) = nmap_xml.read(printed.encode()).hosts
    ours = {one.port: (one.state, one.service, one.product, one.version) for one in host.ports}
    assert ours == {
        int(number): (one["state"], one["name"], one["product"], one["version"]) for number, one in theirs.items()
    }
    result = _nmap.result_of(printed.encode(), "127.0.0.1", (port, 9))
    assert result.services[port].certain
    assert result.services[port].name == "redis"
