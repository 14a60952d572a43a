"""processes: the programs that run. As osquery's table of this name, without command lines: they can hold secrets."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table


class Process(NamedTuple):
    """One process. Threads of the kernel and processes that have ended are left out."""

    pid: int
    name: str
    """Its short name, which a process may choose freely."""
    path: str | None
    """Its program; NULL when only root may know it."""
    on_disk: int | None
    """0 when the program's file was deleted or replaced since it started; NULL when it could not be looked at."""
    parent: int | None
    uid: int | None
    """Real user."""
    euid: int | None
    """Effective user: whose rights it has."""
    gid: int | None
    in_container: int
    """1 when it lives in a PID namespace below this one."""


@table(targets={"host"})
def processes(target: Target) -> Iterator[Process]:
    """Yield one row per process that this user can see.

    Source: proc_pid_status(5), proc_pid_exe(5).

    Raises:
        Partial: /proc is mounted with hidepid, so other users' processes are not shown.
    """
    me = target.stat("/proc/self").uid
    for pid in sorted(int(name) for name in target.listdir("/proc") if name.isdigit()):
        try:
            status = _status(target.read_text(f"/proc/{pid}/status"))
        except OSError:
            continue
        if "VmSize" not in status or status.get("State", "").startswith(("Z", "X")):
            continue
        path, on_disk = _program(target, pid)
        uids = status.get("Uid", "").split()
        yield Process(
            pid=pid,
            name=status.get("Name", ""),
            path=path,
            on_disk=on_disk,
            parent=_number(status.get("PPid", "")),
            uid=_number(uids[0]) if uids else None,
            euid=_number(uids[1]) if len(uids) > 1 else None,
            gid=_number((status.get("Gid", "").split() or [""])[0]),
            in_container=int(len(status.get("NSpid", "").split()) > 1),
        )
    if not target.is_root and me != 0 and not target.exists("/proc/1/status"):
        raise Partial("/proc hides the processes of other users", needs="root")


def _status(text: str) -> dict[str, str]:
    return {key: value.strip() for key, sign, value in (line.partition(":") for line in text.splitlines()) if sign}


def _program(target: Target, pid: int) -> tuple[str | None, int | None]:
    """The program's path, and whether its file still has a name. The link's text says so, the inode proves it."""
    link = f"/proc/{pid}/exe"
    try:
        text = target.readlink(link)
    except OSError:
        return None, None
    try:
        on_disk = int(target.stat(link).nlink > 0)
    except OSError:
        return text, None
    return (text[: -len(" (deleted)")] if not on_disk and text.endswith(" (deleted)") else text), on_disk


def _number(text: str) -> int | None:
    return int(text) if text.isdigit() else None
