"""Read the configuration of the Apache web server: lines, sections, includes and conditions as httpd reads them.

Source: https://httpd.apache.org/docs/2.4/configuring.html, core.html (Include, IncludeOptional, IfModule, IfDefine,
Define), and for Debian /usr/sbin/apache2ctl, which reads envvars.
"""

from __future__ import annotations

import posixpath
import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target
from secaudit.tables.host import _settings

MAIN_FILES = (
    ("/etc/apache2/apache2.conf", "/etc/apache2"),
    ("/etc/httpd/conf/httpd.conf", "/etc/httpd"),
    ("/etc/apache2/httpd.conf", "/etc/apache2"),
    ("/usr/local/apache2/conf/httpd.conf", "/usr/local/apache2"),
)
"""With the server root that is built in there."""
PROGRAMS = ("apache2", "httpd", "httpd-prefork", "httpd-event")
PLACES = ("/usr/local/apache2/bin/httpd",)
UNITS = ("apache2.service", "httpd.service")
BUILT_IN = ("core", "so", "http", "log_config", "logio", "version", "unixd", "watchdog")
"""Modules that no LoadModule names on the usual systems."""
MAX_DEPTH = 30
MAX_FILES = 2000
MAX_LINES = 500_000
ASSUMED_VERSION = (2, 4, 60)
"""For IfVersion. All releases that still get fixes are 2.4."""

_VARIABLE = re.compile(r"\$\{([^}:]+)\}")
_WORD = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(\S+))""", re.DOTALL)
_SHELL = re.compile(r"\s*(?:export\s+)?([A-Za-z_]\w*)=(.*)")


class Node(NamedTuple):
    """One directive, or a section with what it holds."""

    name: str
    """Lower case."""
    args: tuple[str, ...]
    path: str
    line: int
    children: list[Node] | None
    """None for a simple directive."""


class ApacheFiles:
    """The whole configuration.

    Attributes:
        nodes: the main server's directives and sections, includes and conditions worked out.
        modules: names of loaded modules without `mod_` and `_module`.
        files: every file that was read, in order.
        unread: what could not be read or followed.
    """

    def __init__(self, target: Target) -> None:
        self._target = target
        self.unread: list[str] = []
        self.files: list[str] = []
        self.modules: set[str] = set(BUILT_IN)
        self.main, self._root = next(
            ((path, root) for path, root in MAIN_FILES if self._exists(path)), ("", "/etc/httpd")
        )
        self._defined: dict[str, str] = self._environment()
        self._lines = 0
        self.nodes: list[Node] = []
        if self.main:
            self._file(self.main, [self.nodes], 0)

    def _exists(self, path: str) -> bool:
        try:
            return self._target.exists(path)
        except OSError:
            return True

    def _environment(self) -> dict[str, str]:
        """The variables of Debian's envvars, and the flags of SUSE's sysconfig."""
        found = {"APACHE_CONFDIR": posixpath.dirname(self.main)} if self.main else {}
        suffix = {"SUFFIX": "", "APACHE_CONFDIR": posixpath.dirname(self.main)}
        own = (f"{posixpath.dirname(self.main)}/envvars",) if self.main else ()
        for path in (*own, "/etc/sysconfig/apache2", "/etc/sysconfig/httpd"):
            for raw in (_settings.read(self._target, path, self.unread) or "").splitlines():
                match = _SHELL.match(raw)
                if match is None:
                    continue
                value = match.group(2).strip().strip("\"'")
                value = re.sub(r"\$\{?(\w+)\}?", lambda one: {**suffix, **found}.get(one.group(1), ""), value)
                if match.group(1) == "APACHE_SERVER_FLAGS":
                    found.update(dict.fromkeys(value.replace("-D", " ").split(), ""))
                elif match.group(1) == "OPTIONS":
                    found.update(dict.fromkeys(re.findall(r"-D\s*(\w+)", value), ""))
                else:
                    found[match.group(1)] = value
        return found

    # ------------------------------------------------------------ reading

    def _file(self, path: str, open_sections: list[list[Node]], depth: int) -> None:
        if depth > MAX_DEPTH or len(self.files) >= MAX_FILES:
            self.unread.append(f"{path} (too many includes)")
            return
        text = _settings.read(self._target, path, self.unread)
        if text is None:
            if path not in self.unread:
                self.unread.append(f"{path} (not there)")  # the server does not start then
            return
        self.files.append(path)
        level = len(open_sections)
        skipping: list[str] = []
        shown: list[str] = []
        for number, line in self._joined(text):
            if line.startswith("</"):
                name = line[2:].rstrip("> \t").lower()
                if skipping:
                    if skipping[-1] == name:
                        skipping.pop()
                elif shown and shown[-1] == name:
                    shown.pop()
                    if name not in _CONDITIONS and len(open_sections) > level:
                        open_sections.pop()
                continue
            section = line.startswith("<")
            name, rest = _split(line[1:].rstrip().rstrip(">") if section else line)
            if skipping:
                if section:
                    skipping.append(name)
                continue
            args = tuple(self._words(rest))
            if section:
                self._section(name, args, rest, path, number, open_sections, skipping, shown)
            else:
                self._directive(name, args, path, number, open_sections, depth)
        del open_sections[level:]

    def _section(
        self,
        name: str,
        args: tuple[str, ...],
        rest: str,
        path: str,
        number: int,
        open_sections: list[list[Node]],
        skipping: list[str],
        shown: list[str],
    ) -> None:
        if name in _CONDITIONS:
            holds = self._holds(name, args, rest)
            if holds is None:
                self.unread.append(f"{path}:{number} (a condition that is not understood)")
            if not holds:
                skipping.append(name)
            else:
                shown.append(name)
            return
        if name == "macro":
            self.unread.append(f"{path}:{number} (macros are not followed)")
            skipping.append(name)
            return
        shown.append(name)
        if len(open_sections) > 60:
            self.unread.append(f"{path} (nested too deeply)")
            return
        node = Node(name, args, path, number, [])
        open_sections[-1].append(node)
        open_sections.append(node.children or [])
        if node.children is not None:
            open_sections[-1] = node.children

    def _directive(
        self, name: str, args: tuple[str, ...], path: str, number: int, open_sections: list[list[Node]], depth: int
    ) -> None:
        if name in ("include", "includeoptional"):
            if args:
                self._include(args[0], name == "include", open_sections, depth)
            return
        if name == "use":
            self.unread.append(f"{path}:{number} (macros are not followed)")
        elif name == "define" and args:
            self._defined[args[0]] = args[1] if len(args) > 1 else ""
        elif name == "undefine" and args:
            self._defined.pop(args[0], None)
        elif name == "serverroot" and args and len(open_sections) == 1:
            self._root = args[0]
        elif name == "loadmodule" and args:
            self.modules.add(args[0].rpartition("_module")[0] or args[0])
            if len(args) > 1:
                self.modules.add(_module_name(posixpath.basename(args[1])))
        open_sections[-1].append(Node(name, args, path, number, None))

    def _include(self, pattern: str, needed: bool, open_sections: list[list[Node]], depth: int) -> None:
        whole = posixpath.join(self._root, pattern)
        for path in _settings.expand(self._target, whole, self.unread):
            for one in self._files_below(path, 0):
                if needed or self._exists(one):
                    self._file(one, open_sections, depth + 1)

    def _files_below(self, path: str, depth: int) -> Iterator[str]:
        """A folder stands for all files in it and below."""
        try:
            is_folder = self._target.stat(path).kind == "dir"
            names = self._target.listdir(path) if is_folder and depth < 10 else []
        except (FileNotFoundError, NotADirectoryError):
            is_folder, names = False, []
        except OSError:
            self.unread.append(path)
            return
        if not is_folder:
            yield path
        for name in names[: _settings.MAX_INCLUDED]:
            yield from self._files_below(f"{path}/{name}", depth + 1)

    def _joined(self, text: str) -> Iterator[tuple[int, str]]:
        """Lines without comments; a backslash at the end joins the next one."""
        held, start = "", 0
        for number, raw in enumerate(text.split("\n"), 1):
            self._lines += 1
            if self._lines > MAX_LINES:
                self.unread.append("the rest (too many lines)")
                return
            line = raw.rstrip("\r")
            start = start or number
            if line.endswith("\\"):
                held += line[:-1]
                continue
            whole = (held + line).strip()
            if whole and not whole.startswith("#"):
                yield start, whole
            held, start = "", 0

    def _words(self, rest: str) -> Iterator[str]:
        rest = _VARIABLE.sub(lambda one: self._defined.get(one.group(1), one.group(0)), rest)
        at = 0
        while match := _WORD.match(rest, at):
            double, single, bare = match.groups()
            quoted = double if double is not None else single
            yield bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            at = match.end()

    # ------------------------------------------------------------ conditions

    def _holds(self, name: str, args: tuple[str, ...], rest: str) -> bool | None:
        first = args[0] if args else ""
        turned = first.startswith("!")
        word = first.lstrip("!").strip()
        if name == "ifmodule":
            found = _module_name(word) in self.modules
        elif name == "ifdefine":
            found = word in self._defined
        elif name == "iffile":
            found = self._exists(posixpath.join(self._root, word))
        elif name == "ifdirective":
            return True
        else:
            return _version_holds(rest)
        return found != turned


_CONDITIONS = ("ifmodule", "ifdefine", "ifversion", "iffile", "ifdirective", "ifsection")


def _split(line: str) -> tuple[str, str]:
    parts = line.split(None, 1)
    return (parts[0].lower() if parts else ""), (parts[1] if len(parts) > 1 else "")


def _module_name(word: str) -> str:
    """`mod_ssl.c`, `ssl_module` and `mod_ssl.so` are all `ssl`."""
    word = re.sub(r"\.(?:c|cpp|so)$", "", word)
    word = word[4:] if word.startswith("mod_") else word
    word = word[:-7] if word.endswith("_module") else word
    return re.sub(r"^libphp[\d.]*$", "php", word)


def _version_holds(rest: str) -> bool | None:
    match = re.match(r"\s*(!?)(=|==|>=|<=|>|<)?\s*(\d+(?:\.\d+){0,2})\s*$", rest)
    if match is None:
        return None
    wanted = tuple(int(part) for part in match.group(3).split("."))
    here = ASSUMED_VERSION[: len(wanted)]
    sign = match.group(2) or "="
    found = {
        "=": here == wanted, "==": here == wanted, ">=": here >= wanted,
        "<=": here <= wanted, ">": here > wanted, "<": here < wanted,
    }[sign]  # fmt: skip
    return found != bool(match.group(1))
