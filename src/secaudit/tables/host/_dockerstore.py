"""Read the containers that the Docker engine keeps, from its own files and without asking it.

Source: the files config.v2.json and hostconfig.json below containers/ of its data folder; their names are those of
https://docs.docker.com/reference/api/engine/ (container inspect).
"""

from __future__ import annotations

import json
from typing import Any, Iterator, NamedTuple

from secaudit.tableapi import Partial, Target
from secaudit.tables.host import _dockerconf

MAX_CONTAINERS = 5000
FILE_LIMIT_BYTES = 4 * 1024 * 1024
SNAP = "/var/snap/docker/common/var-lib-docker"


class Container(NamedTuple):
    """One container as its two files say."""

    id: str
    name: str
    config: dict[str, Any]
    host: dict[str, Any]
    path: str
    """hostconfig.json."""


def containers(target: Target, unread: list[str]) -> Iterator[Container]:
    """Every container; what cannot be read goes to `unread`."""
    for top in dict.fromkeys((_dockerconf.data_folder(target, unread), SNAP)):
        try:
            names = target.listdir(f"{top}/containers")
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(f"{top}/containers")
            continue
        if len(names) > MAX_CONTAINERS:
            unread.append(f"{top}/containers (more than {MAX_CONTAINERS})")
        for name in names[:MAX_CONTAINERS]:
            folder = f"{top}/containers/{name}"
            try:
                config, host = _load(target, f"{folder}/config.v2.json"), _load(target, f"{folder}/hostconfig.json")
            except FileNotFoundError:
                continue  # being made or removed just now
            except NotADirectoryError:
                continue
            except (OSError, ValueError, RecursionError):
                unread.append(folder)
                continue
            shown = text(config, "Name").lstrip("/") or name[:12]
            yield Container(text(config, "ID") or name, shown, config, host, f"{folder}/hostconfig.json")


def _load(target: Target, path: str) -> dict[str, Any]:
    found = json.loads(target.read_bytes(path, FILE_LIMIT_BYTES))
    if not isinstance(found, dict):
        raise ValueError(path)
    return found


def part(found: dict[str, Any], name: str) -> dict[str, Any]:
    inner = found.get(name)
    return inner if isinstance(inner, dict) else {}


def text(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return "" if value is None else str(value)


def words(found: dict[str, Any], name: str) -> str:
    value = found.get(name)
    return " ".join(str(one) for one in value) if isinstance(value, list) else ""


def number(found: dict[str, Any], name: str) -> int:
    value = found.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 62 else 0


def finish(target: Target, unread: list[str]) -> None:
    """Raise Partial when something could not be read."""
    if unread:
        raise Partial(f"not read: {', '.join(unread[:3])}", None if target.is_root else "root")
