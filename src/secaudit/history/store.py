"""Runs of earlier audits, one folder each, readable by their owner only: they name weak spots."""

from __future__ import annotations

import contextlib
import json
import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from secaudit.content.decode import DecodeProblem, decode
from secaudit.content.private import foreign_place
from secaudit.errors import StateError
from secaudit.evidence.document import load_run
from secaudit.model import Run

RUN_FILE = "run.json"
SUMMARY_FILE = "summary.json"
SNAPSHOT_FILE = "snapshot.jsonl"
REPORT_FILE = "report.html"
_NAME = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}(-\d+)?\Z")


def runs_folder() -> Path:
    """Where runs are kept: $SECAUDIT_STATE/runs, else the user's state folder."""
    if own := os.environ.get("SECAUDIT_STATE"):
        return Path(own) / "runs"
    from platformdirs import user_state_path

    return user_state_path("secaudit") / "runs"


@dataclass(frozen=True, slots=True)
class Summary:
    """The few facts of a run that lists and trends need, kept beside it so that the run need not be read."""

    id: str
    started: str
    finished: str
    kind: str
    name: str
    is_root: bool
    profile: str
    low: int
    high: int
    coverage: int
    grade: str | None
    failed: int
    unknown: int


def summary_of(run: Run) -> Summary:
    """The summary of a run."""
    return Summary(
        id=run.id,
        started=run.started,
        finished=run.finished,
        kind=run.target.kind,
        name=run.target.name,
        is_root=run.target.is_root,
        profile=run.profile,
        low=run.score.low,
        high=run.score.high,
        coverage=run.score.coverage,
        grade=run.score.grade,
        failed=run.counts.failed,
        unknown=run.counts.unknown,
    )


@dataclass(frozen=True, slots=True)
class Stored:
    """A run that was kept."""

    id: str
    folder: Path

    def load(self) -> Run:
        """Read it.

        Raises:
            StateError: it is damaged or cannot be read.
        """
        path = self.folder / RUN_FILE
        try:
            return load_run(path.read_text(encoding="utf-8"), str(path))
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{path}: cannot be read", (("fix", "remove the folder, or audit again"),)) from error

    def summary(self) -> Summary | None:
        """The facts for a list; None when the run is damaged."""
        try:
            found = decode(Summary, json.loads((self.folder / SUMMARY_FILE).read_text(encoding="utf-8")))
        except (OSError, ValueError, RecursionError, DecodeProblem):
            return None
        return replace(found, id=self.id)


def save(run: Run, files: Mapping[str, Iterable[bytes]]) -> Stored:
    """Keep a run with its files (name -> content, in parts).

    Raises:
        StateError: the folder cannot be written; nothing half-written is left.
    """
    base = runs_folder()
    try:
        make_private(base)
        with contextlib.ExitStack() as stack:
            building = Path(tempfile.mkdtemp(prefix=".new-", dir=base))
            stack.callback(_remove, building)
            summary = json.dumps(asdict(summary_of(run))).encode() + b"\n"
            for name, parts in {SUMMARY_FILE: (summary,), **files}.items():
                write_private(building / name, parts)
            folder = base / run.id
            number = 1
            while True:
                try:
                    building.rename(folder)
                    break
                except OSError:
                    if not folder.exists() or number > 99:
                        raise
                    number += 1
                    folder = base / f"{run.id}-{number}"
        return Stored(folder.name, folder)
    except OSError as error:
        hint = ("fix", "free some space, or choose another folder: SECAUDIT_STATE=/path secaudit ...")
        raise StateError(f"{base}: {error.strerror or error}", (hint,)) from error


def write_private(path: Path, parts: Iterable[bytes], mode: int = 0o600) -> None:
    """Write a file for its owner only: complete, or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.writelines(parts)
            os.fchmod(handle, mode)
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def stored_runs() -> list[Stored]:
    """All kept runs, newest first.

    Raises:
        StateError: the folder cannot be read.
    """
    base = runs_folder()
    try:
        names = sorted((name for name in os.listdir(base) if _NAME.match(name)), reverse=True)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise StateError(f"{base}: {error.strerror}", (("fix", "make the folder readable"),)) from error
    return [Stored(name, base / name) for name in names]


def find(name: str | None) -> Stored:
    """A kept run by its id, or by how the id begins; the newest without a name.

    Raises:
        StateError: there is none, or several fit.
    """
    known = stored_runs()
    fitting = [stored for stored in known if name is None or stored.id.startswith(name)]
    if not fitting:
        what = "no run is stored yet" if not known else f'no stored run is called "{name}"'
        raise StateError(what, (("fix", "secaudit audit" if not known else "secaudit history"),))
    exact = [stored for stored in fitting if stored.id == name]
    if name is not None and not exact and len(fitting) > 1:
        raise StateError(f'{len(fitting)} stored runs begin with "{name}"', (("fix", "write more of the id"),))
    return exact[0] if exact else fitting[0]


def earlier_than(run: Run, limit: int = 12) -> list[Summary]:
    """Summaries of older runs of the same target, profile and rights, newest first; damaged ones are passed over."""
    mine = summary_of(run)
    same = []
    for stored in stored_runs():
        other = stored.summary()
        if other is None or other.started >= mine.started:
            continue
        if (other.kind, other.name, other.profile, other.is_root) == (mine.kind, mine.name, mine.profile, mine.is_root):
            same.append(other)
            if len(same) == limit:
                break
    return same


def make_private(folder: Path) -> None:
    """Make a folder of ours in the state folder. One that exists above it stays as it is: it may be /tmp.

    Raises:
        StateError: we are root, and somebody else could lead the writing elsewhere.
        OSError: it cannot be made.
    """
    if os.geteuid() == 0 and (place := foreign_place(folder)) is not None:
        hint = ("fix", "choose a folder of root: SECAUDIT_STATE=/root/.local/state/secaudit secaudit ...")
        raise StateError(f"{folder}: {place} is another user's to change, so root does not write there", (hint,))
    folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.mkdir(exist_ok=True, mode=0o700)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)


def _remove(folder: Path) -> None:
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        with contextlib.suppress(OSError):
            path.unlink()
    with contextlib.suppress(OSError):
        folder.rmdir()
