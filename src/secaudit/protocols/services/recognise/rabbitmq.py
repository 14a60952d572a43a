"""The management pages of RabbitMQ. Source: its HTTP API, /api/overview."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, header, record_of, text_of

SERVICES = ("rabbitmq-management",)
PORTS = (15672, 15671)
PRODUCTS = ("Cowboy", "cowboy", "MochiWeb")
WHAT = "GET /api/overview"
ANYWHERE = False
WEB = True
CONNECTIONS = 1


def ask(place: Place) -> Answer | None:
    """It always asks for a login, unless something in front of it logs everybody in."""
    reply = place.get("/api/overview")
    if reply.status == 401 and "RabbitMQ" in header(reply, "www-authenticate"):
        return Answer("rabbitmq-management", 0, "GET /api/overview was answered with 401", "RabbitMQ")
    about = record_of(reply)
    if reply.status == 200 and "rabbitmq_version" in about:
        version = text_of(about.get("rabbitmq_version"))
        return Answer("rabbitmq-management", 1, "the overview was given", "RabbitMQ", version)
    return None
