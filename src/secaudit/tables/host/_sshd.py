"""The settings that the installed OpenSSH server really uses, shared by all tables about it."""

from __future__ import annotations

from typing import Iterator, NamedTuple

from secaudit.tableapi import Absent, Denied, Partial, ProgramMissing, TableProblem, Target
from secaudit.tables.host import _sshd_defaults as facts
from secaudit.tables.host._openssh import Version, find_server, version_of
from secaudit.tables.host._ssh_words import BadLine
from secaudit.tables.host._sshd_read import Reader, Statement
from secaudit.tables.host._sshd_start import Start, read_start
from secaudit.tables.host._sshd_values import (
    ALGORITHM_LISTS,
    APPENDING,
    listen_address,
    penalties,
    resolve_algorithms,
    values_of,
)

NEWEST = facts.MEASURED[-1]
EMPTY_WHEN_UNSET = "allowusers denyusers allowgroups denygroups acceptenv setenv hostcertificate".split()
"""Lists that `sshd -T` does not print when nothing is in them; here they have one row with an empty value."""
_OF_THE_BUILD = """debianbanner gssapikexalgorithms ipqos modulifile pamservicename pidfile securitykeyprovider
    sshdauthpath sshdsessionpath xauthlocation""".split()
"""Built-in values that were measured on Debian and Ubuntu and may differ elsewhere."""
_ONCE_FOR_ALL = "port listenaddress hostkey hostcertificate".split()
"""Lists of the listening process: `Match all` adds to them, and did so in the first pass."""
_NAME_KINDS = {"cipher": "cipher", "mac": "mac", "kex": "kex", "ca_signature": "signature"}
_WITH_WILDCARDS = ("hostkey", "pubkey", "hostbased", "ca_signature")


class Setting(NamedTuple):
    """One effective value."""

    keyword: str
    value: str | None
    match: str
    """'' in the global section, else the criteria of the Match block."""
    path: str | None
    line: int | None
    is_default: bool
    raw: str
    """As written in the file, for lists that build on the default; '' for a default."""


class Server:
    """The installed server: its version, its settings, and what stood in the way of reading them."""

    def __init__(self, version: Version | None, settings: list[Setting], problem: TableProblem | None) -> None:
        self.version = version
        self.settings = settings
        self.problem = problem

    def values(self, keyword: str, match: str | None = None) -> list[str]:
        """Every known value of a keyword; of all sections when `match` is None."""
        return [
            item.value
            for item in self.settings
            if item.keyword == keyword and item.value is not None and match in (None, item.match)
        ]


def read_server(target: Target) -> Server:
    """Read what sshd would use.

    Source: sshd_config(5), sshd(8); servconf.c of OpenSSH.

    Raises:
        Absent: no OpenSSH server is installed.
        Denied: the main configuration file cannot be read.
    """
    program = find_server(target)
    if program is None:
        raise Absent("the OpenSSH server is not installed")
    version = version_of(target, program, "openssh-server")
    start = read_start(target)
    number = version.number if version is not None else None
    reader = Reader(target, number, version is not None and version.is_debian_family)
    for option in start.options:
        reader.read_option(option.text, option.path, option.line)
    try:
        reader.read_file(start.config_path)
    except FileNotFoundError:
        reader.refused.append(f"{start.config_path} does not exist")
    except PermissionError:
        raise Denied(f"reading {start.config_path} needs root") from None
    defaults = _Defaults(target, version)
    settings = list(_global_settings(reader, defaults)) + list(_match_settings(reader, defaults))
    return Server(version, settings, _problem(reader, start))


def _problem(reader: Reader, start: Start) -> TableProblem | None:
    reasons: list[str] = []
    if reader.unread:
        reasons.append("parts of the configuration could not be read: " + _few(reader.unread))
    if reader.refused:
        reasons.append("sshd refuses this configuration: " + _few(reader.refused))
    reasons.extend(start.problems[:3])
    return Partial("; ".join(reasons), needs="root" if reader.unread else None) if reasons else None


def _few(items: list[str]) -> str:
    return "; ".join(items[:3]) + (f" and {len(items) - 3} more" if len(items) > 3 else "")


class _Defaults:
    """Built-in values of the installed version."""

    def __init__(self, target: Target, version: Version | None) -> None:
        self._number = version.number if version is not None else None
        self._is_debian_family = version is not None and version.is_debian_family
        self._asked: dict[str, str] = {}
        if self._number not in facts.MEASURED or not self._is_debian_family:
            self._asked = _ask_program(target)

    def keywords(self) -> Iterator[str]:
        for keyword in sorted({*facts.CHANGES, *self._asked} - set(EMPTY_WHEN_UNSET)):
            if self._exists(keyword):
                yield keyword

    def _exists(self, keyword: str) -> bool:
        if self._asked:
            return keyword in self._asked
        return any(value is not None for value in self._candidates(keyword))

    def _candidates(self, keyword: str) -> set[str | None]:
        """What the neighbouring measured versions have: one value when the version was measured or nothing changed."""
        history = facts.CHANGES[keyword]
        if self._number is None:
            return {value for _, value in history}
        if self._number < facts.MEASURED[0] or self._number > NEWEST:
            return {value for _, value in history}
        below = [value for since, value in history if since <= self._number][-1]
        following = next((known for known in facts.MEASURED if known >= self._number), NEWEST)
        above = [value for since, value in history if since <= following][-1]
        return {below, above}

    def get(self, keyword: str) -> str | None:
        """The value, or None when it cannot be known."""
        if keyword in self._asked:
            return self._asked[keyword]
        if keyword not in facts.CHANGES or (keyword in _OF_THE_BUILD and not self._is_debian_family):
            return None
        values = self._candidates(keyword)
        if len(values) == 1:
            return next(iter(values))
        known = [value for value in values if value is not None]
        if keyword in ALGORITHM_LISTS and len({frozenset(value.split(",")) for value in known}) == 1:
            # The same names in another order: the order alone is not known.
            return min(known)
        return None

    def names(self, kind: str) -> frozenset[str] | None:
        """Every algorithm that the installed version has, None when not known."""
        if self._number is None or self._number > NEWEST or not self._is_debian_family:
            return None
        low = max((known for known in facts.MEASURED if known <= self._number), default=facts.MEASURED[0])
        high = min((known for known in facts.MEASURED if known >= self._number), default=NEWEST)
        spans = facts.NAMES[_NAME_KINDS.get(kind, "key")]
        return frozenset(name for name, (first, last) in spans.items() if first <= high and last >= low)


def _ask_program(target: Target) -> dict[str, str]:
    """Ask an sshd of another version or build for its defaults; that needs root, host keys and /run/sshd."""
    if not target.live or not target.is_root:
        return {}
    try:
        done = target.run(["sshd", "-T", "-f", "/dev/null"])
    except (ProgramMissing, OSError, TableProblem):
        return {}
    if done.exit_code != 0:
        return {}
    found: dict[str, str] = {}
    for line in done.stdout.splitlines():
        keyword, _, value = line.partition(" ")
        keyword = keyword.lower()
        value = {"true": "yes", "false": "no", "without-password": "prohibit-password"}.get(value, value)
        if keyword not in ("listenaddress", "challengeresponseauthentication"):
            found[keyword] = f"{found[keyword]} {value}" if keyword in found else value
    return found


def _global_settings(reader: Reader, defaults: _Defaults) -> Iterator[Setting]:
    found = _collect(reader, [item for item in reader.statements if item.is_global], defaults, "")
    # What `Match all` sets holds for every connection, unless an earlier block matches too.
    for_all = [item for item in reader.statements if item.match and set(item.match) == {"all"}]
    for keyword, rows in _collect(reader, for_all, defaults, "").items():
        names = {row.raw.split(" ")[0] for row in rows} if keyword == "subsystem" else None
        kept = [row for row in found.get(keyword, []) if names is not None and row.raw.split(" ")[0] not in names]
        if keyword in _ONCE_FOR_ALL:
            continue
        found[keyword] = kept + rows
    _join_keyboard_interactive(found, reader)
    for keyword in defaults.keywords():
        if keyword not in found:
            value = defaults.get(keyword)
            hidden = bool(reader.unread)  # what could not be read may have set it
            values = value.split() if keyword == "hostkey" and value is not None else [value]
            found[keyword] = [
                Setting(keyword, None if hidden else item, "", None, None, not hidden, "") for item in values
            ]
    for keyword in EMPTY_WHEN_UNSET:
        if keyword not in found:
            value = None if reader.unread else ""
            found[keyword] = [Setting(keyword, value, "", None, None, value is not None, "")]
    found["listenaddress"] = list(_listen_addresses(found, reader))
    for rows in found.values():
        yield from rows


def _match_settings(reader: Reader, defaults: _Defaults) -> Iterator[Setting]:
    """Values of Match blocks, without those that an earlier block with the same or wider criteria always hides."""
    blocks: dict[tuple[str, ...], list[Statement]] = {}
    hidden: set[tuple[str, tuple[str, ...]]] = set()
    for item in reader.statements:
        if not item.match:
            continue
        match = tuple(part for part in item.match if part != "all") or ("all",)
        wider = [("all",), *(match[:size] for size in range(1, len(match)))]
        if item.keyword not in APPENDING and any((item.keyword, part) in hidden for part in wider if part != match):
            continue
        hidden.add((item.keyword, match))
        blocks.setdefault(match, []).append(item)
    place = {(item.path, item.line): number for number, item in enumerate(reader.statements)}
    result = [
        row
        for match, items in blocks.items()
        if match != ("all",)
        for rows in _collect(reader, items, defaults, " and ".join(match)).values()
        for row in rows
    ]
    yield from sorted(result, key=lambda row: place.get((row.path or "", row.line or 0), 0))


def _collect(reader: Reader, items: list[Statement], defaults: _Defaults, match: str) -> dict[str, list[Setting]]:
    """Apply sshd's rules of precedence to the statements of one section."""
    found: dict[str, list[Setting]] = {}
    for item in items:
        keyword = item.keyword
        try:
            values = values_of(keyword, item.words) if keyword != "protocol" else [" ".join(item.words)]
            rows = [_setting(item, value, defaults, match) for value in values]
        except BadLine as problem:
            reader.refused.append(f"{item.path} line {item.line}: {problem}")
            rows = [Setting(keyword, None, match, item.path, item.line, False, " ".join(item.words))]
        earlier = found.get(keyword)
        if earlier is None or reader.last_wins(keyword):
            one_number = keyword == "maxstartups" and ":" not in " ".join(item.words)
            found[keyword] = _with_earlier_rate(earlier, rows) if one_number else rows
        elif keyword in APPENDING:
            earlier.extend(rows)
        elif keyword == "subsystem":
            if rows[0].raw.split(" ")[0] not in {row.raw.split(" ")[0] for row in earlier}:
                earlier.extend(rows)
        elif keyword == "rekeylimit" and earlier[0].raw.endswith(" -"):
            size = earlier[0].raw.split(" ")[0]
            interval = rows[0].raw.rsplit(" ", 1)[-1]
            found[keyword] = [rows[0]._replace(value=f"{size} {interval}".replace("-", "0"), raw=f"{size} {interval}")]
        elif keyword == "unusedconnectiontimeout" and rows[0].value == "none":
            found[keyword] = rows
    return found


def _with_earlier_rate(earlier: list[Setting] | None, rows: list[Setting]) -> list[Setting]:
    """MaxStartups with one number sets start and full and leaves the rate of an earlier line (servconf.c)."""
    if not earlier or earlier[0].value is None or rows[0].value is None:
        return rows
    start, _, full = rows[0].value.split(":")
    rate = earlier[0].value.split(":")[1]
    return [rows[0]._replace(value=f"{start}:{rate}:{full}")]


def _setting(item: Statement, value: str, defaults: _Defaults, match: str) -> Setting:
    keyword, raw = item.keyword, value
    final: str | None = value
    if keyword in ALGORITHM_LISTS:
        kind = ALGORITHM_LISTS[keyword]
        final = resolve_algorithms(value, defaults.get(keyword), defaults.names(kind), kind in _WITH_WILDCARDS)
    elif keyword == "rekeylimit":
        final = value.replace("-", "0")
    elif keyword == "persourcepenalties":
        default = defaults.get(keyword)
        final = penalties(value, default) if default is not None else None
    elif keyword == "versionaddendum" and value.lower() == "none":
        final = "none"
    if not item.is_sure:
        final = None
    return Setting(keyword, final, match, item.path, item.line, False, raw)


def _join_keyboard_interactive(found: dict[str, list[Setting]], reader: Reader) -> None:
    """Up to OpenSSH 8.6 ChallengeResponseAuthentication, by default yes, switched keyboard-interactive on as well."""
    challenge = found.pop("challengeresponseauthentication", None)
    keyboard = found.get("kbdinteractiveauthentication")
    if challenge is not None:
        if keyboard is None or challenge[0].value == "yes":
            found["kbdinteractiveauthentication"] = [challenge[0]._replace(keyword="kbdinteractiveauthentication")]
    elif keyboard is not None and not reader.has_new_grammar and keyboard[0].value == "no":
        # The other keyword kept its default and wins.
        found["kbdinteractiveauthentication"] = [keyboard[0]._replace(value="yes")]


def _listen_addresses(found: dict[str, list[Setting]], reader: Reader) -> Iterator[Setting]:
    """One row for each address and port."""
    ports = [row for row in found["port"] if row.value is not None]
    family = found["addressfamily"][0].value
    written = found.get("listenaddress")
    if written is None:
        decided = next((row for row in ports if not row.is_default), None)
        for host, needed in (("[::]", "inet6"), ("0.0.0.0", "inet")):  # noqa: S104  this is what sshd does
            for row in ports if family in ("any", needed) else []:
                yield Setting("listenaddress", f"{host}:{row.value}", "", row.path, row.line, decided is None, "")
        if not ports or family is None:
            yield Setting("listenaddress", None, "", None, None, False, "")
        return
    for row in written:
        if row.value is None:
            yield row
            continue
        try:
            host, port, suffix = listen_address(row.value.split(" "))
        except BadLine as problem:
            reader.refused.append(f"{row.path} line {row.line}: {problem}")
            yield row._replace(value=None)
            continue
        for number in [port] if port else [each.value or "" for each in ports]:
            yield row._replace(value=f"{host}:{number}{suffix}")


def algorithm_rows(server: Server) -> Iterator[tuple[str, int, str | None, Setting]]:
    """Give (kind, position from 1, name, the setting) for each algorithm of each list.

    The name is None once for a list that builds on a default which is not known; names that the configuration adds to
    it are given all the same.
    """
    for item in server.settings:
        kind = ALGORITHM_LISTS.get(item.keyword)
        if kind is None:
            continue
        if item.value is not None:
            for position, name in enumerate(item.value.split(","), 1):
                yield kind, position, name, item
            continue
        position = 0
        if item.raw[:1] in ("+", "^"):
            for position, name in enumerate(item.raw[1:].split(","), 1):
                yield kind, position, name, item
        yield kind, position + 1, None, item
