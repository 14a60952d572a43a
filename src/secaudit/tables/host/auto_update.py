"""auto_update: what installs updates without being asked, and whether it really will. Not in osquery."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Partial, Target, Unsupported, table
from secaudit.tables.host import _dpkg
from secaudit.tables.host._apt_archives import read_archives
from secaudit.tables.host._apt_config import read_apt_config
from secaudit.tables.host._apt_unattended import covers_security, read_rules, security_only
from secaudit.tables.host._systemd import Units

UNITS = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system")
PERIODIC = "/var/lib/apt/periodic"
MINT_FLAG = "/var/lib/linuxmint/mintupdate-automatic-upgrades-enabled"
DNF_CONFIGS = ("/etc/dnf/automatic.conf", "/etc/dnf/dnf5-plugins/automatic.conf")
DNF_TIMERS = ("dnf-automatic.timer", "dnf5-automatic.timer", "dnf-automatic-install.timer")


class AutoUpdate(NamedTuple):
    """One tool that can install updates by itself."""

    tool: str
    """unattended-upgrades, mintupdate, dnf-automatic or rpm-ostree."""
    manager: str
    """apt, dnf or rpm-ostree."""
    installed: int
    enabled: int | None
    """1 when it is installed, switched on, and something starts it regularly. NULL, as all that follows from settings,
    when a file of settings cannot be read and nothing else rules it out."""
    installs: int | None
    """1 when its settings say install; 0 when it would only download or tell."""
    scheduled: int
    """1 when a timer or cron job starts it."""
    refreshes_lists: int | None
    """1 when the package lists are fetched by themselves; without that it never sees anything new."""
    covers_security: int | None
    """1 when its rules let security fixes of this release in; NULL when that cannot be said."""
    security_only: int | None
    """1 when its rules let in nothing but security fixes; NULL when that cannot be said."""
    reboots: int | None
    """1 when it restarts the machine by itself where an update needs that."""
    interval_days: int | None
    """Days between runs, at least 1; NULL when it is off."""
    last_run_s: int | None
    """Seconds since 1970 UTC; NULL when no run is recorded."""
    detail: str
    """Why it is not enabled, in words; else empty."""
    path: str | None
    """The file that decides whether it installs; NULL where nothing is set."""
    line: int | None


@table(targets={"host", "root"})
def auto_update(target: Target) -> Iterator[AutoUpdate]:
    """Yield one row for the tool that belongs to this system, installed or not, and for others that are installed.

    Source: apt.systemd.daily, unattended-upgrade(8), automatic.conf of dnf, rpm-ostreed.conf(5).

    Raises:
        Unsupported: this system has no such tool (Arch, Alpine).
        Absent: there is no package manager that we know.
        Partial: the configuration of apt is not fully known.
    """
    if target.exists("/etc/apt") and target.exists(_dpkg.STATUS):
        yield from _apt(target)
    elif target.find_program("rpm-ostree") is not None:
        yield _rpm_ostree(target)
    elif target.exists("/etc/dnf") or target.exists("/etc/yum.repos.d"):
        yield _dnf(target)
    elif target.exists("/etc/pacman.conf") or target.exists("/etc/apk"):
        raise Unsupported("this system has no tool of its own that installs updates by itself")
    else:
        raise Absent("there is no package manager that we know")


# ---------------------------------------------------------------- Debian, Ubuntu and relatives


def _apt(target: Target) -> Iterator[AutoUpdate]:
    config = read_apt_config(target)
    archives = read_archives(target)
    installed = any(p.name == "unattended-upgrades" and p.has_files for p in _dpkg.read_packages(target))
    option = config.get("apt::periodic::unattended-upgrade")
    on = config.text("apt::periodic::enable", "1") != "0"
    interval = _interval(config.text("apt::periodic::unattended-upgrade", "0")) if on else None
    refresh = _interval(config.text("apt::periodic::update-package-lists", "0")) if on else None
    scheduled = _starts(target, "apt-daily-upgrade.timer") or _cron_starts(target)
    refreshes = refresh is not None and (_starts(target, "apt-daily.timer") or _cron_starts(target))
    if not installed:
        detail = "unattended-upgrades is not installed"
    elif interval is None:
        detail = "APT::Periodic::Unattended-Upgrade is off"
    elif not scheduled:
        detail = "apt-daily-upgrade.timer is off"
    else:
        detail = "" if refreshes else "the package lists are not fetched by themselves"
    rules = read_rules(target, config)
    row = AutoUpdate(
        tool="unattended-upgrades",
        manager="apt",
        installed=int(installed),
        enabled=int(not detail),
        installs=int(installed and interval is not None),
        scheduled=int(scheduled),
        refreshes_lists=int(refreshes),
        covers_security=covers_security(archives, rules),
        security_only=security_only(archives, rules),
        reboots=int(config.flag("unattended-upgrade::automatic-reboot")),
        interval_days=interval,
        last_run_s=_mtime(target, f"{PERIODIC}/unattended-upgrades-stamp", f"{PERIODIC}/upgrade-stamp"),
        detail=detail,
        path=None if option is None else option.path,
        line=None if option is None else option.line,
    )
    yield row if not config.faults else _in_doubt(row)
    if target.exists("/usr/bin/mintupdate-automation"):
        yield _mint(target)
    if config.faults:
        raise Partial("parts of the apt configuration are not known: " + "; ".join(config.faults[:5]))


def _in_doubt(row: AutoUpdate) -> AutoUpdate:
    """What is left when a file of apt's settings cannot be read: it may set any of them to anything."""
    is_ruled_out = not row.installed or not row.scheduled
    return row._replace(
        enabled=0 if is_ruled_out else None,
        installs=None if row.installed else 0,
        refreshes_lists=None,
        covers_security=None,
        security_only=None,
        reboots=None,
        interval_days=None,
        detail=row.detail if is_ruled_out else "not all settings of apt could be read",
        path=None,
        line=None,
    )


def _mint(target: Target) -> AutoUpdate:
    on = target.exists(MINT_FLAG)
    scheduled = _starts(target, "mintupdate-automation-upgrade.timer")
    return AutoUpdate(
        tool="mintupdate",
        manager="apt",
        installed=1,
        enabled=int(on and scheduled),
        installs=int(on),
        scheduled=int(scheduled),
        refreshes_lists=1,
        covers_security=1,
        security_only=0,
        reboots=0,
        interval_days=1 if on else None,
        last_run_s=None,
        detail="" if on and scheduled else "automatic updates are off in the Update Manager",
        path=MINT_FLAG if on else None,
        line=None,
    )


def _interval(text: str) -> int | None:
    """Whole days of `1`, `7d`, `12h`, `always`; None for 0 and for what apt's job does not understand."""
    if text.strip() == "always":
        return 1
    match = re.match(r"([0-9]{1,9})([smhd]?)\Z", text.strip())
    if match is None or int(match.group(1)) == 0:
        return None
    seconds = int(match.group(1)) * {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 86400}[match.group(2)]
    return max(1, seconds // 86400)


# ---------------------------------------------------------------- Fedora, Red Hat and relatives


def _dnf(target: Target) -> AutoUpdate:
    timers = [timer for timer in DNF_TIMERS if _starts(target, timer)]
    known = any(target.exists(f"{folder}/{timer}") for folder in UNITS for timer in DNF_TIMERS)
    installed = known or target.find_program("dnf-automatic") is not None
    settings: dict[str, tuple[str, str, int]] = {}
    for path in DNF_CONFIGS:
        settings.update(_ini(target, path))
    apply, path, line = settings.get("commands.apply_updates", ("no", "", 0))
    kind = settings.get("commands.upgrade_type", ("default", "", 0))[0].lower()
    always = "dnf-automatic-install.timer" in timers
    installs = always or apply.lower() in ("yes", "true", "1", "on")
    if not installed:
        detail = "dnf-automatic is not installed"
    elif not timers:
        detail = "no timer of dnf-automatic is on"
    else:
        detail = "" if installs else "apply_updates is off: updates are only downloaded or reported"
    return AutoUpdate(
        tool="dnf-automatic",
        manager="dnf",
        installed=int(installed),
        enabled=int(not detail),
        installs=int(installs),
        scheduled=int(bool(timers)),
        refreshes_lists=1,
        covers_security=1,
        security_only=int(kind == "security"),
        reboots=int(settings.get("commands.reboot", ("never", "", 0))[0].lower() != "never"),
        interval_days=1 if timers else None,
        last_run_s=None,
        detail=detail,
        path=path or None,
        line=line or None,
    )


def _rpm_ostree(target: Target) -> AutoUpdate:
    policy, path, line = _ini(target, "/etc/rpm-ostreed.conf").get("daemon.automaticupdatepolicy", ("none", "", 0))
    scheduled = _starts(target, "rpm-ostreed-automatic.timer")
    installs = policy.lower() in ("stage", "apply")
    return AutoUpdate(
        tool="rpm-ostree",
        manager="rpm-ostree",
        installed=1,
        enabled=int(installs and scheduled),
        installs=int(installs),
        scheduled=int(scheduled),
        refreshes_lists=1,
        covers_security=1,
        security_only=0,
        reboots=int(policy.lower() == "apply"),
        interval_days=1 if scheduled else None,
        last_run_s=None,
        detail="" if installs and scheduled else "AutomaticUpdatePolicy is not stage, or its timer is off",
        path=path or None,
        line=line or None,
    )


# ---------------------------------------------------------------- shared


def _ini(target: Target, path: str) -> dict[str, tuple[str, str, int]]:
    """`section.key` in lower case -> (value, path, line); nothing when there is no such file."""
    found: dict[str, tuple[str, str, int]] = {}
    section = ""
    try:
        lines = target.read_text(path).splitlines()
    except FileNotFoundError:
        return found
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1].strip().lower()
        elif line and line[0] not in "#;" and "=" in line:
            key, _, value = line.partition("=")
            found[f"{section}.{key.strip().lower()}"] = (value.strip(), path, number)
    return found


def _starts(target: Target, timer: str) -> bool:
    """Whether a timer is enabled, there, and not masked, nor what it starts, by the links that systemctl makes."""
    units = Units(target, after_restart=True)
    unit = units.find(timer)
    if unit is None or unit.masked or units.starts_nothing(timer):
        return False
    return any(_is_there(target, f"{folder}/timers.target.wants/{timer}") for folder in UNITS)


def _is_there(target: Target, path: str) -> bool:
    """The link itself; what it points to may lie outside of a mounted root."""
    try:
        target.stat(path, follow=False)
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _cron_starts(target: Target) -> bool:
    """Cron starts apt's job only where systemd does not run the machine."""
    if target.exists("/run/systemd/system") or target.exists("/lib/systemd/systemd"):
        return False
    return target.exists("/etc/cron.daily/apt-compat") and (
        target.find_program("cron") is not None or target.find_program("anacron") is not None
    )


def _mtime(target: Target, *paths: str) -> int | None:
    for path in paths:
        try:
            return target.stat(path).mtime_s
        except (FileNotFoundError, NotADirectoryError):
            continue
    return None
