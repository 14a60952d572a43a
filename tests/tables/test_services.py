from __future__ import annotations

import json
import random
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host.services import _in_use
from tabletest import make_root, read_table, rows, rows_of

needs_systemctl = pytest.mark.skipif(shutil.which("systemctl") is None, reason="systemctl is not installed")

VENDOR = "/usr/lib/systemd/system"
ADMIN = "/etc/systemd/system"
BASE = {
    f"{VENDOR}/multi-user.target": "[Unit]\nDescription=Multi-User System\nRequires=basic.target\n",
    f"{VENDOR}/basic.target": "[Unit]\nWants=sockets.target\n",
    f"{VENDOR}/sockets.target": "[Unit]\n",
}
SERVICE = "[Unit]\nDescription=A program\n[Service]\nExecStart=/usr/bin/true\n"
WANTED = SERVICE + "[Install]\nWantedBy=multi-user.target\n"


def link(root: Path, path: str, goal: str) -> None:
    place = root / path.lstrip("/")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(goal)


def root_with(tmp_path: Path, files: dict[str, str]) -> Path:
    root = make_root(tmp_path, {**BASE, **files})
    link(root, f"{VENDOR}/default.target", "multi-user.target")
    return root


def by_name(root: Path) -> dict[str, dict[str, str | int | None]]:
    return {str(row["name"]): row for row in rows("services", root)}


def systemctl(root: Path) -> dict[str, str]:
    done = subprocess.run(
        ["systemctl", f"--root={root}", "list-unit-files", "--output=json"], capture_output=True, text=True, check=False
    )
    return {entry["unit_file"]: entry["state"] for entry in json.loads(done.stdout or "[]")}


def test_enabled_disabled_static_masked_and_alias(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {
            f"{VENDOR}/on.service": WANTED + "Alias=other.service\n",
            f"{VENDOR}/off.service": WANTED,
            f"{VENDOR}/plain.service": SERVICE,
            f"{VENDOR}/gone.service": WANTED,
            f"{ADMIN}/empty.service": "",
        },
    )
    link(root, f"{ADMIN}/multi-user.target.wants/on.service", f"{VENDOR}/on.service")
    link(root, f"{ADMIN}/other.service", f"{VENDOR}/on.service")
    link(root, f"{ADMIN}/gone.service", "/dev/null")
    found = by_name(root)
    assert {
        name: found[f"{name}.service"]["enabled_state"] for name in ("on", "off", "plain", "gone", "empty", "other")
    } == {
        "on": "enabled",
        "off": "disabled",
        "plain": "static",
        "gone": "masked",
        "empty": "masked",
        "other": "alias",
    }
    assert found["other.service"]["alias_of"] == "on.service"
    assert found["on.service"]["wanted_by"] == "multi-user.target"
    assert found["on.service"]["at_boot"] == found["other.service"]["at_boot"] == 1
    assert found["off.service"]["at_boot"] == found["gone.service"]["at_boot"] == 0
    assert found["gone.service"]["load_state"] == "masked"
    assert found["on.service"]["active_state"] is None, "nothing runs in a mounted tree"


def test_the_file_of_the_strongest_folder_counts(tmp_path: Path) -> None:
    root = root_with(tmp_path, {f"{VENDOR}/a.service": WANTED, f"{ADMIN}/a.service": SERVICE})
    assert by_name(root)["a.service"]["path"] == f"{ADMIN}/a.service"
    assert by_name(root)["a.service"]["enabled_state"] == "static"


def test_a_static_unit_that_others_pull_in_starts_at_boot(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {
            f"{VENDOR}/top.service": SERVICE.replace("[Unit]\n", "[Unit]\nRequires=below.service\n"),
            f"{VENDOR}/below.service": SERVICE,
            f"{VENDOR}/lonely.service": SERVICE,
        },
    )
    link(root, f"{VENDOR}/multi-user.target.wants/top.service", "../top.service")
    found = by_name(root)
    assert found["below.service"]["at_boot"] == 1
    assert found["below.service"]["wanted_by"] == "top.service"
    assert found["lonely.service"]["at_boot"] == 0


def test_a_masked_unit_pulls_nothing_in(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {
            f"{VENDOR}/top.service": SERVICE.replace("[Unit]\n", "[Unit]\nWants=b.service\n"),
            f"{VENDOR}/b.service": SERVICE,
        },
    )
    link(root, f"{VENDOR}/multi-user.target.wants/top.service", "../top.service")
    link(root, f"{ADMIN}/top.service", "/dev/null")
    assert by_name(root)["b.service"]["at_boot"] == 0


def test_a_socket_that_starts_at_boot_triggers_its_service(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {
            f"{VENDOR}/cups.socket": "[Socket]\nListenStream=631\n[Install]\nWantedBy=sockets.target\n",
            f"{VENDOR}/cups.service": SERVICE,
        },
    )
    link(root, f"{ADMIN}/sockets.target.wants/cups.socket", f"{VENDOR}/cups.socket")
    assert by_name(root)["cups.service"]["triggered_by"] == "cups.socket"
    assert by_name(root)["cups.service"]["at_boot"] == 0


def test_instances_of_templates_are_rows(tmp_path: Path) -> None:
    root = root_with(tmp_path, {f"{VENDOR}/vpn@.service": WANTED})
    link(root, f"{ADMIN}/multi-user.target.wants/vpn@office.service", f"{VENDOR}/vpn@.service")
    found = by_name(root)
    assert (found["vpn@office.service"]["enabled_state"], found["vpn@office.service"]["at_boot"]) == ("enabled", 1)
    assert found["vpn@.service"]["enabled_state"] == "indirect"


def test_an_install_section_may_come_from_a_drop_in(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {f"{VENDOR}/a-b.service": SERVICE, f"{ADMIN}/a-.service.d/10.conf": "[Install]\nWantedBy=multi-user.target\n"},
    )
    assert by_name(root)["a-b.service"]["enabled_state"] == "disabled"


def test_links_that_go_round_do_no_harm(tmp_path: Path) -> None:
    root = root_with(tmp_path, {})
    link(root, f"{ADMIN}/a.service", "b.service")
    link(root, f"{ADMIN}/b.service", "a.service")
    link(root, f"{ADMIN}/self.service", "self.service")
    found = by_name(root)
    assert found["a.service"]["load_state"] == "not-found"
    assert found["a.service"]["enabled_state"] == "bad"


def test_no_init_system_is_absent(tmp_path: Path) -> None:
    assert read_table("services", make_root(tmp_path, {})).status == "absent"


def test_openrc_runlevels(tmp_path: Path) -> None:
    root = make_root(
        tmp_path, {"/etc/init.d/sshd": "#!/sbin/openrc-run\n", "/etc/init.d/cupsd": "#!/sbin/openrc-run\n"}
    )
    link(root, "/etc/runlevels/default/sshd", "/etc/init.d/sshd")
    found = by_name(root)
    assert (found["sshd.service"]["manager"], found["sshd.service"]["enabled_state"]) == ("openrc", "enabled")
    assert found["sshd.service"]["wanted_by"] == "default"
    assert found["cupsd.service"]["at_boot"] == 0


def test_openrc_runlevels_that_a_start_does_not_reach(tmp_path: Path) -> None:
    scripts = ("killprocs", "sshd", "nfs", "cupsd")
    root = make_root(tmp_path, {f"/etc/init.d/{name}": "#!/sbin/openrc-run\n" for name in scripts})
    for level, name in (("shutdown", "killprocs"), ("default", "sshd"), ("desk", "cupsd"), ("default", "gone")):
        link(root, f"/etc/runlevels/{level}/{name}", f"/etc/init.d/{name}")
    link(root, "/etc/runlevels/default/desk", "/etc/runlevels/desk")
    found = {name: row["at_boot"] for name, row in by_name(root).items()}
    assert found == {"killprocs.service": 0, "nfs.service": 0, "sshd.service": 1, "cupsd.service": 1}


def test_init_scripts_of_sysv_beside_systemd(tmp_path: Path) -> None:
    root = root_with(
        tmp_path,
        {"/etc/init.d/old": "#!/bin/sh\n", "/etc/init.d/new": "#!/bin/sh\n", f"{VENDOR}/new.service": SERVICE},
    )
    link(root, "/etc/rc3.d/S20old", "../init.d/old")
    link(root, "/etc/rc3.d/S20new", "../init.d/new")
    found = by_name(root)
    assert (found["old.service"]["manager"], found["old.service"]["at_boot"]) == ("sysv", 1)
    assert found["new.service"]["manager"] == "systemd", "a unit hides the script of its name"


def test_an_unreadable_unit_is_named_and_the_rest_is_there(tmp_path: Path) -> None:
    root = root_with(tmp_path, {f"{VENDOR}/a.service": WANTED})
    (root / f"{ADMIN}/b.service".lstrip("/")).mkdir(parents=True)
    link(root, f"{ADMIN}/c.service", "/etc/systemd")
    data = read_table("services", root)
    assert data.status == "partial"
    assert "/etc/systemd" in str(data.reason)
    assert "a.service" in {row["name"] for row in rows_of(data)}


@needs_systemctl
@pytest.mark.parametrize("seed", range(12))
def test_random_trees_are_judged_as_systemctl_does(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    folders = [ADMIN, VENDOR, "/run/systemd/system", "/usr/local/lib/systemd/system"]
    names = ["a.service", "b.service", "c.socket", "t@.service", "d.timer", "e.target", "f-g.service"]
    root = root_with(tmp_path, {})
    (root / "dev").mkdir()
    (root / "dev/null").touch()
    for folder in folders:
        (root / folder.lstrip("/")).mkdir(parents=True, exist_ok=True)
    for name in names:
        for folder in chance.sample(folders, chance.choice([1, 1, 2])):
            install = chance.sample(
                [
                    "WantedBy=multi-user.target",
                    "Alias=al-" + name if "@" not in name else "Alias=al@.service",
                    "Also=b.service",
                    "RequiredBy=e.target",
                    "DefaultInstance=x1",
                    "WantedBy=",
                ],
                chance.choice([0, 1, 2, 3]),
            )
            text = "" if chance.random() < 0.1 else "[Service]\nExecStart=/bin/true\n[Install]\n" + "\n".join(install)
            (root / folder.lstrip("/") / name).write_text(text)
    for _ in range(6):
        name = chance.choice([*names, "t@i1.service"])
        verb = chance.choice([["enable"], ["enable"], ["enable", "--runtime"], ["disable"], ["mask"]])
        subprocess.run(["systemctl", f"--root={root}", *verb, name], capture_output=True, check=False)
    ours = {name: row["enabled_state"] for name, row in by_name(root).items()}
    theirs = systemctl(root)
    assert {name: ours.get(name) for name in theirs if not name.startswith("al@")} == {
        name: state for name, state in theirs.items() if not name.startswith("al@")
    }


@needs_systemctl
def test_this_machine_is_judged_as_systemctl_does() -> None:
    theirs = systemctl(Path("/"))
    data = read_table("services")
    ours = {row["name"]: row["enabled_state"] for row in rows_of(data) if row["manager"] == "systemd"}
    assert {name: ours.get(name) for name in theirs} == theirs


@pytest.mark.parametrize(
    ("active", "at_boot", "in_use"),
    [("active", 0, 1), ("inactive", 1, 0), ("failed", 1, 0), ("activating", 0, 1), (None, 1, 1), (None, 0, 0)],
)
def test_what_runs_now_is_in_use_whatever_the_next_start_brings(active: str | None, at_boot: int, in_use: int) -> None:
    assert _in_use(active, at_boot) == in_use
