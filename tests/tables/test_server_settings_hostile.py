"""Hostile files of servers: FIFOs, loops, junk and bad bytes give a status, never a crash and never an all-clear."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tabletest import make_root, read_table

CASES = {
    "nginx_config": ("/usr/sbin/nginx", "/etc/nginx/nginx.conf"),
    "nginx_servers": ("/usr/sbin/nginx", "/etc/nginx/nginx.conf"),
    "apache_config": ("/usr/sbin/apache2", "/etc/apache2/apache2.conf"),
    "apache_vhosts": ("/usr/sbin/apache2", "/etc/apache2/apache2.conf"),
    "php_config": ("/usr/bin/php", "/etc/php/8.2/fpm/php.ini"),
    "mysql_config": ("/usr/sbin/mysqld", "/etc/my.cnf"),
    "redis_config": ("/usr/bin/redis-server", "/etc/redis/redis.conf"),
    "memcached_config": ("/usr/bin/memcached", "/etc/memcached.conf"),
    "postgresql_config": ("/usr/bin/postgres", "/var/lib/pgsql/data/postgresql.conf"),
    "mongodb_config": ("/usr/bin/mongod", "/etc/mongod.conf"),
    "elasticsearch_config": ("/usr/share/elasticsearch/bin/elasticsearch", "/etc/elasticsearch/elasticsearch.yml"),
    "mosquitto_config": ("/usr/sbin/mosquitto", "/etc/mosquitto/mosquitto.conf"),
    "rabbitmq_config": ("/usr/sbin/rabbitmqctl", "/etc/rabbitmq/rabbitmq.conf"),
    "postfix_config": ("/usr/sbin/postconf", "/etc/postfix/main.cf"),
    "exim_config": ("/usr/sbin/exim4", "/etc/exim4/update-exim4.conf.conf"),
    "docker_settings": ("/usr/bin/dockerd", "/etc/docker/daemon.json"),
    "docker_containers": ("/usr/bin/dockerd", "/etc/docker/daemon.json"),
    "podman_config": ("/usr/bin/podman", "/etc/containers/registries.conf"),
    "samba_config": ("/usr/sbin/smbd", "/etc/samba/smb.conf"),
    "resolved_config": ("/usr/lib/systemd/systemd-resolved", "/etc/systemd/resolved.conf"),
    "snmpd_config": ("/usr/sbin/snmpd", "/etc/snmp/snmpd.conf"),
    "cups_config": ("/usr/sbin/cupsd", "/etc/cups/cupsd.conf"),
    "vsftpd_config": ("/usr/sbin/vsftpd", "/etc/vsftpd.conf"),
    "rsync_modules": ("/usr/bin/rsync", "/etc/rsyncd.conf"),
    "openvpn_config": ("/usr/sbin/openvpn", "/etc/openvpn/a.conf"),
    "crypto_policy": ("/usr/bin/openssl", "/etc/ssl/openssl.cnf"),
}
JUNK = [
    b"\xff\xfe\x00\x1b[2J" * 50,
    b"{" * 3000,
    b"<" * 3000 + b">",
    b"[" * 3000,
    b"a" * 200_000,
    b"\\\n" * 3000,
    b"include /etc/../etc/nowhere/*\n" * 300,
    b"'\"'\"" * 2000,
    b"= = =\n:\n- -\n$x ${y\n" * 500,
    b"$" * 5000,
    b"x=${x}${x}${x}\n" * 20,
]


def build(tmp_path: Path, table: str, content: bytes | None) -> Path:
    program, path = CASES[table]
    root = make_root(tmp_path, {program: "x", **({path: content} if content is not None else {})}, {program: 0o755})
    if content is None:
        place = root / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(place)
    return root


@pytest.mark.parametrize("table", CASES)
def test_a_fifo_in_the_place_of_the_settings_is_said(tmp_path: Path, table: str) -> None:
    assert read_table(table, build(tmp_path, table, None)).status == "partial"


@pytest.mark.parametrize("table", CASES)
@pytest.mark.parametrize("number", range(len(JUNK)))
def test_junk_gives_a_status(tmp_path: Path, table: str, number: int) -> None:
    data = read_table(table, build(tmp_path, table, JUNK[number]))
    assert data.status in ("ok", "partial", "absent"), (data.status, data.reason)


@pytest.mark.parametrize("table", CASES)
def test_no_software_is_absent(tmp_path: Path, table: str) -> None:
    assert read_table(table, make_root(tmp_path, {})).status == "absent"


@pytest.mark.parametrize(
    "table",
    sorted(
        set(CASES)
        - {"rsync_modules", "openvpn_config", "php_config", "crypto_policy", "docker_settings", "docker_containers"}
    ),
)
def test_files_that_a_removed_package_left_behind_are_absent(tmp_path: Path, table: str) -> None:
    root = make_root(tmp_path, {CASES[table][1]: ""})
    assert read_table(table, root).status == "absent"


@pytest.mark.parametrize(
    ("table", "unit", "options", "status"),
    [
        ("redis_config", "redis-server.service", "/etc/redis/redis.conf --supervised systemd --daemonize no", "ok"),
        ("redis_config", "redis-server.service", "/etc/redis/redis.conf --protected-mode no", "partial"),
        ("mysql_config", "mysql.service", "$MYSQLD_OPTS", "ok"),
        ("mysql_config", "mysql.service", "--skip-grant-tables", "partial"),
        ("mongodb_config", "mongod.service", "--config /etc/mongod.conf", "ok"),
        ("mongodb_config", "mongod.service", "--bind_ip_all", "partial"),
        ("memcached_config", "memcached.service", "-p ${PORT} -u ${USER} $OPTIONS", "ok"),
        ("memcached_config", "memcached.service", "-l 0.0.0.0", "partial"),
    ],
)
def test_options_on_the_command_line_are_never_passed_over(
    tmp_path: Path, table: str, unit: str, options: str, status: str
) -> None:
    root = build(tmp_path, table, b"")
    place = root / "usr/lib/systemd/system" / unit
    place.parent.mkdir(parents=True)
    place.write_text(f"[Service]\nExecStart={CASES[table][0]} {options}\n")
    assert read_table(table, root).status == status
