"""composer.json and composer.lock."""

from __future__ import annotations

import re
from typing import Any

from secaudit.tables.project._package_model import Document, Format, Unreadable
from secaudit.tables.project._package_text import line_of, load_object, mapping, mappings, text_of, texts

_PLATFORM = re.compile(r"(php|hhvm|ext-.*|lib-.*|composer|composer-.*|php-.*)$", re.IGNORECASE)
_EXACT = re.compile(r"=?v?(\d+(?:\.\d+){1,3}(?:-[0-9A-Za-z.]+)?)")
_USUAL = ("https://api.github.com/", "https://codeload.github.com/", "https://packagist.org/", "https://repo.packagist")


def _read_manifest(document: Document) -> None:
    data = load_object(document.text)
    document.name, document.version = text_of(data.get("name")), text_of(data.get("version"))
    licence = data.get("license")
    document.licence = text_of(licence) or " OR ".join(texts(licence))
    document.publishes = int(bool(document.name) and text_of(data.get("type")) not in ("project", ""))
    document.runs("php", text_of(mapping(data.get("require")).get("php")), line_of(document, "php", '"require"'))
    for section, scope in (("require", "runtime"), ("require-dev", "dev")):
        start = max(document.seek(f'"{section}"'), 0)
        for name, requirement in mapping(data.get(section)).items():
            if _PLATFORM.match(name):
                continue
            at = document.seek(f'"{name}"', start)
            exact = _EXACT.fullmatch(text_of(requirement).strip())
            document.ask(name, text_of(requirement), document.line_at(max(at, start)), scope,
                         version=exact.group(1) if exact else "")  # fmt: skip
    repositories = data.get("repositories")
    listed = mappings(repositories) + [mapping(each) for each in mapping(repositories).values()]
    for each in listed:
        url = text_of(each.get("url"))
        word = "source"
        if text_of(each.get("type")) == "composer":  # asked in their order, unless they say otherwise
            word = "extra-index" if each.get("canonical") is False else "ordered-index"
        if url:
            document.place(word, url, line_of(document, url))
    config = mapping(data.get("config"))
    if config.get("secure-http") is False or config.get("disable-tls") is True:
        line = document.line_at(max(document.seek("secure-http"), document.seek("disable-tls"), 0))
        document.place("no-tls", "secure-http: false", line)


def _read_lock(document: Document) -> None:
    data = load_object(document.text)
    if "packages" not in data:
        raise Unreadable("it has no packages")
    document.runtime = text_of(mapping(data.get("platform")).get("php"))
    for section, scope in (("packages", "runtime"), ("packages-dev", "dev")):
        start = max(document.seek(f'"{section}"'), 0)
        for each in mappings(data.get(section)):
            start = max(document.seek(f'"name": "{text_of(each.get("name"))}"', start), start)
            _add(document, each, scope, document.line_at(start))


def _add(document: Document, each: dict[str, Any], scope: str, line: int) -> None:
    dist, source = mapping(each.get("dist")), mapping(each.get("source"))
    version = text_of(each.get("version"))
    kind = text_of(dist.get("type"))
    branch = version.startswith("dev-") or version.endswith("-dev")
    where = "path" if kind == "path" else "git" if branch or (not dist and source) else "registry"
    place = text_of(dist.get("url"))
    checksum = text_of(dist.get("shasum"))
    hashes = (f"sha1:{checksum}",) if re.fullmatch(r"[0-9a-f]{40}", checksum) else ()
    abandoned = each.get("abandoned")
    instead = f", use {abandoned}" if isinstance(abandoned, str) else ""
    document.add(
        text_of(each.get("name")), "" if branch else version.removeprefix("v"), line=line, scope=scope,
        hashed=1 if hashes else 0 if place.startswith("http:") else None,  # the usual address holds the commit
        hashes=hashes, source=where,
        location=text_of(source.get("url")) if where == "git" else "" if place.startswith(_USUAL) else place,
        revision=text_of(source.get("reference") or dist.get("reference")),
        licence=" OR ".join(texts(each.get("license"))), deprecated=f"abandoned{instead}" if abandoned else "",
        requires=tuple(name for name in mapping(each.get("require")) if not _PLATFORM.match(name))[:200],
    )  # fmt: skip


FORMATS = (
    Format("composer.json", "Packagist", "manifest", ("composer.json",), _read_manifest),
    Format("composer.lock", "Packagist", "lock", ("composer.lock",), _read_lock),
)
