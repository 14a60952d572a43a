"""Faults of the content of a page, and of security.txt."""

from __future__ import annotations

from secaudit.faults.http import COOKIE, Answer, Request, fault

CDN = "https://cdn.example.net"
SRI = "sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC"


def _in_head(answer: Answer, markup: str) -> Answer:
    return answer.edited("</head>", f"{markup}\n</head>")


def _in_body(answer: Answer, markup: str) -> Answer:
    return answer.edited("</body>", f"{markup}\n</body>")


def _cookie(answer: Answer, text: str) -> Answer:
    return answer.with_header("Set-Cookie", text)


@fault("form-unprotected", "a form has nothing against forged requests", "web-form-csrf-protected", pages_only=True)
def form_unprotected(request: Request, answer: Answer) -> Answer:
    changed = answer.edited('name="csrf_token"', 'name="field"')
    return _cookie(changed, f"{COOKIE}; Path=/; Secure; HttpOnly; SameSite=None")


@fault(
    "third-party-script",
    "a script of others runs unchecked",
    "web-sri-third-party",
    "web-third-parties-known",
    pages_only=True,
)
def third_party_script(request: Request, answer: Answer) -> Answer:
    return _in_head(answer, f'<script src="{CDN}/chart.js"></script>')


@fault(
    "integrity-weak",
    "the checksum of a script is one that browsers ignore",
    "web-sri-valid",
    "web-sri-third-party",
    "web-third-parties-known",
    pages_only=True,
)
def integrity_weak(request: Request, answer: Answer) -> Answer:
    return _in_head(
        answer, f'<script src="{CDN}/chart.js" integrity="md5-1B2M2Y8AsgTpgAmY7PhCfg==" crossorigin></script>'
    )


@fault(
    "hijacked-cdn",
    "a script comes from a host that was taken over",
    "web-no-hijacked-hosts",
    "web-third-parties-known",
    pages_only=True,
)
def hijacked_cdn(request: Request, answer: Answer) -> Answer:
    place = "https://cdn.polyfill.io/v3/polyfill.min.js"
    return _in_head(answer, f'<script src="{place}" integrity="{SRI}" crossorigin="anonymous"></script>')


@fault("old-library", "a script library has known holes", "web-script-libraries-current")
def old_library(request: Request, answer: Answer) -> Answer:
    if request.path != "/app.js":
        return answer
    return answer.edited("jQuery v3.7.1", "jQuery v1.12.4")


@fault(
    "fonts-of-others",
    "letters are loaded from another company",
    "web-fonts-own",
    "web-third-parties-known",
    pages_only=True,
)
def fonts_of_others(request: Request, answer: Answer) -> Answer:
    return _in_head(answer, '<link rel="stylesheet" href="https://fonts.googleapis.com/css2?family=Inter">')


@fault("session-in-url", "a link holds the session", "web-no-session-in-url", pages_only=True)
def session_in_url(request: Request, answer: Answer) -> Answer:
    return answer.edited('href="/about"', 'href="/about;jsessionid=5C1D0E7AB2F94368A1D7C05BE93F4A62"')


@fault("code-shown", "code of the server stands in the page", "web-no-server-code", pages_only=True)
def code_shown(request: Request, answer: Answer) -> Answer:
    return _in_body(answer, "<?php include 'footer.php'; ?>")


@fault("key-in-script", "a script holds a secret key", "web-no-secrets-in-page")
def key_in_script(request: Request, answer: Answer) -> Answer:
    if request.path != "/app.js":
        return answer
    key = "sk_" + "live_" + "51HqT8sKz3WbN7vXcR2yLp9Dm"
    return Answer(200, answer.headers, answer.body + f"pay('{key}');\n".encode())


@fault("inside-address", "a comment names an address of the inside", "web-no-internal-addresses", pages_only=True)
def inside_address(request: Request, answer: Answer) -> Answer:
    return answer.edited("the menu", "served by 10.20.4.17, db on pg1.internal")


@fault("login-in-comment", "a comment holds a password", "web-no-logins-in-comments", pages_only=True)
def login_in_comment(request: Request, answer: Answer) -> Answer:
    return answer.edited("the menu", "demo login, password: Blossom-77")


@fault("default-page", "the first page of the web server was never replaced", "web-not-default-page", pages_only=True)
def default_page(request: Request, answer: Answer) -> Answer:
    return answer.edited("<title>Orchard</title>", "<title>Welcome to nginx!</title>")


@fault("no-security-txt", "nobody is named to whom a hole can be told", "web-security-txt-present")
def no_security_txt(request: Request, answer: Answer) -> Answer:
    if request.path != "/.well-known/security.txt":
        return answer
    return Answer(404, answer.headers, b"there is no such file")


@fault("security-txt-without-contact", "security.txt names no address", "web-security-txt-valid")
def security_txt_without_contact(request: Request, answer: Answer) -> Answer:
    if request.path != "/.well-known/security.txt" or request.scheme != "https":
        return answer
    return answer.edited("Contact: mailto:security@example.org\n", "")


@fault("security-txt-old", "security.txt has ended", "web-security-txt-current")
def security_txt_old(request: Request, answer: Answer) -> Answer:
    if request.path != "/.well-known/security.txt" or request.scheme != "https":
        return answer
    return answer.edited(request.server.security_expires, "2024-01-01T00:00:00Z")
