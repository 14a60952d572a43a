"""Run commands in turn and give medians of wall time, processor time and peak memory."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figures:
    """One run of one command."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    exit_code: int


def once(argv: Sequence[str]) -> Figures:
    """Run a command to its end; its output is thrown away."""
    begun = time.perf_counter()
    # an installed program has its bytecode; this setting would compile all of it at each start
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    nothing = subprocess.DEVNULL
    process = subprocess.Popen(argv, stdin=nothing, stdout=nothing, stderr=nothing, env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall_s = time.perf_counter() - begun
    return Figures(wall_s, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, process.returncode)


def in_turn(commands: dict[str, Sequence[str]], rounds: int) -> dict[str, Figures]:
    """Run the commands A B C A B C ..., one warm-up round first, and give the median of each figure."""
    kept: dict[str, list[Figures]] = {name: [] for name in commands}
    for number in range(rounds + (rounds > 1)):
        for name, argv in commands.items():
            figures = once(argv)
            if number or rounds == 1:
                kept[name].append(figures)
    return {
        name: Figures(
            statistics.median(item.wall_s for item in runs),
            statistics.median(item.cpu_s for item in runs),
            max(item.peak_mb for item in runs),
            runs[-1].exit_code,
        )
        for name, runs in kept.items()
    }


def find(program: str) -> str | None:
    """A program, also in the folders that only root has in its path."""
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin")


def show(title: str, figures: dict[str, Figures], base: str, note: str = "") -> None:
    """Print a table; the last column says how many times as long each command takes as `base`."""
    print(f"\n{title}{f'  ({note})' if note else ''}")
    print(f"  {'command':<34} {'wall s':>8} {'cpu s':>8} {'peak MB':>8} {'exit':>5}   x time of {base}")
    for name, item in figures.items():
        ratio = item.wall_s / figures[base].wall_s
        print(
            f"  {name:<34} {item.wall_s:8.3f} {item.cpu_s:8.3f} {item.peak_mb:8.1f} {item.exit_code:>5}   {ratio:.2f}"
        )
