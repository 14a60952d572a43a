"""Which names are given a secret: `db_password`, `API_TOKEN`, `clientSecret`; and which only speak about one."""

from __future__ import annotations

import re
from functools import lru_cache

GATE = (
    r"passw|passphrase|passcode|[^a-z]pass[\"'\]]?\s?[\"'=:,]|_pass|pass_|dbpass|userpass|pwd|[_.\-]pw[^a-z]|[^a-z]psw[^a-z]"
    r"|secret|token|creds|credential|authorization|mysql_pwd|identified by|\.log_?in\(|\.authenticate\(|basic_?auth\("
    r"|auth[\"'\]]?\s?[:=]|(?:api|access|auth|private|encrypt[a-z]{0,6}|sign[a-z]{0,3}|master|account|shared|app|service"
    r"|deploy|license|crypt|hmac|jwt|session|server).?key"
)
"""Looked for in the whole file, any case: each line that may hold an assignment has one of these."""

_SPLIT = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_PASSWORD = frozenset(
    "password passwd passwords passphrase passcode pass pwd pw psw pswd passwort motdepasse dbpass dbpassword"
    " userpass userpassword mypassword mypass".split()
)
_TOKEN = frozenset("token tokens authtoken accesstoken apitoken bearer refreshtoken authorization".split())
_SECRET = frozenset("secret secrets clientsecret appsecret secretkey apisecret".split())
_KEY = frozenset(
    "apikey accesskey authkey privatekey encryptionkey signingkey masterkey accountkey sharedkey appkey"
    " cryptkey".split()
)
_KEY_BEFORE = frozenset(
    "api access auth private encryption encrypt signing sign signature master account shared app secret service"
    " deploy crypt hmac jwt session server license client consumer subscription storage".split()
)
_ABOUT = frozenset(
    "file files filename path paths dir folder url uri urls endpoint host port id ids name names type types len"
    " length size min max minimum maximum field fields label labels hint hints placeholder regex regexp pattern"
    " patterns prefix suffix header headers error errors message messages msg title text class selector input"
    " param params parameter column policy policies expiry expires expire expiration ttl count algorithm alg"
    " algo algorithms format encoding encoder decoder hasher hashers validator validators validation rule rules"
    " strength reset forgot confirmation provider providers manager factory service store handler generator view"
    " page route form button icon link template prompt question description desc help info status state mode"
    " enabled disabled required attempts limit timeout days age history version scheme kind source usage scope"
    " scopes audience issuer location arn ref reference variable var env key_id index list dict map set ok"
    " visible show hide toggle changed change changes at on date time updated created verified verify check"
    " checks mismatch match matches component module package lib library test ui css html action event pos"
    " position start end line offset stream iter iterator kinds parser scanner lexer exception callback function"
    " method helper util utils plugin getter setter property attribute attr tag option options config"
    " configuration settings setting schema model table mask masked encryption decryption authentication"
    " authorization_url annotation hashing hash hashed digest salt fingerprint thumbprint alias aliases ring"
    " chain word words code codes sha md5 checksum".split()
)
_PUBLIC = frozenset(
    "public pub foreign primary unique sort partition cache hot index next page csrf xsrf continuation"
    " pagination sync cancellation site publishable".split()
)


@lru_cache(maxsize=20_000)
def word_of(name: str) -> str:
    """`password`, `token`, `secret` or `key` for a name that is given a secret; empty for any other."""
    words = [word.lower() for word in _SPLIT.findall(name)]
    if not words or len(words) > 12:
        return ""
    while words and words[-1].isdigit():
        words.pop()
    if not words or _PUBLIC.intersection(words):
        return ""
    last = words[-1]
    if (
        last
        in (
            "value",
            "default",
            "plain",
            "plaintext",
            "raw",
            "string",
            "str",
            "text",
            "prod",
            "production",
            "dev",
            "staging",
            "live",
            "test",
            "base",
            "b64",
            "encoded",
            "enc",
            "clear",
            "new",
            "old",
            "current",
            "admin",
            "root",
            "user",
            "main",
            "local",
        )
        and len(words) > 1
    ):
        words = words[:-1]
        last = words[-1]
    if last in _ABOUT:
        return ""
    if len(words) > 1 and last == "key" and (words[-2] in _KEY_BEFORE):
        return "secret" if words[-2] == "secret" else "key"
    if last == "base" and "secret" in words:
        return "secret"
    if last in _PASSWORD or (len(last) > 6 and last.endswith(("password", "passwd"))):
        return "password"
    if last in _SECRET:
        return "secret"
    if last in _TOKEN:
        return "token"
    if last in _KEY:
        return "key"
    if last == "auth" and len(words) > 1:
        return "key"
    if last in ("credential", "credentials", "creds"):
        return "secret"
    for word in reversed(words[:-1]):  # `password_for_backup`, `token_ci`
        if word in _PASSWORD:
            return "password"
        if word == "secret":
            return "secret"
    return ""
