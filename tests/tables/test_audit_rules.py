"""audit_rules, audit_calls, audit_log_files, auditd_config: what is recorded after the start, as auditctl would have it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host._auditrules import version_order
from secaudit.tables.host.audit_status import join_rules
from tabletest import make_root, read_table, rows

ELF_X86_64 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\x3e\x00" + bytes(44)
ELF_ARM64 = b"\x7fELF\x02\x01\x01" + bytes(9) + b"\x02\x00\xb7\x00" + bytes(44)
ELF_I386 = b"\x7fELF\x01\x01\x01" + bytes(9) + b"\x02\x00\x03\x00" + bytes(44)
UNIT = "/usr/lib/systemd/system/auditd.service"


def audit_root(tmp_path: Path, files: dict[str, str | bytes]) -> Path:
    return make_root(tmp_path, {"/etc/group": "root:x:0:\nadm:x:4:\n", **files})


def rules_of(tmp_path: Path, text: str) -> list[dict[str, str | int | None]]:
    return rows("audit_rules", audit_root(tmp_path, {"/etc/audit/rules.d/a.rules": text}))


def calls_of(tmp_path: Path, text: str, elf: bytes = ELF_X86_64) -> dict[tuple[str, str], dict[str, str | int | None]]:
    root = audit_root(tmp_path, {"/etc/audit/rules.d/a.rules": text, "/usr/sbin/auditctl": elf})
    return {(str(row["call"]), str(row["abi"])): row for row in rows("audit_calls", root)}


# ---------------------------------------------------------------- which rules are loaded


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("-w relative -p wa", "the path does not begin with /"),
        ("-w\t/etc/group -p wa", "the path does not begin with /"),
        ("-w /etc/group -p wa # why", "# is not understood"),
        ("-w /etc/group -p wq", "-p wq has letters other than rwxa"),
        ("-w /etc/nosuch/x -p wa", "/etc/nosuch does not exist"),
        ("-a always,exit -F dir=/etc/nosuch -F perm=wa", "/etc/nosuch does not exist"),
        ('-w /etc/group -p wa -k "my key"', 'key" is not understood'),
        ("-a always,exit -F arch=b64 -S adjtimex, settimeofday", "settimeofday is not understood"),
        ("-S adjtimex -a always,exit -F arch=b64", "arch stands after -S"),
        ("-a always -S adjtimex", "-a always is no list with an action"),
        ('-a always,exit -F "auid>=1000"', '-F "auid>=1000" is no condition'),
        ("-w", "-w needs a word after it"),
    ],
)
def test_a_refused_line_ends_the_loading(tmp_path: Path, line: str, problem: str) -> None:
    """Each of these was refused by auditctl -R of audit 3.0.9, and nothing after it was loaded."""
    first, second, third = rules_of(tmp_path, f"-w /etc/passwd -p wa\n{line}\n-w /etc/shadow -p wa\n")
    assert (first["loaded"], first["records"], first["problem"]) == (1, 1, "")
    assert (second["loaded"], second["problem"]) == (0, problem)
    assert (third["loaded"], third["records"]) == (0, 0)
    assert third["problem"] == "loading stops at line 2 of /etc/audit/rules.d/a.rules"


@pytest.mark.parametrize("option", ["-c", "-i"])
def test_loading_goes_on_when_told_so(tmp_path: Path, option: str) -> None:
    found = rules_of(tmp_path, f"{option}\n-w /etc/nosuch/x -p wa\n-w /etc/shadow -p wa\n")
    assert [row["loaded"] for row in found] == [1, 0, 1]


def test_the_same_rule_twice_is_refused_but_another_key_is_not(tmp_path: Path) -> None:
    text = "-w /etc/passwd -p wa -k a\n-w /etc/passwd -p aw -k b\n-w /etc/passwd/ -p wa -k a\n-w /etc/group\n"
    found = rules_of(tmp_path, text)
    assert [row["loaded"] for row in found] == [1, 1, 0, 0]
    assert found[2]["problem"] == "the same rule stands before"


def test_folders_are_watched_whole_but_not_with_path(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path,
        {
            "/etc/audit/rules.d/a.rules": "-w /etc/ssh/\n-a always,exit -F path=/etc -F perm=wa\n"
            "-a always,exit -F dir=/etc -F perm=wa\n-w/etc/passwd\n",
            "/etc/ssh/sshd_config": "",
        },
    )
    found = rows("audit_rules", root)
    assert [(row["place"], row["recursive"]) for row in found] == [
        ("/etc/ssh", 1),
        ("/etc", 0),
        ("/etc", 1),
        ("/etc/passwd", 0),
    ]


def test_links_on_the_way_are_resolved_and_the_last_name_is_not(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path,
        {"/etc/audit/rules.d/a.rules": "-w /bin/su -p x\n-w /etc/localtime\n", "/usr/bin/su": "", "/usr/share/z": ""},
    )
    (root / "bin").symlink_to("usr/bin")
    (root / "etc/localtime").symlink_to("/usr/share/z")
    assert [row["place"] for row in rows("audit_rules", root)] == ["/usr/bin/su", "/etc/localtime"]


@pytest.mark.parametrize(
    ("filters", "who", "outcome", "limits"),
    [
        ("", "everyone", "", ""),
        ("-F auid>=1000 -F auid!=unset", "people", "", ""),
        ("-F auid!=4294967295 -F auid>=500", "people", "", ""),
        ("-F auid>999 -F auid!=-1", "people", "", ""),
        ("-F auid>=2000 -F auid!=-1", "some", "", ""),
        ("-F auid=1001", "some", "", ""),
        ("-F auid=0 -F auid!=unset", "some", "", ""),
        ("-F exit=-EACCES", "everyone", "EACCES", ""),
        ("-F success=0", "everyone", "failure", ""),
        ("-F uid=33", "everyone", "", "uid=33"),
        ("-F exe=/usr/bin/x -F auid!=unset", "people", "", "exe=/usr/bin/x"),
        ("-C euid!=uid", "everyone", "", "compare!=uid"),
    ],
)
def test_what_a_rule_is_limited_to(tmp_path: Path, filters: str, who: str, outcome: str, limits: str) -> None:
    row = rules_of(tmp_path, f"-a always,exit -F arch=b64 -S open {filters} -k x\n")[0]
    assert (row["who"], row["outcome"], row["limits"], row["key"]) == (who, outcome, limits, "x")


def test_an_exclusion_before_a_rule_takes_its_events(tmp_path: Path) -> None:
    text = (
        "-a never,exit -F dir=/etc\n-w /etc/passwd -p wa\n-w /var -p wa\n"
        "-a never,exit -F arch=b64 -S adjtimex -F auid=unset -F uid=chrony\n"
        "-a always,exit -F arch=b64 -S adjtimex -k t\n"
    )
    (tmp_path / "var").mkdir()
    assert [row["records"] for row in rules_of(tmp_path, text)] == [0, 0, 1, 0, 1]


def test_a_rule_about_a_file_for_one_kind_of_program_needs_its_twin(tmp_path: Path) -> None:
    text = "".join(
        f"-a always,exit -F arch={arch} -F path=/etc/{name} -F perm=wa -k x\n"
        for arch, name in (("b64", "passwd"), ("b64", "group"), ("b32", "group"))
    )
    assert [row["limits"] for row in rules_of(tmp_path, text)] == ["arch=b64", "", ""]


def test_all_calls_on_a_file_is_a_rule_about_the_file(tmp_path: Path) -> None:
    """So `auditctl -l` writes what was given without -S."""
    row = rules_of(tmp_path, "-a always,exit -S all -F path=/etc/passwd -F perm=wa\n")[0]
    assert (row["kind"], row["syscalls"], row["permissions"]) == ("watch", "", "wa")


def test_many_exclusions_are_not_passed_over_in_silence(tmp_path: Path) -> None:
    text = "".join(f"-a never,exit -F path=/etc/x{number}\n" for number in range(101))
    assert read_table("audit_rules", audit_root(tmp_path, {"/etc/audit/rules.d/a.rules": text})).status == "partial"


# ---------------------------------------------------------------- which files count


def test_an_empty_rules_folder_means_no_rules_where_augenrules_runs(tmp_path: Path) -> None:
    """augenrules writes an empty audit.rules then, so the old content of that file must not count."""
    root = audit_root(
        tmp_path,
        {
            UNIT: "[Service]\nExecStart=/sbin/auditd\nExecStartPost=-/sbin/augenrules --load\n",
            "/etc/audit/audit.rules": "-w /etc/passwd -p wa\n",
        },
    )
    (root / "etc/audit/rules.d").mkdir()
    assert rows("audit_rules", root) == []


def test_the_unit_may_load_a_file_instead_of_the_folder(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path,
        {
            UNIT: "[Service]\nExecStart=/sbin/auditd\nExecStartPost=-/sbin/augenrules --load\n",
            "/etc/systemd/system/auditd.service.d/x.conf": "[Service]\nExecStartPost=\n"
            "ExecStartPost=-/sbin/auditctl -R /etc/audit/mine.rules\n",
            "/etc/audit/mine.rules": "-w /etc/shadow\n-e 2\n-w /etc/group\n",
            "/etc/audit/rules.d/a.rules": "-w /etc/passwd\n",
        },
    )
    found = rows("audit_rules", root)
    assert [row["rule"] for row in found] == ["-w /etc/shadow", "-e 2", "-w /etc/group"]
    assert [row["loaded"] for row in found] == [1, 1, 0]


@pytest.mark.parametrize(("word", "path"), [("yes", "rules.d/a.rules"), ("no", "audit.rules")])
def test_sysv_scripts_say_it_in_their_defaults(tmp_path: Path, word: str, path: str) -> None:
    root = audit_root(
        tmp_path,
        {
            "/etc/init.d/auditd": "#!/bin/sh\naugenrules --load\n",
            "/etc/default/auditd": f'USE_AUGENRULES="{word}"\n',
            "/etc/audit/audit.rules": "-w /etc/shadow\n",
            "/etc/audit/rules.d/a.rules": "-w /etc/passwd\n",
        },
    )
    assert [row["path"] for row in rows("audit_rules", root)] == [f"/etc/audit/{path}"]


def test_files_come_in_the_order_of_ls_v() -> None:
    names = ["10-b.rules", "9-a.rules", "audit.rules", "99-z.rules"]
    assert sorted(names, key=version_order) == ["9-a.rules", "10-b.rules", "99-z.rules", "audit.rules"]


@pytest.mark.skipif(shutil.which("augenrules") is None or os.geteuid() != 0, reason="augenrules, as root")
def test_joined_rules_are_those_of_augenrules(tmp_path: Path) -> None:
    """The real program writes its file from the same folder; a private mount keeps this machine's files untouched."""
    files = {
        "10-x.rules": "-e 2\n## c\n\n-w /etc/passwd -p wa -k a\n-b 8192\n",
        "9-y.rules": "-D\n-f 1\n-a always,exit -F arch=b64 -S adjtimex\n-b 64\n",
        "zz.rules": "-e 1\n--backlog_wait_time 60000\n-D -k a\n",
        "not.txt": "-w /etc/never\n",
    }
    folder = tmp_path / "audit/rules.d"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    script = f"mount --bind {tmp_path}/audit /etc/audit && augenrules >/dev/null; cat /etc/audit/audit.rules"
    done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, check=False)
    if "permitted" in done.stderr:
        pytest.skip("no private mounts here")
    order = sorted((name for name in files if name.endswith(".rules")), key=version_order)
    written = [line for line in done.stdout.splitlines() if line and not line.startswith("#")]
    assert written == join_rules([files[name] for name in order])


# ---------------------------------------------------------------- system calls


def test_each_kind_of_program_needs_a_rule_of_its_own(tmp_path: Path) -> None:
    found = calls_of(tmp_path, "-a always,exit -F arch=b64 -S adjtimex,settimeofday -F key=t\n")
    assert (found["adjtimex", "b64"]["everyone"], found["adjtimex", "b32"]["everyone"]) == (1, 0)
    assert found["adjtimex", "b64"]["line"] == 1
    assert found["clock_settime", "b64"]["everyone"] == 0


def test_names_without_architecture_mean_the_machines_own(tmp_path: Path) -> None:
    found = calls_of(tmp_path, "-a always,exit -S adjtimex\n")
    assert (found["adjtimex", "b64"]["everyone"], found["adjtimex", "b32"]["everyone"]) == (1, 0)


def test_rules_with_limits_do_not_count(tmp_path: Path) -> None:
    found = calls_of(
        tmp_path, "-a always,exit -F arch=b64 -S chmod -F uid=33\n-a always,exit -F arch=b64 -S chown -F auid=1001\n"
    )
    assert (found["chmod", "b64"]["people"], found["chown", "b64"]["people"]) == (0, 0)


def test_people_everyone_and_all_calls(tmp_path: Path) -> None:
    found = calls_of(
        tmp_path, "-a always,exit -F arch=b64 -S all -F auid>=1000 -F auid!=unset\n-a always,exit -F arch=b32\n"
    )
    assert (found["mount", "b64"]["everyone"], found["mount", "b64"]["people"]) == (0, 1)
    assert (found["mount", "b32"]["everyone"], found["mount", "b32"]["people"]) == (1, 1)


@pytest.mark.parametrize(
    ("outcomes", "denied"),
    [(["EACCES", "EPERM"], 1), (["EACCES"], 0), (["EPERM"], 0)],
)
def test_refusals_have_two_numbers(tmp_path: Path, outcomes: list[str], denied: int) -> None:
    text = "".join(f"-a always,exit -F arch=b64 -S open -F exit=-{one} -F auid>=1000\n" for one in outcomes)
    row = calls_of(tmp_path, text)["open", "b64"]
    assert (row["denied"], row["people"]) == (denied, 0)


def test_acting_as_somebody_else(tmp_path: Path) -> None:
    row = calls_of(tmp_path, "-a always,exit -F arch=b64 -C euid!=uid -F auid!=unset -S execve\n")["execve", "b64"]
    assert (row["as_other"], row["people"]) == (1, 0)


def test_never_task_leaves_nothing(tmp_path: Path) -> None:
    found = calls_of(tmp_path, "-a always,exit -F arch=b64 -S mount\n-a task,never\n")
    assert found["mount", "b64"]["everyone"] == 0


def test_machines_differ_in_their_calls(tmp_path: Path) -> None:
    arm = calls_of(tmp_path / "arm", "-D\n", ELF_ARM64)
    assert ("chmod", "b64") not in arm
    assert {("chmod", "b32"), ("fchmodat", "b64")} <= set(arm)
    small = calls_of(tmp_path / "i386", "-a always,exit -S mount\n", ELF_I386)
    assert ("mount", "b64") not in small
    assert small["mount", "b32"]["everyone"] == 1


def test_a_kernel_without_32_bit_programs(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path,
        {
            "/etc/audit/rules.d/a.rules": "-D\n",
            "/usr/sbin/auditctl": ELF_X86_64,
            "/boot/vmlinuz-6.1.0-1-amd64": "",
            "/boot/config-6.1.0-1-amd64": "CONFIG_X86_64=y\n# CONFIG_IA32_EMULATION is not set\n",
        },
    )
    assert {row["abi"] for row in rows("audit_calls", root)} == {"b64"}


# ---------------------------------------------------------------- auditd.conf and the log

CONF = """\
# comment
log_file = /srv/Log/a.log
LOG_GROUP = adm
max_log_file = 8
max_log_file=99
flush = DATA
flush = NONE
space_left_action = EXEC /usr/local/bin/warn
num_logs = 5 6 7
"""


def test_settings_of_the_audit_service(tmp_path: Path) -> None:
    root = audit_root(tmp_path, {"/etc/audit/auditd.conf": CONF})
    found = {str(row["name"]): (row["value"], row["is_default"], row["line"]) for row in rows("auditd_config", root)}
    assert found["log_file"] == ("/srv/Log/a.log", 0, 2)
    assert found["max_log_file"] == ("8", 0, 4)  # without blanks around the sign a line counts for nothing
    assert found["flush"] == ("none", 0, 7)
    assert found["space_left_action"] == ("exec /usr/local/bin/warn", 0, 8)
    assert found["num_logs"] == ("0", 1, None)
    assert found["disk_full_action"] == ("ignore", 1, None)


def test_the_log_lies_where_the_settings_say(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path,
        {"/etc/audit/auditd.conf": CONF, "/srv/Log/a.log": "", "/srv/Log/a.log.1": "", "/srv/Log/other": ""},
    )
    (root / "srv/Log").chmod(0o750)
    (root / "srv/Log/a.log.1").chmod(0o604)
    found = rows("audit_log_files", root)
    assert [(row["path"], row["kind"], row["mode_octal"]) for row in found] == [
        ("/srv/Log", "folder", "0750"),
        ("/srv/Log/a.log", "log", found[1]["mode_octal"]),
        ("/srv/Log/a.log.1", "log", "0604"),
    ]
    assert {row["log_group"] for row in found} == {"adm"}


@pytest.mark.parametrize("name", ["auditd_config", "audit_log_files", "audit_calls"])
def test_without_audit_system(tmp_path: Path, name: str) -> None:
    assert read_table(name, make_root(tmp_path, {})).status == "absent"


def test_hostile_rules(tmp_path: Path) -> None:
    root = audit_root(
        tmp_path, {"/etc/audit/rules.d/a.rules": b"-w \xff\x1b[2J -p\n" + b"-F " * 50_000 + b"\n-a\n\x00"}
    )
    os.mkfifo(root / "etc/audit/rules.d/b.rules")
    data = read_table("audit_rules", root)
    assert data.status == "partial"
    assert "b.rules" in str(data.reason)


@pytest.mark.skipif(shutil.which("auditctl") is None, reason="auditctl is not installed")
def test_status_of_this_machine_says_something() -> None:
    data = read_table("audit_status")
    assert (data.status == "ok" and len(data.rows) == 1) or data.reason
