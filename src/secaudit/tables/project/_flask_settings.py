"""Settings of Flask and FastAPI: what the code gives the application, classes with settings, and extensions in use."""

from __future__ import annotations

import ast
import posixpath
from typing import Iterator, NamedTuple

from secaudit.tables.project._py_literals import (
    COMPUTED,
    DEFAULT,
    LITERAL,
    Evaluator,
    Known,
    Plain,
    dotted,
    environment_of,
)

FLASK_DEFAULTS: dict[str, Plain] = {
    "DEBUG": False, "TESTING": False, "SECRET_KEY": None, "SESSION_COOKIE_SECURE": False,
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": None, "MAX_CONTENT_LENGTH": None, "WTF_CSRF_ENABLED": True, "JWT_SECRET_KEY": None,
    "PROPAGATE_EXCEPTIONS": None, "PERMANENT_SESSION_LIFETIME": 2678400, "JWT_COOKIE_SECURE": False,
    "SEND_FILE_MAX_AGE_DEFAULT": None, "REMEMBER_COOKIE_SECURE": False, "REMEMBER_COOKIE_HTTPONLY": True,
}  # fmt: skip
"""The documentation of Flask 3, Flask-WTF 1, Flask-Login 0.6."""

FASTAPI_DEFAULTS: dict[str, Plain] = {
    "debug": False,
    "docs_url": "/docs",
    "redoc_url": "/redoc",
    "openapi_url": "/openapi.json",
}
_FROM_ELSEWHERE = frozenset("from_envvar from_pyfile from_file from_prefixed_env from_json".split())
_MIXED = frozenset("update from_mapping".split())


class Found(NamedTuple):
    """One setting that is written somewhere."""

    framework: str
    setting: str
    known: Known
    path: str
    line: int
    environment: str
    deployed: int


class Project:
    """What all files of a project say together: Flask's configuration is often written in several."""

    def __init__(self, trees: dict[str, ast.Module]) -> None:
        self._trees = trees
        self.apps: list[tuple[str, str, int]] = []
        """Framework, path and line of each application that is made."""
        self.written: list[Found] = []
        self.reads_elsewhere = False
        """Whether settings come out of a file or variables that are not seen here."""
        self._reads: set[str] = set()
        """`form` and `files` where a view reads them, `session` where one is used."""
        self._named: set[str] = set()
        """Classes that from_object names."""

    def read(self) -> Iterator[Found]:
        """All settings, then the defaults of what is not written anywhere."""
        for path in sorted(self._trees):
            self._file(path, self._trees[path])
        for path in sorted(self._trees):
            if any(framework == "flask" for framework, _, _ in self.apps):
                self._classes(path, self._trees[path])
        yield from self.written
        for framework, path, line in self.apps[:20]:
            yield from self._defaults(framework, path, line)

    def _defaults(self, framework: str, path: str, line: int) -> Iterator[Found]:
        if framework != "flask" or (framework, path, line) != next(app for app in self.apps if app[0] == "flask"):
            return  # FastAPI's are written with the application itself
        served = {found.setting for found in self.written if found.framework == "flask" and found.deployed}
        for name, default in FLASK_DEFAULTS.items():
            if name not in served and self._matters(name):
                known = Known(None, COMPUTED) if self.reads_elsewhere else Known(default, DEFAULT)
                yield Found("flask", name, known, path, line, "any", 1)
        for name in ("csrf", "talisman", "limiter"):
            if name not in served and (name != "csrf" or "form" in self._reads):
                yield Found("flask", name, Known(False, DEFAULT), path, line, "any", 1)

    def _matters(self, name: str) -> bool:
        """Whether something uses what the setting is about. Without a key Flask has no sessions."""
        if name == "WTF_CSRF_ENABLED":
            return "form" in self._reads
        if name == "MAX_CONTENT_LENGTH":
            return "files" in self._reads
        if "COOKIE" in name or name == "PERMANENT_SESSION_LIFETIME":
            return "session" in self._reads or any(found.setting == "SECRET_KEY" for found in self.written)
        return True

    def _file(self, path: str, tree: ast.Module) -> None:
        names: dict[str, Known] = {}
        evaluator = Evaluator(names)
        imports = _imported(tree)
        if {"flask.session", "flask_login.LoginManager"} & set(imports.values()):
            self._reads.add("session")
        environment = environment_of(posixpath.basename(path)[:-3])
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and node.col_offset == 0 and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = evaluator.value(node.value)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in ("form", "files"):
                self._reads |= {node.attr} if dotted(node).endswith("request." + node.attr) else set()
            if isinstance(node, ast.Call):
                self._call(node, path, environment, evaluator, imports)
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    self._assign(target, node, path, environment, evaluator)

    def _add(self, framework: str, name: str, known: Known, path: str, line: int, environment: str) -> None:
        deployed = int(environment in ("production", ""))
        self.written.append(Found(framework, name, known, path, line, environment or "any", deployed))

    def _assign(self, target: ast.expr, node: ast.Assign, path: str, environment: str, evaluator: Evaluator) -> None:
        if (
            isinstance(target, ast.Subscript)
            and dotted(target.value).endswith("config")
            and isinstance(target.slice, ast.Constant)
        ):
            name = str(target.slice.value)
            if name.isupper():
                self._add("flask", name, evaluator.value(node.value), path, node.lineno, environment)
        elif (
            isinstance(target, ast.Attribute)
            and target.attr in ("secret_key", "debug")
            and dotted(target.value) in ("app", "application", "self.app")
        ):
            name = "SECRET_KEY" if target.attr == "secret_key" else "DEBUG"
            self._add("flask", name, evaluator.value(node.value), path, node.lineno, environment)

    def _call(self, call: ast.Call, path: str, environment: str, evaluator: Evaluator, imports: dict[str, str]) -> None:
        name = dotted(call.func)
        full = imports.get(name.partition(".")[0], "") + name[len(name.partition(".")[0]) :]
        last = name.rpartition(".")[2]
        words = {item.arg: item.value for item in call.keywords if item.arg}
        line = call.lineno
        if full in ("flask.Flask", "quart.Quart"):
            self.apps.append(("flask", path, line))
        elif full in ("fastapi.FastAPI", "fastapi.applications.FastAPI"):
            self.apps.append(("fastapi", path, line))
            for setting, default in FASTAPI_DEFAULTS.items():
                known = evaluator.value(words[setting]) if setting in words else Known(default, DEFAULT)
                self._add("fastapi", setting, known, path, line, environment)
        elif last in _FROM_ELSEWHERE and ".config" in name:
            self.reads_elsewhere = True
        elif last == "from_object" and ".config" in name:
            self._named.update(part for item in call.args for part in _words_of(item))
            if not call.args or not isinstance(call.args[0], (ast.Constant, ast.Name, ast.Attribute)):
                self.reads_elsewhere = True
        elif last in _MIXED and ".config" in name:
            for setting, value in words.items():
                if setting.isupper():
                    self._add("flask", setting, evaluator.value(value), path, line, environment)
        elif full.rpartition(".")[2] in ("CSRFProtect", "CsrfProtect", "SeaSurf"):
            self._add("flask", "csrf", Known(True, LITERAL), path, line, "")
        elif full.endswith(".Talisman"):
            self._add("flask", "talisman", Known(True, LITERAL), path, line, "")
        elif full.startswith("flask_limiter") and last == "Limiter":
            self._add("flask", "limiter", Known(True, LITERAL), path, line, "")
        elif full.startswith("flask_cors") and last in ("CORS", "cross_origin"):
            self._cors("flask", words, ("origins", "supports_credentials"), path, line, environment, evaluator, "*")
        elif last == "add_middleware" and call.args and dotted(call.args[0]).endswith("CORSMiddleware"):
            words_of = ("allow_origins", "allow_credentials")
            regex = evaluator.value(words.get("allow_origin_regex")).value
            if isinstance(regex, str) and regex in (".*", "https?://.*", "^.*$", "https://.*", "http.*"):
                words = {**words, "allow_origins": ast.Constant("*")}
            self._cors("fastapi", words, words_of, path, line, environment, evaluator, "")

    def _cors(
        self, framework: str, words: dict[str, ast.expr], keys: tuple[str, str], path: str, line: int, environment: str,
        evaluator: Evaluator, default: str,
    ) -> None:  # fmt: skip
        origins = evaluator.value(words[keys[0]]) if keys[0] in words else Known(default, DEFAULT)
        if keys[0] not in words and "resources" in words:
            origins = _origins_of(evaluator.value(words["resources"]))
        credentials = evaluator.value(words[keys[1]]) if keys[1] in words else Known(False, DEFAULT)
        is_any = origins.value == "*" or (isinstance(origins.value, list) and "*" in origins.value)
        how = COMPUTED if COMPUTED in (origins.how, credentials.how) else origins.how
        self._add(framework, "cors_any_origin", Known(is_any, origins.how), path, line, environment)
        self._add(
            framework,
            "cors_any_with_credentials",
            Known(is_any and bool(credentials.value), how),
            path,
            line,
            environment,
        )

    def _classes(self, path: str, tree: ast.Module) -> None:
        """Classes with settings, each with what it takes from its base in the same file."""
        classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
        values: dict[str, dict[str, tuple[Known, int]]] = {}
        module = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        outer: dict[str, Known] = {}
        for name, value in module.items():
            outer[name] = Evaluator(outer).value(value)
        for name, node in classes.items():
            merged: dict[str, tuple[Known, int]] = {}
            for base in node.bases:
                merged.update(values.get(dotted(base).rpartition(".")[2], {}))
            evaluator = Evaluator({**outer, **{key: item[0] for key, item in merged.items()}})
            for statement in node.body:
                if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
                    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                    for target in targets:
                        if isinstance(target, ast.Name) and target.id.isupper():
                            merged[target.id] = (evaluator.value(statement.value), statement.lineno)
            values[name] = merged
        users = {dotted(base).rpartition(".")[2] for node in classes.values() for base in node.bases}
        for name, merged in values.items():
            is_settings = name.lower().endswith(("config", "settings", "configuration")) or name in self._named
            if not is_settings or not merged:
                continue
            environment = environment_of(_humps(name))
            serving = any(
                environment_of(_humps(other)) in ("production", "")
                for other, node in classes.items()
                if name in {dotted(base).rpartition(".")[2] for base in node.bases}
            )
            if environment == "" and name in users and serving:
                environment = "base"
            for setting, (known, line) in merged.items():
                if setting in FLASK_DEFAULTS:
                    self._add("flask", setting, known, path, line, environment)


def _origins_of(resources: Known) -> Known:
    """`{r"/api/*": {"origins": "*"}}` of Flask-CORS."""
    if isinstance(resources.value, dict):
        for value in resources.value.values():
            if isinstance(value, dict) and "origins" in value:
                return Known(value["origins"], resources.how)
    return resources if resources.how == COMPUTED else Known("*", resources.how)


def _imported(tree: ast.Module) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update({alias.asname or alias.name.partition(".")[0]: alias.name for alias in node.names})
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
    return found


def _words_of(node: ast.expr) -> list[str]:
    text = str(node.value) if isinstance(node, ast.Constant) else dotted(node)
    return [text.rpartition(".")[2]]


def _humps(name: str) -> str:
    """`ProductionConfig` as `production_config`."""
    made = ""
    for sign in name:
        made += "_" + sign.lower() if sign.isupper() else sign
    return made
