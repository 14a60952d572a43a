"""Undo gzip, bzip2, xz and zstd into a file without a name, within limits.

The file has no name, so nobody else can open it and nothing is left of it, however this program ends.
"""

from __future__ import annotations

import bz2
import lzma
import os
import subprocess
import tempfile
import zlib
from typing import Callable, Iterator, Protocol

from secaudit.targets import command
from secaudit.targets.parts import ArchiveProblem, Part, whole

MAX_UNPACKED_BYTES = 32 << 30
"""Of one archive with all its layers. Images of full desktops have about 10 GB."""

MAX_RATIO = 200
"""Unpacked bytes for each packed one. Systems reach 3 to 10, bombs of gzip 1030."""

RATIO_FROM_BYTES = 256 << 20
"""Below this a high ratio does no harm; an image of zeros, say a swap file, stays readable."""

SPARE_BYTES = 256 << 20
"""Free space that is left to the others on the disk of the temporary file."""

XZ_MEMORY_BYTES = 512 << 20
"""xz -9 needs 65 MiB to unpack; a header may ask for 4 GiB."""

READ_BYTES = 1 << 18
WRITE_BYTES = 1 << 20

_MAGIC = {b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}


class Budget:
    """What may be unpacked in all."""

    def __init__(self) -> None:
        self.unpacked = 0

    def check(self, added: int, packed: int, unpacked: int, descriptor: int) -> None:
        """Count bytes before they are written.

        Raises:
            ArchiveProblem: a limit is reached.
        """
        self.unpacked += added
        if self.unpacked > MAX_UNPACKED_BYTES:
            raise ArchiveProblem(
                f"unpacked it has more than {MAX_UNPACKED_BYTES >> 30} GiB",
                "unpack it yourself: a plain tar archive of any size is read where it lies",
            )
        if unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * packed:
            raise ArchiveProblem(
                f"it grows to more than {MAX_RATIO} times its size, as archives do that are made to fill a disk",
                "if you trust it, unpack it yourself: a plain tar archive is read where it lies",
            )
        disk = os.fstatvfs(descriptor)
        if disk.f_bavail * disk.f_frsize < SPARE_BYTES + added:
            raise ArchiveProblem(*no_space())


def no_space() -> tuple[str, str]:
    """What to say when the disk is full: reason and fix."""
    return (
        f"there is no space left in {temporary_folder()} to unpack it",
        "free some space, or choose another folder: TMPDIR=/path secaudit ...",
    )


def temporary_folder() -> str:
    """Where large temporary files belong (file-hierarchy(7)): $TMPDIR, else /var/tmp, for /tmp may be memory."""
    own = os.environ.get("TMPDIR")
    if own and os.path.isdir(own):
        return own
    return "/var/tmp" if os.access("/var/tmp", os.W_OK) else tempfile.gettempdir()  # noqa: S108  no name is used there


def compression_of(part: Part) -> str | None:
    """gzip, bzip2, xz, zstd, or None."""
    start = part.read(0, 8)
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return name
    if len(start) >= 4 and start[1:4] == b"\x2a\x4d\x18" and start[0] & 0xF0 == 0x50:  # RFC 8878 3.1.2
        return "zstd"
    return None


def unpacked(part: Part, budget: Budget) -> Part:
    """The part itself when it is not compressed, else a temporary file with what it holds.

    Raises:
        ArchiveProblem: it is damaged, a limit is reached, or the disk is full.
    """
    kind = compression_of(part)
    if kind is None:
        return part
    makers: dict[str, Callable[[Part], Iterator[tuple[bytes, int]]]] = {
        "gzip": lambda packed: _streams(packed, _Gunzip),
        "bzip2": lambda packed: _streams(packed, bz2.BZ2Decompressor),
        "xz": lambda packed: _streams(packed, _unxz),
        "zstd": _zstd,
    }
    try:
        with tempfile.TemporaryFile(dir=temporary_folder(), buffering=0) as stream:
            total = 0
            for data, packed in makers[kind](part):
                total += len(data)
                budget.check(len(data), packed, total, stream.fileno())
                _write(stream.fileno(), data)
            return whole(os.dup(stream.fileno()))
    except (EOFError, zlib.error, lzma.LZMAError, ValueError) as error:
        if isinstance(error, lzma.LZMAError) and "emory" in str(error):
            reason = f"to unpack it takes more than {XZ_MEMORY_BYTES >> 20} MiB of memory"
            raise ArchiveProblem(reason, "unpack it yourself with xz -d") from error
        short = isinstance(error, EOFError)
        raise ArchiveProblem(
            f"its {kind} data ends too early, so a part of it is missing" if short else f"its {kind} data is damaged"
        ) from error
    except OSError as error:
        if str(error) == "Invalid data stream":  # bz2 says it so
            raise ArchiveProblem(f"its {kind} data is damaged") from error
        if error.errno is None or error.errno != 28:
            raise
        raise ArchiveProblem(*no_space()) from error


def _write(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class _Decompressor(Protocol):
    """What bz2, lzma and compression.zstd offer alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gunzip:
    """zlib in the form of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


def _unxz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY_BYTES)


def _streams(part: Part, make: Callable[[], _Decompressor]) -> Iterator[tuple[bytes, int]]:
    """Unpack all streams one after the other; gives (data, bytes read so far). Zeros after the last are padding."""
    place = 0
    stream = make()
    waiting = b""
    while True:
        if stream.eof:
            waiting = stream.unused_data
            while not waiting.strip(b"\0"):
                waiting = part.read(place, READ_BYTES)
                place += len(waiting)
                if not waiting:
                    return
            waiting = waiting.lstrip(b"\0")
            stream = make()
        elif stream.needs_input and not waiting:
            waiting = part.read(place, READ_BYTES)
            place += len(waiting)
            if not waiting:
                raise EOFError
        data = stream.decompress(waiting, WRITE_BYTES)
        waiting = b""
        if data:
            yield data, place


def _zstd(part: Part) -> Iterator[tuple[bytes, int]]:
    """With Python's own module where it has one (3.14), else with the program zstd."""
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        yield from _zstd_program(part)
        return
    try:
        yield from _streams(part, zstd.ZstdDecompressor)
    except zstd.ZstdError as error:
        raise ArchiveProblem("its zstd data is damaged") from error


def _zstd_program(part: Part) -> Iterator[tuple[bytes, int]]:
    try:
        program = command.find_program("zstd")
    except PermissionError:  # there, but not for us
        program = None
    if program is None:
        raise ArchiveProblem(
            "it is compressed with zstd, which this Python cannot read and for which no program is installed",
            "sudo apt install zstd, or unpack it yourself",
        )
    folder = temporary_folder()
    with tempfile.TemporaryFile(dir=folder, buffering=0) as packed, tempfile.TemporaryFile(dir=folder) as errors:
        for place in range(0, part.size, WRITE_BYTES):  # the program gets this part of the file and no other
            _write(packed.fileno(), part.read(place, WRITE_BYTES))
        packed.seek(0)
        with subprocess.Popen(
            [program, "-d", "-c", "-q", "--memory=512MB"],
            stdin=packed,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=command.ENVIRONMENT,
            cwd="/",
        ) as process:
            assert process.stdout is not None
            try:
                while data := process.stdout.read(WRITE_BYTES):
                    yield data, part.size
            except BaseException:
                process.kill()
                raise
        if process.returncode != 0:
            errors.seek(0)
            said = errors.read(300).decode("utf-8", "replace").strip().rpartition(" : ")[2]
            raise ArchiveProblem(f"its zstd data cannot be unpacked: {said or process.returncode}")
