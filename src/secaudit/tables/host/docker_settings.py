"""docker_settings: what the Docker engine would use; where it takes commands tells docker_daemon. Not in osquery."""

from __future__ import annotations

from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _dockerconf, _settings
from secaudit.tables.host._settings import Setting

DEFAULTS = {
    "userns-remap": "",
    "icc": "true",
    "live-restore": "false",
    "no-new-privileges": "false",
    "log-driver": "json-file",
    "log-opts.max-size": "",
    "insecure-registries": "",
    "seccomp-profile": "",
    "selinux-enabled": "false",
    "experimental": "false",
    "iptables": "true",
    "userland-proxy": "true",
    "ip": _dockerconf.EVERYWHERE,
    "default-cgroupns-mode": "private",
}
"""Built-in values, https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file"""


@table(targets={"host", "root"})
def docker_settings(target: Target) -> Iterator[Setting]:
    """Yield the settings of daemon.json and of the command line of docker.service, by their names in daemon.json.

    Members of groups have dotted names, `log-opts.max-size`. Lists are one value, separated by spaces.

    Source: dockerd(8).

    Raises:
        Absent: the Docker engine is not installed.
        Partial: daemon.json or the unit could not be read or understood.
    """
    _dockerconf.installed(target)
    unread: list[str] = []
    found: dict[str, Setting] = {}
    for given in _dockerconf.read(target, unread):
        members = given.value.items() if isinstance(given.value, dict) else (("", given.value),)
        for key, value in members:
            name = f"{given.name}.{key}" if key else given.name
            found[name] = Setting("", name, _text(value), given.path, given.line)
    # what a file that cannot be read may set is not known
    defaults: dict[str, str | None] = dict.fromkeys(DEFAULTS) if unread else dict(DEFAULTS)
    yield from _settings.effective("", found, defaults)
    _settings.finish(target, unread)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return " ".join(str(one) for one in value)
    return str(value)
