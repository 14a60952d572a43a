"""Consul. Source: its HTTP API, /v1/agent/self and /v1/catalog/services."""

from __future__ import annotations

from collections.abc import Mapping

from secaudit.protocols.services.asking import Answer, Place, closed, header, record_of, text_of

SERVICES = ("consul",)
PORTS = (8500, 8501)
PRODUCTS = ()
WHAT = "GET /v1/agent/self"
ANYWHERE = False
WEB = True
CONNECTIONS = 1


def ask(place: Place) -> Answer | None:
    """Its own settings are given to everybody where access lists are off."""
    reply = place.get("/v1/agent/self")
    about = record_of(reply)
    config = about.get("Config")
    if reply.status == 200 and isinstance(config, Mapping) and "Member" in about:
        return Answer("consul", 1, "the settings of the agent were given", "Consul", text_of(config.get("Version")))
    named = header(reply, "x-consul-default-acl-policy") or b"Permission denied" in reply.body[:200]
    if closed(reply) and named and (header(reply, "x-consul-default-acl-policy") or place.port in PORTS):
        return Answer("consul", 0, f"the settings of the agent were answered with {reply.status}", "Consul")
    return None
