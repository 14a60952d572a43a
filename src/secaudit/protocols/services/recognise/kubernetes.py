"""The API server of Kubernetes. Source: Kubernetes API reference; "Controlling Access to the Kubernetes API"."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, record_of, text_of

SERVICES = ("kubernetes",)
PORTS = (6443, 8001, 16443)
PRODUCTS = ()
WHAT = "GET /version and GET /api/v1/namespaces?limit=1"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """The version is open to all by default; the list of name spaces must not be."""
    reply = place.get("/api/v1/namespaces?limit=1")
    about = record_of(reply)
    if about.get("apiVersion") != "v1" or about.get("kind") not in ("NamespaceList", "Status"):
        return None
    version = text_of(record_of(place.get("/version")).get("gitVersion")).removeprefix("v")
    if reply.status == 200 and about.get("kind") == "NamespaceList":
        return Answer("kubernetes", 1, "the list of name spaces was given", "Kubernetes", version)
    if reply.status in (401, 403):
        return Answer(
            "kubernetes", 0, f"the list of name spaces was answered with {reply.status}", "Kubernetes", version
        )
    return Answer("kubernetes", None, "", "Kubernetes", version, problem=f"GET /api/v1/namespaces: {reply.status}")
