"""Settings of Laravel, WordPress and PHP itself, as their files write them. Values of keys never leave."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tables.project._web_setting import (
    COMPUTED,
    DEFAULT,
    ENVIRONMENT,
    LITERAL,
    Setting,
    block_after,
    line_at,
    lines_of,
    plain,
    without_comments,
)  # fmt: skip

_DEFINE = re.compile(
    r"\bdefine\(\s*['\"](\w{1,60})['\"]\s*,\s*((?:'[^'\n]{0,300}'|\"[^\"\n]{0,300}\"|[^;\n]{1,300}?))\s*\)\s*;", re.I
)
_CONST = re.compile(r"^\s*const\s+(\w{1,60})\s*=\s*('[^'\n]{0,300}'|\"[^\"\n]{0,300}\"|[^;'\"\n]{1,100})\s*;", re.M)
_PREFIX = re.compile(r"\$table_prefix\s*=\s*['\"](\w{0,60})['\"]")
_VERSION = re.compile(r"\$wp_version\s*=\s*['\"]([\w.-]{1,30})['\"]")
_PAIR = re.compile(r"['\"](\w{1,40})['\"]\s*=>\s*")
_ENV = re.compile(r"^(?:\(bool\)\s*)?env\(\s*['\"](\w{1,60})['\"]\s*(?:,\s*(.{0,200}))?\)$", re.S)
_EXCEPT = re.compile(r"(?:\$except\s*=|validateCsrfTokens\(\s*except:)\s*(?=\[)")
_QUOTED = re.compile(r"['\"]([^'\"\n]{1,200})['\"]")

KEYS = (
    "AUTH_KEY",
    "SECURE_AUTH_KEY",
    "LOGGED_IN_KEY",
    "NONCE_KEY",
    "AUTH_SALT",
    "SECURE_AUTH_SALT",
    "LOGGED_IN_SALT",
    "NONCE_SALT",
)
SWITCHES = {
    "WP_DEBUG": "false", "WP_DEBUG_DISPLAY": "true", "WP_DEBUG_LOG": "false", "DISALLOW_FILE_EDIT": "false",
    "DISALLOW_FILE_MODS": "false", "FORCE_SSL_ADMIN": "unset", "ALLOW_UNFILTERED_UPLOADS": "false",
}  # fmt: skip
"""With the defaults of WordPress 6."""

DOTENV = (
    "APP_DEBUG",
    "APP_ENV",
    "APP_KEY",
    "SESSION_SECURE_COOKIE",
    "SESSION_ENCRYPT",
    "DEBUGBAR_ENABLED",
    "TELESCOPE_ENABLED",
)
INI = frozenset(
    "display_errors display_startup_errors expose_php allow_url_include session.cookie_httponly session.cookie_secure"
    " session.use_strict_mode session.use_only_cookies enable_dl".split()
)
CONFIG = {
    "app.php": {"debug": "debug"},
    "session.php": {"secure": "session_secure", "http_only": "session_http_only", "same_site": "session_same_site"},
    "cors.php": {"allowed_origins": "cors_origins", "supports_credentials": "cors_credentials"},
}
_ON, _OFF = ("1", "yes", "true", "stdout"), ("0", "no", "false", "none", "")
_INI = re.compile(
    r"^\s*(?:php_(?:admin_)?(?:flag|value)\s+|php_(?:admin_)?(?:flag|value)\[)?([\w.]{1,60})\]?\s*(?:=|\s)\s*[\"']?([\w.-]{0,60})[\"']?\s*(?:;.*)?$"
)


def read_wordpress(path: str, text: str) -> Iterator[Setting]:
    """wp-config.php, with the defaults of what it does not say."""
    code = without_comments(text)
    found: dict[str, tuple[str, int]] = {}
    for pattern in (_DEFINE, _CONST):
        for match in pattern.finditer(code):
            found.setdefault(match.group(1).upper(), (match.group(2), line_at(code, match.start(1))))
    if "ABSPATH" not in code and "DB_NAME" not in found:
        return
    for name, default in SWITCHES.items():
        if name in found:
            value, known = plain(found[name][0])
            yield Setting("wordpress", name, value, known, path, found[name][1])
        else:
            yield Setting("wordpress", name, default, DEFAULT, path, 0)
    elsewhere = re.search(r"\b(?:require|include)(?:_once)?\b(?!.{0,80}wp-settings)", code) is not None
    seen: dict[str, str] = {}
    for name in KEYS:
        if name not in found:
            yield Setting(
                "wordpress", name, None if elsewhere else "missing", COMPUTED if elsewhere else DEFAULT, path, 0
            )
            continue
        value, known = plain(found[name][0])
        if value is None:
            state = "set"
        elif not value:
            state = "empty"
        elif "put your unique phrase here" in value:
            state = "placeholder"
        elif value in seen:
            state = f"same as {seen[value]}"
        else:
            state = "short" if len(value) < 32 else "set"
            seen[value] = name
        yield Setting("wordpress", name, state, known, path, found[name][1])
    prefix = _PREFIX.search(code)
    if prefix is not None:
        yield Setting("wordpress", "table_prefix", prefix.group(1), LITERAL, path, line_at(code, prefix.start()))


def read_wordpress_version(path: str, text: str) -> Iterator[Setting]:
    """wp-includes/version.php."""
    match = _VERSION.search(text)
    if match is not None:
        yield Setting("wordpress", "version", match.group(1), LITERAL, path, line_at(text, match.start()))


def read_dotenv(path: str, text: str) -> Iterator[Setting]:
    """The .env of Laravel. Of APP_KEY only whether it is set."""
    for number, line in lines_of(text):
        name, equals, value = line.strip().removeprefix("export ").partition("=")
        name = name.strip()
        if not equals or name not in DOTENV:
            continue
        value = value.split(" #", 1)[0].strip().strip("'\"")
        if name == "APP_KEY":
            value = "set" if value else "empty"
        yield Setting("laravel", name, value.lower(), LITERAL, path, number)


def read_laravel_config(path: str, text: str) -> Iterator[Setting]:
    """config/app.php, session.php and cors.php: what they say where the environment says nothing."""
    name = path.rpartition("/")[2]
    wanted = CONFIG.get(name, {})
    code = without_comments(text)
    for match in _PAIR.finditer(code):
        setting = wanted.get(match.group(1))
        if setting is None:
            continue
        line = line_at(code, match.start())
        written = _expression(code, match.end())
        env = _ENV.match(written)
        if written.startswith("["):
            items = ",".join(item.group(1) for item in _QUOTED.finditer(written))
            yield Setting("laravel", setting, items, LITERAL, path, line)
        elif env is not None:
            value, _ = plain(env.group(2) or "null")
            yield Setting("laravel", setting, value, ENVIRONMENT, path, line)
        else:
            value, known = plain(written)
            yield Setting("laravel", setting, value, known, path, line)


def _expression(code: str, place: int) -> str:
    """The value up to the comma that ends it."""
    depth = 0
    for end in range(place, min(len(code), place + 600)):
        char = code[end]
        if char in "([":
            depth += 1
        elif char in ")]":
            if depth == 0:
                return code[place:end].strip()
            depth -= 1
        elif char == "," and depth == 0:
            return code[place:end].strip()
    return code[place : place + 600].strip()


def read_csrf(path: str, text: str) -> Iterator[Setting]:
    """Addresses that Laravel's protection against false requests leaves out."""
    code = without_comments(text)
    for match in _EXCEPT.finditer(code):
        block = block_after(code, match.end())
        for item in _QUOTED.finditer(block):
            place = match.end() + 1 + item.start()
            yield Setting("laravel", "csrf_except", item.group(1), LITERAL, path, line_at(code, place))
    route = re.search(r"withoutMiddleware\([^)]{0,200}VerifyCsrfToken", code)
    if route is not None:
        yield Setting("laravel", "csrf_except", "a route", LITERAL, path, line_at(code, route.start()))


def read_php_ini(path: str, text: str) -> Iterator[Setting]:
    """php.ini, .user.ini, and php_flag lines of .htaccess and pools."""
    last: dict[str, Setting] = {}
    for number, line in lines_of(text):
        if line.lstrip()[:1] in (";", "#", "["):
            continue
        match = _INI.match(line)
        if match is None or match.group(1).lower() not in INI:
            continue
        value = match.group(2).lower()
        value = "on" if value in _ON else "off" if value in _OFF else value
        last[match.group(1).lower()] = Setting("php", match.group(1).lower(), value, LITERAL, path, number)
    yield from last.values()
