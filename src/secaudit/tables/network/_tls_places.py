"""Where TLS is looked for: the places of a target, and what one visit to each of them shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Iterable, NamedTuple
from urllib.parse import urlsplit

from secaudit.protocols.addresses import is_address
from secaudit.protocols.tls import groups, handshake, hello, starttls, suites
from secaudit.protocols.tls.talk import Talk
from secaudit.tableapi import Absent, Failed, Net, NotCovered, Partial, Planned, TableProblem, Target
from secaudit.tables.network._open_ports import Scan, open_ports, planned

WEB_PORTS = (443, 8443, 9443)
HELLO = "a TLS hello"
HANDSHAKE = "a TLS handshake"
TIMEOUT_S = 5.0
MAX_REASON = 300
STARTTLS_SERVICES = frozenset("smtp imap pop3 ftp postgresql mysql".split())
"""Services that answer in the clear and may go over to TLS; the words that lead there go by the same name."""


class Place(NamedTuple):
    """A port that may speak TLS."""

    host: str
    port: int
    plain: str
    """The protocol that is spoken before TLS; empty for TLS from the first byte, or where that is not known yet."""
    web: bool
    """Whether the application protocols of the web are asked for."""


@dataclass
class Visit:
    """What one visitor sees at a place."""

    place: Place
    address: str
    plain: str
    speaks_tls: bool | None
    """None: it did not answer, or not in a form that we understand."""
    offered: bool | None
    """Of a protocol that goes over to TLS: whether it is offered."""
    greeting: str = ""
    detail: str = ""
    shake: handshake.Handshake = field(default_factory=handshake.Handshake)
    chain: list[bytes] = field(default_factory=list)
    problem: str = ""
    """Why something is missing, for a person."""

    @property
    def label(self) -> str:
        return f"{self.place.host}:{self.place.port}"


class Looked(NamedTuple):
    """All visits, and what could not be looked at."""

    visits: list[Visit]
    gaps: list[str]


def visits(target: Target) -> Looked:
    """Visit all places of the target, once for all tables.

    Raises:
        Absent: nothing there speaks TLS.
        NotCovered: the consent reaches to none of the places.
        Failed: the places cannot be found.
    """
    return target.shared("tls-visits", _visit_all)


def speaking(target: Target) -> Looked:
    """As `visits`, for what is told about TLS only.

    Raises:
        Absent: as `visits`, and also when all that is open speaks without TLS.
    """
    looked = visits(target)
    if not looked.gaps and not any(one.speaks_tls for one in looked.visits):
        raise Absent("no port is open that speaks TLS")
    return looked


def plan(net: Net) -> Iterable[Planned]:
    """What the visits send at most."""
    return _plan(net, 3, HANDSHAKE, "passive", also=(Planned("tls", "", 0, HELLO, 1, "passive"),))


def plan_survey(net: Net) -> Iterable[Planned]:
    """What the visits and the search for all suites and groups send at most."""
    return _plan(net, 3, HANDSHAKE, "passive", also=(Planned("tls", "", 0, HELLO, 146, "active"),))


def _plan(net: Net, most: int, what: str, level: str, also: tuple[Planned, ...]) -> Iterable[Planned]:
    found: list[Planned] = list(planned(net)) if net.kind == "network" else []
    if net.kind == "domain":
        found.append(Planned("dns", "", 53, f"MX {net.domain}", 1, "passive"))
    for host, port in _named(net):
        found.append(Planned("tls", host, port, what, most, level))
        found.extend(one._replace(host=host, port=port) for one in also)
    return found


def _named(net: Net) -> list[tuple[str, int]]:
    """Places as far as they are known without sending anything."""
    if net.kind == "site":
        place = _of_url(net.url)
        return [] if place is None else [(place.host, place.port)]
    if net.kind == "domain":
        return [(net.domain, 25)]
    return [(host, 0) for host in net.hosts]  # each open port that may speak TLS


def _of_url(url: str) -> Place | None:
    """The place where the site speaks TLS; for a plain site on its usual port the usual one of TLS."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port
    if parts.scheme == "https":
        return Place(host, port or 443, "", True)
    return Place(host, 443, "", True) if port in (None, 80) else None


def _places(target: Target, gaps: list[str]) -> list[Place]:
    net = target.net
    if net.kind == "site":
        place = _of_url(net.url)
        if place is None:
            raise Absent("the site is on a port of its own without TLS")
        return [place]
    if net.kind == "domain":
        return [Place(host, 25, "smtp", False) for host in _mail_servers(net, gaps)]
    return _of_ports(open_ports(target), gaps)


def _of_ports(scan: Scan, gaps: list[str]) -> list[Place]:
    """The open ports that speak TLS, may go over to it, or say nothing by themselves."""
    gaps += scan.problems
    if len(scan.hosts) == 1 and set(scan.hosts[0].states.values()) == {"filtered"}:
        gaps.append(f"no port of {scan.hosts[0].host} answered")  # of a range, most addresses are nobody's
    found = []
    for one in scan.ports:
        by_service = one.service if one.service in STARTTLS_SERVICES else ""
        plain = "" if one.tls else starttls.PORTS.get(one.port, by_service)
        in_the_clear = one.tls == 0 and one.method in ("banner", "http")  # it said who it is, without TLS
        if plain or not in_the_clear:
            found.append(
                Place(one.host, one.port, plain, one.port in WEB_PORTS or (one.tls == 1 and one.service == "http"))
            )
    return found


def _mail_servers(net: Net, gaps: list[str]) -> list[str]:
    reply = net.dns(net.domain, "MX")
    if not reply.known:
        raise Failed(f"the mail servers of {net.domain} cannot be found: {reply.code}")
    found = [record.split()[-1].rstrip(".") for record in reply.records if record.split()]
    found = [name for name in dict.fromkeys(found) if name]
    if not found:
        raise Absent(f"{net.domain} names no mail server")
    covered: list[str] = []
    refused: NotCovered | None = None
    for host in found[:10]:
        try:
            net.addresses(host)
            covered.append(host)
        except NotCovered as problem:
            refused = problem
            gaps.append(problem.reason)
        except TableProblem as problem:
            gaps.append(problem.reason)
    if not covered and refused is not None:
        raise refused
    return covered


# ---------------------------------------------------------------- one visit


def _visit_all(target: Target) -> Looked:
    net = target.net
    gaps: list[str] = []
    places = _places(target, gaps)
    found: list[Visit] = [one for one in net.each(places, lambda place: _visit(net, place)) if one is not None]
    gaps += [f"{one.label}: {one.problem}" for one in found if one.speaks_tls is None]
    if not found and not gaps:
        raise Absent("no port is open that speaks TLS")
    return Looked(found, gaps)


def talk_to(net: Net, place: Place, plain: str, level: str) -> Talk:
    """Hellos to one place."""
    return Talk(
        connect=lambda: net.connect(place.host, place.port, "tls", HELLO, level, TIMEOUT_S),
        server_name="" if is_address(place.host) else place.host,
        plain=plain,
        alpn=("h2", "http/1.1") if place.web else (),
    )


def _visit(net: Net, place: Place) -> Visit | None:
    """None where nothing listens. NotCovered is raised."""
    found = Visit(place, "", place.plain, None, None)
    try:
        found.address = net.addresses(place.host)[0]
        _look(net, found)
    except NotCovered:
        raise
    except TableProblem as problem:
        found.problem = problem.reason[:MAX_REASON]
    except ConnectionRefusedError:
        return None
    except TimeoutError:
        found.problem = "did not answer in time"
    except OSError as error:
        found.problem = (f"broke off: {error}")[:MAX_REASON]
    return found


def _look(net: Net, found: Visit) -> None:
    if not _shake(net, found, verify=True):
        return
    if found.shake.trusted is False:
        verdict = found.shake
        _shake(net, found, verify=False)
        found.shake.trusted, found.shake.root = False, b""
        found.shake.verify_code, found.shake.verify_message = verdict.verify_code, verdict.verify_message
    if found.shake.chain:
        found.chain, found.speaks_tls = found.shake.chain, True
        return
    _hello(net, found)


def _shake(net: Net, found: Visit, *, verify: bool) -> bool:
    """Make one handshake; False when the words before TLS did not lead to it."""
    place = found.place
    alpn = ("h2", "http/1.1") if place.web else ()
    name = "" if is_address(place.host) else place.host
    with net.connect(place.host, place.port, "tls", HANDSHAKE, "passive", TIMEOUT_S) as wire:
        if found.plain:
            begun = starttls.begin(wire, found.plain, name)
            found.offered, found.greeting, found.detail = begun.agreed, begun.greeting, begun.detail
            if not begun.agreed:
                found.speaks_tls = begun.agreed
                found.problem = "" if begun.agreed is False else f"no {found.plain} that we understand"
                return False
        try:
            found.shake = handshake.shake(wire, name, alpn, verify=verify)
        except ConnectionError:
            found.shake = handshake.Handshake(problem="the connection was cut in the handshake")
    return True


def _hello(net: Net, found: Visit) -> None:
    """What our TLS library cannot speak, a hello of our own may."""
    talk = talk_to(net, found.place, found.plain, "passive")
    offer = hello.Offer(hello.TLS12, suites.old_codes(), groups.OLD, server_name=talk.server_name, alpn=talk.alpn)
    heard = talk.ask(offer, whole=True)
    if heard.outcome == "hello":
        found.speaks_tls, found.chain = True, heard.certificates
        found.shake.version = hello.VERSIONS.get(heard.version or 0)
        found.shake.suite = suites.suite(heard.suite or 0).name
        found.shake.suite_bits = suites.suite(heard.suite or 0).bits
        found.problem = f"our TLS library could not finish the handshake: {found.shake.problem}"
    elif heard.outcome == "not_tls" and not found.plain and starttls.protocol_of(heard.first_bytes):
        found.plain = starttls.protocol_of(heard.first_bytes)
        _look(net, found)
    elif heard.outcome == "not_tls":
        found.speaks_tls = False
        found.detail = heard.first_bytes[:60].decode("utf-8", "backslashreplace")
    elif heard.outcome == "alert":
        found.speaks_tls = True
        found.problem = f"it refused our handshake: {heard.alert_name}"
    else:
        found.problem = f"no handshake: {heard.outcome} after {found.shake.problem}"


def finish(looked: Looked) -> None:
    """Say what could not be looked at.

    Raises:
        Partial: some places did not answer.
    """
    if looked.gaps:
        more = f" and {len(looked.gaps) - 3} more" if len(looked.gaps) > 3 else ""
        raise Partial("; ".join(looked.gaps[:3])[:600] + more)
