"""log_config and audit_rules."""

from __future__ import annotations

import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

UNITS = "/usr/lib/systemd/system"
JOURNALD = {"/usr/lib/systemd/systemd-journald": "", f"{UNITS}/default.target": "[Unit]\n"}
RSYSLOG = {"/usr/sbin/rsyslogd": "#!"}


def values(root: Path, component: str, setting: str) -> list[str]:
    found = rows("log_config", root)
    return [str(row["value"]) for row in found if (row["component"], row["setting"]) == (component, setting)]


def rsyslog(tmp_path: Path, text: str, files: dict[str, str] | None = None) -> Path:
    return make_root(tmp_path, {**RSYSLOG, "/etc/rsyslog.conf": text, **(files or {})}, {"/usr/sbin/rsyslogd": 0o755})


@pytest.mark.parametrize(
    ("storage", "folder", "kept"),
    [
        (None, True, "journald"),
        (None, False, "none"),
        ("auto", True, "journald"),
        ("persistent", False, "journald"),
        ("volatile", True, "none"),
        ("none", True, "none"),
    ],
)
def test_where_the_journal_is_kept(tmp_path: Path, storage: str | None, folder: bool, kept: str) -> None:
    files = dict(JOURNALD)
    if storage:
        files["/etc/systemd/journald.conf.d/a.conf"] = f"[Journal]\nStorage={storage}\n"
    if folder:
        files["/var/log/journal/x"] = ""
    root = make_root(tmp_path, files)
    assert values(root, "system", "kept_on_disk") == [kept]
    assert values(root, "journald", "Storage") == [storage or "auto"]


def test_rsyslog_that_starts_keeps_logs(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            **JOURNALD,
            f"{UNITS}/rsyslog.service": "[Install]\nWantedBy=multi-user.target\n",
            f"{UNITS}/multi-user.target": "",
        },
    )
    (root / "usr/lib/systemd/system/default.target").unlink()
    (root / "usr/lib/systemd/system/default.target").symlink_to("multi-user.target")
    (root / "usr/lib/systemd/system/multi-user.target").write_text("[Unit]\n")
    wants = root / "etc/systemd/system/multi-user.target.wants"
    wants.mkdir(parents=True)
    (wants / "rsyslog.service").symlink_to(f"{UNITS}/rsyslog.service")
    assert values(root, "system", "kept_on_disk") == ["rsyslog"]


def test_rsyslog_defaults(tmp_path: Path) -> None:
    root = rsyslog(tmp_path, "*.* /var/log/all\n")
    assert values(root, "rsyslog", "file_create_mode") == ["0644"]
    assert values(root, "rsyslog", "network_input") == ["none"]
    assert values(root, "rsyslog", "remote_target") == ["none"]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("$UDPServerRun 514", "imudp 514"),
        ("$InputTCPServerRun 514", "imtcp 514"),
        ('input(type="imtcp" port="514")', "imtcp 514"),
        ('input(\n  type="imudp"\n  # why\n  port="514"\n  address="127.0.0.1"\n)', "local"),
        ('INPUT(Type="imrelp" Port="2514")', "imrelp 2514"),
        ('#input(type="imtcp" port="514")', "none"),
        ('/* input(type="imtcp" port="514")\n*/', "none"),
        ('input(type="imfile" File="/x")', "none"),
        ("$UDPServerRun 0", "none"),
    ],
)
def test_rsyslog_inputs_from_the_network(tmp_path: Path, line: str, value: str) -> None:
    assert values(rsyslog(tmp_path, line + "\n"), "rsyslog", "network_input") == [value]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("*.* @logs.example.net", "logs.example.net"),
        ("auth.*  @@(z9)logs.example.net:6514;RSYSLOG_Fmt", "logs.example.net"),
        ("*.* @[2001:db8::1]:514", "2001:db8::1"),
        ("*.* @127.0.0.1:5000", "local"),
        ("*.* :omrelp:logs.example.net:2514", "logs.example.net"),
        ('*.* action(type="omfwd" target="logs.example.net" port="6514" protocol="tcp")', "logs.example.net"),
        ("# *.* @@logs.example.net", "none"),
        ("*.emerg :omusrmsg:*", "none"),
    ],
)
def test_rsyslog_targets(tmp_path: Path, line: str, value: str) -> None:
    assert values(rsyslog(tmp_path, line + "\n"), "rsyslog", "remote_target") == [value]


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        ("*.* @logs.example.net", ["no"]),
        ("*.* @@logs.example.net", ["no"]),
        ("$ActionSendStreamDriverMode 1\n*.* @@logs.example.net", ["yes"]),
        ("*.* @@a.example.net\n$ActionSendStreamDriverMode 1\n*.* @@b.example.net", ["no", "yes"]),
        ("$ActionSendStreamDriverMode 1\n*.* @logs.example.net", ["no"]),
        ('action(type="omfwd" target="x" protocol="tcp" StreamDriver="gtls" StreamDriverMode="1")', ["yes"]),
        ('action(type="omfwd" target="x" protocol="tcp" StreamDriver="gtls")', ["no"]),
        ('action(type="omfwd" target="x" StreamDriverMode="1")', ["no"]),
        ('action(type="omrelp" target="x" tls="on")', ["yes"]),
        ('action(type="omkafka" broker="x")', ["unknown"]),
        ('action(type="omfwd" target="127.0.0.1")', []),
        ("*.* :omrelp:x:2514", ["no"]),
    ],
)
def test_whether_rsyslog_sends_encrypted(tmp_path: Path, text: str, answers: list[str]) -> None:
    assert values(rsyslog(tmp_path, text + "\n"), "rsyslog", "remote_encrypted") == answers


def test_rsyslog_includes_are_followed_and_loops_end(tmp_path: Path) -> None:
    root = rsyslog(
        tmp_path,
        '$FileCreateMode 0640\n*.* /var/log/a\n$IncludeConfig /etc/rsyslog.d/*.conf\ninclude(file="/etc/rsyslog.conf")\n',
        {
            "/etc/rsyslog.d/a.conf": "$FileCreateMode 0644\n*.* /var/log/b\n$IncludeConfig /etc/rsyslog.d/\n",
            "/etc/rsyslog.d/b.txt": "x\n",
        },
    )
    assert sorted(values(root, "rsyslog", "file_create_mode")) == ["0640", "0644"]


def test_rsyslog_module_parameter_for_the_mode(tmp_path: Path) -> None:
    root = rsyslog(tmp_path, 'module(load="builtin:omfile" FileCreateMode="0600")\n')
    assert values(root, "rsyslog", "file_create_mode") == ["0600"]


FILE, ACTION = "*.* {}\n", 'action(type="omfile" file="{}")\n'


@pytest.mark.parametrize(
    ("text", "unit_umask", "mode"),
    [
        (FILE, "0022", "0644"),
        (FILE, "0066", "0600"),
        ("$Umask 0077\n" + FILE, "0022", "0600"),
        ('global(umask="0077")\n' + FILE, "0022", "0600"),
        ("$FileCreateMode 0644\n$FileCreateMode 0600\n" + FILE, "0022", "0600"),
        (FILE + "$FileCreateMode 0600\n", "0022", "0644"),
        ('module(load="builtin:omfile" fileCreateMode="0600")\n' + FILE, "0022", "0644"),
        ('module(load="builtin:omfile" fileCreateMode="0600")\n' + ACTION, "0022", "0600"),
        ("$FileCreateMode 0600\n" + ACTION, "0022", "0644"),
        ('*.* action(type="omfile" file="{}" fileCreateMode="0640")\n', "0022", "0640"),
        (':msg, contains, "hi" -{}\n& stop\n', "0022", "0644"),
    ],
)
@pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="rsyslogd is not installed")
def test_modes_of_new_files_are_those_of_rsyslogd(tmp_path: Path, text: str, unit_umask: str, mode: str) -> None:
    log, place, config = tmp_path / "log", tmp_path / "s", tmp_path / "r.conf"
    inputs = f'module(load="imuxsock" sysSock.use="off")\ninput(type="imuxsock" Socket="{place}")\n'
    config.write_text(inputs + text.format(log))
    command = f"umask {unit_umask}; exec rsyslogd -n -f {config} -i {tmp_path / 'pid'}"
    daemon = subprocess.Popen(["sh", "-c", command], stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 20
        while not log.exists() and time.monotonic() < until:
            time.sleep(0.05)
            if place.exists():
                subprocess.run(["logger", "-u", str(place), "hi"], check=False, stderr=subprocess.DEVNULL)
        assert f"{log.stat().st_mode & 0o777:04o}" == mode
    finally:
        daemon.terminate()
        daemon.wait()
    root = rsyslog(tmp_path / "root", text.format("/var/log/x"))
    unit = root / UNITS.lstrip("/") / "rsyslog.service"
    unit.parent.mkdir(parents=True, exist_ok=True)
    unit.write_text(f"[Service]\nUMask={unit_umask}\n")
    assert values(root, "rsyslog", "file_create_mode") == [mode]


def test_hostile_rsyslog_configuration(tmp_path: Path) -> None:
    root = rsyslog(tmp_path, "action(" * 20_000 + '"' + "a=" * 50_000 + "\n" + "/*" * 10_000)
    assert read_table("log_config", root).status == "ok"


@pytest.mark.skipif(shutil.which("rsyslogd") is None, reason="rsyslogd is not installed")
def test_samples_are_what_rsyslog_takes(tmp_path: Path) -> None:
    """The forms judged above are forms that the real program accepts."""
    path = tmp_path / "r.conf"
    path.write_text(
        'module(load="imudp")\ninput(\n type="imudp"\n # why\n port="514"\n address="127.0.0.1"\n)\n'
        '/* input(type="nonsense")\n*/\n*.* @@(z9)logs.example.net:6514;RSYSLOG_ForwardFormat\n$FileCreateMode 0640\n'
    )
    done = subprocess.run(["rsyslogd", "-N1", "-f", str(path)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_syslog_ng(tmp_path: Path) -> None:
    text = (
        'source s { network(\n port(514)); };\ndestination d { tcp("logs.example.net" port(1)); };\n'
        "options { perm(0640); };\n"
    )
    root = make_root(
        tmp_path, {"/usr/sbin/syslog-ng": "#!", "/etc/syslog-ng/syslog-ng.conf": text}, {"/usr/sbin/syslog-ng": 0o755}
    )
    assert values(root, "syslog-ng", "network_input") == ["network"]
    assert values(root, "syslog-ng", "remote_target") == ["logs.example.net"]
    assert values(root, "syslog-ng", "file_create_mode") == ["0640"]


def test_logrotate_and_auditd(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/usr/sbin/logrotate": "#!",
            "/etc/logrotate.conf": "# x\nweekly\nrotate 4\ncompress\n/var/log/x {\n monthly\n}\n",
            "/etc/cron.daily/logrotate": "",
            "/etc/audit/auditd.conf": "max_log_file = 8\n#num_logs = 3\nmax_log_file_action = KEEP_LOGS\n",
        },
        {"/usr/sbin/logrotate": 0o755},
    )
    assert values(root, "logrotate", "schedule") == ["cron"]
    assert values(root, "logrotate", "frequency") == ["weekly"]
    assert values(root, "auditd", "max_log_file_action") == ["keep_logs"]
    assert values(root, "auditd", "num_logs") == []


# ---------------------------------------------------------------- audit_rules

RULES = """\
## comment
-D
-b 8192
-w /etc/passwd -p wa -k identity
-w /etc/sudoers.d/ -p w -k scope
-a always,exit -F arch=b64 -S adjtimex,settimeofday -S clock_settime -F key=time
-a exit,always -F path=/etc/shadow -F perm=wa -F key="my key"
-a never,task
-e 2
"""


def test_audit_rules_of_every_kind(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/audit/rules.d/50.rules": RULES, "/etc/audit/audit.rules": "-w /old\n"})
    found = rows("audit_rules", root)
    assert [row["kind"] for row in found] == [
        "control",
        "control",
        "watch",
        "watch",
        "syscall",
        "watch",
        "syscall",
        "control",
    ]
    assert (found[2]["watched"], found[2]["permissions"], found[2]["key"]) == ("/etc/passwd", "wa", "identity")
    assert found[3]["watched"] == "/etc/sudoers.d"
    assert found[4]["syscalls"] == " adjtimex settimeofday clock_settime "
    assert (found[4]["filters"], found[4]["action"], found[4]["key"]) == ("arch=b64", "always,exit", "time")
    assert (found[5]["watched"], found[5]["permissions"]) == ("/etc/shadow", "wa")
    assert found[6]["action"] == "never,task"
    assert (found[7]["control"], found[7]["line"]) == ("-e 2", 9)


@pytest.mark.parametrize(
    "rule",
    [
        "-w /etc/passwd -p wa",
        "-a always,exit -F path=/etc/passwd -F perm=wa",
        "-a exit,always -F arch=b64 -S all -F path=/etc/passwd -F perm=wa -F key=x",
    ],
)
def test_watches_are_written_in_three_ways(tmp_path: Path, rule: str) -> None:
    (row,) = rows("audit_rules", make_root(tmp_path, {"/etc/audit/rules.d/50.rules": rule + "\n"}))
    assert (row["kind"], row["watched"], row["permissions"]) == ("watch", "/etc/passwd", "wa")


def test_audit_rules_file_counts_without_rules_folder(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/audit/audit.rules": "-w /etc/passwd\n"})
    assert rows("audit_rules", root)[0]["permissions"] == "rwxa"


def test_no_audit_system_is_absent(tmp_path: Path) -> None:
    assert read_table("audit_rules", make_root(tmp_path, {})).status == "absent"


@pytest.mark.parametrize(
    ("release", "text", "value"),
    [
        ('ID=debian\nVERSION_ID="12"\n', "", ["yes"]),
        ('ID=debian\nVERSION_ID="13"\n', "", ["no"]),
        ("ID=debian\n", "", []),  # testing
        ('ID=ubuntu\nVERSION_ID="24.04"\n', "", ["yes"]),
        ('ID=ubuntu\nVERSION_ID="25.04"\n', "", ["no"]),
        ('ID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.4"\n', "", ["no"]),
        ('ID=debian\nVERSION_ID="12"\n', "ForwardToSyslog=No\n", ["no"]),
        ('ID=debian\nVERSION_ID="12"\n', "ForwardToSyslog=no # not here\n", ["yes"]),
        ('ID=debian\nVERSION_ID="12"\n', "ForwardToSyslog=no\nForwardToSyslog=\n", ["yes"]),
        ('ID=debian\nVERSION_ID="12"\n', "forwardtosyslog=no\n", ["yes"]),
        ("", "", []),
    ],
)
def test_what_the_journal_passes_on(tmp_path: Path, release: str, text: str, value: list[str]) -> None:
    files = {**JOURNALD, "/etc/systemd/journald.conf": f"[Journal]\n{text}"}
    root = make_root(tmp_path, {**files, "/etc/os-release": release} if release else files)
    assert values(root, "journald", "ForwardToSyslog") == value


@pytest.mark.parametrize(
    ("text", "value"), [("no", "no"), ("0", "no"), ("1K", "1K"), ("512", "512"), ("off ; x", "yes"), ("On", "yes")]
)
def test_compression_of_the_journal(tmp_path: Path, text: str, value: str) -> None:
    root = make_root(tmp_path, {**JOURNALD, "/etc/systemd/journald.conf": f"[Journal]\nCompress={text}\n"})
    assert values(root, "journald", "Compress") == [value]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('module(load="imuxsock")\n', ["imuxsock"]),
        ('module(load="imuxsock" SysSock.Use="off")\nmodule(load="imjournal" StateFile="x")\n', ["imjournal"]),
        ("$ModLoad imuxsock # provides support\n", ["imuxsock"]),
        ('#$ModLoad imuxsock\n#module(load="imjournal")\n*.* /var/log/all\n', ["none"]),
    ],
)
def test_what_rsyslog_could_take_from_the_journal(tmp_path: Path, text: str, value: list[str]) -> None:
    assert values(rsyslog(tmp_path, text), "rsyslog", "journal_input") == value
