"""elasticsearch_config: what Elasticsearch or OpenSearch would use. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings, _yamlconf
from secaudit.tables.host._settings import Setting

PRODUCTS = ("elasticsearch", "opensearch")


@table(targets={"host", "root"})
def elasticsearch_config(target: Target) -> Iterator[Setting]:
    """Yield the settings by their dotted names; `instance` is elasticsearch or opensearch.

    `security` is on or off: whether the server asks who is there. `listens` is the address for clients,
    `listens_network` is 1 when other machines reach it.

    Source: https://www.elastic.co/docs/reference/elasticsearch/configuration-reference and
    https://docs.opensearch.org/latest/security/configuration/disable-enable-security/

    Raises:
        Absent: neither is installed.
        Partial: a file could not be read or not be understood.
    """
    _settings.require(
        target, "Elasticsearch or OpenSearch", (), tuple(f"{name}.service" for name in PRODUCTS),
        tuple(f"/usr/share/{name}/bin/{name}" for name in PRODUCTS),
    )  # fmt: skip
    unread: list[str] = []
    for product in PRODUCTS:
        path = f"/etc/{product}/{product}.yml"
        text = _settings.read(target, path, unread)
        if text is None:
            continue
        entries, odd = _yamlconf.read(text)
        if odd:
            unread.append(f"{path}:{odd[0]} (not understood)")
        for name, entry in entries.items():
            value = "set" if re.search(r"password|secret|token", name, re.IGNORECASE) else entry.value
            yield Setting(product, name, value, path, entry.line)
        listens = _listens(product, path, entries)
        yield listens
        yield listens._replace(name="listens_network", value=_settings.beyond((listens.value or "").split(",")))
        yield _security(target, product, path, entries)
    _settings.finish(target, unread)


def _listens(product: str, path: str, entries: dict[str, _yamlconf.Entry]) -> Setting:
    for name in ("http.bind_host", "http.host", "network.bind_host", "network.host"):
        if name in entries:
            return Setting(product, "listens", entries[name].value, path, entries[name].line)
    return Setting(product, "listens", "_local_", None, None)


def _security(target: Target, product: str, path: str, entries: dict[str, _yamlconf.Entry]) -> Setting:
    """Elasticsearch switches it on by itself since version 8; OpenSearch does where the plug-in is installed."""
    if product == "opensearch":
        given = entries.get("plugins.security.disabled")
        if given is not None and given.value.lower() == "true":
            return Setting(product, "security", "off", path, given.line)
        try:
            there = target.exists("/usr/share/opensearch/plugins/opensearch-security")
        except OSError:
            return Setting(product, "security", None, None, None)
        return Setting(product, "security", "on" if there else "off", None, None)
    given = entries.get("xpack.security.enabled")
    if given is not None:
        return Setting(product, "security", "on" if given.value.lower() == "true" else "off", path, given.line)
    try:
        jars = target.glob("/usr/share/elasticsearch/lib/elasticsearch-[0-9]*.jar")
    except OSError:
        jars = []
    versions = [int(match.group(1)) for match in (re.search(r"elasticsearch-(\d+)\.", jar) for jar in jars) if match]
    return Setting(product, "security", ("on" if max(versions) >= 8 else "off") if versions else None, None, None)
