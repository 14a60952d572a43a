"""root, out of an archive: a tree of headers to look through; content is read from where it lies in the archive."""

from __future__ import annotations

import errno
import os
import tempfile
from typing import Iterator, Mapping

from secaudit.model import Consent
from secaudit.tableapi import Command, ImportedReport, Net, NotRegular, Stat, TooLarge, Unsupported
from secaudit.targets.access import Skip, find_program, new_fingerprint_key
from secaudit.targets.tree import KEPT_FILE_BYTES, Node, Place, Tree
from secaudit.targets.unpack import temporary_folder

MEMORY_BYTES = 32 << 20
"""A larger file is copied to the disk while it is open, not to memory."""


class TreeAccess:
    """The files of an archive. All may be read, whoever we are, so the rights of this audit reach everything."""

    kind = "root"
    live = False
    imported: tuple[ImportedReport, ...] = ()
    net: Net | None = None
    consent: Consent | None = None
    is_root = True
    uid = 0

    def __init__(self, tree: Tree, name: str, notes: tuple[str, ...] = ()) -> None:
        self._tree = tree
        self.name = name
        self.notes = notes
        self.fingerprint_key = new_fingerprint_key()
        self.kept_folder = ""

    def open(self, path: str) -> int:
        """A private copy of the content: it has its own end, and nothing else can be read through it."""
        node, _ = self._tree.find(path, follow=True)
        if node.kind != "file":
            raise NotRegular(f"{path} is not a regular file")
        if node.size > KEPT_FILE_BYTES:
            raise TooLarge(f"{path} has {node.size} bytes, the limit in an archive is {KEPT_FILE_BYTES}")
        if node.problem is not None or node.content is None:
            raise OSError(errno.EIO, f"cannot be read from the archive: {node.problem}", path)
        descriptor = _empty_file(node.size)
        try:
            os.ftruncate(descriptor, node.size)  # what lies between the pieces of a sparse file is zeros
            _copy(node.content, node.size, descriptor, path)
            os.lseek(descriptor, 0, os.SEEK_SET)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor

    def stat(self, path: str, follow: bool) -> Stat:
        return _to_stat(self._tree.find(path, follow)[0])

    def listdir(self, path: str) -> list[str]:
        children = self._tree.find(path, follow=True)[0].children
        if children is None:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return sorted(children)

    def readlink(self, path: str) -> str:
        node, _ = self._tree.find(path, follow=False)
        if node.kind != "link":  # readlinkat(2) says the same of a descriptor
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
        return node.link

    def realpath(self, path: str) -> str:
        return self._tree.find(path, follow=True)[1]

    def walk(self, top: str, denied: list[str], cross: bool, skip: Skip | None = None) -> Iterator[tuple[str, Stat]]:
        try:
            node, real = self._tree.find(top, follow=False)
        except OSError:
            return
        waiting = [(real.rstrip("/") + "/", node)]
        while waiting:
            prefix, folder = waiting.pop()
            for name, child in (folder.children or {}).items():
                if child.children is not None and not (skip and skip(prefix + name)):
                    waiting.append((f"{prefix}{name}/", child))
                yield prefix + name, _to_stat(child)

    def find_program(self, name: str) -> str | None:
        return find_program(self, name)

    def run(self, argv: list[str], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is not run: nothing of a mounted file system is executed")

    def run_fed(self, argv: list[str], feed: bytes, timeout_s: float, limit_bytes: int) -> bytes:
        raise Unsupported(f"{argv[0]} is not run: nothing of a mounted file system is executed")

    def run_over(self, argv: list[str], files: Mapping[str, bytes], timeout_s: float, limit_bytes: int) -> Command:
        raise Unsupported(f"{argv[0]} is run over projects only")


def _to_stat(node: Node) -> Stat:
    return Stat(node.kind, node.mode, node.uid, node.gid, node.size, node.mtime_s, node.nlink, 1, node.ino)


def _empty_file(size: int) -> int:
    if size <= MEMORY_BYTES:
        return os.memfd_create("secaudit", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile(dir=temporary_folder(), buffering=0) as stream:
        return os.dup(stream.fileno())


def _copy(content: Place, size: int, descriptor: int, path: str) -> None:
    pieces = content.pieces if content.pieces is not None else ((0, content.offset, size),)
    part = content.part
    for start, offset, length in pieces:
        os.lseek(descriptor, start, os.SEEK_SET)
        place, left = part.offset + offset, length
        while left:
            done = os.sendfile(descriptor, part.held.descriptor, place, left)
            if not done:
                raise OSError(errno.EIO, "the archive became shorter while it was read", path)
            place, left = place + done, left - done
