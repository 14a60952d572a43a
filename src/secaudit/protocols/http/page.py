"""What an HTML page loads, asks for and tells: its forms, resources, scripts, links, comments. Nothing is fetched."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar
from urllib.parse import urljoin

from secaudit.protocols.http.markup import Token, tokens

T = TypeVar("T")

MOST = 2000
"""Of each kind that are kept of one page."""
TEXT = 2000
"""Characters that are kept of one value."""
INLINE = 256 * 1024
"""Characters of inline scripts that are kept of one page."""
PAGE = 2 * 1024 * 1024
"""Characters of a page that are read."""


class Field(NamedTuple):
    """One field of a form."""

    tag: str
    type: str
    """Lower case: text, password, hidden, file ...; select and textarea by their tag; button for submits."""
    name: str
    autocomplete: str
    value_length: int
    value: str
    """Of hidden fields only, for their shape; never put it into a row."""


@dataclass(frozen=True, slots=True)
class Form:
    """One form, or the fields that stand in none."""

    method: str
    """get, post or dialog."""
    action: str
    """As a whole URL."""
    fields: list[Field]
    line: int
    implicit: bool = False
    """Fields that stand in no form."""


class Resource(NamedTuple):
    """Something that the page loads by itself."""

    kind: str
    """script, style, frame, object, image, media, font, icon, manifest, preload or other."""
    tag: str
    url: str
    """As a whole URL; data: and blob: are cut."""
    integrity: str
    crossorigin: str | None
    """None: not set. Empty: set without a value, which means anonymous."""
    nonce: int
    sandbox: str | None
    line: int


class Inline(NamedTuple):
    """A script or style written into the page."""

    tag: str
    type: str
    nonce: int
    text: str
    line: int


class Handler(NamedTuple):
    """Script in an attribute: onclick and the like, or a javascript: link."""

    tag: str
    attribute: str
    line: int


class Meta(NamedTuple):
    """A meta element."""

    name: str
    """Of name or http-equiv, in lower case."""
    http_equiv: int
    content: str
    line: int
    in_head: int


class Link(NamedTuple):
    """A place that a person can go to."""

    url: str
    tag: str
    rel: str
    target: str
    line: int


class Code(NamedTuple):
    """The beginning of code that a server should have run: `<?php`, `<?=`, `<%@`."""

    mark: str
    line: int


class Comment(NamedTuple):
    """A comment of the page."""

    text: str
    line: int


@dataclass(slots=True)
class Page:
    """A page as it was read."""

    url: str
    title: str = ""
    lang: str = ""
    base: str = ""
    charset: str = ""
    """From a meta element."""
    forms: list[Form] = field(default_factory=list)
    resources: list[Resource] = field(default_factory=list)
    inlines: list[Inline] = field(default_factory=list)
    handlers: list[Handler] = field(default_factory=list)
    metas: list[Meta] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    comments: list[Comment] = field(default_factory=list)
    codes: list[Code] = field(default_factory=list)
    cut: bool = False
    """Something was left out, since there is too much of it."""


def read_page(text: str, url: str) -> Page:
    """Read a page that came from this URL; anything is a page, also bad HTML."""
    reader = _Reader(url, text[:PAGE])
    reader.page.cut |= len(text) > PAGE
    return reader.read()


_RELS = {"stylesheet": "style", "icon": "icon", "manifest": "manifest", "preload": "preload", "modulepreload": "script"}
_SOURCES = {
    "script": "script", "img": "image", "iframe": "frame", "frame": "frame", "embed": "object", "audio": "media",
    "video": "media", "source": "media", "track": "media", "input": "image",
}  # fmt: skip
_AS = {"script": "script", "style": "style", "image": "image", "font": "font"}
_CSS_URL = re.compile(r"""(@import\s+)?(?:url\(\s*["']?|(?<=@import )["'])([^"')\s]{1,2000})""", re.IGNORECASE)


class _Reader:
    def __init__(self, url: str, text: str) -> None:
        self.page = Page(url, base=url)
        self._text = text
        self._form: Form | None = None
        self._loose: list[Field] = []
        self._in_head = True
        self._inline_left = INLINE
        self._open_script: Token | None = None
        self._bracket = False

    def read(self) -> Page:
        for token in tokens(self._text):
            self._look_for_code(token)
            if token.kind == "start":
                self._start(token)
            elif token.kind == "raw":
                self._raw(token)
            elif token.kind == "comment" and token.text.strip():
                self._keep(self.page.comments, Comment(token.text.strip()[:TEXT], token.line))
            elif token.kind == "end":
                if token.name == "form":
                    self._form = None
                elif token.name == "head":
                    self._in_head = False
        if self._loose:
            self.page.forms.append(Form("get", self.page.base, self._loose, 0, implicit=True))
        return self.page

    def _look_for_code(self, token: Token) -> None:
        text = token.text[:8].lower()
        if token.kind == "declaration" and text.startswith(("?php", "?=")):
            self._keep(self.page.codes, Code("<?php" if text.startswith("?php") else "<?=", token.line))
        elif token.kind == "text" and self._bracket and text.startswith("%@"):
            self._keep(self.page.codes, Code("<%@", token.line))
        self._bracket = token.kind == "text" and token.text == "<"

    def _keep(self, rows: list[T], row: T) -> None:
        if len(rows) < MOST:
            rows.append(row)
        else:
            self.page.cut = True

    def _whole(self, url: str) -> str:
        url = "".join(char for char in url.strip() if char not in "\t\r\n")
        if url[:5].lower() in ("data:", "blob:"):
            return url[:60]
        try:
            return urljoin(self.page.base, url)[:TEXT]
        except ValueError:  # such as an unclosed IPv6 address
            return url[:TEXT]

    def _start(self, token: Token) -> None:
        name, attributes = token.name, token.attributes
        for attribute, value in attributes.items():
            if (attribute.startswith("on") and len(attribute) > 3) or _is_script(attribute, value):
                self._keep(self.page.handlers, Handler(name, attribute[:60], token.line))
        if "style" in attributes:
            self._css(attributes["style"], name, token.line)
        special = getattr(self, f"_on_{name}", None)
        if special is not None:
            special(token)
        elif name in _SOURCES and "src" in attributes:
            self._resource(_SOURCES[name], token, attributes["src"])
        if name in ("img", "source") and "srcset" in attributes:
            for part in attributes["srcset"].split(",")[:20]:
                if part.split():
                    self._resource("image", token, part.split()[0])
        if name == "video" and attributes.get("poster"):
            self._resource("image", token, attributes["poster"])

    def _resource(self, kind: str, token: Token, url: str) -> None:
        if not url.strip():
            return
        attributes = token.attributes
        self._keep(
            self.page.resources,
            Resource(
                kind, token.name, self._whole(url), attributes.get("integrity", "")[:TEXT],
                attributes.get("crossorigin"), int("nonce" in attributes), attributes.get("sandbox"), token.line,
            ),
        )  # fmt: skip

    def _css(self, text: str, tag: str, line: int) -> None:
        for match in _CSS_URL.finditer(text[:INLINE]):
            kind = "style" if match.group(1) else "image"
            url = self._whole(match.group(2))
            if not url.startswith(("data:", "#")):
                self._keep(self.page.resources, Resource(kind, tag, url, "", None, 0, None, line))

    def _raw(self, token: Token) -> None:
        if token.name == "title" and not self.page.title:
            self.page.title = " ".join(html.unescape(token.text).split())[:200]
        elif token.name == "style":
            self._css(token.text, "style", token.line)
        if token.name in ("script", "style") and token.text.strip() and self._open_script is not None:
            text = token.text[: self._inline_left]
            self._inline_left -= len(text)
            self.page.cut |= len(text) < len(token.text)
            of = self._open_script.attributes
            row = Inline(token.name, of.get("type", "").strip().lower()[:60], int("nonce" in of), text, token.line)
            self._keep(self.page.inlines, row)

    def _on_script(self, token: Token) -> None:
        self._open_script = None if "src" in token.attributes else token
        if "src" in token.attributes:
            self._resource("script", token, token.attributes["src"])

    def _on_style(self, token: Token) -> None:
        self._open_script = token

    def _on_html(self, token: Token) -> None:
        self.page.lang = token.attributes.get("lang", "")[:40]

    def _on_body(self, token: Token) -> None:
        self._in_head = False

    def _on_base(self, token: Token) -> None:
        if token.attributes.get("href") and self.page.base == self.page.url:
            self.page.base = self._whole(token.attributes["href"])

    def _on_meta(self, token: Token) -> None:
        attributes = token.attributes
        if "charset" in attributes:
            self.page.charset = self.page.charset or attributes["charset"][:40]
        equiv = attributes.get("http-equiv", "").strip().lower()
        name = equiv or attributes.get("name", attributes.get("property", "")).strip().lower()
        content = attributes.get("content", "")
        if equiv == "content-type" and "charset=" in content.lower():
            self.page.charset = self.page.charset or content.lower().split("charset=")[1].strip()[:40]
        if name:
            row = Meta(name[:60], int(bool(equiv)), content[:TEXT], token.line, int(self._in_head))
            self._keep(self.page.metas, row)

    def _on_link(self, token: Token) -> None:
        rels = token.attributes.get("rel", "").lower().split()
        href = token.attributes.get("href", "")
        kind = next((_RELS[rel] for rel in rels if rel in _RELS), "")
        if kind == "preload":
            kind = _AS.get(token.attributes.get("as", "").lower(), "preload")
        if kind and href:
            self._resource(kind, token, href)

    def _on_object(self, token: Token) -> None:
        if "data" in token.attributes:
            self._resource("object", token, token.attributes["data"])

    def _on_a(self, token: Token) -> None:
        if token.attributes.get("href", "").strip():
            of = token.attributes
            row = Link(
                self._whole(of["href"]), token.name, of.get("rel", "").lower()[:100], of.get("target", "").lower()[:40],
                token.line,
            )  # fmt: skip
            self._keep(self.page.links, row)

    _on_area = _on_a

    def _on_form(self, token: Token) -> None:
        if self._form is not None:
            return  # a form inside a form is ignored by browsers
        method = token.attributes.get("method", "get").strip().lower()
        form = Form(
            method if method in ("post", "dialog") else "get",
            self._whole(token.attributes.get("action", "")) if token.attributes.get("action") else self.page.url,
            [],
            token.line,
        )
        self._form = form
        self._keep(self.page.forms, form)

    def _on_input(self, token: Token) -> None:
        of = token.attributes
        kind = of.get("type", "text").strip().lower() or "text"
        if kind == "image" and "src" in of:
            self._resource("image", token, of["src"])
        self._field(token, kind[:40])

    def _on_select(self, token: Token) -> None:
        self._field(token, "select")

    def _on_textarea(self, token: Token) -> None:
        self._field(token, "textarea")

    def _on_button(self, token: Token) -> None:
        if token.attributes.get("formaction") and self._form is not None:
            target = self._whole(token.attributes["formaction"])
            method = token.attributes.get("formmethod", self._form.method).strip().lower()
            self._keep(self.page.forms, Form(method, target, self._form.fields, token.line))

    def _field(self, token: Token, kind: str) -> None:
        of = token.attributes
        value = of.get("value", "")
        row = Field(
            token.name, kind, of.get("name", "")[:100], of.get("autocomplete", "").strip().lower()[:60], len(value),
            value[:TEXT] if kind == "hidden" else "",
        )  # fmt: skip
        fields = self._form.fields if self._form is not None else self._loose
        self._keep(fields, row)


def _is_script(attribute: str, value: str) -> bool:
    return attribute in ("href", "action", "formaction", "src", "data") and (
        "".join(value[:40].split()).lower().startswith("javascript:")
    )
