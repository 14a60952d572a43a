"""What a repository should leave out, and where: samples of names for git to judge, chosen by what the project is."""

from __future__ import annotations

import posixpath
from typing import Iterable, NamedTuple

from secaudit.tables.project._listing import Listed
from secaudit.tables.project._roles import ending_of, role_of

MAX_FOLDERS = 12
"""For each kind; the highest ones count."""

_PYTHON = frozenset(("requirements.txt", "pyproject.toml", "setup.py", "Pipfile", "manage.py", "environment.yml"))
_NODE = frozenset(("package.json",))
_PHP = frozenset(("composer.json",))
_DJANGO = frozenset(("manage.py",))
_APPLICATION = frozenset(
    "manage.py artisan wp-config.php wp-config-sample.php Dockerfile Procfile docker-compose.yml docker-compose.yaml"
    " compose.yml compose.yaml next.config.js next.config.mjs next.config.ts nuxt.config.ts nuxt.config.js app.yaml"
    " serverless.yml serverless.yaml fly.toml vercel.json netlify.toml wsgi.py asgi.py".split()
)
"""Names that only something with settings of its own has: it is deployed, and not just a library."""

_OTHERS = frozenset("go.mod Cargo.toml pom.xml build.gradle build.gradle.kts Gemfile".split())
_MANIFESTS = _PYTHON | _NODE | _PHP | _OTHERS


class Sample(NamedTuple):
    """One name that git is asked about."""

    kind: str
    """`env`, `env-local`, `key`, `node-modules`, `venv`, `vendor`, `terraform-state`, `terraform-folder`, `database`,
    `editor` or `system`."""
    folder: str
    """Without a slash at the end; empty for the top."""
    name: str
    """With a slash at the end for a folder."""
    because: str
    """A file of the project for which this matters."""

    @property
    def path(self) -> str:
        return posixpath.join(self.folder, self.name)


def samples(entries: Iterable[Listed]) -> list[Sample]:
    """The names to ask about, in a fixed order."""
    own = [entry for entry in entries if role_of(entry.path) in ("code", "lock", "example", "docs")]
    paths = sorted(entry.path for entry in own)
    env_files = [path for path in paths if _is_env(path)]
    applications = [path for path in paths if posixpath.basename(path) in _APPLICATION and role_of(path) == "code"]
    found: list[Sample] = []
    for because in (*_by_folder(env_files), *_by_folder(applications)):
        found.append(Sample("env", posixpath.dirname(because), ".env", because))
    for because in _by_folder(paths, _NODE):
        found.append(Sample("node-modules", posixpath.dirname(because), "node_modules/", because))
        if any(posixpath.dirname(path) == posixpath.dirname(because) for path in env_files):
            found.append(Sample("env-local", posixpath.dirname(because), ".env.local", because))
    for because in _by_folder(paths, _PYTHON):
        for name in (".venv/", "venv/"):
            found.append(Sample("venv", posixpath.dirname(because), name, because))
    for because in _by_folder(paths, _PHP):
        found.append(Sample("vendor", posixpath.dirname(because), "vendor/", because))
    for because in _by_folder(paths, _DJANGO):
        found.append(Sample("database", posixpath.dirname(because), "db.sqlite3", because))
    for because in _by_folder([path for path in paths if ending_of(posixpath.basename(path)) == "tf"]):
        for kind, name in (("terraform-state", "terraform.tfstate"), ("terraform-state", "terraform.tfstate.backup"),
                           ("terraform-folder", ".terraform/")):  # fmt: skip
            found.append(Sample(kind, posixpath.dirname(because), name, because))
    manifest = next(iter(_by_folder(paths, _MANIFESTS)), "")
    if applications:
        for name in ("server.key", "private.pem"):
            found.append(Sample("key", "", name, applications[0]))
    if manifest:
        found.append(Sample("editor", "", ".idea/", manifest))
        found.append(Sample("system", "", ".DS_Store", manifest))
    return list({(item.kind, item.path): item for item in reversed(found)}.values())[::-1]


def _is_env(path: str) -> bool:
    name = posixpath.basename(path)
    return name == ".env" or name.startswith(".env.") or name in ("env.example", "example.env", "sample.env")


def _by_folder(paths: Iterable[str], names: frozenset[str] = frozenset()) -> list[str]:
    """One path for each folder, the highest folders first; only of these names, if any are given, and of code."""
    fitting = [path for path in paths if not names or (posixpath.basename(path) in names and role_of(path) == "code")]
    first: dict[str, str] = {}
    for path in sorted(fitting, key=lambda path: (path.count("/"), path)):
        first.setdefault(posixpath.dirname(path), path)
    return list(first.values())[:MAX_FOLDERS]
