"""Real web servers on loopback: nginx and Apache with the settings that a test gives, on ports of their own.

Both serve a folder over http and https; `good` holds the lines that make a site fail no check of a visit, as the fixes
of the checks print them. Without lines they are as they come.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from networktest import free_port
from secaudit.faults.http import certificate

PAGE = '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>Orchard</title></head><body>Hello</body></html>\n'
CSP = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; report-to csp"
)
HEADERS = (
    ("Strict-Transport-Security", "max-age=31536000; includeSubDomains"),
    ("Content-Security-Policy", CSP),
    ("Reporting-Endpoints", 'csp="/csp-reports"'),
    ("X-Frame-Options", "SAMEORIGIN"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), microphone=(), geolocation=()"),
    ("Cross-Origin-Opener-Policy", "same-origin-allow-popups"),
)
NGINX_GOOD = "server_tokens off;\n" + "".join(
    f"add_header {name} '{value}' always;\n" for name, value in HEADERS if "'" not in value
)
NGINX_GOOD += "".join(f'add_header {name} "{value}" always;\n' for name, value in HEADERS if "'" in value)
APACHE_GOOD = "ServerTokens Prod\nServerSignature Off\n" + "".join(
    'Header always set {} "{}"\n'.format(name, value.replace('"', '\\"')) for name, value in HEADERS
)


@dataclass(frozen=True, slots=True)
class WebServer:
    """One that runs."""

    http_port: int
    https_port: int
    folder: Path
    """What it serves."""
    log: Path

    @property
    def http_url(self) -> str:
        return f"http://localhost:{self.http_port}/"

    @property
    def https_url(self) -> str:
        return f"https://localhost:{self.https_port}/"


def missing(program: str) -> str:
    """Why a test cannot use a server; empty when it can."""
    for name in (program, "openssl"):
        if shutil.which(name) is None and not Path(f"/usr/sbin/{name}").exists():
            return f"{name} is not installed"
    return ""


@contextlib.contextmanager
def nginx(
    lines: str = "", redirect: bool = True, page: str | bytes | None = PAGE, before: str = ""
) -> Iterator[WebServer]:
    """nginx with these lines in its server for https; with `redirect` http leads there, else it serves the same.

    `before` stands beside the servers, in http { }.
    """
    with _place(page) as (folder, served):
        http_port, https_port = free_port(), free_port()
        plain = f"return 301 https://localhost:{https_port}$request_uri;" if redirect else f"root {served}; {lines}"
        text = f"""
            daemon off; master_process off; worker_processes 1; pid {folder}/pid; error_log {folder}/log;
            events {{ worker_connections 64; }}
            http {{
              access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
              fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
              types {{ text/html html; text/css css; text/javascript js; text/plain txt; image/png png; }}
              {"server_tokens off;" if "server_tokens off" in lines else ""}
              {before}
              server {{ listen 127.0.0.1:{http_port}; server_name localhost; {plain} }}
              server {{
                listen 127.0.0.1:{https_port} ssl; server_name localhost; root {served};
                ssl_certificate {folder}/certificate.pem; ssl_certificate_key {folder}/key.pem;
                {lines}
              }}
            }}
        """
        (folder / "nginx.conf").write_text(text)
        with _running(
            ["/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-e", f"{folder}/log"], folder, http_port, https_port
        ):
            yield WebServer(http_port, https_port, served, folder / "log")


APACHE_MODULES = "mpm_event authz_core authn_core mime dir ssl headers rewrite alias autoindex status socache_shmcb"


@contextlib.contextmanager
def apache(
    lines: str = "", redirect: bool = True, page: str | bytes | None = PAGE, modules: str = ""
) -> Iterator[WebServer]:
    """Apache with these lines for the whole server; with `redirect` http leads to https."""
    with _place(page) as (folder, served):
        http_port, https_port = free_port(), free_port()
        there = Path("/usr/lib/apache2/modules")
        loads = "\n".join(
            f"LoadModule {name}_module {there}/mod_{name}.so" for name in f"{APACHE_MODULES} {modules}".split()
        )
        plain = f"Redirect permanent / https://localhost:{https_port}/" if redirect else f"DocumentRoot {served}"
        text = f"""
            {loads}
            ServerRoot {folder}
            ServerName localhost
            PidFile {folder}/pid
            ErrorLog {folder}/log
            DefaultRuntimeDir {folder}
            Mutex file:{folder} default
            TypesConfig /etc/mime.types
            Listen 127.0.0.1:{http_port}
            Listen 127.0.0.1:{https_port}
            <Directory {served}>
              Require all granted
            </Directory>
            {lines}
            <VirtualHost 127.0.0.1:{http_port}>
              {plain}
            </VirtualHost>
            <VirtualHost 127.0.0.1:{https_port}>
              DocumentRoot {served}
              SSLEngine on
              SSLCertificateFile {folder}/certificate.pem
              SSLCertificateKeyFile {folder}/key.pem
            </VirtualHost>
        """
        (folder / "apache.conf").write_text(text)
        argv = ["/usr/sbin/apache2", "-d", str(folder), "-f", f"{folder}/apache.conf", "-DFOREGROUND"]
        with _running(argv, folder, http_port, https_port):
            yield WebServer(http_port, https_port, served, folder / "log")


@contextlib.contextmanager
def _place(page: str | bytes | None) -> Iterator[tuple[Path, Path]]:
    """A folder of settings with a certificate, and in it the folder that is served."""
    with tempfile.TemporaryDirectory(prefix="secaudit-web-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        served = folder / "www"
        served.mkdir()
        if page is not None:
            (served / "index.html").write_bytes(page if isinstance(page, bytes) else page.encode())
        made, key = certificate()
        (folder / "certificate.pem").write_bytes(made)
        (folder / "key.pem").write_bytes(key)
        yield folder, served


@contextlib.contextmanager
def _running(argv: list[str], folder: Path, *ports: int) -> Iterator[None]:
    """Run a server until the end; it must listen within ten seconds."""
    with (folder / "out").open("wb") as out:
        process = subprocess.Popen(argv, stdout=out, stderr=out, cwd=folder)
    try:
        end = time.monotonic() + 10
        for port in ports:
            while not _listens(port):
                if process.poll() is not None or time.monotonic() > end:
                    told = (folder / "out").read_text(errors="replace")
                    log = folder / "log"
                    raise RuntimeError(f"{argv[0]} does not run: {told}{log.read_text() if log.exists() else ''}")
                time.sleep(0.02)
        yield
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _listens(port: int) -> bool:
    with socket.socket() as one:
        one.settimeout(0.5)
        return one.connect_ex(("127.0.0.1", port)) == 0
