"""An archive as a target: a tar of a file system, or a container image in an archive or a folder.

Nothing of it is unpacked to names on this machine. Headers are kept in memory, content is read where it lies; only what
is compressed is copied, to a file without a name. An archive is taken whole or refused: a part of one could pass.
"""

from __future__ import annotations

import errno
import os
import stat as stat_module
from pathlib import Path

from secaudit.errors import TargetError
from secaudit.targets.blobs import Blobs, check_digest
from secaudit.targets.image import Image, is_image, read_image
from secaudit.targets.parts import ArchiveProblem, Part, whole
from secaudit.targets.root import RootAccess
from secaudit.targets.tarformat import looks_like_tar, members
from secaudit.targets.tree import Tree
from secaudit.targets.tree_access import TreeAccess
from secaudit.targets.unpack import Budget, no_space, unpacked

SHOWN = 5
"""Files named in the notes one by one."""

_MARK = ".wh."
_OPAQUE = ".wh..wh..opq"
_RESERVED = ".wh..wh."

_MOUNT = "mount it, or unpack it as root, and name the folder"
_DECRYPT = "decrypt it first"
_OTHERS = (
    (0, b"PK\x03\x04", "a zip archive", _MOUNT), (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _MOUNT),
    (0, b"Rar!", "a rar archive", _MOUNT), (0, b"07070", "a cpio archive", _MOUNT), (0, b"hsqs", "a squashfs", _MOUNT),
    (0, b"QFI\xfb", "a disk image (qcow2)", _MOUNT), (0, b"KDMV", "a disk image (vmdk)", _MOUNT),
    (32769, b"CD001", "a CD image", _MOUNT), (1080, b"\x53\xef", "a file system image", _MOUNT),
    (510, b"\x55\xaa", "a disk image", _MOUNT), (0, b"!<arch>\n", "an ar archive, perhaps a Debian package", _MOUNT),
    (0, b"\x04\x22\x4d\x18", "compressed with lz4, which is not read", "unpack it with lz4 -d"),
    (0, b"LZIP", "compressed with lzip, which is not read", "unpack it with lzip -d"),
    (0, b"\x1f\x9d", "compressed with compress, which is not read", "unpack it with gzip -d"),
    (0, b"LUKS\xba\xbe", "encrypted (LUKS)", "open it with cryptsetup, mount it and name the folder"),
    (0, b"Salted__", "encrypted (openssl)", _DECRYPT), (0, b"age-encryption.org/", "encrypted (age)", _DECRYPT),
    (0, b"-----BEGIN AGE", "encrypted (age)", _DECRYPT), (0, b"-----BEGIN PGP", "encrypted (OpenPGP)", _DECRYPT),
    (0, b"\x8c\x0d", "encrypted (OpenPGP)", _DECRYPT), (0, b"\x85\x01", "encrypted (OpenPGP)", _DECRYPT),
    (0, b"\x85\x02", "encrypted (OpenPGP)", _DECRYPT), (0, b"\x84", "encrypted (OpenPGP)", _DECRYPT),
)  # fmt: skip
"""What people name by mistake: place, bytes there, what it is, what to do."""


def split_choice(root: Path) -> tuple[Path, str | None]:
    """Read `FILE#TAG`: the file, and the image in it. A file whose own name has a # wins."""
    text = os.fspath(root)
    before, sign, chosen = text.rpartition("#")
    if not sign or not chosen or os.path.lexists(text):
        return root, None
    place = before
    while not os.path.lexists(place) and "#" in place:
        place = place.rpartition("#")[0]
    return (Path(place), text[len(place) + 1 :]) if os.path.lexists(place) else (root, None)


def open_archive(path: Path, chosen: str | None) -> TreeAccess | None:
    """Open a tar archive, or an image in an archive or folder; None for any other folder.

    Raises:
        TargetError: it cannot be read, or not as a whole.
    """
    try:
        try:
            return _opened(os.fspath(path), chosen)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise ArchiveProblem(*no_space()) from error
            raise TargetError(
                f"{path}: {error.strerror or error} (option --root)",
                (("fix", "name an archive or a folder that you may read"),),
            ) from error
    except ArchiveProblem as problem:
        raise TargetError(f"{path}: {problem.reason} (option --root)", (("fix", problem.fix),)) from problem


def _opened(path: str, chosen: str | None) -> TreeAccess | None:
    budget = Budget()
    if os.path.isdir(path):
        folder = _FolderBlobs(path)
        if folder.holds_a_system() or not is_image(folder):
            return None
        return _image_access(path, folder, chosen, budget)
    part = _tar_of(whole(_open_file(path)), budget)
    tree = Tree()
    for member in members(part):
        tree.place(member, part)
    blobs = _TreeBlobs(tree)
    if not blobs.holds_a_system() and is_image(blobs):
        return _image_access(path, blobs, chosen, budget)
    if chosen is not None:
        raise ArchiveProblem("it holds no container images to choose from", f"leave out #{chosen}")
    return _access(tree, os.path.basename(path), "a tar archive")


def _open_file(path: str) -> int:
    if not stat_module.S_ISREG(os.stat(path).st_mode):  # opening a device or FIFO may do harm or hang
        raise ArchiveProblem("it is neither a folder nor a regular file", "save it as a file first")
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)


def _tar_of(part: Part, budget: Budget) -> Part:
    """The plain tar archive in a part.

    Raises:
        ArchiveProblem: there is none; says what is there instead.
    """
    plain = unpacked(part, budget)
    other = next(((what, fix) for place, magic, what, fix in _OTHERS if plain.read(place, len(magic)) == magic), None)
    if looks_like_tar(plain) and (other is None or plain.read(0, 1) != b"\0"):  # disks may begin with zeros, too
        return plain
    if other is not None:
        raise ArchiveProblem(f"it {'is' if plain is part else 'holds'} {other[0]}", other[1])
    raise ArchiveProblem(
        "it is no tar archive and no container image", "name a folder, a tar archive, or what docker save wrote"
    )


def _image_access(path: str, blobs: Blobs, chosen: str | None, budget: Budget) -> TreeAccess:
    image = read_image(blobs, chosen)
    tree = Tree()
    for layer in image.layers:
        if layer.digest is not None:
            check_digest(layer.part, layer.digest)
        part = _tar_of(layer.part, budget)
        if layer.unpacked_digest is not None:
            check_digest(part, layer.unpacked_digest)
        _lay(tree, part)
    return _access(tree, _name_of(image, path), _words(image))


def _name_of(image: Image, path: str) -> str:
    file = os.path.basename(os.path.abspath(path))
    if image.name is None:
        return file
    return image.name if ":" in image.name or "/" in image.name else f"{file}:{image.name}"


def _words(image: Image) -> str:
    named = f"the image {image.name}" if image.name else "a container image"
    count = len(image.layers)
    return f"{named}{f' for {image.system}' if image.system else ''}, {count} layer{'' if count == 1 else 's'}"


def _lay(tree: Tree, part: Part) -> None:
    """Put a layer, whose digest was right, over those below it (image-spec, layer.md, "Applying Changesets")."""
    tree.begin_layer()
    for member in members(part, proven=True):
        folder, _, name = member.name.rstrip("/").rpartition("/")
        if name == _OPAQUE:
            tree.hide_below(folder)
        elif _RESERVED in member.name and any(piece.startswith(_RESERVED) for piece in member.name.split("/")):
            continue  # what AUFS kept for itself
        elif name.startswith(_MARK):
            if name[len(_MARK) :] not in ("", ".", ".."):
                tree.hide(f"{folder}/{name[len(_MARK) :]}")
        else:
            tree.place(member, part)


def _access(tree: Tree, name: str, what: str) -> TreeAccess:
    done = tree.finish()
    notes = [f"{name}: {what}, {done.entries} entries"]
    if done.implied:
        notes.append(
            f"{done.implied} folders have no entry of their own, the top folder included: taken as root's, mode 0755"
        )
    notes.extend(f"not readable: {path}: {reason}" for path, reason in done.unreadable[:SHOWN])
    if len(done.unreadable) > SHOWN:
        notes.append(f"not readable: {len(done.unreadable) - SHOWN} more")
    return TreeAccess(tree, name, tuple(notes))


class _TreeBlobs:
    """The files of an archive."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def holds_a_system(self) -> bool:
        children = self._tree.top.children or {}
        return "etc" in children or "usr" in children

    def part(self, name: str) -> Part | None:
        try:
            node, _ = self._tree.find(name, follow=True)
        except OSError:
            return None
        if node.kind != "file" or node.content is None or node.content.pieces is not None or node.problem is not None:
            return None
        return node.content.part.below(node.content.offset, node.size)


class _FolderBlobs:
    """The files of a folder; no link leads out of it."""

    def __init__(self, path: str) -> None:
        self._access = RootAccess(path)

    def holds_a_system(self) -> bool:
        return any(self._is_there(name) for name in ("/etc", "/usr"))

    def _is_there(self, name: str) -> bool:
        try:
            self._access.stat(name, True)
        except PermissionError:
            return True
        except OSError:
            return False
        return True

    def part(self, name: str) -> Part | None:
        try:
            return whole(self._access.open("/" + name))
        except PermissionError:
            raise
        except OSError:
            return None
