"""CouchDB. Source: its API reference, GET / and GET /_all_dbs."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, json_of, record_of, text_of

SERVICES = ("couchdb",)
PORTS = (5984, 6984)
PRODUCTS = ("CouchDB",)
WHAT = "GET / and GET /_all_dbs"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """The page / welcomes everybody; the list of databases is what counts."""
    about = record_of(place.get("/"))
    if about.get("couchdb") != "Welcome":
        return None
    version = text_of(about.get("version"))
    reply = place.get("/_all_dbs")
    if reply.status == 200 and isinstance(json_of(reply), list):
        return Answer("couchdb", 1, "the list of databases was given", "CouchDB", version)
    if closed(reply):
        return Answer("couchdb", 0, f"the list of databases was answered with {reply.status}", "CouchDB", version)
    return Answer("couchdb", None, "", "CouchDB", version, problem=f"GET /_all_dbs: {reply.status or reply.problem}")
