"""Settings of Django, Flask and FastAPI: read as the program would have them on a server, never run."""

from __future__ import annotations

from pathlib import Path

import pytest

from projecttest import make_project, project_rows, read_project
from secaudit.model import TableStatus

TABLE = "python_settings"
DJANGO = 'INSTALLED_APPS = ["django.contrib.auth"]\nROOT_URLCONF = "site.urls"\nMIDDLEWARE = []\n'


def settings(folder: Path, files: dict[str, str], deployed: int = 1) -> dict[str, tuple[object, object]]:
    """Setting -> (value, known) of what a server would use."""
    rows = project_rows(TABLE, make_project(folder / "p", files))
    return {str(row["setting"]): (row["value"], row["known"]) for row in rows if row["deployed"] == deployed}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("DEBUG = True", ("1", "literal")),
        ("DEBUG: bool = False", ("0", "literal")),
        ("", ("0", "default")),
        ('DEBUG = os.environ.get("DEBUG", "False") == "True"', ("0", "environment")),
        ('DEBUG = os.environ.get("DEBUG", "True") == "True"', ("1", "environment")),
        ('DEBUG = os.getenv("DEBUG", "0").lower() in ("1", "true")', ("0", "environment")),
        ('DEBUG = bool(int(os.environ.get("DEBUG", 0)))', ("0", "environment")),
        ('DEBUG = os.environ.get("DEBUG", True)', ("1", "environment")),
        ('DEBUG = env.bool("DEBUG", default=False)', ("0", "environment")),
        ('DEBUG = env("DEBUG", default="true", cast=bool)', ("1", "environment")),
        ('env = environ.Env(DEBUG=(bool, False))\nDEBUG = env("DEBUG")', ("0", "environment")),
        ('DEBUG = config("DEBUG", default=True, cast=bool)', ("1", "environment")),
        ('DEBUG = not os.environ.get("PRODUCTION")', ("1", "environment")),
        ('DEBUG = os.environ.get("STAGE", "dev") != "production"', ("0", "environment")),
        ('STAGE = os.environ.get("STAGE", "dev")\nDEBUG = STAGE == "dev"', ("0", "environment")),
        ("DEBUG = True\nDEBUG = False", ("0", "literal")),
        ("DEBUG = compute()", (None, "computed")),
        ('DEBUG = os.environ.get("DEBUG")', ("", "environment")),
        ('DEBUG = env.bool("DEBUG")', (None, "environment")),
        ('if os.environ.get("STAGE") == "production":\n    DEBUG = False\nelse:\n    DEBUG = True', ("0", "literal")),
    ],
)
def test_debug_as_a_server_would_have_it(tmp_path: Path, text: str, expected: tuple[object, object]) -> None:
    found = settings(tmp_path, {"site/settings.py": f"import os\n{DJANGO}{text}\n"})
    assert found["DEBUG"] == expected


def test_what_stands_behind_not_debug_counts(tmp_path: Path) -> None:
    text = DJANGO + (
        'DEBUG = env.bool("DEBUG", default=True)\n'
        "if not DEBUG:\n    SECURE_SSL_REDIRECT = True\n    SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365\n"
        "if DEBUG:\n    INSTALLED_APPS += ['debug_toolbar']\n"
    )
    found = settings(tmp_path, {"site/settings.py": text})
    assert found["DEBUG"] == ("1", "environment")
    assert found["SECURE_SSL_REDIRECT"] == ("1", "literal")
    assert found["SECURE_HSTS_SECONDS"] == ("31536000", "literal")
    assert found["INSTALLED_APPS"] == ("django.contrib.auth", "literal")


def test_split_settings_take_from_one_another(tmp_path: Path) -> None:
    files = {
        "site/settings/__init__.py": "",
        "site/settings/base.py": DJANGO + "DEBUG = True\nSESSION_COOKIE_SECURE = True\nALLOWED_HOSTS = ['*']\n",
        "site/settings/dev.py": "from .base import *\nCORS_ALLOW_ALL_ORIGINS = True\n",
        "site/settings/production.py": "from .base import *\nDEBUG = False\nALLOWED_HOSTS = ['example.org', 'www.example.org']\nMIDDLEWARE += ['a.B']\n",
    }
    rows = project_rows(TABLE, make_project(tmp_path / "p", files))
    served = {row["setting"]: row for row in rows if row["deployed"] == 1}
    assert {row["environment"] for row in rows} == {"base", "development", "production"}
    assert {str(row["environment"]) for row in served.values()} == {"production"}
    assert served["DEBUG"]["value"] == "0"
    assert served["ALLOWED_HOSTS"]["value"] == "example.org,www.example.org"
    assert served["MIDDLEWARE"]["value"] == "a.B"
    assert (served["SESSION_COOKIE_SECURE"]["path"], served["SESSION_COOKIE_SECURE"]["line"]) == (
        "site/settings/base.py",
        5,
    )


def test_a_base_that_no_server_settings_use_is_judged_itself(tmp_path: Path) -> None:
    files = {"s/base.py": DJANGO + "DEBUG = True\n", "s/local.py": "from .base import *\n"}
    assert settings(tmp_path, files)["DEBUG"] == ("1", "literal")


def test_settings_for_development_count_where_there_are_no_others(tmp_path: Path) -> None:
    assert settings(tmp_path, {"s/settings/dev.py": DJANGO + "DEBUG = True\n"})["DEBUG"] == ("1", "literal")


def test_modules_that_import_one_another_do_not_hang(tmp_path: Path) -> None:
    files = {"s/a.py": "from .b import *\n" + DJANGO, "s/b.py": "from .a import *\nfrom .b import *\nDEBUG = True\n"}
    assert settings(tmp_path, files)["DEBUG"] == ("1", "literal")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SECRET_KEY = 'django-insecure-1234567890'", ("django-insecure", "literal")),
        ("SECRET_KEY = 'kept'", ("short", "literal")),
        ("SECRET_KEY = '" + "x7" * 25 + "'", ("50 characters", "literal")),
        ("SECRET_KEY = os.environ['KEY']", ("", "environment")),
        ("SECRET_KEY = os.environ.get('KEY', 'fallback-fallback-1')", ("19 characters", "environment")),
        ("SECRET_KEY = Path('/run/secrets/key').read_text()", (None, "computed")),
    ],
)
def test_of_a_secret_only_its_kind_is_told(tmp_path: Path, text: str, expected: tuple[object, object]) -> None:
    found = settings(tmp_path, {"site/settings.py": f"import os\n{DJANGO}{text}\n"})
    assert found["SECRET_KEY"] == expected


def test_passwords_of_databases_are_not_shown(tmp_path: Path) -> None:
    text = DJANGO + "DATABASES = {'default': {'PASSWORD': 'hunter2hunter2'}}\nEMAIL_HOST_PASSWORD = 'hunter2hunter2'\n"
    rows = project_rows(TABLE, make_project(tmp_path / "p", {"s/settings.py": text}))
    assert "hunter2" not in str(rows)


def test_settings_that_nothing_uses_have_no_row(tmp_path: Path) -> None:
    without = settings(tmp_path / "a", {"s/settings.py": "INSTALLED_APPS = ['x']\nROOT_URLCONF = 'u'\n"})
    assert "REST_FRAMEWORK" not in without
    assert "AUTH_PASSWORD_VALIDATORS" not in without
    used = settings(tmp_path / "b", {"s/settings.py": DJANGO + "INSTALLED_APPS += ['rest_framework']\n"})
    assert used["REST_FRAMEWORK"] == ("", "default")
    assert used["AUTH_PASSWORD_VALIDATORS"] == ("", "default")


def test_cors_of_django_needs_its_application(tmp_path: Path) -> None:
    cors = "CORS_ALLOW_ALL_ORIGINS = True\nCORS_ALLOW_CREDENTIALS = True\n"
    assert "cors_any_origin" not in settings(tmp_path / "a", {"s/settings.py": DJANGO + cors})
    used = settings(tmp_path / "b", {"s/settings.py": DJANGO + "INSTALLED_APPS += ['corsheaders']\n" + cors})
    assert used["cors_any_with_credentials"] == ("1", "literal")


FLASK = "import os\nfrom flask import Flask, request\napp = Flask(__name__)\n"


@pytest.mark.parametrize(
    ("text", "setting", "expected"),
    [
        ("app.config['SECRET_KEY'] = 'x'", "SECRET_KEY", ("short", "literal")),
        ("app.secret_key = os.environ['K']", "SECRET_KEY", ("", "environment")),
        ("app.config.update(SESSION_COOKIE_SECURE=True)", "SESSION_COOKIE_SECURE", ("1", "literal")),
        ("app.config.from_mapping(SESSION_COOKIE_SAMESITE='Lax')", "SESSION_COOKIE_SAMESITE", ("Lax", "literal")),
        ("app.secret_key = key()", "SESSION_COOKIE_SECURE", ("0", "default")),
        ("from flask import session", "SESSION_COOKIE_SECURE", ("0", "default")),
        ("file = request.files['f']", "MAX_CONTENT_LENGTH", ("", "default")),
        ("from flask import session\napp.config.from_envvar('SETTINGS')", "SESSION_COOKIE_SECURE", (None, "computed")),
        ("app.debug = True", "DEBUG", ("1", "literal")),
        ("name = request.form['name']", "csrf", ("0", "default")),
        ("from flask_wtf import CSRFProtect\nCSRFProtect(app)\nname = request.form['name']", "csrf", ("1", "literal")),
        ("from flask_cors import CORS\nCORS(app)", "cors_any_origin", ("1", "default")),
        ("from flask_cors import CORS\nCORS(app)", "cors_any_with_credentials", ("0", "default")),
        ("from flask_cors import CORS\nCORS(app, origins='*', supports_credentials=True)", "cors_any_with_credentials", ("1", "literal")),
        ("from flask_cors import CORS\nCORS(app, resources={'/api/*': {'origins': ['https://a.example']}})", "cors_any_origin", ("0", "literal")),
    ],
)  # fmt: skip
def test_flask(tmp_path: Path, text: str, setting: str, expected: tuple[object, object]) -> None:
    assert settings(tmp_path, {"app.py": FLASK + text + "\n"})[setting] == expected


def test_settings_of_flask_that_nothing_uses_have_no_row(tmp_path: Path) -> None:
    found = settings(tmp_path, {"app.py": FLASK})
    assert found.keys().isdisjoint({"SESSION_COOKIE_SECURE", "MAX_CONTENT_LENGTH", "csrf", "WTF_CSRF_ENABLED"})


def test_classes_with_settings_of_flask(tmp_path: Path) -> None:
    files = {
        "app.py": FLASK + "app.config.from_object('config.ProductionConfig')\n",
        "config.py": "class Config:\n    SESSION_COOKIE_HTTPONLY = False\n    DEBUG = True\n"
        "class DevelopmentConfig(Config):\n    SESSION_COOKIE_SECURE = False\n"
        "class ProductionConfig(Config):\n    DEBUG = False\n    SESSION_COOKIE_SECURE = True\n",
    }
    rows = [row for row in project_rows(TABLE, make_project(tmp_path / "p", files)) if row["deployed"] == 1]
    served = {row["setting"]: (row["value"], row["environment"]) for row in rows}
    assert served["DEBUG"] == ("0", "production")
    assert served["SESSION_COOKIE_SECURE"] == ("1", "production")
    assert served["SESSION_COOKIE_HTTPONLY"] == ("0", "production")


@pytest.mark.parametrize(
    ("text", "setting", "expected"),
    [
        ("app = FastAPI()", "docs_url", ("/docs", "default")),
        ("app = FastAPI(docs_url=None, debug=True)", "docs_url", ("", "literal")),
        ("app = FastAPI(docs_url=None, debug=True)", "debug", ("1", "literal")),
        ("app = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=['*'], allow_credentials=True)", "cors_any_with_credentials", ("1", "literal")),
        ("ORIGINS = ['https://a.example']\napp = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=ORIGINS, allow_credentials=True)", "cors_any_with_credentials", ("0", "literal")),
        ("app = FastAPI()\napp.add_middleware(CORSMiddleware, allow_origins=settings.origins)", "cors_any_origin", (None, "computed")),
    ],
)  # fmt: skip
def test_fastapi(tmp_path: Path, text: str, setting: str, expected: tuple[object, object]) -> None:
    head = "from fastapi import FastAPI\nfrom fastapi.middleware.cors import CORSMiddleware\n"
    assert settings(tmp_path, {"main.py": head + text + "\n"})[setting] == expected


def test_without_any_of_them_it_is_absent(tmp_path: Path) -> None:
    assert read_project(TABLE, make_project(tmp_path / "p", {"a.py": "DEBUG = True\n"})).status == TableStatus.ABSENT


def test_settings_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    folder = make_project(tmp_path / "p", {"s/settings.py": DJANGO + "DEBUG = = True\n"})
    data = read_project(TABLE, folder)
    assert data.status == TableStatus.PARTIAL
    assert "s/settings.py" in (data.reason or "")


def test_nothing_of_the_project_is_run(tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    text = f"open({str(mark)!r}, 'w').close()\n" + DJANGO
    project_rows(TABLE, make_project(tmp_path / "p", {"s/settings.py": text}))
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        "X = " + "(" * 90 + "1" + ")" * 90,
        "X = 'a'" + " + 'a'" * 3000,
        "X = [1]\n" + "X += X\n" * 60,
        "X = 9\n" + "X = X * X\n" * 60,
    ],
)
def test_hostile_settings_give_a_status(tmp_path: Path, text: str) -> None:
    data = read_project(TABLE, make_project(tmp_path / "p", {"s/settings.py": DJANGO + text + "\nDEBUG = True\n"}))
    assert data.status in (TableStatus.OK, TableStatus.PARTIAL, TableStatus.FAILED)
