"""No packet leaves without consent: whole audits in a network namespace of their own, whose counters are read.

The namespace has an interface with a default route, so a program that wants to send can: a control run shows that
the counters see it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAMS = ("unshare", "ip", "git")
pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, PROGRAMS)), reason="needs root and the programs unshare, ip and git"
)

_SCRIPT = """
set -e
ip link set lo up
ip link add out0 type veth peer name far0
ip link set out0 addrgenmode none
ip link set far0 addrgenmode none
ip addr add 203.0.113.2/24 dev out0
ip link set out0 up
ip link set far0 up
ip route add default via 203.0.113.1
ip neigh add 203.0.113.1 lladdr 02:00:00:00:00:01 dev out0
sleep 0.2
before=$(cat /sys/class/net/out0/statistics/tx_packets /sys/class/net/lo/statistics/tx_packets | xargs)
set +e
"$@" >"$OUT/stdout" 2>"$OUT/stderr"
code=$?
after=$(cat /sys/class/net/out0/statistics/tx_packets /sys/class/net/lo/statistics/tx_packets | xargs)
echo "$code $before $after"
"""


def packets(folder: Path, *argv: str) -> tuple[int, int]:
    """The exit code of a command, and how many packets it sent, loopback included."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "OUT": str(folder), "SECAUDIT_STATE": str(folder / "state")}
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-c", f"mount -t sysfs none /sys\n{_SCRIPT}", "sh", *argv],
        env=environment, cwd=folder, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    code, *counts = map(int, done.stdout.split())
    return code, sum(counts[2:]) - sum(counts[:2])


def secaudit(*words: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "secaudit", *words)


def test_the_counters_see_what_is_sent(tmp_path: Path) -> None:
    send = "import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('203.0.113.9', 53))"
    code, count = packets(tmp_path / "control", sys.executable, "-c", send)
    assert (code, count) == (0, 1)


def test_the_audit_of_this_machine_sends_nothing(tmp_path: Path) -> None:
    code, count = packets(tmp_path / "host", *secaudit("audit", "--format", "json", "-o", "report.html"))
    assert code in (0, 1), (tmp_path / "host" / "stderr").read_text()
    assert json.loads((tmp_path / "host" / "stdout").read_text())["target"]["kind"] == "host"
    assert count == 0


def test_the_audit_of_a_project_sends_nothing(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    subprocess.run(["git", "init", "-q"], cwd=project, check=True)
    (project / "requirements.txt").write_text("django==3.2\n")
    (project / "app.py").write_text("import os\nos.system(input())\n")
    code, count = packets(tmp_path / "out", *secaudit("audit", str(project), "--format", "json"))
    assert code == 1, (tmp_path / "out" / "stderr").read_text()
    assert count == 0


@pytest.mark.parametrize(
    "words",
    [
        ("--site", "https://shop.example/"), ("--site", "http://127.0.0.1:8000/"), ("--network", "192.168.1.0/24"), ("--domain", "shop.example"),
        ("https://shop.example/", "--authorised-by", "Ana", "--authorised-until", "2020-01-01"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_without_consent_not_even_a_name_is_looked_up(tmp_path: Path, words: tuple[str, ...]) -> None:
    code, count = packets(tmp_path / "out", *secaudit("audit", *words))
    assert code == 5
    assert count == 0
    assert "nothing was sent" in (tmp_path / "out" / "stderr").read_text()
