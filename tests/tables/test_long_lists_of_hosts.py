"""What stands at the end of a long list is judged, or the table says that it did not see all."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

DOCKER = {"/usr/lib/systemd/system/docker.service": "[Service]\nExecStart=/usr/bin/dockerd\n"}
FOLDER = "/var/lib/docker/containers/abc"


def docker(host: dict[str, object]) -> dict[str, str]:
    config = json.dumps({"ID": "abc", "Name": "/shop", "Config": {"Image": "img"}})
    return {**DOCKER, f"{FOLDER}/config.v2.json": config, f"{FOLDER}/hostconfig.json": json.dumps(host)}


def test_the_last_right_of_a_container_counts(tmp_path: Path) -> None:
    host: dict[str, object] = {
        "CapAdd": [*(f"CAP_X{number}" for number in range(300)), "CAP_SYS_ADMIN"],
        "SecurityOpt": [*(f"label=x{number}" for number in range(300)), "seccomp=unconfined"],
        "Devices": [*({"PathOnHost": f"/dev/x{number}"} for number in range(200)), {"PathOnHost": "/dev/sda"}],
        "Binds": [*(f"v{number}:/v{number}" for number in range(600)), "/var/run/docker.sock:/x"],
        "PortBindings": {
            **{f"{port}/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(port)}] for port in range(8000, 8600)},
            "22/tcp": [*({"HostIp": "127.0.0.1", "HostPort": "1"} for _ in range(60)), {"HostPort": "22"}],
        },
    }
    root = make_root(tmp_path, docker(host))
    (row,) = rows("docker_containers", root)
    assert "SYS_ADMIN" in str(row["cap_add"]).split()
    assert "seccomp=unconfined" in str(row["security_options"]).split()
    assert "/dev/sda" in str(row["devices"]).split()
    assert "/var/run/docker.sock" in [row["source"] for row in rows("docker_container_mounts", root)]
    assert 22 in [row["host_port"] for row in rows("docker_container_ports", root)]


def test_the_last_line_of_a_unit_counts(tmp_path: Path) -> None:
    daemon = "[Service]\n" + "# x\n" * 30_000 + "ExecStart=/usr/bin/dockerd --insecure-registry registry.example\n"
    root = make_root(tmp_path, {"/usr/lib/systemd/system/docker.service": daemon})
    found = {row["name"]: row["value"] for row in rows("docker_settings", root)}
    assert found["insecure-registries"] == "registry.example"


def test_the_last_line_of_auditd_counts(tmp_path: Path) -> None:
    root = make_root(tmp_path, {"/etc/audit/auditd.conf": "# x\n" * 6_000 + "max_log_file_action = IGNORE\n"})
    found = {row["name"]: row["value"] for row in rows("auditd_config", root)}
    assert found["max_log_file_action"] == "ignore"


EXPORTS = {f"/etc/exports.d/{number:03}.exports": "/srv 10.0.0.1(ro)\n" for number in range(250)}
PROFILES = {f"/etc/profile.d/{number:03}.sh": "X=1\n" for number in range(600)}
SOURCE = 'for part in /etc/profile.d/*.sh; do\n  . "$part"\ndone\n'


@pytest.mark.parametrize(("table", "files"), [
    ("network_shares", EXPORTS),
    ("rsync_modules", {"/etc/rsyncd.conf": "".join(f"[m{number}]\npath = /srv\n" for number in range(5_001))}),
    ("shell_settings", {"/etc/profile": SOURCE, **PROFILES}),
    ("shell_settings", {"/etc/profile": "X=1\n" * 80_000 + "TMOUT=0\n"}),
    ("kernel_parameters", {f"/boot/loader/entries/{number:03}.conf": "options quiet\n" for number in range(201)}),
    ("mongodb_config", {"/usr/lib/systemd/system/mongod.service": "", "/etc/mongod.conf": "# x\n" * 60_000 + "net:\n  bindIp: 0.0.0.0\n"}),
    ("time_sync", {
        "/usr/lib/systemd/system/chrony.service": "[Service]\nExecStart=/usr/sbin/chronyd\n",
        "/etc/systemd/system/multi-user.target.wants/chrony.service": "[Service]\nExecStart=/usr/sbin/chronyd\n",
        "/etc/chrony/chrony.conf": "confdir /etc/chrony/conf.d\n",
        **{f"/etc/chrony/conf.d/{number:03}.conf": f"server a{number}.example nts\n" for number in range(120)},
    }),
])  # fmt: skip
def test_what_is_not_read_to_its_end_is_said(table: str, files: dict[str, str], tmp_path: Path) -> None:
    data = read_table(table, make_root(tmp_path, dict(files)))
    assert data.status == "partial", (data.status, data.reason)


def test_an_endless_configuration_of_postfix_is_no_answer(tmp_path: Path) -> None:
    files = {
        "/usr/lib/systemd/system/postfix.service": "",
        "/etc/postfix/main.cf": "# x\n" * 60_000 + "mynetworks = 0.0.0.0/0\n",
    }
    assert read_table("postfix_config", make_root(tmp_path, files)).status == "failed"
