"""What a recogniser gets and gives. Each is a module of `recognise`, found by its name:

    SERVICES = ("redis",)     names of services, as guessed, that it asks
    PORTS = (6379,)           ports that it asks whatever was guessed
    PRODUCTS = ()             products of web servers, as their header Server names them, that it asks
    WHAT = "PING, INFO"       what it sends, for the plan and the record
    ANYWHERE = True           whether its request may go to a port of which nothing is known
    WEB = False               whether it asks web servers that tell no other product
    CONNECTIONS = 1           the most that it opens

    def ask(place: Place) -> Answer | None: ...

`ask` gives None when this is another service. It raises OSError when the connection breaks. Its request must be
harmless: it reads, it changes nothing, and it needs no login.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import ModuleType

from secaudit.protocols.http.exchange import accepting_context, authority_of, build_request, server_name_of
from secaudit.protocols.http.reply import Reply, read_reply
from secaudit.protocols.services import recognise
from secaudit.tableapi import Wire

BODY_LIMIT = 64 * 1024
ANSWER_S = 2.0
UNLIKELY_S = 0.8
"""For a question that goes to a port of which nothing is known: most often nobody answers."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service showed."""

    service: str
    anonymous: int | None = None
    """1: it serves people whom it does not know. 0: it asks who they are. None: it could not be told."""
    evidence: str = ""
    """What it said, in short. Never data of the service."""
    product: str = ""
    version: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    """Other things that it showed, by name."""
    problem: str = ""
    """What could not be told, and why; empty when all was."""


class Place:
    """One open port, as a recogniser sees it."""

    def __init__(self, connect: Callable[[], Wire], port: int, secure: bool, wait_s: float = ANSWER_S) -> None:
        self._connect = connect
        self.port = port
        self.secure = secure
        """TLS is spoken from the first byte on."""
        self.wait_s = wait_s
        """How long to wait for an answer."""

    def open(self) -> Wire:
        """A connection; inside TLS where the port has it."""
        wire = self._connect()
        if self.secure:
            try:
                wire.secure(accepting_context(), server_name_of(wire.host))
            except BaseException:
                wire.close()
                raise
        return wire

    def get(self, path: str, body: bytes = b"", method: str = "") -> Reply:
        """Ask for a page; with a body it is a POST. Raise TimeoutError when nothing came in time."""
        with self.open() as wire:
            scheme = "https" if self.secure else "http"
            headers = [("Content-Type", "application/json")] if body else []
            how = method or ("POST" if body else "GET")
            wire.send(build_request(how, path, authority_of(scheme, wire.host, wire.port), headers, body))
            reply = read_reply(wire, how, BODY_LIMIT)
        if reply.problem == "timeout":
            raise TimeoutError("no answer to a request for a page")
        return reply


def header(reply: Reply, name: str) -> str:
    """The first header of this name; empty when there is none."""
    return next((one.value for one in reply.headers if one.lower == name), "")[:200]


def json_of(reply: Reply) -> object:
    """The body as JSON; None when it is none, or was cut."""
    import json

    try:
        return json.loads(reply.body)
    except (ValueError, RecursionError):
        return None


def record_of(reply: Reply) -> Mapping[str, object]:
    """The body as a JSON object; empty when it is none."""
    found = json_of(reply)
    return found if isinstance(found, dict) else {}


def text_of(value: object, limit: int = 80) -> str:
    """A value of the other side as short text; empty for what is no text and no number."""
    return str(value)[:limit] if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def closed(reply: Reply) -> bool:
    """The answer asks who we are, or says that we may not."""
    return reply.status in (401, 403)


@cache
def recognisers() -> Mapping[str, ModuleType]:
    """All of them, by name."""
    found = {}
    for module in pkgutil.iter_modules(recognise.__path__):
        if not module.name.startswith("_"):
            found[module.name] = importlib.import_module(f"{recognise.__name__}.{module.name}")
    return dict(sorted(found.items()))


def fitting(port: int, service: str, product: str) -> list[ModuleType]:
    """Those that ask this port, the surest first."""
    sure = [one for one in recognisers().values() if port in one.PORTS or service in one.SERVICES]
    if service == "http":
        web = [one for one in recognisers().values() if one.WEB and (not product or product in one.PRODUCTS)]
        sure += [one for one in web if one not in sure]
    elif not service:
        sure += [one for one in recognisers().values() if one.ANYWHERE and one not in sure]
    return sure
