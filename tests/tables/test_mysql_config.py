"""mysql_config: the options that the server reads; my_print_defaults says which."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from secaudit.tables.host import _mycnf
from secaudit.tables.host.mysql_config import GROUPS
from tabletest import make_root, read_table, rows

PROGRAM = {"/usr/sbin/mariadbd": "x"}
MODES = {"/usr/sbin/mariadbd": 0o755}


def values(
    tmp_path: Path, text: str, more: dict[str, str] | None = None, program: str = "mariadbd"
) -> dict[object, object]:
    files = {"/etc/mysql/my.cnf": text, **(more or {}), f"/usr/sbin/{program}": "x"}
    root = make_root(tmp_path, files, {f"/usr/sbin/{program}": 0o755})
    return {row["name"]: row["value"] for row in rows("mysql_config", root)}


@pytest.mark.parametrize(
    ("lines", "name", "value"),
    [
        ("bind_address = 127.0.0.1 # c", "bind-address", "127.0.0.1"),
        ('bind-address="127.0.0.1"\nbind-address=0.0.0.0', "bind-address", "0.0.0.0"),
        ("skip-grant-tables", "skip-grant-tables", "1"),
        ("skip_grant_tables=0", "skip-grant-tables", "0"),
        ("skip-grant-tables\nskip-grant-tables=OFF", "skip-grant-tables", "0"),
        ("loose-local-infile=on", "local-infile", "1"),
        ("skip-local-infile", "local-infile", "0"),
        ("disable-local-infile", "local-infile", "0"),
        ("#skip-grant-tables", "skip-grant-tables", "0"),
        ("[client]\nskip-grant-tables", "skip-grant-tables", "0"),
        ("[ server ]\nskip-grant-tables", "skip-grant-tables", "1"),
        ("", "local-infile", "1"),
        ("secure-file-priv=/x", "secure-file-priv", "/x"),
    ],
)
def test_options(tmp_path: Path, lines: str, name: str, value: str) -> None:
    assert values(tmp_path, f"[mysqld]\n{lines}\n")[name] == value


@pytest.mark.parametrize(
    ("lines", "reached"),
    [
        ("", "1"), ("bind-address=::1", "0"), ("bind-address=127.0.0.1,10.0.0.1", "1"), ("skip-networking", "0"),
        ("bind-address=*", "1"), ("bind-address=localhost", "0"),
    ],
)  # fmt: skip
def test_who_reaches_it(tmp_path: Path, lines: str, reached: str) -> None:
    assert values(tmp_path, f"[mysqld]\n{lines}\n")["listens_network"] == reached


def test_mysql_does_not_load_files_of_clients_by_itself(tmp_path: Path) -> None:
    found = values(tmp_path, "", program="mysqld")
    assert (found["product"], found["local-infile"], found["secure-file-priv"]) == ("mysql", "0", "NULL")


def test_a_missing_include_is_said(tmp_path: Path) -> None:
    files = {"/etc/my.cnf": "!include /etc/nowhere.cnf\n", **PROGRAM}
    assert read_table("mysql_config", make_root(tmp_path, files, MODES)).status == "partial"


def test_settings_that_a_running_server_keeps_are_not_passed_over(tmp_path: Path) -> None:
    files = {"/etc/my.cnf": "", "/var/lib/mysql/mysqld-auto.cnf": "{}", **PROGRAM}
    assert read_table("mysql_config", make_root(tmp_path, files, MODES)).status == "partial"


@pytest.mark.skipif(shutil.which("my_print_defaults") is None, reason="my_print_defaults is not installed")
def test_my_print_defaults_says_the_same(tmp_path: Path) -> None:
    texts = {
        "my.cnf": "[mysqld]\nport=1\nA_b = 'x # y' # z\n;c\n!includedir {top}/d\n!include {top}/one.x\nport = 9\n[mysql]\nport=7\n",
        "d/b.cnf": '[mysqld]\nport=3\n[mariadb]\nfoo="a\\tb\\s"\n',
        "d/a.cnf": "[mariadb-10.11]\nport=2\nskip-grant-tables\n[mysqld_safe]\nport=8\n[server]\nempty=\n",
        "d/c.conf": "[mysqld]\nport=99\n",
        "one.x": "[galera]\nwsrep_on=1\n[client-server]\nsocket=/x\n",
    }
    for name, text in texts.items():
        place = tmp_path / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(text.format(top=tmp_path))
    done = subprocess.run(
        ["my_print_defaults", f"--defaults-file={tmp_path}/my.cnf", "--mariadbd"],
        capture_output=True,
        text=True,
        check=True,
    )
    theirs = [line.removeprefix("--") for line in done.stdout.split("\n") if line]

    class Here:
        """The files of this machine, read without a recorder."""

        def read_text(self, path: str) -> str:
            return Path(path).read_text()

        def glob(self, pattern: str) -> list[str]:
            folder, _, name = pattern.rpartition("/")
            return sorted(map(str, Path(folder).glob(name)))

    reader = _mycnf.Reader(Here(), GROUPS["mariadb"])  # type: ignore[arg-type]
    ours = [
        one.name if one.value is None else f"{one.name}={one.value}"
        for one in reader.read(f"{tmp_path}/my.cnf", 0, True)
    ]
    assert [re.sub(r"^[^=]+", lambda found: found.group().lower().replace("_", "-"), line) for line in theirs] == ours
