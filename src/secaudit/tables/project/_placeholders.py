"""Tell a real secret from what only stands for one: an example, a reference, a name, a label, a call of a function."""

from __future__ import annotations

import math
import re
from typing import NamedTuple

from secaudit.tables.project._hit import HIGH, LOW, MEDIUM

MAX_VALUE = 400
"""Bytes. What is longer is data, and private keys are looked for by themselves."""

_REFERENCE = re.compile(
    r"\A[\"'(\s]{0,3}(?:\$|<|%[({A-Za-z]|\{\{|\{[A-Za-z_]|#\{|\[[A-Za-z]|`|@|&|\\\$|env[:.(]|file:|op://|vault:|ref\+|secret://"
    r"|secretref:|ssm:|arn:|keyring:|keychain:|ENC[\[(]|!vault|!secret|!ref|!sub|AgA[A-Za-z0-9+/]{100}|ansible_|lookup\()",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    r"\$\{|\$\(|\{\{|#\{|<%|%\(|\{[A-Za-z_][\w.\[\]]{0,40}\}|\{\d?\}|%[sd](?:\b|$)|<[A-Za-z_][\w -]{0,40}>"
)
_PATH = re.compile(
    r"\A(?:[a-z][a-z0-9+.-]{1,20}://|\.{0,2}/|~/|[A-Za-z]:\\|\\\\)|\.(?:pem|key|crt|cer|json|ya?ml|txt|xml|php|py|js|ts|html?|conf|properties|env|jks|p12|pfx)\Z",
    re.IGNORECASE,
)
_RESOURCE = re.compile(
    r"\A(?:[a-z][a-z_=-]{1,40}|\d{1,20}|[A-Z_]{2,40})(?:/(?:[a-z][a-z._-]{1,40}|\d{1,20}|[A-Z_]{2,40})){2,12}\Z"
)
"""`projects/my-project/secrets/db`: where a secret is kept, not the secret."""

_CODE = re.compile(
    r"[()\[\]{};]|->|::|=>|\A(?:self|this|os|process|config|settings|env|request|req|res|data|params|args|kwargs|options|props|ctx"
    r"|session|user|app|model|form|str|string|new|await|async|function|lambda|null|nil|none|true|false|undefined)\b",
    re.IGNORECASE,
)
_DOTTED = re.compile(r"\A[A-Za-z_]\w{0,40}(?:\.[A-Za-z_]\w{0,40}){1,8}\Z")
_WORD = re.compile(r"[A-Za-z][a-z]+|[A-Z]+(?![a-z])|[a-z]+")
_HASHED = re.compile(
    r"\A(?:\$(?:1|2[abxy]?|5|6|7|y|gy|apr1|argon2\w{0,2}|scrypt)\$|pbkdf2_|argon2|bcrypt\$|scrypt:|\{(?:S?SHA|MD5|CRYPT)\w{0,6}\}|SCRAM-SHA-\d{1,3}\$|sha(?:1|256|512)[$:]|md5\$)"
)
_VERSION = re.compile(r"\A[~^>=<v\s]{0,3}\d{1,5}(?:\.\d{1,6}){1,4}(?:[-.+][\w.]{0,20})?\Z")
_PART = re.compile(r"(?:[A-Za-z]{2,}|[A-Za-z]{2,}\d{1,2}|v\d{1,2}|sha\d{1,3}|md5|s3|ec2|id)\Z")
_ALGORITHM = re.compile(
    r"\A(?:PBE\w{0,3}|SCRAM|AES|ARIA|CAMELLIA|X?CHACHA20|X?SALSA20|SM[234]|RSA|DES|3DES|DESEDE|BLOWFISH|RC[245]|HMAC|SHA\d?|MD5|ECDSA|EDDSA|ED25519"
    r"|TWOFISH|SERPENT|AESWrap)(?:[-_/+]|\d{3}|with|wrap)[\w/+.-]{0,60}\Z|\AU2FsdGVkX1",
    re.IGNORECASE,
)
"""Names of ciphers and hashes, and what OpenSSL encrypted with a passphrase."""

_OPTION = re.compile(r"\A(?:--|-[a-z][a-z_-]{2,30}\Z)")
"""A word of a command line: `-passwdfile`."""

_UUID = re.compile(r"\A[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z", re.IGNORECASE)

_NOTHING_WORDS = frozenset(
    "null none nil true false undefined empty unset default void string str text int integer number bool"
    " boolean object array required optional yes no on off any auto enabled disabled function return value"
    " values".split()
)
STAND_INS = frozenset(
    "example examples sample changeme change changed me changethis placeholder redacted your yours dummy insert"
    " here todo fixme fake foo bar baz foobar mock stub masked hidden removed replace replaceme enter put goes"
    " some lorem ipsum xxx xxxx xxxxx xxxxxx xxxxxxxx abc abcd abcdef none null undefined censored confidential"
    " unknown invalid wrong bad blah demo notreal not real my the a an is this that to with for of in and or new"
    " old current super very user username name login admin root guest pass passwd password passwords passphrase"
    " pwd passcode pw secret secrets token tokens key keys api apikey auth credential credentials cred creds"
    " access private public client app application database db mysql postgres postgresql postgre redis test"
    " tests testing tester dev development prod production staging local localhost host server service email"
    " mail field input form label type id hash salt session csrf jwt bearer basic oauth oauth2 aws azure gcp"
    " google github gitlab docker string value".split()
)
"""Words that do not make a value a secret. A value is a stand-in when nothing but such words is left of it."""

_LABEL_WORDS = frozenset(
    "forgot reset confirm confirmation error errors invalid incorrect required missing must enter show hide"
    " strength match matches mismatch update create login signin signup register verify validation validate"
    " length minimum request response header expired refresh verification field fields input label placeholder"
    " title message description hint help page view component widget form modal button column grant type policy"
    " manager provider factory handler controller helper service config settings option".split()
)
_SERVER_LOGIN = re.compile(
    r"(?:db|database|sql|mysql|postgres\w{0,3}|mongo|redis|ldap|smtp|ftp|ssh|root|admin)_?(?:user_?)?pass(?:word|wd)?\Z",
    re.IGNORECASE,
)
"""Names of passwords of a server, rather than of a field in a form."""

_SEQUENCES = ("0123456789", "1234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "9876543210")


class Seen(NamedTuple):
    """What a name with a secret's word was given, and how."""

    value: str
    word: str
    """password, token, key or secret: what the name says."""
    quoted: bool
    name: str


def judge(seen: Seen) -> str:
    """How sure it is that the value is a secret; empty when it is none."""
    value = seen.value.strip()
    if not 4 <= len(value) <= MAX_VALUE or stands_for(value) or _PATH.search(value) or _RESOURCE.match(value):
        return ""
    if (
        not value.isprintable()
        or _is_prose(value)
        or _VERSION.match(value)
        or _ALGORITHM.match(value)
        or _OPTION.match(value)
    ):
        return ""
    if _HASHED.match(value):
        return LOW
    if _DOTTED.match(value) and sum(word.lower() in STAND_INS for word in _WORD.findall(value)) > 1:
        return ""
    if not seen.quoted and (_CODE.search(value) or _DOTTED.match(value)):
        return ""
    if _is_identifier(value, seen.name):
        return ""
    if seen.word != "password":
        return _judge_token(value, seen.word)
    sure = _judge_password(value)
    if sure == LOW and seen.quoted and value.isalpha() and len(value) >= 6 and _SERVER_LOGIN.search(seen.name):
        return MEDIUM  # DB_PASSWORD = "elephant": a weak password, but one that opens something
    return sure


def is_reference(value: str) -> bool:
    """Whether the value is kept elsewhere, is empty, or asks to be replaced. A weak password is none of these."""
    if _HASHED.match(value) or _is_noise(value):
        return False
    if _REFERENCE.match(value) or _INSIDE.search(value):
        return True
    low = value.lower()
    if low in _NOTHING_WORDS or len(set(low)) <= 1 or not low.strip("*x.-_0#?!"):
        return True
    return "xxxx" in low or "****" in low or "...." in low or low.startswith(_ASKING)


_ASKING = (
    "your",
    "<",
    "insert",
    "changeme",
    "change_me",
    "change-me",
    "changethis",
    "change-this",
    "replace",
    "todo",
    "placeholder",
    "redacted",
)


def stands_for(value: str) -> bool:
    """As `is_reference`, or made of nothing but words for secrets."""
    if is_reference(value):
        return True
    if _HASHED.match(value) or _is_noise(value):
        return False
    return "example" in value.lower() or len(set(value.lower())) <= 2 or len(_left_over(value)) < 3


def _is_noise(value: str) -> bool:
    """Many different signs, as generators of passwords give them; `${` in it is then chance."""
    return len(value) >= 20 and len({sign for sign in value if not sign.isalnum() and sign not in "_-./: "}) >= 6


def _left_over(value: str) -> str:
    """What stays when stand-in words and separators are taken away; nothing when only digits in order are left."""
    rest = value
    for word in _WORD.findall(value):
        if word.lower() in STAND_INS:
            rest = rest.replace(word, " ", 1)
    low = "".join(sign for sign in rest if sign.isalnum())
    if value.isdigit() and any(value in sequence for sequence in _SEQUENCES):
        return ""
    return low


def entropy(value: str) -> float:
    """Shannon's, in bits a sign."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in map(value.count, set(value)))


def _classes(value: str) -> int:
    kinds = (str.islower, str.isupper, str.isdigit)
    return sum(any(kind(sign) for sign in value) for kind in kinds) + any(not sign.isalnum() for sign in value)


def _is_prose(value: str) -> bool:
    """Words with spaces: a text for people. One space in a row of strange signs is a password."""
    if " " not in value and "\t" not in value:
        return False
    words = value.split()
    plain = sum(word.strip(".,:;!?'\"()").isalpha() for word in words)
    return len(words) > 3 or plain * 2 >= len(words)


def _is_identifier(value: str, name: str) -> bool:
    """A name of something in the program, a label or a translation key."""
    bare = value.strip("'\"")
    words = [word.lower() for word in _WORD.findall(bare)]
    parts = bare.replace("-", "_").replace(".", "_").split("_")
    if len(parts) > 2 and (bare.islower() or bare.isupper()) and all(_PART.match(part) for part in parts):
        return True
    if any(sign.isdigit() for sign in bare) or not words:
        return False
    if not bare.replace("_", "").replace("-", "").replace(".", "").replace(":", "").replace("/", "").isalpha():
        return False
    if bare.lower().replace("_", "").replace("-", "") == name.lower().replace("_", "").replace("-", ""):
        return True
    separated = any(sign in bare for sign in "_-.:/")
    if not separated and _classes(bare) > 1 and not bare.istitle() and not _is_camel(bare):
        return False  # capitals without words between them: chance made it
    has_word = any(word in STAND_INS or word in _LABEL_WORDS for word in words)
    return has_word or (separated and len(words) > 1 and all(len(word) > 2 for word in words))


def _judge_password(value: str) -> str:
    classes, bits = _classes(value), entropy(value)
    if value.isalpha():
        return MEDIUM if len(value) >= 6 and classes >= 2 and not value.istitle() and not _is_camel(value) else LOW
    if value.isdigit():
        return LOW if len(value) < 6 else MEDIUM
    if classes >= 3 and len(value) >= 8 and bits >= 2.7:
        return HIGH
    return MEDIUM if len(value) >= 5 else LOW


def _judge_token(value: str, word: str) -> str:
    """Tokens and keys come from a machine: long, with digits, without spaces."""
    bits, has_digit = entropy(value), any(sign.isdigit() for sign in value)
    has_letter = any(sign.isalpha() for sign in value)
    if " " in value or not has_letter or (word == "key" and len(value) < 12):
        return LOW if word == "secret" and len(value) >= 8 and value.isdigit() else ""
    if _UUID.match(value):
        return MEDIUM
    if not has_digit:
        if len(value) >= 20 and bits >= 3.8 and _classes(value) >= 2 and not _is_camel(value):
            return MEDIUM
        return LOW if len(value) >= 8 and not _is_camel(value) and word == "secret" else ""
    if len(value) >= 16 and bits >= 3.0:
        return HIGH if bits >= 3.3 and len(value) >= 20 else MEDIUM
    return MEDIUM if len(value) >= 8 and bits >= 2.5 and word != "key" else LOW


def _is_camel(value: str) -> bool:
    """`accessTokenProvider`: words put together, no random letters."""
    words = _WORD.findall(value)
    return value.isalpha() and len(words) * 3.2 <= len(value)
