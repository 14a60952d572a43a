"""Faults of sites that behave badly towards odd requests."""

from __future__ import annotations

import secrets
from dataclasses import replace
from urllib.parse import parse_qs

from secaudit.faults.http import HEADERS, Answer, Request, fault

FIXED = "7d02b6c14e8f4a95b3316a0c2f5e8d79"


def _cors(answer: Answer, origin: str, *, cookies: bool) -> Answer:
    answer = answer.with_header("Access-Control-Allow-Origin", origin).with_header("Vary", "Origin")
    return answer.with_header("Access-Control-Allow-Credentials", "true") if cookies else answer


@fault(
    "cors-for-all", "every other site may read answers with cookies",
    "web-cors-not-for-all", "web-cors-null-refused", "web-cors-lookalikes-refused", pages_only=True,
)  # fmt: skip
def cors_for_all(request: Request, answer: Answer) -> Answer:
    origin = request.header("origin")
    return _cors(answer, origin, cookies=True) if origin else answer


@fault("cors-null", "pages without an origin may read answers", "web-cors-null-refused", pages_only=True)
def cors_null(request: Request, answer: Answer) -> Answer:
    return _cors(answer, "null", cookies=True) if request.header("origin") == "null" else answer


@fault("cors-prefix", "names that begin as this one may read answers", "web-cors-lookalikes-refused", pages_only=True)
def cors_prefix(request: Request, answer: Answer) -> Answer:
    origin = request.header("origin")
    return _cors(answer, origin, cookies=False) if origin.startswith("https://localhost") else answer


@fault("cors-suffix", "names that end as this one may read answers", "web-cors-lookalikes-refused", pages_only=True)
def cors_suffix(request: Request, answer: Answer) -> Answer:
    origin = request.header("origin")
    here = f"localhost:{request.server.https_port}"
    return _cors(answer, origin, cookies=False) if origin.endswith(here) else answer


def _fails(request: Request, answer: Answer, text: str) -> Answer:
    """The page breaks at a quotation mark."""
    if not answer.is_page or "%27" not in request.query:
        return answer
    return Answer(500, (*answer.headers,), f"<!DOCTYPE html><html><pre>{text}</pre></html>".encode())


@fault("stack-trace", "an odd value shows the inside of the program", "web-errors-no-stack-trace")
def stack_trace(request: Request, answer: Answer) -> Answer:
    trace = 'Traceback (most recent call last):\n  File "/srv/orchard.py", line 7, in tree\nValueError: no'
    return _fails(request, answer, trace)


@fault("sql-error", "an odd value shows an error of the database", "web-errors-no-sql")
def sql_error(request: Request, answer: Answer) -> Answer:
    return _fails(request, answer, "You have an error in your SQL syntax; check the manual")


@fault("debug-page", "a missing page is shown by the debugger", "web-errors-no-debug-page")
def debug_page(request: Request, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return answer.edited("there is no such page", "you see this because you have <code>DEBUG = True</code>")


@fault("version-in-error", "a missing page tells the version of the server", "web-errors-no-version")
def version_in_error(request: Request, answer: Answer) -> Answer:
    if answer.status != 404:
        return answer
    return answer.edited("</html>", "<hr><center>nginx/1.28.0</center></html>")


@fault("soft-404", "a missing page is answered with 200", "web-missing-page-is-404")
def soft_404(request: Request, answer: Answer) -> Answer:
    return replace(answer, status=200) if answer.status == 404 else answer


@fault("headers-missing-on-errors", "pages of errors lack the headers", "web-error-page-headers")
def headers_missing_on_errors(request: Request, answer: Answer) -> Answer:
    return answer.without("X-Content-Type-Options") if answer.status == 404 else answer


@fault("trace-on", "TRACE sends the request back", "web-trace-off")
def trace_on(request: Request, answer: Answer) -> Answer:
    if request.method != "TRACE":
        return answer
    lines = [f"TRACE {request.target} HTTP/1.1", *(f"{name}: {value}" for name, value in request.headers)]
    return Answer(200, (*HEADERS, ("Content-Type", "message/http")), "\r\n".join(lines).encode())


@fault("writing-offered", "the page offers PUT and DELETE", "web-write-methods-not-offered")
def writing_offered(request: Request, answer: Answer) -> Answer:
    if request.method != "OPTIONS":
        return answer
    return Answer(204, (*HEADERS, ("Allow", "GET, HEAD, OPTIONS, PUT, DELETE")))


@fault("dav-open", "WebDAV lists files without a login", "web-dav-needs-login")
def dav_open(request: Request, answer: Answer) -> Answer:
    if request.method != "PROPFIND":
        return answer
    xml = '<?xml version="1.0"?><D:multistatus xmlns:D="DAV:"><D:response/></D:multistatus>'
    return Answer(207, (*HEADERS, ("Content-Type", "application/xml")), xml.encode())


@fault(
    "forwarded-host-believed", "links take the name that a visitor sends", "web-forwarded-host-ignored", pages_only=True
)
def forwarded_host_believed(request: Request, answer: Answer) -> Answer:
    name = request.header("x-forwarded-host")
    return answer.edited('href="/about"', f'href="https://{name}/about"') if name else answer


@fault("open-redirect", "a redirect parameter leads anywhere", "web-redirects-stay")
def open_redirect(request: Request, answer: Answer) -> Answer:
    if answer.is_page:
        return answer.edited('href="/about"', 'href="/leave?next=/about"')
    if request.path != "/leave":
        return answer
    place = parse_qs(request.query).get("next", ["/"])[0]
    return Answer(302, (*HEADERS, ("Location", place.replace("\r", "").replace("\n", ""))))


@fault("session-ids-nearly-same", "few places of session ids change", "web-session-ids-vary", pages_only=True)
def session_ids_nearly_same(request: Request, answer: Answer) -> Answer:
    rest = answer.header("Set-Cookie").partition(";")[2]
    return answer.with_header("Set-Cookie", f"__Host-session={FIXED[:24]}{secrets.token_hex(4)};{rest}")


@fault("same-session-id", "all visitors get the same session id", "web-session-ids-differ", pages_only=True)
def same_session_id(request: Request, answer: Answer) -> Answer:
    rest = answer.header("Set-Cookie").partition(";")[2]
    return answer.with_header("Set-Cookie", f"__Host-session={FIXED};{rest}")


@fault(
    "old-software",
    "a header names software without updates",
    "web-software-supported",
    "web-products-hidden",
    pages_only=True,
)
def old_software(request: Request, answer: Answer) -> Answer:
    return answer.added("X-Powered-By", "PHP/5.6.40")
