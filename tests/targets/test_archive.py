"""A tar archive as a target: shown as its headers say, whoever looks; hostile ones write nothing and pass nothing."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import shutil
import subprocess
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from archivetest import folder, hard, link, open_tar, opened, read, shown, tar_bytes
from hypothesis import given, settings
from hypothesis import strategies as st

from secaudit.errors import TargetError
from secaudit.tableapi import NotRegular, TooLarge, Unsupported
from secaudit.targets import unpack
from secaudit.targets.access import glob
from secaudit.targets.archive import split_choice
from secaudit.targets.root import RootAccess
from tabletest import open_to_others

BASE = [("etc", folder()), ("etc/passwd", b"inside"), ("usr", folder())]


def refusal(path: Path) -> str:
    with pytest.raises(TargetError) as caught:
        opened(path)
    assert caught.value.exit_code == 3
    assert caught.value.hints, "says what to do"
    return caught.value.message


# ---------------------------------------------------------------- what headers say


def test_owner_and_mode_are_those_of_the_archive_for_root_and_for_a_user(
    tmp_path: Path, as_nobody: Callable[[Callable[[], object]], object]
) -> None:
    entries = [
        *BASE,
        ("etc/shadow", {"data": b"root:*:", "mode": 0o600, "uid": 0, "gid": 42}),
        ("usr/sudo", {"data": b"x", "mode": 0o4755, "uid": 0, "gid": 0}),
        ("home/a", {"data": b"y", "mode": 0o640, "uid": 4_000_000_000, "gid": 1000, "mtime": 1_700_000_000.9}),
    ]
    path = tmp_path / "test.tar"
    path.write_bytes(tar_bytes(entries))
    path.chmod(0o644)
    open_to_others(tmp_path)

    def look() -> dict[str, object]:
        access = opened(path)
        assert access.is_root
        return shown(access)

    found = look()
    assert found == as_nobody(look)
    assert found["/etc/shadow"] == ["file", 0, 0o600, 0, 42, 7, 1, b"root:*:"]
    assert found["/usr/sudo"] == ["file", 0, 0o4755, 0, 0, 1, 1, b"x"]
    assert found["/home/a"] == ["file", 1_700_000_000, 0o640, 4_000_000_000, 1000, 1, 1, b"y"]


def test_devices_are_shown_and_never_opened(tmp_path: Path) -> None:
    kinds = {"char": tarfile.CHRTYPE, "block": tarfile.BLKTYPE, "fifo": tarfile.FIFOTYPE}
    access = open_tar(tmp_path, [*BASE, *((f"dev/{name}", {"type": letter}) for name, letter in kinds.items())])
    for name in kinds:
        assert access.stat(f"/dev/{name}", True).kind == name
        with pytest.raises(NotRegular):
            access.open(f"/dev/{name}")
    with pytest.raises(NotRegular):
        access.open("/etc")
    with pytest.raises(Unsupported):
        access.run(["true"], 1, 1)


def test_paths_are_read_as_in_a_folder(tmp_path: Path) -> None:
    """The same links, missing names and errors as RootAccess gives for the unpacked folder."""
    links = {
        "absolute": "/etc/passwd", "climbing": "../../../../etc/passwd", "dirlink": "/etc", "out": "../secret",
        "loop-a": "loop-b", "loop-b": "loop-a", "self": "self", "nowhere": "/none", "long": "etc/../" * 30 + "etc/passwd",
    }  # fmt: skip
    entries = [*BASE, *((name, link(text)) for name, text in links.items())]
    access = open_tar(tmp_path, entries)
    top = tmp_path / "top"
    (top / "etc").mkdir(parents=True)
    (top / "usr").mkdir()
    (top / "etc" / "passwd").write_text("inside")
    for name, text in links.items():
        (top / name).symlink_to(text)
    real = RootAccess(str(top))

    def answer(operation: Callable[[], object]) -> object:
        try:
            return operation()
        except OSError as error:
            return type(error), error.errno

    paths = [
        f"/{name}{more}" for name in [*links, "etc", "etc/passwd", "x"] for more in ("", "/", "/passwd", "/../etc/x")
    ]
    for path in [*paths, "/", "/..", "/../etc/passwd", "//etc//./passwd", "/etc/passwd/..", "/etc/passwd/../passwd"]:
        for name in ("realpath", "readlink", "listdir"):
            mine = answer(lambda: getattr(access, name)(path))  # noqa: B023
            assert mine == answer(lambda: getattr(real, name)(path)), (name, path)  # noqa: B023
        for follow in (True, False):
            mine, theirs = (answer(lambda: one.stat(path, follow).kind) for one in (access, real))  # noqa: B023
            assert mine == theirs, path
        assert answer(lambda: read(access, path)) == answer(lambda: read(real, path)), path  # noqa: B023
    for pattern in ("/*/passwd", "/dirlink/*", "/nowhere/*", "/l*"):
        assert answer(lambda: glob(access, pattern)) == answer(lambda: glob(real, pattern))  # noqa: B023
    assert sorted(path for path, _ in access.walk("/dirlink", [], False)) == []


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        access = open_tar(tmp_path, BASE)
        for path in ("/etc/passwd", "/etc", "/none"):
            try:
                read(access, path)
            except OSError:
                pass
    del access
    assert len(os.listdir("/proc/self/fd")) == before


# ---------------------------------------------------------------- compressions


PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gz": lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]) + bytes(512),
    "bz2": lambda data: bz2.compress(data[:700]) + bz2.compress(data[700:]),
    "xz": lambda data: lzma.compress(data[:700]) + bytes(8) + lzma.compress(data[700:]),
    "zst": lambda data: subprocess.run(["zstd", "-q", "-c"], input=data, capture_output=True, check=True).stdout,
}
needs_zstd = pytest.mark.skipif(shutil.which("zstd") is None and not os.environ.get("CI"), reason="needs zstd")
KINDS = [pytest.param(kind, marks=needs_zstd if kind == "zst" else ()) for kind in PACKERS]


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_archive_shows_the_same(tmp_path: Path, kind: str) -> None:
    entries = [*BASE, ("usr/random", os.urandom(3_000_000)), ("usr/zeros", bytes(3_000_000))]
    plain = open_tar(tmp_path, entries)
    packed = tmp_path / f"test.tar.{kind}"
    packed.write_bytes(PACKERS[kind](tar_bytes(entries)))
    assert shown(opened(packed)) == shown(plain)


@pytest.mark.parametrize("kind", KINDS)
def test_a_compressed_archive_that_is_cut_or_damaged_is_refused(tmp_path: Path, kind: str) -> None:
    whole = PACKERS[kind](tar_bytes([*BASE, ("usr/random", os.urandom(2_000_000))]))
    path = tmp_path / "test"
    for share in (0.3, 0.9):
        path.write_bytes(whole[: int(len(whole) * share)])
        assert "too early" in refusal(path) or "cannot be unpacked" in refusal(path)
    middle = len(whole) // 2
    path.write_bytes(whole[:middle] + bytes(byte ^ 0x55 for byte in whole[middle : middle + 50]) + whole[middle + 50 :])
    assert "damaged" in refusal(path) or "cannot be unpacked" in refusal(path)
    if kind != "zst":
        path.write_bytes(whole + b"rubbish after the end, longer than any magic")
        assert "damaged" in refusal(path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_bomb_is_stopped_by_its_ratio(tmp_path: Path, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "RATIO_FROM_BYTES", 1 << 20)
    path = tmp_path / "bomb"
    path.write_bytes(PACKERS[kind](tar_bytes([*BASE, ("usr/zeros", bytes(60_000_000))])))
    assert "times its size" in refusal(path)


def test_more_than_the_limit_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "MAX_UNPACKED_BYTES", 1 << 20)
    path = tmp_path / "large.tgz"
    path.write_bytes(gzip.compress(tar_bytes([*BASE, ("usr/random", os.urandom(2_000_000))])))
    assert "unpacked it has more than" in refusal(path)


def test_xz_that_asks_for_too_much_memory_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unpack, "XZ_MEMORY_BYTES", 1 << 20)
    path = tmp_path / "test.xz"
    path.write_bytes(lzma.compress(tar_bytes(BASE), preset=9))
    assert "MiB of memory" in refusal(path)


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to mount a small disk")
def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    small = tmp_path / "small"
    small.mkdir()
    path = tmp_path / "test.tgz"
    path.write_bytes(gzip.compress(tar_bytes([*BASE, ("usr/random", os.urandom(4_000_000))])))
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(small)], check=True)
    try:
        monkeypatch.setenv("TMPDIR", str(small))
        assert f"no space left in {small}" in refusal(path)
        monkeypatch.setattr(unpack, "SPARE_BYTES", 0)  # the disk itself says it
        assert f"no space left in {small}" in refusal(path)
        assert os.listdir(small) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


# ---------------------------------------------------------------- hostile archives


@pytest.mark.parametrize("name", ["../evil", "etc/../../evil", "/../evil", "etc/.."])
def test_a_path_that_leads_out_refuses_the_archive(tmp_path: Path, name: str) -> None:
    path = tmp_path / "test.tar"
    path.write_bytes(tar_bytes([*BASE, (name, b"evil")]))
    assert '".."' in refusal(path)


def test_nothing_is_written_through_links(tmp_path: Path) -> None:
    """A link to a folder outside, and entries below it: they go where a chroot would put them, in memory."""
    outside = tmp_path / "outside"
    outside.mkdir()
    entries = [
        *BASE,
        ("absolute", link(str(outside))), ("absolute/evil", b"1"),
        ("climb", link("../../../../../../../.." + str(outside))), ("climb/evil2", b"2"),
        ("file", link(str(outside / "new"))), ("file", b"3"),
        ("hard", link(str(outside / "new"))), ("hard2", hard("hard")), ("hard2", b"4"),
        ("/abs/olute", b"5"),
    ]  # fmt: skip
    access = open_tar(tmp_path, entries)
    assert os.listdir(outside) == []
    assert sorted(os.listdir(tmp_path)) == ["outside", "test.tar"]
    assert read(access, f"{outside}/evil") == b"1"
    assert read(access, "/file") == b"3"
    assert read(access, "/hard2") == b"4"
    assert access.stat("/hard", False).kind == "link"
    assert read(access, "/abs/olute") == b"5"


def test_hard_links_are_one_file_and_never_a_folder(tmp_path: Path) -> None:
    entries = [
        *BASE,
        ("a", {"data": b"same", "mode": 0o600}), ("b", hard("a")), ("c", hard("./b")),
        ("loop/x", hard("loop")), ("missing", hard("nowhere")), ("etc/self", hard("etc/self")),
        ("s", link("etc/passwd")), ("t", hard("s")),
    ]  # fmt: skip
    access = open_tar(tmp_path, entries)
    one, other = access.stat("/a", False), access.stat("/c", False)
    assert one == other
    assert (one.nlink, one.mode) == (3, 0o600)
    assert read(access, "/c") == b"same"
    assert access.stat("/t", False).kind == "link"
    for path in ("/loop/x", "/missing", "/etc/self"):
        with pytest.raises(OSError, match="cannot be read from the archive: a hard link"):
            access.open(path)
        assert any(path in note for note in access.notes)


def test_the_last_entry_of_a_name_wins(tmp_path: Path) -> None:
    entries = [
        *BASE,
        ("etc/passwd", b"second"), ("x", folder()), ("x/y", b"1"), ("x", b"file"), ("z", b"file"), ("z", folder()),
        ("z/y", b"2"), ("usr", folder(0o700)),
    ]  # fmt: skip
    access = open_tar(tmp_path, entries)
    assert read(access, "/etc/passwd") == b"second"
    assert read(access, "/x") == b"file"
    assert read(access, "/z/y") == b"2"
    assert access.stat("/usr", True).mode == 0o700


def test_names_of_any_bytes_are_kept(tmp_path: Path) -> None:
    names = ["etc/\udcff\udcfe", "etc/new\nline", "etc/\x1b[2J", "etc/" + "n" * 255, "etc/ü", "etc/\t "]
    access = open_tar(tmp_path, [*BASE, *((name, b"x") for name in names)])
    assert {f"etc/{name}" for name in access.listdir("/etc")} == {*names, "etc/passwd"}
    assert all(read(access, "/" + name) == b"x" for name in names)


@pytest.mark.parametrize(
    ("name", "reason"),
    [("d/" * 257 + "f", "one below the other"), ("n" * 5000, "longer than 4096 bytes")],
)
def test_paths_beyond_the_limits_refuse_the_archive(tmp_path: Path, name: str, reason: str) -> None:
    path = tmp_path / "test.tar"
    path.write_bytes(tar_bytes([*BASE, (name, b"x")]))
    assert reason in refusal(path)


def test_links_that_go_round_refuse_the_archive(tmp_path: Path) -> None:
    path = tmp_path / "test.tar"
    path.write_bytes(tar_bytes([*BASE, ("a", link("b")), ("b", link("a")), ("a/x", b"x")]))
    assert "circle" in refusal(path)


def test_too_many_entries_refuse_the_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secaudit.targets.tree.MAX_NODES", 100)
    path = tmp_path / "test.tar"
    path.write_bytes(tar_bytes([*BASE, *((f"usr/{number}", b"") for number in range(100))]))
    assert "more than 100 entries" in refusal(path)
    path.write_bytes(tar_bytes([*BASE, *(("usr/same", folder()) for _ in range(100))]))
    assert "more than 100 entries" in refusal(path), "also when they are the same one"
    monkeypatch.setattr("secaudit.targets.tree.MAX_STEPS", 60)
    path.write_bytes(tar_bytes([*BASE, *(("a/b/c/d/e/f", b"") for _ in range(20))]))
    assert "too long and too many" in refusal(path)


def test_a_file_over_the_limit_is_there_and_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secaudit.targets.tree.KEPT_FILE_BYTES", 1000)
    monkeypatch.setattr("secaudit.targets.tree_access.KEPT_FILE_BYTES", 1000)
    access = open_tar(tmp_path, [*BASE, ("etc/large", bytes(1001)), ("etc/right", bytes(1000))])
    assert access.stat("/etc/large", True).size == 1001
    with pytest.raises(TooLarge):
        access.open("/etc/large")
    assert len(read(access, "/etc/right")) == 1000
    assert any("not readable: /etc/large" in note for note in access.notes)


def test_a_large_file_goes_to_the_disk_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secaudit.targets.tree_access.MEMORY_BYTES", 10)
    place = tmp_path / "place"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    data = os.urandom(5_000_000)
    access = open_tar(tmp_path, [*BASE, ("etc/large", data)])
    assert read(access, "/etc/large") == data
    assert os.listdir(place) == []


def test_an_archive_that_gets_shorter_is_an_error_not_an_empty_file(tmp_path: Path) -> None:
    access = open_tar(tmp_path, [*BASE, ("etc/last", b"x" * 5000)])
    os.truncate(tmp_path / "test.tar", 4096)
    with pytest.raises(OSError, match="shorter"):
        access.open("/etc/last")


def test_folders_without_an_entry_are_said(tmp_path: Path) -> None:
    access = open_tar(tmp_path, [("./", folder()), ("etc/ssh/x", b""), ("usr/", folder())])
    assert (access.stat("/etc/ssh", True).mode, access.stat("/etc", True).uid) == (0o755, 0)
    assert any(note.startswith("2 folders have no entry of their own") for note in access.notes)


ALPHABET = st.sampled_from(["a", "b", "etc", "passwd", "..", ".", "l", "m", ""])
PATHS = st.lists(ALPHABET, min_size=1, max_size=4).map("/".join)
ENTRIES = st.lists(
    st.tuples(
        PATHS.filter(bool),
        st.one_of(
            st.binary(max_size=5),
            st.just(folder()),
            PATHS.map(link),
            PATHS.map(hard),
            PATHS.map(lambda p: link("/" + p)),
        ),
    ),
    max_size=12,
)


def look_at_all(path: Path) -> None:
    """Open and read everything: errors are those that tables know, and no name appears."""
    before = sorted(os.listdir(path.parent))
    try:
        access = opened(path)
    except TargetError:
        return
    for place, entry in access.walk("/", [], True):
        try:
            descriptor = access.open(place)
            assert os.fstat(descriptor).st_size == access.stat(place, True).size
            os.close(descriptor)
        except OSError:
            pass
        assert entry.nlink > 0
        assert access.realpath(place.rpartition("/")[0] or "/") == (place.rpartition("/")[0] or "/")
    assert sorted(os.listdir(path.parent)) == before


@settings(max_examples=300)
@given(entries=ENTRIES)
def test_any_order_of_entries_is_a_tree(tmp_path_factory: pytest.TempPathFactory, entries: list) -> None:
    path = tmp_path_factory.getbasetemp() / "any.tar"
    path.write_bytes(tar_bytes([*BASE, *entries]))
    look_at_all(path)


GOOD = tar_bytes(
    [*BASE, ("etc/" + "n" * 150, b"long"), ("etc/l", link("t" * 150)), ("etc/h", hard("etc/passwd")), ("x", bytes(900))]
)


@settings(max_examples=300)
@given(
    places=st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=8), cut=st.integers(0, 3000)
)
def test_a_damaged_archive_is_an_error_or_a_tree(
    tmp_path_factory: pytest.TempPathFactory, places: list[tuple[int, int]], cut: int
) -> None:
    data = bytearray(GOOD)
    for place, byte in places:
        data[place] = byte
    for start in range(0, len(data), 512):  # a right check sum lets the damage through to what reads the fields
        if data[start + 257 : start + 262] == b"ustar":
            data[start + 148 : start + 156] = b" " * 8
            data[start + 148 : start + 156] = b"%06o\0 " % sum(data[start : start + 512])
    path = tmp_path_factory.getbasetemp() / "damaged.tar"
    path.write_bytes(bytes(data[: max(0, len(data) - cut)]) if cut % 2 else bytes(data))
    look_at_all(path)


# ---------------------------------------------------------------- what is no archive


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "no tar archive"), (b"hello\n" * 200, "no tar archive"), (b"PK\x03\x04" + bytes(600), "a zip archive"),
        (b"Salted__" + bytes(600), "encrypted (openssl)"), (b"age-encryption.org/v1\n" * 9, "encrypted (age)"),
        (b"-----BEGIN PGP MESSAGE-----\n", "encrypted (OpenPGP)"), (b"QFI\xfb" + bytes(600), "a disk image (qcow2)"),
        (b"\x04\x22\x4d\x18" + bytes(600), "lz4"), (bytes(510) + b"\x55\xaa" + bytes(600), "a disk image"),
        (bytes(1080) + b"\x53\xef" + bytes(600), "a file system image"), (gzip.compress(b"no tar"), "no tar archive"),
    ],
)  # fmt: skip
def test_other_files_are_named_for_what_they_are(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert reason in refusal(path)


def test_a_cut_archive_is_refused(tmp_path: Path) -> None:
    whole = tar_bytes([*BASE, ("x", bytes(5000))])
    path = tmp_path / "file"
    for size in (len(whole) // 512 * 512, 512, 1536, 2560, 3000):
        path.write_bytes(whole[:size].rstrip(b"\0") if size > 5000 else whole[:size])
        if size <= 3000:
            assert "part of it is missing" in refusal(path)
    path.write_bytes(whole[:2048])  # right after an entry: nothing but the end mark tells it
    assert "without the end mark" in refusal(path)


def test_a_fifo_and_a_device_are_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    assert "neither a folder nor a regular file" in refusal(tmp_path / "fifo")
    assert "neither a folder nor a regular file" in refusal(Path("/dev/zero"))


def test_a_choice_is_what_follows_the_sign(tmp_path: Path) -> None:
    (tmp_path / "a#b").touch()
    (tmp_path / "c").touch()
    assert split_choice(tmp_path / "a#b") == (tmp_path / "a#b", None)
    assert split_choice(Path(f"{tmp_path}/a#b#x:1")) == (tmp_path / "a#b", "x:1")
    assert split_choice(Path(f"{tmp_path}/c#x/y:1#z")) == (tmp_path / "c", "x/y:1#z")
    assert split_choice(Path(f"{tmp_path}/none#x")) == (Path(f"{tmp_path}/none#x"), None)
