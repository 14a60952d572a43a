"""Settings of Rails, Spring Boot, ASP.NET, nginx and Apache, as far as they lie in a project."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tables.project._web_setting import COMPUTED, DEFAULT, LITERAL, Setting, line_at, lines_of, plain

_RAILS = re.compile(r"^\s*config\.([\w.]{1,60})\s*=\s*(.{1,200}?)\s*(?:#.*)?$")
RAILS = {"force_ssl": "false", "consider_all_requests_local": "false", "assume_ssl": "false"}
"""What Rails takes where production.rb does not say it."""

_SKIP = re.compile(r"^\s*(?:skip_before_action\s+:verify_authenticity_token|skip_forgery_protection)\b(.*)$")
_NULL = re.compile(r"^\s*protect_from_forgery\b.{0,100}with:\s*:?null_session")
_SECRET = re.compile(r"^\s*secret_key_base:\s*(\S.{0,300}?)\s*$")
_SECTION = re.compile(r"^(\w{1,30}):")
SPRING = {
    "management.endpoints.web.exposure.include", "spring.h2.console.enabled", "server.error.include-stacktrace",
    "management.endpoint.env.show-values", "spring.jpa.show-sql", "server.servlet.session.cookie.secure",
    "server.servlet.session.cookie.http-only", "management.security.enabled", "security.basic.enabled",
}  # fmt: skip
_PROTOCOLS = re.compile(r"^\s*ssl_protocols\s+([^;#]{1,200});")
_AUTOINDEX = re.compile(r"^\s*autoindex\s+(on|off)\s*;")
_TOKENS = re.compile(r"^\s*server_tokens\s+(\w+)\s*;")
_LOCATION = re.compile(r"^\s*location\s+(?:\^~\s+)?(/[^\s{~]{0,200})\s*\{")
_ALIAS = re.compile(r"^\s*alias\s+([^;\s]{1,300})\s*;")
_OPTIONS = re.compile(r"^\s*Options\s+(.{1,200})$", re.I)
_TRACE = re.compile(r"^\s*(TraceEnable|ServerSignature)\s+(\w+)", re.I)
_ASP = (
    ("debug", re.compile(r"<compilation\b[^>]{0,300}\bdebug\s*=\s*\"(\w+)\"", re.I)),
    ("custom_errors", re.compile(r"<customErrors\b[^>]{0,300}\bmode\s*=\s*\"(\w+)\"", re.I)),
    ("request_validation", re.compile(r"\bvalidateRequest\s*=\s*\"(\w+)\"", re.I)),
    ("cookies_httponly", re.compile(r"<httpCookies\b[^>]{0,300}\bhttpOnlyCookies\s*=\s*\"(\w+)\"", re.I)),
    ("cookies_secure", re.compile(r"<httpCookies\b[^>]{0,300}\brequireSSL\s*=\s*\"(\w+)\"", re.I)),
    ("trace", re.compile(r"<trace\b[^>]{0,300}\benabled\s*=\s*\"(\w+)\"", re.I)),
)


def read_rails_production(path: str, text: str) -> Iterator[Setting]:
    """config/environments/production.rb; the last line for a setting wins."""
    found: dict[str, Setting] = {}
    for number, line in lines_of(text):
        match = _RAILS.match(line)
        if match is None:
            continue
        value, known = plain(match.group(2))
        if match.group(1) in RAILS:
            found[match.group(1)] = Setting("rails", match.group(1), value, known, path, number)
    for name, default in RAILS.items():
        yield found.get(name, Setting("rails", name, default, DEFAULT, path, 0))


def read_rails_controller(path: str, text: str) -> Iterator[Setting]:
    """Where protection against false requests is switched off."""
    for number, line in lines_of(text):
        match = _SKIP.match(line)
        if match is not None:
            limited = re.search(r"\b(only|if|unless|except)\b", match.group(1)) is not None
            yield Setting("rails", "csrf_skipped", "some actions" if limited else "all actions", LITERAL, path, number)
        elif _NULL.match(line):
            yield Setting("rails", "csrf_null_session", "on", LITERAL, path, number)


def read_rails_secrets(path: str, text: str) -> Iterator[Setting]:
    """config/secrets.yml: whether the key of production is written there."""
    section = ""
    for number, line in lines_of(text):
        head = _SECTION.match(line)
        if head is not None:
            section = head.group(1)
        match = _SECRET.match(line)
        if match is not None and section in ("production", "shared", "default"):
            written = match.group(1)
            state = "environment" if "<%=" in written or "ENV" in written else "literal"
            yield Setting("rails", "secret_key_base", state, LITERAL, path, number)


def read_spring(path: str, text: str) -> Iterator[Setting]:
    """application.properties and application.yml of Spring Boot."""
    if path.endswith(".properties"):
        for number, line in lines_of(text):
            name, equals, value = line.strip().partition("=")
            if equals and name.strip() in SPRING:
                yield Setting("spring", name.strip(), value.strip().strip("'\"").lower(), LITERAL, path, number)
        return
    stack: list[tuple[int, str]] = []
    for number, line in lines_of(text):
        match = re.match(r"^( {0,40})([\w.-]{1,60}):\s*([^#]{0,200}?)\s*(?:#.*)?$", line)
        if match is None:
            continue
        depth = len(match.group(1))
        while stack and stack[-1][0] >= depth:
            stack.pop()
        stack.append((depth, match.group(2)))
        name = ".".join(part for _, part in stack)
        if match.group(3) and name in SPRING:
            yield Setting("spring", name, match.group(3).strip("'\"").lower(), LITERAL, path, number)


def read_asp(path: str, text: str) -> Iterator[Setting]:
    """Web.config of ASP.NET."""
    text = re.sub(r"<!--.{0,20000}?-->", lambda found: re.sub(r"[^\n]", " ", found.group()), text, flags=re.S)
    for setting, pattern in _ASP:
        for match in pattern.finditer(text):
            yield Setting("aspnet", setting, match.group(1).lower(), LITERAL, path, line_at(text, match.start()))


def read_nginx(path: str, text: str) -> Iterator[Setting]:
    """Files of nginx that are shipped with the project."""
    location = ""
    for number, line in lines_of(text):
        if line.lstrip().startswith("#"):
            continue
        for setting, pattern in (("autoindex", _AUTOINDEX), ("server_tokens", _TOKENS), ("ssl_protocols", _PROTOCOLS)):
            match = pattern.match(line)
            if match is not None:
                yield Setting("nginx", setting, " ".join(match.group(1).lower().split()), LITERAL, path, number)
        match = _LOCATION.match(line)
        if match is not None:
            location = match.group(1)
        match = _ALIAS.match(line)
        if match is not None and location:
            open_end = not location.endswith("/") and match.group(1).endswith("/")
            yield Setting("nginx", "alias", "leaves the folder" if open_end else "inside", LITERAL, path, number)
        if line.strip() == "}":
            location = ""


def read_apache(path: str, text: str) -> Iterator[Setting]:
    """.htaccess and files of Apache that are shipped with the project."""
    for number, line in lines_of(text):
        match = _OPTIONS.match(line)
        if match is not None:
            words = match.group(1).lower().split()
            if any(word in ("indexes", "+indexes", "all") for word in words):
                yield Setting("apache", "directory_listing", "on", LITERAL, path, number)
            elif "-indexes" in words or "none" in words:
                yield Setting("apache", "directory_listing", "off", LITERAL, path, number)
        match = _TRACE.match(line)
        if match is not None:
            yield Setting("apache", match.group(1).lower(), match.group(2).lower(), LITERAL, path, number)


__all__ = [
    "COMPUTED", "read_apache", "read_asp", "read_nginx", "read_rails_controller", "read_rails_production",
    "read_rails_secrets", "read_spring",
]  # fmt: skip
