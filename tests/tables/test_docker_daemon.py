from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows, rows_of

UNIT = "[Service]\nExecStart=/usr/bin/dockerd -H fd:// --containerd=/run/containerd/containerd.sock\n"
SOCKET = "[Socket]\nListenStream=/run/docker.sock\nSocketMode=0660\n"
FOLDER = "/usr/lib/systemd/system"


def endpoints(tmp_path: Path, files: dict[str, str], modes: dict[str, int] | None = None) -> list[tuple[object, ...]]:
    found = rows("docker_daemon", make_root(tmp_path, files, modes))
    return [(row["endpoint"], row["kind"], row["address_scope"], row["tls_verify"], row["mode"]) for row in found]


def test_the_socket_of_systemd_with_its_mode(tmp_path: Path) -> None:
    files = {f"{FOLDER}/docker.service": UNIT, f"{FOLDER}/docker.socket": SOCKET, "/run/docker.sock": ""}
    assert endpoints(tmp_path, files, {"/run/docker.sock": 0o666}) == [("fd://", "fd", "", 0, 0o666)]


@pytest.mark.parametrize(
    ("host", "scope"),
    [
        ("tcp://0.0.0.0:2375", "any"),
        ("tcp://127.0.0.1:2375", "loopback"),
        ("tcp://[::]:2376", "any"),
        ("tcp://192.168.1.4:2376", "private"),
        ("0.0.0.0:2375", "any"),
        ("tcp://localhost:2375", "loopback"),
    ],
)
def test_addresses_of_daemon_json(tmp_path: Path, host: str, scope: str) -> None:
    files = {"/etc/docker/daemon.json": f'{{"hosts": ["{host}"], "tlsverify": true}}'}
    assert endpoints(tmp_path, files) == [(host, "tcp", scope, 1, None)]


def test_arguments_in_a_drop_in(tmp_path: Path) -> None:
    drop_in = "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --host=tcp://0.0.0.0:2375 -Hunix:///run/docker.sock\n"
    files = {f"{FOLDER}/docker.service": UNIT, "/etc/systemd/system/docker.service.d/10.conf": drop_in}
    assert {found[0] for found in endpoints(tmp_path, files)} == {"tcp://0.0.0.0:2375", "unix:///run/docker.sock"}


def test_a_broken_daemon_json_is_said(tmp_path: Path) -> None:
    data = read_table("docker_daemon", make_root(tmp_path, {"/etc/docker/daemon.json": "{"}))
    assert data.status == "partial"
    assert "not valid JSON" in str(data.reason)


def test_no_docker_is_absent(tmp_path: Path) -> None:
    assert read_table("docker_daemon", make_root(tmp_path, {})).status == "absent"


DOCKER_UNIT = "/usr/lib/systemd/system/docker.service"


def docker_setting(root: Path, name: str) -> str | int | None:
    data = read_table("docker_settings", root)
    (row,) = (row for row in rows_of(data) if row["name"] == name)
    return row["value"]


@pytest.mark.parametrize(
    ("command", "environment", "icc"),
    [
        ("/usr/bin/dockerd -H fd://", "", "false"),
        ("/usr/bin/dockerd --config-file=/srv/d.json", "", "true"),
        ("/usr/bin/dockerd --config-file /srv/none.json", "", "true"),
        ("/usr/bin/dockerd $DOCKER_OPTS", "DOCKER_OPTS='--icc=true --debug'\n", "true"),
        ("/usr/bin/dockerd $DOCKER_OPTS", "#DOCKER_OPTS=--icc=true\n", "false"),
        ("/usr/bin/dockerd --config-file=${CONF}", "CONF=/srv/d.json\n", "true"),
    ],
)
def test_the_command_line_of_docker_decides(tmp_path: Path, command: str, environment: str, icc: str) -> None:
    files = {
        DOCKER_UNIT: f"[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart={command}\n",
        "/etc/default/docker": environment,
        "/etc/docker/daemon.json": '{"icc": false}',
        "/srv/d.json": '{"icc": true, "hosts": ["tcp://192.0.2.1:2375"]}',
    }
    root = make_root(tmp_path, files)
    assert docker_setting(root, "icc") == icc
    named = "/srv/d.json" in command or "CONF" in command
    found = [row["endpoint"] for row in rows("docker_daemon", root)]
    assert ("tcp://192.0.2.1:2375" in found) == named


def test_what_a_broken_daemon_json_leaves_open_is_not_known(tmp_path: Path) -> None:
    assert docker_setting(make_root(tmp_path, {"/etc/docker/daemon.json": '{"icc": false,}'}), "icc") is None
