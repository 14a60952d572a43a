"""The kubelet of a Kubernetes node. Source: "Kubelet authentication/authorization" of the Kubernetes documentation."""

from __future__ import annotations

from secaudit.protocols.services.asking import Answer, Place, closed, record_of

SERVICES = ("kubelet",)
PORTS = (10250, 10255)
PRODUCTS = ()
WHAT = "GET /pods and GET /healthz"
ANYWHERE = False
WEB = False
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """Who may list pods here may often run commands in them."""
    reply = place.get("/pods")
    about = record_of(reply)
    if reply.status == 200 and about.get("kind") == "PodList":
        return Answer("kubelet", 1, "the list of pods was given", "kubelet")
    if not closed(reply):
        return None
    body = reply.body[:400]
    if body.strip() == b"Unauthorized" or b"Forbidden (user=" in body:
        return Answer("kubelet", 0, f"the list of pods was answered with {reply.status}", "kubelet")
    return None
