"""Our reader of tar headers beside the programs that write them: GNU tar in all its formats, and Python's tarfile."""

from __future__ import annotations

import os
import subprocess
import tarfile
from pathlib import Path

import pytest
from archivetest import opened, shown, tar_bytes

from secaudit.targets.parts import ArchiveProblem, whole
from secaudit.targets.root import RootAccess
from secaudit.targets.tarformat import members


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """Files of every kind that an ordinary user can make, old and new, with long and strange names."""
    top = tmp_path / "top"
    deep = top / "usr" / "/".join(["long-" + "n" * 60] * 4)
    deep.mkdir(parents=True)
    (top / "etc").mkdir(mode=0o750)
    (deep / ("f" * 120)).write_bytes(b"deep")
    (deep / "link").symlink_to("../" * 60 + "target" * 20)
    (top / "etc" / "a").write_bytes(b"x" * 513)
    os.link(top / "etc" / "a", top / "etc" / "b")
    os.link(top / "etc" / "a", deep / "c")
    (top / "etc" / "empty").touch()
    (top / "etc" / "suid").write_bytes(b"")
    (top / "etc" / "suid").chmod(0o6755)
    (top / os.fsdecode(b"etc/\xff\xfe\n\x1b[2J")).write_bytes(b"bytes")
    (top / "etc" / "grüße").write_bytes(b"utf-8")
    os.mkfifo(top / "etc" / "fifo")
    os.utime(top / "etc" / "empty", (1, 1))
    os.utime(top / "etc" / "a", ns=(0, 1_700_000_000_999_999_999))
    if os.geteuid() == 0:
        os.mknod(top / "etc" / "null", 0o666 | 0o020000, os.makedev(1, 3))
        os.chown(top / "etc" / "suid", 70_000, 2_500_000)
    return top


def make_tar(top: Path, *options: str) -> Path:
    path = top.parent / "made.tar"
    subprocess.run(["tar", *options, "-C", str(top), "-cf", str(path), "."], check=True, capture_output=True)
    return path


@pytest.mark.parametrize("fmt", ["gnu", "oldgnu", "pax", "posix"])
def test_an_archive_of_gnu_tar_shows_what_the_folder_shows(top: Path, fmt: str) -> None:
    assert shown(opened(make_tar(top, f"--format={fmt}"))) == shown(RootAccess(str(top)))


@pytest.mark.parametrize("fmt", ["ustar", "v7"])
def test_the_old_formats_are_read(tmp_path: Path, fmt: str) -> None:
    top = tmp_path / "top"
    deep = top / "usr" / ("p" * 30) / ("q" * 30) / ("r" * 20 if fmt == "ustar" else "r")
    deep.mkdir(parents=True)
    (deep / ("f" * (90 if fmt == "ustar" else 20))).write_bytes(b"x" * 1000)
    (deep / "link").symlink_to("target")
    (top / "etc").mkdir()
    os.link(next(path for path in deep.iterdir() if path.name.startswith("f")), top / "etc" / "hard")
    assert shown(opened(make_tar(top, f"--format={fmt}"))) == shown(RootAccess(str(top)))


@pytest.mark.parametrize("version", ["oldgnu", "0.0", "0.1", "1.0"])
@pytest.mark.parametrize("pieces", [0, 1, 3, 4, 5, 26, 300])
def test_sparse_files_have_their_holes(tmp_path: Path, version: str, pieces: int) -> None:
    top = tmp_path / "top"
    (top / "etc").mkdir(parents=True)
    (top / "usr").mkdir()
    with (top / "etc" / "sparse").open("wb") as stream:
        for number in range(pieces):
            stream.seek(number * 40_000 + 20_000)
            stream.write(b"%d" % number * 4096)
        stream.truncate(pieces * 60_000 + 100_000)
    (top / "usr" / "after").write_bytes(b"after")
    options = ["--format=oldgnu"] if version == "oldgnu" else ["--format=posix", f"--sparse-version={version}"]
    path = make_tar(top, "--sparse", *options)
    found = shown(opened(path))
    assert path.stat().st_size < pieces * 20_000 + 100_000, "it is stored as a sparse file"
    assert found == shown(RootAccess(str(top)))


@pytest.mark.parametrize("fmt", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_numbers_too_large_for_octal_and_times_before_1970_are_read(tmp_path: Path, fmt: int) -> None:
    wide = fmt != tarfile.USTAR_FORMAT
    fields = {"uid": 4_294_967_295 if wide else 2_097_151, "gid": 0, "mtime": -5 if wide else 5, "mode": 0o1777}
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([("etc/x", fields)], fmt))
    found = opened(path).stat("/etc/x", True)
    assert (found.uid, found.gid, found.mtime_s, found.mode) == tuple(
        fields[key] for key in ("uid", "gid", "mtime", "mode")
    )


def test_owners_by_number_decide_not_by_name(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([("etc/x", {"uid": 7, "gid": 8, "uname": "root", "gname": "root"})]))
    found = opened(path).stat("/etc/x", True)
    assert (found.uid, found.gid) == (7, 8)


def pax(*records: tuple[str, str]) -> dict[str, object]:
    return {"pax_headers": dict(records)}


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        (pax(("size", "99999999999")), "ends in the middle"), (pax(("size", "-1")), "damaged"),
        (pax(("uid", "99999999999999999999999")), "damaged"), (pax(("uid", "-1")), "damaged"),
        (pax(("uid", "5000000000")), "damaged"), (pax(("mtime", "nan")), "damaged"), (pax(("path", "a\0b")), "damaged"),
        (pax(("comment", "x" * 2_000_000)), "the limit is"), (pax(("GNU.sparse.map", "0,5,2,5"), ("GNU.sparse.size", "9")), "damaged"),
        (pax(("GNU.sparse.map", "0,500"), ("GNU.sparse.size", "900")), "damaged"),
        (pax(("GNU.sparse.map", "1"), ("GNU.sparse.size", "900")), "damaged"),
        (pax(("GNU.sparse.major", "1"), ("GNU.sparse.realsize", "900")), "damaged"),
        ({"type": b"M"}, "one volume of several"),
    ],
)  # fmt: skip
def test_headers_that_lie_are_refused(tmp_path: Path, entry: dict[str, object], reason: str) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([("etc/x", entry), ("etc/y", b"y")]))
    with pytest.raises(ArchiveProblem, match=reason):
        list(members(whole(os.open(path, os.O_RDONLY))))


def test_an_unknown_kind_of_entry_is_no_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([("etc/x", {"type": b"Z", "data": b"abc"}), ("etc/y", b"y")]))
    access = opened(path)
    with pytest.raises(OSError, match="unknown type"):
        access.open("/etc/x")
    assert any("/etc/x" in note for note in access.notes)


def test_what_follows_the_end_mark_is_not_read(tmp_path: Path) -> None:
    """As GNU tar without --ignore-zeros."""
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes([("etc/x", b"1")]) + tar_bytes([("etc/x", b"2"), ("etc/y", b"2")]))
    listed = subprocess.run(["tar", "-tf", str(path)], capture_output=True, text=True, check=True).stdout
    assert listed == "etc/x\n"
    assert set(shown(opened(path))) == {"/etc", "/etc/x"}
