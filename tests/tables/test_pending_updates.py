"""pending_updates against apt: real lists of this machine, and private archives with random pins."""

from __future__ import annotations

import gzip
import lzma
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from apt_real import PrivateApt, random_apt, stanza, status

from secaudit.tables.host._debversion import compare
from tabletest import make_root, read_table, rows, rows_of

needs_apt = pytest.mark.skipif(shutil.which("apt-get") is None, reason="apt is not installed")
LISTS = "/var/lib/apt/lists/"
SECURITY = LISTS + "ftp.debian.org_debian-security_dists_bookworm-security_"
MAIN = LISTS + "ftp.debian.org_debian_dists_bookworm_"
RELEASE = (
    "Origin: Debian\nLabel: {}\nSuite: x\nCodename: {}\nDate: Sat, 21 Nov 2026 00:53:02 UTC\n"
    "SHA256:\n {} 999 main/binary-amd64/Packages\n"
)
FILES: dict[str, str | bytes] = {
    "/etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n',
    "/etc/apt/sources.list": (
        "deb http://ftp.debian.org/debian bookworm main\n"
        "deb http://ftp.debian.org/debian-security bookworm-security main\n"
    ),
    "/var/lib/dpkg/status": status("dpkg", "1.21") + status("sudo", "1.9-1") + status("bash", "5.2-1"),
    MAIN + "InRelease": RELEASE.format("Debian", "bookworm", "0" * 64),
    SECURITY + "InRelease": RELEASE.format("Debian-Security", "bookworm-security", "0" * 64),
    MAIN + "main_binary-amd64_Packages": stanza("sudo", "1.9-1") + stanza("bash", "5.2-2") + stanza("other", "9"),
    SECURITY + "main_binary-amd64_Packages": stanza("sudo", "1.9-1+deb12u1"),
}


def short(root: Path) -> list[tuple[object, ...]]:
    return [
        (row["package"], row["candidate_version"], row["is_security"], row["archive"], row["blocked_by"])
        for row in rows("pending_updates", root)
    ]


@pytest.mark.skipif(shutil.which("apt") is None, reason="apt is not installed")
def test_agrees_with_apt_list_on_this_machine() -> None:
    data = read_table("pending_updates")
    if data.status == "failed":
        pytest.skip("this machine has no package lists")
    done = subprocess.run(
        ["apt", "list", "--upgradable"], env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )
    lines = re.findall(r"^(\S+?)/(\S+) (\S+) (\S+) \[upgradable from: (\S+)\]", done.stdout, re.MULTILINE)
    theirs = {(name, arch): (now, new, int("-security" in suite)) for name, suite, new, arch, now in lines}
    ours = {
        (row["package"], row["arch"]): (row["installed_version"], row["candidate_version"], row["is_security"])
        for row in rows_of(data)
        if row["blocked_by"] != "pin"
    }
    assert ours == theirs


@needs_apt
@pytest.mark.parametrize("seed", range(12))
def test_candidates_agree_with_apt_policy_whatever_is_pinned(tmp_path: Path, seed: int) -> None:
    apt = random_apt(tmp_path, seed)
    theirs = {name: new for name, (now, new) in apt.candidates().items() if new != "(none)" and compare(new, now) > 0}
    ours = {
        str(row["package"]): row["candidate_version"]
        for row in rows("pending_updates", apt.root)
        if row["blocked_by"] != "pin" and (row["blocked_by"] != "hold" or row["package"] in theirs)
    }
    assert ours == theirs


@needs_apt
def test_a_pin_against_the_security_archive_is_shown(tmp_path: Path) -> None:
    apt = PrivateApt(tmp_path)
    apt.add_suite("bookworm", [("aaa", "1.0-1")])
    apt.add_suite("bookworm-security", [("aaa", "1.0-1+deb12u1")])
    apt.finish(status("aaa", "1.0-1"), "Package: aaa\nPin: version 1.0-1\nPin-Priority: 1001\n")
    assert short(apt.root) == [("aaa", "1.0-1+deb12u1", 1, "bookworm-security", "pin")]


def test_security_fix_and_ordinary_update_are_told_apart(tmp_path: Path) -> None:
    assert short(make_root(tmp_path, FILES)) == [
        ("sudo", "1.9-1+deb12u1", 1, "bookworm-security", ""),
        ("bash", "5.2-2", 0, "bookworm", ""),
    ]


@pytest.mark.parametrize(("ending", "pack"), [(".gz", gzip.compress), (".xz", lzma.compress)])
def test_compressed_lists_are_read(tmp_path: Path, ending: str, pack) -> None:  # type: ignore[no-untyped-def]
    files = {(p + ending if p.endswith("Packages") else p): c for p, c in FILES.items()}
    files = {p: pack(str(c).encode()) if p.endswith(ending) else c for p, c in files.items()}
    assert len(short(make_root(tmp_path, files))) == 2


@pytest.mark.parametrize("ending", [".gz", ".xz", ".lz4", ".zst"])
def test_damaged_or_unreadable_list_is_partial(tmp_path: Path, ending: str) -> None:
    name = SECURITY + "main_binary-amd64_Packages"
    files = {p: c for p, c in FILES.items() if p != name} | {name + ending: b"\x04\x22\x4d\x18garbage"}
    data = read_table("pending_updates", make_root(tmp_path, files))
    assert data.status == "partial"
    assert ending in str(data.reason)


def test_held_package_is_shown_as_blocked(tmp_path: Path) -> None:
    files = FILES | {"/var/lib/dpkg/status": status("dpkg", "1.21") + status("sudo", "1.9-1", wanted="hold")}
    assert short(make_root(tmp_path, files)) == [("sudo", "1.9-1+deb12u1", 1, "bookworm-security", "hold")]


def test_missing_lists_are_a_failure_not_good_news(tmp_path: Path) -> None:
    data = read_table("pending_updates", make_root(tmp_path, {p: c for p, c in FILES.items() if LISTS not in p}))
    assert data.status == "failed"
    assert "apt update" in str(data.reason)


def test_missing_security_list_is_partial(tmp_path: Path) -> None:
    files = {p: c for p, c in FILES.items() if not p.startswith(SECURITY + "main")}
    data = read_table("pending_updates", make_root(tmp_path, files))
    assert data.status == "partial"
    assert "bookworm-security_main_binary-amd64_Packages is missing" in str(data.reason)


def test_without_a_security_archive_nothing_is_called_safe(tmp_path: Path) -> None:
    files = FILES | {"/etc/apt/sources.list": "deb http://ftp.debian.org/debian bookworm main\n"}
    data = read_table("pending_updates", make_root(tmp_path, files))
    assert data.status == "partial"
    assert [row["is_security"] for row in rows_of(data)] == [None]


def test_removed_packages_need_no_update(tmp_path: Path) -> None:
    gone = status("sudo", "1.9-1", wanted="deinstall", state="config-files")
    assert short(make_root(tmp_path, FILES | {"/var/lib/dpkg/status": status("dpkg", "1.21") + gone})) == []


def test_foreign_architectures_are_compared_with_their_own_list(tmp_path: Path) -> None:
    files = FILES | {
        "/var/lib/dpkg/arch": "amd64\ni386\n",
        "/var/lib/dpkg/status": status("dpkg", "1.21") + status("libx", "1") + status("libx", "1", arch="i386"),
        SECURITY + "main_binary-i386_Packages": stanza("libx", "2", "i386"),
    }
    assert [row["arch"] for row in rows("pending_updates", make_root(tmp_path, files))] == ["i386"]


def test_a_package_that_became_independent_of_the_architecture_is_updated(tmp_path: Path) -> None:
    files = FILES | {
        "/var/lib/dpkg/status": status("dpkg", "1.21") + status("doc", "1"),
        MAIN + "main_binary-amd64_Packages": stanza("doc", "2", "all"),
    }
    assert short(make_root(tmp_path, files)) == [("doc", "2", 0, "bookworm", "")]


@pytest.mark.parametrize("mark", ["/etc/dnf/dnf.conf", "/etc/pacman.conf", "/etc/apk/repositories"])
def test_other_families_are_not_reported_as_up_to_date(tmp_path: Path, mark: str) -> None:
    data = read_table("pending_updates", make_root(tmp_path, {mark: ""}))
    assert (data.status, data.rows) == ("partial", ())


def test_hostile_lists_cost_linear_time(tmp_path: Path) -> None:
    name = MAIN + "main_binary-amd64_Packages"
    text = "\nPackage: sudo" * 100_000 + "\n\n" + stanza("sudo", "2" * 100_000)
    data = read_table("pending_updates", make_root(tmp_path, FILES | {name: text}))
    assert data.status in ("ok", "partial")


def test_an_entry_without_end_is_refused(tmp_path: Path) -> None:
    name = MAIN + "main_binary-amd64_Packages"
    data = read_table("pending_updates", make_root(tmp_path, FILES | {name: "Package: x\n" + "y" * 12_000_000}))
    assert data.status == "partial"


def test_preferences_with_costly_expressions_are_not_tried(tmp_path: Path) -> None:
    pin = "Package: /(a+)+$/\nPin: version *\nPin-Priority: 5\n"
    data = read_table("pending_updates", make_root(tmp_path, FILES | {"/etc/apt/preferences": pin}))
    assert data.status == "partial"
