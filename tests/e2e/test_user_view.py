"""What an ordinary user of a normal machine gets to know, and that root only ever adds to it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
import sloppy_root

import userview
from accepted import assert_accepted
from debian_roots import FOLDER
from tabletest import open_to_others

NORMAL = FOLDER / "normal"
GOLDEN = Path(__file__).parent / "golden"
MOST_PERCENT = 15
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="comparing root with a user needs root")
needs_normal = pytest.mark.skipif(
    not NORMAL.is_dir() and not os.environ.get("CI"), reason=f"no Debian root {NORMAL}; scripts/make-roots.sh makes it"
)


@needs_normal
def test_of_a_mounted_normal_machine_a_user_sees_all_but_a_few_and_each_says_why() -> None:
    views = userview.outside(NORMAL)
    assert userview.broken(views) == []
    assert_accepted(GOLDEN / "user_view.txt", userview.listed(views))
    assert views.percent < MOST_PERCENT
    by_root = {item["check"]: item["status"] for item in views.root["results"]}
    assert [item["check"] for item in views.unknown if not item["needs"] and by_root[item["check"]] != "unknown"] == []


@needs_normal
def test_on_a_normal_machine_a_user_sees_all_but_a_few() -> None:
    views = userview.inside(NORMAL)
    if views is None:
        pytest.skip("this kernel or container does not let us mount")
    assert userview.broken(views) == []
    assert views.percent < MOST_PERCENT
    assert all(item["reason"] for item in views.unknown)


def careless(folder: Path, homes: dict[str, int]) -> Path:
    """The careless root, with a careful person in it; the home folders have these modes."""
    root = sloppy_root.build(folder / "root")
    with (root / "etc/passwd").open("a") as stream:
        stream.write("dana:x:2000:2000:Dana:/home/dana:/bin/bash\n")
    (root / "home/dana").mkdir()
    os.chown(root / "home/dana", 2000, 2000)
    for path, mode in homes.items():
        (root / path.lstrip("/")).chmod(mode)
    open_to_others(folder)
    return root


def test_a_closed_home_of_root_keeps_no_check_of_people_s_files_open(tmp_path: Path) -> None:
    root = careless(tmp_path, {"/root": 0o700, "/home/ayesha": 0o755, "/home/dana": 0o700})
    (root / "root/.aws").mkdir()
    shutil.copy(root / "home/ayesha/.aws/credentials", root / "root/.aws/credentials")
    views = userview.outside(root, 1000)
    assert userview.broken(views) == []
    status = {item["check"]: item["status"] for item in views.user["results"]}
    by_root = {item["check"]: item["status"] for item in views.root["results"]}
    assert (status["root-credentials-none-plain"], by_root["root-credentials-none-plain"]) == ("unknown", "fail")
    for name in ("ssh-client-forward-agent", "keys-netrc-no-password", "git-credential-helper-not-store"):
        assert (status[name], by_root[name]) == ("fail", "fail"), name


def test_a_closed_home_of_another_person_leaves_a_check_unknown(tmp_path: Path) -> None:
    root = careless(tmp_path, {"/root": 0o700, "/home/ayesha": 0o700, "/home/dana": 0o700})
    views = userview.outside(root, 2000)
    assert userview.broken(views) == []
    status = {item["check"]: item["status"] for item in views.user["results"]}
    for name in ("keys-netrc-no-password", "keys-aws-no-long-lived", "ssh-private-key-permissions"):
        assert status[name] == "unknown", name


def test_what_root_keeps_is_no_matter_of_the_checks_about_people(tmp_path: Path) -> None:
    root = careless(tmp_path, {"/root": 0o755, "/home/ayesha": 0o755, "/home/dana": 0o700})
    (root / "root/.aws").mkdir()
    shutil.copy(root / "home/ayesha/.aws/credentials", root / "root/.aws/credentials")
    rows = {
        item["check"]: [str(row.get("path")) for row in item["rows"]] for item in userview.outside(root).root["results"]
    }
    assert rows["root-credentials-none-plain"] == ["/root/.aws/credentials"]
    assert rows["keys-aws-no-long-lived"] == ["/home/ayesha/.aws/credentials"]


CLOSED = (
    ("/etc/apt/apt.conf.d/20auto-upgrades", "/etc/group", "/etc/pam.d/common-password", "/etc/rsyslog.conf"),
    ("/etc/apt/apt.conf.d/50unattended-upgrades", "/etc/apt/sources.list", "/usr/lib/sysctl.d/99-protect-links.conf"),
    ("/var/lib/dpkg/status", "/etc/passwd", "/etc/ssh/sshd_config", "/etc/login.defs"),
    ("/var/lib/apt/lists/*Release", "/etc/systemd/journald.conf", "/etc/pam.d/common-auth", "/etc/logrotate.conf"),
)
"""Files that some people close to users; each group is closed at once."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The settings of the normal machine, without its programs."""
    folder = tmp_path_factory.mktemp("small")
    root = folder / "root"
    for name in ("etc", "usr/lib/sysctl.d", "usr/lib/systemd", "var/lib/apt/lists", "var/lib/dpkg/info"):
        shutil.copytree(NORMAL / name, root / name, symlinks=True)
    shutil.copy(NORMAL / "var/lib/dpkg/status", root / "var/lib/dpkg/status")
    (root / "usr/bin").mkdir()
    for name in ("sshd", "sudo", "rsyslogd", "logrotate", "ssh", "git"):
        (root / "usr/bin" / name).touch(0o755)
    (root / "home/dana").mkdir(parents=True)
    os.chown(root / "home/dana", userview.DANA_UID, userview.DANA_UID)
    return root


@pytest.fixture(scope="module")
def unknown_before(small: Path) -> int:
    open_to_others(small.parent)
    views = userview.outside(small)
    assert userview.broken(views) == []
    return len(views.unknown)


@needs_normal
@pytest.mark.parametrize("group", CLOSED)
def test_a_closed_file_makes_no_failure_that_root_would_not_see(
    small: Path, unknown_before: int, group: tuple[str, ...]
) -> None:
    modes = {place: place.stat().st_mode & 0o7777 for path in group for place in small.glob(path.lstrip("/"))}
    assert len(modes) >= len(group)
    open_to_others(small.parent)
    try:
        for place in modes:
            place.chmod(0)
        views = userview.outside(small)
    finally:
        for place, mode in modes.items():
            place.chmod(mode)
    assert userview.broken(views) == []
    assert len(views.unknown) > unknown_before
