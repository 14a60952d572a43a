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
