"""php_config: what PHP would use, for each version and each way it runs. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

BOOLEANS = {
    "expose_php": "1",
    "display_errors": "1",
    "display_startup_errors": "1",
    "log_errors": "1",
    "allow_url_fopen": "1",
    "allow_url_include": "0",
    "enable_dl": "1",
    "session.cookie_httponly": "0",
    "session.cookie_secure": "0",
    "session.use_strict_mode": "0",
}
"""Built-in values, https://www.php.net/manual/en/ini.list.php (PHP 8)."""

TEXTS = {"disable_functions": "", "open_basedir": "", "session.cookie_samesite": "", "error_log": ""}
DEFAULTS = {**BOOLEANS, **TEXTS}
PLACES = (
    # pattern of the main file, pattern of its folder of further files
    ("/etc/php/*/*/php.ini", "conf.d"),
    ("/etc/php8/*/php.ini", "conf.d"),
    ("/etc/php[0-9]*/php.ini", "conf.d"),
    ("/etc/php/php.ini", "conf.d"),
)
_LINE = re.compile(r"\s*([A-Za-z][\w.\-]*)\s*(?:=\s*(.*))?$")
_POOL = re.compile(r"\s*php_(?:admin_)?(?:value|flag)\[([\w.]+)\]\s*=\s*(.*)$")
TRUE_WORDS = ("on", "yes", "true")
FALSE_WORDS = ("off", "no", "false", "none", "null", "")


@table(targets={"host", "root"})
def php_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of each php.ini with its further files, and of each pool of php-fpm that changes one.

    `instance` is the version and the way it runs, `8.2 fpm`; with the pool's file when a pool decides. Switches are
    1 and 0. `.user.ini` and `.htaccess` files are not read.

    Source: https://www.php.net/manual/en/configuration.file.php

    Raises:
        Absent: there is no php.ini.
        Partial: a file could not be read.
    """
    unread: list[str] = []
    mains: dict[str, list[str]] = {}
    for pattern, folder in PLACES:
        for path in _settings.expand(target, pattern, unread):
            base = path.rpartition("/")[0]
            mains.setdefault(path, [f"{base}/{folder}/*.ini", f"{base.rpartition('/')[0]}/{folder}/*.ini"])
    mains.setdefault("/etc/php.ini", ["/etc/php.d/*.ini"])
    seen = 0
    for path, more in mains.items():
        text = _settings.read(target, path, unread)
        if text is None:
            continue
        seen += 1
        instance = _instance(path)
        found = dict(_parse(instance, path, text))
        for pattern in more:
            for extra in _settings.expand(target, pattern, unread):
                found.update(_parse(instance, extra, _settings.read(target, extra, unread) or ""))
        yield from _settings.effective(instance, found, DEFAULTS)
        pools = ("/etc/php-fpm.d/*.conf",) if path == "/etc/php.ini" else (f"{path.rpartition('/')[0]}/pool.d/*.conf",)
        for pool in (one for pattern in pools for one in _settings.expand(target, pattern, unread)):
            yield from _pool(f"{instance} {pool}".strip(), pool, _settings.read(target, pool, unread) or "")
    if not seen and not unread:
        raise Absent("there is no php.ini")
    _settings.finish(target, unread)


def _instance(path: str) -> str:
    return " ".join(part for part in path.split("/")[2:-1] if part != "php") or "php"


def _parse(instance: str, path: str, text: str) -> Iterator[tuple[str, Setting]]:
    """Later lines win. Sections for one folder or host name hold only there and are left out."""
    special = False
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if line.startswith("["):
            special = line[1:5].upper() in ("PATH", "HOST")
        match = _LINE.match(line)
        if match is None or special or match.group(1) not in DEFAULTS:
            continue
        name = match.group(1)
        yield name, Setting(instance, name, _value(name, match.group(2) or ""), path, number)


def _pool(instance: str, path: str, text: str) -> Iterator[Setting]:
    found: dict[str, Setting] = {}
    for number, raw in enumerate(text.splitlines(), 1):
        match = _POOL.match(raw)
        if match is not None and match.group(1) in DEFAULTS:
            name = match.group(1)
            found[name] = Setting(instance, name, _value(name, match.group(2)), path, number)
    yield from found.values()


def _value(name: str, text: str) -> str:
    """Without quotes and comment; the words that PHP takes for yes and no become 1 and 0."""
    text = text.strip()
    quoted = re.match(r"\"((?:[^\"\\]|\\.)*)\"|'([^']*)'", text)
    value = (quoted.group(1) or quoted.group(2) or "") if quoted else text.partition(";")[0].strip()
    if name not in BOOLEANS:
        return value
    word = value.lower()
    if word in TRUE_WORDS:
        return "1"
    if word in FALSE_WORDS:
        return "0"
    if re.fullmatch(r"[+-]?\d+", word):
        return "0" if int(word) == 0 else "1"
    return "0" if name not in ("display_errors",) else value  # display_errors may be stderr or stdout
