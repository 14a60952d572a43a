"""memcached_config, mosquitto_config and rabbitmq_config."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows


def memcached(tmp_path: Path, path: str, text: str) -> dict[object, object]:
    root = make_root(tmp_path, {path: text, "/usr/bin/memcached": "x"}, {"/usr/bin/memcached": 0o755})
    return {row["name"]: row["value"] for row in rows("memcached_config", root)}


@pytest.mark.parametrize(
    ("path", "text", "listen", "reached", "udp"),
    [
        ("/etc/memcached.conf", "# -l 0.0.0.0\n-d\n-l 127.0.0.1\n-l ::1\n", "127.0.0.1 ::1", "0", "0"),
        ("/etc/memcached.conf", "-p 11211\n-U 11211\n", "", "1", "11211"),
        ("/etc/memcached.conf", "-l127.0.0.1,10.0.0.1\n", "127.0.0.1 10.0.0.1", "1", "0"),
        ("/etc/memcached.conf", "--listen=127.0.0.1:11211\n", "127.0.0.1:11211", "0", "0"),
        ("/etc/memcached.conf", "-s /run/m.sock\n", "", "0", "0"),
        ("/etc/sysconfig/memcached", 'PORT="11211"\nOPTIONS="-l 127.0.0.1,::1 -U 0"\n', "127.0.0.1 ::1", "0", "0"),
        ("/etc/sysconfig/memcached", 'OPTIONS=""\n', "", "1", "0"),
    ],
)
def test_memcached(tmp_path: Path, path: str, text: str, listen: str, reached: str, udp: str) -> None:
    found = memcached(tmp_path, path, text)
    assert (found["listen"], found["listens_network"], found["udp_port"]) == (listen, reached, udp)


def mosquitto(tmp_path: Path, text: str, version: bytes = b"mosquitto version 2.0.11") -> list[tuple[object, ...]]:
    files = {"/etc/mosquitto/mosquitto.conf": text, "/usr/sbin/mosquitto": version}
    root = make_root(tmp_path, files, {"/usr/sbin/mosquitto": 0o755})
    return [
        (r["listener"], r["address_scope"], r["allow_anonymous"], r["is_tls"]) for r in rows("mosquitto_config", root)
    ]


def test_the_rules_about_strangers_changed_with_version_2(tmp_path: Path) -> None:
    assert mosquitto(tmp_path, "") == [("1883", "loopback", 1, 0)]
    assert mosquitto(tmp_path, "", b"mosquitto version 1.6.9") == [("1883", "any", 1, 0)]
    assert mosquitto(tmp_path, "listener 1883\n") == [("1883", "any", 0, 0)]
    assert mosquitto(tmp_path, "listener 1883\n", b"mosquitto version 1.6.9") == [("1883", "any", 1, 0)]
    assert mosquitto(tmp_path, "listener 1883\n", b"no words") == [("1883", "any", None, 0)]


def test_each_listener_has_its_address_and_tls(tmp_path: Path) -> None:
    text = "listener 1883 127.0.0.1\nlistener 8883\ncertfile /x\nallow_anonymous true\nlistener 0 /run/m.sock\n"
    assert mosquitto(tmp_path, text) == [
        ("1883 127.0.0.1", "loopback", 1, 0),
        ("8883", "any", 1, 1),
        ("0 /run/m.sock", "socket", 1, 0),
    ]


def test_settings_of_one_listener_alone(tmp_path: Path) -> None:
    text = "per_listener_settings true\nlistener 1883\nallow_anonymous true\nlistener 1884\nallow_anonymous false\n"
    assert [row[2] for row in mosquitto(tmp_path, text)] == [1, 0]


@pytest.mark.skipif(shutil.which("mosquitto") is None, reason="mosquitto is not installed")
def test_the_version_is_found_in_the_real_program(tmp_path: Path) -> None:
    program = shutil.which("mosquitto")
    assert program is not None
    assert mosquitto(tmp_path, "listener 1883\n", Path(program).read_bytes()) == [("1883", "any", 0, 0)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", "true"),
        ("loopback_users.guest = false # x\n", "false"),
        ("loopback_users = none\n", "false"),
        ("#loopback_users = none\n", "true"),
    ],
)
def test_rabbitmq(tmp_path: Path, text: str, value: str) -> None:
    files = {"/etc/rabbitmq/rabbitmq.conf": text, "/usr/sbin/rabbitmqctl": "x"}
    root = make_root(tmp_path, files, {"/usr/sbin/rabbitmqctl": 0o755})
    found = {row["name"]: row["value"] for row in rows("rabbitmq_config", root)}
    assert found["loopback_users.guest"] == value


def test_the_old_form_of_rabbitmq_is_not_passed_over(tmp_path: Path) -> None:
    files = {"/etc/rabbitmq/rabbitmq.config": "[{rabbit, [{loopback_users, []}]}].", "/usr/sbin/rabbitmqctl": "x"}
    root = make_root(tmp_path, files, {"/usr/sbin/rabbitmqctl": 0o755})
    assert read_table("rabbitmq_config", root).status == "partial"
