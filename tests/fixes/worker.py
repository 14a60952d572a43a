"""Tries fixes in namespaces of its own: worker.py BASE SCRATCH quick|thorough [CONTENT].

Check ids come in, one JSON line a result goes out. CONTENT is a folder with more checks/, and their breaks in fixes/.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
import time
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from cases import load
from fixroot import FixRoot, mount
from trial import Auditor, Result, Trial

from secaudit.app.auditing import GC_EVERY

NAMESPACES = (
    "unshare",
    "--mount",
    "--pid",
    "--fork",
    "--kill-child",
    "--net",
    "--ipc",
    "--uts",
    "--propagation",
    "private",
)


def main() -> None:
    base, scratch, mode = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # nothing but results goes out
    mount("-t", "tmpfs", "-o", "mode=755", "fixes", f"{scratch}")  # with set-uid, whatever /tmp is mounted with
    content = tuple(Path(folder) for folder in sys.argv[4:])
    gc.set_threshold(GC_EVERY)  # as an audit does
    cases, auditor = load(*(folder / "fixes" for folder in content)), Auditor(content)
    for line in sys.stdin:
        check, started = line.strip(), time.monotonic()
        try:
            with FixRoot(base, scratch) as copy:
                result = Trial(auditor, cases[check], copy, mode == "thorough").run()
                end_the_rest()
        except Exception:  # noqa: BLE001  goes into the report of this one trial
            result = Result(check, [traceback.format_exc()])
        answers.write(json.dumps(result.as_json() | {"seconds": round(time.monotonic() - started, 2)}) + "\n")
        answers.flush()


def end_the_rest() -> None:
    """End the servers that a fix started: in this namespace we are process 1, and all others are theirs."""
    if os.getpid() != 1:
        return
    with contextlib.suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


if __name__ == "__main__":
    main()
