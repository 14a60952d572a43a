"""apt_sources in both formats, against `apt-get indextargets`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from secaudit.tables.host._apt_lists import prefix_of
from secaudit.tables.host._apt_sources import read_sources
from secaudit.targets.recorder import Cache, Recorder
from secaudit.targets.root import RootAccess
from tabletest import make_root, read_table, rows

LIST = "/etc/apt/sources.list"
D = "/etc/apt/sources.list.d/"
OS = {"/etc/os-release": "ID=debian\nVERSION_CODENAME=bookworm\n"}
FILES = {
    LIST: (
        "# comment\n"
        "deb http://ftp.debian.org/debian bookworm main contrib # end\n"
        "deb-src http://ftp.debian.org/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/etc/apt/keyrings/acme.asc] https://user:secret@apt.acme.example/deb stable main\n"
        "deb [ trusted=yes allow-insecure=yes ] http://flat.example/repo ./\n"
    ),
    D + "debian.sources": (
        "# head\nTypes: deb deb-src\nURIs: http://ftp.debian.org/debian-security\n# inside\nSuites: bookworm-security\n"
        " other-security\nComponents: main\nsigned-by: /usr/share/keyrings/debian-archive-keyring.gpg\n\n"
        "Enabled: no\nTypes: deb\nURIs: http://off.example/\nSuites: x\nComponents: y\n\n"
        "Types: deb\nURIs: https://key.example/\nSuites: stable\nComponents: main\n"
        "Signed-By:\n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n mQINB\n -----END PGP PUBLIC KEY BLOCK-----\n"
    ),
    D + "ignored.list.disabled": "deb http://never.example/ x y\n",
}


@pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")
def test_sources_and_names_of_their_lists_agree_with_apt(tmp_path: Path) -> None:
    extra = "deb http://[::1]:8000/a_b~c/ x/y_z m\ndeb mirror+file:/etc/apt/mirrors.list s m\ndeb file:/srv/$(ARCH) /\n"
    root = make_root(tmp_path, FILES | OS | {"/var/lib/dpkg/status": "", D + "more.list": extra})
    (root / "var/lib/apt/lists/partial").mkdir(parents=True)
    environment = os.environ | {"LC_ALL": "C", "APT_CONFIG": str(root / "a.cfg")}
    (root / "a.cfg").write_text(
        f'Dir "{root}"; Dir::State::status "{root}/var/lib/dpkg/status"; APT::Architecture "amd64";'
    )
    done = subprocess.run(
        ["apt-get", "update", "--print-uris"], env=environment, capture_output=True, text=True, check=False
    )
    theirs = set(re.findall(r"^'[^']*' (\S+InRelease) ", done.stdout, re.MULTILINE))
    target = Recorder(RootAccess(str(root)), Cache(), 0, time.monotonic() + 9)
    ours = {prefix_of(source, "amd64") + "InRelease" for source in read_sources(target).sources if source.enabled}
    assert ours == theirs, done.stderr


def test_options_change_the_trust(tmp_path: Path) -> None:
    found = {
        str(row["name"]): row for row in rows("apt_sources", make_root(tmp_path, FILES | OS)) if row["type"] == "deb"
    }
    flat = found["http://flat.example/repo ./"]
    assert (flat["trusted"], flat["allow_insecure"], flat["line"]) == (1, 1, 5)
    acme = found["https://apt.acme.example/deb stable"]
    assert (acme["signed_by"], acme["architectures"], acme["trusted"]) == ("/etc/apt/keyrings/acme.asc", "amd64", 0)
    assert found["https://key.example/ stable"]["signed_by"] == "embedded"
    assert found["http://off.example/ x"]["enabled"] == 0
    assert "secret" not in str(found)


def test_security_and_vendor_are_told_from_the_suite_and_place(tmp_path: Path) -> None:
    found = {row["name"]: row for row in rows("apt_sources", make_root(tmp_path, FILES | OS)) if row["type"] == "deb"}
    judged = {name: (row["is_security"], row["is_vendor"], row["is_this_release"]) for name, row in found.items()}
    assert judged == {
        "http://ftp.debian.org/debian bookworm": (0, 1, 1),
        "http://ftp.debian.org/debian-security bookworm-security": (1, 1, 1),
        "http://ftp.debian.org/debian-security other-security": (0, 1, 0),
        "https://apt.acme.example/deb stable": (0, 0, None),
        "http://flat.example/repo ./": (0, 0, 0),
        "http://off.example/ x": (0, 0, 0),
        "https://key.example/ stable": (0, 0, None),
    }


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("deb http://mirror.example/debian-security bookworm-security main", 1),
        ("deb http://security.debian.org/debian-security bookworm/updates main", 1),
        ("deb http://ftp.debian.org/debian-security bullseye-security main", 0),
        ("deb http://ftp.debian.org/debian-security stable-security main", None),
        ("deb https://evil.example/apt bookworm-security main", 0),
        ("deb-src http://ftp.debian.org/debian-security bookworm-security main", 0),
    ],
)
def test_what_counts_as_the_security_archive(tmp_path: Path, line: str, expected: int | None) -> None:
    root = make_root(tmp_path, OS | {LIST: line + "\n"})
    assert rows("apt_sources", root)[0]["is_security"] == expected


def test_release_file_names_the_owner(tmp_path: Path) -> None:
    lists = "/var/lib/apt/lists/mirror.example_debian_dists_"
    root = make_root(
        tmp_path,
        OS
        | {
            LIST: "deb http://mirror.example/debian bookworm main\ndeb http://mirror.example/debian tool main\n",
            lists + "bookworm_InRelease": "Origin: Debian\nCodename: bookworm\nSHA256:\n Origin: Evil\n",
            lists + "tool_InRelease": "Origin: Tool Makers\nCodename: tool\n",
        },
    )
    found = [(row["origin"], row["is_vendor"]) for row in rows("apt_sources", root)]
    assert found == [("Debian", 1), ("Tool Makers", 0)]


def test_what_apt_refuses_is_partial(tmp_path: Path) -> None:
    root = make_root(tmp_path, {LIST: "deb http://x y z\ndeb [trusted=yes http://x y z\nhello\n"})
    data = read_table("apt_sources", root)
    assert data.status == "partial"
    assert "sources.list:3" in str(data.reason)
    assert len(data.rows) == 1


def test_without_sources_is_absent(tmp_path: Path) -> None:
    assert read_table("apt_sources", make_root(tmp_path, {})).status == "absent"


def test_hostile_sources_cost_linear_time(tmp_path: Path) -> None:
    lines = "deb [" * 50_000 + "\n" + "deb http://x y z\n" * 30_000 + '"' * 100_000
    data = read_table("apt_sources", make_root(tmp_path, {LIST: lines, D + "a.sources": ":\n \n" * 50_000}))
    assert len(data.rows) <= 20_000
    assert data.status == "partial"
