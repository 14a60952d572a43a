"""nginx and Apache as they come, with good settings, and with each printed fix tried."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sitechecks import failing, verdicts, web_site

from webservers import APACHE_GOOD, NGINX_GOOD, WebServer, apache, missing, nginx

Runs = Callable[..., AbstractContextManager[WebServer]]
SERVERS = [
    pytest.param(nginx, NGINX_GOOD, marks=pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")),
    pytest.param(
        apache, APACHE_GOOD, marks=pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
    ),
]
PLAIN = {
    "web-hsts-set", "web-csp-set", "web-frames-restricted", "web-nosniff", "web-permissions-policy", "web-opener-policy",
    "web-server-version-hidden", "web-security-txt-present",
}  # fmt: skip
"""What a page of plain HTML fails by with the settings that the server comes with."""


def judged(server: WebServer) -> set[str]:
    return failing(web_site(server.https_url, server.http_port))


@pytest.mark.parametrize(("run", "good"), SERVERS)
def test_good_settings_fail_nothing_but_the_missing_file(run: Runs, good: str) -> None:
    with run(good) as server:
        said = verdicts(web_site(server.https_url, server.http_port))
    assert {name for name, status in said.items() if status == "fail"} == {"web-security-txt-present"}
    assert {name for name, status in said.items() if status == "unknown"} == set()


@pytest.mark.parametrize(("run", "good"), SERVERS)
def test_settings_as_they_come(run: Runs, good: str) -> None:
    with run() as server:
        assert judged(server) == PLAIN


@pytest.mark.parametrize(("run", "good"), SERVERS)
def test_without_a_redirect_http_is_told(run: Runs, good: str) -> None:
    with run(good, redirect=False) as server:
        assert judged(server) == {"web-http-redirects", "web-security-txt-present"}


def _lines(check: str, word: str) -> str:
    """The settings that the fix of a check prints for a server, with the comment signs taken off."""
    from secaudit.content import library

    text = library.load().checks[check].value.fix["any"]
    lines = [line.lstrip("# ").rstrip() for line in text.splitlines()]
    return "\n".join(line for line in lines if line.startswith(word))


HEADER_CHECKS = [
    "web-hsts-set", "web-frames-restricted", "web-nosniff", "web-permissions-policy", "web-opener-policy",
]  # fmt: skip


@pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")
@pytest.mark.parametrize("check", HEADER_CHECKS)
def test_the_printed_fix_for_nginx_works(check: str) -> None:
    with nginx(_lines(check, "add_header")) as server:
        assert judged(server) == PLAIN - {check}


@pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
@pytest.mark.parametrize("check", HEADER_CHECKS)
def test_the_printed_fix_for_apache_works(check: str) -> None:
    with apache(_lines(check, "Header always set")) as server:
        assert judged(server) == PLAIN - {check}


@pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")
def test_the_printed_policy_for_nginx_works() -> None:
    line = _lines("web-csp-forms", "nginx:").partition(":")[2].strip()
    with nginx(f"{line}\nadd_header X-Frame-Options DENY always;") as server:
        assert not judged(server) & {
            "web-csp-set",
            "web-csp-scripts",
            "web-csp-objects",
            "web-csp-base",
            "web-csp-forms",
        }


@pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
def test_the_printed_policy_for_apache_works() -> None:
    line = _lines("web-csp-forms", "Apache:").partition(":")[2].strip()
    with apache(line) as server:
        assert not judged(server) & {
            "web-csp-set",
            "web-csp-scripts",
            "web-csp-objects",
            "web-csp-base",
            "web-csp-forms",
        }


@pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")
def test_the_printed_fix_of_versions_for_nginx_works() -> None:
    with nginx(_lines("web-server-version-hidden", "server_tokens")) as server:
        assert "web-server-version-hidden" not in judged(server)


@pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
def test_the_printed_fix_of_versions_for_apache_works() -> None:
    with apache(_lines("web-server-version-hidden", "Server")) as server:
        assert "web-server-version-hidden" not in judged(server)


COOKIE = "session=5c1d0e7ab2f94368a1d7c05be93f4a62"
COOKIE_CHECKS = {"web-cookie-session-secure", "web-cookie-session-httponly", "web-cookie-session-samesite"}


@pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
def test_the_printed_fix_of_cookies_for_apache_works() -> None:
    bad = f'Header always add Set-Cookie "{COOKIE}; Path=/"\n'
    with apache(bad) as server:
        assert judged(server) >= COOKIE_CHECKS
    line = _lines("web-cookie-session-secure", "Apache").partition(": ")[2]
    with apache(bad + line, redirect=True) as server:
        over_https = verdicts(web_site(server.https_url))
        assert {over_https[name] for name in COOKIE_CHECKS} == {"pass"}


@pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")
def test_the_printed_fix_of_cookies_for_nginx_works() -> None:
    from networktest import free_port

    behind = free_port()
    origin = f'server {{ listen 127.0.0.1:{behind}; location / {{ add_header Set-Cookie "{COOKIE}; Path=/"; return 200 "x"; }} }}'
    passed = f"location / {{ proxy_pass http://127.0.0.1:{behind}; %s }}"
    with nginx(passed % "", before=origin) as server:
        assert judged(server) >= COOKIE_CHECKS
    line = _lines("web-cookie-session-secure", "nginx, as a proxy").partition(": ")[2]
    with nginx(passed % line, before=origin) as server:
        assert not judged(server) & COOKIE_CHECKS


@pytest.mark.parametrize(("run", "good"), SERVERS)
def test_headers_are_those_that_curl_sees(run: Runs, good: str) -> None:
    import subprocess

    from networktest import network_rows

    with run(good) as server:
        argv = ["curl", "-sk", "--http1.1", "-o", "/dev/null", "-D", "-", server.https_url]
        told = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=20).stdout
        rows = network_rows("http_headers", web_site(server.https_url, server.http_port))
    pairs = [line.partition(":") for line in told.splitlines()[1:] if line]
    changing = ("date", "connection", "accept-ranges")
    theirs = [(name.lower(), value.strip()) for name, _, value in pairs if name.lower() not in changing]
    ours = [(row["name"], row["value"]) for row in rows if row["is_page"] and row["name"] not in changing]
    assert ours == theirs


DEBIAN = "/usr/share/nginx/html/index.html"


@pytest.mark.skipif(bool(missing("nginx")), reason="nginx is not installed")
def test_the_first_page_of_nginx_is_known() -> None:
    from pathlib import Path

    if not Path(DEBIAN).exists():
        pytest.skip(f"{DEBIAN} is not there")
    with nginx(NGINX_GOOD, page=Path(DEBIAN).read_bytes()) as server:
        assert "web-not-default-page" in judged(server)


@pytest.mark.skipif(bool(missing("apache2")), reason="apache2 is not installed")
def test_the_first_page_of_apache_is_known() -> None:
    from pathlib import Path

    page = Path("/usr/share/apache2/default-site/index.html")
    if not page.exists():
        pytest.skip(f"{page} is not there")
    with apache(APACHE_GOOD, page=page.read_bytes()) as server:
        assert "web-not-default-page" in judged(server)
