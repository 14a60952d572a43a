"""What tests of package readers need: one file in a project made on the spot, and the packages that were found."""

from __future__ import annotations

import time
from pathlib import Path

from projecttest import make_project
from secaudit.tables.project._package_model import Manifest, Package
from secaudit.tables.project._packages import Packages, packages_of
from secaudit.targets.project import ProjectAccess
from secaudit.targets.recorder import Cache, Recorder
from tabletest import NOW_S


def packages_in(folder: Path) -> Packages:
    """All packages of a project."""
    return packages_of(Recorder(ProjectAccess(str(folder)), Cache(), NOW_S, time.monotonic() + 60))


def read(tmp_path: Path, files: dict[str, str | bytes]) -> Packages:
    """The packages of files that are written now; no git, so that it is quick."""
    return packages_in(make_project(tmp_path / "p", files, git=False))


def only(tmp_path: Path, name: str, content: str | bytes) -> tuple[Manifest, dict[str, Package]]:
    """The row of one file, and its packages by name."""
    found = read(tmp_path, {name: content})
    (manifest,) = found.manifests
    return manifest, {each.name: each for each in found.found}
