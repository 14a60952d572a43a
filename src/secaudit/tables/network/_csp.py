"""Content-Security-Policies of an answer, and what a browser makes of them (CSP level 3)."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.protocols.http import Directive, Exchange, Page, parse_csp

POLICIES = 30
KNOWN = frozenset(
    "child-src connect-src default-src font-src frame-src img-src manifest-src media-src object-src prefetch-src "
    "script-src script-src-elem script-src-attr style-src style-src-elem style-src-attr worker-src fenced-frame-src "
    "base-uri sandbox form-action frame-ancestors navigate-to report-uri report-to require-sri-for "
    "require-trusted-types-for trusted-types upgrade-insecure-requests block-all-mixed-content plugin-types "
    "referrer reflected-xss webrtc".split()
)
"""Directives that some version of the standard has or had."""
_BARE = re.compile(
    r"(self|none|unsafe-inline|unsafe-eval|unsafe-hashes|strict-dynamic|nonce-\S+|sha(?:256|384|512)-\S+)\Z", re.I
)
_PROOF = re.compile(r"'(nonce-|sha256-|sha384-|sha512-)\S+'\Z", re.I)
_NOT_IN_META = ("frame-ancestors", "report-uri", "sandbox")


class Policy(NamedTuple):
    """One policy."""

    number: int
    source: str
    """header or meta."""
    enforced: bool
    directives: tuple[Directive, ...]

    def get(self, *names: str) -> tuple[str, ...] | None:
        """The values of the first of these directives that is there, in lower case; None when none is."""
        for name in names:
            for directive in self.directives:
                if directive.name == name and not directive.repeated:
                    return tuple(value if _PROOF.match(value) else value.lower() for value in directive.values)
        return None


def policies_of(found: Exchange, page: Page | None) -> list[Policy]:
    """All policies of an answer, those of its meta elements last."""
    texts = [("header", True, text) for text in found.reply.all("content-security-policy")]
    texts += [("header", False, text) for text in found.reply.all("content-security-policy-report-only")]
    for meta in page.metas if page is not None else ():
        if meta.http_equiv and meta.name == "content-security-policy" and meta.in_head:
            texts.append(("meta", True, meta.content))
    made: list[Policy] = []
    for source, enforced, text in texts:
        for directives in parse_csp(text):
            if source == "meta":
                directives = [one for one in directives if one.name not in _NOT_IN_META]
            if len(made) < POLICIES:
                made.append(Policy(len(made) + 1, source, enforced, tuple(directives)))
    return made


def allows_inline(policy: Policy) -> bool:
    """Whether a script written into the page runs without a nonce or hash."""
    for names in (("script-src-elem", "script-src", "default-src"), ("script-src-attr", "script-src", "default-src")):
        values = policy.get(*names)
        if values is None:
            return True
        proven = any(_PROOF.match(value) for value in values) or "'strict-dynamic'" in values
        if "'unsafe-inline'" in values and not proven:
            return True
    return False


def allows_eval(policy: Policy) -> bool:
    """Whether text can be made code."""
    values = policy.get("script-src", "default-src")
    if values is None:
        return True
    return "'unsafe-eval'" in values and policy.get("require-trusted-types-for") is None


def allows_any_host(policy: Policy) -> bool:
    """Whether scripts may come from everywhere: `*`, or a bare `https:`, `http:` or `data:`."""
    values = policy.get("script-src-elem", "script-src", "default-src")
    if values is None:
        return True
    if "'strict-dynamic'" in values and any(_PROOF.match(value) for value in values):
        return False  # then browsers ignore hosts and schemes
    return any(value in ("*", "https:", "http:", "data:", "http://*", "https://*", "*:*") for value in values)


def is_none_or_self(values: tuple[str, ...] | None) -> bool:
    """Whether the list allows nothing, or this origin only."""
    return values is not None and set(values) <= {"'none'", "'self'"}


def framing_of(values: tuple[str, ...] | None) -> str:
    """Who may frame the page by this frame-ancestors: none, self, listed, anyone; empty without the directive."""
    if values is None:
        return ""
    if not values or values == ("'none'",):
        return "none"
    if any(value in ("*", "http:", "https:", "http://*", "https://*", "*:*") for value in values):
        return "anyone"
    return "self" if set(values) == {"'self'"} else "listed"


def reports_of(policy: Policy, found: Exchange) -> bool:
    """Whether browsers know where to send reports: report-uri, or a group that a header of the answer defines."""
    if policy.get("report-uri"):
        return True
    groups = {group for directive in policy.directives if directive.name == "report-to" for group in directive.values}
    defined = " ".join((*found.reply.all("reporting-endpoints"), *found.reply.all("report-to")))
    return any(
        re.search(rf"(?:^|[\s,]){re.escape(group)}\s*=|[\"']{re.escape(group)}[\"']", defined) for group in groups
    )


def problems_of(policy: Policy) -> Iterator[str]:
    """What browsers ignore in a policy, in plain words."""
    for directive in policy.directives:
        name = directive.name[:60]
        if directive.repeated:
            yield f"{name} stands there twice, the second is ignored"
        if directive.name not in KNOWN:
            yield f"{name} is no directive"
        for value in directive.values:
            if _BARE.match(value):
                yield f"{value[:40]} in {name} needs single quotes"
            elif value.lower() in KNOWN and directive.name in KNOWN:
                yield f"a semicolon is missing before {value[:40]}"
        if "'none'" in map(str.lower, directive.values) and len(directive.values) > 1:
            yield f"'none' in {name} is ignored, since more stands beside it"
