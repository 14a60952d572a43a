from __future__ import annotations

from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

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
