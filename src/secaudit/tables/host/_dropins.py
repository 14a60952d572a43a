"""Configuration in several files: one main file and drop-ins, as systemd(1) programs and their like read them.

Shared by the tables of journald, timesyncd, coredump, logind, sysctl.d and modprobe.d.
"""

from __future__ import annotations

from typing import NamedTuple, Sequence

from secaudit.tableapi import Partial, Target

SYSTEM_FOLDERS = ("/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib")
"""From strongest to weakest, systemd.syntax(7) and sysctl.d(5). /lib is /usr/lib on most systems of today."""

MAX_FILES = 2000
TRUE_WORDS = ("1", "yes", "y", "true", "t", "on")
FALSE_WORDS = ("0", "no", "n", "false", "f", "off")


class Setting(NamedTuple):
    """One assignment."""

    section: str
    key: str
    value: str
    path: str
    line: int


class Config(NamedTuple):
    """Every assignment in the order in which the program reads them, so that the last one decides."""

    settings: list[Setting]
    unread: list[str]
    """Files that exist and could not be read: what they say is not known."""
    found: list[str]
    """Files that were read."""

    def last(self, section: str, key: str) -> Setting | None:
        """The assignment that decides, or None when there is none or it was reset by an empty one."""
        for setting in reversed(self.settings):
            if setting.section == section and setting.key == key:
                return setting if setting.value else None
        return None

    def words(self, section: str, key: str) -> list[tuple[str, Setting]]:
        """The words of a list setting such as `NTP=`: assignments add up, an empty one starts anew."""
        words: list[tuple[str, Setting]] = []
        for setting in self.settings:
            if setting.section == section and setting.key == key:
                words = words + [(word, setting) for word in setting.value.split()] if setting.value else []
        return words


def parse_bool(text: str) -> bool | None:
    """A truth value as systemd writes it, or None for anything else."""
    word = text.strip().lower()
    if word in TRUE_WORDS:
        return True
    return False if word in FALSE_WORDS else None


def parse_ini(text: str, path: str) -> list[Setting]:
    """Sections and assignments of systemd.syntax(7): names keep their case, a final backslash joins lines."""
    settings: list[Setting] = []
    section = ""
    waiting: list[str] = []
    start = 0
    for number, raw in enumerate(text.split("\n"), 1):
        line = raw.strip()
        if line[:1] in ("#", ";"):  # also between joined lines
            continue
        if not waiting:
            start = number
        if _ends_in_backslash(line):
            waiting.append(line[:-1])
            continue
        if waiting:
            waiting.append(line)
            line = " ".join(waiting).strip()
            waiting = []
        if line.startswith("["):
            section = line[1:-1] if line.endswith("]") else ""
        elif "=" in line:
            key, value = line.split("=", 1)
            settings.append(Setting(section, key.strip(), value.strip(), path, start))
    if waiting and "=" in (line := " ".join(waiting)):
        key, value = line.split("=", 1)
        settings.append(Setting(section, key.strip(), value.strip(), path, start))
    return settings


def _ends_in_backslash(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def conf_files(target: Target, folders: Sequence[str], unread: list[str], suffix: str = ".conf") -> list[str]:
    """Paths of drop-ins, sorted by file name whatever their folder; a name in an earlier folder hides later ones.

    Names that begin with a dot do not count. Links to /dev/null (and empty files, which say nothing anyway) hide what
    has their name. Folders and links that lead nowhere are passed over, as systemd does. A folder that cannot be listed
    goes to `unread`; what is no plain file is given, so that its reader finds that it cannot be read.
    """
    chosen: dict[str, str] = {}
    visited: set[str] = set()
    for folder in folders:
        try:
            real = target.realpath(folder)
            if real in visited:  # /lib is often a link to /usr/lib
                continue
            visited.add(real)
            names = target.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            continue
        except OSError:
            unread.append(folder)
            continue
        for name in names[:MAX_FILES]:
            if not name.endswith(suffix) or name.startswith(".") or name in chosen:
                continue
            path = f"{folder}/{name}"
            kind = _kind(target, path)
            if kind == "masked":
                chosen[name] = ""
            elif kind != "none":
                chosen[name] = path
        if len(names) > MAX_FILES:
            unread.append(folder)
    return [chosen[name] for name in sorted(chosen) if chosen[name]]


def _kind(target: Target, path: str) -> str:
    try:
        entry = target.stat(path, follow=False)
        if entry.kind == "link" and target.realpath(path) == "/dev/null":
            return "masked"
        # a character device may be /dev/null mounted over the file; what comes out of a FIFO or socket is not known,
        # so it counts as a file, and reading it says so
        return {"dir": "none", "char": "masked"}.get(target.stat(path).kind, "file")
    except (FileNotFoundError, NotADirectoryError):
        try:  # in a mounted root, /dev is often empty
            return "masked" if target.readlink(path) == "/dev/null" else "none"
        except OSError:
            return "none"
    except OSError:
        return "file"  # it is there; the reader will notice that it cannot be read


def read_config(target: Target, name: str, folders: Sequence[str] = SYSTEM_FOLDERS) -> Config:
    """Read a main file and its drop-ins, `name` being below each folder: `systemd/journald.conf`.

    Only the strongest main file counts; drop-ins of `<name>.d/` come after it, by file name. All of it absent is
    no error: then the built-in defaults hold.
    """
    config = Config([], [], [])
    main = ""
    for folder in folders:
        path = f"{folder}/{name}"
        kind = _kind(target, path)
        if kind == "none":
            continue
        main = path if kind == "file" else ""
        break
    extra = conf_files(target, [f"{folder}/{name}.d" for folder in folders], config.unread)
    for path in ([main] if main else []) + extra:
        try:
            text = target.read_text(path)
        except FileNotFoundError:
            continue
        except OSError:
            config.unread.append(path)
            continue
        config.found.append(path)
        config.settings.extend(parse_ini(text, path))
    return config


def say_unread(unread: Sequence[str]) -> None:
    """End a table honestly when some of its files could not be read.

    Raises:
        Partial: `unread` is not empty.
    """
    names = list(dict.fromkeys(unread))
    if names:
        shown = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        raise Partial(f"could not be read: {shown}", needs="root")
