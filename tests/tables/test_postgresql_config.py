"""postgresql_config and postgresql_hba: what PostgreSQL itself would use; `postgres -C` says."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, open_to_others, read_table, rows

FOLDER = "/etc/postgresql/15/main"
DATA = "/var/lib/postgresql/15/main"
PLACE = {"/usr/lib/postgresql/15/bin/postgres": "x"}


def cluster(tmp_path: Path, text: str, more: dict[str, str] | None = None) -> Path:
    main = f"data_directory = '{DATA}'\nhba_file = '{FOLDER}/pg_hba.conf'\n{text}"
    return make_root(
        tmp_path, {f"{FOLDER}/postgresql.conf": main, f"{FOLDER}/pg_hba.conf": "", **PLACE, **(more or {})}
    )


def values(root: Path) -> dict[object, object]:
    return {row["name"]: row["value"] for row in rows("postgresql_config", root)}


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("listen_addresses = '*'  # all", "listen_addresses", "*"),
        ("LISTEN_ADDRESSES 'a b'", "listen_addresses", "a b"),
        ("ssl = on\nssl = off", "ssl", "off"),
        ("ssl = TRUE", "ssl", "on"),
        ("#ssl = on", "ssl", "off"),
        ("", "password_encryption", "scram-sha-256"),
        ("password_encryption=md5", "password_encryption", "md5"),
        ("log_line_prefix = 'it''s # %m'", "log_line_prefix", "it's # %m"),
        ("listen_addresses = 'localhost, ::1'", "listens_network", "0"),
        ("listen_addresses = ''", "listens_network", "0"),
        ("listen_addresses = 'localhost,10.0.0.1'", "listens_network", "1"),
    ],
)
def test_settings(tmp_path: Path, text: str, name: str, value: str) -> None:
    assert values(cluster(tmp_path, text))[name] == value


def test_includes_and_alter_system_win_in_their_order(tmp_path: Path) -> None:
    more = {
        f"{FOLDER}/conf.d/b.conf": "ssl = off\nport = 2\n",
        f"{FOLDER}/conf.d/a.conf": "ssl = on\nport = 1\n",
        f"{FOLDER}/conf.d/c.txt": "port = 3\n",
        f"{DATA}/postgresql.auto.conf": "ssl = 'on'\n",
    }
    found = values(cluster(tmp_path, "include_dir = 'conf.d'\ninclude_if_exists 'nowhere.conf'\n", more))
    assert (found["port"], found["ssl"]) == ("2", "on")


def test_the_built_in_hash_of_an_old_release(tmp_path: Path) -> None:
    files = {"/var/lib/pgsql/data/postgresql.conf": "", "/var/lib/pgsql/data/PG_VERSION": "13\n", **PLACE}
    assert values(make_root(tmp_path, files))["password_encryption"] == "md5"


HBA = """# c
local   all   postgres   peer
host all,"two words" +group, other 10.0.0.0 255.0.0.0 md5
hostssl all all ::/0 SCRAM-SHA-256 clientcert=verify-ca # x
host all all all reject
host all all .example.com trust
host replication all \\
  127.0.0.1/32 trust
host all all samenet ldap ldapserver=x ldapbindpasswd=geheim
"""


def test_rules_of_who_may_come_in(tmp_path: Path) -> None:
    root = cluster(tmp_path, "", {f"{FOLDER}/pg_hba.conf": HBA})
    found = [
        (r["type"], r["databases"], r["users"], r["address"], r["scope"], r["method"], r["options"], r["line"])
        for r in rows("postgresql_hba", root)
    ]
    assert found == [
        ("local", "all", "postgres", "", "socket", "peer", "", 2),
        ("host", 'all,"two words"', "+group,other", "10.0.0.0/255.0.0.0", "private", "md5", "", 3),
        ("hostssl", "all", "all", "::/0", "everywhere", "scram-sha-256", "clientcert=verify-ca", 4),
        ("host", "all", "all", "all", "everywhere", "reject", "", 5),
        ("host", "all", "all", ".example.com", "name", "trust", "", 6),
        ("host", "replication", "all", "127.0.0.1/32", "loopback", "trust", "", 7),
        ("host", "all", "all", "samenet", "samenet", "ldap", "ldapserver=x set", 9),
    ]


def test_a_rule_that_is_not_understood_is_said(tmp_path: Path) -> None:
    root = cluster(tmp_path, "", {f"{FOLDER}/pg_hba.conf": "hostx all all trust\n"})
    assert read_table("postgresql_hba", root).status == "partial"


SERVER = next((path for path in sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))), None)


@pytest.mark.skipif(SERVER is None, reason="PostgreSQL is not installed")
@pytest.mark.skipif(os.geteuid() == 0 and shutil.which("setpriv") is None, reason="postgres does not run as root")
def test_postgres_itself_says_the_same(tmp_path: Path) -> None:
    assert SERVER is not None
    version = SERVER.parent.parent.name
    data = "/var/lib/pgsql/data"
    files = {
        f"{data}/postgresql.conf": "port=1 # c\nlog_line_prefix 'a''b#\\tc'\nSSL=on\ninclude_dir 'd'\nlisten_addresses='a, b'\n",
        f"{data}/d/2.conf": "port = 6002\nssl = no\n",
        f"{data}/d/1.conf": "port = 6001\nlog_connections on\n",
        f"{data}/postgresql.auto.conf": "password_encryption = 'md5'\n",
        f"{data}/PG_VERSION": f"{version}\n",
        **PLACE,
    }
    root = make_root(tmp_path / "root", files)
    open_to_others(tmp_path)
    for path in [root, *root.rglob("*")]:
        os.chown(path, 65534, 65534)
        path.chmod(0o755 if path.is_dir() and not str(path).endswith(data) else 0o700)
    ours = values(root)
    prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    for name in ("port", "ssl", "log_connections", "password_encryption", "listen_addresses", "log_disconnections"):
        done = subprocess.run(
            [*prefix, str(SERVER), "-D", f"{root}{data}", "-C", name],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        assert ours[name] == done.stdout.strip(), name
