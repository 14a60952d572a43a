"""Files that hold logins by design: which they are, how each is read, and which of their values are secrets."""

from __future__ import annotations

import fnmatch
import posixpath
from typing import Iterator, NamedTuple

from secaudit.tables.project._credential_readers import (
    Reader,
    assigned,
    json_strings,
    read_dotnet,
    read_git_config,
    read_htpasswd,
    read_kube,
    read_netrc,
    read_pgpass,
    read_spaced,
    read_urls,
    read_whole,
    read_wordpress,
    read_xml,
)
from secaudit.tables.project._hit import HIGH, LOW, MEDIUM, Hit
from secaudit.tables.project._placeholders import is_reference, stands_for
from secaudit.tables.project._roles import role_of


class Form(NamedTuple):
    """A file and how it is read."""

    rule_id: str
    names: tuple[str, ...]
    """The last parts of the path, in lower case; `*` at one end stands for anything."""
    read: Reader


_CLOUD = ("aws_secret_access_key", "aws_session_token", "secret_key", "access_token", "secret_access_key", "secret")
FORMS = (
    Form("file-dotenv", (".env", ".env.*", "*.env", ".envrc", ".flaskenv"), assigned(any_secret=True, signs=b"=")),
    Form("file-netrc", (".netrc", "_netrc", ".authinfo"), read_netrc),
    Form("file-npmrc", (".npmrc", "npmrc"), assigned("_authtoken", "_auth", "_password", signs=b"=")),
    Form("file-yarnrc", (".yarnrc.yml",), assigned("npmauthtoken", "npmauthident", signs=b":")),
    Form("file-pypirc", (".pypirc",), assigned("password")),
    Form("file-pip", ("pip.conf", "pip.ini"), read_urls),
    Form("file-pgpass", (".pgpass", "pgpass.conf"), read_pgpass),
    Form(
        "file-docker",
        (".dockercfg", ".docker/config.json", "docker/config.json", ".dockerconfigjson"),
        json_strings("auth", "identitytoken", "registrytoken", "password"),
    ),
    Form("file-wordpress", ("wp-config.php", "wp-config-*.php"), read_wordpress),
    Form(
        "file-htpasswd",
        (".htpasswd", "htpasswd", "*.htpasswd", "shadow", "passwd", "proftpdpasswd", "ftpd.passwd"),
        read_htpasswd,
    ),
    Form("file-kubeconfig", ("kubeconfig", ".kube/config", "*.kubeconfig", "kubeconfig.y*ml", "admin.conf"), read_kube),
    Form("file-tfstate", ("*.tfstate", "*.tfstate.backup"), json_strings()),
    Form("file-tfvars", ("*.tfvars",), assigned(any_secret=True, signs=b"=")),
    Form("file-filezilla", ("filezilla.xml", "recentservers.xml", "sitemanager.xml"), read_xml),
    Form(
        "file-editor-upload",
        ("webservers.xml", "webservers.xml.*", "datasources.xml", "dbeaver-data-sources.xml", "data-sources.xml"),
        read_xml,
    ),
    Form(
        "file-upload",
        (
            "sftp.json",
            "sftp-config.json",
            ".ftpconfig",
            ".remote-sync.json",
            "deployment-config.json",
            ".ftppass",
            "ftp-config.json",
            "ftpsync.settings",
            "robomongo.json",
            ".sftp.json",
            ".ftp-deploy.json",
        ),
        json_strings("password", "passphrase", "pass", "userpassword", "sshpassphrase", "sshuserpassword"),
    ),
    Form("file-git-credentials", (".git-credentials", "git-credentials"), read_urls),
    Form("file-git-config", (".git/config", ".gitconfig", ".gitmodules"), read_git_config),
    Form("file-mysql", (".my.cnf", "my.cnf", ".mylogin.cnf", "debian.cnf"), assigned("password", signs=b"=")),
    Form("file-s3", (".s3cfg", ".boto", ".passwd-s3fs"), assigned(*_CLOUD, "gs_oauth2_refresh_token", signs=b"=")),
    Form(
        "file-aws",
        (".aws/credentials", ".aws/config", "aws/credentials", ".credentials"),
        assigned(*_CLOUD, signs=b"="),
    ),
    Form("file-maven", ("settings.xml", "settings-security.xml"), read_xml),
    Form("file-nuget", ("nuget.config",), read_xml),
    Form(
        "file-gradle",
        ("gradle.properties", "local.properties", "keystore.properties", "key.properties", "signing.properties"),
        assigned(any_secret=True),
    ),
    Form(
        "file-spring",
        (
            "application.properties",
            "application-*.properties",
            "application.y*ml",
            "application-*.y*ml",
            "bootstrap.y*ml",
        ),
        assigned(any_secret=True),
    ),
    Form(
        "file-dotnet",
        (
            "web.config",
            "app.config",
            "appsettings.json",
            "appsettings.*.json",
            "connectionstrings.json",
            "connectionstrings.config",
        ),
        read_dotnet,
    ),
    Form(
        "file-google-account",
        (
            "service-account*.json",
            "serviceaccount*.json",
            "application_default_credentials.json",
            "client_secret*.json",
            "credentials.json",
        ),
        json_strings("client_secret", "refresh_token", "private_key_id"),
    ),
    Form("file-rails-key", ("master.key", "*/credentials/*.key"), read_whole),
    Form("file-rails", ("secrets.yml", "database.yml", "mongoid.yml"), assigned(any_secret=True, signs=b":")),
    Form("file-token", (".vault-token", ".netlify-token", ".github-token"), read_whole),
    Form("file-firefox", ("logins.json",), json_strings("encryptedusername", "encryptedpassword")),
    Form("file-mail", (".esmtprc", ".msmtprc", ".fetchmailrc", ".muttrc"), read_spaced),
    Form(
        "file-shell",
        (".bashrc", ".bash_profile", ".profile", ".zshrc", ".zshenv"),
        assigned(any_secret=True, signs=b"="),
    ),
    Form(
        "file-tool-token",
        ("hub", ".config/hub", "hosts.yml", ".tugboat", "heroku.json", "credentials.tfrc.json", ".terraformrc"),
        assigned("oauth_token", "api_key", "access_token", "token", "client_key"),
    ),
    Form(
        "file-composer",
        ("auth.json",),
        json_strings("password", "github.com", "gitlab.com", "http-basic", "token", "api_key", "key"),
    ),
)


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
    if form is None:
        return
    for found in form.read(data):
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


_LOOSE = frozenset(
    (
        "file-dotenv",
        "file-tfstate",
        "file-tfvars",
        "file-spring",
        "file-gradle",
        "file-rails",
        "file-shell",
        "file-maven",
        "file-dotnet",
    )
)
"""Files in which not each value is a secret."""
