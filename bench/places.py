"""Where the peers look: this machine, or a Debian root with the peers installed in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOTS = Path(os.environ.get("SECAUDIT_ROOTS", Path(__file__).resolve().parent.parent / ".cache" / "roots"))
COPIES = Path(__file__).resolve().parent.parent / ".cache" / "bench"
ORACLES = (
    Path(os.environ.get("SECAUDIT_ORACLES") or Path(__file__).resolve().parent.parent / ".cache" / "oracles") / "bin"
)
"""Other people's auditors, made by scripts/make-oracles.sh."""
CONTENT = Path("/usr/share/xml/scap/ssg/content")
"""Debian's ssg-debian; taken from this machine into each root, so that all roots are judged by the same rules."""

COMMON = ("lynis", "procps", "iproute2")
PACKAGES = {"bookworm": ("openscap-scanner", *COMMON), "bullseye": COMMON}
"""Debian 11 has no OpenSCAP of its own: there the one of Debian 12 runs, with its own libraries."""

OSCAP = "/opt/oscap"
"""Where that program lies in the Debian 11 root."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is audited; `root` is None for this machine."""

    name: str
    root: Path | None = None

    def inside(self, argv: Sequence[str]) -> list[str]:
        """The command as it runs in this place, with /proc and /dev of its own view."""
        if self.root is None:
            return list(argv)
        script = 'mount -t proc proc "$0/proc" && mount --bind /dev "$0/dev" && exec chroot "$0" "$@"'
        return ["unshare", "--mount", "--fork", "--pid", "sh", "-c", script, str(self.root), *argv]

    def path(self, inner: str) -> Path:
        """A path of this place as seen from outside."""
        return Path(inner) if self.root is None else self.root / inner.lstrip("/")

    @property
    def oscap(self) -> list[str]:
        """How the program is started in this place."""
        if not self.path(OSCAP).is_dir():
            return ["/usr/bin/oscap"]
        return [f"{OSCAP}/ld-linux-x86-64.so.2", "--library-path", OSCAP, f"{OSCAP}/oscap"]


def places() -> list[Place]:
    """This machine, and each Debian root in which the peers could be installed; the others are named."""
    found = [Place("this machine")]
    for suite, title in (("bookworm", "Debian 12 root"), ("bullseye", "Debian 11 root")):
        root = _with_peers(suite)
        if root is None:
            print(f"\nno {title}: it needs root, debootstrap (make test makes the roots), and packages from Debian")
        else:
            found.append(Place(title, root))
    return found


def _with_peers(suite: str) -> Path | None:
    """A copy of a Debian root with the peers in it, made once."""
    source, target = ROOTS / suite, COPIES / suite
    if (target / "etc").is_dir():
        return target
    if os.geteuid() != 0 or not (source / "etc" / "os-release").is_file():
        return None
    unfinished = target.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", str(source), str(unfinished)], check=True)
    shutil.copy("/etc/resolv.conf", unfinished / "etc/resolv.conf")
    install = "apt-get update -qq && apt-get install -y -qq --no-install-recommends " + " ".join(PACKAGES[suite])
    done = subprocess.run(
        Place(suite, unfinished).inside(["sh", "-c", install]),
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"},
        stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        print(done.stderr.decode(errors="replace")[-500:])
        return None
    if CONTENT.is_dir():
        shutil.copytree(CONTENT, unfinished / "opt/content", symlinks=True)
    if "openscap-scanner" not in PACKAGES[suite]:
        _lend_oscap(COPIES / "bookworm", unfinished)
    unfinished.rename(target)
    return target


def _lend_oscap(source: Path, target: Path) -> None:
    """Copy oscap with the libraries that it loads, and its data, from one root into another."""
    place = Place("source", source)
    listed = subprocess.run(place.inside(["ldd", "/usr/bin/oscap"]), capture_output=True, text=True, check=True).stdout
    folder = target / OSCAP.lstrip("/")
    folder.mkdir(parents=True)
    for path in ["/usr/bin/oscap", *re.findall(r"(/\S+) \(0x", listed)]:
        shutil.copy(place.path(path), folder)  # follows links, which all stay inside Debian's own folders
    shutil.copytree(place.path("/usr/share/openscap"), target / "usr/share/openscap", symlinks=True, dirs_exist_ok=True)
