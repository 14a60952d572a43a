"""sudo_rules and its parser, compared with what sudo's own cvtsudoers and visudo make of the same files."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from debian_roots import ROOTS
from secaudit.model import TableData
from tabletest import make_root, read_table, rows, rows_of

SUDO = {"/usr/bin/sudo": "#!/bin/sh\n"}
MODES = {"/usr/bin/sudo": 0o4755}
DIGEST = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

RULES = f"""\
# a comment that ends in a backslash \\
User_Alias FULL = millert, mikef, dowdy : PART = bostley, FULL, !mikef
Runas_Alias OP = root, operator, #33
Host_Alias SERVERS = primary, mail, 10.0.0.0/8, fe80::1, 1.2.3.4/255.255.0.0
Cmnd_Alias PAGERS = /usr/bin/more, /usr/bin/pg, /usr/bin/less
Cmd_Alias MIX = {DIGEST} /bin/ls, PAGERS, !/bin/x
root ALL = (ALL) ALL
%wheel   ALL=(ALL:ALL) NOPASSWD: ALL
#1000 SERVERS = /bin/ls -l \\, \\: \\= x, (OP:wheel) NOPASSWD:SETENV: /bin/cat, PASSWD: /bin/less ""
%#27, +net, "%Domain Users", jo\\ e ALL = NOEXEC: PAGERS, !/bin/su : boulder = /bin/kill, sudoedit /etc/hosts
PART ALL, !SERVERS = (:adm) MIX # trailing
bob ALL = (root) NOPASSWD: /usr/bin/apt-get update, /sbin/, ^/bin/(a|b)$ ^-x [0-9]+$, \\
   /bin/y --a=b c
!ed, ALL ALL = !!ALL
pete hppa = /usr/bin/passwd [A-Za-z]*, !/usr/bin/passwd *root*
bill ALL = ALL, !PAGERS, (!root) ALL
FULL SERVERS = (OP) NOPASSWD: MIX, PASSWD: PAGERS
"""


def _root(tmp_path: Path, text: str, more: dict[str, str | bytes] | None = None) -> Path:
    return make_root(tmp_path, {**SUDO, "/etc/sudoers": text, **(more or {})}, MODES)


def _oracle_items(items: list[dict[str, Any]]) -> str:
    """cvtsudoers' list of users, hosts or commands as the table shows it."""
    found = []
    for item in items:
        kind, value = next(
            (key, value) for key, value in item.items() if key != "negated" and not key.startswith("sha")
        )
        text = {"userid": f"#{value}", "usergid": f"%#{value}", "netgroup": f"+{value}"}.get(kind, str(value))
        if kind == "usergroup":
            text = f"%{value}"
        found.append(("!" if item.get("negated") else "") + text)
    return ", ".join(found)


def _oracle(path: Path) -> list[tuple[str, str, str, str, str, int]]:
    """(user, hosts, runas users, runas groups, command, nopasswd) of each rule, aliases expanded by sudo itself."""
    text = subprocess.run(["cvtsudoers", "-e", "-f", "json", str(path)], check=True, capture_output=True).stdout
    found = []
    for spec in json.loads(text).get("User_Specs", []):
        hosts = _oracle_items(spec["Host_List"])
        for user in spec["User_List"]:
            for commands in spec["Cmnd_Specs"]:
                free = {"authenticate": False} in commands.get("Options", [])
                groups = _oracle_items(commands.get("runasgroups", [])).replace("%", "")
                for command in commands["Commands"]:
                    found.append(
                        (
                            _oracle_items([user]),
                            hosts,
                            _oracle_items(commands.get("runasusers", [])),
                            groups,
                            _oracle_items([command]),
                            int(free),
                        )
                    )
    return found


def _ours(root: Path) -> list[tuple[str, str, str, str, str, int]]:
    return [
        (
            "!" * int(str(row["is_user_negated"])) + str(row["user"]),
            str(row["hosts"]),
            str(row["runas_users"]),
            str(row["runas_groups"]),
            "!" * int(str(row["is_command_negated"])) + str(row["command"]),
            int(str(row["nopasswd"])),
        )
        for row in rows("sudo_rules", root)
    ]


@pytest.mark.skipif(shutil.which("cvtsudoers") is None, reason="sudo is not installed")
def test_rules_are_those_that_cvtsudoers_finds(tmp_path: Path) -> None:
    root = _root(tmp_path, RULES)
    assert sorted(_ours(root)) == sorted(_oracle(root / "etc/sudoers"))


@pytest.mark.skipif(shutil.which("cvtsudoers") is None, reason="sudo is not installed")
@pytest.mark.parametrize("place", ["/etc/sudoers", *(f"{root}/etc/sudoers" for root in ROOTS.values())])
def test_sudoers_as_shipped_is_understood(tmp_path: Path, place: str) -> None:
    if not Path(place).exists():
        pytest.skip(f"{place} is not here")
    root = _root(tmp_path, Path(place).read_text().replace("/etc/sudoers.d", "/nowhere"))
    assert sorted(_ours(root)) == sorted(_oracle(root / "etc/sudoers"))


_WORDS = st.sampled_from(["ann", "%wheel", "#7", "%#8", "+net", "A1", "!bob", "ALL", "B2", '"%x y"', "j\\,x"])
_COMMANDS = st.sampled_from(
    ["ALL", "/bin/ls", "/bin/a -b c", "!/bin/su", "C1", "/sbin/", "NOPASSWD: /bin/x", "PASSWD: C1", "(root) /bin/y",
     "(ann:adm) NOPASSWD: ALL", "/bin/q a\\,b\\:c", 'NOEXEC: sudoedit /etc/x y', '/bin/e ""', "SETENV:NOPASSWD: C2"]
)  # fmt: skip
_SPECS = st.tuples(st.lists(_WORDS, min_size=1, max_size=3), st.lists(_COMMANDS, min_size=1, max_size=4))


@pytest.mark.skipif(shutil.which("cvtsudoers") is None, reason="sudo is not installed")
@settings(max_examples=40, deadline=None)
@given(specs=st.lists(_SPECS, min_size=1, max_size=4), joint=st.sampled_from([", ", ",", " , ", ", \\\n\t"]))
def test_any_mix_of_rules_is_read_as_cvtsudoers_reads_it(
    tmp_path_factory: pytest.TempPathFactory, specs: list[tuple[list[str], list[str]]], joint: str
) -> None:
    head = (
        "User_Alias A1 = u1, !u2, B2\nUser_Alias B2 = u3\nCmnd_Alias C1 = /bin/1, !/bin/2 x\nCmnd_Alias C2 = C1, /3\n"
    )
    text = head + "".join(f"{joint.join(users)} h1{joint}!h2 = {joint.join(cmds)}\n" for users, cmds in specs)
    root = _root(tmp_path_factory.mktemp("root"), text)
    assert sorted(_ours(root)) == sorted(_oracle(root / "etc/sudoers"))


def test_includes_follow_the_rules_for_names_and_relative_paths(tmp_path: Path) -> None:
    text = '@includedir /etc/sudoers.d\n#includedir /etc/none\n@include "more rules"\n#include other\n #include not\n'
    root = _root(
        tmp_path,
        text,
        {
            "/etc/sudoers.d/b": "b ALL=/b\n",
            "/etc/sudoers.d/a": "a ALL=/a",
            "/etc/sudoers.d/c.conf": "c ALL=/c\n",
            "/etc/sudoers.d/d~": "d ALL=/d\n",
            "/etc/more rules": "more ALL=/m\n",
            "/etc/other": "other ALL=/o\n@include o-%h\n",
            "/etc/o-box": "box ALL=/x\n",
            "/etc/hostname": "box.example.org\n",
            "/etc/not": "not ALL=/n\n",
        },
    )
    assert [(row["user"], row["path"]) for row in rows("sudo_rules", root)] == [
        ("a", "/etc/sudoers.d/a"),
        ("b", "/etc/sudoers.d/b"),
        ("more", "/etc/more rules"),
        ("other", "/etc/other"),
        ("box", "/etc/o-box"),
    ]


def test_options_before_a_command_are_shown_with_its_tags(tmp_path: Path) -> None:
    """cvtsudoers 1.9.13 writes broken JSON for these, so they are not in RULES."""
    found = rows("sudo_rules", _root(tmp_path, "bob ALL = (root) CWD=/tmp TIMEOUT=5m NOPASSWD: /bin/a, /bin/b\n"))
    assert [(row["command"], row["tags"]) for row in found] == [
        ("/bin/a", "NOPASSWD,CWD=/tmp,TIMEOUT=5m"),
        ("/bin/b", "NOPASSWD,CWD=/tmp,TIMEOUT=5m"),
    ]


@pytest.mark.parametrize(
    ("command", "program", "arguments"),
    [
        ("ALL", "", "any"),
        ("WHAT", "", "any"),
        ("/usr/bin/python3.11", "python", "any"),
        ("/usr/bin/vim.tiny -R x", "vim.tiny", "fixed"),
        ('/usr/bin/less ""', "less", "none"),
        ("/usr/bin/cat /var/log/*", "cat", "wildcard"),
        ("/usr/bin/*", "*", "wildcard"),
        ("/usr/sbin/", "", "folder"),
        ("^/bin/(a|b)$", None, "pattern"),
        ("/bin/a ^x[0-9]+$", "a", "pattern"),
        ("sudoedit /etc/hosts", "sudoedit", "fixed"),
    ],
)
def test_program_and_arguments_of_a_command(tmp_path: Path, command: str, program: str | None, arguments: str) -> None:
    row = rows("sudo_rules", _root(tmp_path, f"ann ALL = {command}\n"))[0]
    assert (row["program"], row["arguments"]) == (program, arguments)


def test_an_alias_that_is_not_defined_stays_as_it_is(tmp_path: Path) -> None:
    """cvtsudoers drops it."""
    found = rows("sudo_rules", _root(tmp_path, "WHO WHERE = (HOW) WHAT\n"))
    assert [(row["user"], row["hosts"], row["runas_users"], row["command"], row["is_all"]) for row in found] == [
        ("WHO", "WHERE", "HOW", "WHAT", 0)
    ]


def test_line_is_the_first_line_of_a_continued_rule(tmp_path: Path) -> None:
    root = _root(tmp_path, "\n# one\nann ALL = \\\n  /bin/a, \\\n /bin/b\nbob ALL=ALL\n")
    assert [(row["command"], row["line"]) for row in rows("sudo_rules", root)] == [
        ("/bin/a", 3),
        ("/bin/b", 3),
        ("ALL", 6),
    ]


@pytest.mark.parametrize(
    ("runas", "as_root"),
    [("", 1), ("(root)", 1), ("(ALL)", 1), ("(ann)", 0), ("(ALL, !root)", 0), ("(:adm)", 0), ("(%ops)", None)],
)
def test_as_root_tells_whether_the_command_can_run_as_root(tmp_path: Path, runas: str, as_root: int | None) -> None:
    assert rows("sudo_rules", _root(tmp_path, f"ann ALL = {runas} ALL\n"))[0]["as_root"] == as_root


@pytest.mark.parametrize(
    "line", ["ann ALL", "ann = ALL", "ann ALL = (root ALL", 'ann ALL = "', "User_Alias x = a", "="]
)
def test_a_line_that_is_not_understood_makes_the_table_partial(tmp_path: Path, line: str) -> None:
    data = read_table("sudo_rules", _root(tmp_path, f"{line}\nbob ALL=ALL\n"))
    assert data.status == "partial"
    assert "/etc/sudoers:1" in str(data.reason)
    assert [row["user"] for row in rows_of(data)] == ["bob"]


def test_a_missing_included_file_makes_the_table_partial(tmp_path: Path) -> None:
    data = read_table("sudo_rules", _root(tmp_path, "bob ALL=ALL\n@include /etc/gone\n"))
    assert (data.status, len(data.rows)) == ("partial", 1)


def test_rules_of_sssd_and_ldap_are_said_to_be_missing(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {"/etc/nsswitch.conf": "sudoers: files sss\n"}
    assert read_table("sudo_rules", _root(tmp_path, "bob ALL=ALL\n", files)).status == "ok"
    files["/etc/sssd/sssd.conf"] = "[sssd]\n"
    assert read_table("sudo_rules", _root(tmp_path, "bob ALL=ALL\n", files)).status == "partial"


def test_without_sudo_the_table_is_absent(tmp_path: Path) -> None:
    assert read_table("sudo_rules", make_root(tmp_path, {"/etc/sudoers": "bob ALL=ALL\n"})).status == "absent"
    assert read_table("sudo_rules", make_root(tmp_path / "2", {**SUDO}, MODES)).status == "absent"


def test_an_unreadable_sudoers_is_denied_and_an_unreadable_drop_in_partial(
    tmp_path: Path, as_nobody: Callable[[Callable[[], TableData]], TableData]
) -> None:
    for parent in [tmp_path, *tmp_path.parents][:3]:
        parent.chmod(0o755)
    root = _root(tmp_path / "a", "@includedir /etc/sudoers.d\n", {"/etc/sudoers.d/x": "bob ALL=ALL\n"})
    (root / "etc/sudoers.d/x").chmod(0)
    assert as_nobody(lambda: read_table("sudo_rules", root)).status == "partial"
    (root / "etc/sudoers").chmod(0)
    assert as_nobody(lambda: read_table("sudo_rules", root)).status == "denied"


def test_endless_includes_and_aliases_end(tmp_path: Path) -> None:
    aliases = "".join(f"Cmnd_Alias C{i} = C{i + 1}, C{i + 1}\n" for i in range(60))
    text = f"@include /etc/sudoers\n@includedir /etc/loop\n{aliases}User_Alias LOOP = LOOP, x\nLOOP ALL = C0, LOOP\n"
    data = read_table("sudo_rules", _root(tmp_path, text, {"/etc/loop/a": "@includedir /etc/loop\n"}))
    assert data.status == "partial"


def test_a_huge_file_and_any_bytes_are_read_in_linear_time(tmp_path: Path) -> None:
    began = time.monotonic()
    big = "u1 ALL = /bin/a, /bin/b\n" * 20_000 + "v ALL = " + "/bin/a, \\\n" * 20_000 + "/bin/z\n"
    assert read_table("sudo_rules", _root(tmp_path / "1", big)).status == "ok"
    noise: bytes = bytes(range(256)) * 400 + b"\n" + b'"\\' * 50_000 + b"\n" + b"!" * 100_000 + b"\n" + b"(" * 9_999
    data = read_table("sudo_rules", make_root(tmp_path / "2", {**SUDO, "/etc/sudoers": noise}, MODES))
    assert data.status == "partial"
    assert time.monotonic() - began < 10
