"""web_settings: what frameworks and web servers are told by files of a project, beside Python's. Not in osquery."""

from __future__ import annotations

import posixpath
from typing import Callable, Iterator, NamedTuple, Optional

from secaudit.tableapi import Absent, Partial, Target, TimedOut, table
from secaudit.tables.project._listing import Listed, incomplete, listing
from secaudit.tables.project._reading import contents, is_searched, reader_of
from secaudit.tables.project._roles import ending_of, language_of, role_of
from secaudit.tables.project._web_node import WORDS, read_node
from secaudit.tables.project._web_others import (
    read_apache,
    read_asp,
    read_nginx,
    read_rails_controller,
    read_rails_production,
    read_rails_secrets,
    read_spring,
)  # fmt: skip
from secaudit.tables.project._web_php import (
    CONFIG,
    read_csrf,
    read_dotenv,
    read_laravel_config,
    read_php_ini,
    read_wordpress,
    read_wordpress_version,
)  # fmt: skip
from secaudit.tables.project._web_setting import LITERAL, Setting

LIMIT_BYTES = 1024 * 1024
"""Settings are small; larger files are left to the other tables."""

MAX_NODE_BYTES = 64 * 1024 * 1024
LATE = "time was up before all files were read"
Read = Callable[[str, str], Iterator[Setting]]


class WebSetting(NamedTuple):
    """One setting at one place."""

    framework: str
    """`express`, `koa`, `fastify`, `laravel`, `wordpress`, `php`, `rails`, `spring`, `aspnet`, `nginx` or `apache`."""
    setting: str
    """The framework's own name where it has one. Of Node: `security_headers` (helmet, own, none), `x_powered_by`,
    `login_rate_limit`, `session_store`, `session_cookie_secure`, `..._httponly`, `..._samesite`."""
    value: str | None
    """In lower case for yes and no. Of a secret only its state: `set`, `empty`, `missing`, `placeholder`, `short`,
    `same as ...`, `literal`. NULL when it cannot be told from the file."""
    known: str
    """`literal`, `environment` (from the environment; `value` is what it is without), `default` (not written; what the
    framework then does), or `computed`."""
    path: str
    line: int
    """0 for what is not written."""
    role: str
    tracking: str


@table(targets={"project"}, timeout_s=60.0)
def web_settings(target: Target) -> Iterator[WebSetting]:
    """Yield one row per setting and place, defaults of the framework included. Nothing is run.

    Source: documentation of Express 5, express-session, helmet, Laravel 12, WordPress 6, PHP 8, Rails 8, Spring Boot 3,
    ASP.NET, nginx and Apache httpd 2.4.

    Raises:
        Absent: the project holds no such settings.
        Partial: a file could not be read.
    """
    found = listing(target)
    search = _Search(target)
    rows = list(search.rows(found.entries))
    yield from rows
    problem = incomplete(found)
    if search.problem:
        raise Partial(search.problem)
    if problem is not None:
        raise problem
    if not rows:
        raise Absent("the project holds no settings of a web framework or server that we know")


class _Search:
    """One look at all files whose names or words tell of a framework."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._read = reader_of(target, listing(target))
        self._tracking: dict[str, str] = {}
        self.problem = ""

    def rows(self, entries: tuple[Listed, ...]) -> Iterator[WebSetting]:
        paths = {entry.path for entry in entries}
        for entry in entries:
            if posixpath.basename(entry.path) in ("master.key", "production.key") and "config" in entry.path.split("/"):
                state = Setting("rails", "master_key", entry.tracking, LITERAL, entry.path, 0)
                yield self._row(state, entry)
            for read in readers_of(entry.path, paths):
                text = self._text(entry)
                if text is None:
                    break
                for setting in read(entry.path, text):
                    yield self._row(setting, entry)
        for setting in read_node(self._scripts(entries)):
            yield self._row(setting, None)

    def _scripts(self, entries: tuple[Listed, ...]) -> Iterator[tuple[str, str]]:
        """Code of a project that has a web server in JavaScript; nothing when no file names one."""
        files: list[tuple[str, str]] = []
        size = 0
        serves = False
        cut = ""
        wanted = (
            entry
            for entry in entries
            if language_of(entry.path) in ("javascript", "typescript") and role_of(entry.path) == "code"
        )
        try:
            for entry, data in contents(self._target, wanted, self._refused):
                if not data or len(data) > LIMIT_BYTES:
                    continue
                if size > MAX_NODE_BYTES:
                    cut = cut or entry.path
                    continue
                text = data.decode("utf-8", "replace")
                size += len(text)
                self._tracking[entry.path] = entry.tracking
                serves = serves or any(word in text for word in WORDS)
                files.append((entry.path, text))
        except TimedOut:
            self.problem = LATE
        if serves and cut:
            self.problem = f"{cut} and more: the code is larger than {MAX_NODE_BYTES >> 20} MB"
        return iter(files if serves else ())

    def _refused(self, entry: Listed) -> None:
        self.problem = f"{entry.path} could not be read"

    def _text(self, entry: Listed) -> Optional[str]:
        """Of a file with settings."""
        if not is_searched(entry):
            return None
        try:
            data = self._read(entry)
        except PermissionError:
            self._refused(entry)
            return None
        except TimedOut:
            self.problem = LATE
            return None
        if len(data) > LIMIT_BYTES:
            self.problem = f"{entry.path} is larger than {LIMIT_BYTES >> 20} MB"
        return data.decode("utf-8", "replace") if data and len(data) <= LIMIT_BYTES else None

    def _row(self, setting: Setting, entry: Optional[Listed]) -> WebSetting:
        tracking = entry.tracking if entry is not None else self._tracking.get(setting.path, "none")
        return WebSetting(*setting[:6], role=role_of(setting.path), tracking=tracking)


def readers_of(path: str, paths: set[str]) -> list[Read]:
    """Who reads a file, by its name and place."""
    folder, name = posixpath.split(path)
    low, ending = name.lower(), ending_of(name)
    top = folder.rpartition("/")[2]
    found: list[Read] = []
    if low == "wp-config.php" or (low.startswith("wp-config") and ending == "php"):
        found.append(read_wordpress)
    if path.endswith("wp-includes/version.php"):
        found.append(read_wordpress_version)
    if (low == ".env" or low.startswith(".env.")) and posixpath.join(folder, "artisan") in paths:
        found.append(read_dotenv)
    if top == "config" and name in CONFIG and posixpath.join(posixpath.dirname(folder), "artisan") in paths:
        found.append(read_laravel_config)
    if name == "VerifyCsrfToken.php" or path.endswith("bootstrap/app.php") or (top == "routes" and ending == "php"):
        found.append(read_csrf)
    if low in ("php.ini", ".user.ini", ".htaccess") or (ending == "ini" and "php" in path.lower()):
        found.append(read_php_ini)
    if path.endswith("config/environments/production.rb"):
        found.append(read_rails_production)
    if "/controllers/" in f"/{path}" and ending == "rb":
        found.append(read_rails_controller)
    if path.endswith("config/secrets.yml"):
        found.append(read_rails_secrets)
    if low.startswith("application") and ending in ("properties", "yml", "yaml"):
        found.append(read_spring)
    if low == "web.config":
        found.append(read_asp)
    if "nginx" in path.lower() and (ending in ("conf", "template") or top in ("sites-available", "sites-enabled")):
        found.append(read_nginx)
    if low == ".htaccess" or (ending == "conf" and ("apache" in path.lower() or "httpd" in path.lower())):
        found.append(read_apache)
    return found
