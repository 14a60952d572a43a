"""Runs to render: a small one with one of everything (hostile text too), and large ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from secaudit.assessment.plan import plan
from secaudit.assessment.rollup import objective_result, standard_result
from secaudit.assessment.score import counts, score
from secaudit.model import (
    ContentInfo,
    Control,
    EvidenceKind,
    Exclusion,
    Group,
    Objective,
    ObjectiveKind,
    ObjectiveSet,
    Result,
    Role,
    Run,
    Scalar,
    Severity,
    Source,
    Standard,
    Status,
    TableReport,
    TableStatus,
    Tailoring,
    TargetInfo,
    Tool,
)
from secaudit.reporting.view import HistoryPoint

HOSTILE = "<script>alert(1)</script>\x1b[2J\u202egnp.exe\nroot:x:0:0 `|` [a](javascript:b) @all"
LONG_PATH = "/srv/" + "/".join(f"folder-{number:03d}" for number in range(45)) + "/last"

EARLIER = (
    HistoryPoint("2025-09-02T08:00:00Z", 41, 60, 31),
    HistoryPoint("2025-09-30T08:00:00Z", 44, 60, 27),
    HistoryPoint("2025-10-14T08:00:00Z", 43, 61, 28),
    HistoryPoint("2025-11-14T08:00:00Z", 49, 64, 14),
)

OBJECTIVES = (
    Objective(
        "remote-access-hardened",
        "Remote login lets in only the right people, in a safe way",
        ObjectiveKind.TECHNICAL,
        (EvidenceKind.HOST, EvidenceKind.NETWORK),
        "Programs try to log in to every reachable computer.",
    ),
    Objective(
        "disks-encrypted",
        "Data on lost or stolen disks cannot be read",
        ObjectiveKind.TECHNICAL,
        (EvidenceKind.HOST,),
        "Laptops get lost.",
    ),
    Objective(
        "software-current",
        "Security updates are installed within days",
        ObjectiveKind.TECHNICAL,
        (EvidenceKind.HOST,),
        "Known holes are used first.",
    ),
    Objective(
        "passwords-strong",
        "Passwords are long and stored safely",
        ObjectiveKind.TECHNICAL,
        (EvidenceKind.HOST, EvidenceKind.QUESTION),
        "Weak passwords are guessed.",
    ),
    Objective(
        "backups-run",
        "Backups are made without anyone thinking of it",
        ObjectiveKind.PROCESS,
        (EvidenceKind.HOST, EvidenceKind.QUESTION),
        "Forgotten backups do not help.",
    ),
    Objective(
        "security-policy",
        "The rules for security are written, dated and known",
        ObjectiveKind.DOCUMENT,
        (EvidenceKind.QUESTION,),
        "Unwritten rules change.",
    ),
    Objective(
        "screen-locked",
        "Nobody can use a machine left alone",
        ObjectiveKind.PHYSICAL,
        (EvidenceKind.HOST, EvidenceKind.QUESTION),
        "A free keyboard needs no password.",
    ),
)

ISO = Standard(
    id="iso27001-2022",
    title="ISO/IEC 27001:2022 Annex A",
    publisher="ISO/IEC",
    version="2022",
    text="titles-only",
    notice="Not affiliated with or endorsed by ISO. Buy the standard for its text.",
    groups=(
        Group("A.5", "Organizational controls"),
        Group("A.7", "Physical controls"),
        Group("A.8", "Technological controls"),
    ),
    controls=(
        Control("A.5.1", "Policies for information security", "A.5", "", ("security-policy",)),
        Control("A.5.17", "Authentication information", "A.5", "", ("passwords-strong", "security-policy")),
        Control("A.7.4", "Physical security monitoring", "A.7", "", (), (), "A program cannot look at a building."),
        Control("A.7.7", "Clear desk and clear screen", "A.7", "", ("screen-locked",)),
        Control("A.8.5", "Secure authentication", "A.8", "", ("remote-access-hardened", "passwords-strong")),
        Control("A.8.8", "Management of technical vulnerabilities", "A.8", "", ("software-current",)),
        Control("A.8.13", "Information backup", "A.8", "", ("backups-run",)),
        Control("A.8.24", "Use of cryptography", "A.8", "", ("disks-encrypted", "remote-access-hardened")),
    ),
)

OWASP = Standard(
    id="owasp-top10-2025",
    title="OWASP Top 10:2025",
    publisher="OWASP Foundation",
    version="2025",
    text="own-words",
    notice="Ids and titles come from the OWASP Top 10:2025, licence CC BY-SA 4.0.",
    groups=(Group("top10", "Top 10"),),
    controls=(
        Control("A03:2025", "Software Supply Chain Failures", "top10", "", ("software-current",)),
        Control("A07:2025", "Authentication Failures", "top10", "", ("passwords-strong", "remote-access-hardened")),
    ),
)

Row = Mapping[str, Scalar]


def result(
    check: str,
    status: Status,
    severity: Severity,
    title: str,
    fail_title: str,
    objective: str,
    topic: str,
    *rows: Row,
    reason: str | None = None,
    needs: str | None = None,
    fix: str | None = None,
    careful: str | None = None,
    undo: str | None = None,
    references: tuple[str, ...] = (),
    total: int | None = None,
    waiver: str | None = None,
    role: Role = Role.DETERMINES,
) -> Result:
    return Result(
        check=check,
        status=status,
        severity=severity,
        title=title,
        fail_title=fail_title,
        objective=objective,
        role=role,
        topic=topic,
        reason=reason,
        needs=needs,
        rows=rows,
        rows_total=len(rows) if total is None else total,
        why=f"This matters, because {fail_title[0].lower()}{fail_title[1:]} is how a thief gets in.",
        verify=f"sudo show-{check}",
        fix=fix,
        careful=careful,
        undo=undo,
        references=references,
        tables=(topic.replace("-", "_") + "_table",),
        waiver=waiver,
    )


RESULTS = (
    result(
        "ssh-root-login",
        Status.FAIL,
        Severity.CRITICAL,
        "Root cannot log in over SSH with a password",
        "Root can log in over SSH with a password",
        "remote-access-hardened",
        "ssh",
        {
            "pass": 0,
            "resource": "permitrootlogin",
            "actual": "yes",
            "expected": "no or prohibit-password",
            "path": "/etc/ssh/sshd_config",
            "line": 33,
        },
        fix="echo 'PermitRootLogin no' | sudo tee /etc/ssh/sshd_config.d/10-secaudit.conf\n"
        "sudo sshd -t && sudo systemctl reload ssh\n",
        careful="First make sure another account can log in with a key.",
        undo="sudo rm /etc/ssh/sshd_config.d/10-secaudit.conf && sudo systemctl reload ssh",
        references=("sshd_config(5)", "https://man.openbsd.org/sshd_config"),
    ),
    result(
        "ssh-max-auth-tries",
        Status.FAIL,
        Severity.LOW,
        "SSH allows at most 4 guesses a connection",
        "SSH allows many guesses a connection",
        "remote-access-hardened",
        "ssh",
        {"pass": 0, "resource": "maxauthtries", "actual": 10, "expected": "at most 4", "path": "/etc/ssh/sshd_config"},
        fix="echo 'MaxAuthTries 4' | sudo tee -a /etc/ssh/sshd_config.d/10-secaudit.conf",
        waiver="Build machines need it; Ayesha Khan; until 1 Mar 2026",
    ),
    result(
        "ssh-empty-passwords",
        Status.PASS,
        Severity.CRITICAL,
        "SSH refuses empty passwords",
        "SSH lets in accounts with an empty password",
        "remote-access-hardened",
        "ssh",
        {"pass": 1, "resource": "permitemptypasswords", "actual": "no", "expected": "no", "path": None, "line": None},
    ),
    result(
        "disk-encryption",
        Status.FAIL,
        Severity.CRITICAL,
        "The disk is encrypted",
        "The disk is not encrypted",
        "disks-encrypted",
        "disk",
        {"pass": 0, "resource": "/dev/nvme0n1p2", "actual": "ext4", "expected": "LUKS", "path": None, "line": None},
    ),
    result(
        "home-private",
        Status.FAIL,
        Severity.HIGH,
        "Other people cannot read home folders",
        "Other people can read home folders",
        "disks-encrypted",
        "home-folders",
        {
            "pass": 0,
            "resource": LONG_PATH,
            "actual": "0755",
            "expected": "no rights for others",
            "path": LONG_PATH,
            "line": None,
        },
        {
            "pass": 0,
            "resource": HOSTILE,
            "actual": HOSTILE,
            "expected": "",
            "path": HOSTILE,
            "line": 1,
            "extra": HOSTILE,
        },
        {
            "pass": None,
            "resource": "/home/omar",
            "actual": None,
            "expected": "no rights for others",
            "path": "/home/omar",
        },
        fix="chmod 700 ~",
        total=61,
        role=Role.SUPPORTS,
    ),
    result(
        "updates-pending",
        Status.FAIL,
        Severity.HIGH,
        "No security updates are waiting",
        "Security updates are waiting",
        "software-current",
        "updates",
        {"pass": 0, "resource": "openssl", "actual": "3.0.17", "expected": "3.0.18", "days": 63},
        fix="sudo apt update && sudo apt upgrade",
    ),
    result(
        "updates-automatic",
        Status.PASS,
        Severity.HIGH,
        "Security updates install themselves",
        "Nothing installs security updates",
        "software-current",
        "updates",
        {"pass": 1, "resource": "unattended-upgrades", "actual": "on", "expected": "on"},
    ),
    result(
        "password-hashes",
        Status.UNKNOWN,
        Severity.HIGH,
        "Passwords are stored with a slow hash",
        "Passwords are stored with a fast hash",
        "passwords-strong",
        "accounts",
        reason="/etc/shadow: permission denied",
        needs="root",
    ),
    result(
        "password-empty",
        Status.UNKNOWN,
        Severity.CRITICAL,
        "No account has an empty password",
        "An account has an empty password",
        "passwords-strong",
        "accounts",
        reason="/etc/shadow: permission denied",
        needs="root",
    ),
    result(
        "password-length",
        Status.UNKNOWN,
        Severity.MEDIUM,
        "New passwords have at least 12 characters",
        "Short passwords are accepted",
        "passwords-strong",
        "accounts",
        {"pass": None, "resource": "minlen", "actual": None, "expected": "at least 12", "path": "/etc/pam.d/<b>x</b>"},
        reason=f"a module was not understood: {HOSTILE}",
    ),
    result(
        "backup-recent",
        Status.PASS,
        Severity.MEDIUM,
        "A backup was made in the last week",
        "The last backup is older than a week",
        "backups-run",
        "backup",
        {"pass": 1, "resource": "restic", "actual": "1 day", "expected": "at most 7 days"},
    ),
    result(
        "screen-lock",
        Status.NOT_APPLICABLE,
        Severity.MEDIUM,
        "The screen locks itself",
        "The screen does not lock itself",
        "screen-locked",
        "desktop",
        reason="no desktop is installed",
    ),
    result(
        "ssh-banner",
        Status.FAIL,
        Severity.INFO,
        "SSH shows a notice before login",
        "SSH shows no notice before login",
        "remote-access-hardened",
        "ssh",
        {"pass": 0, "resource": "banner", "actual": "", "expected": "a file"},
        role=Role.INDICATES,
    ),
)

TABLES = (
    TableReport(
        "accounts_table",
        TableStatus.DENIED,
        "/etc/shadow: permission denied",
        "root",
        0,
        (Source("file", "/etc/shadow", error="EACCES"),),
    ),
    TableReport("desktop_table", TableStatus.ABSENT, "no desktop is installed", None, 0, ()),
    TableReport(
        "disk_table",
        TableStatus.OK,
        None,
        None,
        4,
        (Source("command", "lsblk --json", "ab" * 32, 0), Source("command", "cryptsetup status x", None, 4)),
    ),
    TableReport(
        "home_folders_table",
        TableStatus.PARTIAL,
        f"could not look into {HOSTILE}",
        "root",
        61,
        (*(Source("file", f"{LONG_PATH}{number}", "cd" * 32) for number in range(45)), Source("tree", HOSTILE)),
    ),
    TableReport("ssh_table", TableStatus.OK, None, None, 61, (Source("file", "/etc/ssh/sshd_config", "3f7a" * 16),)),
)


def assemble(
    results: tuple[Result, ...],
    objectives: tuple[Objective, ...] = OBJECTIVES,
    standards: tuple[Standard, ...] = (ISO, OWASP),
) -> Run:
    """A run of these results, rolled up as the program does it."""
    rolled = {objective.id: objective_result(objective, results) for objective in objectives}
    return Run(
        id="20251123T174758Z-3f7a91c2",
        tool=Tool("secaudit", "0.1.0"),
        content=ContentInfo("2025.11", "e1" * 32, ("check ssh-banner",)),
        target=TargetInfo("host", "studio-laptop", "Debian GNU/Linux 12 (bookworm)", "debian", False),
        profile="freelancer",
        profile_title="Freelancer's own computer",
        started="2025-11-23T17:47:58Z",
        finished="2025-11-23T17:48:02Z",
        partial=False,
        snapshot_sha256="3f7a91c2" * 8,
        score=score(results),
        counts=counts(results),
        plan=plan(results),
        results=results,
        objectives=tuple(rolled.values()),
        standards=tuple(standard_result(standard, rolled, results) for standard in standards),
        tables=TABLES,
        excluded=(Exclusion("desktop-*", "This machine has no screen."),),
        tailored=(
            Tailoring("ssh-max-auth-tries", "limit", 3, 4),
            Tailoring("ssh-ciphers", "allowed", ("aes256-gcm@openssh.com", "<b>"), ("aes256-gcm@openssh.com",)),
        ),
    )


def small_run() -> Run:
    """One of everything."""
    return assemble(RESULTS)


def clean_run() -> Run:
    """Nothing failed, nothing is open, root ran it."""
    run = assemble(tuple(item for item in RESULTS if item.status is Status.PASS))
    return replace(run, target=replace(run.target, is_root=True), tables=(), excluded=(), tailored=())


def blind_run() -> Run:
    """Interrupted, and too little was seen for a grade."""
    run = assemble(tuple(item for item in RESULTS if item.status is Status.UNKNOWN))
    return replace(run, partial=True)


_TOPICS = (
    "ssh",
    "accounts",
    "kernel-settings",
    "firewall",
    "updates",
    "disk",
    "file-permissions",
    "logging",
    "browser",
)
_THINGS = ("accept old ciphers", "are readable by everyone", "have no owner", "listen on all addresses", "keep no log")


def large_run(count: int = 500) -> Run:
    """As many checks as asked for, with the real standards and objectives of the checkout."""
    from secaudit.content.decode import decode
    from secaudit.content.root import content_root
    from secaudit.content.strict_yaml import parse

    folder = content_root() / "standards"
    objectives = decode(ObjectiveSet, parse((folder / "readiness.yaml").read_text("utf-8"))).objectives
    standards = tuple(
        decode(Standard, parse((folder / f"{name}.yaml").read_text("utf-8")))
        for name in ("iso27001-2022", "owasp-top10-2025")
    )
    technical = [objective.id for objective in objectives if EvidenceKind.HOST in objective.evidence]
    severities = tuple(Severity)
    statuses = (Status.PASS, Status.PASS, Status.FAIL, Status.PASS, Status.UNKNOWN, Status.PASS, Status.NOT_APPLICABLE)
    results = []
    for number in range(count):
        topic, thing = _TOPICS[number % len(_TOPICS)], _THINGS[number % len(_THINGS)]
        status = statuses[number * number % len(statuses)]
        path = f"/etc/{topic}/config.d/{number:03d}-local.conf"
        cell = {Status.PASS: 1, Status.FAIL: 0}.get(status)
        results.append(
            result(
                f"{topic}-setting-{number:03d}",
                status,
                severities[number // 3 % len(severities)],
                f"Services of group {number} do not {thing.removeprefix('are ')}",
                f"Services of group {number} {thing}",
                technical[number // 2 % len(technical)],
                topic,
                *(
                    {
                        "pass": cell,
                        "resource": f"option_{number}_{row}",
                        "actual": str(number % 9) if cell is not None else None,
                        "expected": "at most 3",
                        "path": path,
                        "line": 10 + row,
                    }
                    for row in range(1 + 3 * (number % 4 == 0))
                ),
                reason=None if cell is not None else f"/etc/{topic}: permission denied",
                needs="root" if status is Status.UNKNOWN and number % 2 else None,
                fix=f"sudo sed -i 's/^option_{number}.*/option_{number} 3/' {path}\nsudo systemctl restart {topic}",
                careful="Services stop for a second." if number % 3 else None,
                undo=f"sudo mv {path}.old {path}",
                references=("sshd_config(5)",),
            )
        )
    run = assemble(tuple(results), objectives, standards)
    tables = tuple(
        TableReport(
            topic.replace("-", "_") + "_table",
            TableStatus.OK,
            None,
            None,
            40,
            tuple(
                Source("file", f"/etc/{topic}/config.d/{number:03d}-local.conf", "3f7a" * 16) for number in range(60)
            ),
        )
        for topic in _TOPICS
    )
    return replace(run, tables=(*TABLES, *tables))
