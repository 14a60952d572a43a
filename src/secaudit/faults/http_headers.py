"""Faults of the headers of a page."""

from __future__ import annotations

from secaudit.faults.http import POLICY, Answer, Request, fault


def _policy(answer: Answer, old: str, new: str) -> Answer:
    return answer.with_header("Content-Security-Policy", POLICY.replace(old, new))


@fault("no-csp", "there is no Content-Security-Policy", "web-csp-set", "web-frames-restricted", pages_only=True)
def no_csp(request: Request, answer: Answer) -> Answer:
    return answer.without("Content-Security-Policy")


@fault(
    "csp-report-only",
    "the Content-Security-Policy stops nothing",
    "web-csp-set",
    "web-csp-enforced",
    "web-frames-restricted",
    pages_only=True,
)
def csp_report_only(request: Request, answer: Answer) -> Answer:
    return answer.without("Content-Security-Policy").with_header("Content-Security-Policy-Report-Only", POLICY)


@fault(
    "csp-unsafe-inline", "the Content-Security-Policy lets any inline script run", "web-csp-scripts", pages_only=True
)
def csp_unsafe_inline(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "script-src 'self'", "script-src 'self' 'unsafe-inline'")


@fault("csp-unsafe-eval", "the Content-Security-Policy lets text become code", "web-csp-scripts", pages_only=True)
def csp_unsafe_eval(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "script-src 'self'", "script-src 'self' 'unsafe-eval'")


@fault("csp-any-host", "the Content-Security-Policy takes scripts from everywhere", "web-csp-scripts", pages_only=True)
def csp_any_host(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "script-src 'self'", "script-src https:")


@fault("csp-plugins", "the Content-Security-Policy lets plug-ins in", "web-csp-objects", pages_only=True)
def csp_plugins(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "default-src 'none'", "default-src 'self'")


@fault("csp-base", "the Content-Security-Policy leaves the base address open", "web-csp-base", pages_only=True)
def csp_base(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "base-uri 'none'; ", "")


@fault("csp-forms", "the Content-Security-Policy lets forms go anywhere", "web-csp-forms", pages_only=True)
def csp_forms(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "form-action 'self'; ", "")


@fault("csp-silent", "the Content-Security-Policy reports to nobody", "web-csp-reports", pages_only=True)
def csp_silent(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "; report-to reports", "")


@fault("csp-misspelt", "the Content-Security-Policy has a word that browsers ignore", "web-csp-valid", pages_only=True)
def csp_misspelt(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "img-src 'self'", "image-src 'self'")


@fault("framed-by-anyone", "any site may show the page in a frame", "web-frames-restricted", pages_only=True)
def framed_by_anyone(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "frame-ancestors 'none'; ", "")


@fault(
    "frame-options-invalid",
    "X-Frame-Options has a value that browsers ignore",
    "web-frames-restricted",
    pages_only=True,
)
def frame_options_invalid(request: Request, answer: Answer) -> Answer:
    return _policy(answer, "frame-ancestors 'none'; ", "").with_header(
        "X-Frame-Options", "ALLOW-FROM https://example.net"
    )


@fault("no-nosniff", "browsers may guess what a file is", "web-nosniff", pages_only=True)
def no_nosniff(request: Request, answer: Answer) -> Answer:
    return answer.without("X-Content-Type-Options")


@fault("referrer-unsafe", "other sites are told the whole address", "web-referrer-policy", pages_only=True)
def referrer_unsafe(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Referrer-Policy", "unsafe-url")


@fault(
    "no-permissions-policy", "camera and microphone are not closed to frames", "web-permissions-policy", pages_only=True
)
def no_permissions_policy(request: Request, answer: Answer) -> Answer:
    return answer.without("Permissions-Policy")


@fault("no-opener-policy", "a page that opened this one keeps a handle on it", "web-opener-policy", pages_only=True)
def no_opener_policy(request: Request, answer: Answer) -> Answer:
    return answer.without("Cross-Origin-Opener-Policy")


@fault("no-charset", "nothing says in which letters the page is written", "web-charset-declared", pages_only=True)
def no_charset(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Content-Type", "text/html").edited('<meta charset="utf-8">\n', "")


@fault("login-cached", "a page with a login may be kept by caches", "web-private-pages-not-cached", pages_only=True)
def login_cached(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Cache-Control", "public, max-age=3600")


@fault("server-version", "the server tells its version", "web-server-version-hidden")
def server_version(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Server", "nginx/1.22.1")


@fault("powered-by", "the server tells what the site is made with", "web-products-hidden")
def powered_by(request: Request, answer: Answer) -> Answer:
    return answer.with_header("X-Powered-By", "PHP/8.2.7")


@fault(
    "xss-filter",
    "an old filter is switched on that could be turned against the page",
    "web-xss-filter-off",
    pages_only=True,
)
def xss_filter(request: Request, answer: Answer) -> Answer:
    return answer.with_header("X-XSS-Protection", "1; mode=block")


def _raw_page(answer: Answer, lines: bytes) -> Answer:
    """The page with these lines among its headers, as they are."""
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in answer.headers)
    length = f"Content-Length: {len(answer.body)}\r\n".encode()
    raw = b"HTTP/1.1 200 OK\r\n" + lines + head + length + b"Connection: close\r\n\r\n" + answer.body
    return Answer(200, answer.headers, answer.body, is_page=True, raw=raw)


@fault("header-malformed", "a header line has no colon", "web-headers-wellformed", pages_only=True)
def header_malformed(request: Request, answer: Answer) -> Answer:
    return _raw_page(answer, b"this is no header\r\n")


@fault("header-folded", "a header goes on in the next line", "web-headers-wellformed", pages_only=True)
def header_folded(request: Request, answer: Answer) -> Answer:
    return _raw_page(answer, b"X-Note: one\r\n two\r\n")


@fault(
    "header-twice",
    "a security header stands there twice with different values",
    "web-headers-wellformed",
    pages_only=True,
)
def header_twice(request: Request, answer: Answer) -> Answer:
    return answer.added("Strict-Transport-Security", "max-age=0")
