"""What each backup tool leaves behind: its settings, and the traces of its last run.

Sources: the tools' own documentation of files (borg "Internals", restic "Caching", rsnapshot(1), timeshift's
README, backintime(1), kopia and duplicity manuals, snapper-configs(5), Déjà Dup's GSettings schema).
"""

from __future__ import annotations

import calendar
import re
import time
from typing import Any, Iterator, NamedTuple

from secaudit.tables.host._backup_places import Places
from secaudit.tables.host._dconf import Settings
from secaudit.tables.host._homeread import HomeReader
from secaudit.tables.host._inifile import read_entries
from secaudit.tables.host._passwd import Home


class Job(NamedTuple):
    """What is known of one backup."""

    tool: str
    name: str
    username: str
    path: str
    destination_kind: str = "unknown"
    encrypted: int | None = None
    last_run_s: int | None = None
    scheduled: int | None = None
    """NULL: the tool does not say; a timer or cron may."""


class Scene(NamedTuple):
    """The means to look."""

    reader: HomeReader
    places: Places
    settings: Settings
    homes: list[Home]


def configured_jobs(scene: Scene) -> Iterator[Job]:
    """Give each backup that a tool's own files tell of."""
    for home in scene.homes:
        yield from _borg(scene, home)
        yield from _restic(scene, home)
        yield from _deja_dup(scene, home)
        yield from _backintime(scene, home)
        yield from _kopia(scene, home)
        yield from _duplicity(scene, home)
        yield from _pika(scene, home)
        yield from _presence(scene, home)
    yield from _timeshift(scene)
    yield from _rsnapshot(scene)
    yield from _snapper(scene)
    yield from _agents(scene)


def _newest(reader: HomeReader, folder: str, pattern: str, depth: int = 1) -> int | None:
    """The youngest time of change of matching files, in folders up to `depth` deep."""
    times: list[int] = []
    waiting = [(folder, depth)]
    while waiting and len(times) < 20_000:
        place, left = waiting.pop()
        for path in reader.matching(place, "*"):
            stat = reader.stat(path)
            if stat is None:
                continue
            if stat.kind == "dir" and left > 1:
                waiting.append((path, left - 1))
            elif stat.kind == "file" and re.search(pattern, path.rsplit("/", 1)[-1]):
                times.append(stat.mtime_s)
    return max(times) if times else None


def _iso(text: str) -> int | None:
    """Seconds since 1970 of `2026-11-23T21:10:53`, with Z, an offset or nothing behind it (UTC)."""
    match = re.match(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d{1,9})?(?:([+-])(\d\d):?(\d\d))?", text.strip())
    if match is None:
        return None
    try:
        seconds = calendar.timegm(time.strptime(f"{match.group(1)} {match.group(2)}", "%Y-%m-%d %H:%M:%S"))
    except ValueError:
        return None
    if match.group(3):
        offset = int(match.group(4)) * 3600 + int(match.group(5)) * 60
        seconds += -offset if match.group(3) == "+" else offset
    return seconds


_BORG_PLAIN = ("2", "6", "7")
"""Key types without encryption: plaintext, and the two that only authenticate. borg/constants.py."""


def _borg(scene: Scene, home: Home) -> Iterator[Job]:
    """One folder for each repository that this person has used; it remembers address, kind of key and last change."""
    reader = scene.reader
    for folder in reader.matching(f"{home.directory}/.config/borg/security", "*"):
        location = reader.text(f"{folder}/location", 65536)
        if location is None:
            continue
        key = (reader.text(f"{folder}/key-type", 1024) or "").strip()
        changed = reader.text(f"{folder}/manifest-timestamp", 1024) or ""
        encrypted = int(key not in _BORG_PLAIN) if key else None
        yield Job("borg", "repository", home.username, folder, scene.places.kind(location), encrypted, _iso(changed))
    for path in (
        ("/etc/borgmatic/config.yaml", *reader.matching("/etc/borgmatic.d", "*.yaml"))
        if home.uid == 0
        else (
            f"{home.directory}/.config/borgmatic/config.yaml",
            *reader.matching(f"{home.directory}/.config/borgmatic.d", "*.yaml"),
        )
    ):
        text = reader.text(path)
        if text is None:
            continue
        found = re.search(r"^\s{0,40}-?\s{0,10}path:\s{0,10}(\S{1,1000})", text, re.MULTILINE)
        kind = scene.places.kind(found.group(1)) if found else "unknown"
        yield Job("borgmatic", "configuration", home.username, path, kind)


def _restic(scene: Scene, home: Home) -> Iterator[Job]:
    """Each repository has a cache; the address is not in it. A snapshot's file is written when it is made."""
    for folder in scene.reader.matching(f"{home.directory}/.cache/restic", "*"):
        if re.fullmatch(r"[0-9a-f]{64}", folder.rsplit("/", 1)[-1]):
            last = _newest(scene.reader, f"{folder}/snapshots", r"^[0-9a-f]{64}$", depth=2)
            yield Job("restic", "repository", home.username, folder, "unknown", 1, last)


def _deja_dup(scene: Scene, home: Home) -> Iterator[Job]:
    def ask(schema: str, key: str) -> Any:
        return scene.settings.get(home.directory, f"org.gnome.{schema}", key)

    periodic, last = ask("DejaDup", "periodic"), ask("DejaDup", "last-backup")
    if home.uid == 0 or (periodic.value is not True and not last.value):
        return
    backend = ask("DejaDup", "backend").value
    kinds = {"local": "unknown", "drive": "external", "remote": "network", "google": "network", "microsoft": "network"}
    path = periodic.path or last.path or ""
    when = _iso(str(last.value)) if last.value else None
    scheduled = None if periodic.value is None else int(periodic.value is True)
    yield Job("deja-dup", str(backend), home.username, path, kinds.get(str(backend), "unknown"), None, when, scheduled)


def _backintime(scene: Scene, home: Home) -> Iterator[Job]:
    base = "/etc/backintime" if home.uid == 0 else f"{home.directory}/.config/backintime"
    for path in dict.fromkeys((f"{base}/config", f"{home.directory}/.config/backintime/config")):
        text = scene.reader.text(path)
        if text is None:
            continue
        values = {entry.key: entry.value for entry in read_entries(text)}
        numbers = sorted(
            {key[7:].partition(".")[0] for key in values if key.startswith("profile") and key[7:8].isdigit()}
        )
        for number in numbers:
            mode = values.get(f"profile{number}.snapshots.mode", "local")
            place = values.get(f"profile{number}.snapshots.path", "")
            if not place and not mode.startswith("ssh"):
                continue
            kind = "network" if mode.startswith("ssh") else scene.places.kind(place)
            last = _newest(scene.reader, f"{home.directory}/.local/share/backintime/anacron", r".", depth=1)
            off = values.get(f"profile{number}.schedule.mode", "0") == "0"
            encrypted = 1 if mode.endswith("encfs") else None
            yield Job("backintime", f"profile {number}", home.username, path, kind, encrypted, last, 0 if off else None)


def _kopia(scene: Scene, home: Home) -> Iterator[Job]:
    path = f"{home.directory}/.config/kopia/repository.config"
    text = scene.reader.text(path)
    if text is None:
        return
    kind = re.search(r'"type"\s{0,9}:\s{0,9}"([a-z0-9]{1,30})"', text)
    place = re.search(r'"path"\s{0,9}:\s{0,9}"([^"]{1,1000})"', text)
    where = "network"
    if kind is None or kind.group(1) == "filesystem":
        where = scene.places.kind(place.group(1)) if place else "unknown"
    last = _newest(scene.reader, f"{home.directory}/.cache/kopia/cli-logs", r"snapshot-create", depth=1)
    yield Job("kopia", "repository", home.username, path, where, 1, last)


def _duplicity(scene: Scene, home: Home) -> Iterator[Job]:
    """The cache keeps a signature file for each run. Déjà Dup's own cache is another folder."""
    for folder in scene.reader.matching(f"{home.directory}/.cache/duplicity", "*"):
        last = _newest(scene.reader, folder, r"^duplicity-.{1,200}\.(?:manifest|sigtar)", depth=1)
        if last is not None:
            yield Job("duplicity", "archive", home.username, folder, "unknown", None, last)


def _pika(scene: Scene, home: Home) -> Iterator[Job]:
    import json

    flatpak = f"{home.directory}/.var/app/org.gnome.World.PikaBackup/config/pika-backup/backup.json"
    for path in (f"{home.directory}/.config/pika-backup/backup.json", flatpak):
        text = scene.reader.text(path)
        if text is None:
            continue
        try:
            entries = json.loads(text)
        except (ValueError, RecursionError):
            scene.reader.broken(f"{path} (is no JSON)")
            continue
        for entry in entries if isinstance(entries, list) else ():
            if not isinstance(entry, dict):
                continue
            schedule = entry.get("schedule")
            enabled = schedule.get("enabled") if isinstance(schedule, dict) else None
            repo = json.dumps(entry.get("repo")).lower()
            kind = "network" if '"uri"' in repo or "remote" in repo or "ssh:" in repo else "external"
            if '"path"' in repo and "drive" not in repo and "volume" not in repo and kind != "network":
                kind = "unknown"
            encrypted = int(entry["encrypted"]) if isinstance(entry.get("encrypted"), bool) else None
            yield Job("pika-backup", "setup", home.username, path, kind, encrypted, None, int(enabled is True))


_PRESENCE = (
    # tool, a file it writes once it is set up, whether it always encrypts
    ("vorta", ".local/share/Vorta/settings.db", None),
    ("duplicati", ".config/Duplicati/Duplicati-server.sqlite", None),
    ("resticprofile", ".config/resticprofile/profiles.yaml", 1),
    ("autorestic", ".autorestic.yml", 1),
)


def _presence(scene: Scene, home: Home) -> Iterator[Job]:
    for tool, file, encrypted in _PRESENCE:
        path = f"{home.directory}/{file}"
        if scene.reader.stat(path) is not None:
            yield Job(tool, "configuration", home.username, path, "unknown", encrypted)


def _timeshift(scene: Scene) -> Iterator[Job]:
    """Snapshots of the system, by default without home folders."""
    import json

    path = "/etc/timeshift/timeshift.json"
    text = scene.reader.text(path)
    if text is None:
        return
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        scene.reader.broken(f"{path} (is no JSON)")
        return
    if not isinstance(values, dict) or not values.get("backup_device_uuid"):
        return
    periods = ("hourly", "daily", "weekly", "monthly", "boot")
    scheduled = int(any(str(values.get(f"schedule_{period}")).lower() == "true" for period in periods))
    kind = "same_disk" if str(values.get("btrfs_mode")).lower() == "true" else "unknown"
    last = _newest(scene.reader, "/var/log/timeshift", r"_backup\.log$", depth=1)
    yield Job("timeshift", "system snapshots", "root", path, kind, None, last, scheduled)


def _rsnapshot(scene: Scene) -> Iterator[Job]:
    path = "/etc/rsnapshot.conf"
    text = scene.reader.text(path)
    if text is None or scene.reader.target.find_program("rsnapshot") is None:
        return
    root = re.search(r"^snapshot_root[ \t]{1,20}(\S{1,1000})", text, re.MULTILINE)
    place = root.group(1).rstrip("/") if root else ""
    # Every level rotates a folder such as daily.0; its time of change is that of the last run.
    times = [
        stat.mtime_s
        for folder in (scene.reader.matching(place, "*.0") if place.startswith("/") else [])
        if (stat := scene.reader.stat(folder)) is not None
    ]
    yield Job("rsnapshot", "configuration", "root", path, scene.places.kind(place), None, max(times) if times else None)


def _snapper(scene: Scene) -> Iterator[Job]:
    for path in scene.reader.matching("/etc/snapper/configs", "*"):
        values = {entry.key: entry.value.strip('"') for entry in read_entries(scene.reader.text(path) or "")}
        if values.get("SUBVOLUME"):
            timeline = int(values.get("TIMELINE_CREATE", "no") == "yes")
            yield Job("snapper", path.rsplit("/", 1)[-1], "root", path, "same_disk", None, None, timeline)


_AGENTS = (
    # program, tool: a server elsewhere keeps the plan, so only their being here can be told
    ("urbackupclientbackend", "urbackup"),
    ("bacula-fd", "bacula"),
    ("bareos-fd", "bareos"),
    ("veeamservice", "veeam"),
    ("dsmc", "ibm-storage-protect"),
)


def _agents(scene: Scene) -> Iterator[Job]:
    for program, tool in _AGENTS:
        path = scene.reader.target.find_program(program)
        if path is not None:
            yield Job(tool, "agent", "root", path, "network")
