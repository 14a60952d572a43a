"""LZ4 frames are read by liblz4 and by our own code alike."""

from __future__ import annotations

import random
import shutil
import subprocess
from functools import cache

import pytest

from secaudit.tables.host import _lz4

pytestmark = pytest.mark.skipif(shutil.which("lz4") is None, reason="lz4 is not installed")


def pack(data: bytes, *options: str) -> bytes:
    return subprocess.run(["lz4", "-c", "-q", *options], input=data, capture_output=True, check=True).stdout


@cache
def samples() -> list[bytes]:
    rnd = random.Random(1)
    words = [bytes(rnd.randrange(256) for _ in range(rnd.randint(1, 30))) for _ in range(200)]
    text = b"".join(rnd.choice(words) for _ in range(30_000))
    return [b"", b"a", b"a" * 1_000_000, text, bytes(rnd.randrange(256) for _ in range(200_000)), text + b"z" * 70_000]


@pytest.mark.parametrize(
    "options", [("-1",), ("-9", "-B4"), ("-B4", "-BD"), ("--content-size", "-BX"), ("--no-frame-crc",)]
)
@pytest.mark.parametrize("sample", range(6))
def test_both_ways_give_back_what_lz4_packed(sample: int, options: tuple[str, ...]) -> None:
    data = samples()[sample]
    packed = pack(data, *options)
    assert b"".join(_lz4.decompress_in_python(packed)) == data
    assert b"".join(_lz4.decompress([packed[:5], packed[5:]])) == data
    assert b"".join(_lz4.decompress([packed[at : at + 1000] for at in range(0, len(packed), 1000)])) == data


@pytest.mark.parametrize("seed", range(60))
def test_damage_is_an_error_never_a_crash(seed: int) -> None:
    rnd = random.Random(seed)
    packed = bytearray(pack(samples()[3][:20_000], "--no-frame-crc"))
    for _ in range(rnd.randint(1, 4)):
        packed[rnd.randrange(len(packed))] = rnd.randrange(256)
    if seed % 2:
        del packed[rnd.randrange(7, len(packed)) :]
    for way in (_lz4.decompress_in_python, lambda data: _lz4.decompress([data])):
        try:
            assert len(b"".join(way(bytes(packed)))) < 10_000_000
        except ValueError:
            pass


def test_truncated_data_is_an_error() -> None:
    packed = pack(samples()[3])
    with pytest.raises(ValueError):
        b"".join(_lz4.decompress([packed[:-100]]))
    with pytest.raises(ValueError):
        b"".join(_lz4.decompress_in_python(packed[:-100]))
