"""Ollama, a server of language models, which knows no login. Source: its API, GET /api/version and GET /api/tags."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, record_of, text_of

SERVICES = ("ollama",)
PORTS = (11434,)
PRODUCTS = ()
WHAT = "GET /api/version and GET /api/tags"
ANYWHERE = False
WEB = False
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """The list of models is given to everybody, unless something in front of it asks for a login."""
    version = text_of(record_of(place.get("/api/version")).get("version"))
    reply = place.get("/api/tags")
    if reply.status == 200 and isinstance(record_of(reply).get("models"), list):
        return Answer("ollama", 1, "the list of models was given", "Ollama", version)
    if version and closed(reply):
        return Answer("ollama", 0, f"the list of models was answered with {reply.status}", "Ollama", version)
    return None
