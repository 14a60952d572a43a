"""What kind of secret a credential file of a developer tool holds. The secret itself is never given back.

One function a file format. Each takes the file's text and gives a `Found`; `KINDS` says which file is read by which.
Sources: the documentation of each tool, as named beside its entry.
"""

from __future__ import annotations

import re
from typing import Callable, NamedTuple

from secaudit.tables.host._secrets import has_url_secret, is_example_token, is_placeholder


class Found(NamedTuple):
    """What is in a credential file."""

    secret_kind: str
    """'' when no secret lies in it; otherwise access_key, password, token, refresh_token, private_key,
    service_account_key, or obfuscated (hidden by a method or key that everybody has)."""
    detail: str
    """For a person; holds no secret."""
    line: int | None
    """Where the first one is; NULL for formats without lines."""


NOTHING = Found("", "", None)


class Kind(NamedTuple):
    """Where a tool keeps credentials."""

    kind: str
    path: str
    """Below the home folder, or absolute. `*` stands for one name."""
    read: Callable[[str], Found]


def _keys(secret_kind: str, *names: str, separators: str = "=:", machine: bool = True) -> Callable[[str], Found]:
    """A reader for `name = value` lines (INI, TOML, YAML, JSON, .npmrc). Names are regular expressions.

    Args:
        secret_kind: what a value is.
        names: the keys, matched as a whole, in any case.
        separators: signs between key and value.
        machine: a program makes the value, so that words only are an example.
    """
    pattern = (  # compiled when there is such a file: the twenty of them took 10 ms of each start
        rf"(?:^[ \t\-]{{0,80}}|[{{,]\s{{0,80}})[\"']?"
        rf"(?P<name>{'|'.join(names)})[\"']?[ \t]{{0,40}}[{separators}][ \t]{{0,40}}"
        r"(?P<value>\"[^\"]{0,20000}\"|'[^']{0,20000}'|[^\s,#}]{1,20000})"
    )
    stands_for = is_example_token if machine else is_placeholder

    def read(text: str) -> Found:
        names_found: dict[str, None] = {}
        first: int | None = None
        for match in re.finditer(pattern, text, re.IGNORECASE | re.MULTILINE):
            value = match.group("value").strip("\"'")
            before = text[max(0, match.start("name") - 300) : match.start("name")].rpartition("\n")[2].lstrip()
            if before.startswith(("#", ";")):
                continue
            if stands_for(value) or value.lower() in ("null", "true", "false", "none") or value in ("|", ">", "{", "["):
                continue
            names_found[_last_word(match.group("name"))] = None
            if first is None:
                first = text.count("\n", 0, match.start("name")) + 1
        return Found(secret_kind, ", ".join(names_found), first) if names_found else NOTHING

    return read


def _last_word(name: str) -> str:
    """The key without a registry's address, for `//HOST/:_authToken`."""
    return name.rsplit(":", 1)[-1].strip("\"'")[:60]


def _whole(secret_kind: str) -> Callable[[str], Found]:
    """A file that holds one token and nothing else."""

    def read(text: str) -> Found:
        bare = text.strip()
        return Found(secret_kind, "the whole file", 1) if len(bare) >= 8 and not is_example_token(bare) else NOTHING

    return read


def _aws(text: str) -> Found:
    """Profiles with a secret key; one with a session token as well is temporary and no long-lived secret."""
    profiles: list[str] = []
    temporary: list[str] = []
    first: int | None = None
    name, secret_line, session = "", 0, False

    def close() -> None:
        nonlocal first
        if secret_line and session:
            temporary.append(name)
        elif secret_line:
            profiles.append(name)
            first = first or secret_line

    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("["):
            close()
            name, secret_line, session = stripped.strip("[] ")[:60], 0, False
        key, equals, value = stripped.partition("=")
        key, value = key.strip().lower(), value.strip()
        if not equals or is_example_token(value):
            continue
        if key == "aws_secret_access_key":
            secret_line = number
        elif key in ("aws_session_token", "aws_security_token") or (key == "aws_access_key_id" and value[:4] == "ASIA"):
            session = True
    close()
    if profiles:
        return Found("access_key", "long-lived key in profile " + ", ".join(profiles[:5]), first)
    return Found("", "only temporary keys" if temporary else "", None)


def _gcp(text: str) -> Found:
    kind = re.search(r'"type"\s{0,9}:\s{0,9}"([a-z_]{1,40})"', text)
    name = kind.group(1) if kind else ""
    if name == "service_account" and "PRIVATE KEY-----" in text:
        return Found("service_account_key", "key of a service account", None)
    if re.search(r'"refresh_token"\s{0,9}:\s{0,9}"[^"]{8}', text):
        return Found("refresh_token", "login of a person", None)
    return Found("", name, None)


def _azure_tokens(text: str) -> Found:
    if re.search(r'"(?:RefreshToken|refreshToken|refresh_token)"\s{0,9}:\s{0,9}[{"]\s{0,40}"?[^\s"}]', text):
        return Found("refresh_token", "login of a person", None)
    return NOTHING


def _docker(text: str) -> Found:
    import json

    document = json.loads(text)
    auths = document.get("auths") if isinstance(document, dict) else None
    plain = [
        str(registry)
        for registry, entry in (auths.items() if isinstance(auths, dict) else ())
        if isinstance(entry, dict)
        and any(isinstance(entry.get(key), str) and not is_placeholder(entry[key]) for key in _DOCKER_KEYS)
    ]
    if plain:
        return Found("password", "login of " + ", ".join(_host(name) for name in plain[:5]), None)
    helper = isinstance(document, dict) and (document.get("credsStore") or document.get("credHelpers"))
    return Found("", "a credential helper keeps the logins" if helper else "", None)


_DOCKER_KEYS = ("auth", "identitytoken", "registrytoken", "password")


def _host(address: str) -> str:
    """The host of a registry's address, which may hold anything."""
    return address.split("://", 1)[-1].rsplit("@", 1)[-1].split("/", 1)[0][:80]


def _netrc(text: str) -> Found:
    """`machine NAME login NAME password WORD`, over any number of lines, netrc(5)."""
    hosts: list[str] = []
    first: int | None = None
    host, in_macro = "", False
    for number, line in enumerate(text.splitlines(), 1):
        if in_macro:  # a macro ends at an empty line
            in_macro = bool(line.strip())
            continue
        words = line.split()
        position = 0
        while position < len(words):
            word = words[position]
            if word.startswith("#"):
                break
            if word == "macdef":
                in_macro = True
                break
            if word == "default":
                host = "default"
            following = words[position + 1] if position + 1 < len(words) else ""
            if word == "machine":
                host = following
            elif word == "password" and not is_placeholder(following):
                hosts.append(host)
                first = first or number
            position += 2 if word in ("machine", "login", "password", "account") else 1
    return Found("password", "for " + ", ".join(_host(name) for name in hosts[:5]), first) if hosts else NOTHING


def _lines_with_url(text: str) -> Found:
    hosts: list[str] = []
    first: int | None = None
    for number, line in enumerate(text.splitlines(), 1):
        if has_url_secret(line):
            hosts.append(_host(line.strip()))
            first = first or number
    return Found("password", "for " + ", ".join(hosts[:5]), first) if hosts else NOTHING


def _pip(text: str) -> Found:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith(("#", ";")) and has_url_secret(line):
            return Found("password", "in the address of a package index", number)
    return NOTHING


_KUBE_SECRET = _keys("token", "token", "password", "client-key-data", separators=":")


def _kubeconfig(text: str) -> Found:
    """Tokens, passwords and client keys of users; a plug-in (`exec`) keeps its secrets elsewhere."""
    found = _KUBE_SECRET(text)
    if not found.secret_kind:
        return Found("", "a plug-in gives the login" if re.search(r"^\s{0,40}exec:", text, re.MULTILINE) else "", None)
    return Found("private_key", found.detail, found.line) if "client-key-data" in found.detail.lower() else found


def _pgpass(text: str) -> Found:
    """`host:port:database:user:password`, where backslash escapes a colon."""
    count, first = 0, None
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#"):
            continue
        fields = re.split(r"(?<!\\):", line, maxsplit=4)
        if len(fields) == 5 and not is_placeholder(fields[4]):
            count += 1
            first = first or number
    return Found("password", f"{count} passwords", first) if count else NOTHING


_RCLONE_SECRET = _keys(
    "token", "token", "pass", "password", "password2", "secret_access_key", "client_secret", "key", "bearer_token",
    "service_account_credentials", "access_token", "refresh_token", separators="=", machine=False,
)  # fmt: skip


def _rclone(text: str) -> Found:
    """Passwords in it are only obscured (`rclone obscure`), unless the whole file is encrypted."""
    if "RCLONE_ENCRYPT_V" in text[:2000]:
        return Found("", "the file is encrypted", None)
    return _RCLONE_SECRET(text)


def _xml_password(text: str) -> Found:
    """Maven, NuGet and FileZilla. `{...}` is Maven's encrypted form, encoding="crypt" FileZilla's."""
    count, first = 0, None
    for match in _XML_PASSWORD.finditer(text):
        if "crypt" in match.group("attributes") or is_placeholder(match.group("value")):
            continue
        count += 1
        first = first or text.count("\n", 0, match.start()) + 1
    return Found("password", f"{count} passwords", first) if count else NOTHING


_XML_PASSWORD = re.compile(
    r"<(?:password|passphrase|pass)(?P<attributes>(?:\s[^<>]{1,200})?)>(?P<value>[^<]{1,2000})</", re.IGNORECASE
)
_NUGET = re.compile(r'key="(?:ClearTextPassword|ApiKey)"\s{1,9}value="(?P<value>[^"]{1,2000})"', re.IGNORECASE)


def _nuget(text: str) -> Found:
    for match in _NUGET.finditer(text):
        if not is_placeholder(match.group("value")):
            return Found("password", "ClearTextPassword", text.count("\n", 0, match.start()) + 1)
    return NOTHING


def _obfuscated(text: str) -> Found:
    return Found("obfuscated", "hidden with a key that everybody has", None) if len(text) > 30 else NOTHING


def _refresh_in_database(text: str) -> Found:
    """Gcloud's credentials.db is an SQLite file; its pages hold the JSON as text."""
    return Found("refresh_token", "login of a person", None) if "refresh_token" in text else NOTHING


_NPM = _keys("token", r"(?://[^\s=]{1,200}:)?_auth(?:Token)?", r"(?://[^\s=]{1,200}:)?_password", separators="=")
_PASSWORD = _keys("password", "password", "passwd", "pass", machine=False)
_TOML_TOKEN = _keys(
    "token", "token", "secret", "access_?token", "api[_-]?token", "oauth_?token", "refresh_?token", "auth_?token"
)

KINDS: tuple[Kind, ...] = (
    Kind("aws", ".aws/credentials", _aws),
    Kind("aws", ".aws/config", _aws),
    Kind("gcp", ".config/gcloud/application_default_credentials.json", _gcp),
    Kind("gcp", ".config/gcloud/legacy_credentials/*/adc.json", _gcp),
    Kind("gcp", ".config/gcloud/credentials.db", _refresh_in_database),
    Kind("azure", ".azure/msal_token_cache.json", _azure_tokens),
    Kind("azure", ".azure/accessTokens.json", _azure_tokens),
    Kind("azure", ".azure/service_principal_entries.json", _keys("token", "client_?secret", "access_?token", "secret")),
    Kind("digitalocean", ".config/doctl/config.yaml", _keys("token", "access-token")),
    Kind("hetzner", ".config/hcloud/cli.toml", _TOML_TOKEN),
    Kind("heroku", ".local/share/heroku/auth.json", _TOML_TOKEN),
    Kind("fly", ".fly/config.yml", _TOML_TOKEN),
    Kind("vercel", ".local/share/com.vercel.cli/auth.json", _TOML_TOKEN),
    Kind("netlify", ".config/netlify/config.json", _TOML_TOKEN),
    Kind("cloudflare", ".config/.wrangler/config/default.toml", _TOML_TOKEN),
    Kind("cloudflare", ".wrangler/config/default.toml", _TOML_TOKEN),
    Kind("supabase", ".supabase/access-token", _whole("token")),
    Kind("firebase", ".config/configstore/firebase-tools.json", _TOML_TOKEN),
    Kind("stripe", ".config/stripe/config.toml", _keys("token", "live_mode_api_key")),
    Kind("huggingface", ".cache/huggingface/token", _whole("token")),
    Kind("vault", ".vault-token", _whole("token")),
    Kind("npm", ".npmrc", _NPM),
    Kind("npm", ".config/pnpm/rc", _NPM),
    Kind("npm", ".config/pnpm/auth.ini", _NPM),
    Kind("yarn", ".yarnrc.yml", _keys("token", "npmAuthToken", "npmAuthIdent")),
    Kind("pypi", ".pypirc", _keys("token", "password", machine=False)),
    Kind(
        "pypi",
        ".config/pypoetry/auth.toml",
        _keys("token", "password", "pypi-token", "[a-z0-9_-]{1,60}", separators="="),
    ),
    Kind("pypi", ".local/share/uv/credentials/credentials.toml", _keys("token", "password", "token")),
    Kind("pip", ".config/pip/pip.conf", _pip),
    Kind("pip", ".pip/pip.conf", _pip),
    Kind("cargo", ".cargo/credentials.toml", _TOML_TOKEN),
    Kind("cargo", ".cargo/credentials", _TOML_TOKEN),
    Kind("gem", ".gem/credentials", _keys("token", ":?[a-z0-9_]{1,40}api_key", separators=":")),
    Kind("gem", ".local/share/gem/credentials", _keys("token", ":?[a-z0-9_]{1,40}api_key", separators=":")),
    Kind(
        "composer",
        ".config/composer/auth.json",
        _keys("token", "password", "token", "[a-z0-9_-]{1,40}\\.(?:com|org|net|io)"),
    ),
    Kind(
        "composer", ".composer/auth.json", _keys("token", "password", "token", "[a-z0-9_-]{1,40}\\.(?:com|org|net|io)")
    ),
    Kind("maven", ".m2/settings.xml", _xml_password),
    Kind(
        "gradle",
        ".gradle/gradle.properties",
        _keys("password", r"[\w.-]{0,60}(?:password|token|secret)", machine=False),
    ),
    Kind("nuget", ".nuget/NuGet/NuGet.Config", _nuget),
    Kind("docker", ".docker/config.json", _docker),
    Kind("docker", ".config/containers/auth.json", _docker),
    Kind("helm", ".config/helm/registry/config.json", _docker),
    Kind("kubeconfig", ".kube/config", _kubeconfig),
    Kind("kubeconfig", "/etc/rancher/k3s/k3s.yaml", _kubeconfig),
    Kind("kubeconfig", "/etc/kubernetes/admin.conf", _kubeconfig),
    Kind("terraform", ".terraform.d/credentials.tfrc.json", _TOML_TOKEN),
    Kind("terraform", ".terraformrc", _TOML_TOKEN),
    Kind("pulumi", ".pulumi/credentials.json", _keys("token", "accessToken", 'https?://[^"]{1,200}')),
    Kind("netrc", ".netrc", _netrc),
    Kind("git-credentials", ".git-credentials", _lines_with_url),
    Kind("git-credentials", ".config/git/credentials", _lines_with_url),
    Kind("gh", ".config/gh/hosts.yml", _keys("token", "oauth_token")),
    Kind("glab", ".config/glab-cli/config.yml", _keys("token", "token")),
    Kind("hub", ".config/hub", _keys("token", "oauth_token")),
    Kind("pgpass", ".pgpass", _pgpass),
    Kind("mycnf", ".my.cnf", _PASSWORD),
    Kind("mylogin", ".mylogin.cnf", _obfuscated),
    Kind("dbeaver", ".local/share/DBeaverData/workspace6/*/.dbeaver/credentials-config.json", _obfuscated),
    Kind("rclone", ".config/rclone/rclone.conf", _rclone),
    Kind("s3cfg", ".s3cfg", _keys("access_key", "secret_key", separators="=")),
    Kind("s3cfg", ".boto", _keys("access_key", "aws_secret_access_key", "gs_secret_access_key", separators="=")),
    Kind("filezilla", ".config/filezilla/sitemanager.xml", _xml_password),
    Kind("filezilla", ".config/filezilla/recentservers.xml", _xml_password),
    Kind("smb", ".smbcredentials", _PASSWORD),
    Kind(
        "wget",
        ".wgetrc",
        _keys("password", "password", "http_password", "ftp_password", "proxy_password", machine=False),
    ),
    Kind("msmtp", ".msmtprc", _keys("password", "password", separators=r"=: \t", machine=False)),
    Kind("msmtp", ".config/msmtp/config", _keys("password", "password", separators=r"=: \t", machine=False)),
    Kind("codex", ".codex/auth.json", _keys("token", "OPENAI_API_KEY", "refresh_token")),
    Kind("claude", ".claude/.credentials.json", _keys("token", "refreshToken", "apiKey")),
)
