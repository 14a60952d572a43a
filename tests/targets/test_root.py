"""The root target: no link leads outside, at any component; nothing that could hang is opened."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from secaudit.tableapi import NotRegular, TooLarge, Unsupported
from secaudit.targets.access import glob, read_all
from secaudit.targets.host import HostAccess
from secaudit.targets.root import RootAccess


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A root with links of every kind beside a secret that lies outside."""
    (tmp_path / "secret").write_text("outside")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "passwd").write_text("outside")
    top = tmp_path / "root"
    (top / "etc").mkdir(parents=True)
    (top / "etc" / "passwd").write_text("inside")
    (top / "secret").write_text("inside secret")
    links = {
        "absolute": "/etc/passwd",
        "climbing": "../../../../../../../../etc/passwd",
        "out-by-dots": "../secret",
        "out-absolute": str(tmp_path / "secret"),
        "dirlink": "/etc",
        "outdir": str(tmp_path / "outside"),
        "outdir-dots": "../outside",
        "loop-a": "loop-b",
        "loop-b": "loop-a",
        "self": "self",
        "proc-root": "/proc/self/root/etc/passwd",
        "long": "etc/" * 10 + "../" * 10 + "etc/passwd",
    }
    for name, target in links.items():
        (top / name).symlink_to(target)
    return top


def read(access: RootAccess, path: str) -> str:
    descriptor = access.open(path)
    try:
        return read_all(descriptor, path, 10_000).decode()
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/etc/passwd", "inside"),
        ("/absolute", "inside"),
        ("/climbing", "inside"),
        ("/dirlink/passwd", "inside"),
        ("/../../etc/passwd", "inside"),
        ("/etc/../../../etc/passwd", "inside"),
        ("/out-by-dots", "inside secret"),
    ],
)
def test_links_are_read_as_chroot_would(root: Path, path: str, content: str) -> None:
    assert read(RootAccess(str(root)), path) == content


@pytest.mark.parametrize("path", ["/out-absolute", "/outdir/passwd", "/outdir-dots/passwd", "/proc-root"])
def test_no_link_leads_outside(root: Path, path: str) -> None:
    access = RootAccess(str(root))
    with pytest.raises(OSError):
        read(access, path)
    with pytest.raises(FileNotFoundError):
        access.stat(path, True)


@pytest.mark.parametrize("path", ["/loop-a", "/self", "/self/x"])
def test_link_loops_end(root: Path, path: str) -> None:
    with pytest.raises(OSError, match="symbolic links"):
        read(RootAccess(str(root)), path)


def test_realpath_and_readlink_stay_inside(root: Path) -> None:
    access = RootAccess(str(root))
    assert access.realpath("/dirlink/passwd") == "/etc/passwd"
    assert access.realpath("/climbing") == "/etc/passwd"
    assert access.readlink("/climbing").startswith("../")
    assert access.stat("/dirlink", False).kind == "link"
    assert access.stat("/dirlink", True).kind == "dir"


def test_walk_never_follows_links(root: Path) -> None:
    denied: list[str] = []
    found = {path for path, _ in RootAccess(str(root)).walk("/", denied, False)}
    assert "/etc/passwd" in found
    assert not any(path.startswith(("/outdir/", "/dirlink/")) for path in found)
    assert denied == []


def test_glob_stays_inside(root: Path) -> None:
    access = RootAccess(str(root))
    assert glob(access, "/dirlink/pass*") == ["/dirlink/passwd"]
    assert glob(access, "/outdir/*") == []
    assert glob(access, "/nowhere/*") == []


def test_fifos_sockets_devices_and_folders_are_not_opened(root: Path) -> None:
    os.mkfifo(root / "fifo")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(root)
        try:
            server.bind("socket")
        finally:
            os.chdir(here)
    access = RootAccess(str(root))
    for name in ("fifo", "socket", "etc"):
        with pytest.raises(NotRegular):
            read(access, f"/{name}")
    for access_to_host, path in ((HostAccess(), "/dev/zero"), (HostAccess(), str(root / "fifo"))):
        with pytest.raises(NotRegular):
            access_to_host.open(path)


def test_a_sparse_file_of_two_gigabytes_is_refused_before_reading(root: Path) -> None:
    with (root / "huge").open("wb") as stream:
        stream.truncate(2 << 30)
    with pytest.raises(TooLarge):
        read(RootAccess(str(root)), "/huge")


def test_nothing_of_a_root_is_run(root: Path) -> None:
    with pytest.raises(Unsupported):
        RootAccess(str(root)).run(["true"], 1, 1)


def test_a_folder_of_200000_entries_is_listed(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(2000):
        (folder / f"f{number}").touch()
    access = RootAccess(str(tmp_path))
    assert len(access.listdir("/many")) == 2000
    assert len(glob(access, "/many/*")) == 2000


def test_no_descriptor_is_left_open(root: Path) -> None:
    access = RootAccess(str(root))
    before = len(os.listdir("/proc/self/fd"))
    for path in ("/etc/passwd", "/loop-a", "/outdir/passwd", "/long", "/nowhere/x", "/etc/passwd/x"):
        try:
            access.stat(path, True)
        except OSError:
            pass
    assert len(os.listdir("/proc/self/fd")) == before


PARTS = st.lists(
    st.sampled_from(["..", ".", "etc", "passwd", "dirlink", "outdir", "climbing", "", "loop-a"]), max_size=8
)


@settings(max_examples=200, deadline=None)
@given(PARTS)
def test_no_path_reads_what_lies_outside(parts: list[str]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "root"
        (top / "etc").mkdir(parents=True)
        (Path(folder) / "passwd").write_text("outside")
        (Path(folder) / "etc").mkdir()
        (Path(folder) / "etc" / "passwd").write_text("outside")
        (top / "etc" / "passwd").write_text("inside")
        for name, target in (("dirlink", "/etc"), ("outdir", ".."), ("climbing", "../../etc"), ("loop-a", "loop-a")):
            (top / name).symlink_to(target)
        try:
            assert read(RootAccess(str(top)), "/" + "/".join(parts)) == "inside"
        except OSError:
            pass


def test_a_root_that_nobody_holds_gives_its_descriptor_back(root: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(20):
        RootAccess(str(root))
    assert len(os.listdir("/proc/self/fd")) == before
