"""sudo_defaults: the last setting of a scope counts, built-in defaults follow the installed version."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

SUDO = {"/usr/bin/sudo": "#!/bin/sh\n"}
MODES = {"/usr/bin/sudo": 0o4755}


def _status(version: str) -> str:
    return (
        f"Package: bash\nVersion: 5\n\nPackage: sudo\nStatus: install ok installed\nVersion: {version}\n\nPackage: x\n"
    )


def _root(tmp_path: Path, text: str, version: str = "1.9.13p3-1+deb12u4") -> Path:
    return make_root(tmp_path, {**SUDO, "/etc/sudoers": text, "/var/lib/dpkg/status": _status(version)}, MODES)


def _effective(root: Path) -> dict[tuple[object, object], object]:
    return {(row["scope"], row["name"]): row["value"] for row in rows("sudo_defaults", root) if row["is_effective"]}


def test_scopes_operators_and_quotes_are_kept_apart(tmp_path: Path) -> None:
    text = """\
Defaults env_reset, timestamp_timeout = 2.5 , !lecture
Defaults:%sudo env_keep += "http_proxy \\
    https_proxy"
Defaults:millert, FULL !authenticate
Defaults@SERVERS log_year, logfile=/var/log/sudo.log
Defaults!PAGERS noexec
Defaults>root,#0 set_logname
Defaults passprompt="a, b=\\"c\\" #x"
"""
    found = [
        (row["scope_kind"], row["scope"], row["name"], row["operator"], row["value"], row["number"], row["line"])
        for row in rows("sudo_defaults", _root(tmp_path, text))
        if not row["is_default"]
    ]
    assert found == [
        ("global", "", "env_reset", "=", "on", None, 1),
        ("global", "", "timestamp_timeout", "=", "2.5", 3, 1),
        ("global", "", "lecture", "=", "off", None, 1),
        ("user", "%sudo", "env_keep", "+=", "http_proxy https_proxy", None, 2),
        ("user", "millert, FULL", "authenticate", "=", "off", None, 4),
        ("host", "SERVERS", "log_year", "=", "on", None, 5),
        ("host", "SERVERS", "logfile", "=", "/var/log/sudo.log", None, 5),
        ("command", "PAGERS", "noexec", "=", "on", None, 6),
        ("runas", "root, #0", "set_logname", "=", "on", None, 7),
        ("global", "", "passprompt", "=", 'a, b="c" #x', None, 8),
    ]


def test_the_last_setting_for_everyone_counts(tmp_path: Path) -> None:
    found = rows("sudo_defaults", _root(tmp_path, "Defaults use_pty\nDefaults:ann !use_pty\nDefaults !use_pty\n"))
    pty = [(row["scope"], row["value"], row["is_effective"]) for row in found if row["name"] == "use_pty"]
    assert pty == [("", "on", 0), ("ann", "off", 1), ("", "off", 1)]


def test_a_negated_timeout_is_no_time_and_a_negative_one_stays(tmp_path: Path) -> None:
    for text, number in (("!timestamp_timeout", 0), ("timestamp_timeout=-1", -1), ("timestamp_timeout=0.5", 1)):
        found = rows("sudo_defaults", _root(tmp_path, f"Defaults {text}\n"))
        assert [row["number"] for row in found if row["name"] == "timestamp_timeout"] == [number]


@pytest.mark.parametrize(
    ("version", "value"), [("1.9.13p3-1+deb12u4", "off"), ("1.9.14-1", "on"), ("1.9.16p2-3", "on"), ("1.8.27-1", "off")]
)
def test_use_pty_is_built_in_since_1_9_14(tmp_path: Path, version: str, value: str) -> None:
    assert _effective(_root(tmp_path, "", version))["", "use_pty"] == value


def test_use_pty_is_null_when_the_version_is_not_known(tmp_path: Path) -> None:
    root = make_root(tmp_path, {**SUDO, "/etc/sudoers": "Defaults env_reset\n"}, MODES)
    assert _effective(root)["", "use_pty"] is None
    assert _effective(root)["", "timestamp_timeout"] == "5"


def test_the_version_comes_from_pacman_and_apk_too(tmp_path: Path) -> None:
    arch = make_root(
        tmp_path / "a", {**SUDO, "/etc/sudoers": "", "/var/lib/pacman/local/sudo-1.9.17.p2-2/desc": ""}, MODES
    )
    alpine = make_root(
        tmp_path / "b", {**SUDO, "/etc/sudoers": "", "/lib/apk/db/installed": "P:sudo\nV:1.9.12-r1\n"}, MODES
    )
    assert _effective(arch)["", "use_pty"] == "on"
    assert _effective(alpine)["", "use_pty"] == "off"


def test_a_line_that_is_not_understood_makes_the_table_partial(tmp_path: Path) -> None:
    for line in ("Defaults USE", "Defaults !a=b", "Defaults:", "Defaults a=b c"):
        data = read_table("sudo_defaults", _root(tmp_path, line + "\n"))
        assert data.status == "partial", line


def test_without_sudo_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("sudo_defaults", make_root(tmp_path, {})).status == "absent"


@pytest.mark.skipif(shutil.which("sudo") is None or os.geteuid() != 0, reason="sudo -V tells its settings to root only")
def test_settings_are_those_that_sudo_tells_of_this_machine() -> None:
    told = subprocess.run(
        ["sudo", "-V"], capture_output=True, text=True, env={"LC_ALL": "C", "PATH": os.environ["PATH"]}
    )
    ours = {row["name"]: row for row in rows("sudo_defaults") if row["is_effective"] and row["scope_kind"] == "global"}
    minutes = re.search(r"Authentication timestamp timeout: ([0-9.-]+) minutes", told.stdout)
    assert minutes
    assert float(minutes.group(1)) == float(str(ours["timestamp_timeout"]["value"]))
    path = re.search(r"Value to override user's \$PATH with: (.+)", told.stdout)
    assert (path.group(1) if path else "off") == ours["secure_path"]["value"]
    assert ("Always run commands in a pseudo-tty" in told.stdout) == (ours["use_pty"]["value"] == "on")
    assert ("Require users to authenticate by default" in told.stdout) == (ours["authenticate"]["value"] == "on")
    tries = re.search(r"Number of tries to enter a password: (\d+)", told.stdout)
    assert tries
    assert tries.group(1) == ours["passwd_tries"]["value"]
    facility = re.search(r"Syslog facility if syslog is being used for logging: (\w+)", told.stdout)
    assert (facility.group(1) if facility else "off") == ours["syslog"]["value"]
