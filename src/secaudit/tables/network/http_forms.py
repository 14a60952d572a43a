"""http_forms: the forms of the page that one visit ends at. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple
from urllib.parse import urlsplit

from secaudit.protocols.http.page import Form
from secaudit.tableapi import Target, table
from secaudit.tables.network._text import cut
from secaudit.tables.network._visit import check_complete, page_of, plan_visit

_TOKEN = re.compile(
    r"csrf|xsrf|authenticity|verification_?token|nonce|form_?(key|token|build_id)|(^|[_-])token|logintoken|anticsrf|"
    r"__VIEWSTATE$",
    re.IGNORECASE,
)
"""Names of fields that frameworks use against forged requests: Django, Rails, Laravel, ASP.NET, WordPress, Drupal."""


class HttpForm(NamedTuple):
    """One form, or one button that sends it elsewhere."""

    url: str
    """Of the page."""
    scheme: str
    """Of the page."""
    line: int
    """In the page; 0 for fields that stand in no form."""
    method: str
    """get, post or dialog."""
    action: str
    """As a whole URL, without its query."""
    action_scheme: str
    """http, https, or another such as mailto and javascript."""
    action_host: str
    same_host: int
    in_form: int
    """0 for fields outside of a form: a script sends them, so method and action say nothing."""
    fields: int
    has_password: int
    has_file: int
    has_token: int
    """1 when a hidden field of at least 8 characters has a name that stands for protection against forged requests."""
    has_personal: int
    """1 when it asks for an e-mail address, a telephone number, or by `autocomplete` for a name, address or card."""


@table(targets={"site"}, timeout_s=120.0, plan=plan_visit)
def http_forms(target: Target) -> Iterator[HttpForm]:
    """Yield one row per form of the page; none when it has none.

    Raises:
        NotCovered: the consent does not reach to the site.
        Absent: the page is no HTML.
        Failed: there is no page to look at.
        Partial: only a part of the page was seen.
    """
    hop, page = page_of(target)
    for form in page.forms:
        yield _row(form, hop.exchange.url, hop.exchange.scheme, hop.exchange.host)
    check_complete(hop.exchange, page)


def _row(form: Form, url: str, scheme: str, host: str) -> HttpForm:
    try:
        parts = urlsplit(form.action)
        action_scheme, action_host = parts.scheme, parts.hostname or ""
    except ValueError:
        action_scheme = action_host = ""
    kinds = {field.type for field in form.fields}
    auto = {word for field in form.fields for word in field.autocomplete.split()}
    personal = kinds & {"email", "tel"} or auto & {"name", "email", "tel", "street-address", "cc-number", "bday"}
    return HttpForm(
        url=cut(url),
        scheme=scheme,
        line=form.line,
        method=form.method,
        action=cut(form.action.split("?")[0].split("#")[0], 300),
        action_scheme=cut(action_scheme, 40),
        action_host=cut(action_host, 300),
        same_host=int(action_host in ("", host)),
        in_form=int(not form.implicit),
        fields=len(form.fields),
        has_password=int("password" in kinds),
        has_file=int("file" in kinds),
        has_token=int(
            any(one.type == "hidden" and one.value_length >= 8 and _TOKEN.search(one.name) for one in form.fields)
        ),
        has_personal=int(bool(personal)),
    )
