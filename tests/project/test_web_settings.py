"""web_settings: what Node, Laravel, WordPress, PHP, Rails, Spring, ASP.NET and servers are told, with their defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from secaudit.tables.project._web_setting import without_comments


def settings(folder: Path, files: dict[str, str | bytes], framework: str) -> dict[str, str | int | None]:
    """The values of one framework by setting."""
    rows = project_rows("web_settings", make_project(folder / "p", files))
    return {str(row["setting"]): row["value"] for row in rows if row["framework"] == framework}


APP = "const express = require('express');\nconst app = express();\n"


def test_a_bare_express_application(tmp_path: Path) -> None:
    text = APP + "app.use(session({ secret: process.env.S, resave: false }));\napp.post('/login', login);\n"
    assert settings(tmp_path, {"app.js": text}, "express") == {
        "security_headers": "none", "x_powered_by": "on", "login_rate_limit": "none", "session_cookie_secure": "false",
        "session_cookie_httponly": "true", "session_cookie_samesite": "unset", "session_store": "memory",
    }  # fmt: skip


def test_an_express_application_with_all_of_it(tmp_path: Path) -> None:
    text = (
        APP + "app.use(helmet());\nconst limiter = rateLimit({ max: 5 });\napp.use(session({ secret: s, store,\n"
        "  cookie: { secure: true, httpOnly: true, sameSite: 'lax' } }));\n"
    )
    files: dict[str, str | bytes] = {"app.js": text, "routes/user.js": "router.post('/login', limiter, login);\n"}
    assert settings(tmp_path, files, "express") == {
        "security_headers": "helmet", "x_powered_by": "off", "login_rate_limit": "used", "session_cookie_secure": "true",
        "session_cookie_httponly": "true", "session_cookie_samesite": "lax", "session_store": "own",
    }  # fmt: skip


def test_what_stands_in_a_comment_or_a_test_does_not_count(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "app.js": APP + "// app.use(helmet());\n/* helmet */\n",
        "test/a.test.js": "helmet();\n",
    }
    assert settings(tmp_path, files, "express")["security_headers"] == "none"


def test_a_value_that_is_computed_is_null(tmp_path: Path) -> None:
    text = APP + "app.use(session({ secret: s, cookie: { secure: isProduction } }));\n"
    found = settings(tmp_path, {"app.js": text}, "express")
    assert found["session_cookie_secure"] is None


def test_laravel(tmp_path: Path) -> None:
    found = settings(tmp_path, {
        "artisan": "x", ".env": "APP_ENV=production\nAPP_DEBUG=true\nAPP_KEY=base64:abc\n#APP_DEBUG=false\n",
        "config/app.php": "<?php return ['debug' => (bool) env('APP_DEBUG', true), // 'debug' => false\n];",
        "config/session.php": "<?php return ['secure' => env('SESSION_SECURE_COOKIE'), 'http_only' => false, 'same_site' => 'lax'];",
        "config/cors.php": "<?php return ['allowed_origins' => ['*'], 'supports_credentials' => true];",
        "app/Http/Middleware/VerifyCsrfToken.php": "<?php class V { protected $except = [\n 'stripe/*',\n // 'a',\n '*' ]; }",
    }, "laravel")  # fmt: skip
    assert found == {
        "APP_ENV": "production", "APP_DEBUG": "true", "APP_KEY": "set", "debug": "true", "session_secure": "null",
        "session_http_only": "false", "session_same_site": "lax", "cors_origins": "*", "cors_credentials": "true", "csrf_except": "*",
    }  # fmt: skip


def test_a_dotenv_without_laravel_is_not_its(tmp_path: Path) -> None:
    assert read_project("web_settings", make_project(tmp_path / "p", {".env": "APP_DEBUG=true\n"})).status == "absent"


CONFIG = """<?php
define( 'DB_NAME', 'x' );
define('WP_DEBUG', true); // define('WP_DEBUG', false);
define('AUTH_KEY', 'put your unique phrase here');
define('SECURE_AUTH_KEY', '0123456789012345678901234567890123456789');
define('LOGGED_IN_KEY', '0123456789012345678901234567890123456789');
define('NONCE_KEY', getenv('NONCE_KEY'));
define('DISALLOW_FILE_EDIT', getenv('X'));
$table_prefix = 'wp_';
if ( ! defined( 'ABSPATH' ) ) { define( 'ABSPATH', __DIR__ . '/' ); }
"""


def test_wordpress(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"wp-config.php": CONFIG, "wp-includes/version.php": "<?php $wp_version = '6.1.9';"}
    found = settings(tmp_path, files, "wordpress")
    assert (found["WP_DEBUG"], found["WP_DEBUG_DISPLAY"], found["FORCE_SSL_ADMIN"]) == ("true", "true", "unset")
    assert (found["AUTH_KEY"], found["LOGGED_IN_KEY"]) == ("placeholder", "same as SECURE_AUTH_KEY")
    assert (found["NONCE_KEY"], found["AUTH_SALT"], found["DISALLOW_FILE_EDIT"]) == ("set", "missing", None)
    assert (found["table_prefix"], found["version"]) == ("wp_", "6.1.9")


def test_no_value_of_a_key_leaves(tmp_path: Path) -> None:
    rows = project_rows("web_settings", make_project(tmp_path / "p", {"wp-config.php": CONFIG}))
    assert "0123456789" not in str(rows)


@pytest.mark.parametrize(
    ("path", "text", "framework", "expected"),
    [
        ("config/environments/production.rb", "  # config.force_ssl = true\n", "rails", {"force_ssl": "false"}),
        ("config/environments/production.rb", "  config.force_ssl = true # yes\n", "rails", {"force_ssl": "true"}),
        ("app/controllers/a_controller.rb", "  skip_before_action :verify_authenticity_token\n", "rails", {"csrf_skipped": "all actions"}),
        ("app/controllers/a_controller.rb", "  skip_before_action :verify_authenticity_token, only: :hook\n", "rails", {"csrf_skipped": "some actions"}),
        ("config/secrets.yml", "production:\n  secret_key_base: abc\n", "rails", {"secret_key_base": "literal"}),
        ("config/secrets.yml", 'production:\n  secret_key_base: <%= ENV["S"] %>\n', "rails", {"secret_key_base": "environment"}),
        ("config/master.key", "0123\n", "rails", {"master_key": "tracked"}),
        ("src/application.properties", "management.endpoints.web.exposure.include=*\n", "spring", {"management.endpoints.web.exposure.include": "*"}),
        ("src/application.yml", "spring:\n  h2:\n    console:\n      enabled: true # x\n", "spring", {"spring.h2.console.enabled": "true"}),
        ("Web.config", '<!-- <compilation debug="true"/> --><customErrors mode="Off"/>', "aspnet", {"custom_errors": "off"}),
        ("nginx/a.conf", "location /files {\n alias /srv/files/;\n}\nautoindex on;\n", "nginx", {"alias": "leaves the folder", "autoindex": "on"}),
        ("nginx/a.conf", "location /files/ {\n alias /srv/files/;\n}\n", "nginx", {"alias": "inside"}),
        (".htaccess", "# Options +Indexes\nOptions -Indexes\n", "apache", {"directory_listing": "off"}),
        (".htaccess", "php_flag display_errors on\n", "php", {"display_errors": "on"}),
        ("php.ini", ";display_errors = On\ndisplay_errors = Off ; no\nallow_url_include=1\n", "php", {"display_errors": "off", "allow_url_include": "on"}),
    ],
)  # fmt: skip
def test_other_frameworks(tmp_path: Path, path: str, text: str, framework: str, expected: dict[str, str]) -> None:
    found = settings(tmp_path, {path: text}, framework)
    assert {name: found.get(name) for name in expected} == expected


def test_a_project_without_any_is_absent(tmp_path: Path) -> None:
    assert read_project("web_settings", make_project(tmp_path / "p", {"a.js": "1\n"})).status == "absent"


@pytest.mark.parametrize(
    "text", ["'" * 60_000, "/*" * 30_000, '"\n' * 60_000, "define('" * 20_000, "\\" * 60_000, "`" * 60_001]
)
def test_hostile_text_is_read_in_time(tmp_path: Path, text: str) -> None:
    files: dict[str, str | bytes] = {
        "wp-config.php": "ABSPATH" + text,
        "app.js": APP + text,
        "nginx/a.conf": text,
        "Web.config": text,
    }
    assert read_project("web_settings", make_project(tmp_path / "p", files)).status in ("ok", "absent")


def test_comments_and_texts_are_told_apart() -> None:
    text = "a = \"// no\"; // yes\nb = '# no'; # yes\n/* yes\nyes */ c = `/* no */`; url = http://no"
    found = without_comments(text)
    assert "yes" not in found
    assert found.count("no") == 4
    assert found.count("\n") == text.count("\n")
