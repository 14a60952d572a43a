"""update_metadata: how old the knowledge about updates is."""

from __future__ import annotations

import os
from pathlib import Path

from tabletest import NOW_S, make_root, read_table, rows

LISTS = "/var/lib/apt/lists/ftp.debian.org_"
OS = {"/etc/os-release": 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'}
BOTH = {
    "/etc/apt/sources.list": (
        "deb http://ftp.debian.org/debian bookworm main\n"
        "deb http://ftp.debian.org/debian-security bookworm-security main\n"
    )
}
MAIN = LISTS + "debian_dists_bookworm_InRelease"
SECURITY = LISTS + "debian-security_dists_bookworm-security_InRelease"
NEW = "Origin: Debian\nCodename: bookworm\nDate: Sun, 22 Nov 2026 00:00:00 UTC\n"
OLD = "Origin: Debian\nCodename: bookworm-security\nDate: Sun, 01 Nov 2026 00:00:00 UTC\n"


def test_the_security_archive_decides(tmp_path: Path) -> None:
    root = make_root(tmp_path, OS | BOTH | {MAIN: NEW, SECURITY: OLD})
    row = rows("update_metadata", root)[0]
    assert (row["manager"], row["is_present"], row["age_days"], row["path"]) == ("apt", 1, 22, SECURITY)


def test_file_times_are_not_believed(tmp_path: Path) -> None:
    root = make_root(tmp_path, OS | BOTH | {MAIN: NEW, SECURITY: OLD})
    for path in (root / SECURITY.lstrip("/"), root / "var/lib/apt/lists"):
        os.utime(path, (NOW_S, NOW_S))
    assert rows("update_metadata", root)[0]["age_days"] == 22


def test_missing_security_list_means_no_lists(tmp_path: Path) -> None:
    data = read_table("update_metadata", make_root(tmp_path, OS | BOTH | {MAIN: NEW}))
    assert data.status == "unsupported"  # a root; on a running system it is a row with is_present 0


def test_without_a_security_archive_the_newest_proof_counts(tmp_path: Path) -> None:
    kali = {
        "/etc/os-release": "ID=kali\n",
        "/etc/apt/sources.list": "deb http://http.kali.org/kali kali-rolling main\n",
    }
    stamp = "/var/lib/apt/periodic/update-success-stamp"
    root = make_root(
        tmp_path,
        kali | {"/var/lib/apt/lists/http.kali.org_kali_dists_kali-rolling_InRelease": OLD, stamp: ""},
    )
    os.utime(root / stamp.lstrip("/"), (NOW_S - 86_400, NOW_S - 86_400))
    assert [(row["age_days"], row["path"]) for row in rows("update_metadata", root)] == [(1, stamp)]


def test_old_main_archive_alone_proves_nothing(tmp_path: Path) -> None:
    sources = {"/etc/apt/sources.list": "deb http://ftp.debian.org/debian bookworm main\n"}
    row = rows("update_metadata", make_root(tmp_path, OS | sources | {MAIN: OLD}))[0]
    assert (row["is_present"], row["age_days"]) == (1, None)


def test_date_that_is_not_there_is_null(tmp_path: Path) -> None:
    root = make_root(tmp_path, OS | BOTH | {MAIN: NEW, SECURITY: "Origin: Debian\nDate: yesterday\n"})
    row = rows("update_metadata", root)[0]
    assert (row["is_present"], row["age_days"]) == (1, None)


def test_pacman_and_dnf_by_the_time_of_their_lists(tmp_path: Path) -> None:
    files = {"/etc/pacman.conf": "", "/var/lib/pacman/sync/core.db": "x", "/var/lib/pacman/sync/extra.db": "x"}
    root = make_root(tmp_path, files)
    os.utime(root / "var/lib/pacman/sync/core.db", (NOW_S - 9 * 86_400, NOW_S - 9 * 86_400))
    os.utime(root / "var/lib/pacman/sync/extra.db", (NOW_S - 3 * 86_400, NOW_S - 3 * 86_400))
    assert [(row["manager"], row["age_days"]) for row in rows("update_metadata", root)] == [("pacman", 3)]


def test_nothing_known_is_absent(tmp_path: Path) -> None:
    assert read_table("update_metadata", make_root(tmp_path, {})).status == "absent"
