"""What a table module may import: the decorator, the statuses a table can end with, and the target protocol.

Standard library and Python 3.9 syntax only: table modules are also shipped to other machines, where this file goes
along. It imports nothing of ours.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterable, Iterator, Mapping, NamedTuple, Protocol, TypeVar, Union

T = TypeVar("T")

Value = Union[str, int, None]
"""What a cell of a row may hold. Booleans are 0 and 1; NULL (None) means: this one value could not be read."""


# ---------------------------------------------------------------- how a table can end


class TableProblem(Exception):
    """A table could not tell everything. Rows yielded before it was raised are kept.

    Args:
        reason: one plain sentence without final dot, for a person.
        needs: what would help: "root", or None.
        gaps: for tables that look at patterns of `Wants.files`: those patterns that could not be read completely.
            Checks that asked for other patterns are not touched by the problem. Empty: everything is in doubt.
        homes: root's home folder where it is closed to this user and nothing else is missing. See `home_of_root` of
            tables/host/_passwd.py.
        beyond: for tables that look at patterns: those that miss something outside of `homes` as well.
    """

    status = "failed"

    def __init__(
        self,
        reason: str,
        needs: str | None = None,
        gaps: Iterable[str] = (),
        homes: Iterable[str] = (),
        beyond: Iterable[str] = (),
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.needs = needs
        self.gaps = tuple(gaps)
        self.homes = tuple(homes)
        self.beyond = tuple(beyond)


class Absent(TableProblem):
    """The software or hardware that this table tells about is not here."""

    status = "absent"


class Partial(TableProblem):
    """Some rows are here, others could not be read."""

    status = "partial"


class Denied(TableProblem):
    """The rights of this user do not reach. Without `needs`, root is what would help."""

    status = "denied"

    def __init__(self, reason: str, needs: str | None = "root") -> None:
        super().__init__(reason, needs)


class Unsupported(TableProblem):
    """The target is of a kind that cannot answer, for example running state asked of a mounted file system."""

    status = "unsupported"


class TimedOut(TableProblem):
    """The deadline of the table or of one of its commands passed."""

    status = "timeout"


class Failed(TableProblem):
    """Something answered, but not in a form that we understand."""

    status = "failed"


# ---------------------------------------------------------------- errors of single reads (all are OSError)


class NotRegular(OSError):
    """The path is a FIFO, socket, device or folder where a file was expected. It was not opened."""


class TooLarge(OSError):
    """The file is larger than the limit. Nothing was read."""


class ProgramMissing(FileNotFoundError):
    """The program is not installed."""


# ---------------------------------------------------------------- what a target gives


class Stat(NamedTuple):
    """One inode, as lstat(2) or stat(2) gives it."""

    kind: str
    """file, dir, link, fifo, socket, block or char."""
    mode: int
    """The lower 12 bits: permissions, set-uid, set-gid, sticky."""
    uid: int
    gid: int
    size: int
    mtime_s: int
    """Seconds since 1970 UTC."""
    nlink: int
    dev: int
    ino: int


class Command(NamedTuple):
    """A command that ran to its end. Text is UTF-8, bad bytes are shown as backslash escapes."""

    argv: tuple[str, ...]
    exit_code: int
    stdout: str
    stderr: str


class ImportedFinding(NamedTuple):
    """One finding of another tool, without the value of a secret."""

    kind: str
    """`secret`, `code` or `dependency`."""
    rule_id: str
    """The other tool's name of its rule, or of the advisory."""
    weakness: str
    """Of code: our word for it, or the number of the CWE."""
    cwe: int
    severity: str
    confidence: str
    path: str
    """In the project; empty for a dependency that is tied to no file."""
    line: int
    column: int
    message: str
    suppressed: int
    secret_kind: str
    """`vendor`, `generic`, `url` or `key`."""
    secret_rule: str
    """Our own name of the rule, where we have one of that meaning."""
    fingerprint: str
    commit_id: str
    """Of a secret that stands in the history and not in the file of today."""
    ecosystem: str
    package: str
    version: str
    affected: str
    aliases: str
    fixed: str


class ImportedReport(NamedTuple):
    """What was taken over from one file of another tool."""

    id: str
    tool: str
    tool_version: str
    format: str
    file: str
    """Its name, without folders."""
    sha256: str
    made_s: int
    """When the tool made it, seconds since 1970 UTC; when the file was written, where the tool does not say."""
    imported_s: int
    commit_id: str
    """The project's HEAD when it was taken over; empty without git."""
    outside: int
    """How many of its findings are about files that are not in the project."""
    cut: int
    """How many were left out, since there are too many."""
    marks: Mapping[str, str]
    """Path -> `fingerprint` of the file's content at that time."""
    findings: tuple[ImportedFinding, ...]


class Wants(NamedTuple):
    """What the checks of this run ask of a table. A table function that takes a second parameter receives it."""

    files: tuple[str, ...]
    """Absolute path patterns (`*` within one component; `~/` stands for each home folder)."""


# ---------------------------------------------------------------- what a network target gives


FREE_PORTS = 64
"""Ports of one host that may be tried without `--active`: as many as a visitor could try by hand."""


class Planned(NamedTuple):
    """One kind of thing that a table would send, told before anything is sent (`--dry-run`)."""

    kind: str
    """http, tls, ssh, port, service or dns: the budget that it is counted in."""
    host: str
    """A host or name that the user named; empty for the resolver."""
    port: int
    what: str
    """`GET /robots.txt`, `a TLS hello`: the very words under which it is written down when it is sent."""
    most: int
    """How often at most."""
    level: str
    """passive, active or intrusive."""


class Sent(NamedTuple):
    """One thing that was sent: a connection with what it carried, a DNS question, a program that was run."""

    number: int
    started_ms: int
    """Since the audit began."""
    kind: str
    host: str
    address: str
    port: int
    what: str
    level: str
    outcome: str
    """`ok`, `refused`, `timeout`, `reset`, `unreachable`, `stopped`; for DNS the reply code."""
    sent_bytes: int
    received_bytes: int


class DnsReply(NamedTuple):
    """What the resolver said to one question."""

    name: str
    type: str
    code: str
    """NOERROR, NXDOMAIN, SERVFAIL, REFUSED ...; TIMEOUT when nothing came, FORMERR for what cannot be read,
    STOPPED when the limit of questions is reached or the resolver is silent, LOOP for aliases without end."""
    records: tuple[str, ...]
    """As zone files write them, without those of other types; the strings of a TXT record are joined, undecoded bytes
    are shown as backslash escapes."""
    names: tuple[str, ...]
    """The chain of CNAMEs that was followed, without the last dot."""
    authenticated: bool
    """The resolver says that it checked the signatures (the AD bit)."""
    ttl_s: int

    @property
    def known(self) -> bool:
        """Whether this is an answer, also the answer that there is nothing."""
        return self.code in ("NOERROR", "NXDOMAIN")


class Stopped(TableProblem):
    """The gate sends no more to this host: the budget is spent, the time is over, or the host asked for a rest."""

    status = "partial"


class NotCovered(TableProblem):
    """The consent does not reach to this host, address or kind of question. `needs` names the option that would."""

    status = "denied"


class Wire(Protocol):
    """One connection. All its methods keep the deadline of the connection and count bytes.

    They raise OSError when it breaks: `TimeoutError` when nothing came in time, `ConnectionError` when the other side
    closed it hard, `ssl.SSLError` for a handshake that failed.
    """

    host: str
    address: str
    port: int

    def send(self, data: bytes) -> None: ...

    def receive(self, limit_bytes: int = 65536) -> bytes:
        """What came, at least one byte; empty when the other side is done."""
        ...

    def ready(self, wait_s: float) -> bool:
        """Whether something can be received within this time, also the end. Silence is an answer, not an error."""
        ...

    def receive_exactly(self, count: int) -> bytes:
        """Raise ConnectionError when the other side ends before."""
        ...

    def receive_until(self, end: bytes, limit_bytes: int) -> bytes:
        """All up to and with `end`; less when the other side is done or the limit is reached."""
        ...

    def secure(self, context: Any, server_name: str | None) -> Any:
        """Go on with TLS by an `ssl.SSLContext`; gives the `ssl.SSLSocket`, for its certificate and cipher only."""
        ...

    def close(self) -> None: ...

    def __enter__(self) -> Wire: ...

    def __exit__(self, *error: object) -> None: ...


class Net(Protocol):
    """The one door to the network. It knows what was consented to, resolves each name once, keeps the limits of rate
    and number, and writes down everything that is sent.
    """

    kind: str
    """site, network or domain."""
    url: str
    """Of a site; else empty."""
    hosts: tuple[str, ...]
    """The names or addresses that the user named, in their order; of a site its host, of a domain nothing."""
    domain: str
    ports: tuple[int, ...]
    """Those that the user named; empty for the usual ones."""
    selectors: tuple[str, ...]
    """DKIM selectors that the user named."""
    assets: tuple[str, ...] | None
    """Hosts of the user's asset list; None when there is no list."""
    engine: str
    """`own` or `nmap`: who scans ports."""

    @property
    def vantage(self) -> str:
        """loopback, private or public: how this machine sees the target. A loopback view may see what others do not."""
        ...

    def may(self, level: str, probe: str = "") -> bool:
        """Whether probes of this level are asked for; an intrusive one by the id of its check."""
        ...

    def require(self, level: str, why: str, probe: str = "") -> None:
        """Raise NotCovered with the option that is missing (`--active`, `--intrusive ID`)."""
        ...

    def addresses(self, host: str) -> tuple[str, ...]:
        """The addresses of a host that the consent covers, resolved once for the whole audit, IPv4 first.

        Raise NotCovered (another host, or an address outside of the consent), Failed when the name does not resolve.
        """
        ...

    def connect(
        self,
        host: str,
        port: int,
        kind: str,
        what: str,
        level: str = "passive",
        timeout_s: float = 5.0,
        address: str = "",
    ) -> Wire:
        """Open a connection to the first address of the host, or to the one of its addresses that is named.

        `timeout_s` is for the whole life of the connection. Raise OSError as a socket does, NotCovered, Stopped.
        """
        ...

    def scan(self, host: str, ports: Iterable[int], timeout_s: float = 2.0) -> dict[int, str]:
        """Try to connect to each port: `open`, `closed` (refused), `filtered` (no answer).

        Active for more ports than FREE_PORTS.
        """
        ...

    def dns(self, name: str, type: str) -> DnsReply:
        """Ask the resolver one question; the same question is asked once in an audit. Never raises for a bad reply."""
        ...

    def each(self, jobs: Iterable[T], work: Callable[[T], Any]) -> list[Any]:
        """`work` of each job, several at the same time where the politeness towards the host allows it, in order.

        What `work` raises is raised, after the others have ended.
        """
        ...

    def back_off(self, host: str, reason: str) -> None:
        """The host asked for a rest (429, 503): nothing more is sent to it in this audit, `connect` raises Stopped."""
        ...

    def run(
        self,
        argv: list[str],
        host: str,
        port: int,
        kind: str,
        what: str,
        level: str,
        timeout_s: float,
        feed: bytes = b"",
    ) -> Command:
        """Run an installed program that speaks to the host by itself (ssh, nmap); argv must hold its pinned address.

        It is written down as one thing sent. Raise ProgramMissing, TimedOut, NotCovered, Stopped.
        """
        ...

    def sent(self) -> tuple[Sent, ...]:
        """All that was sent until now."""
        ...


class Target(Protocol):
    """What a table may look through. Every file read and every command run is recorded as a source of the rows.

    Paths are absolute, as the audited system sees them. All methods may raise `PermissionError`, and `TimedOut` when
    the table's deadline has passed.
    """

    kind: str
    """host, root, project, site, network or domain."""
    live: bool
    """True where running state (processes, /proc, /sys, commands) belongs to the target."""
    now_s: int
    """The time of the audit, seconds since 1970 UTC. Tables never ask the clock."""
    is_root: bool
    """True where the rights of this audit reach everything."""
    uid: int
    """The user number of who audits."""

    @property
    def net(self) -> Net:
        """The network, for targets that are reached by it. Raise Unsupported for all others."""
        ...

    def read_bytes(self, path: str, limit_bytes: int = ...) -> bytes:
        """Raise FileNotFoundError, NotRegular, TooLarge, PermissionError."""
        ...

    def read_parts(self, path: str, limit_bytes: int, part_bytes: int = ...) -> Iterator[bytes]:
        """A large file piece by piece, never kept. Raise as read_bytes."""
        ...

    def read_text(self, path: str, limit_bytes: int = ...) -> str:
        """As read_bytes, decoded as UTF-8; bad bytes become backslash escapes."""
        ...

    def tell(self, text: str) -> None:
        """Say how far a long search is, for whoever waits. Raise TimedOut when the table's deadline has passed."""
        ...

    def exists(self, path: str) -> bool:
        """Follow links. Raise PermissionError when it cannot be known."""
        ...

    def stat(self, path: str, follow: bool = True) -> Stat:
        """Raise FileNotFoundError."""
        ...

    def listdir(self, path: str) -> list[str]:
        """Names in the folder, sorted. Raise FileNotFoundError, NotADirectoryError."""
        ...

    def glob(self, pattern: str) -> list[str]:
        """Existing paths that match, sorted; a missing folder gives none, an unreadable one PermissionError."""
        ...

    def readlink(self, path: str) -> str:
        """What the link says, unresolved."""
        ...

    def realpath(self, path: str) -> str:
        """The path with all links resolved inside the target. Raise FileNotFoundError."""
        ...

    def walk(
        self, top: str, denied: list[str], cross: bool = False, skip: Callable[[str], bool] | None = None
    ) -> Iterator[tuple[str, Stat]]:
        """Every entry below `top` with its lstat, one file system unless `cross`; unreadable folders go to `denied`.

        Folders for which `skip` says true are given themselves, but not looked into.
        """
        ...

    def shared(self, key: str, make: Callable[[Target], T]) -> T:
        """What `make` returns for this target, made once in a run for all tables that ask with the same key.

        The sources that it read count as sources of each of these tables. The value must not be changed afterwards.
        What `make` raises is raised, and the next table tries again.
        """
        ...

    def fingerprint(self, secret: bytes) -> str:
        """A mark of a secret value, by which it is known again without being kept: a keyed digest (HMAC-SHA-256).

        The key stays the same for one user, and no table can see it. Nobody without the key can try values against it.
        """
        ...

    def kept(self, name: str) -> str | None:
        """The absolute path of a folder of this user's own, outside of every target, where knowledge is kept by name.

        None where nothing is kept. A target can never put anything there.
        """
        ...

    def read_unlisted(self, path: str, limit_bytes: int = ...) -> bytes:
        """As read_bytes, for searching files by the thousand: not kept, and not a source with a digest of its own.

        The digest of a file that holds one password would let others try passwords against it.
        """
        ...

    def find_program(self, name: str) -> str | None:
        """The absolute path of an installed program, also in a root where it cannot be run."""
        ...

    def run(self, argv: list[str], timeout_s: float = ..., limit_bytes: int = ...) -> Command:
        """Run a program with LC_ALL=C. Raise ProgramMissing, TimedOut, TooLarge, Unsupported (in a root)."""
        ...

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float = ..., limit_bytes: int = ...) -> bytes:
        """Run a program that reads `feed` and give what it printed, undecoded and not kept; nothing when it failed.

        Raise as `run`; Unsupported where the target runs no such program.
        """
        ...

    def imported(self) -> tuple[ImportedReport, ...]:
        """What the user took over from other tools for this target. It can only add failures."""
        ...

    def run_over(
        self, argv: list[str], files: Mapping[str, bytes], timeout_s: float = ..., limit_bytes: int = ...
    ) -> Command:
        """Run a program of an installed library in a private folder that holds these files and nothing else.

        So the program sees no configuration of the project, follows no link of it, and meets no hostile name. The
        names are ours, plain and without a slash. Raise as `run`; ProgramMissing when the library is not installed.
        """
        ...


# ---------------------------------------------------------------- the decorator


class Column(NamedTuple):
    """One column of a table, read from the row type's annotations."""

    name: str
    type: str
    """TEXT or INTEGER."""
    nullable: bool


class TableSpec(NamedTuple):
    """A table: its name, columns, and the function that collects its rows."""

    name: str
    columns: tuple[Column, ...]
    targets: frozenset[str]
    timeout_s: float
    collect: Callable[..., Iterator[tuple[Value, ...]]]
    takes_wants: bool
    row_type: type
    module: str
    part: str = ""
    """A word by which a person can leave it out or give it its own time: `history`."""
    plan: Callable[[Net], Iterable[Planned]] | None = None
    """What it would send; a table that sends nothing by itself has none."""
    last: bool = False
    """Whether it is collected when all others are done, since it tells about them."""

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)


F = TypeVar("F", bound=Callable[..., Any])

_TYPES = {
    "str": ("TEXT", False),
    "str | None": ("TEXT", True),
    "int": ("INTEGER", False),
    "int | None": ("INTEGER", True),
}
_ROW_TYPE = re.compile(r"\[(\w+)\]\s*$")


def table(
    *,
    targets: Iterable[str],
    timeout_s: float = 10.0,
    part: str = "",
    plan: Callable[[Net], Iterable[Planned]] | None = None,
    last: bool = False,
) -> Callable[[F], F]:
    """Mark a generator function as a table. Its name is the table's name and the module's name.

    The row type is the `NamedTuple` in the function's return annotation, `Iterator[Row]`. Its fields may be `str`,
    `int`, `str | None`, `int | None`; a field without `| None` promises never to be NULL.
    """

    def mark(function: F) -> F:
        match = _ROW_TYPE.search(str(function.__annotations__.get("return", "")))
        if match is None:
            raise TypeError(f"table {function.__name__}: the return annotation must be Iterator[RowType]")
        row_type = function.__globals__[match.group(1)]
        annotations: Mapping[str, str] = row_type.__annotations__
        columns = tuple(Column(name, *_TYPES[_plain(text)]) for name, text in annotations.items())
        spec = TableSpec(
            name=function.__name__,
            columns=columns,
            targets=frozenset(targets),
            timeout_s=timeout_s,
            collect=function,
            takes_wants=function.__code__.co_argcount > 1,
            row_type=row_type,
            module=function.__module__,
            part=part,
            plan=plan,
            last=last,
        )
        function.spec = spec  # type: ignore[attr-defined]
        return function

    return mark


def _plain(annotation: Any) -> str:
    """The annotation as text; NamedTuple turns a string annotation into a ForwardRef."""
    return str(getattr(annotation, "__forward_arg__", annotation))
