"""What tests of the packet filter need: a network namespace of their own with real rules, and a table read in it.

Inside: interface `va` with 10.77.0.1 and fd77::1, the default route over it. Nothing leaves the machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parent
PROGRAMS = ("unshare", "nsenter", "nft", "ip", "iptables-restore", "ip6tables-restore")

_SETUP = """
set -e
ip link set lo up
ip link add va type veth peer name vb
ip link set va addrgenmode none
ip addr add 10.77.0.1/24 dev va
ip addr add fd77::1/64 dev va nodad
ip link set va up
unshare -n sleep 60 & other=$!
while [ "$(readlink /proc/$other/ns/net)" = "$(readlink /proc/self/ns/net)" ]; do sleep 0.01; done
trap 'kill $other' EXIT
ip link set vb netns $other
nsenter -t $other -n sh -c 'ip link set vb up; ip addr add 10.77.0.2/24 dev vb; ip addr add fd77::2/64 dev vb nodad'
ip route add default via 10.77.0.2
ip -6 route add default via fd77::2
"""

_READ = """
import json, sys
sys.path.insert(0, {tests!r})
from tabletest import read_table, rows_of
data = {{name: read_table(name) for name in {tables!r}}}
print(json.dumps({{n: [str(d.status), d.reason, rows_of(d)] for n, d in data.items()}}))
"""

_LISTEN = """
import socket, sys, time
sockets = []
for kind, family, address, port in {listeners!r}:
    one = socket.socket(getattr(socket, family), socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    if family == "AF_INET6":
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    one.bind((address, port))
    if kind == "tcp":
        one.listen(8)
    sockets.append(one)
print("ready", flush=True)
time.sleep(60)
"""

_CONNECT = """
import json, socket
answers = []
for family, address, port in {goals!r}:
    one = socket.socket(getattr(socket, family))
    one.settimeout(0.4)
    try:
        one.connect((address, port))
        answers.append("accept")
    except TimeoutError:
        answers.append("drop")
    except OSError:
        answers.append("reject")
    one.close()
print(json.dumps(answers))
"""

Listener = tuple[str, str, str, int]
Goal = tuple[str, str, int]


def usable() -> bool:
    """Namespaces can be made here and the programs are installed."""
    if any(shutil.which(name) is None for name in PROGRAMS):
        return False
    return subprocess.run([*_unshare(), "nft", "list", "ruleset"], capture_output=True, check=False).returncode == 0


def _unshare() -> list[str]:
    return ["unshare", "-n"] if os.geteuid() == 0 else ["unshare", "-rn"]


def read_in_namespace(
    setup: str, tables: list[str], listeners: list[Listener] | None = None, goals: list[Goal] | None = None
) -> tuple[dict[str, list[Any]], list[str]]:
    """Make a namespace, run `setup` (shell) in it, and give the tables as (status, reason, rows).

    With `goals` a program in a second namespace tries to connect; its answers are given too.
    """
    listen = _LISTEN.format(listeners=listeners or [])
    read = _READ.format(tests=str(TESTS), tables=tables)
    script = f"""{_SETUP}
{setup}
"$PYTHON" -c "$LISTEN" > ready.$$ & server=$!
trap 'kill $other $server; rm -f ready.$$' EXIT
while ! grep -q ready ready.$$; do sleep 0.02; done
"$PYTHON" -c "$READ"
nsenter -t $other -n "$PYTHON" -c "$CONNECT"
"""
    environment = os.environ | {
        "PYTHON": sys.executable,
        "LISTEN": listen,
        "READ": read,
        "CONNECT": _CONNECT.format(goals=goals or []),
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }
    done = subprocess.run(
        [*_unshare(), "-m", "sh", "-c", f"mount -t tmpfs none /mnt && cd /mnt && mount -t sysfs none /sys\n{script}"],
        capture_output=True,
        text=True,
        env=environment,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stdout.splitlines() if line.startswith(("{", "["))]
    return json.loads(lines[0]), json.loads(lines[1])
