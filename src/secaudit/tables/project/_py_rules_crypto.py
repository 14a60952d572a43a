"""Hashes, ciphers, keys and random numbers."""

from __future__ import annotations

import ast
import re

from secaudit.tables.project._py_reader import Kind, Place, argument, keyword
from secaudit.tables.project._py_rules import HIGH, MEDIUM, Found, on_call, on_node
from secaudit.tables.project._py_values import last_name

PASSWORD_HASH = Kind("password-hash", 916, "high")
HASH = Kind("weak-hash", 328, "medium")
CIPHER = Kind("weak-cipher", 327, "high")
KEY = Kind("hardcoded-key", 321, "high")
RANDOM = Kind("weak-random", 338, "high")
COMPARE = Kind("timing-compare", 208, "low")

_PASSWORD = re.compile(
    r"(?:^|_)(?:password|passwd|passphrase|pwd|pw|pswd|passw|pin_?code|user_?pass)\d?$|^(?:raw|plain|new|old|user)_?password$",
    re.I,
)
_SECRET = re.compile(
    r"(?:^|_)(?:token|password|passwd|secret|otp|salt|nonce|session_?id|session_?key|api_?key|csrf|secret_key"
    r"|key_?gen|gen(?:erate)?_key|make_key|new_key|auth_?code|reset_?code|verification_?code|activation_?(?:code|key)|access_?code|pin|iv|private_key|encryption_key|invite_?code|captcha)(?:$|_)",
    re.I,
)
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
"""Where `resetToken` becomes two words."""

_FAST = frozenset("md5 sha1 sha224 sha256 sha384 sha512 sha3_256 sha3_512 blake2b blake2s md4 new".split())


@on_call(
    "md5",
    "sha1",
    "sha224",
    "sha256",
    "sha384",
    "sha512",
    "sha3_256",
    "sha3_512",
    "blake2b",
    "blake2s",
    "md4",
    "new",
    "MD5",
    "SHA1",
)
def hashes(place: Place, call: ast.Call) -> Found:
    """A fast hash of a password, or a broken hash."""
    full = place.dotted(call.func)
    if full.startswith(("Crypto.Hash.", "Cryptodome.Hash.")):
        name = full.split(".")[2].lower()
    elif full.startswith("hashlib.") or full in ("md5.new", "sha.new"):
        name = (
            full.partition(".")[2]
            if not full.endswith("new")
            else str(place.literal(argument(call, 0, "name")) or full.partition(".")[0])
        )
    elif full.startswith("cryptography.hazmat.primitives.hashes.") or full in ("hashes.MD5", "hashes.SHA1"):
        if "hmac" not in place.function_name.lower():
            yield "hash-broken", HASH, MEDIUM, "a broken hash function"
        return
    else:
        return
    name = name.lower().replace("-", "")
    data = [item for item in call.args if not isinstance(item, ast.Constant)]
    if any(_is_password(place, item) for item in data) and name in _FAST:
        yield (
            "hash-password",
            PASSWORD_HASH,
            HIGH,
            "a password goes through a fast hash, which can be tried billions of times a second",
        )
        return
    if name in ("md5", "sha1", "md4", "md2", "sha") and place.literal(keyword(call, "usedforsecurity")) is not False:
        names = " ".join([place.function_name, *place.given_to])
        if _SECRET.search(_HUMP.sub("_", names).replace(" ", "_")) and not re.search(
            "etag|cache|checksum|gravatar", names, re.I
        ):
            yield "hash-broken-secret", HASH, HIGH, "a broken hash function makes a value that must not be guessed"
        else:
            yield "hash-broken", HASH, MEDIUM, "a broken hash function"


def _is_password(place: Place, node: ast.AST) -> bool:
    """Whether the value is a password by its name; a hash of it is none."""
    for part in ast.walk(node):
        if isinstance(part, ast.Call) and last_name(part.func) in ("hexdigest", "digest", "hash"):
            return False
        name = part.id if isinstance(part, ast.Name) else part.attr if isinstance(part, ast.Attribute) else ""
        if isinstance(part, ast.Subscript) and isinstance(part.slice, ast.Constant):
            name = str(part.slice.value)
        if isinstance(part, ast.Call) and last_name(part.func) == "get" and part.args:
            name = str(place.literal(part.args[0]) or "")
        if name and _PASSWORD.search(name):
            return True
    return False


_BAD_CIPHERS = frozenset("DES DES3 ARC2 ARC4 Blowfish CAST XOR RC4 TripleDES IDEA SEED CAST5".split())


@on_call("new", "ECB", "ARC4", "TripleDES", "Blowfish", "IDEA", "SEED", "CAST5", "RC4", "Cipher")
def ciphers(place: Place, call: ast.Call) -> Found:
    """Broken ciphers, the mode ECB, and keys or start values that stand in the code."""
    full = place.dotted(call.func)
    parts = full.split(".")
    if full.startswith("cryptography.hazmat.") and (parts[-1] in _BAD_CIPHERS or parts[-1] == "ECB"):
        yield "cipher-broken", CIPHER, HIGH, "a broken cipher, or a mode that shows patterns of the text"
        return
    if parts[-1] != "new" or "Cipher" not in parts:
        return
    if parts[-2] in _BAD_CIPHERS:
        yield "cipher-broken", CIPHER, HIGH, "a broken cipher"
    mode = argument(call, 1, "mode")
    if mode is not None and last_name(mode) == "MODE_ECB":
        yield "cipher-ecb", CIPHER, HIGH, "the mode ECB shows patterns of the text"
    key = place.given(argument(call, 0, "key"))
    if isinstance(place.literal(_inner(key)), (str, bytes)):
        yield "key-in-code", KEY, HIGH, "the key stands in the code"
    vector = place.given(argument(call, 2, "iv", "IV", "nonce"))
    if isinstance(place.literal(_inner(vector)), (str, bytes)):
        yield "iv-fixed", CIPHER, HIGH, "the start value is always the same"


def _inner(node: ast.expr | None) -> ast.expr | None:
    """`b"..."` of `b"...".ljust(16)` and `"...".encode()`."""
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in ("encode", "ljust", "fromhex")
    ):
        return node.args[0] if node.func.attr == "fromhex" and node.args else node.func.value
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and isinstance(node.left, ast.Constant):
        return node.left
    return node


@on_call("Fernet", "AESGCM", "ChaCha20Poly1305", "AES", "PBKDF2HMAC", "pbkdf2_hmac")
def keys(place: Place, call: ast.Call) -> Found:
    """Keys that stand in the code, and too few rounds for a password."""
    full = place.dotted(call.func)
    name = last_name(call.func)
    if full.startswith("cryptography.") and name in ("Fernet", "AESGCM", "ChaCha20Poly1305", "AES"):
        value = place.literal(_inner(place.given(argument(call, 0, "key"))))
        if isinstance(value, (str, bytes)) and len(value) >= 8:
            yield "key-in-code", KEY, HIGH, "the key stands in the code"
    elif name in ("PBKDF2HMAC", "pbkdf2_hmac"):
        rounds = place.literal(argument(call, 3, "iterations"))
        if isinstance(rounds, int) and rounds < 100_000:
            yield "pbkdf2-rounds", PASSWORD_HASH, HIGH if rounds <= 10_000 else MEDIUM, "too few rounds for a password"


@on_call(
    "random", "randint", "randrange", "choice", "choices", "sample", "getrandbits", "uniform", "shuffle", "randbytes"
)
def random_numbers(place: Place, call: ast.Call) -> Found:
    """Random is made for games: who sees some numbers knows the next ones."""
    full = place.dotted(call.func)
    if not (full.startswith("random.") or full in ("numpy.random.randint", "numpy.random.choice")) or full.startswith(
        "random.SystemRandom"
    ):
        return
    names = [place.function_name, *place.given_to]
    if any(_SECRET.search(_HUMP.sub("_", name)) for name in names):
        yield "random-secret", RANDOM, HIGH, "a value that must not be guessed comes from random, which can be foretold"


@on_node(ast.Return)
def uuid1_token(place: Place, node: ast.AST) -> Found:
    """uuid1 is time and network card."""
    value = getattr(node, "value", None)
    for part in ast.walk(value) if value is not None else ():
        if (
            isinstance(part, ast.Call)
            and place.dotted(part.func) == "uuid.uuid1"
            and _SECRET.search(place.function_name)
        ):
            yield "uuid1-secret", RANDOM, MEDIUM, "uuid1 is made of the time and the network card"


_COMPARED = re.compile(
    r"(?:^|_)(?:token|signature|sig|hmac|mac|digest|api_?key|secret|hexdigest|otp|password_hash)$", re.I
)


@on_node(ast.Compare)
def compare(place: Place, node: ast.AST) -> Found:
    """Secrets compared sign by sign: the time tells how many are right."""
    if not isinstance(node, ast.Compare) or len(node.ops) != 1 or not isinstance(node.ops[0], (ast.Eq, ast.NotEq)):
        return
    left, right = node.left, node.comparators[0]
    if isinstance(left, ast.Constant) or isinstance(right, ast.Constant):
        return
    for one in (left, right):
        if isinstance(one, ast.Call) and last_name(one.func) in ("hexdigest", "digest") and "hmac" in ast.dump(one):
            yield (
                "compare-hmac",
                COMPARE,
                HIGH,
                "a signature is compared with ==, so the time tells how much of it is right",
            )
            return
    if all(_COMPARED.search(_compared_name(one)) for one in (left, right)):
        yield "compare-secret", COMPARE, MEDIUM, "a secret is compared with =="


def _compared_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call) and last_name(node.func) == "get" and node.args:
        first = node.args[0]
        return str(first.value).replace("-", "_") if isinstance(first, ast.Constant) else ""
    if isinstance(node, ast.Call):
        return _compared_name(node.func) if last_name(node.func) in ("hexdigest", "digest") else ""
    if isinstance(node, ast.Subscript):
        return str(node.slice.value) if isinstance(node.slice, ast.Constant) else _compared_name(node.value)
    return last_name(node)


# ------------------------------------------------------------ tokens

JWT = Kind("jwt-unsafe", 347, "high")


@on_call("decode", "encode", "get_unverified_claims", "get_unverified_header", "decode_complete")
def jwt(place: Place, call: ast.Call) -> Found:
    """Tokens that are read without looking at the signature, or signed with a key in the code."""
    full = place.dotted(call.func)
    if full.removeprefix("jose.").partition(".")[0] != "jwt" or full.count(".") > 2:
        return
    name = last_name(call.func)
    if name == "get_unverified_claims":
        yield "jwt-unverified", JWT, MEDIUM, "a token is read without looking at its signature"
        return
    algorithms = argument(call, 2, "algorithms", "algorithm")
    given = place.given(algorithms)
    words = (
        [place.literal(item) for item in given.elts]
        if isinstance(given, (ast.List, ast.Tuple, ast.Set))
        else [place.literal(given)]
    )
    if any(isinstance(word, str) and word.lower() == "none" for word in words):
        yield "jwt-none", JWT, HIGH, "the algorithm none is allowed: anyone can make such a token"
    if name == "encode" and isinstance(given, ast.Constant) and given.value is None:
        yield "jwt-none", JWT, HIGH, "the token is not signed"
    if name.startswith("decode"):
        options = place.given(keyword(call, "options"))
        off = place.literal(keyword(call, "verify")) is False
        if isinstance(options, ast.Dict):
            for option, value in zip(options.keys, options.values):  # noqa: B905  Python 3.9
                if option is not None and place.literal(option) == "verify_signature" and place.literal(value) is False:
                    off = True
                elif option is not None and place.literal(option) == "verify_exp" and place.literal(value) is False:
                    yield "jwt-expired", JWT, MEDIUM, "tokens are taken after their time"
        if isinstance(options, ast.Call) and place.literal(keyword(options, "verify_signature")) is False:
            off = True
        if off:
            yield "jwt-unverified", JWT, HIGH, "a token is taken without looking at its signature"
        elif algorithms is None and full == "jwt.decode" and len(call.args) >= 2:
            yield (
                "jwt-algorithms",
                JWT,
                MEDIUM,
                "the token itself says how it is checked: no list of algorithms is given",
            )
    key_node = argument(call, 1, "key")
    key: object = place.literal(_inner(place.given(key_node)))
    if isinstance(key, (str, bytes)) and len(key) > 2 and not (isinstance(key, str) and "BEGIN PUBLIC" in key):
        yield "jwt-key-in-code", KEY, HIGH, "the key for tokens stands in the code"
