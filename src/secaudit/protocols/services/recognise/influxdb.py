"""InfluxDB 1 and 2. Source: its API reference, /ping, /query and /api/v2/buckets."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, header, record_of

SERVICES = ("influxdb",)
PORTS = (8086,)
PRODUCTS = ()
WHAT = "GET /ping and GET /query?q=SHOW+DATABASES"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """Version 2 always wants a token, version 1 only when it is told so."""
    version = header(place.get("/ping"), "x-influxdb-version")
    if not version:
        return None
    reply = place.get("/query?q=SHOW+DATABASES")
    if reply.status == 200 and "results" in record_of(reply):
        return Answer("influxdb", 1, "the list of databases was given", "InfluxDB", version.removeprefix("v"))
    if closed(reply):
        return Answer("influxdb", 0, f"the list of databases was answered with {reply.status}", "InfluxDB", version)
    return Answer("influxdb", None, "", "InfluxDB", version, problem=f"GET /query: {reply.status or reply.problem}")
