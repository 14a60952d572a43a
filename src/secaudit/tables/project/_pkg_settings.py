"""Settings of package tools that lie in a project: which registry is asked, how, and which runtime is wanted."""

from __future__ import annotations

import re

from secaudit.tables.project._package_model import Document, Format
from secaudit.tables.project._package_text import line_of, load_toml, mapping, mappings, text_of, texts
from secaudit.tables.project._plain_xml import load_xml
from secaudit.tables.project._plain_yaml import load_yaml

_OFF = ("false", "0", "no", "off")
_ON = ("true", "1", "yes", "on")
_PIP = {"index-url": "index", "extra-index-url": "extra-index", "trusted-host": "trusted-host",
        "find-links": "find-links"}  # fmt: skip


def _read_npmrc(document: Document) -> None:
    """npmrc(5); Yarn 1 writes the same with a space."""
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.strip()
        if not bare or bare[0] in "#;":
            continue
        key, _, value = (part.strip() for part in re.sub(r"\s*[= ]\s*", "=", bare, count=1).partition("="))
        key, value = key.strip('"'), value.strip("\"'")
        if key == "registry":
            document.place("index", value, line)
        elif key.endswith(":registry"):
            document.place("scoped-index", value, line)
        elif key in ("strict-ssl", "npm_config_strict_ssl") and value.lower() in _OFF:
            document.place("no-tls", f"{key}={value}", line)
        elif key == "ignore-scripts" and value.lower() in _ON:
            document.place("no-scripts", f"{key}={value}", line)


def _read_yarnrc(document: Document) -> None:
    data = load_yaml(document.data)
    if not isinstance(data, dict):
        return
    lines = data.lines  # type: ignore[attr-defined]
    if text_of(data.get("npmRegistryServer")):
        document.place("index", data["npmRegistryServer"], lines["npmRegistryServer"])
    for scope in mapping(data.get("npmScopes")).values():
        url = text_of(mapping(scope).get("npmRegistryServer"))
        if url:
            document.place("scoped-index", url, lines["npmScopes"])
    if text_of(data.get("enableStrictSsl")).lower() in _OFF:
        document.place("no-tls", "enableStrictSsl: false", lines["enableStrictSsl"])
    for host in texts(data.get("unsafeHttpWhitelist")):
        document.place("trusted-host", host, lines["unsafeHttpWhitelist"])
    if text_of(data.get("enableScripts")).lower() in _OFF:
        document.place("no-scripts", "enableScripts: false", lines["enableScripts"])


def _read_workspace(document: Document) -> None:
    """pnpm-workspace.yaml: the folders that share one lock file."""
    document.members.extend(texts(mapping(load_yaml(document.data)).get("packages")))


def _read_pip(document: Document) -> None:
    """pip.conf: the sections differ by command; each counts. A value may go on in indented lines."""
    key = ""
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.strip()
        if not bare or bare[0] in "#;[":
            continue
        if text[0] not in " \t":
            key, _, bare = (part.strip() for part in bare.partition("="))
            key = key.replace("_", "-")
        for value in bare.split():
            if key in _PIP:
                document.place(_PIP[key], value, line)


def _read_uv(document: Document) -> None:
    data = load_toml(document.text)
    for each in mappings(data.get("index")):
        word = "index" if each.get("default") is True else "ordered-index"
        document.place(word, text_of(each.get("url")), line_of(document, text_of(each.get("url"))))
    for url in texts(data.get("extra-index-url")):
        document.place("ordered-index", url, line_of(document, url))
    for host in texts(data.get("allow-insecure-host")):
        document.place("trusted-host", host, line_of(document, host))


def _read_nuget(document: Document) -> None:
    """Several sources are asked at once, unless a mapping says which source serves which packages."""
    top = load_xml(document.data)
    sources = [each for group in top.all("packageSources") for each in group.all("add")]
    word = "scoped-index" if top.first("packageSourceMapping") is not None else "extra-index"
    for number, each in enumerate(sources):
        url = each.attributes.get("value", "")
        document.place(word if number or word == "scoped-index" else "index", url, each.line)


def _read_version_file(document: Document) -> None:
    """`.python-version`, `.nvmrc` and the like: one version; aliases such as `lts/*` have no number."""
    name = document.path.rpartition("/")[2]
    tool = {".python-version": "python", "runtime.txt": "python", ".nvmrc": "node", ".node-version": "node",
            ".ruby-version": "ruby", ".php-version": "php"}[name]  # fmt: skip
    for line, text in enumerate(document.text.splitlines(), 1):
        bare = text.partition("#")[0].strip()
        match = re.fullmatch(r"(?:python-|ruby-|v|cpython-)?(\d+(?:\.\d+)*)\S*", bare)
        if match:
            document.runs(tool, match.group(1), line)


def _read_tool_versions(document: Document) -> None:
    names = {"python": "python", "nodejs": "node", "node": "node", "ruby": "ruby", "php": "php"}
    for line, text in enumerate(document.text.splitlines(), 1):
        words = text.partition("#")[0].split()
        if len(words) > 1 and words[0] in names and words[1][:1].isdigit():
            document.runs(names[words[0]], words[1], line)


FORMATS = (
    Format(".npmrc", "npm", "settings", (".npmrc", ".yarnrc"), _read_npmrc),
    Format(".yarnrc.yml", "npm", "settings", (".yarnrc.yml",), _read_yarnrc),
    Format("pnpm-workspace.yaml", "npm", "settings", ("pnpm-workspace.yaml",), _read_workspace),
    Format("pip.conf", "PyPI", "settings", ("pip.conf", "pip.ini"), _read_pip),
    Format("uv.toml", "PyPI", "settings", ("uv.toml",), _read_uv),
    Format("NuGet.Config", "NuGet", "settings", ("NuGet.Config", "nuget.config", "NuGet.config"), _read_nuget),
    Format(
        "version file", "", "settings",
        (".python-version", "runtime.txt", ".nvmrc", ".node-version", ".ruby-version", ".php-version"),
        _read_version_file,
    ),
    Format(".tool-versions", "", "settings", (".tool-versions",), _read_tool_versions),
)  # fmt: skip
