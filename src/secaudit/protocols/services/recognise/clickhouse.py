"""ClickHouse over HTTP. Source: https://clickhouse.com/docs/en/interfaces/http."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, header

SERVICES = ("clickhouse",)
PORTS = (8123, 8443)
PRODUCTS = ()
WHAT = "GET /?query=SELECT+1"
ANYWHERE = False
WEB = True
CONNECTIONS = 1


def ask(place: Place) -> Answer | None:
    """A query that reads nothing, as the account `default`."""
    reply = place.get("/?query=SELECT%201")
    named = header(reply, "x-clickhouse-server-display-name") or header(reply, "x-clickhouse-exception-code")
    if not named and not header(reply, "x-clickhouse-summary"):
        return None
    if reply.status == 200 and reply.body.strip() == b"1":
        return Answer("clickhouse", 1, "a query without a name was answered", "ClickHouse")
    if reply.status in (401, 403) or b"AUTHENTICATION_FAILED" in reply.body or b"REQUIRED_PASSWORD" in reply.body:
        return Answer("clickhouse", 0, "a query without a name was refused", "ClickHouse")
    return Answer("clickhouse", None, "", "ClickHouse", problem=f"the query was answered with {reply.status}")
