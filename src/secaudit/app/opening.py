"""Open what is to be audited: this machine, a mounted file system or an archive of one, a project."""

from __future__ import annotations

import os
from pathlib import Path

from secaudit.errors import TargetError
from secaudit.history.fingerprints import load_key
from secaudit.history.store import runs_folder
from secaudit.importing.kept import ImportsClosed, kept
from secaudit.targets.access import Access
from secaudit.targets.archive import open_archive, split_choice
from secaudit.targets.host import HostAccess
from secaudit.targets.project import ProjectAccess
from secaudit.targets.root import RootAccess
from secaudit.targets.staged import NothingStaged, open_staged

__all__ = ["NothingStaged", "is_root_file_system", "open_target"]


def open_target(root: Path | None = None, project: Path | None = None, *, staged: bool = False) -> Access:
    """Open the target that is named, or this machine; of a project only what is staged, when that is asked.

    Raises:
        TargetError: it cannot be opened, or is not what it was said to be.
    """
    if project is not None:
        return _open_project(project, staged=staged)
    return HostAccess() if root is None else _open_root(root)


def is_root_file_system(place: Path) -> bool:
    """Whether a path that was named without saying its kind is a system's file system and not a project.

    A file is an archive; what it holds is looked at when it is opened.
    """
    if not place.is_dir():
        return True
    if (place / "oci-layout").is_file():
        return True
    names = [place / name for name in ("etc/os-release", "usr/lib/os-release", "etc/passwd")]
    return any(os.path.lexists(name) for name in names) and (place / "usr").is_dir()


def _open_root(root: Path) -> Access:
    fix = ("fix", "name the top folder of a mounted or unpacked file system, or an archive of it")
    place, chosen = split_choice(root)
    access: Access | None = open_archive(place, chosen) if os.path.lexists(place) else None
    try:
        access = access or RootAccess(os.fspath(place))
    except OSError as error:
        raise TargetError(f"{root}: {error.strerror} (option --root)", (fix,)) from error
    if not (_may_have(access, "/etc") or _may_have(access, "/usr")):  # an empty folder would pass
        raise TargetError(f"{root}: this is no root file system, it has no folder etc or usr (option --root)", (fix,))
    return access


def _may_have(access: Access, folder: str) -> bool:
    try:
        return access.stat(folder, True).kind == "dir"
    except PermissionError:
        return True
    except OSError:
        return False


def _open_project(project: Path, *, staged: bool) -> Access:
    fix = ("fix", "name the folder of the source code, or a git repository")
    access: Access
    try:
        access = open_staged(str(project)) if staged else ProjectAccess(str(project))
        empty = not access.listdir("/") and not staged
    except OSError as error:
        raise TargetError(f"{project}: {error.strerror} (option --project)", (fix,)) from error
    if empty:
        raise TargetError(f"{project}: this folder is empty (option --project)", (fix,))
    access.fingerprint_key = load_key() or access.fingerprint_key
    access.kept_folder = str(runs_folder().parent)
    if not staged:
        try:
            access.imported = kept(str(project))
        except ImportsClosed as closed:
            access.notes = (*access.notes, f"imports of other tools are not used: {closed.message}")
    return access
