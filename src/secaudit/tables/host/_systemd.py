"""systemd units as they lie on disk: which file a name means, its drop-ins, what links enable it, what starts at boot.

Nothing asks the running systemd here, so a mounted file system gives the same answer as the live machine. The rules
are those of systemd.unit(5) and of `unit_file_lookup_state` in systemd's src/shared/install.c (read at v252).
"""

from __future__ import annotations

import errno
from typing import Iterable

from secaudit.tableapi import Target
from secaudit.tables.host import _unitfile
from secaudit.tables.host._unitfile import Assignment
from secaudit.tables.host._unitfolders import (
    PERSISTENT,
    SEARCH_PATH,
    VOLATILE,
    Link,
    Search,
    Unit,
    is_empty,
    is_unit_name,
    listed,
)

PULLS = ("Wants", "Requires", "BindsTo", "Upholds")
"""Settings of [Unit] by which one unit starts another."""
IMPLIED = ("basic.target", "sysinit.target", "sockets.target", "timers.target", "paths.target")
"""Every ordinary unit needs these, systemd.special(7)."""


class Units:
    """All units of a target.

    Attributes:
        names: every name that has a file or a link.
        unread: files and folders that could not be read.
    """

    def __init__(self, target: Target, *, after_restart: bool = False) -> None:
        self._target = target
        self._after_restart = after_restart
        folders = [folder for folder in SEARCH_PATH if not (after_restart and folder in VOLATILE)]
        key = "systemd units after a restart" if after_restart else "systemd units"
        found = target.shared(key, lambda target: Search(target, folders).found)
        self.search_path = found.search_path
        self._files, self._alias, self._links, self._dropins = found.files, found.alias, found.links, found.dropins
        self._entries = found.entries
        self.unread = list(found.unread)
        self.names = sorted({*self._files, *self._alias})
        self._next: Units | None = None
        self._settings: dict[str, list[Assignment]] = {}
        self._found: dict[str, Unit | None] = {}
        self._by_name: dict[str, list[Link]] | None = None
        self._pulled: dict[str, set[str]] | None = None
        self._boot: frozenset[str] | None = None

    # ------------------------------------------------------------ names

    def find(self, name: str) -> Unit | None:
        """What a name means: its own file, an alias, or the template of an instance; None when nothing is there."""
        if name not in self._found:
            self._found[name] = self._find(name)
        return self._found[name]

    def _find(self, name: str) -> Unit | None:
        real = name
        for _ in range(10):  # aliases of aliases; a loop of links ends here
            unit = self._files.get(real) or self._files.get(template_of(real))
            if real in self._alias:
                real = self._alias[real][0]
            elif template_of(real) in self._alias and real not in self._files:
                real = _instantiate(self._alias[template_of(real)][0], real)
            elif unit is None:
                return None
            else:
                return unit._replace(name=name, real_name=real)
        return None

    def is_alias(self, name: str) -> bool:
        return name in self._alias

    def alias_goal(self, name: str) -> str:
        """The path that the alias link leads to; '' for an instance whose template is not there."""
        return self._alias.get(name, ("", ""))[1]

    def instances(self) -> list[str]:
        """Names such as getty@tty1.service that only exist as links to a template."""
        found = {link.name for link in self._links if link.owner and template_of(link.name)}
        return sorted(name for name in found if name not in self._files and name not in self._alias)

    # ------------------------------------------------------------ settings

    def settings(self, name: str) -> list[Assignment]:
        """Every assignment of the unit and its drop-ins, in the order in which systemd applies them.

        Unreadable files are added to `unread` and left out.
        """
        unit = self.find(name)
        if unit is None or unit.masked:
            return []
        if unit.real_name not in self._settings:
            found = list(self._parsed(unit.path))
            for path in self._dropin_files(unit.real_name):
                found.extend(self._parsed(path))
            self._settings[unit.real_name] = found
        return self._settings[unit.real_name]

    def _parsed(self, path: str) -> list[Assignment]:
        try:
            return self._target.shared(f"systemd unit file {path}", lambda target: _parse(target, path))
        except OSError as error:
            if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):  # links that lead nowhere
                self._note_unread([path])
            return []

    def _note_unread(self, paths: Iterable[str]) -> None:
        self.unread.extend(path for path in paths if path not in self.unread)

    def _dropin_files(self, name: str) -> list[str]:
        """Sorted by file name; of files with one name the most special folder wins. /dev/null switches one off."""
        chosen: dict[str, str] = {}
        for folder_name in _dropin_folders(name):
            for folder in self._dropins.get(folder_name, ()):
                entries = listed(self._target, folder, self._entries, self.unread)
                self._entries += len(entries)
                for entry in entries:
                    if entry.endswith(".conf") and not entry.startswith("."):
                        chosen.setdefault(entry, f"{folder}/{entry}")
        return [path for _, path in sorted(chosen.items()) if not is_empty(self._target, path)]

    # ------------------------------------------------------------ enabled or not

    def state(self, name: str) -> str:
        """The word that `systemctl is-enabled` would say; `bad` for an alias that leads nowhere."""
        unit = self.find(name)
        if unit is None:
            return "bad"
        run_time = unit.folder.startswith("/run/")
        if unit.masked:
            return "masked-runtime" if run_time else "masked"
        if name in self._alias:
            return "alias"
        if "/generator" in unit.folder:
            return "generated"
        if unit.folder == "/run/systemd/transient":
            return "transient"
        return self._state_by_links(unit) or self._state_by_rules(name)

    def _state_by_links(self, unit: Unit) -> str:
        rules = self.settings(unit.name)
        known = {
            unit.real_name,
            *(_specific(text, unit.real_name) for text in _unitfile.words(rules, "Install", "Alias")),
        }
        default = _unitfile.last(rules, "Install", "DefaultInstance")
        if default is not None and unit.real_name == template_of(unit.real_name):
            known.add(unit.real_name.replace("@.", f"@{default.value}.", 1))
        places: set[str] = set()
        other: set[str] = set()
        below = unit.folder
        weaker = set(self.search_path[self.search_path.index(below) + 1 :]) if below in self.search_path else set()
        for link in self._links_of(unit.real_name, known):
            if link.owner and link.name not in known:
                if template_of(link.name) == unit.real_name:
                    other.add(link.folder)  # an instance of this template
                continue  # inside .wants only the name of a link counts, not where it leads
            if not link.owner and link.name == unit.real_name:
                if link.folder not in weaker and unit.linked:
                    other.add("linked:" + link.folder)
                continue
            (places if link.name in known else other).add(link.folder)
        if PERSISTENT in places:
            return "enabled"
        if any(folder.startswith("/run/") for folder in places):
            return "enabled-runtime"
        if places and template_of(unit.real_name) not in ("", unit.real_name):
            return "static"
        if "linked:" + PERSISTENT in other:
            return "linked"
        if any(folder.startswith("linked:/run/") for folder in other):
            return "linked-runtime"
        if PERSISTENT in other or any(folder.startswith("/run/") for folder in other):
            return "indirect"
        return ""

    def _links_of(self, name: str, known: set[str]) -> list[Link]:
        if self._by_name is None:
            self._by_name = {}
            for link in self._links:
                for key in {link.name, link.goal, template_of(link.name)} - {""}:
                    self._by_name.setdefault(key, []).append(link)
        found = list(self._by_name.get(name, ()))
        for other in known:
            # a link of a known name inside .wants counts whatever it leads to; beside the unit files it does not
            found.extend(link for link in self._by_name.get(other, ()) if link.owner and other != name)
        return found

    def _state_by_rules(self, name: str) -> str:
        rules = self.settings(name)
        if _unitfile.words(rules, "Install", "Alias", "WantedBy", "RequiredBy", "UpheldBy"):
            return "disabled"
        return "indirect" if _unitfile.words(rules, "Install", "Also") else "static"

    # ------------------------------------------------------------ what starts

    def pulled_by(self, name: str) -> list[str]:
        """The units that start this one: by links and by their own settings, whether these start or not."""
        unit = self.find(name)
        return sorted(self._pullers().get(unit.real_name if unit else name, ()))

    def _pullers(self) -> dict[str, set[str]]:
        if self._pulled is None:
            self._pulled = {}
            for link in self._links:
                if link.owner:
                    self._pulled.setdefault(self._real(link.name), set()).add(self._real(link.owner))
            for name in self._files:
                for goal in _unitfile.words(self.settings(name), "Unit", *PULLS):
                    if is_unit_name(goal):
                        self._pulled.setdefault(self._real(goal), set()).add(name)
        return self._pulled

    def _real(self, name: str) -> str:
        unit = self.find(name)
        return unit.real_name if unit else name

    def at_boot(self, name: str) -> bool:
        """True when the default target starts the unit at the next boot, directly or through others."""
        if self._has_volatile():
            self._next = self._next or Units(self._target, after_restart=True)
            return self._next.at_boot(name)
        if self._boot is None:
            key = "systemd boot after a restart" if self._after_restart else "systemd boot"
            self._boot, unread = self._target.shared(key, self._boot_of)
            self._note_unread(unread)
        return self._real(name) in self._boot

    def _boot_of(self, target: Target) -> tuple[frozenset[str], list[str]]:
        """The units that start, and what could not be read to know it."""
        units = Units(target, after_restart=self._after_restart)
        return units._started_by_default(), units.unread

    def _started_by_default(self) -> frozenset[str]:
        forward: dict[str, list[str]] = {}
        for goal, owners in self._pullers().items():
            for owner in owners:
                forward.setdefault(owner, []).append(goal)
        started: set[str] = set()
        waiting = [self._real("default.target"), *IMPLIED]
        while waiting:
            one = waiting.pop()
            unit = self.find(one)
            if one in started or unit is None or unit.masked or self.starts_nothing(one):
                continue
            started.add(one)
            waiting.extend(forward.get(one, ()))
        return frozenset(started)

    def starts_nothing(self, name: str) -> bool:
        """A socket, timer or path refuses to start when the unit that it would start is masked.

        Source: unit_test_trigger_loaded() of src/core/unit.c, socket_start() of src/core/socket.c.
        """
        goal = self.find(self.triggers(name))
        return goal is not None and goal.masked

    def _has_volatile(self) -> bool:
        """Whether anything lies where a restart takes it away."""
        here = set(VOLATILE).intersection(self.search_path)
        return bool(here) and (
            any(unit.folder in here for unit in self._files.values())
            or any(link.folder in here for link in self._links)
            or any(path.rsplit("/", 1)[0] in here for paths in self._dropins.values() for path in paths)
        )

    def started(self) -> list[str]:
        """Units that start at boot, are enabled, or are started by a socket, timer or path of these."""
        chosen: set[str] = set()
        for name in (*self.names, *self.instances()):
            if self.is_alias(name):
                continue
            if self.at_boot(name) or self.state(name) in ("enabled", "enabled-runtime", "generated", "linked"):
                chosen.add(name)
            goal = self.triggers(name)
            found = self.find(goal) if goal and self.at_boot(name) else None
            if found is not None:
                chosen.add(found.real_name)
        units = ((name, self.find(name)) for name in sorted(chosen))
        return [name for name, unit in units if unit is not None and not unit.masked]

    def triggers(self, name: str) -> str:
        """The unit that a socket, timer, path or automount starts; '' for other kinds."""
        stem, _, kind = name.rpartition(".")
        if kind not in ("socket", "timer", "path"):
            return ""
        section = kind.capitalize()
        rules = self.settings(name)
        said = _unitfile.last(rules, section, "Service" if kind == "socket" else "Unit")
        if said is not None:
            return said.value.replace("%i", _instance_of(name)).replace("%p", stem.split("@")[0])
        accept = _unitfile.last(rules, section, "Accept")
        if kind == "socket" and accept is not None and accept.value.lower() in ("yes", "true", "1", "on"):
            return f"{stem}@.service"
        return f"{stem}.service"


def _parse(target: Target, path: str) -> list[Assignment]:
    return _unitfile.parse(target.read_text(path), path)


def template_of(name: str) -> str:
    """`getty@.service` for `getty@tty1.service` and for itself; '' for a name without @."""
    prefix, sign, rest = name.partition("@")
    return f"{prefix}@.{rest.rpartition('.')[2]}" if sign else ""


def _instance_of(name: str) -> str:
    return name.partition("@")[2].rpartition(".")[0]


def _instantiate(template: str, instance: str) -> str:
    return template.replace("@.", f"@{_instance_of(instance)}.", 1)


def _specific(text: str, name: str) -> str:
    """An Alias= word for this unit: %i and %p are filled in, a template's alias becomes that of the instance."""
    text = text.replace("%i", _instance_of(name)).replace("%p", name.partition("@")[0])
    return _instantiate(text, name) if "@." in text and _instance_of(name) else text


def _dropin_folders(name: str) -> list[str]:
    """Folders of drop-ins from the most special to the most general, systemd.unit(5)."""
    stem, _, kind = name.rpartition(".")
    found = [f"{name}.d"]
    if template_of(name) not in ("", name):
        found.append(f"{template_of(name)}.d")
    prefix = stem.partition("@")[0]
    while "-" in prefix.rstrip("-"):
        prefix = prefix.rstrip("-").rpartition("-")[0]
        found.append(f"{prefix}-.{kind}.d")
    return [*found, f"{kind}.d"]
