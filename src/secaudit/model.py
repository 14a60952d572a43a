"""The words of this project as frozen types: content, what was collected, and the run. Imports nothing of ours.

Longer than other modules on purpose: it holds no behaviour, only the vocabulary, and the JSON Schemas are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

Scalar = str | int | None
"""A cell of a row, and a parameter's single value."""

ParamValue = str | int | tuple[str | int, ...]
"""What a check's parameter may be set to."""


# ---------------------------------------------------------------- closed sets of words


class Severity(StrEnum):
    """How much harm the failure of a check allows, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def weight(self) -> int:
        """Points in the score. Our own scale: one critical weighs as much as ten low ones."""
        return {"critical": 10, "high": 6, "medium": 3, "low": 1, "info": 0}[self.value]

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(Severity).index(self)

    @property
    def is_major(self) -> bool:
        """A failure is a major nonconformity."""
        return self in (Severity.CRITICAL, Severity.HIGH)


class Status(StrEnum):
    """Of a check."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not_applicable"


class Met(StrEnum):
    """Of an objective or a control."""

    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    PARTLY_ASSESSED = "partly_assessed"
    NOT_ASSESSED = "not_assessed"
    NOT_APPLICABLE = "not_applicable"


class Role(StrEnum):
    """What a check's pass says about its objective: all, a part, or nothing."""

    DETERMINES = "determines"
    SUPPORTS = "supports"
    INDICATES = "indicates"


class TableStatus(StrEnum):
    """How the collection of a table ended. Only `ok` lets a check pass."""

    OK = "ok"
    ABSENT = "absent"
    PARTIAL = "partial"
    DENIED = "denied"
    UNSUPPORTED = "unsupported"
    TIMEOUT = "timeout"
    FAILED = "failed"


class OnEmpty(StrEnum):
    """What no rows mean when every table was read completely."""

    UNKNOWN = "unknown"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"


class Proof(StrEnum):
    """What a pass rests on: that all things were seen, or that some good thing was."""

    ALL = "all"
    SOME = "some"
    EACH = "each"
    """The check is about one thing: its row tells all of it, and rows that are missing are about others."""


class Homes(StrEnum):
    """Whose home folders a check is about."""

    ALL = "all"
    PEOPLE = "people"
    """All but root's."""
    ROOT = "root"
    NONE = "none"
    """Nobody's, although its tables hold such files too."""


class ObjectiveKind(StrEnum):
    """Which part of security an objective is about."""

    TECHNICAL = "technical"
    DOCUMENT = "document"
    PROCESS = "process"
    PEOPLE = "people"
    PHYSICAL = "physical"


class EvidenceKind(StrEnum):
    """Who or what can answer for an objective."""

    HOST = "host"
    PROJECT = "project"
    SITE = "site"
    NETWORK = "network"
    DOMAIN = "domain"
    QUESTION = "question"


# ---------------------------------------------------------------- content


@dataclass(frozen=True, slots=True)
class Param:
    """A value in a check that a profile may change."""

    default: ParamValue
    hint: str
    """What the value means, with its unit."""


@dataclass(frozen=True, slots=True)
class Applies:
    """Where a check makes sense. No row: the check is not applicable."""

    select: str | None = None
    where: Mapping[str, object] = field(default_factory=dict)
    sql: str | None = None


Rows = Mapping[str, tuple[Mapping[str, Scalar], ...]]
"""Rows of an example, by table."""


@dataclass(frozen=True, slots=True)
class Examples:
    """What the check must say about small worlds. Each is table -> rows."""

    healthy: Rows
    failing: Rows
    unknown: Rows | None = None
    not_applicable: Rows | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One automatic test: what to ask of which table, and all that a person needs to act on the answer."""

    id: str
    title: str
    """The state we want."""
    fail_title: str
    """What a person reads when it fails."""
    severity: Severity
    objective: str
    why: str
    verify: str
    """A command of the vendor's own tools that shows the same."""
    examples: Examples
    role: Role = Role.DETERMINES
    tags: tuple[str, ...] = ()
    params: Mapping[str, Param] = field(default_factory=dict)
    select: str | None = None
    where: Mapping[str, object] = field(default_factory=dict)
    expect: Mapping[str, object] = field(default_factory=dict)
    sql: str | None = None
    files: tuple[str, ...] = ()
    """Path patterns to put into the tables `file` and `paths`."""
    on_empty: OnEmpty = OnEmpty.UNKNOWN
    proof: Proof = Proof.ALL
    """`some` for "at least one is good": then a table read in part cannot take back a pass, but it does take back a
    fail, since the good one may lie where nobody could look."""
    homes: Homes = Homes.ALL
    """Root's home is closed to everyone else. A check of `people` does not judge it, so it says the same to its user as
    to root; another one of `root` does."""
    applies: Applies | None = None
    fix: Mapping[str, str] = field(default_factory=dict)
    """Commands by family of system: any, debian, fedora, arch, alpine."""
    careful: str | None = None
    undo: str | None = None
    touches: tuple[str, ...] = ()
    """Files and folders that the fix changes and that its commands do not name: absolute or `~/`, with `*` and `?`."""
    references: tuple[str, ...] = ()

    def fix_for(self, family: str | None) -> str | None:
        """The commands for this family of systems, else those for any."""
        return self.fix.get(family or "any") or self.fix.get("any")


@dataclass(frozen=True, slots=True)
class Objective:
    """One sentence of our own that says what good looks like."""

    id: str
    title: str
    kind: ObjectiveKind
    evidence: tuple[EvidenceKind, ...]
    why: str


@dataclass(frozen=True, slots=True)
class ObjectiveSet:
    """standards/readiness.yaml."""

    id: str
    title: str
    publisher: str
    version: str
    objectives: tuple[Objective, ...]
    text: str = "full"


@dataclass(frozen=True, slots=True)
class Group:
    """A chapter of a control set, or a section of a chapter."""

    id: str
    title: str
    within: str | None = None
    """The chapter that a section belongs to."""


@dataclass(frozen=True, slots=True)
class Control:
    """One numbered demand of a control set and the objectives that show it."""

    id: str
    title: str
    group: str
    guidance: str = ""
    """What to do about it; empty only where the title is the whole demand in our own words."""
    objectives: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    not_assessable: str | None = None
    """Why nothing can assess it; then there are no objectives."""
    level: int | None = None
    """From which level of the standard on it is demanded."""


@dataclass(frozen=True, slots=True)
class Standard:
    """A control set."""

    id: str
    title: str
    publisher: str
    version: str
    text: str
    """What reports may print: full, own-words or titles-only."""
    notice: str
    groups: tuple[Group, ...]
    controls: tuple[Control, ...]
    short: str | None = None
    """A name for narrow places: "ISO 27001"."""
    cited_as: str | None = None
    """How checks name its controls in `references`: "ASVS 5.0.0" for "ASVS 5.0.0 1.2.4". Such a standard is finer than
    our objectives. So only the checks that name a control judge it: a failure counts, a pass shows a part of it. Its
    objectives tell who can show the rest."""

    def cited_in(self, references: Iterable[str]) -> frozenset[str]:
        """The ids of the controls that references name: `1.2.4` of `ASVS 5.0.0 1.2.4`."""
        if self.cited_as is None:
            return frozenset()
        head = self.cited_as + " "
        return frozenset(text[len(head) :] for text in references if text.startswith(head))


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A pattern of checks left out of a profile, and why."""

    pattern: str
    reason: str


@dataclass(frozen=True, slots=True)
class Profile:
    """A selection of checks with parameters."""

    id: str
    title: str
    description: str
    standards: tuple[str, ...]
    extends: str | None = None
    include: tuple[str, ...] = ("*",)
    exclude: tuple[Exclusion, ...] = ()
    narrow: str | None = None
    """What it looks at, when that is only a part of what matters. Then a run has no grade: it would promise more."""
    params: Mapping[str, Mapping[str, ParamValue]] = field(default_factory=dict)


# ---------------------------------------------------------------- what was collected


@dataclass(frozen=True, slots=True)
class Source:
    """One file read or command run for a table."""

    kind: str
    """file, folder, pattern, tree, command or network."""
    what: str
    """The path, the pattern, or the command's words joined by spaces."""
    sha256: str | None = None
    """Of the file's bytes or the command's output."""
    exit_code: int | None = None
    error: str | None = None
    """The errno name when it could not be read, `EACCES`."""


@dataclass(frozen=True, slots=True)
class TableData:
    """The rows of a table with the status of their collection."""

    name: str
    columns: tuple[str, ...]
    status: TableStatus
    rows: tuple[tuple[Scalar, ...], ...]
    reason: str | None = None
    """Why the status is not `ok`."""
    needs: str | None = None
    """What would help: `root`."""
    sources: tuple[Source, ...] = ()
    gaps: tuple[str, ...] = ()
    """Path patterns that were not read completely; empty means that everything is in doubt when not `ok`."""
    homes: tuple[str, ...] = ()
    """The closed home folder of root, where nothing else is missing."""
    beyond: tuple[str, ...] = ()
    """Path patterns that miss something outside of `homes` as well."""


@dataclass(frozen=True, slots=True)
class Consent:
    """Who allowed that a target is looked at over the network, and how far. It goes into the run."""

    local: bool = False
    """The user said that this loopback or private address may be scanned (`--i-may-scan`)."""
    by: str = ""
    """Who allowed it for a public address; empty when nobody did."""
    until: str = ""
    """The last day of that permission, UTC, as 2026-12-31."""
    reference: str = ""
    """Where the permission is written down: a contract or ticket number."""
    confirmed: str = ""
    """What the user typed at the terminal to confirm a look at what every visitor sees."""
    level: str = "passive"
    """passive or active."""
    intrusive: tuple[str, ...] = ()
    """Ids of checks whose intrusive probe was asked for."""
    vantage: str = ""
    """loopback, private or public: how this machine saw the target."""
    addresses: tuple[str, ...] = ()
    """Name and address, `shop.example=192.0.2.1`, as they were resolved once."""


@dataclass(frozen=True, slots=True)
class TargetInfo:
    """Which target was looked at, and with which rights."""

    kind: str
    name: str
    system: str | None = None
    """Such as "Debian GNU/Linux 12 (bookworm)"; None when it could not be read."""
    family: str | None = None
    """debian, fedora, arch, alpine, suse or None; chooses the fix."""
    is_root: bool = False
    consent: Consent | None = None
    """Of a target that is reached over the network."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All that was collected from a target. Evaluation needs nothing else."""

    target: TargetInfo
    started: str
    """UTC, RFC 3339."""
    finished: str
    tool_version: str
    tables: tuple[TableData, ...]
    files: tuple[str, ...] = ()
    """The path patterns that were asked for."""
    interrupted: bool = False
    """True when Ctrl-C ended the collection early."""


# ---------------------------------------------------------------- the run document, in the order it is written


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program made the run."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class ContentInfo:
    """Which checks and standards judged."""

    version: str
    sha256: str
    overlaid: tuple[str, ...] = ()
    """Ids that the user's own content replaced or added."""


@dataclass(frozen=True, slots=True)
class TableReport:
    """A table as the run tells about it: status and sources, without the rows."""

    name: str
    status: TableStatus
    reason: str | None
    needs: str | None
    rows: int
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What one check found, with the words a report needs so that it stands alone."""

    check: str
    status: Status
    severity: Severity
    title: str
    fail_title: str
    objective: str
    role: Role
    topic: str
    reason: str | None
    """Why the status is unknown or not applicable."""
    needs: str | None
    """What would help: `root`."""
    rows: tuple[Mapping[str, Scalar], ...]
    """Evidence: `pass`, resource, actual, expected, path, line and more. Untrusted text."""
    rows_total: int
    """How many rows were examined; `rows` keeps the failing and unknown ones first and is cut at 50."""
    why: str
    verify: str
    fix: str | None
    careful: str | None
    undo: str | None
    references: tuple[str, ...]
    tables: tuple[str, ...]
    waiver: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectiveResult:
    """What the checks together say about an objective."""

    id: str
    title: str
    kind: ObjectiveKind
    status: Met
    evidence: tuple[EvidenceKind, ...]
    checks: tuple[str, ...]
    """Ids of the checks of this run that point here."""
    reason: str | None


@dataclass(frozen=True, slots=True)
class ControlResult:
    """What the objectives together say about a control."""

    id: str
    title: str
    group: str
    status: Met
    objectives: tuple[str, ...]
    evidenced: int
    """How many of the objectives were assessed completely."""
    reason: str | None
    level: int | None = None
    checks: tuple[str, ...] = ()
    """Ids of the checks of this run that name the control themselves, in a standard that is finer than objectives."""


@dataclass(frozen=True, slots=True)
class StandardResult:
    """A control set with the result of each control."""

    id: str
    title: str
    publisher: str
    version: str
    text: str
    notice: str
    groups: tuple[Group, ...]
    controls: tuple[ControlResult, ...]
    short: str | None = None
    cited_as: str | None = None
    """How checks name its controls; then these checks judge it, and not the objectives."""


@dataclass(frozen=True, slots=True)
class Score:
    """Points of 100. `low` counts what could not be checked as failed, `high` counts it as passed."""

    low: int
    high: int
    coverage: int
    """Percent of the applicable weight that was decided."""
    grade: str | None
    """A to F from `low` and the worst failures; None when too little could be checked for a grade."""
    held_back: str | None = None
    """Which failures keep the grade below the one that `low` alone would give, in words."""


@dataclass(frozen=True, slots=True)
class Tailoring:
    """A parameter of a check that the profile or the command line set to another value than the check's own."""

    check: str
    param: str
    value: ParamValue
    default: ParamValue


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One old finding that somebody accepted."""

    check: str
    path: str
    """Where it was; what was looked at, when that is no file."""
    found: str
    """What was found there, as evidence shows it."""
    mark: str
    """A digest of check, place and what was found, without lines and values: it outlives lines that move."""
    reason: str
    date: str
    """When it was accepted, YYYY-MM-DD."""
    value: str | None = None
    """The keyed mark of a secret value."""
    until: str | None = None
    """The last day on which it counts, YYYY-MM-DD."""
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Baseline:
    """Old findings that were accepted, so that new ones stand out. A file of its own."""

    schema: str
    made: str
    target: str
    key: str | None
    """Tells with which key the marks of values were made, without telling the key."""
    accepted: tuple[Acceptance, ...]


@dataclass(frozen=True, slots=True)
class BaselineReport:
    """What a baseline did in a run."""

    sha256: str
    """Of the file."""
    accepted: int
    """Findings of this run that it accepts."""
    by_place: int
    """Of these, secrets that were known by their place only, since the values were marked with another key."""
    expired: int
    """Entries whose last day has passed; they count no more."""
    unused: int
    """Entries for which nothing was found in this run."""


@dataclass(frozen=True, slots=True)
class Traffic:
    """What was sent to one place, added up. The snapshot holds each connection and question."""

    kind: str
    """http, tls, ssh, port, service or dns."""
    level: str
    """passive, active or intrusive."""
    host: str
    address: str
    port: int
    count: int
    unanswered: int
    """How many of them were refused, were cut off or had no answer."""
    sent_bytes: int
    received_bytes: int


@dataclass(frozen=True, slots=True)
class PlanStep:
    """One failing check in the order in which fixing helps most."""

    check: str
    gain: int
    """Points that this step adds to `low`, after the steps before it."""
    score_after: int
    """`low` when this step and all before it are done."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Of checks by status. `pass` is a word of Python, hence the names."""

    passed: int
    failed: int
    unknown: int
    not_applicable: int
    needs_root: int
    """How many of the unknown ones root could see."""


@dataclass(frozen=True, slots=True)
class Run:
    """One audit of one target at one time. Every report is a view of this."""

    id: str
    tool: Tool
    content: ContentInfo
    target: TargetInfo
    profile: str
    profile_title: str
    started: str
    finished: str
    partial: bool
    """True when the audit was interrupted."""
    snapshot_sha256: str
    score: Score
    counts: Counts
    plan: tuple[PlanStep, ...]
    results: tuple[Result, ...]
    objectives: tuple[ObjectiveResult, ...]
    standards: tuple[StandardResult, ...]
    tables: tuple[TableReport, ...]
    excluded: tuple[Exclusion, ...] = ()
    """What the profile left out, with reasons."""
    tailored: tuple[Tailoring, ...] = ()
    """Values that were judged by instead of the checks' own."""
    narrow: str | None = None
    """What the profile looks at, when that is only a part of what matters."""
    baseline: BaselineReport | None = None
    traffic: tuple[Traffic, ...] = ()
    """What the audit sent over the network; nothing when the target is not reached by it."""
    schema: str = "secaudit.run/1"
