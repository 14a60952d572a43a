"""audit_log_files: the audit log where it really lies, with its folder, and who can read and change it."""

from __future__ import annotations

import posixpath
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, table
from secaudit.tables.host._auditdconf import read_auditd
from secaudit.tables.host._names import Names

MAX_FILES = 2_000


class AuditLogFile(NamedTuple):
    """The folder of the log, or one file of it."""

    path: str
    kind: str
    """folder or log."""
    mode: int
    mode_octal: str
    uid: int
    gid: int
    username: str
    groupname: str
    log_group: str
    """The group that auditd.conf lets read the log."""


@table(targets={"host", "root"})
def audit_log_files(target: Target) -> Iterator[AuditLogFile]:
    """Yield one row for the folder of the audit log, and one per file of the log, old ones included.

    Source: auditd.conf(5).

    Raises:
        Absent: the audit service is not installed, or has not written a log yet.
        Denied: its settings can only be read by root.
        Partial: the folder could not be looked into.
    """
    settings = read_auditd(target)
    log = settings["log_file"].value
    group = settings["log_group"].value
    folder, name = posixpath.split(log)
    names = Names(target)
    try:
        entry = target.stat(folder or "/")
    except (FileNotFoundError, NotADirectoryError):
        raise Absent(f"the folder {folder} of the audit log does not exist") from None
    except OSError:
        raise Partial(f"could not be looked at: {folder}", needs="root") from None
    paths = [(folder, "folder", entry)]
    denied = ""
    try:
        found = [one for one in target.listdir(folder) if one == name or one.startswith(f"{name}.")]
        for one in found[:MAX_FILES]:
            paths.append((f"{folder}/{one}", "log", target.stat(f"{folder}/{one}")))
        denied = f"more than {MAX_FILES} files in {folder}" if len(found) > MAX_FILES else ""
    except OSError:
        denied = f"could not be looked into: {folder}"
    for path, kind, stat in paths:
        yield AuditLogFile(
            path=path,
            kind=kind,
            mode=stat.mode,
            mode_octal=f"{stat.mode:04o}",
            uid=stat.uid,
            gid=stat.gid,
            username=names.user(stat.uid),
            groupname=names.group(stat.gid),
            log_group=group,
        )
    if denied:
        raise Partial(denied, needs=None if target.is_root else "root")
