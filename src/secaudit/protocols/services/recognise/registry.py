"""A registry of container images. Source: OCI Distribution Specification 1.1; Docker's registry for the catalogue."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, header, record_of

SERVICES = ("registry",)
PORTS = (5000,)
PRODUCTS = ()
WHAT = "GET /v2/ and GET /v2/_catalog?n=1"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """Who may list images may fetch them; often also write."""
    first = place.get("/v2/")
    if not header(first, "docker-distribution-api-version").startswith("registry/2"):
        return None
    if closed(first):
        return Answer("registry", 0, f"GET /v2/ was answered with {first.status}", "registry")
    reply = place.get("/v2/_catalog?n=1")
    if reply.status == 200 and isinstance(record_of(reply).get("repositories"), list):
        return Answer("registry", 1, "the list of images was given", "registry")
    if closed(reply):
        return Answer("registry", 0, f"the list of images was answered with {reply.status}", "registry")
    return Answer("registry", None, "", "registry", problem=f"GET /v2/_catalog: {reply.status or reply.problem}")
