"""apache_config and apache_vhosts: what Apache itself would use; apache2 -t tells files and modules that it reads."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host._apacheservers import merged, versions
from tabletest import make_root, read_table, rows

PROGRAM = {"/usr/sbin/apache2": "x"}
MODES = {"/usr/sbin/apache2": 0o755}


def server(tmp_path: Path, text: str, more: dict[str, str] | None = None) -> Path:
    return make_root(tmp_path, {"/etc/apache2/apache2.conf": text, **(more or {}), **PROGRAM}, MODES)


def values(root: Path, name: str) -> list[tuple[object, ...]]:
    found = rows("apache_config", root)
    return [(row["vhost"], row["section"], row["value"]) for row in found if row["name"] == name]


def test_the_last_line_decides_and_virtual_hosts_inherit(tmp_path: Path) -> None:
    text = (
        "ServerTokens Full\nservertokens \\\n Prod\n# ServerTokens OS\nServerSignature On\n"
        "<VirtualHost *:80>\nServerName a.example\n</VirtualHost>\n"
        '<VirtualHost *:80>\nServerName "b.example"\nServerSignature Off\n</VirtualHost>\n'
    )
    root = server(tmp_path, text)
    assert values(root, "servertokens")[0] == ("", "", "Prod")
    assert values(root, "serversignature") == [("", "", "On"), ("a.example", "", "On"), ("b.example", "", "Off")]


def test_built_in_values(tmp_path: Path) -> None:
    root = server(tmp_path, "")
    assert values(root, "traceenable") == [("", "", "on")]
    assert values(root, "sslprotocol") == [("", "", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3")]


def test_conditions_depend_on_loaded_modules_and_definitions(tmp_path: Path) -> None:
    text = (
        "LoadModule ssl_module /usr/lib/apache2/modules/mod_ssl.so\nDefine here\nDefine mode Off\n"
        "<IfModule mod_ssl.c>\nTraceEnable ${mode}\n</IfModule>\n<IfModule !ssl_module>\nTraceEnable on\n</IfModule>\n"
        "<IfModule mod_dav.c>\n<Directory /x>\nTraceEnable on\n</Directory>\nTraceEnable extended\n</IfModule>\n"
        "<IfDefine !here>\nServerTokens Full\n</IfDefine>\n<IfVersion >= 2.4>\nServerTokens Prod\n</IfVersion>\n"
        "<IfVersion < 2.4>\nServerTokens OS\n</IfVersion>\n"
    )
    root = server(tmp_path, text)
    assert values(root, "traceenable") == [("", "", "Off")]
    assert values(root, "servertokens") == [("", "", "Prod")]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("all -SSLv3", "TLSv1 TLSv1.1 TLSv1.2 TLSv1.3"),
        ("-all +TLSv1.2 +TLSv1.3", "TLSv1.2 TLSv1.3"),
        ("TLSv1.2", "TLSv1.2"),
        ("all -SSLv3 -TLSv1 -TLSv1.1", "TLSv1.2 TLSv1.3"),
        ("+TLSv1 +tlsv1.2", "TLSv1 TLSv1.2"),
        ("TLSv1.1 TLSv1.2", "TLSv1.2"),
    ],
)
def test_protocols_are_worked_out(words: str, expected: str) -> None:
    assert " ".join(versions(tuple(words.split()))) == expected


@pytest.mark.parametrize(
    ("base", "words", "expected"),
    [
        ("followsymlinks", "Indexes FollowSymLinks", "followsymlinks indexes"),
        ("followsymlinks", "+Indexes", "followsymlinks indexes"),
        ("followsymlinks indexes", "-Indexes", "followsymlinks"),
        ("indexes", "None", ""),
        ("", "All", "execcgi followsymlinks includes indexes symlinksifownermatch"),
    ],
)
def test_options_are_merged(base: str, words: str, expected: str) -> None:
    assert " ".join(sorted(merged(frozenset(base.split()), tuple(words.split())))) == expected


def test_a_folder_inherits_from_the_folders_above_and_the_vhost_from_the_main_server(tmp_path: Path) -> None:
    text = (
        "<Directory />\nOptions None\n</Directory>\n<Directory /srv/www/>\nOptions +Indexes\n</Directory>\n"
        '<Directory "/srv/www/safe">\nOptions -Indexes\n</Directory>\n'
        "<VirtualHost *:80>\nServerName v\n<Directory /srv/www/v>\nAllowOverride None\n</Directory>\n</VirtualHost>\n"
    )
    assert values(server(tmp_path, text), "options") == [
        ("", "/", ""),
        ("", "/srv/www/", "indexes"),
        ("", "/srv/www/safe", ""),
        ("v", "/srv/www/v", "indexes"),
    ]


def test_status_pages_show_who_may_see_them(tmp_path: Path) -> None:
    text = (
        "<Location /a>\nSetHandler server-status\nRequire local\n</Location>\n"
        "<Location /b>\nSetHandler server-status\n</Location>\n"
        "<Location /c>\nSetHandler server-info\n<RequireAny>\nRequire ip 10.0.0.1\nRequire all granted\n</RequireAny>\n</Location>\n"
    )
    assert values(server(tmp_path, text), "status_access") == [
        ("", "/a", "local"),
        ("", "/b", ""),
        ("", "/c", "ip 10.0.0.1, all granted"),
    ]


def vhosts(root: Path) -> dict[object, dict[str, object]]:
    return {f"{row['vhost']} {row['addresses']}": row for row in rows("apache_vhosts", root)}


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("Redirect permanent / https://a/", 1),
        ("Redirect 301 /old https://a/", 0),
        ("RewriteEngine On\nRewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}$1 [R=301,L]", 1),
        ("RewriteCond %{HTTPS} off\nRewriteRule ^(.*)$ https://%{HTTP_HOST}$1 [R=301,L]", 0),
        ("RewriteEngine On\nRewriteCond %{REMOTE_ADDR} ^10\nRewriteRule ^ https://a [R]", 0),
        ("", 0),
    ],
)
def test_only_a_host_that_sends_everything_away_redirects(tmp_path: Path, lines: str, expected: int) -> None:
    text = (
        f"<VirtualHost *:80>\nServerName a\n{lines}\n</VirtualHost>\n"
        "<VirtualHost *:443>\nServerName a\nSSLEngine on\n</VirtualHost>\n"
    )
    found = vhosts(server(tmp_path, text))["a *:80"]
    assert (found["has_tls_twin"], found["redirects"]) == (1, expected)


def test_headers_add_up_and_can_be_unset(tmp_path: Path) -> None:
    text = (
        'Header always set Strict-Transport-Security "max-age=9"\n'
        "<VirtualHost *:443>\nServerName a\nSSLEngine on\n</VirtualHost>\n"
        "<VirtualHost *:443>\nServerName b\nSSLEngine on\nHeader unset Strict-Transport-Security\n</VirtualHost>\n"
    )
    found = vhosts(server(tmp_path, text))
    assert (found["a *:443"]["hsts"], found["b *:443"]["hsts"]) == ("max-age=9", "")


@pytest.mark.parametrize(
    "text", ["Include missing.conf", "Use Site a", "<Macro Site $x>\n</Macro>", "Include apache2.conf"]
)
def test_what_could_not_be_followed_is_said(tmp_path: Path, text: str) -> None:
    assert read_table("apache_config", server(tmp_path, text)).status == "partial"


@pytest.mark.skipif(shutil.which("apache2") is None, reason="apache2 is not installed")
@pytest.mark.parametrize("what", ["DUMP_INCLUDES", "DUMP_MODULES"])
def test_apache_itself_reads_the_same_files_and_modules(what: str, tmp_path: Path) -> None:
    tree = tmp_path / "root"
    shutil.copytree("/etc/apache2", tree / "etc/apache2", symlinks=True)
    place = tree / "etc/apache2"
    for name in os.listdir(place / "conf-enabled"):  # what other packages put there leads out of the copy
        if not os.path.realpath(f"/etc/apache2/conf-enabled/{name}").startswith("/etc/apache2/"):
            (place / "conf-enabled" / name).unlink()
    (place / "conf-enabled/deep").mkdir()
    (place / "conf-enabled/zz.conf").write_text(
        "<IfModule mod_status.c>\nInclude conf-enabled/deep\n</IfModule>\n<IfModule mod_no.c>\nInclude nowhere\n</IfModule>\n"
    )
    (place / "conf-enabled/deep/a.inc").write_text("ServerTokens Prod\n")
    main = (place / "apache2.conf").read_text()
    (place / "apache2.conf").write_text(main.replace("DefaultRuntimeDir", "# DefaultRuntimeDir"))
    variables = {
        "APACHE_RUN_USER": "www-data", "APACHE_RUN_GROUP": "www-data", "APACHE_PID_FILE": f"{tmp_path}/pid",
        "APACHE_RUN_DIR": str(tmp_path), "APACHE_LOCK_DIR": str(tmp_path), "APACHE_LOG_DIR": str(tmp_path),
        "PATH": "/usr/sbin:/usr/bin",
    }  # fmt: skip
    done = subprocess.run(
        ["apache2", "-t", "-d", str(place), "-f", str(place / "apache2.conf"), "-D", what],
        capture_output=True, text=True, check=False, env=variables,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    root = make_root(tree, PROGRAM, MODES)
    data = read_table("apache_config", root)
    assert data.status == "ok", data.reason
    if what == "DUMP_MODULES":
        theirs = {name.removesuffix("_module") for name in re.findall(r"^ (\w+) \(", done.stdout, re.M)}
        ours = {row["value"] for row in rows("apache_config", root) if row["name"] == "module"}
        assert ours == theirs
    else:
        listed = [path.removeprefix(str(tree)) for path in re.findall(r"^\s*\(\S+\) (.*)$", done.stdout, re.M)]
        read = [one.what for one in data.sources if one.kind == "file" and one.error is None]
        assert {path for path in read if not path.endswith("/envvars") and path.startswith("/etc/apache2")} == set(
            listed
        )
        assert values(root, "servertokens")[0][2] == "Prod"
