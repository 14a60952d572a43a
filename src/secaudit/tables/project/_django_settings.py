"""Django's settings as the program would have them: modules that import one another, and Django's own defaults."""

from __future__ import annotations

import ast
import posixpath
from typing import NamedTuple

from secaudit.tables.project._py_literals import (
    COMPUTED,
    DEFAULT,
    ENVIRONMENT,
    LITERAL,
    Evaluator,
    Known,
    Plain,
    dotted,
    environment_of,
)

MAX_MODULES = 60
MARKS = frozenset("INSTALLED_APPS ROOT_URLCONF MIDDLEWARE MIDDLEWARE_CLASSES WSGI_APPLICATION TEMPLATES".split())
"""A module that gives at least two of these is Django's settings."""

DEFAULTS: dict[str, Plain] = {
    "DEBUG": False, "SECRET_KEY": "", "ALLOWED_HOSTS": [], "SECURE_SSL_REDIRECT": False, "SECURE_HSTS_SECONDS": 0,
    "SECURE_HSTS_INCLUDE_SUBDOMAINS": False, "SESSION_COOKIE_SECURE": False, "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax", "CSRF_COOKIE_SECURE": False, "CSRF_COOKIE_SAMESITE": "Lax",
    "CSRF_TRUSTED_ORIGINS": [],
    "SECURE_CONTENT_TYPE_NOSNIFF": True, "X_FRAME_OPTIONS": "DENY", "SECURE_REFERRER_POLICY": "same-origin",
    "AUTH_PASSWORD_VALIDATORS": [], "PASSWORD_HASHERS": ["django.contrib.auth.hashers.PBKDF2PasswordHasher"],
    "SESSION_SERIALIZER": "django.contrib.sessions.serializers.JSONSerializer", "MIDDLEWARE": [], "INSTALLED_APPS": [],
    "SESSION_ENGINE": "django.contrib.sessions.backends.db", "SECURE_PROXY_SSL_HEADER": None,
    "USE_X_FORWARDED_HOST": False,
    "CORS_ALLOW_ALL_ORIGINS": False, "CORS_ORIGIN_ALLOW_ALL": False, "CORS_ALLOW_CREDENTIALS": False,
    "CORS_ALLOWED_ORIGIN_REGEXES": [], "EMAIL_USE_TLS": False, "EMAIL_USE_SSL": False, "EMAIL_HOST": "localhost",
    "REST_FRAMEWORK": {}, "SESSION_COOKIE_AGE": 1209600, "FILE_UPLOAD_PERMISSIONS": 420,
    "DEBUG_PROPAGATE_EXCEPTIONS": False,
    "PASSWORD_RESET_TIMEOUT": 259200, "SILENCED_SYSTEM_CHECKS": [], "DATABASES": {}, "LOGIN_URL": "/accounts/login/",
}  # fmt: skip
"""django.conf.global_settings of Django 5.2; those for headers are the same since 3.1."""


NEEDS = {"REST_FRAMEWORK": "rest_framework", "AUTH_PASSWORD_VALIDATORS": "django.contrib.auth"}
"""Settings that only matter with an application; without it, and not written, they have no row."""


class Setting(NamedTuple):
    """A value with its place; the line is 0 for a default."""

    known: Known
    path: str
    line: int


class Module(NamedTuple):
    """What one settings module amounts to."""

    path: str
    settings: dict[str, Setting]
    environment: str
    deployed: int
    """1 when it may be what a server uses."""


class Reader:
    """Reads settings modules of a project; `trees` gives the syntax tree of a path or None."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self._trees = trees
        self._imported: dict[str, set[str]] = {}
        self.problem = ""
        """What keeps the modules from being all there are."""

    def modules(self) -> list[Module]:
        """All settings modules, with what they take from others."""
        found: dict[str, dict[str, Setting]] = {}
        for path in sorted(self._trees):
            settings = self._read(path, ())
            if len(MARKS & set(settings)) < 2:
                continue
            if len(found) >= MAX_MODULES:
                self.problem = f"there are more than {MAX_MODULES} settings modules, {path} among them"
                break
            found[path] = settings
        return [self._module(path, settings, found) for path, settings in found.items()]

    def _module(self, path: str, settings: dict[str, Setting], all_found: dict[str, dict[str, Setting]]) -> Module:
        environment = environment_of(_own_name(path))
        users = {user for user in self._imported.get(path, ()) if user in all_found and user != path}
        users -= {user for user in users if path in self._imported.get(user, ())}  # each takes from the other
        serving = {user for user in users if environment_of(_own_name(user)) in ("production", "")}
        if environment == "" and users:
            environment = "base"
        deployed = environment in ("production", "") or (environment == "base" and not serving)
        return Module(path, settings, environment or "any", int(deployed))

    def _read(self, path: str, chain: tuple[str, ...]) -> dict[str, Setting]:
        tree = self._trees.get(path)
        if tree is None or path in chain or len(chain) > 6:
            return {}
        state = _State(path)
        self._block(tree.body, state, (*chain, path))
        return state.settings

    def _block(self, body: list[ast.stmt], state: _State, chain: tuple[str, ...]) -> None:
        for node in body:
            if isinstance(node, ast.ImportFrom):
                self._import(node, state, chain)
            elif isinstance(node, ast.If):
                test = state.evaluator.value(node.test)
                if test.how == COMPUTED:
                    self._block(node.body, state, chain)
                    self._block(node.orelse, state, chain)
                else:
                    self._block(node.body if test.value else node.orelse, state, chain)
            elif isinstance(node, ast.Try):
                self._block(node.body, state, chain)
                self._block(node.orelse, state, chain)
                self._block(node.finalbody, state, chain)
            elif isinstance(node, ast.With):
                self._block(node.body, state, chain)
            else:
                state.statement(node)

    def _import(self, node: ast.ImportFrom, state: _State, chain: tuple[str, ...]) -> None:
        place = self._find(node, chain[-1])
        if place is None:
            return
        names = {alias.name for alias in node.names}
        inner = self._read(place, chain)
        if "*" in names:
            self._imported.setdefault(place, set()).update(chain)
        for name, setting in inner.items():
            if "*" in names or name in names:
                state.put(name, setting)

    def _find(self, node: ast.ImportFrom, path: str) -> str | None:
        parts = (node.module or "").split(".") if node.module else []
        if node.level:
            base = posixpath.dirname(path)
            for _ in range(node.level - 1):
                base = posixpath.dirname(base)
            choices = [posixpath.join(base, *parts)]
        else:
            tail = "/".join(parts)
            choices = [
                path_[:-3] for path_ in self._trees if path_ == tail + ".py" or path_.endswith("/" + tail + ".py")
            ]
            choices += [tail]
        for choice in choices[:3]:
            for place in (f"{choice}.py", f"{choice}/__init__.py"):
                if place in self._trees and place != path:
                    return place
        return None


class _State:
    """The names of one module while it is read from top to bottom."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.settings: dict[str, Setting] = {}
        self.names: dict[str, Known] = {}
        self.env_defaults: dict[str, Plain] = {}
        self.evaluator = Evaluator(self.names, self.env_defaults)

    def put(self, name: str, setting: Setting) -> None:
        self.settings[name] = setting
        self.names[name] = setting.known

    def statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign):
            self._note_env(node.value)
            for target in node.targets:
                self._assign(target, node.value, node.lineno)
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            self._assign(node.target, node.value, node.lineno)
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            added = self.evaluator.value(ast.BinOp(node.target, node.op, node.value))
            self._set(node.target.id, added, node.lineno)
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            self._method(node.value)

    def _assign(self, target: ast.expr, value: ast.expr, line: int) -> None:
        if isinstance(target, ast.Name):
            self._set(target.id, self.evaluator.value(value), line)
        elif isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
            for one, other in zip(target.elts, value.elts):  # noqa: B905  Python 3.9
                self._assign(one, other, line)
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            base = self.names.get(target.value.id)
            key = self.evaluator.value(target.slice).value
            if base is not None and isinstance(base.value, dict):
                changed = {**base.value, str(key): self.evaluator.value(value).value}
                self._set(target.value.id, Known(changed, base.how), line)

    def _set(self, name: str, known: Known, line: int) -> None:
        self.names[name] = known
        if name == "DEBUG" and known.how == ENVIRONMENT:
            self.names[name] = Known(False, ENVIRONMENT)  # what follows is read as a server would, with DEBUG off
        if name.isupper():
            self.settings[name] = Setting(known, self.path, line)

    def _note_env(self, value: ast.expr) -> None:
        """`env = environ.Env(DEBUG=(bool, False))` gives defaults for the names."""
        if isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in ("Env", "FileAwareEnv"):
            for item in value.keywords:
                if item.arg and isinstance(item.value, ast.Tuple) and len(item.value.elts) == 2:
                    self.env_defaults[item.arg] = self.evaluator.value(item.value.elts[1]).value

    def _method(self, call: ast.Call) -> None:
        """`MIDDLEWARE.append("...")` and the like."""
        if not isinstance(call.func, ast.Attribute) or not isinstance(call.func.value, ast.Name) or not call.args:
            return
        name = call.func.value.id
        base = self.names.get(name)
        if base is None or not isinstance(base.value, list):
            return
        given = self.evaluator.value(call.args[-1]).value
        items = list(base.value)
        if call.func.attr in ("append", "insert"):
            items.append(given)
        elif call.func.attr == "extend" and isinstance(given, list):
            items.extend(given)
        elif call.func.attr == "remove" and given in items:
            items.remove(given)
        else:
            return
        self._set(name, Known(items, base.how), call.lineno)


def effective(module: Module) -> dict[str, Setting]:
    """Each setting that we know, with Django's default where the module has none."""
    found: dict[str, Setting] = {}
    for name, default in DEFAULTS.items():
        found[name] = module.settings.get(name) or Setting(Known(default, DEFAULT), module.path, 0)
    if "MIDDLEWARE" not in module.settings and "MIDDLEWARE_CLASSES" in module.settings:
        found["MIDDLEWARE"] = module.settings["MIDDLEWARE_CLASSES"]
    apps = found["INSTALLED_APPS"].known
    for name, app in NEEDS.items():
        if apps.how != COMPUTED and found[name].known.how == DEFAULT and app not in str(apps.value):
            del found[name]
    return found


def cors_of(settings: dict[str, Setting]) -> dict[str, Setting]:
    """What django-cors-headers does with these settings; nothing where it is not in use."""
    if not any("corsheaders" in str(settings[name].known.value) for name in ("MIDDLEWARE", "INSTALLED_APPS")):
        return {}
    parts = [
        settings[name] for name in ("CORS_ALLOW_ALL_ORIGINS", "CORS_ORIGIN_ALLOW_ALL", "CORS_ALLOWED_ORIGIN_REGEXES")
    ]
    expressions = parts[2].known.value if isinstance(parts[2].known.value, list) else []
    is_any = any(part.known.value is True for part in parts) or any(str(item) in _ANY for item in expressions)
    credentials = settings["CORS_ALLOW_CREDENTIALS"]
    how = COMPUTED if any(part.known.how == COMPUTED for part in parts) and not is_any else LITERAL
    both = COMPUTED if how == COMPUTED or (is_any and credentials.known.how == COMPUTED) else LITERAL
    place = next((part for part in parts if part.known.value), parts[0])
    return {
        "cors_any_origin": place._replace(known=Known(is_any, how)),
        "cors_any_with_credentials": place._replace(known=Known(is_any and bool(credentials.known.value), both)),
    }


_ANY = (".*", "^.*$", r"^https?://.*$", r"https?://.*", r"^https://.*$", r"^http.*$")
"""Expressions that every address fits."""


def _own_name(path: str) -> str:
    """`production` of `settings/production.py`; of `config/settings.py` the word settings says nothing."""
    name = posixpath.basename(path)[:-3]
    return posixpath.basename(posixpath.dirname(path)) if name == "__init__" else name
