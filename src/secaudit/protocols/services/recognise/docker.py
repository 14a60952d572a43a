"""The API of Docker and Podman. Source: Docker Engine API, /version and /containers/json."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, header, json_of, record_of, text_of

SERVICES = ("docker",)
PORTS = (2375, 2376)
PRODUCTS = ("Docker", "Libpod")
WHAT = "GET /version and GET /containers/json?limit=1"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """Who may list containers may start one as root."""
    first = place.get("/version")
    about = record_of(first)
    named = header(first, "server").startswith(("Docker/", "Libpod/")) or header(first, "api-version")
    if not named and not ("ApiVersion" in about and "GoVersion" in about):
        return None
    version = text_of(about.get("Version"))
    if closed(first):
        return Answer("docker", 0, f"GET /version was answered with {first.status}", "Docker")
    second = place.get("/containers/json?limit=1")
    if second.status == 200 and isinstance(json_of(second), list):
        return Answer("docker", 1, "the list of containers was given", "Docker", version)
    if closed(second):
        return Answer("docker", 0, f"GET /containers/json was answered with {second.status}", "Docker", version)
    return Answer(
        "docker", None, "", "Docker", version, problem=f"GET /containers/json: {second.status or second.problem}"
    )
