"""Made-up secrets for the tests. They are put together at run time, so that this file itself holds none."""

from __future__ import annotations

import base64
import hashlib
import string


def noise(seed: str, length: int, alphabet: str = string.ascii_letters + string.digits) -> str:
    """Signs that look random and are the same in each run."""
    found = ""
    count = 0
    while len(found) < length:
        digest = hashlib.sha256(f"{seed}{count}".encode()).digest()
        found += "".join(alphabet[byte % len(alphabet)] for byte in digest)
        count += 1
    return found[:length]


HEX = "0123456789abcdef"
UPPER = string.ascii_uppercase + string.digits


def pem(kind: str = "RSA ", seed: str = "pem", head: str = "") -> str:
    """A block that looks like a private key."""
    body = base64.b64encode(hashlib.sha512(seed.encode()).digest() * 6).decode()
    lines = "\n".join(body[at : at + 64] for at in range(0, len(body), 64))
    return f"-----BEGIN {kind}PRIVATE KEY-----\n{head}{lines}\n-----END {kind}PRIVATE KEY-----\n"


def openssh(cipher: bytes) -> str:
    """A key as ssh-keygen writes it, with the cipher's name in the clear."""
    plain = b"openssh-key-v1\0" + len(cipher).to_bytes(4, "big") + cipher + hashlib.sha512(b"x").digest() * 4
    body = base64.b64encode(plain).decode()
    lines = "\n".join(body[at : at + 70] for at in range(0, len(body), 70))
    return f"-----BEGIN OPENSSH PRIVATE KEY-----\n{lines}\n-----END OPENSSH PRIVATE KEY-----\n"


TOKENS = {
    "aws-access-key-id": "AKIA" + noise("aws", 16, UPPER),
    "github-token": "ghp_" + noise("gh", 36),
    "github-fine-grained-token": "github_pat_" + noise("ghf", 82),
    "gitlab-token": "glpat-" + noise("gl", 20),
    "npm-token": "npm_" + noise("npm", 36),
    "pypi-token": "pypi-AgE" + noise("pypi", 80),
    "slack-token": "xoxb-" + noise("sl", 12, string.digits) + "-" + noise("sl2", 24),
    "slack-webhook": "hooks.slack.com/services/T" + noise("t", 8, UPPER) + "/B" + noise("b", 8, UPPER) + "/" + noise("w", 24),
    "stripe-key": "sk_live_" + noise("st", 24),
    "google-api-key": "AIza" + noise("go", 35),
    "sendgrid-key": "SG." + noise("sg", 22) + "." + noise("sg2", 43),
    "twilio-key": "SK" + noise("tw", 32, HEX),
    "mailchimp-key": noise("mc", 32, HEX) + "-us11",
    "openai-key": "sk-proj-" + noise("oa", 40) + "T3BlbkFJ" + noise("oa2", 40),
    "anthropic-key": "sk-ant-api03-" + noise("an", 93),
    "digitalocean-token": "dop_v1_" + noise("do", 64, HEX),
    "shopify-token": "shpat_" + noise("sh", 32, HEX),
    "telegram-token": noise("tg", 9, "123456789") + ":AA" + noise("tg2", 33),
    "azure-storage-key": noise("az", 86) + "==",
    "vault-token": "hvs." + noise("va", 24),
    "json-web-token": "eyJ" + noise("jw", 20) + ".eyJ" + noise("jw2", 40) + "." + noise("jw3", 43),
}  # fmt: skip
"""One for each of the formats that are most used, by rule."""

PASSWORD = "Kx" + noise("pw", 10) + "7!q"
TOKEN = noise("tok", 40, HEX)
