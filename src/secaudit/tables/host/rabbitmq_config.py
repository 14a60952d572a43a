"""rabbitmq_config: what the RabbitMQ message broker would use. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator

from secaudit.tableapi import Target, table
from secaudit.tables.host import _settings
from secaudit.tables.host._settings import Setting

MAIN = "/etc/rabbitmq/rabbitmq.conf"
OLD = ("/etc/rabbitmq/rabbitmq.config", "/etc/rabbitmq/advanced.config")
DEFAULTS = {"loopback_users.guest": "true"}
"""The account guest, whose password is guest, may log in from this machine only."""


@table(targets={"host", "root"})
def rabbitmq_config(target: Target) -> Iterator[Setting]:
    """Yield the settings of rabbitmq.conf and conf.d; the last one of each name decides.

    Source: https://www.rabbitmq.com/docs/configure

    Raises:
        Absent: RabbitMQ is not installed.
        Partial: a file could not be read, or the old form (Erlang terms) is used, which is not followed.
    """
    _settings.require(target, "RabbitMQ", ("rabbitmq-server", "rabbitmqctl"), ("rabbitmq-server.service",))
    unread: list[str] = []
    found: dict[str, Setting] = {}
    for path in (MAIN, *_settings.expand(target, "/etc/rabbitmq/conf.d/*.conf", unread)):
        for number, raw in enumerate((_settings.read(target, path, unread) or "").splitlines(), 1):
            name, sign, value = raw.partition("#")[0].partition("=")
            name, value = name.strip(), value.strip()
            if not sign or not name:
                continue
            if re.search(r"pass|secret", name):
                value = "set"
            if name == "loopback_users" and value == "none":
                name, value = "loopback_users.guest", "false"
            found[name] = Setting("", name, value, path, number)
    for path in OLD:
        if (_settings.read(target, path, unread) or "").replace("[].", "").strip():
            unread.append(f"{path} (the old form is not followed)")
    yield from _settings.effective("", found, DEFAULTS)
    _settings.finish(target, unread)
