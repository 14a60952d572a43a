"""Where certificates lie: the trust store, what people added to it, and the folders of services."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _apacheconf, _nginxconf, _postfixconf, _settings
from secaudit.tables.host._apacheconf import Node
from secaudit.tables.host._folders import names_in
from secaudit.tables.host._nginxconf import Directive

BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
VENDOR = (
    "/usr/share/ca-certificates/*.crt",
    "/usr/share/ca-certificates/mozilla/*.crt",
    "/usr/share/pki/ca-trust-source/*.p11-kit",
    "/usr/share/ca-certificates/trust-source/*.p11-kit",
    "/usr/share/pki/trust/*.p11-kit",
)
"""Authorities that come with the system."""
LOCAL = (
    "/usr/local/share/ca-certificates",
    "/etc/pki/ca-trust/source/anchors",
    "/etc/ca-certificates/trust-source/anchors",
    "/etc/pki/trust/anchors",
)
SERVICES = (
    "/etc/ssl", "/etc/pki/tls", "/etc/letsencrypt/live", "/etc/nginx", "/etc/apache2", "/etc/httpd", "/etc/postfix",
    "/etc/dovecot", "/etc/exim4", "/etc/mysql", "/etc/postgresql", "/etc/redis", "/etc/mosquitto", "/etc/rabbitmq",
    "/etc/openvpn", "/etc/ldap", "/etc/docker", "/etc/cups/ssl", "/etc/cockpit/ws-certs.d", "/etc/haproxy",
    "/etc/stunnel", "/etc/vsftpd", "/etc/proftpd", "/etc/prosody/certs", "/etc/grafana", "/etc/elasticsearch",
    "/etc/ipsec.d",
)  # fmt: skip
ENDINGS = (".pem", ".crt", ".cer", ".cert")
STORES = ("/etc/ssl/certs/", "/etc/pki/tls/certs/", "/etc/ssl/certs", "/etc/pki/ca-trust/")
MAX_FILES = 3000
MAX_DEPTH = 4


class Place(NamedTuple):
    """One file that may hold certificates."""

    path: str
    origin: str
    """local_trust or service."""
    used_by: str
    """nginx, apache or postfix when its settings name the file; '' otherwise."""
    key: str
    """The private key that these settings name beside it; ''."""


def places(target: Target, unread: list[str]) -> Iterator[Place]:
    """Every file of services and every local addition, once; what a service names comes first."""
    found = (*_named(target, unread), *local_trust(target, unread), *_lying(target, "service", SERVICES, unread))
    yield from _once(target, found, unread)


def local_trust(target: Target, unread: list[str]) -> list[Place]:
    """What was added to the trust store on this machine."""
    return list(_once(target, tuple(_lying(target, "local_trust", LOCAL, unread)), unread))


def _once(target: Target, found: tuple[Place, ...], unread: list[str]) -> Iterator[Place]:
    seen: set[str] = set()
    for place in found:
        try:
            real = target.realpath(place.path)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(place.path)
            continue
        if real not in seen:
            seen.add(real)
            yield place


def _lying(target: Target, origin: str, tops: tuple[str, ...], unread: list[str]) -> Iterator[Place]:
    count = 0
    for top in tops:
        for path in _below(target, top, unread, 0):
            count += 1
            if count > MAX_FILES:
                unread.append("the rest of the certificates (too many files)")
                return
            yield Place(path, origin, "", "")


def _below(target: Target, folder: str, unread: list[str], depth: int) -> Iterator[str]:
    names = names_in(target, folder, unread)
    for name in names:
        path = f"{folder}/{name}"
        wanted = name.endswith(ENDINGS)
        if not wanted and "." in name and not name.endswith(".d"):
            continue  # a folder for a site may have a dot in its name, but only in letsencrypt
        try:
            own = target.stat(path, follow=False)
        except OSError:
            continue
        if own.kind == "dir":
            if depth < MAX_DEPTH and name not in ("java", "private", "extracted"):
                yield from _below(target, path, unread, depth + 1)
        elif wanted and not (own.kind == "link" and folder.startswith(STORES)):
            yield path  # in a trust store, links lead to the files of the vendor
    if folder == "/etc/letsencrypt/live":
        for name in names:
            if "." in name:
                yield f"{folder}/{name}/cert.pem"


def _named(target: Target, unread: list[str]) -> Iterator[Place]:
    """What the settings of web and mail servers name."""
    files = _nginxconf.NginxFiles(target)
    if files.main:
        yield from _pairs_of_nginx(files.directives(), posixpath.dirname(files.main), 0)
    apache = _apacheconf.ApacheFiles(target)
    yield from _pairs_of_apache(apache.nodes, posixpath.dirname(apache.main) or "/etc/httpd", 0)
    found = _postfixconf.read_main(target, [])
    cert = found.value("smtpd_tls_cert_file")
    if cert.startswith("/"):
        key = found.value("smtpd_tls_key_file")
        yield Place(cert, "service", "postfix", cert if key in ("", "$smtpd_tls_cert_file") else key)
    chain = _settings_words(found.value("smtpd_tls_chain_files"))
    for path in chain:
        yield Place(path, "service", "postfix", chain[0])


def _settings_words(text: str) -> list[str]:
    return [word for word in text.replace(",", " ").split() if word.startswith("/")]


def _pairs_of_nginx(block: tuple[Directive, ...], top: str, depth: int) -> Iterator[Place]:
    certs = [one.args[0] for one in block if one.name == "ssl_certificate" and one.args]
    keys = [one.args[0] for one in block if one.name == "ssl_certificate_key" and one.args]
    for position, cert in enumerate(certs):
        if "$" not in cert and not cert.startswith("data:"):
            key = keys[position] if position < len(keys) else ""
            yield Place(posixpath.join(top, cert), "service", "nginx", posixpath.join(top, key) if key else "")
    for one in block:
        if one.block is not None and depth < 10 and one.name in ("http", "server", "stream", "mail"):
            yield from _pairs_of_nginx(one.block, top, depth + 1)


def _pairs_of_apache(nodes: list[Node], top: str, depth: int) -> Iterator[Place]:
    certs = [node.args[0] for node in nodes if node.name == "sslcertificatefile" and node.args]
    keys = [node.args[0] for node in nodes if node.name == "sslcertificatekeyfile" and node.args]
    for position, cert in enumerate(certs):
        key = keys[position] if position < len(keys) else ""
        yield Place(posixpath.join(top, cert), "service", "apache", posixpath.join(top, key) if key else "")
    for node in nodes:
        if node.children is not None and depth < 5:
            yield from _pairs_of_apache(node.children, top, depth + 1)


def key_beside(target: Target, path: str) -> str:
    """The file that by its name is the private key of a certificate; '' when there is none."""
    folder, name = posixpath.split(path)
    stem = name.rpartition(".")[0]
    tries = [
        f"{folder}/{stem}.key",
        f"{folder}/{stem}-key.pem",
        f"/etc/ssl/private/{stem}.key",
        f"/etc/pki/tls/private/{stem}.key",
    ]
    if name in ("cert.pem", "fullchain.pem"):
        tries.insert(0, f"{folder}/privkey.pem")
    for one in tries:
        try:
            if target.exists(one):
                return one
        except OSError:
            return one
    return ""


def bundle(target: Target) -> str:
    """The file that programs read to know whom to trust; '' when there is none."""
    for path in BUNDLES:
        try:
            if target.exists(path):
                return path
        except OSError:
            return path
    return ""


def bundle_names(target: Target) -> set[str]:
    """The bundle and where it leads to."""
    path = bundle(target)
    try:
        return {path, target.realpath(path)} if path else set()
    except OSError:
        return {path}


def vendor_files(target: Target, unread: list[str]) -> list[str]:
    return [path for pattern in VENDOR for path in _settings.expand_all(target, pattern, unread)]
