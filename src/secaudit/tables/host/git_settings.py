"""git_settings: what git is told for the whole machine and for each person. Not in osquery."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Target, table
from secaudit.tables.host._gitconfig import ConfigReader, Setting, truth
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._secrets import find_secrets, has_url_secret, hide_in_url

SYSTEM_FILES = ("/etc/gitconfig",)
MULTIPLE = ("credential.helper", "safe.directory", "remote.", "url.", "include.", "includeif.", "http.extraheader")
"""Keys whose values add up instead of replacing each other."""


class GitSetting(NamedTuple):
    """One value in one file."""

    username: str
    """Whose setting; `system` for those of the whole machine."""
    scope: str
    """`system` or `global` (git's word for: of one person)."""
    key: str
    """Lower case but for the middle part, which keeps its case; logins in it are replaced by ****."""
    value: str
    """As git reads it; logins and keys in it are replaced by ****."""
    truth: str
    """`true` or `false` when git can read the value as a boolean, else ''."""
    condition: str
    """'' for always, else the condition of an includeIf, such as `gitdir:~/work/`."""
    effective: int
    """1 unless a later value of the same key replaces it. Values under a condition are always 1."""
    has_secret: int
    """1 when a password or token stands in the key or value."""
    path: str
    line: int


@table(targets={"host", "root"})
def git_settings(target: Target) -> Iterator[GitSetting]:
    """Yield one row per value of /etc/gitconfig, ~/.config/git/config and ~/.gitconfig, with what they include.

    Settings of single repositories are not read; see `git_remotes`.

    Source: git-config(1), FILES.

    Raises:
        Absent: git is not installed and nobody has a configuration for it.
        Partial: a file could not be read, or git would refuse it.
    """
    reader = HomeReader(target)
    system: list[Setting] = []
    for path in SYSTEM_FILES:
        system.extend(ConfigReader(reader, "/root").read(path))
    count = len(system)
    yield from _rows("system", "system", system)
    for home in reader.homes():
        config = ConfigReader(reader, home.directory)
        own = list(config.read(f"{home.directory}/.config/git/config"))
        own.extend(config.read(f"{home.directory}/.gitconfig"))
        count += len(own)
        yield from _rows(home.username, "global", own)
    reader.finish()
    if not count and target.find_program("git") is None:
        raise Absent("git is not installed")


def _rows(username: str, scope: str, settings: list[Setting]) -> Iterator[GitSetting]:
    last = {setting.key: index for index, setting in enumerate(settings) if not setting.condition}
    resets = _resets(settings)
    for index, setting in enumerate(settings):
        if setting.condition:
            effective = True
        elif setting.key.startswith(MULTIPLE) or setting.key.endswith((".helper", ".extraheader")):
            effective = index >= resets.get(setting.key, 0)
        else:
            effective = last[setting.key] == index
        key, value = hide_in_url(setting.key), hide_in_url(setting.value)
        secret = has_url_secret(setting.key) or has_url_secret(setting.value) or _is_secret(setting)
        if secret and value == setting.value and key == setting.key:
            value = "****"
        yield GitSetting(
            username=username,
            scope=scope,
            key=key,
            value=value,
            truth=truth(setting.value),
            condition=hide_in_url(setting.condition),
            effective=int(effective),
            has_secret=int(secret),
            path=setting.path,
            line=setting.line,
        )


def _resets(settings: list[Setting]) -> dict[str, int]:
    """An empty value clears the list of helpers, folders or headers read so far, gitcredentials(7)."""
    return {
        setting.key: index for index, setting in enumerate(settings) if setting.value == "" and not setting.condition
    }


_SECRET_NAMES = ("token", "password", "smtppass", "oauth-token", "apikey", "api-key", "secret", "proxypassword")


def _is_secret(setting: Setting) -> bool:
    name = setting.key.rpartition(".")[2]
    if name == "extraheader":
        return "authorization" in setting.value.lower() or "token" in setting.value.lower()
    if name in _SECRET_NAMES or name.endswith(("token", "password")):
        return bool(setting.value) and not setting.value.startswith(("!", "$", "/")) and not truth(setting.value)
    return any(True for _ in find_secrets(setting.value))
