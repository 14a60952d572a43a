"""Cookies of an answer: what they are for, how long they live, how much chance is in them. Never their values."""

from __future__ import annotations

import base64
import json
import math
import re
from email.utils import mktime_tz, parsedate_tz
from typing import NamedTuple
from urllib.parse import unquote

from secaudit.protocols.http import Exchange, SetCookie, parse_set_cookie

MOST = 200


def _any(words: str) -> re.Pattern[str]:
    return re.compile("|".join(words.split()), re.IGNORECASE)


_PURPOSES = (
    ("csrf", _any("csrf xsrf anti.?forgery (^|_)nonce")),
    (
        "analytics",
        _any(
            "_ga($|_) _gid$ _gat __utm _pk_(id|ses) _hj ajs_ amplitude mp_.*mixpanel _clck _clsk matomo optimizely "
            "_vwo _ym_ ahoy_vis"
        ),
    ),
    (
        "advertising",
        _any(
            "_fbp$ _fbc$ _gcl_ ^IDE$ _uet _tt_enable _ttp$ _pin_unauth _scid li_fat muc_ads personalization_id "
            "hubspotutk __hs(tc|src|sc) _rdt_uuid __adroll"
        ),
    ),
    ("settings", _any("consent cookie.?(law|notice|control|policy) lang locale i18n theme currency tz$ timezone")),
    (
        "session",
        _any(
            "sess(ion)? (^|[_.-])sid($|[_.-]) sid$ auth(?!or) (^|[_.-])(access|id|refresh)?_?token jwt logged_?in "
            "remember (^|[_.-])cfid cftoken identity\\. fe_typo_user be_typo_user (^|[_.-])sso"
        ),
    ),
)
"""By name, the first that fits. Names are public knowledge of the products that set them, November 2026."""
_TELLING = re.compile(
    r"(^|[_.-])(admin|role|roles|group|user(_?(name|id))?|uid|login|e?mail|password|passwd|pass|secret|permission|"
    r"is_?staff|account)s?($|[_.-])",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{2,63}")
_JWT = re.compile(r"(?<![A-Za-z0-9_-])ey[A-Za-z0-9_-]{8,4000}\.ey[A-Za-z0-9_-]{2,8000}\.[A-Za-z0-9_-]{0,2000}")
_ALPHABETS = (
    (re.compile(r"[0-9]+\Z"), math.log2(10)),
    (re.compile(r"[0-9a-f]+\Z"), 4.0),
    (re.compile(r"[0-9A-F]+\Z"), 4.0),
    (re.compile(r"[0-9a-v]+\Z"), 5.0),
    (re.compile(r"[0-9a-z]+\Z"), math.log2(36)),
    (re.compile(r"[0-9A-Z]+\Z"), math.log2(36)),
    (re.compile(r"[0-9A-Za-z]+\Z"), math.log2(62)),
)


class Cookie(NamedTuple):
    """One cookie that an answer sets. `value` never goes into a row."""

    name: str
    value: str
    attributes: dict[str, str]
    purpose: str
    """session, csrf, analytics, advertising, settings or other, by its name."""
    lifetime_s: int
    """Until it ends, by Max-Age or else Expires; 0 when it ends with the browser; -1 when it is deleted."""
    kind: str
    """Form of the value: empty, number, hex, uuid, jwt, json, opaque, word."""
    bits: int
    """The most chance that the value can hold, by its length and alphabet."""
    telling: str
    """Names of readable fields in the value that speak of rights or people: `role, email`; empty for none."""


def cookies_of(found: Exchange, now_s: int) -> list[Cookie]:
    """The cookies of an answer in order; of one name all, since a browser keeps the last."""
    made = []
    for text in found.reply.all("set-cookie")[:MOST]:
        cookie = parse_set_cookie(text)
        if cookie is not None:
            made.append(_read(cookie, now_s))
    return made


def jwts_in(text: str) -> list[str]:
    """JSON Web Tokens that stand in a text; at most 20."""
    found: list[str] = []
    for match in _JWT.finditer(text):
        if len(found) < 20 and match.group() not in found:
            found.append(match.group())
    return found


def claims_of(token: str, part: int) -> dict[str, object]:
    """Header (0) or payload (1) of a JSON Web Token; empty when it is none."""
    try:
        piece = token.split(".")[part]
        loaded = json.loads(base64.urlsafe_b64decode(piece + "=" * (-len(piece) % 4)))
    except (ValueError, IndexError, RecursionError):
        return {}
    return loaded if isinstance(loaded, dict) else {}


def _read(cookie: SetCookie, now_s: int) -> Cookie:
    value = unquote(cookie.value[:4096].strip('"'))
    kind, fields = _shape(value)
    telling = [name for name in fields if _TELLING.search(name)]
    if _EMAIL.search(value) or any(_EMAIL.search(text) for text in fields.values()):
        telling.append("an e-mail address")
    if _TELLING.search(cookie.name[:100]) and kind == "word" and "sess" not in cookie.name.lower() and value:
        telling.append("the cookie's own name")
    return Cookie(
        cookie.name[:100], cookie.value, cookie.attributes, _purpose(cookie.name), _lifetime(cookie.attributes, now_s),
        kind, _bits(value, kind), ", ".join(dict.fromkeys(name[:40] for name in telling))[:200],
    )  # fmt: skip


def _purpose(name: str) -> str:
    return next((purpose for purpose, pattern in _PURPOSES if pattern.search(name[:100])), "other")


def _lifetime(attributes: dict[str, str], now_s: int) -> int:
    """RFC 6265 section 5.3: Max-Age wins over Expires."""
    age = attributes.get("max-age", "")
    if re.match(r"-?\d{1,15}\Z", age, re.ASCII):
        return int(age) if int(age) > 0 else -1
    when = parsedate_tz(attributes.get("expires", "").replace("-", " ")[:80])
    if when is None:
        return 0
    try:
        left = int(mktime_tz(when)) - now_s
    except (ValueError, OverflowError):
        return 0
    return left if left > 0 else -1


def _shape(value: str) -> tuple[str, dict[str, str]]:
    """The form of a value, and readable fields in it by name."""
    if not value:
        return "empty", {}
    if jwts_in(value):
        claims = claims_of(value[value.find("ey") :], 1)
        return "jwt", {str(name)[:60]: _text(part) for name, part in claims.items()}
    for text in (value, *_decoded(value)):
        fields = _fields(text)
        if fields:
            return "json", fields
    if value.isdigit():
        return "number", {}
    plain = value.replace("-", "")
    if re.match(r"[0-9a-fA-F]{32}\Z", plain) and value.count("-") == 4:
        return "uuid", {}
    if re.match(r"[0-9a-fA-F]{8,}\Z", plain):
        return "hex", {}
    if re.match(r"[A-Za-z]{1,20}\Z", value):
        return "word", {}
    return "opaque", {}


def _decoded(value: str) -> list[str]:
    """The value, or its part before the first signature, out of base64."""
    piece = re.split(r"[.:|]|--", value.removeprefix("s:"))[0]
    if len(piece) < 8:
        return []
    try:
        raw = base64.b64decode(piece.replace("-", "+").replace("_", "/") + "=" * (-len(piece) % 4), validate=True)
        return [raw.decode("utf-8")]
    except ValueError:
        return []


def _fields(text: str) -> dict[str, str]:
    if text[:1] == "{":
        try:
            loaded = json.loads(text)
        except (ValueError, RecursionError):
            return {}
        return {str(name)[:60]: _text(part) for name, part in loaded.items()} if isinstance(loaded, dict) else {}
    if re.match(r"a:\d+:\{s:", text):  # serialized by PHP
        return dict.fromkeys(re.findall(r's:\d+:"([\w-]{1,40})";', text[:4000]), "")
    pairs = [part.partition("=") for part in text.split("&")]
    if all(equals and re.match(r"[A-Za-z_][\w.-]{0,40}\Z", name) for name, equals, _ in pairs) and len(pairs) > 1:
        return {name: part[:200] for name, _, part in pairs}
    return {}


def _text(value: object) -> str:
    return value[:200] if isinstance(value, str) else ""


def _bits(value: str, kind: str) -> int:
    if kind in ("empty", "word"):
        return 0
    plain = re.sub(r"[^0-9A-Za-z]", "", value.removeprefix("s:")) if kind in ("uuid",) else value.removeprefix("s:")
    for pattern, bits in _ALPHABETS:
        if pattern.match(plain):
            return int(len(plain) * bits)
    return int(len(plain) * 6)
