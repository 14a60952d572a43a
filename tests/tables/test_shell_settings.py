"""shell_settings and root_path: what startup files of shells set, with bash as the judge."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

SOURCES_FOLDER = "for i in /etc/profile.d/*.sh; do . $i; done\n"


def settings(tmp_path: Path, files: dict[str, str | bytes]) -> list[tuple[str, object, int, str, int]]:
    return [
        (str(row["name"]), row["value"], int(row["is_conditional"] or 0), str(row["path"]), int(row["line"] or 0))
        for row in rows("shell_settings", make_root(tmp_path, files))
    ]


def in_profile(tmp_path: Path, text: str) -> list[dict[str, str | int | None]]:
    return rows("shell_settings", make_root(tmp_path, {"/etc/profile": text}))


PLAIN = [
    ("TMOUT=900\n", "TMOUT", "900"),
    ("export TMOUT=900 # why\n", "TMOUT", "900"),
    ("readonly TMOUT='900'\n", "TMOUT", "900"),
    ('declare -xr TMOUT="900"\n', "TMOUT", "900"),
    ("TMOUT=1; TMOUT=900\n", "TMOUT", "900"),
    ("# TMOUT=1\n\n   TMOUT=9\\\n00\n", "TMOUT", "900"),
    ("cat <<EOF >/dev/null\nTMOUT=5\nEOF\nTMOUT=900\n", "TMOUT", "900"),
    ("if true; then :; fi\nTMOUT=900\n", "TMOUT", "900"),
    ("f() {\n :\n}\nTMOUT=900\n", "TMOUT", "900"),
    ("case x in\n y) : ;;\n *) : ;;\nesac\nTMOUT=900\n", "TMOUT", "900"),
    ("umask 027\n", "umask", "027"),
    ("umask 077; umask 0027\n", "umask", "0027"),
    ('TMOUT="9"00\n', "TMOUT", "900"),
    ("A='\n'; TMOUT=900\n", "TMOUT", "900"),
    ("for a in 1 2; do :; done; TMOUT=900\n", "TMOUT", "900"),
    ("while false; do TMOUT=3; done\nTMOUT=900\n", "TMOUT", "900"),
    ("TMOUT=3 true\nTMOUT=900\n", "TMOUT", "900"),
]


@pytest.mark.parametrize(("text", "name", "value"), PLAIN)
def test_the_last_unconditional_assignment(tmp_path: Path, text: str, name: str, value: str) -> None:
    found = [row for row in in_profile(tmp_path, text) if row["name"] == name and not row["is_conditional"]]
    assert found[-1]["value"] == value
    assert found[-1]["is_last"] == 1


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(("text", "name", "value"), PLAIN)
def test_bash_gives_the_same(tmp_path: Path, text: str, name: str, value: str) -> None:
    (tmp_path / "p").write_text(text)
    show = "umask" if name == "umask" else 'printf %s "$TMOUT"'
    argv = ["bash", "--noprofile", "--norc", "-c", f". {tmp_path}/p; {show}"]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, env={})
    assert done.stdout.strip().lstrip("0") == value.lstrip("0")


@pytest.mark.parametrize(
    "text",
    [
        'if [ "$UID" = 0 ]; then\n TMOUT=900\nfi\n',
        "[ -t 0 ] && TMOUT=900\n",
        "false || TMOUT=900\n",
        "f() { TMOUT=900; }\n",
        "case $- in\n *i*) TMOUT=900 ;;\nesac\n",
        "for i in 1; do TMOUT=900; done\n",
        "true | TMOUT=900\n",
    ],
)
def test_what_may_not_be_reached_is_conditional(tmp_path: Path, text: str) -> None:
    assert [(row["value"], row["is_conditional"]) for row in in_profile(tmp_path, text)] == [("900", 1)]


@pytest.mark.parametrize("value", ["$(cat /x)", "`cat /x`", "$OTHER", '"${OTHER:-900}"'])
def test_computed_values_are_not_guessed(tmp_path: Path, value: str) -> None:
    row = in_profile(tmp_path, f"TMOUT={value}\n")[0]
    assert (row["value"], row["number"]) == (None, None)


def test_readonly_in_a_line_of_its_own(tmp_path: Path) -> None:
    assert in_profile(tmp_path, "TMOUT=900\nreadonly TMOUT\nexport TMOUT\n")[0]["is_readonly"] == 1
    assert in_profile(tmp_path / "b", "TMOUT=900\nexport TMOUT\n")[0]["is_readonly"] == 0


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("umask 22", 0o22),
        ("umask u=rwx,g=rx,o=", 0o027),
        ("umask -S 077", 0o77),
        ("umask g-w", None),
        ("umask", "none"),
    ],
)
def test_umask_as_bits(tmp_path: Path, text: str, number: object) -> None:
    found = in_profile(tmp_path, text + "\n")
    assert (found[0]["number"] if found else "none") == number


def test_the_order_of_the_files(tmp_path: Path) -> None:
    found = settings(
        tmp_path,
        {
            "/etc/environment": "TMOUT=1\n# TMOUT=0\n",
            "/etc/profile": "TMOUT=2\n" + SOURCES_FOLDER,
            "/etc/profile.d/b.sh": "TMOUT=4\n",
            "/etc/profile.d/a.sh": "TMOUT=3\n",
            "/etc/profile.d/c.csh": "TMOUT=99\n",
            "/etc/bash.bashrc": "TMOUT=5\n",
            "/root/.profile": "TMOUT=98\n",
            "/root/.bash_profile": "TMOUT=6\n",
            "/root/.bashrc": "TMOUT=7\n",
        },
    )
    assert [value for _, value, *_ in found] == ["1", "2", "3", "4", "5", "6", "7"]


def test_a_profile_without_the_folder_does_not_read_it(tmp_path: Path) -> None:
    assert settings(tmp_path, {"/etc/profile": "TMOUT=2\n", "/etc/profile.d/a.sh": "TMOUT=3\n"}) == [
        ("TMOUT", "2", 0, "/etc/profile", 1)
    ]


# ---------------------------------------------------------------- root_path


def folders(root: Path) -> list[tuple[str, object]]:
    return [(str(row["folder"]), row["kind"]) for row in rows("root_path", root)]


def test_each_kind_of_entry(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/etc/profile": 'PATH="/usr/bin:$PATH:bin:.::$HOME/bin:$OTHER/x:/none"\nPATH=$PATH:~/own\nPATH+=:/sbin\n',
            "/usr/bin/x": "",
            "/root/bin/x": "",
            "/root/own/x": "",
            "/sbin/x": "",
        },
    )
    assert folders(root) == [
        ("/usr/bin", "absolute"),
        ("bin", "relative"),
        (".", "relative"),
        ("", "relative"),
        ("/root/bin", "absolute"),
        ("$OTHER/x", None),
        ("/none", "missing"),
        ("/root/own", "absolute"),
        ("/sbin", "absolute"),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PATH=/a:\n", ["/a", ""]),
        ("PATH=\n", [""]),
        ("PATH=$PATH:\n", [""]),
        ("PATH=/a${PATH:+:$PATH}\n", None),
        ("PATH=${PATH}:/a\n", ["/a"]),
        ("PATH=/a:${PATH:-/b}\n", ["/a"]),
    ],
)
def test_empty_entries_and_braces(tmp_path: Path, text: str, expected: list[str] | None) -> None:
    found = folders(make_root(tmp_path, {"/etc/profile": text}))
    if expected is None:  # not taken apart: then it is not known
        assert {kind for _, kind in found} == {None}
    else:
        assert [folder for folder, _ in found] == expected


def test_su_and_pam_have_paths_of_their_own(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {"/etc/login.defs": "ENV_SUPATH PATH=/a:/b\n", "/etc/environment": 'PATH="/c:/d"\n', "/d/x": ""}
    )
    assert folders(root) == [("/a", "missing"), ("/b", "missing"), ("/c", "missing"), ("/d", "absolute")]


def test_hostile_startup_files(tmp_path: Path) -> None:
    import os

    root = make_root(
        tmp_path,
        {
            "/etc/profile": b"PATH=\xff\x1b[2J'\nif " + b"$(" * 30_000 + b"\n" + b"{ " * 40_000 + b"'" + b'"' * 9_999,
            "/etc/bash.bashrc": "cat <<X\nTMOUT=1\n",
        },
    )
    os.mkfifo(root / "etc/environment")
    for name in ("shell_settings", "root_path"):
        assert read_table(name, root).status == "partial"
