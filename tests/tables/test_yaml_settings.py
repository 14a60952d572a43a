"""mongodb_config and elasticsearch_config: settings in YAML; PyYAML reads the same."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from secaudit.tables.host._yamlconf import read
from tabletest import make_root, read_table, rows

TEXTS = [
    "net:\n  port: 27017\n  bindIp: 127.0.0.1,::1 # c\nsecurity:\n    authorization: enabled\n",
    "a:\n  b:\n    c: 'it''s # x'\n  d: \"q\\\"r\"\ne: f\n",
    "network.host: [\"_local_\", '10.0.0.1']\nhttp.port: 9200\n",
    "discovery.seed_hosts:\n  - a\n  - b\nx: y\n",
    "discovery.seed_hosts:\n- a\n- b\nx: y\n",
    "a:\n  b: 1\n# c\n\na2: |\n  text: no\n  more\nb: z\n",
    "---\nurl: http://x:80/y#z\n",
]


def flat(value: object, name: str = "") -> dict[str, str]:
    if isinstance(value, dict):
        found: dict[str, str] = {}
        for key, inner in value.items():
            found.update(flat(inner, f"{name}.{key}" if name else str(key)))
        return found
    return {name: ",".join(map(str, value)) if isinstance(value, list) else str(value)}


@pytest.mark.parametrize("text", TEXTS)
def test_pyyaml_reads_the_same(text: str) -> None:
    found, odd = read(text)
    expected = {key: value for key, value in flat(yaml.load(text, yaml.BaseLoader)).items() if "\n" not in value}
    assert odd == []
    assert {key: entry.value for key, entry in found.items()} == expected


@pytest.mark.parametrize(
    "text", ["a: &x 1\n", "a: {b: 1}\n", "a: [1,\n 2]\n", "a: 'x\n", "\tb: 1\n", "{a: 1}\n", "- a: 1\n"]
)
def test_what_is_not_understood_is_said(text: str) -> None:
    assert read(text)[1]


def mongo(tmp_path: Path, text: str, path: str = "/etc/mongod.conf") -> dict[object, object]:
    root = make_root(tmp_path, {path: text, "/usr/bin/mongod": "x"}, {"/usr/bin/mongod": 0o755})
    return {row["name"]: row["value"] for row in rows("mongodb_config", root)}


@pytest.mark.parametrize(
    ("text", "authorization", "reached"),
    [
        (TEXTS[0], "enabled", "0"),
        ("net:\n  bindIp: 0.0.0.0\n#security:\n", "disabled", "1"),
        ("net:\n  bindIpAll: true\n  bindIp: 127.0.0.1\n", "disabled", "1"),
        ("", "disabled", "0"),
        ("bind_ip = 127.0.0.1\nauth = true\n", "enabled", "0"),
        ("bind_ip = 0.0.0.0 # x\n#auth = true\nnoauth = true\n", "disabled", "1"),
    ],
)
def test_mongodb(tmp_path: Path, text: str, authorization: str, reached: str) -> None:
    found = mongo(tmp_path, text)
    assert (found["security.authorization"], found["listens_network"]) == (authorization, reached)


@pytest.mark.parametrize(
    ("text", "jar", "security", "reached"),
    [
        ("", "elasticsearch-8.11.1.jar", "on", "0"),
        ("", "elasticsearch-7.17.0.jar", "off", "0"),
        ("xpack.security.enabled: false\n", "elasticsearch-8.11.1.jar", "off", "0"),
        ("xpack:\n  security:\n    enabled: true\n", "elasticsearch-7.1.0.jar", "on", "0"),
        ("network.host: 0.0.0.0\n", "elasticsearch-8.11.1.jar", "on", "1"),
        ("network.host: 0.0.0.0\nhttp.host: _local_\n", "elasticsearch-8.11.1.jar", "on", "0"),
        ("", "other.jar", None, "0"),
    ],
)
def test_elasticsearch(tmp_path: Path, text: str, jar: str, security: str | None, reached: str) -> None:
    base = "/usr/share/elasticsearch"
    files = {"/etc/elasticsearch/elasticsearch.yml": text, f"{base}/bin/elasticsearch": "", f"{base}/lib/{jar}": ""}
    found = {row["name"]: row["value"] for row in rows("elasticsearch_config", make_root(tmp_path, files))}
    assert (found["security"], found["listens_network"]) == (security, reached)


def test_neither_is_absent(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/mongod.conf": "x: 1\n"})
    assert [read_table(name, root).status for name in ("mongodb_config", "elasticsearch_config")] == [
        "absent",
        "absent",
    ]
