"""nginx_config and nginx_servers: what nginx itself would use; nginx -T says which files and directives it reads."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host._nginxconf import _tokens
from tabletest import make_root, read_table, rows

PROGRAM = {"/usr/sbin/nginx": "x"}
MODES = {"/usr/sbin/nginx": 0o755}


def site(tmp_path: Path, http: str, more: dict[str, str] | None = None) -> Path:
    files = {"/etc/nginx/nginx.conf": f"user www-data;\nevents {{}}\nhttp {{\n{http}\n}}\n", **(more or {}), **PROGRAM}
    return make_root(tmp_path, files, MODES)


def values(root: Path, name: str) -> list[tuple[object, ...]]:
    found = rows("nginx_config", root)
    return [(row["server"], row["location"], row["value"]) for row in found if row["name"] == name]


def test_an_inner_block_overrides_and_a_semicolon_may_stand_on_the_next_line(tmp_path: Path) -> None:
    text = (
        "server_tokens off # hidden ; on;\n;\nautoindex on;\nserver { server_name a.example; listen 80;\n"
        "location /x { autoindex off; location /x/y { autoindex 'on'; } } }\n"
        "server { server_name b.example; server_tokens on; autoindex off; }"
    )
    root = site(tmp_path, text)
    assert values(root, "autoindex") == [
        ("a.example", "", "on"),
        ("a.example", "/x", "off"),
        ("a.example", "/x /x/y", "on"),
        ("b.example", "", "off"),
    ]
    assert {found for found in values(root, "server_tokens") if found[1] == ""} == {
        ("a.example", "", "off"),
        ("b.example", "", "on"),
    }


def test_built_in_values_are_there_for_every_place(tmp_path: Path) -> None:
    root = site(tmp_path, "server { listen 80; location / { } }")
    assert values(root, "server_tokens") == [("80", "", "on"), ("80", "/", "on")]


def test_a_directive_of_the_same_name_inside_a_comment_or_a_text_counts_for_nothing(tmp_path: Path) -> None:
    text = "server { server_name a; # autoindex on;\nadd_header X \"autoindex on; }\"; return 200 'a;b}';\n}"
    root = site(tmp_path, text)
    assert values(root, "autoindex") == [("a", "", "off")]
    assert values(root, "return") == [("a", "", "200 a;b}")]


def test_the_location_that_takes_everything_hides_the_values_of_the_server(tmp_path: Path) -> None:
    root = site(tmp_path, "server { server_name a; autoindex on; location / { autoindex off; } }")
    found = [row for row in rows("nginx_config", root) if row["name"] == "autoindex"]
    assert [(row["value"], row["is_reached"]) for row in found] == [("on", 0), ("off", 1)]


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (b"nginx/1.22.1", "TLSv1 TLSv1.1 TLSv1.2"),
        (b"nginx/1.26.0", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
        (b"nginx/1.28.0", "TLSv1.2 TLSv1.3"),
        (b"", None),
    ],
)
def test_the_built_in_tls_versions_are_those_of_the_installed_program(
    tmp_path: Path, version: bytes, expected: str | None
) -> None:
    root = site(tmp_path, "server { server_name a; listen 443 ssl; }")
    (root / "usr/sbin/nginx").write_bytes(b"\x7fELF\x00" + version + b"\x00")
    assert values(root, "ssl_protocols") == [("a", "", expected)]


def servers(root: Path) -> dict[object, dict[str, object]]:
    return {f"{row['server']} {row['listens']}": row for row in rows("nginx_servers", root)}


def test_add_header_in_a_location_hides_the_headers_outside(tmp_path: Path) -> None:
    text = (
        'add_header Strict-Transport-Security "max-age=9" always;\n'
        "server { server_name a; listen 443 ssl; location /x { add_header X 1; } location /y { } }\n"
        "server { server_name b; listen 443 ssl; add_header Y 1; }"
    )
    found = servers(site(tmp_path, text))
    assert (found["a 443"]["hsts"], found["a 443"]["hsts_lost_in"]) == ("max-age=9", "/x")
    assert found["b 443"]["hsts"] == ""


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("return 301 https://$host$request_uri;", 1),
        ("return 301 http://other;", 0),
        ("return 404;", 0),
        ("location / { return 308 https://a$request_uri; } location /.well-known/ { root /x; }", 1),
        ("location / { return 301 https://a; } location /api { proxy_pass http://x; }", 0),
        ("if ($scheme = http) { return 301 https://$host$request_uri; }", 1),
        ("if ($host = a) { return 301 https://$host$request_uri; } root /srv;", 0),
        ("rewrite ^ https://$host$request_uri permanent;", 1),
        ("rewrite ^/old https://$host/new permanent;", 0),
        ("", 0),
    ],
)
def test_only_a_server_that_sends_every_request_away_redirects(tmp_path: Path, block: str, expected: int) -> None:
    text = f"server {{ server_name a; listen 443 ssl; }} server {{ server_name a; listen 80; {block} }}"
    found = servers(site(tmp_path, text))["a 80"]
    assert (found["has_tls_twin"], found["redirects"]) == (1, expected)


def test_includes_are_relative_to_the_main_file_and_sorted(tmp_path: Path) -> None:
    more = {
        "/etc/nginx/sites/b.conf": "server { server_name b; }",
        "/etc/nginx/sites/a.conf": "server { server_name a; include snippets/x.conf; }",
        "/etc/nginx/snippets/x.conf": "autoindex on;",
    }
    root = site(tmp_path, "include sites/*.conf; include none/*.conf;", more)
    assert values(root, "autoindex") == [("a", "", "on"), ("b", "", "off")]
    found = [row for row in rows("nginx_config", root) if row["name"] == "autoindex"]
    assert (found[0]["path"], found[0]["line"]) == ("/etc/nginx/snippets/x.conf", 1)


@pytest.mark.parametrize(
    "http",
    ["include missing.conf;", "include loop.conf;", "server { autoindex on; } } }"],
)
def test_what_could_not_be_followed_is_said(tmp_path: Path, http: str) -> None:
    root = site(tmp_path, http, {"/etc/nginx/loop.conf": "include loop.conf;"})
    assert read_table("nginx_config", root).status == "partial"


def test_settings_left_behind_by_a_removed_package_are_no_nginx(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/nginx/nginx.conf": "http { server { autoindex on; } }"})
    assert read_table("nginx_config", root).status == "absent"


def test_the_code_of_lua_blocks_is_passed_over() -> None:
    text = 'content_by_lua_block { if a == "}" then -- }\n x = {} end } autoindex on;'
    assert [token.text for token in _tokens(text)] == ["content_by_lua_block", "{", "}", "autoindex", "on", ";"]


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_itself_reads_the_same_files_in_the_same_order(tmp_path: Path) -> None:
    tree = {
        "etc/nginx/nginx.conf": "events {}\nhttp {\n access_log off;\n include conf.d/*.conf;\n include 'sites/a*';\n}\n",
        "etc/nginx/conf.d/b.conf": 'server { listen 127.0.0.1:8081; add_header X "a\\"; b}"; }\n',
        "etc/nginx/conf.d/a.conf": "server { listen 127.0.0.1:8082; include inner/x; }\n",
        "etc/nginx/inner/x": "server_tokens\n  off # c\n;\nlocation ~ ^/a{2}$ { autoindex on; }\n",
        "etc/nginx/sites/a1": "server { listen 127.0.0.1:8083; set $x ${host}y; return 200 ${x}; }\n",
        "etc/nginx/sites/b": "nonsense",
        "usr/sbin/nginx": "x",
    }
    root = make_root(tmp_path, {f"/{path}": text for path, text in tree.items()}, MODES)
    (root / "etc/nginx/inner/x").write_text(tree["etc/nginx/inner/x"].replace("^/a{2}$", '"^/a{2}$"'))
    done = subprocess.run(
        ["nginx", "-T", "-q", "-e", "stderr", "-g", f"pid {tmp_path}/pid;", "-c", str(root / "etc/nginx/nginx.conf")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    theirs = [path.removeprefix(str(root)) for path in re.findall(r"^# configuration file (.*):$", done.stdout, re.M)]
    data = read_table("nginx_config", root)
    ours = [source.what for source in data.sources if source.kind == "file" and "/etc/nginx/" in source.what]
    assert (data.status, sorted(ours)) == ("ok", sorted(theirs))
    assert [one for one in values(root, "autoindex") if one[2] == "on"] == [("127.0.0.1:8082", "~ ^/a{2}$", "on")]
    assert [one[2] for one in values(root, "add_header")] == ['X a"; b}']


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("/usr/sbin/nginx -g 'daemon on; master_process on;'", "ok"),
        ("/usr/sbin/nginx -c /etc/nginx/nginx.conf", "ok"),
        ("/usr/sbin/nginx -c /srv/nginx.conf", "partial"),
        ("/usr/sbin/nginx -g 'user root;'", "partial"),
        ("/usr/sbin/nginx -c $CONF", "partial"),
    ],
)
def test_a_service_that_starts_nginx_with_other_settings_is_told(tmp_path: Path, command: str, status: str) -> None:
    files = {
        "/etc/nginx/nginx.conf": "http { server { listen 80; } }\n",
        "/usr/lib/systemd/system/nginx.service": f"[Service]\nEnvironment=CONF=/srv/nginx.conf\nExecStart={command}\n",
    }
    assert read_table("nginx_config", make_root(tmp_path, files)).status == status
    assert read_table("nginx_servers", make_root(tmp_path, files)).status == status
