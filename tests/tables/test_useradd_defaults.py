"""useradd_defaults: what useradd makes of its file, by the program itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tabletest import make_root, read_table, rows

PROGRAM = {"/usr/sbin/useradd": "#!"}
TEXTS = [
    "INACTIVE=30\n",
    "INACTIVE=30 # days\n",
    " INACTIVE=30\n",
    "#INACTIVE=30\nINACTIVE=35\nINACTIVE=40\n",
    "INACTIVE=35\nINACTIVE=\n",
    'INACTIVE="30"\n',
    "inactive=30\n",
    "INACTIVE=30\nINACTIVE=x\n",
    "INACTIVE=-5\n",
    "INACTIVE=010\n",
    "INACTIVE=0x1e\n",
    "INACTIVE = 30\n",
    "INACTIVE= 30\n",
    "INACTIVE=30\r\n",
    "INACTIVE=30 \n",
    "export INACTIVE=30\n",
    "SHELL=/bin/sh\nSHELL=/bin/zsh\n#SHELL=/bin/x\nSKEL=/etc/skel2\n",
    "",
]


def useradd_root(folder: Path, text: str | None) -> Path:
    files = PROGRAM if text is None else {**PROGRAM, "/etc/default/useradd": text}
    return make_root(folder, files, {"/usr/sbin/useradd": 0o755})


@pytest.mark.skipif(shutil.which("useradd") is None or os.geteuid() != 0, reason="needs useradd and root")
@pytest.mark.parametrize("text", TEXTS)
def test_defaults_agree_with_useradd(tmp_path: Path, text: str) -> None:
    found = {str(row["name"]): row["value"] for row in rows("useradd_defaults", useradd_root(tmp_path, text))}
    argv = ["useradd", "-D", "--prefix", str(tmp_path)]
    said = subprocess.run(argv, capture_output=True, text=True, check=False).stdout
    real = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
    names = ("INACTIVE", "EXPIRE") + (("SHELL",) if "SHELL" in text else ())
    assert real
    assert {name: found[name] for name in names} == {name: real[name] for name in names}


def test_value_that_useradd_refuses_is_not_set(tmp_path: Path) -> None:
    text = "INACTIVE=35\nINACTIVE=30 # days\n"
    (row,) = (row for row in rows("useradd_defaults", useradd_root(tmp_path, text)) if row["name"] == "INACTIVE")
    assert (row["value"], row["number"], row["path"]) == ("-1", -1, None)


def test_without_a_file_everything_is_built_in(tmp_path: Path) -> None:
    assert {row["path"] for row in rows("useradd_defaults", useradd_root(tmp_path, None))} == {None}


def test_without_useradd_its_file_says_nothing(tmp_path: Path) -> None:
    assert (
        read_table("useradd_defaults", make_root(tmp_path, {"/etc/default/useradd": "INACTIVE=1\n"})).status == "absent"
    )
