"""etcd. Source: https://etcd.io/docs/v3.5/dev-guide/api_grpc_gateway/ and the version 2 API."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, record_of, text_of

SERVICES = ("etcd",)
PORTS = (2379, 2380, 4001)
PRODUCTS = ()
WHAT = "GET /version and POST /v3/kv/range (one key, its number only)"
ANYWHERE = False
WEB = True
CONNECTIONS = 3

_RANGE = b'{"key":"AA==","range_end":"AA==","limit":"1","count_only":true}'


def ask(place: Place) -> Answer | None:
    """Count the keys: neither names nor values are asked for."""
    about = record_of(place.get("/version"))
    version = text_of(about.get("etcdserver"))
    if not version:
        return None
    reply = place.get("/v3/kv/range", _RANGE)
    if reply.status == 404:
        reply = place.get("/v3beta/kv/range", _RANGE)
    if reply.status == 404:
        return None  # the port where its members speak with each other
    told = record_of(reply)
    if reply.status == 200 and "header" in told:
        return Answer("etcd", 1, "the number of keys was given", "etcd", version)
    if closed(reply) or "user name is empty" in text_of(told.get("error"), 200) + text_of(told.get("message"), 200):
        return Answer("etcd", 0, "the number of keys was refused", "etcd", version)
    return Answer("etcd", None, "", "etcd", version, problem=f"POST /v3/kv/range: {reply.status or reply.problem}")
