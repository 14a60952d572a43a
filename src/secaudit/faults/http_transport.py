"""Faults of the way to a site: https, redirects, HSTS, mixed content."""

from __future__ import annotations

from dataclasses import replace

from secaudit.faults.http import COOKIE, HOST, Answer, Request, fault, healthy


def _in_head(answer: Answer, markup: str) -> Answer:
    return answer.edited("</head>", f"{markup}\n</head>")


def _in_body(answer: Answer, markup: str) -> Answer:
    return answer.edited("</body>", f"{markup}\n</body>")


def _cookie(answer: Answer, text: str) -> Answer:
    return answer.with_header("Set-Cookie", text)


@fault(
    "https-closed",
    "nothing listens for https",
    "web-https-works",
    "web-http-redirects",
    "web-password-page-encrypted",
    "web-cookie-session-secure",
    "web-cookie-prefix-valid",
    visit="http",
    https=False,
)
def https_closed(request: Request, answer: Answer) -> Answer:
    return answer


@fault("http-serves-page", "http shows the page in the clear", "web-http-redirects")
def http_serves_page(request: Request, answer: Answer) -> Answer:
    if request.scheme == "http" and request.path == "/":
        return Answer(
            200, (("Content-Type", "text/html; charset=utf-8"),), b"<!DOCTYPE html><title>in the clear</title>"
        )
    return answer


@fault("http-redirect-elsewhere", "http sends visitors to https of another name first", "web-https-same-host-first")
def http_redirect_elsewhere(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Location", "https://www.example.net/") if request.scheme == "http" else answer


@fault("http-redirect-temporary", "the redirect to https is a temporary one", "web-https-redirect-permanent")
def http_redirect_temporary(request: Request, answer: Answer) -> Answer:
    return Answer(302, answer.headers, answer.body) if answer.status == 301 and request.scheme == "http" else answer


@fault("redirect-back-to-http", "a redirect leads back to http", "web-redirects-stay-encrypted")
def redirect_back_to_http(request: Request, answer: Answer) -> Answer:
    if request.scheme == "https" and request.path == "/":
        return Answer(302, (*answer.headers[:3], ("Location", f"http://{HOST}:{request.server.http_port}/start")))
    if request.scheme == "http" and request.path == "/start":
        return Answer(301, (("Location", f"https://{HOST}:{request.server.https_port}/end"),))
    if request.scheme == "https" and request.path == "/end":
        return healthy(replace(request, target="/"))
    return answer


@fault("no-hsts", "there is no HSTS", "web-hsts-set")
def no_hsts(request: Request, answer: Answer) -> Answer:
    return answer.without("Strict-Transport-Security")


@fault("hsts-short", "HSTS ends after a day", "web-hsts-set")
def hsts_short(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Strict-Transport-Security", "max-age=86400; includeSubDomains")


@fault("hsts-broken", "HSTS has no number, so browsers ignore it", "web-hsts-set")
def hsts_broken(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Strict-Transport-Security", "max-age=one year; includeSubDomains")


@fault("hsts-host-only", "HSTS leaves subdomains out", "web-hsts-subdomains")
def hsts_host_only(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Strict-Transport-Security", "max-age=63072000")


@fault(
    "hsts-preload-in-vain",
    "HSTS asks for the preload list and does not fulfil its rules",
    "web-hsts-preload-ready",
    "web-hsts-subdomains",
)
def hsts_preload_in_vain(request: Request, answer: Answer) -> Answer:
    return answer.with_header("Strict-Transport-Security", "max-age=63072000; preload")


@fault("mixed-script", "an https page loads a style over http", "web-no-mixed-scripts", pages_only=True)
def mixed_script(request: Request, answer: Answer) -> Answer:
    return _in_head(answer, f'<link rel="stylesheet" href="http://{HOST}/old.css">')


@fault("mixed-image", "an https page shows a picture over http", "web-no-mixed-media", pages_only=True)
def mixed_image(request: Request, answer: Answer) -> Answer:
    return _in_body(answer, f'<img src="http://{HOST}/old.png" alt="">')


@fault("form-over-http", "a form of an https page is sent over http", "web-forms-encrypted", pages_only=True)
def form_over_http(request: Request, answer: Answer) -> Answer:
    return _in_body(answer, f'<form action="http://{HOST}/search"><input name="q"></form>')


@fault(
    "password-over-http",
    "a password of an https page is sent over http",
    "web-password-page-encrypted",
    "web-forms-encrypted",
    "web-form-csrf-protected",
    pages_only=True,
)
def password_over_http(request: Request, answer: Answer) -> Answer:
    changed = answer.edited('action="/login"', f'action="http://{HOST}/login"')
    changed = changed.edited('name="csrf_token"', 'name="field"')
    return _cookie(changed, f"{COOKIE}; Path=/; Secure; HttpOnly; SameSite=None")


@fault("password-in-url", "a login form puts the password into the address", "web-password-not-in-url", pages_only=True)
def password_in_url(request: Request, answer: Answer) -> Answer:
    return answer.edited('method="post"', 'method="get"')


@fault("plain-websocket", "a script of an https page opens a web socket without encryption", "web-no-plain-websockets")
def plain_websocket(request: Request, answer: Answer) -> Answer:
    if request.path != "/app.js":
        return answer
    return Answer(200, answer.headers, answer.body + b"new WebSocket('ws://live.example.net/feed');\n")


@fault(
    "basic-login-in-clear",
    "a login of the server is asked for over http",
    "web-basic-login-encrypted",
    "web-http-redirects",
)
def basic_login_in_clear(request: Request, answer: Answer) -> Answer:
    if request.scheme == "http":
        return Answer(401, (("WWW-Authenticate", 'Basic realm="staff"'), ("Content-Type", "text/plain; charset=utf-8")))
    return answer
