"""deb_packages and packages against dpkg-query."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from apt_real import status

from tabletest import make_root, read_table, rows

STATUS = "/var/lib/dpkg/status"


@pytest.mark.skipif(shutil.which("dpkg-query") is None, reason="dpkg is not installed")
def test_rows_agree_with_dpkg_query_on_this_machine() -> None:
    fields = ("Package", "Version", "Architecture", "source:Package", "Status", "Installed-Size", "Section", "Priority")
    form = "\t".join(f"${{{field}}}" for field in fields) + "\n"
    out = subprocess.run(["dpkg-query", "-W", "-f", form], capture_output=True, text=True, check=True).stdout
    theirs = sorted(tuple(line.split("\t")) for line in out.splitlines())
    ours = sorted(
        (
            *(str(row[k]) for k in ("name", "version", "arch", "source", "status")),
            "" if row["size"] is None else str(row["size"]),
            str(row["section"]),
            str(row["priority"]),
        )
        for row in rows("deb_packages")
    )
    assert ours == theirs


def test_states_are_told_apart(tmp_path: Path) -> None:
    text = (
        status("here", "1.2-3")
        + status("held", "1", wanted="hold")
        + status("gone", "1", wanted="deinstall", state="config-files")
        + status("half", "1", state="half-configured")
        + "Package: never\nStatus: unknown ok not-installed\nPriority: extra\n\n"
    )
    root = make_root(tmp_path, {STATUS: text})
    found = {row["name"]: (row["is_installed"], row["is_held"], row["is_broken"]) for row in rows("deb_packages", root)}
    assert found == {"here": (1, 0, 0), "held": (1, 1, 0), "gone": (0, 0, 0), "half": (0, 0, 1), "never": (0, 0, 0)}
    assert [row["name"] for row in rows("packages", root)] == ["here", "held", "half"]
    assert rows("deb_packages", root)[0]["revision"] == "3"


def test_images_without_dpkg_list_packages_in_status_d(tmp_path: Path) -> None:
    root = make_root(
        tmp_path,
        {
            "/var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 2025b-0\nArchitecture: all\n",
            "/var/lib/dpkg/status.d/tzdata.md5sums": "d41d8cd9  usr/share/zoneinfo\n",
        },
    )
    assert [(row["name"], row["is_installed"]) for row in rows("deb_packages", root)] == [("tzdata", 1)]


def test_multiline_fields_and_source_versions_do_not_confuse(tmp_path: Path) -> None:
    text = (
        "Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\nSource: glibc (2.36-9)\n"
        "Conffiles:\n /etc/ld.so.conf d4e5\nDescription: C library\n Version: 9.9\n Package: evil\n"
    )
    row = rows("deb_packages", make_root(tmp_path, {STATUS: text}))[0]
    assert (row["name"], row["version"], row["source"], row["size"]) == ("libc6", "2.36-9", "glibc", None)


def test_no_dpkg_is_absent(tmp_path: Path) -> None:
    assert read_table("deb_packages", make_root(tmp_path, {})).status == "absent"
    assert read_table("packages", make_root(tmp_path, {})).status == "absent"


def test_hostile_status_file_costs_linear_time(tmp_path: Path) -> None:
    text = "".join(status(f"p{n}", "1") for n in range(50_000)) + "Package: " + "x" * 1_000_000 + "\n" + "\n" * 100_000
    data = read_table("deb_packages", make_root(tmp_path, {STATUS: text}))
    assert len(data.rows) == 50_001
