"""Settings of web servers written in JavaScript: Express, Koa, Fastify and NestJS, over all files of a project."""

from __future__ import annotations

import re
from typing import Iterable, Iterator, Optional

from secaudit.tables.project._web_setting import (
    COMPUTED,
    DEFAULT,
    LITERAL,
    Setting,
    block_after,
    line_at,
    without_comments,
)

WORDS = ("express", "koa", "fastify", "nestjs")
_APP = (
    ("express", re.compile(r"\bexpress\(\)")),
    ("koa", re.compile(r"\bnew Koa\(")),
    ("fastify", re.compile(r"\b[Ff]astify\((\{|\))")),
    ("express", re.compile(r"\bNestFactory\.create\b")),
)
_HELMET = re.compile(r"\bhelmet\b")
_HEADERS = re.compile(r"['\"](?:X-Frame-Options|X-Content-Type-Options|Content-Security-Policy)['\"]", re.I)
_POWERED = re.compile(
    r"\.disable\(\s*['\"]x-powered-by['\"]|set\(\s*['\"]x-powered-by['\"]\s*,\s*false|removeHeader\(\s*['\"]x-powered-by",
    re.I,
)
_SESSION = re.compile(r"\b(session|expressSession|cookieSession)\(\s*(?=\{)")
_LIMIT = re.compile(
    r"rateLimit|rate-limit|RateLimit|express-brute|rate-limiter-flexible|ThrottlerModule|slowDown|express-slow-down|koa-ratelimit"
)
_LOGIN = re.compile(
    r"\.(?:post|all|route)\(\s*['\"`]/?[\w/:-]{0,60}?(?:login|signin|sign-in|authenticate|forgot|reset-?password)\b",
    re.I,
)
_NEST_LOGIN = re.compile(r"@Post\(\s*['\"][\w/:-]{0,60}?(?:login|signin|sign-in|forgot)", re.I)
_INDEX = re.compile(r"\bserveIndex\(")
_FACTS = (
    ("helmet", _HELMET),
    ("headers", _HEADERS),
    ("powered", _POWERED),
    ("limit", _LIMIT),
    ("login", _LOGIN),
    ("login", _NEST_LOGIN),
)
"""What is looked for anywhere in the project; the first place is told."""


def read_node(files: Iterable[tuple[str, str]]) -> Iterator[Setting]:
    """Give the settings that the files together make. `files` are the code of the project, not its tests."""
    apps: list[tuple[str, str, int]] = []
    found: dict[str, tuple[str, int]] = {}
    for path, text in files:
        code = without_comments(text, hash_sign=False)
        for framework, pattern in _APP:
            match = pattern.search(code)
            if match is not None and (framework in text.lower() or "nestjs" in text):
                apps.append((framework, path, line_at(code, match.start())))
                break
        for name, pattern in _FACTS:
            match = pattern.search(code)
            if match is not None and name not in found:
                found[name] = (path, line_at(code, match.start()))
        yield from _sessions(path, code)
        match = _INDEX.search(code)
        if match is not None:
            yield Setting("express", "directory_listing", "on", LITERAL, path, line_at(code, match.start()))
    if not apps:
        return
    framework, path, line = apps[0]
    yield from _app(framework, path, line, found)


def _app(framework: str, path: str, line: int, found: dict[str, tuple[str, int]]) -> Iterator[Setting]:
    headers = found.get("helmet") or found.get("headers")
    if headers is not None:
        yield Setting(framework, "security_headers", "helmet" if "helmet" in found else "own", LITERAL, *headers)
    else:
        yield Setting(framework, "security_headers", "none", DEFAULT, path, line)
    if framework == "express":
        off = found.get("powered") or found.get("helmet")
        if off is not None:
            yield Setting(framework, "x_powered_by", "off", LITERAL, *off)
        else:
            yield Setting(framework, "x_powered_by", "on", DEFAULT, path, line)
    if "login" in found:
        limit = found.get("limit")
        if limit is not None:
            yield Setting(framework, "login_rate_limit", "used", LITERAL, *limit)
        else:
            yield Setting(framework, "login_rate_limit", "none", DEFAULT, *found["login"])


def _sessions(path: str, code: str) -> Iterator[Setting]:
    """The cookie of express-session and cookie-session, with their own defaults: httpOnly, and not secure."""
    if "session" not in code:
        return
    for match in _SESSION.finditer(code):
        block = block_after(code, match.end())
        line = line_at(code, match.start())
        cookies = match.group(1) == "cookieSession"
        if not cookies and not re.search(r"\b(?:secret|resave|saveUninitialized|cookie|store)\b", block):
            continue
        inside = block if cookies else _part(block, "cookie")
        for setting, key, default in (
            ("session_cookie_secure", "secure", "false"),
            ("session_cookie_httponly", "httpOnly", "true"),
            ("session_cookie_samesite", "sameSite", "unset"),
        ):
            value = None if inside is None else _value(inside, key)
            if inside is None or (value is None and "..." not in inside):
                known_value: tuple[Optional[str], str] = (default, DEFAULT)
                if inside is None and re.search(r"\bcookie\b|\.\.\.", block):
                    known_value = (None, COMPUTED)
            elif value is None:
                known_value = (None, COMPUTED)
            else:
                bare = value.strip("'\"` ").lower()
                fixed = bare in ("true", "false", "auto", "lax", "strict", "none", "!0", "!1")
                bare = {"!0": "true", "!1": "false"}.get(bare, bare)
                known_value = (bare, LITERAL) if fixed else (None, COMPUTED)
            yield Setting("express", setting, known_value[0], known_value[1], path, line)
        if not cookies:
            kept = _value(block, "store") is not None or re.search(r"\bstore\b|\.\.\.", block) is not None
            yield Setting(
                "express", "session_store", "own" if kept else "memory", LITERAL if kept else DEFAULT, path, line
            )


def _part(block: str, key: str) -> Optional[str]:
    """What stands in `key: { ... }`."""
    match = re.search(rf"['\"]?\b{key}['\"]?\s*:\s*(?=\{{)", block)
    return block_after(block, match.end()) if match is not None else None


def _value(block: str, key: str) -> Optional[str]:
    match = re.search(rf"(?:^|[,{{\s])['\"]?{key}['\"]?\s*:\s*([^,}}\n]{{1,200}})", block)
    return match.group(1).strip() if match is not None else None
