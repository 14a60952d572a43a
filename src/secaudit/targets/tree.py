"""The files of an archive as nodes in memory: what each header says, and where its content lies. Nothing is unpacked.

So no entry can write anywhere, and owner, group and mode are those of the archive, whoever looks.
"""

from __future__ import annotations

import errno
import os
from typing import NamedTuple

from secaudit.targets.parts import ArchiveProblem, Part
from secaudit.targets.root import MAX_LINKS
from secaudit.targets.tarformat import Member

MAX_NODES = 1_000_000
"""Twice the files of a full desktop; as many nodes take about 500 MB of memory."""

MAX_STEPS = 50_000_000
"""Path components followed while the tree is built. A real system of a million files needs about 8 million; long paths
through many links, made to keep us busy, need more."""

MAX_DEPTH = 256
"""Folders one below the other. Unpacked package trees reach about 40."""

KEPT_FILE_BYTES = 1 << 30
"""A larger file is not read: no table reads one, the largest wants is a database of packages."""

UNPACK_FIRST = "unpack it yourself, as root, and name the folder"


class Place(NamedTuple):
    """Where the content of a file lies."""

    part: Part
    offset: int
    pieces: tuple[tuple[int, int, int], ...] | None
    """Of a sparse file: (place in the file, place in the part, bytes); what lies between is zeros."""


class Node:
    """One inode. Several names may hold the same one: hard links."""

    __slots__ = (
        "children", "content", "gid", "ino", "kind", "link", "mode", "mtime_s", "nlink", "problem", "size", "uid",
    )  # fmt: skip

    def __init__(self, kind: str, ino: int, mode: int = 0o755) -> None:
        self.kind = kind
        self.ino = ino
        self.mode = mode
        self.uid = self.gid = self.size = self.mtime_s = 0
        self.nlink = 1
        self.link = ""
        self.children: dict[str, Node] | None = {} if kind == "dir" else None
        self.content: Place | None = None
        self.problem: str | None = None
        """Why the content cannot be given."""


class Summary(NamedTuple):
    """What a finished tree holds."""

    entries: int
    implied: int
    """Folders without an entry of their own. They are root's with mode 0755, as each archive program makes them."""
    unreadable: tuple[tuple[str, str], ...]
    """Files whose content cannot be given: path and reason."""


class Tree:
    """Nodes below a top folder, placed entry by entry as an archive program run in a chroot(2) would place them."""

    def __init__(self) -> None:
        self.top = Node("dir", 1)
        self._inodes = 1
        self._spent = 0
        self._steps = 0
        self._fresh: set[tuple[int, str]] = set()
        """Names that the layer in work has given: (inode of the folder, name)."""
        self._last: tuple[str, Node] | None = None
        """The folder found last and its path: entries of one folder stand together. None once it may be another."""
        self._implied: set[int] = {1}
        """Folders without an entry of their own."""

    def begin_layer(self) -> None:
        """What is placed from now on hides what is there."""
        self._fresh.clear()
        self._last = None

    def find(self, path: str, follow: bool) -> tuple[Node, str]:
        """The node at a path and its real path. Raise what open(2) would raise."""
        stack, names = self._descend(path, follow, make=False)
        return stack[-1], "/" + "/".join(names)

    def _descend(self, path: str, follow: bool, make: bool) -> tuple[list[Node], list[str]]:
        """The nodes on the way to a path and their names. Links lead as in a chroot(2): never above the top."""
        todo = [part for part in reversed(path.split("/")) if part and part != "."]
        stack, names = [self.top], list[str]()
        links = 0
        while todo:
            part = todo.pop()
            if part == "..":
                if names:
                    stack.pop()
                    names.pop()
                continue
            folder = stack[-1]
            if folder.children is None:
                raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
            child = folder.children.get(part)
            if child is None or (make and child.kind not in ("dir", "link")):
                if not make:
                    raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
                child = self._new("dir")
                self._implied.add(child.ino)
                folder.children[part] = child
            if make:
                self._fresh.add((folder.ino, part))
                self._steps += 1
            if child.kind == "link" and (todo or follow):
                links += 1
                if links > MAX_LINKS:
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
                if child.link.startswith("/"):
                    del stack[1:], names[:]
                todo.extend(piece for piece in reversed(child.link.split("/")) if piece and piece != ".")
                continue
            stack.append(child)
            names.append(part)
            if make and len(names) > MAX_DEPTH:
                raise ArchiveProblem(f"it holds more than {MAX_DEPTH} folders one below the other", UNPACK_FIRST)
        if self._steps > MAX_STEPS:
            raise ArchiveProblem("its paths are too long and too many", UNPACK_FIRST)
        return stack, names

    def _new(self, kind: str) -> Node:
        self.spend(1)
        self._inodes += 1
        return Node(kind, self._inodes)

    def spend(self, count: int) -> None:
        """Count what takes memory.

        Raises:
            ArchiveProblem: it is too much.
        """
        self._spent += count
        if self._spent > MAX_NODES:
            raise ArchiveProblem(f"it holds more than {MAX_NODES} entries", UNPACK_FIRST)

    def _folder(self, path: str) -> Node:
        """The folder at a path, made when it is missing, as each archive program does."""
        if self._last is not None and self._last[0] == path:
            return self._last[1]
        try:
            folder = self._descend(path, follow=True, make=True)[0][-1]
        except OSError as error:  # a loop of links
            raise ArchiveProblem(f"the links on the way to {path} go round in a circle") from error
        self._last = (path, folder)
        return folder

    def place(self, member: Member, part: Part) -> None:
        """Put one entry of an archive into the tree; a later one replaces an earlier one of its name.

        Raises:
            ArchiveProblem: its path leads out of the archive, or a limit is reached.
        """
        parts = parts_of(member.name)
        if not parts:
            if member.kind == "dir":
                self._describe(self.top, member, part)
            return
        folder = self._folder("/".join(parts[:-1]))
        assert folder.children is not None
        name = parts[-1]
        self._fresh.add((folder.ino, name))
        known = folder.children.get(name)
        if known is not None:
            self._last = None
        if member.kind == "dir" and known is not None and known.kind == "dir":
            self.spend(1)
            self._describe(known, member, part)
            return
        if member.kind == "hard":
            other = self._linked(member.link)
            if other is not None:
                self.spend(1)
                folder.children[name] = other
                return
        node = self._new("file" if member.kind == "hard" else member.kind)
        self._describe(node, member, part)
        if member.kind == "hard":
            node.problem = f"a hard link to {member.link}, which is no file of the archive"
        folder.children[name] = node

    def _linked(self, text: str) -> Node | None:
        """What a hard link names: an entry that came before, and never a folder, which could hold itself."""
        try:
            node = self._descend("/".join(parts_of(text)), follow=False, make=False)[0][-1]
        except OSError:
            return None
        return node if node.kind != "dir" else None

    def _describe(self, node: Node, member: Member, part: Part) -> None:
        self._implied.discard(node.ino)
        node.mode = member.mode if member.kind != "link" else 0o777  # Linux gives links no other, symlink(7)
        node.uid, node.gid, node.mtime_s = member.uid, member.gid, member.mtime_s
        node.size, node.link, node.problem = member.size, member.link if member.kind == "link" else "", member.problem
        if member.pieces is not None:
            self.spend(len(member.pieces) // 4)
        if member.kind == "file":
            node.content = Place(part, member.offset, member.pieces)

    def hide(self, path: str) -> None:
        """Take away what earlier layers gave at a path."""
        parts = parts_of(path)
        folder = self._known(parts[:-1]) if parts else None
        if folder is not None:
            self._hide(folder, parts[-1])

    def hide_below(self, path: str) -> None:
        """Take away what earlier layers gave inside a folder."""
        folder = self._known(parts_of(path))
        if folder is not None and folder.children is not None:
            for name in list(folder.children):
                self._hide(folder, name)

    def _known(self, parts: list[str]) -> Node | None:
        try:
            return self._descend("/".join(parts), follow=True, make=False)[0][-1]
        except OSError:
            return None

    def _hide(self, folder: Node, name: str) -> None:
        """Without recursion; what this layer itself gave stays (image-spec, layer.md, "Whiteouts")."""
        waiting = [(folder, name)]
        while waiting:
            here, name = waiting.pop()
            child = (here.children or {}).get(name)
            if child is None:
                continue
            self._last = None
            if (here.ino, name) not in self._fresh:
                assert here.children is not None
                del here.children[name]
            elif child.children is not None:
                waiting.extend((child, below) for below in child.children)

    def finish(self) -> Summary:
        """Count the names of each node, once all is placed."""
        counts: dict[int, int] = {}
        unreadable: list[tuple[str, str]] = []
        entries = implied = 0
        waiting = [("/", self.top)]
        while waiting:
            prefix, folder = waiting.pop()
            assert folder.children is not None
            folder.nlink = 2
            entries += len(folder.children)
            implied += folder.ino in self._implied
            for name, child in folder.children.items():
                if child.children is not None:
                    folder.nlink += 1
                    waiting.append((f"{prefix}{name}/", child))
                    continue
                counts[child.ino] = child.nlink = counts.get(child.ino, 0) + 1
                if child.kind == "file" and child.size > KEPT_FILE_BYTES:
                    unreadable.append((prefix + name, f"larger than {KEPT_FILE_BYTES >> 30} GiB"))
                elif child.problem is not None:
                    unreadable.append((prefix + name, child.problem))
        return Summary(entries, implied, tuple(unreadable))


def parts_of(name: str) -> list[str]:
    """The components of an entry's path, from the top; a leading slash means the same place, as tar(1) reads it.

    Raises:
        ArchiveProblem: it has `..`: the entry would lie somewhere else than it says.
    """
    parts = [part for part in name.split("/") if part and part != "."]
    if ".." in parts:
        raise ArchiveProblem(f'the path "{name}" in it has "..": it is damaged, or made to write outside its folder')
    return parts
