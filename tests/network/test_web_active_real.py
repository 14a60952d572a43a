"""The active web audit against nginx, Apache and Caddy: what they serve is found, what they refuse is not."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from webjudge import Audit

from networktest import free_port
from secaudit.content import library
from secaudit.content.probes import probe_groups
from secaudit.faults.http import HttpFaults

PAGE = '<!DOCTYPE html><html><title>Orchard</title><img src="/images/tree.png"><script src="/app.js"></script></html>'
GIT = "[core]\n\trepositoryformatversion = 0\n"


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def running(argv: list[str], port: int) -> Iterator[None]:
    done = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=2).close()
                break
            except urllib.error.HTTPError:
                break
            except OSError:
                assert done.poll() is None, "the server ended"
                time.sleep(0.1)
        yield
    finally:
        done.terminate()
        done.wait(10)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A web folder as a careless upload leaves it."""
    folder = tmp_path / "www"
    for path, text in {
        "index.html": PAGE, "app.js": "1", "app.js.map": '{"version": 3, "sources": [], "mappings": ""}',
        "images/tree.png": "x", ".git/HEAD": "ref: refs/heads/main\n", ".git/config": GIT, ".env": "DB_PASSWORD=x\n",
        "backup.sql": "-- MariaDB dump 10.19\n", "wp-config.php.bak": "<?php define('DB_PASSWORD', 'x');",
        ".htpasswd": "ayesha:$apr1$abcdefgh$0123456789012345678901\n",
    }.items():  # fmt: skip
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    for parent in (tmp_path, *tmp_path.parents):
        if parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    tmp_path.chmod(0o755)
    return folder


CARELESS = {
    "web-no-git-folder", "web-no-env-files", "web-no-database-dumps", "web-no-settings-copies", "web-no-source-maps",
    "web-no-password-files",
}  # fmt: skip


def nginx_config(folder: Path, port: int, server: str) -> Path:
    path = folder / "nginx.conf"
    temporary = "".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path.write_text(
        f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ access_log off; {temporary}\n types {{ text/html html; }}\n"
        f" server {{ listen 127.0.0.1:{port}; root {folder}/www; {server} }} }}\n",
        encoding="utf-8",
    )
    return path


def test_nginx_that_serves_everything(tmp_path: Path, site: Path) -> None:
    port = free_port()
    server = "autoindex on; location = /nginx_status { stub_status; } add_header X-Frame-Options DENY;"
    argv = [program("nginx"), "-c", str(nginx_config(tmp_path, port, server))]
    with running(argv, port):
        audit = Audit(f"http://127.0.0.1:{port}/")
    assert audit.failing() == CARELESS | {
        "web-no-directory-listing", "web-errors-no-version", "web-error-page-headers"
    }  # fmt: skip
    assert "web-server-status-closed" in audit.having("unknown"), "from loopback nobody knows what others see"


def test_nginx_that_refuses(tmp_path: Path, site: Path) -> None:
    port = free_port()
    server = (
        r"server_tokens off; add_header X-Frame-Options DENY always; location ~ /\. { return 404; } "
        r"location ~ \.(sql|bak|map)$ { return 404; }"
    )
    argv = [program("nginx"), "-c", str(nginx_config(tmp_path, port, server))]
    with running(argv, port):
        audit = Audit(f"http://127.0.0.1:{port}/")
    assert audit.failing() == set()
    assert {"web-error-page-headers", "web-errors-no-version"} | CARELESS <= audit.having("pass")


def test_apache_with_its_status_page(tmp_path: Path, site: Path) -> None:
    port = free_port()
    path = tmp_path / "apache.conf"
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "authz_host", "dir", "mime", "status", "info", "autoindex")
    )
    path.write_text(
        f"{modules}ServerRoot {tmp_path}\nListen 127.0.0.1:{port}\nServerName localhost\nPidFile {tmp_path}/pid\n"
        f"ErrorLog {tmp_path}/error.log\nTypesConfig /etc/mime.types\nTraceEnable On\nServerSignature On\nDocumentRoot {site}\n"
        f"<Directory {site}>\nOptions +Indexes\nRequire all granted\n</Directory>\n"
        '<FilesMatch "^\\.ht">\nRequire all denied\n</FilesMatch>\n'
        "<Location /server-status>\nSetHandler server-status\nRequire local\n</Location>\n",
        encoding="utf-8",
    )
    with running([program("apache2"), "-f", str(path), "-DFOREGROUND"], port):
        audit = Audit(f"http://127.0.0.1:{port}/")
    assert audit.failing() == CARELESS - {"web-no-password-files"} | {
        "web-no-directory-listing", "web-trace-off", "web-errors-no-version"
    }  # fmt: skip
    seen = next(row for row in audit.rows("http_probes") if row["probe"] == "apache-status")
    assert (seen["hit"], seen["loopback_only"]) == (1, 1)
    assert "web-server-status-closed" in audit.having("unknown")


def test_caddy_that_lists_files(tmp_path: Path, site: Path) -> None:
    port = free_port()
    path = tmp_path / "Caddyfile"
    path.write_text(
        f"{{\n admin off\n auto_https off\n}}\nhttp://127.0.0.1:{port} {{\n root * {site}\n file_server browse\n}}\n",
        encoding="utf-8",
    )
    with running([program("caddy"), "run", "--config", str(path), "--adapter", "caddyfile"], port):
        audit = Audit(f"http://127.0.0.1:{port}/")
    assert audit.failing() == CARELESS | {"web-no-directory-listing"}


FIXED = (
    "web-no-git-folder", "web-no-other-version-control", "web-no-env-files", "web-no-credential-files",
    "web-no-password-files", "web-no-settings-copies", "web-no-private-keys", "web-no-database-dumps",
    "web-no-archives", "web-no-editor-copies", "web-no-log-files", "web-no-package-lists", "web-no-deployment-files",
    "web-no-desktop-files", "web-no-source-maps", "web-no-installers", "web-api-descriptions-meant",
    "web-program-profilers-closed", "web-spring-actuator-closed", "web-server-panels-closed", "web-metrics-closed",
    "web-database-panels-closed",
)  # fmt: skip
"""Checks whose fix names lines for nginx, Apache and Caddy that refuse a path."""


def lines_for(server: str, check: str) -> str:
    """What the fix of a check prints for one server."""
    fix = library.load().checks[check].value.fix["any"]
    found, inside = [], False
    for line in fix.splitlines():
        if line.startswith("#     ") and inside:
            found.append(line[6:])
        else:
            inside = line.strip().endswith(f"{server}:")
    assert found, f"{check} has no lines for {server}"
    return "\n".join(found)


@pytest.fixture
def exposed(site: Path) -> Path:
    """A web folder that holds what the faults of the fault server serve."""
    from secaudit.faults import http_exposed
    from secaudit.faults.http import Request, faults, healthy

    server = HttpFaults()
    for one in faults().values():
        if one.change.__module__ != http_exposed.__name__ or not set(one.shows) & set(FIXED):
            continue
        for _, probe, path in ((g, p, path) for g in probe_groups() for p in g.probes for path in p.paths):
            request = Request("https", "GET", path, (), b"", server)
            answer = one.change(request, healthy(request))
            place = site / (path.lstrip("/") + ("index.html" if path.endswith("/") else ""))
            if answer.status == 200 and probe.method == "GET" and path != "/" and "?" not in path:
                place.parent.mkdir(parents=True, exist_ok=True)
                if not place.is_dir():
                    place.write_bytes(answer.body)
    return site


def serve(server: str, tmp_path: Path, folder: Path, port: int, extra: str) -> list[str]:
    """The command that serves a folder with these lines in its settings."""
    if server == "nginx":
        return [program("nginx"), "-c", str(nginx_config(tmp_path, port, extra))]
    path = tmp_path / server
    if server == "Caddy":
        path.write_text(
            f"{{\n admin off\n auto_https off\n}}\nhttp://127.0.0.1:{port} {{\n{extra}\n root * {folder}\n file_server\n}}\n",
            encoding="utf-8",
        )
        return [program("caddy"), "run", "--config", str(path), "--adapter", "caddyfile"]
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
        for name in ("mpm_event", "authz_core", "authz_host", "dir", "mime", "alias")
    )
    path.write_text(
        f"{modules}ServerRoot {tmp_path}\nListen 127.0.0.1:{port}\nServerName localhost\nPidFile {tmp_path}/pid\n"
        f"ErrorLog {tmp_path}/error.log\nTypesConfig /etc/mime.types\nDocumentRoot {folder}\n"
        f"<Directory {folder}>\nRequire all granted\n</Directory>\n{extra}\n",
        encoding="utf-8",
    )
    return [program("apache2"), "-f", str(path), "-DFOREGROUND"]


@pytest.mark.parametrize("server", ["nginx", "Apache", "Caddy"])
def test_the_printed_lines_make_their_checks_pass(server: str, tmp_path: Path, exposed: Path) -> None:
    port = free_port()
    with running(serve(server, tmp_path, exposed, port, ""), port):
        before = Audit(f"http://127.0.0.1:{port}/").failing()
    assert set(FIXED) - before <= {"web-server-panels-closed"}, "that one asks with a query"
    port = free_port()
    extra = "\n".join(lines_for(server, check) for check in FIXED)
    with running(serve(server, tmp_path, exposed, port, extra), port):
        after = Audit(f"http://127.0.0.1:{port}/")
    assert after.failing() & set(FIXED) == set()
    assert set(FIXED) <= after.having("pass", "not_applicable")
    with running(serve(server, tmp_path, exposed, port, extra), port):
        assert b"Orchard" in urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
