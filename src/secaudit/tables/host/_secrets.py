"""Recognise passwords and keys in a line of text without ever giving them back.

Every pattern is linear: repeats are bounded or of one character class. What a finding shows is a fixed text such as
`AKIA****`, at most with the public part that tells the kind.
"""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple


class Finding(NamedTuple):
    """One secret found."""

    kind: str
    masked: str


_TOKENS = (
    # kind, pattern, what is shown. Sources: the makers' published token formats, GitHub secret scanning partners.
    ("aws_access_key", r"\bAKIA[0-9A-Z]{16}\b", "AKIA****"),
    ("github_token", r"\bgh[pousr]_[0-9A-Za-z]{36,255}\b", "gh*_****"),
    ("github_token", r"\bgithub_pat_[0-9A-Za-z_]{40,255}\b", "github_pat_****"),
    ("gitlab_token", r"\bgl(?:pat|ptt|dt|rt|cbt|ft|agent|soat)-[0-9A-Za-z_.-]{20,300}", "glpat-****"),
    ("npm_token", r"\bnpm_[0-9A-Za-z]{36}\b", "npm_****"),
    ("pypi_token", r"\bpypi-[0-9A-Za-z_-]{50,400}", "pypi-****"),
    ("slack_token", r"\bxox[abeoprs]-[0-9A-Za-z-]{10,250}", "xox*-****"),
    ("stripe_key", r"\b[rs]k_live_[0-9A-Za-z]{16,250}\b", "sk_live_****"),
    ("google_key", r"\bAIza[0-9A-Za-z_-]{35}(?![0-9A-Za-z_-])", "AIza****"),
    ("sendgrid_key", r"\bSG\.[0-9A-Za-z_-]{16,32}\.[0-9A-Za-z_-]{32,64}", "SG.****"),
    ("huggingface_token", r"\bhf_[0-9A-Za-z]{30,60}\b", "hf_****"),
    ("digitalocean_token", r"\bdo[opr]_v1_[0-9a-f]{64}\b", "dop_v1_****"),
    ("docker_token", r"\bdckr_pat_[0-9A-Za-z_-]{20,100}", "dckr_pat_****"),
    ("openai_key", r"\bsk-(?:proj-|svcacct-)?[0-9A-Za-z_-]{40,250}", "sk-****"),
    ("shopify_token", r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b", "shpat_****"),
    ("telegram_token", r"\bbot[0-9]{8,10}:AA[0-9A-Za-z_-]{33}", "bot****"),
    ("json_web_token", r"\beyJ[0-9A-Za-z_-]{10,2000}\.eyJ[0-9A-Za-z_-]{10,4000}\.[0-9A-Za-z_-]{10,2000}", "eyJ****"),
    ("private_key", r"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----"),
)
_TOKEN = [(kind, re.compile(pattern), masked) for kind, pattern, masked in _TOKENS]

_VALUE = r"(?P<value>\"[^\"]{1,500}\"|'[^']{1,500}'|[^\s\"'|;&<>()]{1,500})"
_PASSWORDS = (
    # What a person types as part of a command. `value` is looked at by is_placeholder.
    (
        "mysql_password",
        r"(?:^|[\s/;|&(])(?:mysql|mysqldump|mysqladmin|mysqlimport|mariadb|mariadb-dump|mariadb-admin)\s"
        r"[^|;&]{0,300}?(?<=\s)-p" + _VALUE,
        "mysql -p****",
    ),
    ("sshpass_password", r"\bsshpass\s{1,5}-p\s{0,5}" + _VALUE, "sshpass -p****"),
    (
        "http_password",
        r"\bcurl\s[^|;&]{0,500}?(?<=\s)(?:-u|--user)[\s=]{1,3}[\"']?[^\s:\"'$]{1,100}:"
        r"(?P<value>[^\s\"'|;&]{1,300})",
        "curl -u ****",
    ),
    (
        "http_header",
        r"(?i:\b(?:proxy-)?authorization\s{0,2}:\s{0,2}(?:bearer|basic|token)\s{1,3}|\bx-api-key\s{0,2}:\s{0,2}"
        r"|\bprivate-token\s{0,2}:\s{0,2})(?P<value>[^\s\"'|;&]{8,2000})",
        "Authorization: ****",
    ),
    ("url_password", r"\b[a-z][a-z0-9+.-]{1,30}://[^\s/:@\"']{0,100}:(?P<value>[^\s/@\"']{1,300})@", "://****:****@"),
    (
        "docker_password",
        r"\b(?:docker|podman|helm registry|skopeo)\s{1,5}login\s[^|;&]{0,300}?(?<=\s)-p[\s=]{0,3}" + _VALUE,
        "docker login -p ****",
    ),
    ("redis_password", r"\bredis-cli\s[^|;&]{0,200}?(?<=\s)-a\s{1,5}" + _VALUE, "redis-cli -a ****"),
    ("smb_password", r"\bsmbclient\s[^|;&]{0,300}?(?<=\s)-U\s{0,5}[^\s%]{1,100}%" + _VALUE, "smbclient -U ****"),
    (
        "sudo_password",
        r"\becho\s{1,5}(?:-n\s{1,5})?" + _VALUE + r"\s{0,5}\|\s{0,5}sudo\s[^|;&]{0,40}?-S\b",
        "echo **** | sudo -S",
    ),
    (
        "account_password",
        r"\becho\s{1,5}(?:-e\s{1,5}|-n\s{1,5})?[\"']?[a-z_][a-z0-9_-]{0,31}:(?P<value>[^\s\"'|]{1,200})[\"']?"
        r"\s{0,5}\|\s{0,5}(?:sudo\s{1,5})?chpasswd\b",
        "echo ****:**** | chpasswd",
    ),
    (
        "openssl_password",
        r"(?<=\s)(?:-passin|-passout|-pass)\s{1,5}[\"']?pass:(?P<value>[^\s\"']{1,200})",
        "-pass pass:****",
    ),
    (
        "sql_password",
        r"(?i:\bidentified\s{1,5}by\s{1,5}(?:password\s{1,5})?|\b(?:user|role)\s[^;]{0,200}?\bpassword\s{1,5}"
        r"|\bset\s{1,5}password\s[^;]{0,200}?=\s{0,5}(?:password\s{0,3}\()?\s{0,3})(?P<value>'[^']{1,300}'|\"[^\"]{1,300}\")",
        "PASSWORD '****'",
    ),
    (
        "option_password",
        r"(?<=\s)--(?P<name>(?:[a-z]{1,20}-){0,3}(?:password|passwd|passphrase|secret|token|api-?key|access-key|secret-key))"
        r"(?:=|\s{1,3})(?!-)" + _VALUE,
        "--{name} ****",
    ),
    (
        "variable_password",
        r"(?<![A-Za-z0-9_$])(?P<name>[A-Za-z][A-Za-z0-9_]{0,60}?(?i:password|passwd|passphrase|secret|token|api_?key"
        r"|access_?key|auth_?key|secret_?key)[A-Za-z0-9_]{0,20}|PGPASS|MYSQL_PWD|RESTIC_PASSWORD|BORG_PASSPHRASE)"
        r"\s{0,2}=\s{0,2}" + _VALUE,
        "{name}=****",
    ),
    (
        "variable_password",
        r"(?<![A-Za-z0-9_$.-])(?P<name>(?i:password|passwd|passphrase|api_?key|secret|auth_?token|access_?token))"
        r"\s{0,2}=\s{0,2}" + _VALUE,
        "{name}=****",
    ),
)
_PASSWORD = [(kind, re.compile(pattern), masked) for kind, pattern, masked in _PASSWORDS]

_GENERAL = ("option_password", "variable_password")
_NAME_OF_OTHER = re.compile(
    r"(?i)(?:_|^)(?:file|path|url|uri|id|name|type|length|len|min|max|days|expiry|ttl|arn|endpoint|field|regex|policy)$"
)
"""A variable that ends so tells something about a secret, for example where it is kept."""

_HINTS = re.compile(
    r"(?i)pass|sudo|secret|token|key|auth|login|://|identified|eyJ|-p|-u|-a\s|-U|sk[-_]|rk_|gh[pousr]_|gl[a-z]{2,5}-|npm_|xox"
    r"|AKIA|AIza|SG\.|hf_|do[opr]_v1|shp|bot[0-9]"
)


def is_placeholder(value: str) -> bool:
    """Whether the value stands for a secret that is kept elsewhere, or is an example: `$VAR`, `<token>`, `****`."""
    bare = value.strip().strip("\"'").strip()
    if not bare:
        return True
    if bare[0] in "$<%{[`" or bare.startswith(("\\$", "@", "env:", "file:", "op://", "vault:", "keyring:")):
        return True
    if "$(" in bare or "${" in bare or "{{" in bare:
        return True
    lower = bare.lower()
    if not lower.strip("*x.-_0"):
        return True
    return any(
        word in lower
        for word in (
            "example",
            "changeme",
            "change_me",
            "change-me",
            "placeholder",
            "redacted",
            "your_",
            "your-",
            "yourpassword",
            "yourtoken",
            "dummy",
            "insert_",
            "xxxx",
            "****",
            "...",
        )
    )


def is_example_token(value: str) -> bool:
    """As `is_placeholder`, for values a machine makes: words only, such as `my_secret_key`, cannot be real."""
    bare = value.strip().strip("\"'`").strip()
    return is_placeholder(bare) or (
        len(bare) < 40 and bare.replace("_", "").replace("-", "").isalpha() and ("_" in bare or "-" in bare)
    )


def find_secrets(line: str) -> Iterator[Finding]:
    """Give each kind of secret in the line once.

    A line of any length is fine. Values that are variables or examples are not given.
    """
    if _HINTS.search(line) is None:
        return
    seen: set[str] = set()
    for kind, pattern, masked in _TOKEN:
        for match in pattern.finditer(line):
            if kind not in seen and not is_placeholder(match.group()):
                seen.add(kind)
                yield Finding(kind, masked)
    if seen:  # `--token ghp_...` is one secret, not two
        return
    for kind, pattern, masked in _PASSWORD:
        for match in pattern.finditer(line):
            if kind in seen or is_placeholder(match.group("value")):
                continue
            if kind in _GENERAL and seen:  # `SET PASSWORD = ''` of SQL is one secret, not two
                continue
            name = match.groupdict().get("name") or ""
            if kind == "variable_password" and not _is_secret_assignment(match):
                continue
            if kind == "option_password" and match.group("value").startswith(("id=", "type=", "name=")):
                continue  # docker build --secret id=...
            seen.add(kind)
            yield Finding(kind, masked.replace("{name}", name))


def _is_secret_assignment(match: re.Match[str]) -> bool:
    """`TOKEN_FILE=/x`, `password=True` and `token = get_token()` are no secrets; `API_KEY=abc123` is one."""
    name, value = match.group("name"), match.group("value")
    bare = value.strip("\"'")
    if len(bare) < 4 or bare.endswith(",") or _NAME_OF_OTHER.search(name):
        return False
    if bare.lower() in ("true", "false", "none", "null"):
        return False
    if bare.startswith(("/", "~/", "./", "os.", "process.env", "request.", "self.")):
        return False
    if bare != value:
        return True
    # With spaces it is no shell assignment but a line of a programming language, where a bare word is a variable.
    return match.group()[len(name) : len(name) + 1] == "=" and not match.string[match.end() :].startswith("(")


_URL_USER = re.compile(r"(?P<scheme>[a-z][a-z0-9+.-]{1,30}://)(?P<user>[^\s/@\"']{1,600})@", re.IGNORECASE)
_LONG_TOKEN = re.compile(r"[0-9a-f]{32,128}|(?=[^0-9]{0,100}[0-9])[0-9A-Za-z_-]{36,400}")


def hide_in_url(text: str) -> str:
    """The text with the user and password part of each address replaced by ****; a user name alone stays."""
    return _URL_USER.sub(lambda match: f"{match['scheme']}{_hide_user(match['user'])}@", text)


def has_url_secret(text: str) -> bool:
    """Whether an address in the text carries a password or token, and not only a user name."""
    return any(_hide_user(match["user"]) == "****" for match in _URL_USER.finditer(text))


def _hide_user(user: str) -> str:
    name, colon, password = user.partition(":")
    if colon and password and not is_placeholder(password):
        return "****"
    if _LONG_TOKEN.fullmatch(name) or any(pattern.search(user) for _, pattern, _ in _TOKEN):
        return "****"  # https://TOKEN@github.com/...
    return user
