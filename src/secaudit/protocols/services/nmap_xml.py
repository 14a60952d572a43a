"""Read the XML that nmap writes, piece by piece. A document that was cut off keeps the hosts that were finished.

Source: nmap.dtd of nmap 7.93. A document with declarations of its own (entities) is refused: nmap writes none.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from xml.etree import ElementTree

SIZE_LIMIT = 64 * 1024 * 1024
HOSTS_LIMIT = 4096
PORTS_LIMIT = 65536
"""Ports of one host."""
CUT = 300
_PART = 65536


class Port(NamedTuple):
    """One port of a host."""

    protocol: str
    port: int
    state: str
    """open, closed, filtered, open|filtered ..."""
    service: str
    method: str
    """probed: nmap asked. table: by the number only."""
    confidence: int
    product: str
    version: str
    extra: str
    tunnel: str
    """`ssl` when the service is inside TLS."""
    cpes: tuple[str, ...]
    scripts: tuple[tuple[str, str], ...]
    """Name and printed text of each script."""


class ScannedHost(NamedTuple):
    """One finished host."""

    addresses: tuple[str, ...]
    names: tuple[str, ...]
    state: str
    """up or down."""
    ports: tuple[Port, ...]
    others: tuple[tuple[str, int], ...]
    """States of ports that are not listed, and how many there are of each."""
    timed_out: bool


class Document(NamedTuple):
    """What was read."""

    version: str
    arguments: str
    hosts: tuple[ScannedHost, ...]
    complete: bool
    """The document ended as nmap ends one."""
    problem: str
    """Why it is not complete; empty when it is."""


class Refused(ValueError):
    """It is no document that we read."""


def read(data: bytes) -> Document:
    """Read a document.

    Raises:
        Refused: it is too large, declares entities, or was not written by nmap.
    """
    if len(data) > SIZE_LIMIT:
        raise Refused(f"larger than {SIZE_LIMIT // 1024 // 1024} MB")
    plain = data[:4096].replace(b"\0", b"")  # also when it is written in UTF-16
    if b"<!ENTITY" in data or b"<!ENTITY" in plain or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refused("it declares entities, or is not UTF-8; nmap writes neither")
    parser: Any = ElementTree.XMLPullParser(("start", "end"))
    version = arguments = problem = ""
    hosts: list[ScannedHost] = []
    seen_root = finished = False
    try:
        for begin in range(0, len(data), _PART):
            parser.feed(data[begin : begin + _PART])
            for event, element in parser.read_events():
                if not seen_root:
                    if element.tag != "nmaprun":
                        raise Refused(f"its first element is {element.tag[:40]}, not nmaprun")
                    seen_root = True
                    version, arguments = element.get("version", "")[:40], element.get("args", "")[:2000]
                if event != "end":
                    continue
                if element.tag == "host":
                    hosts.append(_host(element))
                    element.clear()
                    if len(hosts) > HOSTS_LIMIT:
                        raise Refused(f"more than {HOSTS_LIMIT} hosts")
                elif element.tag == "finished":
                    finished = element.get("exit", "success") == "success"
                    problem = "" if finished else f"nmap ended with: {element.get('errormsg', 'an error')[:CUT]}"
        parser.close()
    except ElementTree.ParseError as error:
        if not seen_root:
            raise Refused(f"it is no XML: {error}") from error
        finished, problem = False, f"the document is cut off or broken: {error}"
    if not seen_root:
        raise Refused("it is empty")
    if not finished and not problem:
        problem = "the document has no end"
    return Document(version, arguments, tuple(hosts), finished, problem)


def _host(element: ElementTree.Element) -> ScannedHost:
    ports: list[Port] = []
    others: list[tuple[str, int]] = []
    block = element.find("ports")
    for item in block if block is not None else ():
        if item.tag == "extraports":
            others.append((item.get("state", "")[:40], _number(item.get("count"))))
        elif item.tag == "port" and len(ports) < PORTS_LIMIT:
            ports.append(_port(item))
    status = element.find("status")
    return ScannedHost(
        addresses=tuple(
            one.get("addr", "")[:64] for one in element.findall("address") if one.get("addrtype") in ("ipv4", "ipv6")
        ),
        names=tuple(one.get("name", "")[:253] for one in element.findall("hostnames/hostname")),
        state=status.get("state", "")[:40] if status is not None else "",
        ports=tuple(ports),
        others=tuple(others),
        timed_out=element.get("timedout") == "true",
    )


def _port(item: ElementTree.Element) -> Port:
    state, service = item.find("state"), item.find("service")
    about = service.attrib if service is not None else {}
    return Port(
        protocol=item.get("protocol", "")[:10],
        port=_number(item.get("portid")),
        state=state.get("state", "")[:40] if state is not None else "",
        service=about.get("name", "")[:80],
        method=about.get("method", "")[:20],
        confidence=_number(about.get("conf")),
        product=about.get("product", "")[:CUT],
        version=about.get("version", "")[:CUT],
        extra=about.get("extrainfo", "")[:CUT],
        tunnel=about.get("tunnel", "")[:20],
        cpes=tuple((one.text or "")[:CUT] for one in (service.findall("cpe") if service is not None else ())),
        scripts=tuple((one.get("id", "")[:80], one.get("output", "")[:4000]) for one in item.findall("script")),
    )


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 0
