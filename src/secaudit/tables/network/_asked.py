"""What the services behind open ports show to people whom they do not know: asked once, for all tables."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.protocols.services.asking import ANSWER_S, UNLIKELY_S, Answer, Place, fitting, recognisers
from secaudit.tableapi import Net, Planned, Stopped, Target, Wire
from secaudit.tables.network import _open_ports
from secaudit.tables.network._open_ports import OpenPort, Scan

LEVEL = "active"
ASK_TIMEOUT_S = 10.0
WHY = "services are asked whether they serve people whom they do not know"


class Asked(NamedTuple):
    """One port that was asked, and what it answered."""

    port: OpenPort
    answer: Answer


def planned(net: Net) -> Iterator[Planned]:
    """What is sent at most: which port is which service is known only when they were seen."""
    yield from _open_ports.planned(net)
    count = len(_open_ports.chosen_ports(net))
    for host in net.hosts:
        for one in recognisers().values():
            yield Planned("service", host, 0, one.WHAT, one.CONNECTIONS * count, LEVEL)


def asked(target: Target) -> tuple[Scan, tuple[Asked, ...], tuple[str, ...]]:
    """The open ports, the answers, and why some are missing.

    Raises:
        NotCovered: nobody asked for this.
    """
    target.net.require(LEVEL, WHY)
    scan = _open_ports.open_ports(target)
    answers, problems = target.shared("asked-services", lambda one: _ask_all(one, scan))
    return scan, answers, problems


def _ask_all(target: Target, scan: Scan) -> tuple[tuple[Asked, ...], tuple[str, ...]]:
    net = target.net
    target.tell(f"what {len(scan.ports)} open ports show to everybody")
    results = net.each(scan.ports, lambda port: _ask_one(net, port))
    answers = tuple(one for one, _ in results if one is not None)
    return answers, tuple(problem for _, problem in results if problem)


def _ask_one(net: Net, port: OpenPort) -> tuple[Asked | None, str]:
    problems: list[str] = []
    tried = fitting(port.port, port.service, port.product)
    for recogniser in tried:
        likely = port.port in recogniser.PORTS or port.service in recogniser.SERVICES
        wait_s = ANSWER_S if likely else UNLIKELY_S

        def connect(what: str = recogniser.WHAT) -> Wire:
            return net.connect(port.host, port.port, "service", what, LEVEL, ASK_TIMEOUT_S, port.address)

        try:
            answer = recogniser.ask(Place(connect, port.port, port.tls == 1, wait_s))
        except Stopped as error:
            problems.append(str(error))
            break
        except OSError as error:
            if port.service in recogniser.SERVICES or (
                port.port in recogniser.PORTS and isinstance(error, TimeoutError)
            ):
                problems.append(f"{recogniser.SERVICES[0]} did not answer as it should ({type(error).__name__})")
            continue
        if answer is not None:
            problem = f"{port.host} port {port.port}: {answer.problem}" if answer.problem else ""
            return Asked(port, answer), problem
    if port.method not in ("", "port") and any(port.service in one.SERVICES for one in tried) and not problems:
        problems.append(f"{port.service} did not answer the question")
    return None, f"{port.host} port {port.port}: {'; '.join(problems)}" if problems else ""
