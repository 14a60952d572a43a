"""crontab: what cron starts, when and as whom. As osquery's, with users and cron.daily."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Partial, Target, table
from secaudit.tables.host._cron import read_jobs
from secaudit.tables.host._secrets import find_secrets, hide_in_url

_DOWNLOAD = re.compile(r"\b(?:curl|wget|fetch)\s")
_PIPED = re.compile(
    r"\|\s{0,9}(?:sudo\s{1,9})?(?:/usr/bin/|/bin/)?(?:[bdkz]?a?sh|python[0-9.]{0,9}|perl|php|ruby|node)(?:\s|$)"
)
_INLINE = re.compile(
    r"(?:\b(?:eval|[bdkz]?a?sh\s{1,9}-c)\s{1,9}[\"']?(?:\$\(|`)|(?:^|\s|\b)<\()\s{0,9}(?:curl|wget|fetch)\s"
)
_TEMPORARY = re.compile(
    r"(?:^|[;&|(]\s{0,9}|\b(?:[bdkz]?a?sh|python[0-9.]{0,9}|perl|php|nohup|source|exec)\s{1,9}(?:-\w{1,9}\s{1,9})?)"
    r"[\"']?(?:/tmp|/var/tmp|/dev/shm)/"
)


class Crontab(NamedTuple):
    """One job."""

    path: str
    """The crontab, or the script itself in cron.daily and the like."""
    line: int | None
    """NULL for a script."""
    event: str
    """`@reboot`, `@daily`, `every 7 days` (anacron) ...; '' when the five time fields say when."""
    minute: str
    hour: str
    day_of_month: str
    month: str
    day_of_week: str
    command: str
    """As written; when it holds a password, only its first word and `****`."""
    username: str
    """Whose rights it runs with."""
    secret: str
    """The kind of password or token in the command, '' for none."""
    runs_download: int
    """1: what comes from the network is given to a shell or interpreter at once."""
    runs_temporary: int
    """1: a program in /tmp, /var/tmp or /dev/shm is started."""


@table(targets={"host", "root"})
def crontab(target: Target) -> Iterator[Crontab]:
    """Yield one row per job of an installed cron. Left-over files that no cron reads are left out.

    Source: crontab(5), cron(8), cronie's crond(8), run-parts(8), anacrontab(5).

    Raises:
        Absent: no cron is installed.
        Partial: some crontabs could not be read; those of other people are closed to ordinary users.
    """
    reading = read_jobs(target)
    for job in reading.jobs:
        secret = next((found.kind for found in find_secrets(job.command)), "")
        yield Crontab(
            path=job.path,
            line=job.line,
            event=job.event,
            minute=job.times[0],
            hour=job.times[1],
            day_of_month=job.times[2],
            month=job.times[3],
            day_of_week=job.times[4],
            command=f"{job.command.split(None, 1)[0]} ****" if secret else hide_in_url(job.command),
            username=job.username,
            secret=secret,
            runs_download=int(_runs_download(job.command)),
            runs_temporary=int(_TEMPORARY.search(job.command) is not None),
        )
    if reading.unread:
        shown = ", ".join(reading.unread[:5])
        raise Partial(f"these crontabs could not be read: {shown}", None if target.is_root else "root")


def _runs_download(command: str) -> bool:
    """`curl ... | sh`, `sh -c "$(wget ...)"`, `bash <(curl ...)`."""
    first = _DOWNLOAD.search(command)
    if first is None:
        return False
    return _PIPED.search(command, first.end()) is not None or _INLINE.search(command) is not None
