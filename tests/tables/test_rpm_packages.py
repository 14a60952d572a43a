"""rpm_packages: the header parser and the database, against rpm itself."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from secaudit.tables.host._rpmdb import HeaderFault, parse_header
from tabletest import make_root, read_table, rows, rows_of

FEDORA = Path(__file__).parent.parent / "roots" / "fedora"
DB = "/usr/lib/sysimage/rpm/rpmdb.sqlite"


def header(texts: dict[int, str], numbers: dict[int, int] | None = None) -> bytes:
    """An rpm header as rpm writes it."""
    index, store = b"", b""
    for tag, text in texts.items():
        index += struct.pack(">IIiI", tag, 6, len(store), 1)
        store += text.encode() + b"\0"
    for tag, number in (numbers or {}).items():
        store += b"\0" * (-len(store) % 4)
        index += struct.pack(">IIiI", tag, 4, len(store), 1)
        store += struct.pack(">I", number)
    return struct.pack(">II", len(index) // 16, len(store)) + index + store


def database(
    path: Path, blobs: list[bytes], schema: str = "CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)"
) -> None:
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute(schema)
        connection.executemany("INSERT INTO Packages (blob) VALUES (?)", [(blob,) for blob in blobs])
    connection.close()


GOOD = header({1000: "hello", 1001: "2.1", 1002: "3", 1022: "x86_64", 1011: "(none)"}, {1003: 4, 1009: 77})


def test_root_made_by_rpm_is_read() -> None:
    found = {
        row["name"]: (row["epoch"], row["version"], row["release"], row["arch"], row["is_signed"])
        for row in rows("rpm_packages", FEDORA)
    }
    assert found["hello"] == (4, "2.1~rc1", "3", "noarch", 1)
    assert found["world"] == (0, "2.1~rc1", "3", "noarch", 0)
    assert "gpg-pubkey" in found
    assert [(row["name"], row["version"], row["manager"]) for row in rows("packages", FEDORA)] == [
        ("world", "2.1~rc1-3", "rpm"),
        ("hello", "4:2.1~rc1-3", "rpm"),
    ]


@pytest.mark.skipif(shutil.which("rpmbuild") is None, reason="rpm is not installed")
def test_agrees_with_rpm(tmp_path: Path) -> None:
    spec = tmp_path / "a.spec"
    spec.write_text(
        "Name: a\nVersion: 1\nRelease: 2\nEpoch: 7\nSummary: s\nLicense: MIT\nVendor: V\nBuildArch: noarch\n"
        "%description\nd\n%package -n b\nSummary: s\n%description -n b\nd\n%files\n%files -n b\n"
    )
    environment = os.environ | {"LC_ALL": "C", "HOME": str(tmp_path)}

    def run(*argv: str) -> str:
        return subprocess.run(argv, env=environment, capture_output=True, text=True, check=True).stdout

    run("rpmbuild", "--define", f"_topdir {tmp_path}/b", "-bb", str(spec))
    base = ("rpm", "--root", f"{tmp_path}/root", "--dbpath", "/var/lib/rpm")
    (tmp_path / "root").mkdir()
    run(*base, "--initdb")
    run(*base, "-i", "--nodeps", "--nosignature", *(str(p) for p in tmp_path.glob("b/RPMS/noarch/*.rpm")))
    keys = ("NAME", "VERSION", "RELEASE", "EPOCH", "ARCH", "SOURCERPM", "LONGSIZE", "INSTALLTIME", "VENDOR")
    out = run(*base, "-qa", "--qf", "\t".join(f"%{{{key}}}" for key in keys) + "\n")
    theirs = sorted(line.split("\t") for line in out.splitlines())
    assert len(theirs) == 2
    columns = ("name", "version", "release", "epoch", "arch", "source", "size", "install_time", "vendor")
    ours = [[str(row[column]) for column in columns] for row in rows("rpm_packages", tmp_path / "root")]
    assert sorted(ours) == theirs


def test_header_is_parsed() -> None:
    package = parse_header(GOOD)
    assert (package.full_version, package.arch, package.size, package.vendor) == ("4:2.1-3", "x86_64", 77, "")


@given(st.integers(0, len(GOOD) - 1), st.binary(min_size=1, max_size=4))
def test_spoiled_header_is_a_fault_or_a_package(at: int, junk: bytes) -> None:
    try:
        parse_header(GOOD[:at] + junk + GOOD[at + len(junk) :])
    except HeaderFault:
        pass


@given(st.binary(max_size=200))
def test_any_bytes_are_a_fault_or_a_package(blob: bytes) -> None:
    try:
        parse_header(blob)
    except HeaderFault:
        pass


@pytest.mark.parametrize(
    "blob",
    [b"", GOOD[:-1], GOOD + b"x", struct.pack(">II", 2**32 - 1, 8), header({1001: "1"}), header({1000: "", 1001: "1"})],
)
def test_wrong_headers_are_faults(blob: bytes) -> None:
    with pytest.raises(HeaderFault):
        parse_header(blob)


def test_damaged_package_makes_the_table_partial(tmp_path: Path) -> None:
    database(tmp_path / DB.lstrip("/"), [GOOD, b"junk"])
    data = read_table("rpm_packages", make_root(tmp_path, {}))
    assert (data.status, len(data.rows)) == ("partial", 1)


def test_log_of_the_database_is_read_too(tmp_path: Path) -> None:
    path = tmp_path / "var/lib/rpm/rpmdb.sqlite"
    path.parent.mkdir(parents=True)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("CREATE TABLE Packages (hnum INTEGER PRIMARY KEY, blob BLOB)")
    connection.execute("INSERT INTO Packages (blob) VALUES (?)", (GOOD,))
    connection.commit()
    try:
        assert [row["name"] for row in rows("rpm_packages", make_root(tmp_path, {}))] == ["hello"]
    finally:
        connection.close()


@pytest.mark.parametrize("content", [b"", b"not a database" * 100, b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_is_a_failure(tmp_path: Path, content: bytes) -> None:
    assert read_table("rpm_packages", make_root(tmp_path, {DB: content})).status == "failed"


def test_view_in_place_of_the_table_is_refused(tmp_path: Path) -> None:
    path = tmp_path / DB.lstrip("/")
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIEW Packages AS SELECT 1 AS hnum, x'00' AS blob")
    connection.close()
    assert read_table("rpm_packages", make_root(tmp_path, {})).status == "failed"


@pytest.mark.parametrize("name", ["Packages", "Packages.db"])
def test_forms_that_only_rpm_reads_are_unsupported_in_a_root(tmp_path: Path, name: str) -> None:
    data = read_table("rpm_packages", make_root(tmp_path, {f"/var/lib/rpm/{name}": "x"}))
    assert data.status == "unsupported"
    assert "rpm -qa" in str(data.reason)
    assert read_table("packages", tmp_path).status == "unsupported"


def test_no_rpm_is_absent(tmp_path: Path) -> None:
    assert read_table("rpm_packages", make_root(tmp_path, {})).status == "absent"


def test_no_copy_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert rows_of(read_table("rpm_packages", FEDORA))
    assert list(tmp_path.iterdir()) == []
