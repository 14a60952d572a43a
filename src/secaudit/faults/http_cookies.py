"""Faults of cookies and tokens."""

from __future__ import annotations

from secaudit.faults.http import COOKIE, HOST, Answer, Request, fault

JWT_NONE = "eyJhbGciOiJub25lIn0.eyJzdWIiOiI0MiIsImV4cCI6MTg5MzQ1NjAwMH0."
JWT_FOR_EVER = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.3q2-7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs"


def _cookie(answer: Answer, text: str) -> Answer:
    return answer.with_header("Set-Cookie", text)


@fault(
    "session-not-secure",
    "the session cookie also travels over http",
    "web-cookie-session-secure",
    "web-cookie-prefix",
    pages_only=True,
)
def session_not_secure(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE.removeprefix('__Host-')}; Path=/; HttpOnly; SameSite=Lax")


@fault(
    "session-over-http",
    "a session cookie is set over http",
    "web-cookie-session-secure",
    "web-private-pages-not-cached",
    "web-cookie-prefix",
)
def session_over_http(request: Request, answer: Answer) -> Answer:
    if request.scheme != "http":
        return answer
    return answer.added("Set-Cookie", f"{COOKIE.removeprefix('__Host-')}; Path=/; HttpOnly; SameSite=Lax")


@fault(
    "cookies-for-all-sites",
    "an answer with a cookie is open to every site",
    "web-cors-no-cookies-for-all",
    pages_only=True,
)
def cookies_for_all_sites(request: Request, answer: Answer) -> Answer:
    return answer.added("Access-Control-Allow-Origin", "*")


@fault("cookie-not-secure", "a cookie also travels over http", "web-cookie-secure", pages_only=True)
def cookie_not_secure(request: Request, answer: Answer) -> Answer:
    return answer.added("Set-Cookie", "lang=en; Path=/; SameSite=Lax")


@fault("session-readable", "scripts can read the session cookie", "web-cookie-session-httponly", pages_only=True)
def session_readable(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE}; Path=/; Secure; SameSite=Lax")


@fault(
    "session-samesite-missing",
    "nothing says whether other sites may send the session cookie",
    "web-cookie-session-samesite",
    pages_only=True,
)
def session_samesite_missing(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE}; Path=/; Secure; HttpOnly")


@fault(
    "samesite-none-not-secure",
    "a cookie for other sites is not Secure, so browsers drop it",
    "web-cookie-samesite-none-secure",
    "web-cookie-secure",
    pages_only=True,
)
def samesite_none_not_secure(request: Request, answer: Answer) -> Answer:
    return answer.added("Set-Cookie", "widget=on; Path=/; SameSite=None")


@fault("session-without-prefix", "the session cookie has no prefix", "web-cookie-prefix", pages_only=True)
def session_without_prefix(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE.removeprefix('__Host-')}; Path=/; Secure; HttpOnly; SameSite=Lax")


@fault("prefix-broken", "the rules of a cookie's prefix are broken", "web-cookie-prefix-valid", pages_only=True)
def prefix_broken(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE}; Path=/app; Secure; HttpOnly; SameSite=Lax")


@fault("session-for-a-year", "the session cookie lives for a year", "web-cookie-session-lifetime", pages_only=True)
def session_for_a_year(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"{COOKIE}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=31536000")


@fault(
    "session-for-subdomains",
    "all subdomains get the session cookie",
    "web-cookie-session-own-host",
    pages_only=True,
)
def session_for_subdomains(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, f"__Secure-{COOKIE[7:]}; Path=/; Domain={HOST}; Secure; HttpOnly; SameSite=Lax")


@fault("session-guessable", "the session id is a small number", "web-cookie-session-long", pages_only=True)
def session_guessable(request: Request, answer: Answer) -> Answer:
    return _cookie(answer, "__Host-session=1004711; Path=/; Secure; HttpOnly; SameSite=Lax")


@fault(
    "cookie-tells-role",
    "a cookie holds the role of the user to be read",
    "web-cookie-no-readable-data",
    pages_only=True,
)
def cookie_tells_role(request: Request, answer: Answer) -> Answer:
    value = "%7B%22id%22%3A7%2C%22role%22%3A%22guest%22%7D"
    return answer.added("Set-Cookie", f"state={value}; Path=/; Secure; HttpOnly; SameSite=Lax")


@fault("jwt-unsigned", "a token has no signature", "web-jwt-signed", pages_only=True)
def jwt_unsigned(request: Request, answer: Answer) -> Answer:
    return answer.added("Set-Cookie", f"__Host-token={JWT_NONE}; Path=/; Secure; HttpOnly; SameSite=Lax")


@fault("jwt-for-ever", "a token never ends", "web-jwt-expires", pages_only=True)
def jwt_for_ever(request: Request, answer: Answer) -> Answer:
    return answer.added("Set-Cookie", f"__Host-token={JWT_FOR_EVER}; Path=/; Secure; HttpOnly; SameSite=Lax")


@fault(
    "tracking-at-once",
    "a tracking cookie is set before anybody was asked",
    "web-no-tracking-before-consent",
    pages_only=True,
)
def tracking_at_once(request: Request, answer: Answer) -> Answer:
    return answer.added("Set-Cookie", "_ga=GA1.1.1837462817.1764400000; Path=/; Secure; SameSite=Lax")
