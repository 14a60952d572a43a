"""python_settings: what Django, Flask and FastAPI are told, with their own defaults. Not in osquery."""

from __future__ import annotations

import ast
from itertools import takewhile
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, TimedOut, table
from secaudit.tables.project._code import sources_of
from secaudit.tables.project._django_settings import Reader, cors_of, effective
from secaudit.tables.project._engine_python import MAX_BYTES, parse
from secaudit.tables.project._flask_settings import Project
from secaudit.tables.project._listing import incomplete, listing
from secaudit.tables.project._py_literals import COMPUTED, MISSING, Known
from secaudit.tables.project._reading import each_read
from secaudit.tables.project._roles import role_of

WORDS = tuple(
    word.encode()
    for word in "flask Flask fastapi INSTALLED_APPS MIDDLEWARE ROOT_URLCONF SECRET_KEY ALLOWED_HOSTS _COOKIE_ DEBUG"
    " CORS app.config SECURE_ PASSWORD_HASHERS SESSION_ quart".split()
)
"""A file without any of these has no settings."""

MAX_FILES = 400
SECRET = ("SECRET", "PASSWORD", "KEY", "TOKEN")
DJANGO_OWN_PREFIX = "django-insecure-"


class PythonSetting(NamedTuple):
    """One setting of one place that may be used."""

    framework: str
    """`django`, `flask` or `fastapi`."""
    setting: str
    """The framework's own name; for Flask also `csrf` (where a view reads form fields), `talisman` and `limiter`: 1
    when such an extension is used; for all, where something sets CORS headers, `cors_any_origin` and
    `cors_any_with_credentials`. A setting that nothing uses has no row."""
    value: str | None
    """As text: `1` and `0` for yes and no, lists with a comma between, empty for None. Of a secret only its length and
    kind: `32 characters`, `short`, `django-insecure`. NULL when it cannot be told from the
    code, or the environment must give it."""
    known: str
    """`literal`, `environment` (read from the environment; `value` is what it is without), `default` (the framework's
    own), or `computed`."""
    path: str
    line: int
    """1 for a default that is not written."""
    role: str
    environment: str
    """`production`, `development`, `test`, `base` (others take from it), or `any`, by the name of file or class."""
    deployed: int
    """1 when it may be what a server uses: production, or the only one there is."""


@table(targets={"project"}, timeout_s=60.0)
def python_settings(target: Target) -> Iterator[PythonSetting]:
    """Yield one row per setting and settings module, with what modules import from one another. Nothing is run.

    Source: the documentation of Django 5.2, Flask 3, FastAPI, Flask-WTF, Flask-CORS and django-cors-headers.

    Raises:
        Absent: the project uses none of them.
        Partial: a file with settings could not be read.
    """
    trees, problems = _trees(target)
    found = _with_one_deployed(list(_rows(trees, problems)))
    if not found and not problems:
        raise incomplete(listing(target)) or Absent("no settings of Django, Flask or FastAPI were found")
    yield from found
    problem = incomplete(listing(target))
    if problems or problem is not None:
        raise problem or Partial("; ".join(problems[:3]))


def _with_one_deployed(rows: list[PythonSetting]) -> list[PythonSetting]:
    """Where a framework has settings for development only, a server can use no others."""
    served = {row.framework for row in rows if row.deployed}
    return [
        row._replace(deployed=1)
        if row.framework not in served and row.environment == "development" and row.role == "code"
        else row
        for row in rows
    ]


def _rows(trees: dict[str, ast.Module], problems: list[str]) -> Iterator[PythonSetting]:
    django = Reader(trees)
    modules = django.modules()
    problems += [django.problem] if django.problem else []
    for module in modules:
        settings = effective(module)
        settings.update(cors_of(settings))
        for name, setting in settings.items():
            value, known = _shown(name, setting.known)
            role = role_of(module.path)
            yield PythonSetting(
                "django", name, value, known, setting.path, max(1, setting.line), role, module.environment,
                int(module.deployed and role == "code"),
            )  # fmt: skip
    for found in Project(trees).read():
        value, known = _shown(found.setting, found.known)
        role = role_of(found.path)
        yield PythonSetting(
            found.framework, found.setting, value, known, found.path, found.line, role, found.environment,
            int(found.deployed and role == "code"),
        )  # fmt: skip


def _shown(name: str, known: Known) -> tuple[str | None, str]:
    """A value as text; of a secret only what kind it is."""
    if known.how == COMPUTED:
        return None, COMPUTED
    value = known.value
    if value is MISSING:
        return ("" if any(word in name for word in SECRET) else None), known.how
    if (
        any(word in name for word in SECRET)
        and isinstance(value, (str, bytes))
        and "COOKIE" not in name
        and not name.startswith("PASSWORD_")
    ):
        return _kind_of_secret(value), known.how
    if value is None:
        return "", known.how
    if isinstance(value, bool):
        return str(int(value)), known.how
    if isinstance(value, list):
        return ",".join(_item(item) for item in value), known.how
    if isinstance(value, dict):
        return ",".join(f"{key}={_inner(item)}" for key, item in value.items()), known.how
    return str(value)[:4000], known.how


def _item(value: object) -> str:
    """Of a dictionary in a list its NAME, as in AUTH_PASSWORD_VALIDATORS."""
    if isinstance(value, dict):
        return str(value.get("NAME", ""))
    return "" if isinstance(value, list) else str(value)


def _inner(value: object) -> str:
    """Of a dictionary only lists and switches, since logins stand in the others."""
    if isinstance(value, list):
        return "+".join(str(item) for item in value if isinstance(item, str))
    return str(int(value)) if isinstance(value, bool) else ""


def _kind_of_secret(value: str | bytes) -> str:
    if not value:
        return ""
    if isinstance(value, str) and value.startswith(DJANGO_OWN_PREFIX):
        return "django-insecure"
    return "short" if len(value) < 16 else f"{len(value)} characters"


def _trees(target: Target) -> tuple[dict[str, ast.Module], list[str]]:
    """The syntax trees of all files that may hold settings, and what could not be read."""
    found: dict[str, ast.Module] = {}
    problems: list[str] = []
    wanted = (source for source in sources_of(target).get("python", ()) if role_of(source.path) != "test")
    try:
        for source, data in each_read(target, takewhile(lambda _: len(found) < MAX_FILES, wanted), problems):
            if not any(word in data for word in WORDS):
                continue
            if len(data) > MAX_BYTES:
                if role_of(source.path) == "code":
                    problems.append(f"{source.path} is too large to be read closely")
                continue
            try:
                found[source.path] = parse(data)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                if role_of(source.path) == "code":
                    problems.append(f"{source.path} is not Python 3")
    except TimedOut:
        problems.append("time was up before all files were read")
    if len(found) >= MAX_FILES:
        problems.append(f"more than {MAX_FILES} files may hold settings")
    return found, problems
