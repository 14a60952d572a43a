"""apt_config against `apt-config dump`."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, open_to_others, read_table, rows

D = "/etc/apt/apt.conf.d/"
needs_apt = pytest.mark.skipif(shutil.which("apt-config") is None, reason="apt is not installed")


def ours(root: Path) -> list[tuple[str, str]]:
    return sorted((str(row["name"]), str(row["value"])) for row in rows("apt_config", root) if row["value"] != "")


def theirs(root: Path) -> tuple[list[tuple[str, str]], str]:
    """What apt-config prints for this root, less what it prints for none."""

    def dump(parts: str, main: str) -> subprocess.CompletedProcess[str]:
        start = root / "start.conf"
        start.write_text(f'Dir::Etc::parts "{parts}"; Dir::Etc::main "{main}";\n')
        environment = os.environ | {"LC_ALL": "C", "APT_CONFIG": str(start)}
        return subprocess.run(["apt-config", "dump"], env=environment, capture_output=True, text=True, check=False)

    base = set(dump("/nonexistent", "/nonexistent").stdout.splitlines())
    done = dump(f"{root}/etc/apt/apt.conf.d", f"{root}/etc/apt/apt.conf")
    found = [re.match(r'(\S+) "(.*)";$', line) for line in done.stdout.splitlines() if line not in base]
    pairs = [(m.group(1).lower(), m.group(2)) for m in found if m]
    return sorted(p for p in pairs if p[1] and not re.match(r"dir::etc::(parts|main)$", p[0])), done.stderr


LONG = """
Foo { Bar "1"; Baz { "x"; "y"; }; Bar2 "a" "b"; "q"; A::B:: "z"; }; // comment
foo::bar "2"; # hash
/* over
 lines */ Over::Lines "ok;{}//#";
X::List { One "1"; "anon" };
Url "http://x//y"; Unquoted http;
Nested::A { B { C "1"; }; D "2"; };
#clear Nested::A::B;
Unattended-Upgrade::Origins-Pattern {
   "origin=Debian,codename=${distro_codename},label=Debian";
};
Several
  "lines"
  ;
Two { "a" ; } Three "x" ;
"""


@needs_apt
def test_all_forms_agree_with_apt_config(tmp_path: Path) -> None:
    root = make_root(tmp_path, {D + "10a": LONG, "/etc/apt/apt.conf": 'Main::Wins "1"; FOO::BAR "3";\n'})
    found, errors = theirs(root)
    assert errors == ""
    assert ours(root) == found
    assert ("foo::bar", "3") in found


PIECES = (' "v";', ' { "x"; B "1"; };', " v;", ' { C { D "2"; }; E "3" };', ' "1" // c\n ;', '::F "u";', ':: "l";')
WORDS = (
    "A",
    "B",
    "b::",
    "C::D",
    "#clear",
    '"Q"',
    '"v 1"',
    '"x;y"',
    "v",
    "{",
    "}",
    ";",
    ";",
    "\n",
    "// c\n",
    "/* m\n */",
)


@needs_apt
@pytest.mark.parametrize("seed", range(40))
def test_random_files_agree_with_apt_config(tmp_path: Path, seed: int) -> None:
    rnd = random.Random(seed)
    if seed % 4:
        parts = (rnd.choice(("A", "B", "b", "C::D", '"Q"')) + rnd.choice(PIECES) for _ in range(rnd.randint(1, 7)))
        text = "".join(part + rnd.choice(("", "\n", "#clear A::C;\n", " ")) for part in parts)
    else:
        text = " ".join(rnd.choice(WORDS) for _ in range(rnd.randint(1, 14)))
    root = make_root(tmp_path, {D + "a": text})
    found, errors = theirs(root)
    data = read_table("apt_config", root)
    if "E:" in errors or data.status == "partial":
        assert "E:" in errors, (text, data.reason)
        assert data.status == "partial", (text, errors)
    else:
        spaced = [(name.replace("%20", " "), value) for name, value in found]
        assert ours(root) == sorted(spaced), text


def test_last_file_wins_and_names_the_line_that_decided(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {D + "10": 'APT::Periodic::Unattended-Upgrade "1";\n', D + "20": '\napt::periodic::unattended-upgrade "0";\n'},
    )
    assert [(row["value"], row["path"], row["line"]) for row in rows("apt_config", root)] == [("0", D + "20", 2)]


def test_files_that_apt_ignores_are_ignored(tmp_path: Path) -> None:
    names = ("a.bak", "b.conf~", ".c", "d.disabled", "e.dpkg-old", "f.")
    root = make_root(
        tmp_path, {D + name: 'A "1";\n' for name in names} | {D + "g.conf": 'B "1";\n', D + "h": 'C "1";\n'}
    )
    assert [row["name"] for row in rows("apt_config", root)] == ["b", "c"]


def test_what_apt_refuses_is_partial_not_empty(tmp_path: Path) -> None:
    data = read_table("apt_config", make_root(tmp_path, {D + "a": 'A "1"; B'}))
    assert data.status == "partial"
    assert D + "a" in str(data.reason)


def test_include_loop_ends(tmp_path: Path) -> None:
    root = make_root(tmp_path, {D + "a": f'#include "{D}a";\nA "1";\n'})
    assert read_table("apt_config", root).status == "partial"


def test_unreadable_file_is_partial(tmp_path: Path, as_nobody) -> None:  # type: ignore[no-untyped-def]
    root = make_root(tmp_path, {D + "a": 'A "1";\n', D + "b": 'B "1";\n'}, modes={D + "a": 0})
    open_to_others(tmp_path)
    data = as_nobody(lambda: read_table("apt_config", root))
    assert data.status == "partial"
    assert len(data.rows) == 1


def test_without_apt_is_absent(tmp_path: Path) -> None:
    assert read_table("apt_config", make_root(tmp_path, {})).status == "absent"


def test_hostile_files_cost_linear_time(tmp_path: Path) -> None:
    files = {D + "a": "{" * 100_000, D + "b": '"' * 100_001, D + "c": "/*" * 100_000, D + "d": 'A:: "x";\n' * 20_000}
    data = read_table("apt_config", make_root(tmp_path, files))
    assert len(data.rows) == 20_000
