"""Loading content: all our checks and standards, and 600 checks with 12 standards, some of them copies."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path

import yaml

from secaudit.content import library
from secaudit.content.root import content_root

CHECKS, STANDARDS = 600, 12
BUDGET = "600 checks and 12 standards in 150 ms"


def run() -> None:
    """Measure and print: the first load parses YAML, later ones find it parsed."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["SECAUDIT_CACHE"] = f"{folder}/cache"
        Path(folder, "cache").mkdir(mode=0o700)
        many = _many(Path(folder))
        print(f"\nContent  ({BUDGET})")
        for name, place in (("ours", content_root()), (f"{CHECKS} checks, {STANDARDS} standards", many)):
            first, later, peer = _median_ms(place, fresh=True), _median_ms(place), _peer_ms(place)
            print(f"  {name:<34} first {first:7.1f} ms, later {later:7.1f} ms; yaml.CSafeLoader alone {peer:7.1f} ms")
            print(f"  {'':<34} first is {first / peer:.2f} of it, later {later / peer:.2f}")


def _median_ms(place: Path, *, fresh: bool = False) -> float:
    times = []
    for _ in range(5):
        if fresh:
            Path(os.environ["SECAUDIT_CACHE"], "content.json").unlink(missing_ok=True)
        begun = time.perf_counter()
        library.load(base=place)
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def _peer_ms(place: Path) -> float:
    """PyYAML's C loader on the same files: no rules, no types, no line numbers."""
    texts = [path.read_text(encoding="utf-8") for path in place.rglob("*.yaml")]
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        for text in texts:
            yaml.load(text, Loader=yaml.CSafeLoader)
        times.append(time.perf_counter() - begun)
    return 1000 * statistics.median(times)


def _many(folder: Path) -> Path:
    """Our content, and copies of it under new ids up to the number."""
    shutil.copytree(content_root() / "standards", folder / "standards")
    shutil.copytree(content_root() / "checks", folder / "checks")
    standards = sorted((folder / "standards").glob("*-*.yaml"))
    for number in range(STANDARDS - len(standards)):
        source = standards[number % len(standards)]
        text = source.read_text(encoding="utf-8")
        (folder / "standards" / f"copy-{number}.yaml").write_text(
            text.replace(f"id: {source.stem}\n", f"id: copy-{number}\n", 1), encoding="utf-8"
        )
    sources = sorted((content_root() / "checks").rglob("*.yaml"))
    target = folder / "checks" / "host" / "many"
    target.mkdir(parents=True)
    for number in range(CHECKS - len(sources)):
        source = sources[number % len(sources)]
        text = source.read_text(encoding="utf-8")
        (target / f"copy-{number}.yaml").write_text(
            text.replace(f"\nid: {source.stem}\n", f"\nid: copy-{number}\n", 1), encoding="utf-8"
        )
    return folder
