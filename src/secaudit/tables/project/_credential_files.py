"""Files that hold logins by design, each read as its program reads it.

One reader for each form; `FORMS` says which file is read by which. Sources: the documentation of each program.
"""

from __future__ import annotations

import fnmatch
import posixpath
import re
from typing import Callable, Iterator, NamedTuple

from secaudit.tables.project._hit import HIGH, LOW, MEDIUM, Hit
from secaudit.tables.project._names import word_of
from secaudit.tables.project._placeholders import is_reference, stands_for
from secaudit.tables.project._roles import role_of

MAX_BYTES = 2 * 1024 * 1024
MAX_LINES = 50_000


class Value(NamedTuple):
    """A value in a file."""

    start: int
    raw: bytes
    name: str


Reader = Callable[[bytes], Iterator[Value]]


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for count, line in enumerate(data.splitlines(keepends=True)):
        if count >= MAX_LINES:
            return
        yield at, line.rstrip(b"\r\n")
        at += len(line)


def _bare(raw: bytes, at: int) -> tuple[int, bytes]:
    """Without blanks and quotes around it, and where it then begins."""
    left = raw.lstrip(b" \t")
    at += len(raw) - len(left)
    left = left.rstrip()
    if len(left) >= 2 and left[:1] in b"\"'" and left[-1:] == left[:1]:
        return at + 1, left[1:-1]
    if left[:1] in (b'"', b"'"):  # "value" # a remark
        end = left.find(left[:1], 1)
        return (at + 1, left[1:end]) if end > 0 else (at + 1, left[1:])
    remark = left.find(b" #")
    return at, (left[:remark].rstrip() if remark >= 0 else left)


_NAME = re.compile(r"[A-Za-z_][\w.\-]{0,100}\Z")


def _assigned(*names: str, signs: bytes = b"=:", any_secret: bool = False) -> Reader:
    """`name = value` lines. With `any_secret`, each name that speaks of a secret counts as well."""
    wanted = frozenset(names)

    def read(data: bytes) -> Iterator[Value]:
        for at, line in _lines(data):
            stripped = line.lstrip()
            if stripped[:1] in (b"#", b";", b"!", b""):
                continue
            cut = min((line.find(bytes([sign])) for sign in signs if line.find(bytes([sign])) > 0), default=-1)
            if stripped.startswith(b"//"):  # .npmrc: //host/:_authToken=value
                cut = line.find(b"=")
            if cut < 0:
                continue
            left = line[:cut].strip().removeprefix(b"export ").removeprefix(b"- ").strip(b" \t\"'{")
            name = left.decode("utf-8", "replace")
            last = name.rpartition(":")[2].lower()
            if last in wanted or (any_secret and _NAME.match(name) and word_of(name)):
                start, value = _bare(line[cut + 1 :], at + cut + 1)
                yield Value(start, value, name.rpartition(":")[2])

    return read


_JSON_PAIR = re.compile(rb'"([A-Za-z_][\w.\- ]{0,60})"[ \t\r\n]{0,20}:[ \t\r\n]{0,20}"([^"\\\r\n]{1,4000})"')


def _json(*names: str) -> Reader:
    """Strings under these names in JSON (with comments as editors allow them)."""
    wanted = frozenset(names)

    def read(data: bytes) -> Iterator[Value]:
        for match in _JSON_PAIR.finditer(data):
            name = match[1].decode("ascii", "replace")
            before = data[max(0, match.start() - 200) : match.start()].rpartition(b"\n")[2].lstrip()
            if before.startswith(b"//"):
                continue
            if name.lower() in wanted or (not wanted and word_of(name)):
                yield Value(match.start(2), match[2], name)

    return read


_XML_PASSWORD = re.compile(rb"<(pass(?:word|phrase)?|privatekey|passwd)((?:\s[^<>]{0,200})?)>([^<\r\n]{1,1000})</", re.IGNORECASE)
_XML_ATTRIBUTE = re.compile(rb"\s(password|passphrase|pass|passwd|pwd)\s{0,3}=\s{0,3}(?:\"([^\"\r\n]{1,500})\"|'([^'\r\n]{1,500})')", re.IGNORECASE)
_NUGET = re.compile(rb'key="(ClearTextPassword|ApiKey|Password)"\s{1,9}value="([^"\r\n]{1,1000})"', re.IGNORECASE)


def _xml(data: bytes) -> Iterator[Value]:
    """`<Pass>` and `password=""`; `{...}` is Maven's encrypted form, encoding="crypt" FileZilla's."""
    for match in _XML_PASSWORD.finditer(data):
        if b"crypt" not in match[2]:
            yield Value(match.start(3), match[3].strip(), match[1].decode())
    for match in _XML_ATTRIBUTE.finditer(data):
        group = 2 if match[2] is not None else 3
        yield Value(match.start(group), match[group], match[1].decode())
    for match in _NUGET.finditer(data):
        yield Value(match.start(2), match[2], match[1].decode())


def _netrc(data: bytes) -> Iterator[Value]:
    """`machine NAME login NAME password WORD`, over any number of lines."""
    for match in re.finditer(rb"(?m)(?:^|[ \t])password[ \t\r\n]{1,20}([^\s#]{1,300})", data):
        yield Value(match.start(1), match[1], "password")


def _pgpass(data: bytes) -> Iterator[Value]:
    """`host:port:database:user:password`, where a backslash keeps a colon."""
    for at, line in _lines(data):
        fields = re.split(rb"(?<!\\):", line, maxsplit=4)
        if len(fields) == 5 and not line.startswith(b"#"):
            yield Value(at + len(line) - len(fields[4]), fields[4], "password")


def _urls(data: bytes) -> Iterator[Value]:
    for match in re.finditer(rb"://([^\s/]{1,400})@[^\s/@]{1,200}", data):
        user, colon, password = match[1].partition(b":")
        if colon:
            yield Value(match.end(1) - len(password), password, "address")
        elif len(user) >= 20:
            yield Value(match.start(1), user, "address")


def _git_config(data: bytes) -> Iterator[Value]:
    """Logins inside addresses, and headers that are sent along: http.extraHeader of git-config(1)."""
    yield from _urls(data)
    for match in re.finditer(rb"(?i)extraheader[ \t]{0,5}=[^\r\n]{0,40}?authorization:[ \t]{0,5}(?:basic|bearer)[ \t]{1,5}([^\s\"']{6,500})", data):
        yield Value(match.start(1), match[1], "extraheader")


def _htpasswd(data: bytes) -> Iterator[Value]:
    """`user:hash`, also as passwd and shadow files have it."""
    for at, line in _lines(data):
        user, colon, rest = line.partition(b":")
        value = rest.split(b":")[0].strip()
        if colon and user and not line.startswith(b"#") and len(value) >= 8 and b" " not in value:
            yield Value(at + len(user) + 1, value, "password hash")


_PHP_DEFINE = re.compile(rb"define\s{0,9}\(\s{0,9}['\"]([A-Z_]{3,40})['\"]\s{0,40},\s{0,40}(?:'([^'\r\n]{1,500})'|\"([^\"\r\n]{1,500})\")")
_WP_NAMES = frozenset("DB_PASSWORD AUTH_KEY SECURE_AUTH_KEY LOGGED_IN_KEY NONCE_KEY AUTH_SALT SECURE_AUTH_SALT LOGGED_IN_SALT NONCE_SALT FTP_PASS".split())


def _wordpress(data: bytes) -> Iterator[Value]:
    for match in _PHP_DEFINE.finditer(data):
        name = match[1].decode()
        if name in _WP_NAMES or word_of(name):
            group = 2 if match[2] is not None else 3
            before = data[max(0, match.start() - 100) : match.start()].rpartition(b"\n")[2].lstrip()
            if not before.startswith((b"//", b"#", b"*")):
                yield Value(match.start(group), match[group], name)


def _whole(data: bytes) -> Iterator[Value]:
    """A file that holds one key and nothing else."""
    value = data.strip()
    if 16 <= len(value) <= 300 and len(value.split()) == 1:
        yield Value(data.find(value), value, "")


_YAML_KUBE = re.compile(rb"(?m)^\s{0,40}-?\s{0,4}(token|password|client-key-data|id-token|refresh-token|access-token)\s{0,4}:\s{0,4}[\"']?([^\s\"'#]{4,20000})")


def _kube(data: bytes) -> Iterator[Value]:
    for match in _YAML_KUBE.finditer(data):
        yield Value(match.start(2), match[2], match[1].decode())


_CONNECTION = re.compile(rb"(?i)(?:password|pwd|accountkey|sharedaccesskey)\s{0,3}=\s{0,3}([^;\"'<>\r\n&]{3,300})")


def _dotnet(data: bytes) -> Iterator[Value]:
    """Connection strings, and settings whose name speaks of a secret."""
    for match in _CONNECTION.finditer(data):
        yield Value(match.start(1), match[1].strip(), "connection string")


_SPACED = re.compile(rb"(?m)^[ \t]{0,20}(?:set[ \t]{1,5})?([a-z_]{0,20}pass(?:word|wd)?|preconnect_password|auth_password)[ \t]{0,10}[ \t=][ \t]{0,10}[\"']?([^\s\"'#=]{3,300})", re.IGNORECASE)


def _spaced(data: bytes) -> Iterator[Value]:
    for match in _SPACED.finditer(data):
        yield Value(match.start(2), match[2], match[1].decode())


class Form(NamedTuple):
    """A file and how it is read."""

    rule_id: str
    names: tuple[str, ...]
    """The last parts of the path, in lower case; `*` at one end stands for anything."""
    read: Reader
    machine: bool = False
    """A program makes the values, so nothing in them is a word."""


_CLOUD = ("aws_secret_access_key", "aws_session_token", "secret_key", "access_token", "secret_access_key", "secret")
FORMS = (
    Form("file-dotenv", (".env", ".env.*", "*.env", ".envrc", ".flaskenv"), _assigned(any_secret=True, signs=b"=")),
    Form("file-netrc", (".netrc", "_netrc", ".authinfo"), _netrc),
    Form("file-npmrc", (".npmrc", "npmrc"), _assigned("_authtoken", "_auth", "_password", signs=b"=")),
    Form("file-yarnrc", (".yarnrc.yml",), _assigned("npmauthtoken", "npmauthident", signs=b":")),
    Form("file-pypirc", (".pypirc",), _assigned("password")),
    Form("file-pip", ("pip.conf", "pip.ini"), _urls),
    Form("file-pgpass", (".pgpass", "pgpass.conf"), _pgpass),
    Form("file-docker", (".dockercfg", ".docker/config.json", "docker/config.json", ".dockerconfigjson"), _json("auth", "identitytoken", "registrytoken", "password")),
    Form("file-wordpress", ("wp-config.php", "wp-config-*.php"), _wordpress),
    Form("file-htpasswd", (".htpasswd", "htpasswd", "*.htpasswd", "shadow", "passwd", "proftpdpasswd", "ftpd.passwd"), _htpasswd),
    Form("file-kubeconfig", ("kubeconfig", ".kube/config", "*.kubeconfig", "kubeconfig.y*ml", "admin.conf"), _kube),
    Form("file-tfstate", ("*.tfstate", "*.tfstate.backup"), _json()),
    Form("file-tfvars", ("*.tfvars",), _assigned(any_secret=True, signs=b"=")),
    Form("file-filezilla", ("filezilla.xml", "recentservers.xml", "sitemanager.xml"), _xml),
    Form("file-editor-upload", ("webservers.xml", "webservers.xml.*", "datasources.xml", "dbeaver-data-sources.xml", "data-sources.xml"), _xml),
    Form("file-upload", ("sftp.json", "sftp-config.json", ".ftpconfig", ".remote-sync.json", "deployment-config.json", ".ftppass", "ftp-config.json", "ftpsync.settings", "robomongo.json", ".sftp.json", ".ftp-deploy.json"), _json("password", "passphrase", "pass", "userpassword", "sshpassphrase", "sshuserpassword")),
    Form("file-git-credentials", (".git-credentials", "git-credentials"), _urls),
    Form("file-git-config", (".git/config", ".gitconfig", ".gitmodules"), _git_config),
    Form("file-mysql", (".my.cnf", "my.cnf", ".mylogin.cnf", "debian.cnf"), _assigned("password", signs=b"=")),
    Form("file-s3", (".s3cfg", ".boto", ".passwd-s3fs"), _assigned(*_CLOUD, "gs_oauth2_refresh_token", signs=b"=")),
    Form("file-aws", (".aws/credentials", ".aws/config", "aws/credentials", ".credentials"), _assigned(*_CLOUD, signs=b"=")),
    Form("file-maven", ("settings.xml", "settings-security.xml"), _xml),
    Form("file-nuget", ("nuget.config",), _xml),
    Form("file-gradle", ("gradle.properties", "local.properties", "keystore.properties", "key.properties", "signing.properties"), _assigned(any_secret=True)),
    Form("file-spring", ("application.properties", "application-*.properties", "application.y*ml", "application-*.y*ml", "bootstrap.y*ml"), _assigned(any_secret=True)),
    Form("file-dotnet", ("web.config", "app.config", "appsettings.json", "appsettings.*.json", "connectionstrings.json", "connectionstrings.config"), _dotnet),
    Form("file-google-account", ("service-account*.json", "serviceaccount*.json", "application_default_credentials.json", "client_secret*.json", "credentials.json"), _json("client_secret", "refresh_token", "private_key_id")),
    Form("file-rails-key", ("master.key", "*/credentials/*.key"), _whole, True),
    Form("file-rails", ("secrets.yml", "database.yml", "mongoid.yml"), _assigned(any_secret=True, signs=b":")),
    Form("file-token", (".vault-token", ".netlify-token", ".github-token"), _whole, True),
    Form("file-firefox", ("logins.json",), _json("encryptedusername", "encryptedpassword")),
    Form("file-mail", (".esmtprc", ".msmtprc", ".fetchmailrc", ".muttrc"), _spaced),
    Form("file-shell", (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv"), _assigned(any_secret=True, signs=b"=")),
    Form("file-tool-token", ("hub", ".config/hub", "hosts.yml", ".tugboat", "heroku.json", "credentials.tfrc.json", ".terraformrc"), _assigned("oauth_token", "api_key", "access_token", "token", "client_key")),
    Form("file-composer", ("auth.json",), _json("password", "github.com", "gitlab.com", "http-basic", "token", "api_key", "key")),
)  # fmt: skip


_EXACT = {name: form for form in reversed(FORMS) for name in form.names if "*" not in name and "/" not in name}
_FITTING = tuple((name, form) for form in FORMS for name in form.names if "*" in name or "/" in name)
_ENDINGS = tuple({name.rpartition("*")[2] for name, _ in _FITTING if not name.endswith("*")})


def form_of(path: str) -> Form | None:
    """How this file is read; None for any other."""
    low = "/" + path.lower()
    name = posixpath.basename(low)
    if name in _EXACT:
        return _EXACT[name]
    if not name.startswith((".env.", "webservers.xml.")) and not low.endswith(_ENDINGS):
        return None
    return next((form for wanted, form in _FITTING if _fits(low if "/" in wanted else name, wanted)), None)


def _fits(name: str, wanted: str) -> bool:
    if "/" in wanted:
        return fnmatch.fnmatchcase(name, "*/" + wanted.removeprefix("*/"))
    return fnmatch.fnmatchcase(name, wanted)


def find_in_credential_file(data: bytes, path: str) -> Iterator[Hit]:
    """Give the secrets of a file that holds logins by design."""
    form = form_of(path)
    if form is None or len(data) > MAX_BYTES:
        return
    for count, found in enumerate(form.read(data)):
        if count >= 500:
            return
        text = found.raw.decode("utf-8", "replace")
        is_example = stands_for if role_of(path) == "example" else is_reference
        if len(text) < 3 or (is_example(text) and form.rule_id != "file-htpasswd"):
            continue
        if form.rule_id in _LOOSE and text.lower().startswith(("/", "./", "~/", "http://", "https://")):
            continue
        sure = HIGH if len(text) >= 6 else MEDIUM
        if form.rule_id in _LOOSE and (stands_for(text) or (text.isalpha() and text.islower())):
            sure = MEDIUM if len(text) >= 8 else LOW
        yield Hit(form.rule_id, "file", found.start, found.raw, sure, "****", found.name[:60])


_LOOSE = frozenset(("file-dotenv", "file-tfstate", "file-tfvars", "file-spring", "file-gradle", "file-rails", "file-shell", "file-maven", "file-dotnet"))
"""Files in which not each value is a secret."""
