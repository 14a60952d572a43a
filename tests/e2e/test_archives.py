"""A Debian root in archives and images made by the programs of that trade: the audit is that of the folder."""

from __future__ import annotations

import bz2
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from debian_roots import ROOTS, needs_roots
from runprogram import secaudit
from tabletest import open_to_others


def needs(*programs: str) -> pytest.MarkDecorator:
    missing = [name for name in programs if shutil.which(name) is None]
    return pytest.mark.skipif(bool(missing) and not os.environ.get("CI"), reason=f"needs {', '.join(missing)}")


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root to read all of the Debian root")


def audited(root: Path | str, state: Path) -> tuple[dict[str, Any], str]:
    done = secaudit("audit", "--root", str(root), "--format", "json", "--fail-on", "never", state=state)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout), done.stderr


def judged(run: dict[str, Any]) -> dict[str, Any]:
    """A run without what names it and its time."""
    return {
        key: value
        for key, value in run.items()
        if key not in ("id", "started", "finished", "target", "snapshot_sha256")
    }


@pytest.fixture(scope="module")
def folder_run(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return audited(ROOTS["bookworm"], tmp_path_factory.mktemp("state"))[0]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """bookworm.tar, made by GNU tar."""
    place = tmp_path_factory.mktemp("made")
    subprocess.run(
        ["tar", "--numeric-owner", "-C", str(ROOTS["bookworm"]), "-cf", str(place / "bookworm.tar"), "."], check=True
    )
    return place


@needs_roots
@needs_root
@pytest.mark.parametrize(
    ("suffix", "command"),
    [("", None), (".gz", ["gzip", "-1"]), pytest.param(".zst", ["zstd", "-1"], marks=needs("zstd"))],
)
def test_a_tar_of_a_debian_root_is_judged_as_the_folder(
    made: Path, folder_run: dict[str, Any], tmp_path: Path, suffix: str, command: list[str] | None
) -> None:
    path = made / "bookworm.tar"
    if command is not None:
        path = tmp_path / f"bookworm.tar{suffix}"
        with path.open("wb") as stream:
            subprocess.run([*command, "-c", str(made / "bookworm.tar")], stdout=stream, check=True)
    run, said = audited(path, tmp_path)
    assert judged(run) == judged(folder_run)
    assert (run["target"]["kind"], run["target"]["name"]) == ("root", path.name)
    assert said.startswith(f"note: {path.name}: a tar archive, ")


@needs_roots
@needs_root
@needs("umoci", "skopeo", "zstd")
def test_images_of_a_debian_root_are_judged_as_the_folder(folder_run: dict[str, Any], tmp_path: Path) -> None:
    """An OCI layout by umoci; by skopeo an archive of it with zstd layers, and what docker load reads."""
    layout, tag = tmp_path / "layout", "docker.io/library/debian:test"
    for command in (
        ["umoci", "init", "--layout", layout],
        ["umoci", "new", "--image", f"{layout}:base"],
        ["umoci", "insert", "--image", f"{layout}:base", ROOTS["bookworm"], "/"],
        ["umoci", "insert", "--image", f"{layout}:base", "/etc/hostname", "/etc/secaudit-test"],
        ["umoci", "insert", "--image", f"{layout}:base", "--whiteout", "/etc/secaudit-test"],
        ["skopeo", "copy", "-q", "--dest-compress", "--dest-compress-format", "zstd", f"oci:{layout}:base", f"oci-archive:{tmp_path}/z.tar"],
        ["skopeo", "copy", "-q", f"oci:{layout}:base", f"docker-archive:{tmp_path}/d.tar:{tag}"],
    ):  # fmt: skip
        subprocess.run([str(word) for word in command], check=True, capture_output=True)
    for path, name in ((layout, "layout:base"), (tmp_path / "z.tar", "z.tar"), (tmp_path / "d.tar", tag)):
        run, said = audited(path, tmp_path)
        assert judged(run) == judged(folder_run)
        assert run["target"]["name"] == name
        assert "3 layers" in said


CODE = """
import json, os, sys
from pathlib import Path
from secaudit.app import auditing
from secaudit.evidence.document import dump_run

def audit():
    clock = lambda: auditing.datetime(2026, 11, 23, tzinfo=auditing.UTC)
    return json.loads(dump_run(auditing.audit(auditing.AuditRequest(root=Path(sys.argv[1])), clock=clock).run))

as_root = audit()
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
os.environ["HOME"] = "/nonexistent"
json.dump([as_root, audit()], sys.stdout)
"""


@needs_roots
@needs_root
def test_a_user_is_told_the_same_of_an_archive_as_root(made: Path) -> None:
    open_to_others(made)
    (made / "bookworm.tar").chmod(0o644)
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(made / "bookworm.tar")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    as_root, as_user = json.loads(done.stdout)
    assert as_user == as_root
    assert as_user["target"]["is_root"] is True
    assert as_user["counts"]["needs_root"] == 0


def test_ctrl_c_while_unpacking_leaves_nothing(tmp_path: Path) -> None:
    packed, place = tmp_path / "x.tar.bz2", tmp_path / "place"
    place.mkdir()
    packed.write_bytes(bz2.compress(os.urandom(10_000_000)) * 16)  # takes a quarter of a minute, if nobody interrupts
    process = subprocess.Popen(
        [sys.executable, "-m", "secaudit", "audit", "--root", str(packed), "--no-save"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "TMPDIR": str(place)},
    )  # fmt: skip
    links = Path(f"/proc/{process.pid}/fd")
    for _ in range(600):  # until the file without a name is there
        if any(os.path.realpath(link).startswith(str(place)) for link in links.iterdir()):
            break
        time.sleep(0.02)
    else:
        pytest.fail("nothing was unpacked")
    assert os.listdir(place) == []
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert (process.returncode, out, err) == (130, "", "\ninterrupted\n")
    assert os.listdir(place) == []


def test_a_broken_archive_is_3_and_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "x\n\x1b[2J.tgz"
    path.write_bytes(b"\x1f\x8b\x08" + bytes(30))
    done = secaudit("audit", "--root", str(path), state=tmp_path)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 2
    assert "gzip data" in done.stderr
    assert "\x1b" not in done.stderr
    assert done.stderr.splitlines()[1].startswith("  fix:")


def test_an_archive_without_a_system_is_3(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    subprocess.run(["tar", "-C", str(tmp_path), "-cf", str(tmp_path / "x.tar"), "a"], check=True)
    done = secaudit("audit", "--root", str(tmp_path / "x.tar"), state=tmp_path)
    assert done.returncode == 3
    assert "no folder etc or usr" in done.stderr


def test_a_query_reads_an_archive(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "passwd").write_text("root:x:0:0:root:/root:/bin/bash\n")
    subprocess.run(["tar", "-C", str(tmp_path), "-cf", str(tmp_path / "x.tar"), "etc"], check=True)
    query = "SELECT username FROM users"
    done = secaudit("query", "--root", str(tmp_path / "x.tar"), "--format", "json", query, state=tmp_path)
    assert json.loads(done.stdout) == [{"username": "root"}]
    assert done.stderr.startswith("note: x.tar: a tar archive, 2 entries\n")
