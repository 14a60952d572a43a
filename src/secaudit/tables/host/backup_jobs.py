"""backup_jobs: which backups are set up, when they last ran, and where they go. As osquery's time_machine_backups."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target, table
from secaudit.tables.host._backup_places import Places
from secaudit.tables.host._backup_tools import Job, Scene, configured_jobs
from secaudit.tables.host._dconf import Settings
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._schedules import Run, Schedules, read_schedules


class BackupJob(NamedTuple):
    """One backup: a repository, a profile, or a command that the clock starts."""

    tool: str
    """restic, borg, borgmatic, deja-dup, timeshift, rsnapshot, backintime, kopia, rclone, rsync, snapper ..."""
    name: str
    path: str
    """The configuration, cache folder, crontab or unit that tells of it."""
    username: str
    kind: str
    """backup, or snapshots: older states of the system, as a rule on the same disk and without home folders."""
    configured: int
    """1: it has a destination or has run. Installed software that nobody has set up gives no row."""
    scheduled: int | None
    """1 when the clock starts it; NULL when the tool keeps its plan where it cannot be seen."""
    destination_kind: str
    """network, external (a disk that can be taken away), local (another disk in this machine), same_disk, unknown."""
    encrypted: int | None
    """1 when the tool itself encrypts; NULL when that cannot be told, for example for copies on a disk that may be
    encrypted as a whole."""
    last_run_s: int | None
    """Of the last run that left a trace, seconds since 1970 UTC."""
    last_run_age_days: int | None
    """Full days from then to the audit."""


@table(targets={"host", "root"}, timeout_s=20.0)
def backup_jobs(target: Target) -> Iterator[BackupJob]:
    """Yield one row per backup that a tool's files, a crontab or a timer tells of; none when no backup is set up.

    Copies that a provider makes of the whole machine cannot be seen from inside.

    Source: `_backup_tools`.

    Raises:
        Partial: a home folder, crontab or unit could not be read.
    """
    reader = HomeReader(target)
    scene = Scene(reader, Places(reader), Settings(reader), reader.homes())
    schedules = read_schedules(reader)
    jobs = list(configured_jobs(scene))
    runs = _by_tool(schedules)
    for job in jobs:
        yield _row(target, _with_address(scene, _scheduled(job, jobs, runs, schedules.complete), jobs, runs))
    known = {job.tool for job in jobs}
    for tool, found in runs.items():
        if tool in known or (tool == "borg" and "borgmatic" in known):
            continue
        for run in found:
            yield _row(target, _from_run(scene, tool, run))
    reader.finish()


def _row(target: Target, job: Job) -> BackupJob:
    age = None if job.last_run_s is None else max(0, target.now_s - job.last_run_s) // 86400
    return BackupJob(
        tool=job.tool,
        name=job.name,
        path=job.path,
        username=job.username,
        kind="snapshots" if job.tool in _SNAPSHOTS else "backup",
        configured=1,
        scheduled=job.scheduled,
        destination_kind=job.destination_kind,
        encrypted=job.encrypted,
        last_run_s=job.last_run_s,
        last_run_age_days=age,
    )


# ---------------------------------------------------------------- what the clock starts

# Compiled when they are needed: with their bounded repeats that takes longer than all the rest of this table.
_COMMANDS = {
    # [^\n|;&] keeps to one command; all repeats are bounded
    "restic": r"\brestic\b[^\n|;&]{0,600}?\sbackup\b",
    "resticprofile": r"\bresticprofile\b[^\n|;&]{0,300}?\bbackup\b",
    "autorestic": r"\bautorestic\b[^\n|;&]{0,300}?\b(?:backup|cron)\b",
    "borg": r"\bborg\b[^\n|;&]{0,600}?\screate\b[^\n|;&]{0,600}",
    "borgmatic": r"(?m)(?:^|[\s/])borgmatic(?=\s|$)",
    "rsnapshot": r"\brsnapshot\s{1,5}(?:-[cvqV]{1,4}\s{1,5}\S{0,200}\s{0,5})?(?!configtest|du\b|diff)[a-z]{2,30}\b",
    "rclone": r"\brclone\s[^\n|;&]{0,300}?\b(?:sync|copy|bisync)\s[^\n|;&]{1,600}",
    "rsync": r"\brsync\s[^\n|;&]{3,800}",
    "duplicity": r"\bduplicity\s{1,5}(?!collection-status|verify|cleanup|remove|restore|list)[^\n|;&]{1,800}",
    "kopia": r"\bkopia\b[^\n|;&]{0,300}?\bsnapshot\s[^\n|;&]{0,100}?\bcreate\b",
    "backintime": r"\bbackintime\b[^\n|;&]{0,300}?\sbackup(?:-job)?\b",
    "duplicati": r"\bduplicati-cli\s[^\n|;&]{0,100}?\bbackup\b",
    "btrbk": r"\bbtrbk\b[^\n|;&]{0,100}?\s(?:run|resume|snapshot)\b",
    "sanoid": r"\bsanoid\s[^\n|;&]{0,100}?--(?:cron|take-snapshots)",
    "syncoid": r"\bsyncoid\s[^\n|;&]{3,600}",
    "tarsnap": r"\btarsnap\b[^\n|;&]{0,300}?\s-?c",
    "bup": r"\bbup\s{1,5}save\b",
    "timeshift": r"\btimeshift\s{1,5}--(?:check|create)\b",
    "snapper": r"\bsnapper\s[^\n|;&]{0,100}?\bcreate\b|snapper/systemd-helper\s{1,5}--timeline",
}
_SNAPSHOTS = ("timeshift", "snapper", "sanoid")
_GENERAL = ("rsync", "rclone", "syncoid")
"""Copy programs: only a job that calls itself a backup is one."""
_BACKUP_WORD = re.compile(r"backup|back-up|bkp|archive|snapshot|borg|restic", re.IGNORECASE)
_ALWAYS_ENCRYPTED = ("restic", "resticprofile", "autorestic", "kopia", "tarsnap")
_USES = {"borg": ("borgmatic", "vorta", "pika-backup"), "restic": ("resticprofile", "autorestic")}
"""Programs that start another one: their plan is its plan."""


def _by_tool(schedules: Schedules) -> dict[str, list[Run]]:
    found: dict[str, list[Run]] = {}
    for run in schedules.runs:
        for tool, pattern in _COMMANDS.items():
            if tool in _GENERAL and not (_BACKUP_WORD.search(run.path) or _BACKUP_WORD.search(run.text)):
                continue
            if tool in run.text and re.search(pattern, run.text):
                found.setdefault(tool, []).append(run)
    return found


def _scheduled(job: Job, jobs: list[Job], runs: dict[str, list[Run]], complete: bool) -> Job:
    """Add what the clock tells to what the tool tells."""
    if job.scheduled is not None and job.tool != "backintime":
        return job
    started = [run for tool in (job.tool, *_USES.get(job.tool, ())) for run in runs.get(tool, [])]
    if started:
        stamps = [run.last_run_s for run in started if run.last_run_s is not None]
        last = job.last_run_s if job.last_run_s is not None else (max(stamps) if stamps else None)
        return job._replace(scheduled=1, last_run_s=last)
    others = [other for other in jobs if other.tool in _USES.get(job.tool, ())]
    plans_itself = job.tool in ("vorta", "duplicati", "kopia") or (job.name == "agent")
    if any(other.scheduled == 1 for other in others):
        return job._replace(scheduled=1)
    if plans_itself or any(other.scheduled is None for other in others) or not complete:
        return job._replace(scheduled=None)
    return job._replace(scheduled=0)


def _with_address(scene: Scene, job: Job, jobs: list[Job], runs: dict[str, list[Run]]) -> Job:
    """A cache does not tell where its repository is; the only command of the same tool does."""
    started = runs.get(job.tool, [])
    if job.destination_kind != "unknown" or len(started) != 1 or sum(other.tool == job.tool for other in jobs) != 1:
        return job
    return job._replace(destination_kind=_destination(scene, job.tool, started[0].text))


def _from_run(scene: Scene, tool: str, run: Run) -> Job:
    encrypted = 1 if tool in _ALWAYS_ENCRYPTED else None
    if tool == "duplicity":
        encrypted = 0 if "--no-encryption" in run.text else 1
    return Job(
        tool=tool,
        name=run.path.rsplit("/", 1)[-1],
        username="",
        path=run.path,
        destination_kind=_destination(scene, tool, run.text),
        encrypted=encrypted,
        last_run_s=run.last_run_s,
        scheduled=1,
    )


_REPOSITORY = {
    "restic": (
        r"\brestic\b[^\n|;&]{0,300}?\s(?:-r|--repo)[\s=]{1,5}(\S{1,500})",
        r"\bRESTIC_REPOSITORY=(\S{1,500})",
    ),
    "borg": (
        r"\bborg\b[^\n|;&]{0,600}?\screate\b[^\n|;&]{0,300}?\s([^\s:-]\S{0,500}?)::",
        r"\bBORG_REPO=(\S{1,500})",
    ),
    "duplicity": (r"\bduplicity\s[^\n|;&]{0,600}?\s([a-z0-9+]{2,20}://\S{1,500})",),
}


def _destination(scene: Scene, tool: str, text: str) -> str:
    if tool == "tarsnap":
        return "network"
    if tool in ("snapper", "sanoid"):
        return "same_disk"
    address = ""
    for pattern in _REPOSITORY.get(tool, ()):
        match = re.search(pattern, text)
        if match:
            address = match.group(1)
            break
    if tool in ("rsync", "rclone", "syncoid"):
        match = re.search(_COMMANDS[tool], text)
        words = [
            word for word in (match.group().split() if match else []) if not word.startswith(("-", ">", "2>", "1>"))
        ]
        address = words[-1] if len(words) > 2 else ""
        if tool == "rclone" and re.fullmatch(r"[\w-]{1,60}:.{0,500}", address):
            return "network"
    return scene.places.kind(_expand(address, text))


def _expand(address: str, text: str) -> str:
    """Put in the value of a variable that the same script sets."""
    bare = address.strip("\"'")
    match = re.match(r"\$\{?(\w{1,60})\}?(.*)", bare)
    if match is None:
        return bare
    value = re.search(rf"(?:^|\s){match.group(1)}=[\"']?([^\s\"']{{1,500}})", text)
    return value.group(1) + match.group(2) if value else bare
