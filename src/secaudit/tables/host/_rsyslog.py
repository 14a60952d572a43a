"""Read rsyslog.conf(5): where logs come from, where they go, with which mode new files are made."""

from __future__ import annotations

import re
from typing import Iterator, NamedTuple

from secaudit.tableapi import Target

MAIN = "/etc/rsyslog.conf"
MAX_FILES = 500
OBJECT = re.compile(r"\b(action|input|module|include|global|template|ruleset)\s*\(", re.I)
ARGUMENT = re.compile(r"[\s,]*([A-Za-z0-9_.]{1,60})\s*=\s*(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|([^\s\"')]+))")
LEGACY_INPUTS = {
    "$udpserverrun": "imudp",
    "$inputtcpserverrun": "imtcp",
    "$inputrelpserverrun": "imrelp",
    "$inputptcpserverrun": "imptcp",
    "$inputgssserverrun": "imgssapi",
}
NETWORK_INPUTS = ("imudp", "imtcp", "imptcp", "imrelp", "imgssapi", "imhttp", "imdtls")
LOCAL = ("127.0.0.1", "::1", "localhost")
SENDERS = ("omfwd", "omrelp", "omgssapi", "omelasticsearch", "omhttp", "omkafka", "omdtls", "omclickhouse", "omhiredis")


class Fact(NamedTuple):
    """Something that one place of the configuration says."""

    setting: str
    """file_create_mode, network_input, journal_input, remote_target or remote_encrypted."""
    value: str
    path: str
    line: int


DEFAULT_MODE = 0o644
FILE_ACTION = re.compile(r"-?[/?][^\s;]")


class _Modes:
    """The modes in force. Actions of the old format take the directive, action() objects the parameter of the module.

    Measured with rsyslogd 8.2302: neither looks at the other's.
    """

    def __init__(self) -> None:
        self.directive: Fact | None = None
        self.module: Fact | None = None
        self.umask: int | None = None
        self.is_used = False

    def of(self, setting: Fact | None, path: str, line: int) -> Fact:
        self.is_used = True
        return setting or Fact("file_create_mode", f"{DEFAULT_MODE:04o}", path, line)


def read_rsyslog(target: Target, unread: list[str], umask: int) -> list[Fact]:
    """Every fact in the order of the files; include loops end.

    `umask` is that of the service; a directive of the configuration wins over it. New files get their mode without it.
    """
    facts: list[Fact] = []
    modes = _Modes()
    _read(target, MAIN, facts, set(), unread, modes)
    if not modes.is_used:  # nothing is written to files; what is said all the same
        facts.extend(fact for fact in (modes.directive, modes.module) if fact is not None)
    mask = umask if modes.umask is None else modes.umask
    masked = [_masked(fact, mask) if fact.setting == "file_create_mode" else fact for fact in _with_drivers(facts)]
    return list(dict.fromkeys(masked))


def _with_drivers(facts: list[Fact]) -> Iterator[Fact]:
    """$ActionSendStreamDriverMode holds for the TCP targets of the old format that come after it."""
    mode = "0"
    for fact in facts:
        if fact.setting == "driver_mode":
            mode = fact.value
        elif fact.setting == "remote_encrypted" and fact.value == "by driver":
            yield fact._replace(value="yes" if mode == "1" else "no")
        else:
            yield fact


def _masked(fact: Fact, mask: int) -> Fact:
    number = _octal(fact.value)
    return fact if number is None else fact._replace(value=f"{number & ~mask:04o}")


def _octal(text: str) -> int | None:
    return int(text, 8) if re.fullmatch("[0-7]{1,4}", text) else None


def _read(target: Target, path: str, facts: list[Fact], seen: set[str], unread: list[str], modes: _Modes) -> None:
    if path in seen:
        return
    if len(seen) >= MAX_FILES:
        unread.append(path)
        return
    seen.add(path)
    try:
        text = _without_comments(target.read_text(path))
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError:
        unread.append(path)
        return
    starts = _line_starts(text)
    found: list[tuple[int, str, dict[str, str], list[str]]] = [
        (line, kind, arguments, []) for kind, arguments, line in _objects(text, starts)
    ]
    found += [(line, "", {}, one.split()) for line, one in enumerate(text.split("\n"), 1) if one.strip()]
    for line, kind, arguments, words in sorted(found, key=lambda item: item[0]):
        if kind == "include" and "file" in arguments:
            _follow(target, arguments["file"], facts, seen, unread, modes)
        elif kind:
            _mode_of_object(kind, arguments, path, line, facts, modes)
            facts.extend(Fact(setting, value, path, line) for setting, value in _of_object(kind, arguments))
        elif words[0].lower() == "$includeconfig" and len(words) > 1:
            _follow(target, words[1], facts, seen, unread, modes)
        else:
            _mode_of_line(words, path, line, facts, modes)
            facts.extend(Fact(setting, value, path, line) for setting, value in _of_line(words))


def _mode_of_object(
    kind: str, arguments: dict[str, str], path: str, line: int, facts: list[Fact], modes: _Modes
) -> None:
    mode = arguments.get("filecreatemode")
    said = None if mode is None else Fact("file_create_mode", mode, path, line)
    if kind == "module" and arguments.get("load", "").lower() in ("builtin:omfile", "omfile") and said is not None:
        modes.module = said
    elif kind == "global" and _octal(arguments.get("umask", "")) is not None:
        modes.umask = _octal(arguments["umask"])
    elif kind == "action" and arguments.get("type", "").lower() == "omfile":
        facts.append(modes.of(said or modes.module, path, line))


def _mode_of_line(words: list[str], path: str, line: int, facts: list[Fact], modes: _Modes) -> None:
    name = words[0].lower()
    if name == "$filecreatemode" and len(words) > 1:
        modes.directive = Fact("file_create_mode", words[1], path, line)
    elif name == "$umask" and len(words) > 1 and _octal(words[1]) is not None:
        modes.umask = _octal(words[1])
    elif len(words) > 1 and not name.startswith("$") and FILE_ACTION.match(words[-1]):
        facts.append(modes.of(modes.directive, path, line))


def _follow(target: Target, pattern: str, facts: list[Fact], seen: set[str], unread: list[str], modes: _Modes) -> None:
    if pattern.endswith("/"):
        pattern += "*"
    try:
        paths = target.glob(pattern)
    except OSError:
        unread.append(pattern)
        return
    for path in paths:
        _read(target, path, facts, seen, unread, modes)


def _without_comments(text: str) -> str:
    """Blank out comments, keep lines. A # inside quotes is text."""
    out: list[str] = []
    in_block = False
    for line in text.split("\n"):
        kept: list[str] = []
        quote = ""
        position = 0
        while position < len(line):
            sign = line[position]
            if in_block:
                if line.startswith("*/", position):
                    in_block = False
                    position += 1
            elif quote:
                kept.append(sign)
                if sign == "\\":
                    kept.append(line[position + 1 : position + 2])
                    position += 1
                elif sign == quote:
                    quote = ""
            elif sign == "#":
                break
            elif (
                line.startswith("/*", position) and not line[max(0, position - 1) : position].strip()
            ):  # not in /a/*.conf
                in_block = True
                position += 1
            else:
                if sign == '"':
                    quote = sign
                kept.append(sign)
            position += 1
        out.append("".join(kept))
    return "\n".join(out)


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for match in re.finditer("\n", text):
        starts.append(match.end())
    return starts


def _objects(text: str, starts: list[int]) -> Iterator[tuple[str, dict[str, str], int]]:
    """(kind, arguments with names in lower case, line) of RainerScript objects."""
    from bisect import bisect_right

    for match in OBJECT.finditer(text):
        arguments: dict[str, str] = {}
        position = match.end()
        while found := ARGUMENT.match(text, position):
            arguments[found.group(1).lower()] = next(part for part in found.groups()[1:] if part is not None)
            position = found.end()
        yield match.group(1).lower(), arguments, bisect_right(starts, match.start())


def _of_object(kind: str, arguments: dict[str, str]) -> Iterator[tuple[str, str]]:
    kind_of = arguments.get("type", "").lower()
    loaded = arguments.get("load", "").lower()
    if kind == "module" and (
        loaded == "imjournal" or (loaded == "imuxsock" and arguments.get("syssock.use", "on").lower() != "off")
    ):
        yield "journal_input", loaded
    if kind == "input" and kind_of in NETWORK_INPUTS:
        place = arguments.get("address", "")
        yield "network_input", "local" if place in LOCAL else f"{kind_of} {arguments.get('port', '')}".strip()
    if kind == "action" and kind_of in SENDERS:
        goal = arguments.get("target") or arguments.get("server") or arguments.get("broker") or kind_of
        yield "remote_target", "local" if goal in LOCAL else goal
        if goal not in LOCAL:
            yield "remote_encrypted", _encrypted(kind_of, arguments)


def _encrypted(kind: str, arguments: dict[str, str]) -> str:
    """yes, no, or unknown for senders whose settings lie elsewhere."""
    if kind == "omfwd":
        is_tcp = arguments.get("protocol", "udp").lower() == "tcp"
        return (
            "yes" if is_tcp and arguments.get("streamdrivermode", arguments.get("streamdriver.mode")) == "1" else "no"
        )
    if kind == "omdtls":
        return "yes"
    if kind == "omrelp":
        return "yes" if arguments.get("tls", "off").lower() == "on" else "no"
    if kind in ("omelasticsearch", "omhttp"):
        default = "on" if kind == "omhttp" else "off"
        return "yes" if arguments.get("usehttps", default).lower() == "on" else "no"
    return "unknown"


def _of_line(words: list[str]) -> Iterator[tuple[str, str]]:
    """Directives and selectors of the old format."""
    if len(words) < 2:
        return
    name = words[0].lower()
    if name in LEGACY_INPUTS and words[1] != "0":
        yield "network_input", f"{LEGACY_INPUTS[name]} {words[1]}"
    elif name == "$modload" and words[1].lower() in ("imjournal", "imuxsock"):
        yield "journal_input", words[1].lower()
    elif not name.startswith("$") and (match := re.match(r"@@?(?:\([^)]*\))?\[?([^\s;\]]+)", words[-1])):
        goal = match.group(1)
        host = goal.rsplit(":", 1)[0] if goal.count(":") == 1 else goal
        yield "remote_target", "local" if host in LOCAL else host
        if host not in LOCAL:
            yield "remote_encrypted", "by driver" if words[-1].startswith("@@") else "no"
    elif name == "$actionsendstreamdrivermode":
        yield "driver_mode", words[1]
    elif not name.startswith("$") and (match := re.match(r":omrelp:([^\s:;]+)", words[-1])):
        yield "remote_target", match.group(1)
        yield "remote_encrypted", "no"  # the old format of omrelp knows no TLS
