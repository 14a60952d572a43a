"""Faults of sites that serve what nobody should find: source, passwords, copies, tools without a login."""

from __future__ import annotations

from collections.abc import Iterable

from secaudit.faults.http import Answer, Request, fault

Body = bytes | str


def serves(name: str, title: str, shows: str | Iterable[str], path: str, body: Body, kind: str = "text/plain") -> None:
    """Put a fault into the table: one path that is answered with this body."""
    content = body.encode("latin-1") if isinstance(body, str) else body

    def change(request: Request, answer: Answer) -> Answer:
        if request.target != path or request.scheme != "https":
            return answer
        return Answer(200, (("Server", "orchard"), ("Content-Type", kind)), content)

    fault(name, title, *([shows] if isinstance(shows, str) else shows))(change)


HTML = "text/html; charset=utf-8"
JSON = "application/json"

serves("git-served", "the Git folder is served", "web-no-git-folder", "/.git/HEAD", "ref: refs/heads/main\n")
serves(
    "git-settings-served", "the settings of Git are served", "web-no-git-folder", "/.git/config",
    "[core]\n\trepositoryformatversion = 0\n[remote \"origin\"]\n\turl = https://git.example.org/orchard\n",
)  # fmt: skip
serves(
    "svn-served", "the Subversion folder is served", "web-no-other-version-control", "/.svn/wc.db",
    "SQLite format 3\0\x10\0",
)  # fmt: skip
serves(
    "env-served", "a .env file is served", "web-no-env-files", "/.env", "APP_ENV=production\nDB_PASSWORD=Blossom-77\n"
)
serves(
    "cloud-key-served", "keys of a cloud account are served", "web-no-credential-files", "/.aws/credentials",
    "[default]\naws_access_key_id = ORCHARD\naws_secret_access_key = orchard\n",
)  # fmt: skip
serves(
    "htpasswd-served", "hashes of passwords are served", "web-no-password-files", "/.htpasswd",
    "ayesha:$apr1$orchard1$0123456789abcdefghijk.\n",
)  # fmt: skip
serves(
    "settings-copy-served", "a copy of the settings is served", "web-no-settings-copies", "/wp-config.php.bak",
    "<?php\ndefine( 'DB_PASSWORD', 'Blossom-77' );\n",
)  # fmt: skip
serves(
    "private-key-served", "a private key is served", "web-no-private-keys", "/server.key",
    "-----BEGIN " + "PRIVATE KEY-----\nb3JjaGFyZA==\n-----END " + "PRIVATE KEY-----\n",
)  # fmt: skip
serves(
    "dump-served", "a dump of the database is served", "web-no-database-dumps", "/backup.sql",
    "-- MariaDB dump 10.19\nCREATE TABLE tree (id int);\n",
)  # fmt: skip
serves(
    "archive-served", "a packed copy is served", "web-no-archives", "/backup.zip", "PK\x03\x04\x14\0", "application/zip"
)
serves(
    "editor-copy-served", "an editor's copy is served", "web-no-editor-copies", "/index.php~",
    "<?php require 'menu.php'; ?>\n<h1>Orchard</h1>\n",
)  # fmt: skip
serves(
    "log-served", "a log file is served", "web-no-log-files", "/error_log",
    "[29-Nov-2026 10:00:00 UTC] PHP Warning:  Undefined variable $tree in /srv/a.php on line 3\n",
)  # fmt: skip
serves(
    "phpinfo-served", "a page of phpinfo() is served", "web-no-phpinfo", "/phpinfo.php",
    "<!DOCTYPE html><html><title>PHP 8.5.1 - phpinfo()</title><h1>PHP Version 8.5.1</h1></html>", HTML,
)  # fmt: skip
serves(
    "packages-served", "the list of packages is served", "web-no-package-lists", "/package.json",
    '{"name": "orchard", "dependencies": {"express": "4.21.0"}}', JSON,
)  # fmt: skip
serves(
    "recipe-served",
    "the recipe of the container is served",
    "web-no-deployment-files",
    "/Dockerfile",
    "FROM debian:12\nRUN true\n",
)
serves("desktop-file-served", "a file of a desktop is served", "web-no-desktop-files", "/.DS_Store", "\0\0\0\x01Bud1\0")
serves(
    "fpm-status-open", "the status page of PHP-FPM is open", "web-server-status-closed", "/status",
    "pool:                 www\nprocess manager:      dynamic\nstart since:          10\naccepted conn:        3\n",
)  # fmt: skip
serves(
    "metrics-open", "figures about the program are open", "web-metrics-closed", "/metrics",
    "# HELP trees Trees\n# TYPE trees gauge\ntrees 7\n",
)  # fmt: skip
serves(
    "profiler-open", "the profiler of a Go program is open", "web-program-profilers-closed", "/debug/vars",
    '{"cmdline": ["/srv/orchard"], "memstats": {}}', JSON,
)  # fmt: skip
serves(
    "actuator-open", "the settings of a Spring program are open", "web-spring-actuator-closed", "/actuator/env",
    '{"activeProfiles": [], "propertySources": []}', JSON,
)  # fmt: skip
serves(
    "console-open", "a debugger console is open", "web-no-debugger-console", "/console",
    '<!DOCTYPE html><html><title>Interactive Console</title><script src="?__debugger__=yes"></script></html>', HTML,
)  # fmt: skip
serves(
    "recorder-open", "a recorder of requests is open", "web-no-request-recorders", "/trace.axd",
    "<html><h1>Application Trace</h1><h2>Requests to this Application</h2></html>", HTML,
)  # fmt: skip
serves(
    "development-server", "a development server is open", "web-no-development-server", "/@vite/client",
    "class HMRContext {}\n", "text/javascript",
)  # fmt: skip
serves(
    "database-panel-open", "a panel for databases is open", "web-database-panels-closed", "/phpmyadmin/",
    '<html><title>phpMyAdmin</title><input name="pma_username"></html>', HTML,
)  # fmt: skip
serves(
    "server-panel-open", "a panel of a server is open", "web-server-panels-closed", "/solr/admin/info/system?wt=json",
    '{"responseHeader": {"status": 0}, "lucene": {}}', JSON,
)  # fmt: skip
serves(
    "installer-open", "an installer is open", "web-no-installers", "/wp-admin/install.php",
    '<html><title>WordPress &rsaquo; Installation</title><input name="weblog_title"></html>', HTML,
)  # fmt: skip
serves(
    "api-described", "the description of the API is open", "web-api-descriptions-meant", "/openapi.json",
    '{"openapi": "3.1.0", "paths": {}}', JSON,
)  # fmt: skip
serves(
    "graphql-described", "GraphQL describes itself", "web-graphql-introspection-off", "/graphql",
    '{"data": {"__schema": {"queryType": {"name": "Query"}}}}', JSON,
)  # fmt: skip
serves(
    "cross-domain-open", "an old policy file lets everybody in", "web-cross-domain-policies-closed", "/crossdomain.xml",
    '<?xml version="1.0"?><cross-domain-policy><allow-access-from domain="*"/></cross-domain-policy>', "text/xml",
)  # fmt: skip
serves(
    "code-runner-open", "a tool that runs programs is open", "web-code-runners-need-login", "/settings",
    '{"httpNodeRoot": "/", "version": "4.1.0"}', JSON,
)  # fmt: skip
serves(
    "data-tool-open",
    "a tool that shows databases is open",
    "web-data-tools-need-login",
    "/_all_dbs",
    '["_replicator", "_users"]',
    JSON,
)
serves(
    "watching-tool-open", "a tool that watches systems is open", "web-watching-tools-need-login",
    "/api/v1/status/buildinfo", '{"status": "success", "data": {"version": "3.1.0", "goVersion": "go1.23"}}', JSON,
)  # fmt: skip
serves(
    "source-map-served", "the source map of the script is served", "web-no-source-maps", "/app.js.map",
    '{"version": 3, "sources": ["app.ts"], "sourcesContent": ["1"], "mappings": ""}', JSON,
)  # fmt: skip


@fault("first-account-open", "anybody can make the first account", "web-no-open-first-account", pages_only=True)
def first_account_open(request: Request, answer: Answer) -> Answer:
    return answer.edited("</form>", '<input name="adminlogin"><input name="adminpass-clone"></form>')


@fault("listing", "a folder lists its files", "web-no-directory-listing")
def listing(request: Request, answer: Answer) -> Answer:
    if answer.is_page:
        return answer.edited('src="/tree.png"', 'src="/images/tree.png"')
    if request.path != "/images/":
        return answer
    page = '<html><head><title>Index of /images/</title></head><body><a href="old.zip">old.zip</a></body></html>'
    return Answer(200, (("Server", "orchard"), ("Content-Type", HTML)), page.encode())


def _wordpress(answer: Answer) -> Answer:
    return answer.edited('src="/tree.png"', 'src="/wp-content/tree.png"') if answer.is_page else answer


@fault("accounts-listed", "WordPress lists its accounts", "web-wordpress-accounts-closed")
def accounts_listed(request: Request, answer: Answer) -> Answer:
    if request.path != "/wp-json/wp/v2/users":
        return _wordpress(answer)
    users = '[{"id": 1, "name": "Ayesha", "slug": "ayesha"}]'
    return Answer(200, (("Content-Type", JSON),), users.encode())


@fault("xmlrpc-open", "the old login interface of WordPress is open", "web-wordpress-xmlrpc-closed")
def xmlrpc_open(request: Request, answer: Answer) -> Answer:
    if request.path != "/xmlrpc.php":
        return _wordpress(answer)
    return Answer(405, (("Content-Type", "text/plain"),), b"XML-RPC server accepts POST requests only.")


@fault(
    "version-file-served",
    "a file tells the version of an old Drupal",
    "web-no-version-files",
    "web-software-in-files-supported",
)
def version_file_served(request: Request, answer: Answer) -> Answer:
    if answer.is_page:
        return answer.edited('src="/tree.png"', 'src="/sites/default/files/tree.png"')
    if request.path != "/CHANGELOG.txt":
        return answer
    text = "Drupal 7.98, 2023-06-07\n-----------------------\n- Various fixes\n"
    return Answer(200, (("Content-Type", "text/plain"),), text.encode())
