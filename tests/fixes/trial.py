"""One trial: break, see it fail, paste the fix, see it pass, verify, paste it again, undo it, see it fail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from cases import Case
from fixroot import FixRoot, Shell

from secaudit.app.auditing import AuditRequest, collect_tables, epoch_s, open_target, utc_now
from secaudit.app.content import load as load_content
from secaudit.engine.compile import Compiled, Compiler
from secaudit.engine.evaluate import Evaluator, Outcome
from secaudit.engine.registry import all_tables
from secaudit.fixing.byhand import why_by_hand

CANNOT_WORK_HERE = {
    r"^sudo sysctl (-p|--system)": "the values of the kernel are those of the machine that runs the tests",
    r"^sudo modprobe -r": "so are its modules",
    r"^sudo mount -o remount": "nothing may be mounted in the copy",
    r"^sudo (update-grub|grub-mkconfig)": "the copy lies on no disk",
    r"^sudo augenrules --load": "the audit system of the kernel is that of the machine that runs the tests",
    r"^sudo apt(-get)? update": "there is no network",
    r"^sudo systemctl edit": "it wants a terminal; by_hand: does what the person does in it",
    r"^(sudo )?grep ": "it only looks, and finds nothing where nothing is left",
    r"^sudo reboot": "there is nothing to restart",
    r"^sudo /usr/share/elasticsearch/bin/elasticsearch-reset-password": "it is not a program of Debian",
}
"""Commands that may fail in the copy -> why. Everything else that a fix prints must end well."""

STARTS = re.compile(r"(systemctl (?:enable|disable|mask|unmask)) --now\b")
"""In a chroot systemctl enables and disables but cannot also start and stop, and fails because of that."""

NOT_RUNNABLE = re.compile(
    r"command not found|(unrecognized|invalid|unknown) (option|argument|command)|permission denied|syntax error", re.I
)
"""What a shell and programs say about a command that nobody can run as it is printed."""

NOT_IN_THE_COPY = re.compile(
    r"^.*\b(mysql|my_print_defaults|rabbitmqctl|docker|curl): command not found$", re.MULTILINE
)
"""Clients of servers that are too large for the copy, or that only its configuration stands for."""

VALIDATORS = {
    "sshd -t": ("/etc/ssh/sshd_config", "/etc/ssh/ssh_host"),
    "ssh -G host.example >/dev/null": ("/etc/ssh/ssh_config",),
    "su ayesha -c 'ssh -G host.example' >/dev/null": ("/home/ayesha/.ssh",),
    "visudo -c": ("/etc/sudoers",),
    "su ayesha -c 'SUDO_ASKPASS=/usr/local/lib/fixes-askpass sudo -k -A true'": ("/etc/sudoers", "/etc/pam.d", "/etc/security"),
    "nft -c -f /etc/nftables.conf": ("/etc/nftables",),
    "nginx -t": ("/etc/nginx",),
    "apache2ctl configtest": ("/etc/apache2",),
    "openssl ciphers >/dev/null && openssl list -providers >/dev/null": ("/etc/ssl/openssl.cnf",),
    "dockerd --validate >/dev/null": ("/etc/docker/daemon.json",),
    "php-fpm8.2 -t": ("/etc/php",),
    "command -v postfix >/dev/null || exit 0; postfix check": ("/etc/postfix",),
    "exim4 -bV >/dev/null": ("/etc/exim4",),
    "cupsd -t": ("/etc/cups",),
    "testparm -s >/dev/null": ("/etc/samba",),
    "mariadbd --help --verbose >/dev/null": ("/etc/mysql",),
    "ip link set lo up; install -d -o mosquitto /run/mosquitto; timeout 1 mosquitto -c /etc/mosquitto/mosquitto.conf; [ $? = 124 ]": ("/etc/mosquitto",),
    "ip link set lo up; timeout 1 redis-server /etc/redis/redis.conf --daemonize no; [ $? = 124 ]": ("/etc/redis",),
    "rsyslogd -N1": ("/etc/rsyslog",),
    "logrotate -d /etc/logrotate.conf": ("/etc/logrotate",),
    "apt-get check -qq && apt-config dump >/dev/null": ("/etc/apt", "/var/lib/dpkg/status"),
    "test -z \"$(dpkg --audit)\"": ("/var/lib/dpkg/status",),
    "modprobe --showconfig >/dev/null": ("/etc/modprobe.d",),
    "findmnt --verify --tab-file /etc/fstab 2>&1 | grep -q '^0 parse errors\\|Success'": ("/etc/fstab",),
    "getent passwd root ayesha >/dev/null && getent shadow root ayesha >/dev/null": ("/etc/passwd", "/etc/shadow"),
    "pwck -rq; [ $? -le 2 ] && grpck -r": ("/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow"),
    "su ayesha -c 'git config --list' >/dev/null": ("/home/ayesha/.gitconfig", "/etc/gitconfig"),
    "bash -n /etc/profile /home/ayesha/.bashrc": ("/etc/profile", "/home/ayesha/.bashrc"),
    "systemd-analyze --no-pager --man=no verify default.target 2>&1 | { ! grep -E '^/etc/.*(Unknown|Failed|Invalid|not absolute)'; }": ("/etc/systemd",),
}  # fmt: skip
"""A command of the system itself that must end well -> for changes below these places."""


@dataclass(slots=True)
class Result:
    """What a trial showed. Without problems it is right."""

    check: str
    problems: list[str] = field(default_factory=list)
    statuses: dict[str, str] = field(default_factory=dict)
    """Step -> status of the check."""
    log: str = ""
    """What the shells said."""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class Auditor:
    """All checks, compiled once."""

    def __init__(self, content: tuple[Path, ...] = ()) -> None:
        self.library = load_content(content)
        compiler = Compiler(all_tables())
        self.compiled = {name: compiler.compile(entry.value) for name, entry in sorted(self.library.checks.items())}

    def audit(self, root: Path, only: str | None = None) -> dict[str, Outcome]:
        """Audit a root as `secaudit audit --root` does, with the values that the checks ship with."""
        chosen: Mapping[str, Compiled] = self.compiled if only is None else {only: self.compiled[only]}
        names = {"os_version"}.union(*(item.tables for item in chosen.values()))
        files = tuple(sorted({pattern for item in chosen.values() for pattern in item.files}))
        access = open_target(root)
        try:
            snapshot = collect_tables(access, names, files, utc_now, AuditRequest(root=root, jobs=1), None)
        finally:
            access.close()
        evaluator = Evaluator(all_tables(), snapshot.tables, epoch_s(snapshot.started), snapshot.files)
        try:
            return {name: evaluator.evaluate(item) for name, item in chosen.items()}
        finally:
            evaluator.close()


def say(outcome: Outcome) -> str:
    """One line about an outcome, for people who mend a fix."""
    rows = "; ".join(
        f"{row.get('resource')}: {row.get('actual')} ({row.get('path')}:{row.get('line')})"
        for row in outcome.rows[:4]
        if row.get("pass") != 1
    )
    return f"{outcome.verdict.status} {outcome.verdict.reason or ''} {rows}".strip()


class Trial:
    """Steps through one case."""

    def __init__(self, auditor: Auditor, case: Case, copy: FixRoot, thorough: bool) -> None:
        self.auditor, self.case, self.copy, self.thorough = auditor, case, copy, thorough
        self.check = auditor.library.checks[case.check].value
        self.result = Result(case.check)

    def run(self) -> Result:
        """Carry out all steps; stops at the first that makes the next ones meaningless."""
        case, result = self.case, self.result
        if case.setup.strip() and not self._prepare("setup", case.setup):
            return result
        self._look("baseline")
        if not self._prepare("break", case.break_it):
            return result
        broken = self._look("broken", everything=self.thorough)
        if broken[case.check].verdict.status != "fail":
            result.problems.append(f"broken, but the check says: {say(broken[case.check])}")
            return result
        if case.edit:
            self.copy.set_editor(case.edit)
        if case.by_hand:
            self._prepare("by_hand", case.by_hand)
        fix = self.check.fix_for("debian")
        assert fix, f"{case.check} has no fix for Debian"
        self._paste("fix", fix, case.answers)
        fixed = self._look("fixed", everything=self.thorough)
        self._must_be(case.good, fixed, "after the fix")
        self._validate()
        self._paste_verify()
        for name, before in broken.items():
            if (
                name in fixed
                and before.verdict.status == "pass"
                and fixed[name].verdict.status == "fail"
                and name not in case.also_fails
            ):
                result.problems.append(f"the fix makes {name} fail: {say(fixed[name])}")
        if self.thorough:
            for name in case.also_fails:
                if not (broken[name].verdict.status == "pass" and fixed[name].verdict.status == "fail"):
                    result.problems.append(f"also_fails: {name} does not fail because of the fix")
        self._paste("fix again", fix, case.answers)
        self._must_be(case.good, self._look("fixed again"), "after pasting the fix twice")
        if self.check.undo and not case.undo:
            self._paste("undo", self.check.undo, case.undo_answers)
            self._must_be("fail", self._look("undone"), "after the undo")
        elif case.undo and not self.check.undo:
            result.problems.append("undo: says why the undo is not tried, but the check has none")
        return result

    def _look(self, step: str, everything: bool = False) -> dict[str, Outcome]:
        found = self.auditor.audit(self.copy.view, None if everything else self.case.check)
        self.result.statuses[step] = str(found[self.case.check].verdict.status)
        return found

    def _must_be(self, wanted: str, found: dict[str, Outcome], when: str) -> None:
        outcome = found[self.case.check]
        if outcome.verdict.status != wanted:
            self.result.problems.append(f"{when} it must be {wanted}, but the check says: {say(outcome)}")

    def _prepare(self, step: str, text: str) -> bool:
        shell = self._note(step, self.copy.run(f"set -e\n{text}"))
        if shell.failed or shell.timed_out:
            self.result.problems.append(f"{step}: {', '.join(shell.failed) or 'no end within the time limit'}")
        return not shell.failed and not shell.timed_out

    def _paste(self, step: str, text: str, answers: str) -> None:
        for name, value in self.case.put.items():
            if name not in text:
                self.result.problems.append(f"{step}: put: {name} is not in the text")
            text = text.replace(name, value)
        if self.case.only:
            text = "\n".join(line for line in text.splitlines() if re.search(self.case.only, line))
        if self.case.folder:
            text = f"cd {self.case.folder}\n{text}"
        text = STARTS.sub(r"\1", text)
        shell = self._note(step, self.copy.run(text, self.case.run_as, answers, self.case.session))
        if shell.timed_out:
            self.result.problems.append(f"{step}: no end within the time limit")
        is_scripted = why_by_hand(self.check, text) is None
        if shell.exit_code and not shell.failed and is_scripted and step != "fix again":
            self.result.problems.append(f"{step}: ends with exit code {shell.exit_code}, which stops a fix script")
        for line in shell.failed:
            command = line.partition("\t")[2]
            if step != "fix again" and not any(re.search(pattern, command) for pattern in CANNOT_WORK_HERE):
                self.result.problems.append(f"{step}: a command failed: {line}")

    def _paste_verify(self) -> None:
        """The command that shows the same without us: what it finds is its own matter, but it must exist and be allowed."""
        text = f"cd {self.case.folder}\n{self.check.verify}" if self.case.folder else self.check.verify
        shell = self._note("verify", self.copy.run(text, self.case.run_as, session=self.case.session))
        if "Failed to connect to bus" in shell.output:
            return  # it asks a running systemd, and here is none
        told = NOT_IN_THE_COPY.sub("", shell.output)
        if shell.timed_out or NOT_RUNNABLE.search(told):
            self.result.problems.append(f"verify: {told[-300:]}")

    def _validate(self) -> None:
        changed = self.copy.changed()
        for command, places in VALIDATORS.items():
            if changed is None or any(path.startswith(places) for path in changed):
                here = (
                    f"! command -v {command.split()[0]} >/dev/null || " if changed is None else ""
                )  # then all are asked
                shell = self.copy.run(f"{here}( {command} ) || echo BAD")
                if shell.output.endswith("BAD\n"):
                    self.result.problems.append(f"after the fix this fails: {command}\n{shell.output[-600:]}")

    def _note(self, step: str, shell: Shell) -> Shell:
        self.result.log += f"--- {step}\n{shell.output[-3000:]}\n"
        return shell
