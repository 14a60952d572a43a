"""Libraries that run in pages, known by the address of a script or by the comment at its beginning."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

_BANNER = 4000
"""Characters at the beginning of a script in which a library says what it is."""


class Library(NamedTuple):
    """A known library."""

    name: str
    """Its name in the registry of npm."""
    version: str
    seen_in: str
    """url, or banner for a comment at its beginning."""


_NAMES = """
jquery: jquery
jquery-ui: jquery-ui jquery.ui jqueryui
jquery-migrate: jquery-migrate
jquery-validation: jquery-validation jquery.validate jquery.validation jquery-validate
bootstrap: bootstrap bootstrap.bundle twitter-bootstrap
angular: angular angularjs angular.js
vue: vue vue.global vue.runtime
react: react
react-dom: react-dom
lodash: lodash lodash.js
underscore: underscore underscore.js
moment: moment moment.js moment-with-locales
handlebars: handlebars handlebars.js handlebars.runtime
mustache: mustache mustache.js
dompurify: dompurify purify
axios: axios
ember-source: ember ember.js
backbone: backbone backbone.js
knockout: knockout
d3: d3
chart.js: chart chart.js
highcharts: highcharts
dojo: dojo
tinymce: tinymce
ckeditor4: ckeditor ckeditor4
select2: select2
swagger-ui: swagger-ui swagger-ui-bundle
datatables.net: datatables datatables.net jquery.datatables
pdfjs-dist: pdf pdfjs-dist pdf.js
marked: marked
showdown: showdown
highlight.js: highlight highlight.js
socket.io-client: socket.io socket.io-client
alpinejs: alpinejs
htmx.org: htmx htmx.org
sweetalert2: sweetalert2
video.js: video video.js
plupload: plupload
quill: quill
summernote: summernote
blueimp-file-upload: blueimp-file-upload jquery-file-upload
"""
NAMES = {word: line.partition(":")[0] for line in _NAMES.split("\n") for word in line.partition(":")[2].split()}
"""Names in addresses and file names -> the package's name at npm."""

_VERSION = r"v?(\d{1,4}\.\d{1,5}(?:\.\d{1,5})?(?:[-.](?:alpha|beta|rc)[\w.]{0,10})?)"
_FILE = re.compile(rf"/([a-z][\w.-]{{0,40}}?)[-.@_]{_VERSION}(?=[./?_-]|\Z)", re.I)
_FOLDER = re.compile(rf"/((?:@[\w-]{{1,30}}/)?[a-z][\w.-]{{0,40}}?)[@/]{_VERSION}/", re.I)
_TAIL = re.compile(
    r"(?:[.-](?:min|slim|prod|pack|umd|esm|bundle|core|full|global|production|development))+\Z", re.IGNORECASE
)
_BANNERS = (
    ("jquery", re.compile(rf"jQuery (?:JavaScript Library )?{_VERSION}(?=[\s|(,])")),
    ("jquery-ui", re.compile(rf"jQuery UI\s+(?:- )?{_VERSION}")),
    ("jquery-migrate", re.compile(rf"jQuery Migrate (?:- )?{_VERSION}")),
    ("jquery-validation", re.compile(rf"jQuery Validation Plugin (?:- )?{_VERSION}")),
    ("bootstrap", re.compile(rf"Bootstrap(?:\.js)? {_VERSION} \(")),
    ("bootstrap", re.compile(rf"bootstrap(?:-\w+)?\.js {_VERSION}")),
    ("angular", re.compile(rf"AngularJS {_VERSION}")),
    ("vue", re.compile(rf"Vue\.js {_VERSION}")),
    ("vue", re.compile(rf"\* vue {_VERSION}")),
    ("react", re.compile(rf"React {_VERSION}\s")),
    ("lodash", re.compile(rf"\* (?:@license\s+\* )?[Ll]o-?[Dd]ash {_VERSION}")),
    ("underscore", re.compile(rf"Underscore\.js {_VERSION}")),
    ("moment", re.compile(rf"//! version : {_VERSION}")),
    ("handlebars", re.compile(rf"handlebars {_VERSION}")),
    ("dompurify", re.compile(rf"DOMPurify {_VERSION}")),
    ("axios", re.compile(rf"[Aa]xios {_VERSION} ")),
    ("backbone", re.compile(rf"Backbone\.js {_VERSION}")),
    ("knockout", re.compile(rf"Knockout JavaScript library {_VERSION}")),
    ("ember-source", re.compile(rf"@version\s+{_VERSION}\s[^*]{{0,80}}Ember|Ember {_VERSION}")),
    ("chart.js", re.compile(rf"Chart\.js {_VERSION}")),
    ("highlight.js", re.compile(rf"[Hh]ighlight\.js {_VERSION}")),
    ("marked", re.compile(rf"marked {_VERSION} - a markdown parser|marked - a markdown parser {_VERSION}")),
    ("select2", re.compile(rf"Select2 {_VERSION}")),
    ("mustache", re.compile(rf"mustache\.js[^\n]{{0,60}}{_VERSION}")),
    ("swagger-ui", re.compile(rf"swagger-ui {_VERSION}")),
    ("sweetalert2", re.compile(rf"sweetalert2 {_VERSION}")),
    ("tinymce", re.compile(rf"TinyMCE version {_VERSION}")),
    ("video.js", re.compile(rf"Video\.js {_VERSION}")),
    ("datatables.net", re.compile(rf"DataTables {_VERSION}")),
    ("prototype", re.compile(rf"Prototype JavaScript framework, version {_VERSION}")),
    ("alpinejs", re.compile(rf"Alpine(?:\.js)? {_VERSION}")),
)


def library_in_url(url: str) -> Library | None:
    """The library that an address names with its version; None for no known one."""
    try:
        path = urlsplit(url).path[:400]
    except ValueError:
        return None
    for pattern in (_FILE, _FOLDER):
        for match in pattern.finditer(path):
            name = _TAIL.sub("", match.group(1).lower()).rpartition("/")[2]
            if name in NAMES:
                return Library(NAMES[name], match.group(2), "url")
    return None


def libraries_in_text(text: str) -> list[Library]:
    """The libraries that comments at the beginning of a script name."""
    head = text[:_BANNER]
    found: dict[str, Library] = {}
    for name, pattern in _BANNERS:
        match = pattern.search(head)
        if match is not None and name not in found:
            version = next(group for group in match.groups() if group)
            found[name] = Library(name, version, "banner")
    return list(found.values())
