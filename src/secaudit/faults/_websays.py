"""What services with a web interface answer, with and without a login. Shortened from what the real ones say."""

from __future__ import annotations

import json
from collections.abc import Mapping

CHECKS: Mapping[str, str] = {
    "elasticsearch": "search", "docker": "docker", "etcd": "etcd", "kubernetes": "kubernetes", "couchdb": "couchdb",
    "influxdb": "influxdb", "consul": "consul", "rabbitmq": "rabbitmq", "clickhouse": "clickhouse",
    "registry": "registry",
}  # fmt: skip
"""Service -> the middle of the name of its check."""

Answer = tuple[int, dict[str, str], object]
"""Status, headers, body: text as it is, anything else as JSON."""

_DENIED: Answer = (401, {}, {"error": "login"})
_OPEN: Mapping[str, Mapping[str, Answer]] = {
    "elasticsearch": {
        "/": (
            200,
            {},
            {"name": "n", "cluster_name": "c", "version": {"number": "8.15.0"}, "tagline": "You Know, for Search"},
        ),
        "/_cat/indices": (200, {}, [{"index": "notes"}]),
    },
    "docker": {
        "/version": (
            200,
            {"Server": "Docker/27.1.1 (linux)"},
            {"Version": "27.1.1", "ApiVersion": "1.46", "GoVersion": "go1.21"},
        ),
        "/containers/json": (200, {"Server": "Docker/27.1.1 (linux)"}, []),
    },
    "etcd": {
        "/version": (200, {}, {"etcdserver": "3.5.15", "etcdcluster": "3.5.0"}),
        "/v3/kv/range": (200, {}, {"header": {"revision": "1"}}),
    },
    "kubernetes": {
        "/version": (200, {}, {"gitVersion": "v1.34.1"}),
        "/api/v1/namespaces": (200, {}, {"kind": "NamespaceList", "apiVersion": "v1", "items": []}),
    },
    "couchdb": {
        "/": (200, {"Server": "CouchDB/3.4.2"}, {"couchdb": "Welcome", "version": "3.4.2"}),
        "/_all_dbs": (200, {}, []),
    },
    "influxdb": {"/ping": (204, {"X-Influxdb-Version": "1.8.10"}, ""), "/query": (200, {}, {"results": []})},
    "consul": {"/v1/agent/self": (200, {}, {"Config": {"Version": "1.19.1"}, "Member": {}})},
    "rabbitmq": {"/api/overview": (200, {}, {"rabbitmq_version": "3.13.6"})},
    "clickhouse": {"/": (200, {"X-ClickHouse-Summary": "{}"}, "1\n")},
    "registry": {
        "/v2/": (200, {"Docker-Distribution-Api-Version": "registry/2.0"}, {}),
        "/v2/_catalog": (200, {}, {"repositories": []}),
    },
}
_CLOSED: Mapping[str, Mapping[str, Answer]] = {
    "elasticsearch": {"/": (401, {"WWW-Authenticate": 'Basic realm="security" charset="UTF-8"'}, {"status": 401})},
    "docker": {"/version": (401, {"Server": "Docker/27.1.1 (linux)"}, {"message": "authorization denied"})},
    "etcd": {
        "/version": _OPEN["etcd"]["/version"],
        "/v3/kv/range": (400, {}, {"error": "etcdserver: user name is empty"}),
    },
    "kubernetes": {
        "/version": _OPEN["kubernetes"]["/version"],
        "/api/v1/namespaces": (403, {}, {"kind": "Status", "apiVersion": "v1", "code": 403}),
    },
    "couchdb": {"/": _OPEN["couchdb"]["/"], "/_all_dbs": (401, {}, {"error": "unauthorized"})},
    "influxdb": {"/ping": _OPEN["influxdb"]["/ping"], "/query": _DENIED},
    "consul": {"/v1/agent/self": (403, {"X-Consul-Default-Acl-Policy": "deny"}, "Permission denied")},
    "rabbitmq": {"/api/overview": (401, {"WWW-Authenticate": 'Basic realm="RabbitMQ Management"'}, {})},
    "clickhouse": {
        "/": (403, {"X-ClickHouse-Exception-Code": "516"}, "Code: 516. DB::Exception: AUTHENTICATION_FAILED\n")
    },
    "registry": {"/v2/": (401, {"Docker-Distribution-Api-Version": "registry/2.0"}, {"errors": []})},
}


def answer(service: str, path: str, *, is_open: bool) -> bytes:
    """The whole answer to one request."""
    pages = (_OPEN if is_open else _CLOSED)[service]
    status, headers, body = pages.get(path.partition("?")[0], (404, {}, {"message": "page not found"}))
    text = body if isinstance(body, str) else json.dumps(body)
    content = "text/plain" if isinstance(body, str) else "application/json"
    fields = {**headers, "Content-Type": content, "Content-Length": str(len(text)), "Connection": "close"}
    lines = [f"HTTP/1.1 {status} Lab", *(f"{name}: {value}" for name, value in fields.items()), "", text]
    return "\r\n".join(lines).encode()
