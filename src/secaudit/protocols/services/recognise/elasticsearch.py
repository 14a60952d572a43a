"""Elasticsearch and OpenSearch. Source: their REST API, GET / and GET /_cat/indices."""

from __future__ import annotations

from collections.abc import Mapping

from secaudit.protocols.services.asking import Answer, Place, closed, header, json_of, record_of, text_of

SERVICES = ("elasticsearch",)
PORTS = (9200,)
PRODUCTS = ()
WHAT = "GET / and GET /_cat/indices"
ANYWHERE = False
WEB = True
CONNECTIONS = 2


def ask(place: Place) -> Answer | None:
    """The page / may be open by itself; the list of indices is what counts."""
    first = place.get("/")
    wants = header(first, "www-authenticate")
    if first.status == 401 and ('realm="security"' in wants or "OpenSearch" in wants):
        return Answer("elasticsearch", 0, "GET / was answered with 401", "Elasticsearch")
    about = record_of(first)
    inner = about.get("version")
    inner = inner if isinstance(inner, Mapping) else {}
    tag = text_of(about.get("tagline"))
    if (
        first.status != 200
        or "cluster_name" not in about
        or ("You Know, for Search" not in tag and "OpenSearch" not in tag)
    ):
        return None
    product = "OpenSearch" if "OpenSearch" in tag or inner.get("distribution") == "opensearch" else "Elasticsearch"
    version = text_of(inner.get("number"))
    second = place.get("/_cat/indices?format=json&h=index")
    if second.status == 200 and isinstance(json_of(second), list):
        return Answer("elasticsearch", 1, "the list of indices was given", product, version)
    if closed(second):
        return Answer("elasticsearch", 0, f"GET /_cat/indices was answered with {second.status}", product, version)
    return Answer(
        "elasticsearch", None, "", product, version, problem=f"GET /_cat/indices: {second.status or second.problem}"
    )
